//! The panels over the picture. Each is a function of what is there, returns what the user asks for, and
//! knows nothing of Bevy.

mod access;
mod atlas;
mod camera;
mod caption;
mod changes;
mod clip;
mod commands;
mod compare;
mod controls;
mod expected;
mod face;
mod facts;
mod finder;
mod fonts;
mod fuzzy;
mod head_state;
mod heads;
mod help;
mod ink;
mod inspector;
mod keycap;
mod keys;
mod labels;
mod legend;
mod lens;
mod marks;
mod matrix;
mod matrix_cross;
mod menu;
mod parts;
mod picture;
mod quantisation;
mod record;
mod room;
mod rows;
mod sheets;
mod side;
mod style;
mod text;
mod timeline;
mod toolbar;
mod writing;

pub use clip::{Clip, ClipCard};
pub use compare::{CompareDraft, HALF_CAPTION};
pub use face::Face;
pub use facts::Facts;
pub use fonts::{Faces, Search};
pub use head_state::StatePart;
pub use labels::labels;
pub use matrix::{MatrixDraft, pixels as matrix_pixels};
pub use parts::{
    ArcPlace, AtlasFacts, BesideFacts, ChangedFacts, Estimate, Hover, InsideFacts, Lamp,
    MatrixFacts, MatrixPicture, ModelFacts, OtherFacts, PictureStatus, Pointed, PushFacts,
    RecordingFacts, RoomFacts, StateFacts, Status, TrialFacts, WritingFacts,
};
pub use record::RecordDraft;
pub use sheets::Sheets;
pub use style::apply as apply_style;
pub use timeline::Timeline;

use std::ops::Range;

use bevy::math::Vec2;
use egui::{Align2, Context, FocusDirection, Frame, Key, Margin};

use crate::{
    lattice::HeadId,
    score::Column,
    session::{Intent, PictureOptions, Session},
};

/// Width of the side panel in points.
pub const SIDE_WIDTH: f32 = 304.0;
/// Width of a card at the right, its margins included, in points.
pub const CARD_WIDTH: f32 = 256.0;

/// Points that panels take at the left and at the right: the end of the text, where the selection often is,
/// must not stand behind the cards.
#[must_use]
pub fn covered(bare: bool) -> (f32, f32) {
    if bare {
        (0.0, 0.0)
    } else {
        (SIDE_WIDTH, CARD_WIDTH + 14.0)
    }
}

/// Points that bars take at the upper edge, where something is compared.
#[must_use]
pub fn covered_above(session: &Session) -> f32 {
    if session.bare { 0.0 } else { compare::BOTTOM }
}

/// Points from the upper edge to what is below the buttons.
const BELOW_BUTTONS: f32 = 52.0;
/// Points from one card to the next below the buttons.
const CARD_STEP: f32 = CARD_WIDTH + 14.0;

/// Points that the matrix, the lens and the state take beside the side panel, in a picture of `size` points.
#[must_use]
pub fn covered_beside(session: &Session, size: Vec2) -> f32 {
    // Both halves are to be seen.
    let list = session.compare.is_some() && !session.changes.is_empty();
    let cards = [session.lens, session.state_view, list];
    let shown = cards.iter().filter(|shown| **shown && !session.bare);
    matrix::covers(session, size) + CARD_STEP * shown.count() as f32
}

/// What is being typed and pointed at, kept between frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drafts {
    /// The prompt.
    pub prompt: String,
    /// The model to open.
    pub model: String,
    /// The layers that the next run keeps.
    pub layers: String,
    /// The tokens that it keeps.
    pub window: String,
    /// Where a drag over the text began.
    pub brush: Option<Range<usize>>,
    /// The head clicked last in the map.
    pub head: Option<HeadId>,
    /// The token that the pointer rests on in the text.
    pub pointed: Option<usize>,
    /// Faces for what egui's own cannot show.
    pub faces: Faces,
    /// The prompt's field is to have the keyboard.
    pub write_prompt: bool,
    /// What lies over everything.
    pub sheets: Sheets,
    /// What the sheet of all heads is sorted by.
    pub sorted: Column,
    /// When a picture or an export was begun, in the panels' own time.
    pub since: Option<f64>,
    /// How a clip is to be recorded.
    pub record: RecordDraft,
    /// How a picture is to be drawn.
    pub picture: PictureOptions,
    /// What of the matrix is looked at.
    pub matrix: MatrixDraft,
    /// Which part of a head's state is shown.
    pub state_part: StatePart,
    /// What is to be compared.
    pub compare: CompareDraft,
    /// The keyboard is on its way from the last control to the first.
    pub goes_round: bool,
    /// What of the film is looked at.
    pub timeline: Timeline,
}

