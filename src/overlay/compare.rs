//! What stands beside the run: a bar to choose it by, and what is said over both halves of the picture.

use egui::{
    Align, Align2, Area, Button, Color32, Context, FontId, Frame, Id, LayerId, Margin, Order,
    Painter, Popup, PopupCloseBehavior, Rect, RichText, Stroke, TextEdit, TextFormat, Ui, pos2,
    text::LayoutJob, vec2,
};

use super::{
    Facts, OtherFacts, SIDE_WIDTH,
    access::{self, Access as _},
    controls::choice,
    style,
};
use crate::{
    model::TokenText,
    session::{Against, Compare, CompareView, Intent},
};

/// Points of the menus.
const MENU: f32 = 320.0;
/// Points from the upper edge to the bar, and to what is below it.
const BAR: f32 = super::BELOW_BUTTONS;
const BELOW: f32 = 42.0;
pub(super) const BOTTOM: f32 = BAR + BELOW;
/// Characters of a text that a caption shows.
const LONGEST: usize = 90;
const CAPTION: f32 = 14.0;
/// Points that a caption over a half takes, in one line and what is below it.
pub const HALF_CAPTION: f32 = 36.0;

/// What is being chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompareDraft {
    /// The bar is open, with nothing chosen yet.
    pub open: bool,
    text: Option<String>,
    model: String,
}

/// Points that the bar takes below the buttons.
pub(super) fn height(facts: &Facts, draft: &CompareDraft) -> f32 {
    match draft.open || facts.session.compare.is_some() {
        true => BELOW,
        false => 0.0,
    }
}

/// The bar, where something is compared or to be chosen.
pub(super) fn bar(
    ctx: &Context,
    facts: &Facts,
    draft: &mut CompareDraft,
    intents: &mut Vec<Intent>,
) {
    if height(facts, draft) == 0.0 {
        return;
    }
    Area::new("compare".into())
        .anchor(Align2::LEFT_TOP, [SIDE_WIDTH + 14.0, BAR])
        .show(ctx, |ui| {
            let frame = Frame::new().fill(style::ink(ctx).card).corner_radius(8);
            frame.inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                ui.spacing_mut().button_padding = vec2(7.0, 2.0);
                ui.horizontal(|ui| choices(ui, facts, draft, intents));
            });
        });
}

fn choices(ui: &mut Ui, facts: &Facts, draft: &mut CompareDraft, intents: &mut Vec<Intent>) {
    let ink = style::ink(ui.ctx());
    let compare = facts.session.compare.as_ref();
    let with = compare.map(|compare| &compare.with);
    ui.label(RichText::new("compare with").size(12.5).color(ink.faint));
    ui.add_space(4.0);
    let view = compare.map(|compare| compare.view).unwrap_or_default();
    let ask = |with: Against| Intent::Compare(Some(Compare { with, view }));
    let is_own = with == Some(&Against::Interventions);
    let says = "The same text, with the interventions that are switched on";
    if choice(ui, "interventions", is_own, says) {
        intents.push(ask(Against::Interventions));
    }
    let is_text = matches!(with, Some(Against::Text(_)));
    let label = access::selectable(ui, is_text, RichText::new("another text …").size(12.5));
    menu(&label, "another text", |ui| {
        let own = || match with {
            Some(Against::Text(text)) => text.clone(),
            _ => facts.session.prompt.clone(),
        };
        let text = draft.text.get_or_insert_with(own);
        ui.add(
            TextEdit::multiline(text)
                .hint_text("Another text")
                .desired_rows(4)
                .desired_width(f32::INFINITY),
        )
        .named("Another text");
        let is_new = !text.is_empty() && with != Some(&Against::Text(text.clone()));
        if ui
            .add_enabled(is_new, Button::new("Compare texts"))
            .clicked()
        {
            intents.push(ask(Against::Text(text.clone())));
            ui.close();
        }
    });
    let is_model = matches!(with, Some(Against::Model(_)));
    let label = access::selectable(ui, is_model, RichText::new("another model …").size(12.5));
    menu(&label, "another model", |ui| {
        ui.label(
            RichText::new("With as many layers and heads; or a trace")
                .small()
                .color(ink.faint),
        );
        ui.horizontal(|ui| {
            for name in ["demo-v6", "demo-v7"] {
                if ui.small_button(name).clicked() {
                    draft.model = name.to_owned();
                    intents.push(ask(Against::Model(name.to_owned())));
                    ui.close();
                }
            }
        });
        ui.add(
            TextEdit::singleline(&mut draft.model)
                .hint_text("demo-v6, demo-v7 or a path")
                .desired_width(f32::INFINITY),
        )
        .named("Another model");
        let name = draft.model.trim();
        let is_new = !name.is_empty() && with != Some(&Against::Model(name.to_owned()));
        if ui
            .add_enabled(is_new, Button::new("Compare models"))
            .clicked()
        {
            intents.push(ask(Against::Model(name.to_owned())));
            ui.close();
        }
    });
    ui.add_space(8.0);
    if let Some(compare) = compare {
        for view in CompareView::ALL {
            if choice(ui, view.name(), compare.view == view, "") {
                let with = compare.with.clone();
                intents.push(Intent::Compare(Some(Compare { with, view })));
            }
        }
        ui.add_space(8.0);
    }
    state(ui, facts);
    if choice(ui, "×", false, "End the comparison (Alt+V)") {
        draft.open = false;
        draft.text = None;
        if compare.is_some() {
            intents.push(Intent::Compare(None));
        }
    }
}

