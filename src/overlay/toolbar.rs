//! How things are laid out and coloured, in a slim bar above the picture.

use egui::{Align2, ComboBox, Context, Frame, Margin, RichText};

use super::{
    Drafts, Facts, SIDE_WIDTH,
    access::{self, Access as _},
    camera,
    controls::choice,
    style,
};
use crate::{
    lattice::Layout,
    session::{Intent, Palette, Sheet, Theme},
};

/// The bar.
pub(super) fn toolbar(ctx: &Context, facts: &Facts, drafts: &Drafts, intents: &mut Vec<Intent>) {
    let session = &facts.session;
    egui::Area::new("toolbar".into())
        .anchor(Align2::LEFT_TOP, [SIDE_WIDTH + 14.0, 14.0])
        .show(ctx, |ui| {
            let margin = Margin::symmetric(6, 4);
            let frame = Frame::new().fill(style::ink(ctx).card).corner_radius(8);
            frame.inner_margin(margin).show(ui, |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                ui.spacing_mut().button_padding = egui::vec2(7.0, 2.0);
                ui.horizontal(|ui| {
                    for layout in Layout::ALL {
                        if choice(ui, layout.name(), session.layout == layout, "") {
                            intents.push(Intent::Layout(layout));
                        }
                    }
                    ui.add_space(8.0);
                    ComboBox::from_id_salt("palette")
                        .selected_text(RichText::new(session.palette.name()).size(12.5))
                        .width(104.0)
                        .show_ui(ui, |ui| {
                            access::menu(ui, "Colours");
                            for palette in Palette::ALL {
                                let note = match palette.is_colour_blind_safe() {
                                    true => "told apart with any of the common colour vision deficiencies",
                                    false => "",
                                };
                                if choice(ui, palette.name(), session.palette == palette, note) {
                                    intents.push(Intent::Palette(palette));
                                }
                            }
                        })
                        .response
                        .named("Colours");
                    ui.add_space(8.0);
                    for theme in Theme::ALL {
                        if choice(ui, theme.name(), session.theme == theme, "") {
                            intents.push(Intent::Theme(theme));
                        }
                    }
                    ui.add_space(8.0);
                    let label = RichText::new("matrix").size(12.5);
                    let label = access::selectable(ui, session.matrix, label);
                    if label.on_hover_text(facts.unit().say("All pairs of one head (J)")).clicked() {
                        intents.push(Intent::Matrix(!session.matrix));
                    }
                    let label = RichText::new("compare").size(12.5);
                    let is_open = session.compare.is_some() || drafts.compare.open;
                    let label = access::selectable(ui, is_open, label);
                    let meaning = "Beside interventions, another text or another model (Alt+V)";
                    if label.on_hover_text(meaning).clicked() {
                        intents.push(match session.compare {
                            Some(_) => Intent::Compare(None),
                            None => Intent::ChooseCompare,
                        });
                    }
                    let label = RichText::new("film").size(12.5);
                    let label = access::selectable(ui, drafts.timeline.is_open(), label);
                    let meaning = "The timeline: a film about what is on show (K)";
                    if label.on_hover_text(meaning).clicked() {
                        intents.push(Intent::Timeline);
                    }
                    ui.add_space(8.0);
                    camera::menu(ui, facts, intents);
                    ui.add_space(8.0);
                    if choice(ui, "?", false, "Keys (?), help (F1), every command (Ctrl+P)") {
                        intents.push(Intent::Show(Sheet::Keys));
                    }
                });
            });
        });
}
