//! The logit lens: what would be expected if the model ended after a layer.

use egui::{Grid, RichText, ScrollArea, Ui};

use super::{Facts, expected::percent, style};
use crate::inference::{Glimpse, place_name};

/// Points that the card leaves free above and below its lines.
const REST: f32 = 190.0;
/// KL, in nats, of a full bar.
const FULL: f64 = 8.0;
/// Points of a full bar.
const BAR: f32 = 44.0;

/// A line a layer, the last at the top.
pub(super) fn lens(ui: &mut Ui, facts: &Facts) {
    let ink = style::ink(ui.ctx());
    ui.label(RichText::new("Logit lens").color(ink.strong));
    let small = |ui: &mut Ui, text: &str, colour| {
        ui.label(RichText::new(text).small().color(colour));
    };
    let Some(inside) = &facts.inside else {
        return small(ui, "select a token", ink.faint);
    };
    if let Some(reason) = &inside.refused {
        return small(ui, reason, ink.bad);
    }
    let Some((lens, texts)) = &inside.lens else {
        return small(ui, "reading the text up to the token …", ink.faint);
    };
    small(
        ui,
        "the most probable next token if the model ended here, and KL(final ‖ here) in nats: where that is large, the lens reads noise",
        ink.faint,
    );
    ui.add_space(4.0);
    let height = (ui.ctx().content_rect().height() - REST).max(120.0);
    ScrollArea::vertical()
        .id_salt("lens")
        .max_height(height)
        .min_scrolled_height(height)
        .show(ui, |ui| {
            Grid::new("lens")
                .num_columns(3)
                .spacing([8.0, 1.0])
                .show(ui, |ui| {
                    for (at, (glimpse, text)) in lens.iter().zip(texts).enumerate().rev() {
                        small(ui, &place_name(at), ink.faint);
                        line(ui, glimpse, text);
                        kl(ui, glimpse.kl);
                        ui.end_row();
                    }
                });
        });
}

fn line(ui: &mut Ui, glimpse: &Glimpse, text: &str) {
    let ink = style::ink(ui.ctx());
    let best = glimpse.expected.top.first();
    let (id, probability) = best.map_or((0, 0.0), |best| (best.id, best.probability));
    let came = glimpse.expected.came == best.map(|best| best.logit) && best.is_some();
    let colour = if came { ink.accent } else { ink.text };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        let word = RichText::new(style::shown(text)).small().color(colour);
        ui.label(word).on_hover_text(format!("id {id}"));
        let number = RichText::new(percent(probability)).small();
        ui.label(number.color(ink.faint));
    });
}

/// A bar and its number.
fn kl(ui: &mut Ui, nats: f64) {
    let ink = style::ink(ui.ctx());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let (rect, _) = ui.allocate_exact_size([BAR, 8.0].into(), egui::Sense::hover());
        let part = (nats / FULL).clamp(0.0, 1.0) as f32;
        let bar = egui::Rect::from_min_size(rect.min, [BAR * part, rect.height()].into());
        ui.painter().rect_filled(rect, 2, ink.button);
        ui.painter().rect_filled(bar, 2, ink.accent);
        ui.label(RichText::new(format!("{nats:.2}")).small().monospace());
    });
}