fn menu(label: &egui::Response, name: &str, add: impl FnOnce(&mut Ui)) {
    Popup::menu(label)
        .width(MENU)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            access::menu(ui, name);
            ui.set_width(MENU);
            add(ui);
        });
}

/// What is under way, or why there is nothing.
fn state(ui: &mut Ui, facts: &Facts) {
    let ink = style::ink(ui.ctx());
    let Some(beside) = &facts.beside else { return };
    if let Some(reason) = &beside.refused {
        ui.label(RichText::new(reason).small().color(ink.bad));
        ui.add_space(8.0);
    } else if beside.other.is_none() {
        ui.spinner();
        ui.label(RichText::new("reading …").small().color(ink.faint));
        ui.add_space(8.0);
    }
}

/// A line between both halves, and what stands in each; or what the difference is.
pub(super) fn captions(ctx: &Context, facts: &Facts) {
    let Some(other) = facts.other() else { return };
    let painter = ctx.layer_painter(LayerId::new(Order::Background, Id::new("halves")));
    let room = free(ctx, facts);
    let Some(part) = part(ctx, facts) else {
        caption(&painter, difference(ctx, facts, other), room);
        return;
    };
    let [mut own, mut theirs] = [room; 2];
    let (from, to) = if part.left() > 0.0 {
        (own.max.x, theirs.min.x) = (part.left(), part.left());
        (theirs.left_top(), theirs.left_bottom())
    } else {
        (own.max.y, theirs.min.y) = (part.top(), part.top());
        (theirs.left_top(), theirs.right_top())
    };
    let ink = style::ink(ctx).faint.gamma_multiply(0.5);
    painter.line_segment([from, to], Stroke::new(1.0_f32, ink));
    caption(&painter, side(ctx, facts, other, false), own);
    caption(&painter, side(ctx, facts, other, true), theirs);
}

/// Where the other lattice is seen, in points.
pub(super) fn part(ctx: &Context, facts: &Facts) -> Option<Rect> {
    let part = facts.beside.as_ref()?.part?;
    let scale = ctx.pixels_per_point();
    let [min, max] = [part.min, part.max].map(|at| pos2(at.x / scale, at.y / scale));
    Some(Rect::from_min_max(min, max))
}

/// What panels leave free.
fn free(ctx: &Context, facts: &Facts) -> Rect {
    let room = ctx.content_rect();
    let size = bevy::math::Vec2::new(room.width(), room.height());
    let (left, right) = super::covered(facts.session.bare);
    let left = left + super::covered_beside(&facts.session, size);
    Rect::from_min_max(
        pos2(
            room.left() + left,
            room.top() + super::covered_above(&facts.session),
        ),
        pos2(room.right() - right, room.bottom()),
    )
}

fn caption(painter: &Painter, mut job: LayoutJob, room: Rect) {
    job.halign = Align::Center;
    job.wrap.max_width = (room.width() - 28.0).max(80.0);
    let galley = painter.layout_job(job);
    painter.galley(
        pos2(room.center().x, room.top() + 8.0),
        galley,
        Color32::WHITE,
    );
}

