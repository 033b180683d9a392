//! What lies over everything for a while: one sheet at a time, and it has the keys.

use egui::{Align2, Color32, Context, Event, Frame, Id, Margin, Modal, vec2};

use super::{Drafts, Facts, atlas, commands, help, keys, picture, record, style};
use crate::session::{Intent, Sheet};

/// Which sheet is open, and what is being looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheets {
    open: Option<Sheet>,
    /// Not shown yet.
    fresh: bool,
    pub(super) wanted: String,
    pub(super) chosen: usize,
}

impl Sheets {
    /// The sheet that is open.
    #[must_use]
    pub fn open(&self) -> Option<Sheet> {
        self.open
    }

    /// Opens a sheet in place of another, or puts it away.
    pub fn toggle(&mut self, sheet: Sheet) {
        let is_new = self.open != Some(sheet);
        *self = Self {
            open: is_new.then_some(sheet),
            fresh: is_new,
            ..Self::default()
        };
    }

    /// Puts away what is open.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }
}

/// The open sheet. Panels that are shown after it get no keys.
pub(super) fn show(ctx: &Context, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let sheets = &mut drafts.sheets;
    let Some(sheet) = sheets.open else { return };
    if std::mem::take(&mut sheets.fresh) {
        // The keys that opened it are not for it.
        take_keys(ctx);
    }
    let room = ctx.content_rect().size() - vec2(48.0, 48.0);
    let id = Id::new(("sheet", sheet));
    // What grows and shrinks while it is used stays where it is.
    let area = match sheet {
        Sheet::Commands | Sheet::Picture | Sheet::Record => {
            Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, 72.0))
        }
        Sheet::Keys | Sheet::Help | Sheet::Heads => Modal::default_area(id),
    };
    let dim = if ctx.theme() == egui::Theme::Dark {
        120
    } else {
        50
    };
    let response = Modal::new(id)
        .area(area)
        .backdrop_color(Color32::from_black_alpha(dim))
        .frame(
            Frame::new()
                .fill(style::ink(ctx).card)
                .stroke(egui::Stroke::new(1.0_f32, style::ink(ctx).button))
                .corner_radius(10)
                .inner_margin(match sheet {
                    Sheet::Commands => Margin::same(10),
                    Sheet::Keys | Sheet::Help | Sheet::Heads | Sheet::Picture | Sheet::Record => {
                        Margin::symmetric(24, 20)
                    }
                }),
        )
        .show(ctx, |ui| {
            // Else it could not grow again once it was small.
            ui.set_max_size(room);
            match sheet {
                Sheet::Keys => {
                    keys::keys(ui, facts, room, intents);
                    false
                }
                Sheet::Help => {
                    help::help(ui, facts, room);
                    false
                }
                Sheet::Heads => atlas::atlas(ui, facts, &mut drafts.sorted, room, intents),
                Sheet::Picture => picture::picture(ui, facts, &mut drafts.picture, intents),
                Sheet::Record => record::record(ui, facts, &mut drafts.record, intents),
                Sheet::Commands => commands::commands(ui, facts, sheets, room, intents),
            }
        });
    if response.should_close() || response.inner {
        sheets.close();
    }
    take_keys(ctx);
}

/// Nobody else gets the keys of this pass.
fn take_keys(ctx: &Context) {
    let is_key = |event: &Event| {
        matches!(
            event,
            Event::Key { .. }
                | Event::Text(_)
                | Event::Ime(_)
                | Event::Copy
                | Event::Cut
                | Event::Paste(_)
        )
    };
    ctx.input_mut(|input| input.events.retain(|event| !is_key(event)));
}