/// Shows every panel; with a bare session only the lattice's labels remain.
pub fn show(ctx: &Context, facts: &Facts, drafts: &mut Drafts) -> Vec<Intent> {
    let mut intents = Vec::new();
    // Keys mean the picture until a field is clicked or a sheet lies over it: Tab shows and hides the panels.
    let is_covered = drafts.sheets.open().is_some();
    let goes_round = std::mem::take(&mut drafts.goes_round);
    let had_keyboard = ctx.memory(|memory| memory.focused().is_some());
    if !had_keyboard && !is_covered && !goes_round {
        ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    }
    style::follow(ctx, facts.session.theme, facts.moves());
    drafts.faces.look(ctx, facts, &drafts.prompt);
    drafts.pointed = None;
    // First, for what lies over everything has the keys.
    sheets::show(ctx, facts, drafts, &mut intents);
    labels(ctx, facts, &mut intents);
    compare::captions(ctx, facts);
    camera::hint(ctx, facts);
    menu::drop(ctx, facts);
    if !facts.session.bare {
        egui::Area::new(egui::Id::new("side"))
            .fixed_pos([0.0, 0.0])
            .movable(false)
            .show(ctx, |ui| {
                let frame = style::panel_frame(ctx);
                let size = egui::vec2(SIDE_WIDTH, ctx.content_rect().height())
                    - frame.total_margin().sum();
                frame.show(ui, |ui| {
                    ui.set_min_size(size);
                    ui.set_max_size(size);
                    side::side(ui, facts, drafts, &mut intents);
                });
            });
        let place = [-14.0, inspector_top(ctx, facts, drafts)];
        card(ctx, "inspector", Align2::RIGHT_TOP, place, |ui| {
            inspector::inspector(ui, facts, &mut intents);
        });
        beside(ctx, facts, drafts, &mut intents);
    }
    timeline::timeline(ctx, facts, drafts, &mut intents);
    caption::clip(ctx, facts, drafts.timeline.height());
    if facts.shape().is_some() && !facts.session.bare {
        toolbar::toolbar(ctx, facts, drafts, &mut intents);
        compare::bar(ctx, facts, &mut drafts.compare, &mut intents);
        matrix::matrix(ctx, facts, drafts, &mut intents);
        card(ctx, "legend", Align2::RIGHT_BOTTOM, [-14.0, -14.0], |ui| {
            heads::heads(ui, facts, drafts, &mut intents);
            ui.add_space(6.0);
            legend::legend(ui, facts);
        });
    }
    // From the last control to the first takes a frame in which none has the keyboard.
    let has_none = ctx.memory(|memory| memory.focused().is_none());
    if had_keyboard && has_none && ctx.input(|input| input.key_pressed(Key::Tab)) {
        drafts.goes_round = true;
        ctx.request_repaint();
    }
    intents
}

/// Beside the buttons above the picture; below them where the window is too narrow for both.
fn inspector_top(ctx: &Context, facts: &Facts, drafts: &Drafts) -> f32 {
    let bar = compare::height(facts, &drafts.compare);
    let left = ctx.content_rect().right() - CARD_WIDTH - 14.0;
    let bars = [("toolbar", 0.0), ("compare", bar)].map(|(name, below)| {
        // As they were in the frame before.
        let bar = ctx.memory(|memory| memory.area_rect(name))?;
        let is_shown = facts.shape().is_some() && (name == "toolbar" || below > 0.0);
        (is_shown && bar.right() > left).then_some(BELOW_BUTTONS + below)
    });
    bars.into_iter().flatten().fold(14.0, f32::max)
}

/// Cards below the buttons, one beside the other: the selection is often at the end of the text.
fn beside(ctx: &Context, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let session = &facts.session;
    let [width, height] = ctx.content_rect().size().into();
    let matrix = matrix::covers(session, Vec2::new(width, height));
    let bar = compare::height(facts, &drafts.compare);
    let mut place = [SIDE_WIDTH + 14.0 + matrix, BELOW_BUTTONS + bar];
    if session.lens && facts.shape().is_some() {
        card(ctx, "lens", Align2::LEFT_TOP, place, |ui| {
            lens::lens(ui, facts);
        });
        place[0] += CARD_STEP;
    }
    if session.state_view && facts.shape().is_some() {
        card(ctx, "state", Align2::LEFT_TOP, place, |ui| {
            head_state::head_state(ui, facts, drafts);
        });
        place[0] += CARD_STEP;
    }
    if !session.changes.is_empty() {
        card(ctx, "interventions", Align2::LEFT_TOP, place, |ui| {
            changes::changes(ui, facts, intents);
        });
    }
}

fn card(
    ctx: &Context,
    id: &'static str,
    anchor: Align2,
    offset: [f32; 2],
    add: impl FnOnce(&mut egui::Ui),
) {
    egui::Area::new(id.into())
        .anchor(anchor, offset)
        .show(ctx, |ui| {
            Frame::new()
                .fill(style::ink(ctx).card)
                .corner_radius(8)
                .inner_margin(Margin::symmetric(14, 12))
                .show(ui, |ui| {
                    ui.set_width(CARD_WIDTH - 28.0);
                    add(ui);
                });
        });
}