/// What stands in a half: its text or its name, and how surprising the text was.
fn side(ctx: &Context, facts: &Facts, other: &OtherFacts, there: bool) -> LayoutJob {
    let ink = style::ink(ctx);
    let shown = if there { &other.facts } else { facts };
    let mut job = LayoutJob::default();
    let with = facts.session.compare.as_ref().map(|compare| &compare.with);
    match with {
        Some(Against::Text(_)) => {
            let is_same = |token: usize| {
                let partner = match there {
                    true => other.alignment.back(token),
                    false => other.alignment.there(token),
                };
                let theirs = if there { facts } else { &other.facts };
                partner.is_some_and(|partner| {
                    let text = |facts: &Facts, token: usize| {
                        facts.tokens.get(token).map(|token| token.bytes.clone())
                    };
                    text(theirs, partner) == text(shown, token)
                })
            };
            text(&mut job, &shown.tokens, is_same, [ink.faint, ink.strong]);
        }
        Some(Against::Model(_)) => {
            let model = shown.model.as_ref();
            let name = model.map(|model| format!("{} · {}", model.name, model.card.version));
            job.append(&name.unwrap_or_default(), 0.0, format(CAPTION, ink.strong));
        }
        _ if there => {
            let unit = facts.unit();
            let changes = facts.session.active_changes();
            let words: Vec<_> = changes.iter().map(|change| change.words(unit)).collect();
            let words = shortened(&words.join(", "));
            job.append(&format!("with {words}"), 0.0, format(CAPTION, ink.strong));
        }
        _ => job.append("as it is", 0.0, format(CAPTION, ink.strong)),
    }
    if let Some(surprise) = surprise(shown) {
        let mut line = format!("\n{surprise:.2} nats a token");
        let is_own = with.is_some_and(|with| !with.shares_colours());
        if is_own && facts.session.token.is_some() {
            line += " · colours of its own";
        }
        job.append(&line, 0.0, format(11.5, ink.faint));
    }
    job
}

/// What is taken from what, where a difference is shown.
pub(super) fn difference_of(facts: &Facts) -> Option<String> {
    let other = facts.other().filter(|_| facts.shows_apart())?;
    let [here, there] = names(facts, other);
    Some(format!("{there} − {here}"))
}

/// Short names of both runs.
pub(super) fn names(facts: &Facts, other: &OtherFacts) -> [String; 2] {
    let with = facts.session.compare.as_ref().map(|compare| &compare.with);
    match with {
        Some(Against::Text(_)) => ["this text".into(), "the other text".into()],
        Some(Against::Model(_)) => [facts, &other.facts].map(|facts| {
            let model = facts.model.as_ref();
            model.map_or_else(String::new, |model| model.name.clone())
        }),
        _ => ["without".into(), "with interventions".into()],
    }
}

/// The same over the lattice, and how many tokens there are on both sides.
fn difference(ctx: &Context, facts: &Facts, other: &OtherFacts) -> LayoutJob {
    let ink = style::ink(ctx);
    let mut job = LayoutJob::default();
    let words = difference_of(facts).unwrap_or_default();
    job.append(&words, 0.0, format(CAPTION, ink.strong));
    let (same, in_place) = other.alignment.counts();
    let tokens = facts.tokens.len();
    if same < tokens {
        let line = format!("\n{same} of {tokens} tokens are in both, {in_place} stand for another");
        job.append(&line, 0.0, format(11.5, ink.faint));
    }
    let token = facts.session.token;
    if token.is_some_and(|token| other.alignment.there(token).is_none()) {
        let line = "\nnothing stands for the selected token";
        job.append(line, 0.0, format(11.5, ink.bad));
    }
    job
}

/// The mean −ln p of the tokens that came, in nats.
fn surprise(facts: &Facts) -> Option<f64> {
    let known: Vec<f64> = facts
        .surprises
        .iter()
        .flatten()
        .map(|nats| f64::from(*nats))
        .collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// A text, what is only here in another ink; of a long one the part where it first is different.
fn text(
    job: &mut LayoutJob,
    tokens: &[TokenText],
    is_same: impl Fn(usize) -> bool,
    [same, own]: [Color32; 2],
) {
    let shown = |token: usize| style::shown(&tokens[token].text).replace('·', " ");
    let first = (0..tokens.len())
        .find(|token| !is_same(*token))
        .unwrap_or(0);
    let (mut from, mut count) = (first, 0);
    while from > 0 && count < LONGEST / 2 {
        from -= 1;
        count += shown(from).chars().count();
    }
    if from > 0 {
        job.append("… ", 0.0, format(CAPTION, same));
    }
    let mut count = 0;
    for token in from..tokens.len() {
        let words = shown(token);
        count += words.chars().count();
        if count > LONGEST {
            job.append(" …", 0.0, format(CAPTION, same));
            return;
        }
        let ink = if is_same(token) { same } else { own };
        job.append(&words, 0.0, format(CAPTION, ink));
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

fn format(size: f32, color: Color32) -> TextFormat {
    TextFormat {
        font_id: FontId::proportional(size),
        color,
        ..TextFormat::default()
    }
}
