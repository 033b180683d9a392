use egui::{Align2, Color32, FontId, Rect, RichText, Sense, Ui, pos2, vec2};

use super::{Facts, Lamp, style};
use crate::{model::Version, score::Scale};

/// What colours mean, in numbers, with the formula, and the lamp of the conservation check.
pub(super) fn legend(ui: &mut Ui, facts: &Facts) {
    let session = &facts.session;
    let palette = session.palette;
    let version = facts
        .model
        .as_ref()
        .map_or(Version::V7, |model| model.card.version);
    if session.token.is_some() {
        let formula = session.measure.formula(version);
        let signed = session.measure.is_signed();
        ui.label(RichText::new(session.measure.name()).color(style::STRONG));
        ui.label(
            RichText::new(formula)
                .small()
                .monospace()
                .color(style::FAINT),
        );
        let full = full_colour(facts);
        let ticks = match (&full, signed) {
            (Some(full), true) => [format!("−{full}"), "0".into(), format!("+{full}")],
            (Some(full), false) => ["0".into(), String::new(), full.clone()],
            (None, true) => ["−max".into(), "0".into(), "+max of each head".into()],
            (None, false) => ["0".into(), String::new(), "max of each head".into()],
        };
        bar(ui, &ticks, |at| {
            style::colour(palette.diverging(if signed { at * 2.0 - 1.0 } else { at }))
        });
        ui.label(
            RichText::new("↷ above: read by it   ↶ below: reading it")
                .small()
                .color(style::FAINT),
        );
    } else {
        ui.label(RichText::new("Contribution norm").color(style::STRONG));
        ui.label(
            RichText::new("‖W_o (g ⊙ x)‖ of each head at each token")
                .small()
                .monospace()
                .color(style::FAINT),
        );
        // Colour goes with the square root, so the middle of the bar is a quarter of the largest.
        let ticks = [
            "0".into(),
            style::number(facts.largest / 4.0),
            style::number(facts.largest),
        ];
        bar(ui, &ticks, |at| style::colour(palette.sequential(at)));
    }
    if let Some(lamp) = facts.lamp {
        conservation(ui, lamp);
    }
}

/// What full colour is, when it is one number.
fn full_colour(facts: &Facts) -> Option<String> {
    let session = &facts.session;
    let largest = facts.scales.last()?;
    match (session.scale, session.head, facts.shape()) {
        (Scale::Global, _, _) => Some(style::number(*largest)),
        (Scale::PerHead, Some(head), Some(shape)) => facts
            .scales
            .get(shape.row(head))
            .map(|full| style::number(*full)),
        _ => None,
    }
}

fn bar(ui: &mut Ui, ticks: &[String; 3], colour: impl Fn(f32) -> Color32) {
    const STEPS: usize = 64;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::hover());
    let strip = Rect::from_min_size(rect.min, vec2(rect.width(), 9.0));
    let painter = ui.painter();
    for step in 0..STEPS {
        let at = |step: usize| strip.left() + strip.width() * step as f32 / STEPS as f32;
        let part = Rect::from_min_max(
            pos2(at(step), strip.top()),
            pos2(at(step + 1) + 0.5, strip.bottom()),
        );
        painter.rect_filled(part, 0, colour((step as f32 + 0.5) / STEPS as f32));
    }
    let places = [
        (strip.left(), Align2::LEFT_TOP),
        (strip.center().x, Align2::CENTER_TOP),
        (strip.right(), Align2::RIGHT_TOP),
    ];
    for ((x, anchor), tick) in places.into_iter().zip(ticks) {
        painter.text(
            pos2(x, strip.bottom() + 3.0),
            anchor,
            tick,
            FontId::proportional(11.5),
            style::TEXT,
        );
    }
}

fn conservation(ui: &mut Ui, lamp: Lamp) {
    let passed = lamp.error <= lamp.tolerance;
    let (colour, word) = if passed {
        (style::GOOD, "checked")
    } else {
        (style::BAD, "check failed")
    };
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 4.5, colour);
        ui.label(RichText::new(format!("{word}: Σ A·v = output to {:.1e}", lamp.error)).small()).on_hover_text(format!(
            "GroupNorm(Σ A·v) of every head against the model's own activations, at {} tokens.\n\
             Worst at {}; rounding explains up to {:.0e}.",
            lamp.rows, lamp.head, lamp.tolerance
        ));
    });
}
