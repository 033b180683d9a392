use egui::{Align2, Color32, FontId, Rect, RichText, Sense, Ui, pos2, vec2};

use super::{Facts, Lamp, compare, style};
use crate::{
    model::{Unit, Version},
    score::{Measure, Scale},
};

/// What colours mean, in numbers, with the formula, and the lamp of the conservation check.
pub(super) fn legend(ui: &mut Ui, facts: &Facts) {
    if facts.session.token.is_some() {
        selection(ui, facts);
    } else {
        contribution(ui, facts);
    }
    if let Some(layers) = facts.kept_layers() {
        ui.label(faint(ui, layers));
    }
    if let Some(before) = &facts.before {
        ui.label(faint(ui, format!("⟨before⟩ stands for {before}")));
    }
    if let Some(lamp) = facts.lamp {
        conservation(ui, lamp, facts.unit());
    }
}

fn faint(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .small()
        .color(style::ink(ui.ctx()).faint)
}

fn selection(ui: &mut Ui, facts: &Facts) {
    let session = &facts.session;
    let (measure, version, colours) = (session.measure, facts.version(), session.colours());
    let signless = session.marks_are_signless();
    ui.label(RichText::new(first_large(&session.marked_name())).color(style::ink(ui.ctx()).strong));
    let before = facts.before.as_ref().map(|_| measure.before());
    let own = match before.filter(|_| session.token == Some(0)) {
        Some(before) => before,
        None => measure.formula(version),
    };
    let mut besides = format!("itself: {}", measure.diagonal(version));
    if let Some(before) = before {
        besides += &format!("\n⟨before⟩: {before}");
    }
    ui.label(faint(ui, own).monospace()).on_hover_text(besides);
    if let Some(words) = compare::difference_of(facts) {
        ui.label(faint(ui, words));
    }
    push(ui, facts);
    groups(ui, facts);
    let full = full_colour(facts);
    let ticks = match (full.as_deref(), signless) {
        (Some(full), false) => [format!("−{full}"), "0".into(), format!("+{full}")],
        (Some(full), true) => ["0".into(), String::new(), full.into()],
        (None, signless) => {
            let of = match session.scale {
                Scale::PerLayer => "layer",
                _ => facts.unit().name(),
            };
            let most = match session.exposure {
                1.0 => format!("max of each {of}"),
                exposure => format!("max of each {of} / {}", style::number(exposure)),
            };
            if signless {
                ["0".into(), String::new(), most]
            } else {
                ["−max".into(), "0".into(), format!("+{most}")]
            }
        }
    };
    bar(ui, &ticks, |at| {
        style::colour(colours.shade(if signless { at } else { at * 2.0 - 1.0 }, signless))
    });
    if let Some(words) = session.exclude.words() {
        ui.label(faint(ui, format!("scaled without {words}")));
    }
    if let Some(passage) = &session.passage {
        let last = passage.end.saturating_sub(1);
        ui.label(faint(
            ui,
            format!("tokens {} to {last} only", passage.start),
        ));
    }
    ui.label(faint(ui, "↷ above: read by it   ↶ below: reading it"));
}

/// As it begins a line.
fn first_large(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Whose logit is taken apart.
fn push(ui: &mut Ui, facts: &Facts) {
    if facts.session.measure != Measure::Logit {
        return;
    }
    let inside = facts.inside.as_ref();
    if let Some(reason) = inside.and_then(|inside| inside.refused.as_ref()) {
        ui.label(
            RichText::new(reason)
                .small()
                .color(style::ink(ui.ctx()).bad),
        );
        return;
    }
    let Some(push) = inside.and_then(|inside| inside.push.as_ref()) else {
        return;
    };
    let whose = style::shown(&push.text);
    let unit = facts.unit().name();
    let words = match push.heads {
        Some(heads) => format!("of “{whose}”: {unit}s add {heads:+.3} in all"),
        None => format!("of “{whose}”: reading the text up to the token …"),
    };
    ui.label(faint(ui, words));
}

/// What stands in the place of heads where there are none.
fn groups(ui: &mut Ui, facts: &Facts) {
    if facts.unit() == Unit::Group {
        let words = format!(
            "{} has no heads: G is a group of 64 channels",
            facts.version()
        );
        ui.label(faint(ui, words));
    }
}

fn contribution(ui: &mut Ui, facts: &Facts) {
    let colours = facts.session.colours();
    let largest = facts.largest();
    let norm = match facts.version() {
        Version::V4 => "‖W_o y‖ of each group at each token",
        _ => "‖W_o (g ⊙ x)‖ of each head at each token",
    };
    let name = match facts.shows_difference() {
        true => "Change of contribution norm",
        false => "Contribution norm",
    };
    ui.label(RichText::new(name).color(style::ink(ui.ctx()).strong));
    let norm = match (compare::difference_of(facts), facts.shows_difference()) {
        (Some(what), _) => format!("|{what}|, {norm}"),
        (None, true) => format!("|with − without| interventions, {norm}"),
        (None, false) => norm.to_owned(),
    };
    ui.label(faint(ui, norm).monospace());
    groups(ui, facts);
    // Colour goes with the square root, so the middle of the bar is a quarter of the largest.
    let ticks = [
        "0".into(),
        style::number(largest / 4.0),
        style::number(largest),
    ];
    bar(ui, &ticks, |at| style::colour(colours.sequential(at)));
}

/// What full colour is, when it is one number.
fn full_colour(facts: &Facts) -> Option<String> {
    let full = facts.session.full_colour(facts.shape()?, &facts.scales)?;
    Some(style::number(full))
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
            style::ink(ui.ctx()).text,
        );
    }
}

fn conservation(ui: &mut Ui, lamp: Lamp, unit: Unit) {
    let passed = lamp.error <= lamp.tolerance;
    let (colour, word) = if passed {
        (style::ink(ui.ctx()).good, "checked")
    } else {
        (style::ink(ui.ctx()).bad, "check failed")
    };
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 4.5, colour);
        let sum = match unit {
            Unit::Head => "GroupNorm(Σ A·v) of every head",
            Unit::Group => "Σ a ⊙ v of every group",
        };
        ui.label(RichText::new(format!("{word}: Σ A·v = output to {:.1e}", lamp.error)).small())
            .on_hover_text(format!(
                "{sum} against the model's own activations, at {} tokens.\n\
             Worst at {}; rounding explains up to {:.0e}.",
                lamp.rows,
                lamp.head.name(unit),
                lamp.tolerance
            ));
    });
}
