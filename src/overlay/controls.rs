use egui::{DragValue, RichText, Slider, Ui};

use super::{Facts, access, style};
use crate::{
    score::{EXPOSURE, Exclude, FIXED, Filter, Pool, Scale},
    session::Intent,
};

/// Measure, scale and filter.
pub(super) fn controls(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    if facts.session.token.is_none() {
        return;
    }
    ui.spacing_mut().item_spacing.y = 3.0;
    ui.spacing_mut().button_padding = egui::vec2(5.0, 2.0);
    ui.separator();
    measure(ui, facts, intents);
    scale(ui, facts, intents);
    exposure(ui, facts, intents);
    exclude(ui, facts, intents);
    filter(ui, facts, intents);
    pool(ui, facts, intents);
}

/// A row of choices after a faint word.
pub(super) fn row(ui: &mut Ui, what: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        access::group(ui, what);
        ui.spacing_mut().item_spacing.x = 2.0;
        let width = 54.0;
        ui.allocate_ui_with_layout(
            egui::vec2(width, 20.0),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_min_width(width);
                ui.label(
                    RichText::new(what)
                        .small()
                        .color(style::ink(ui.ctx()).faint),
                );
            },
        );
        add(ui);
    });
}

/// One choice of a row. Whether it was made: what is chosen already asks for nothing.
pub(super) fn choice(ui: &mut Ui, name: &str, chosen: bool, meaning: &str) -> bool {
    let response = access::selectable(ui, chosen, RichText::new(name).size(12.5));
    let response = if meaning.is_empty() {
        response
    } else {
        response.on_hover_text(meaning)
    };
    response.clicked() && !chosen
}

pub(super) fn measure(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        access::group(ui, "Measure");
        ui.spacing_mut().item_spacing.x = 2.0;
        for measure in facts.situation().measures() {
            let is = facts.session.measure == measure;
            if choice(ui, measure.short_name(), is, &measure.meaning(facts.unit())) {
                intents.push(Intent::Measure(measure));
            }
        }
    });
}

fn scale(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let (chosen, unit) = (facts.session.scale, facts.unit());
    // A fixed scale begins with what full colour is now.
    let largest = facts.scales.last().copied().filter(|full| *full > 0.0);
    let fixed = match chosen {
        Scale::Fixed(full) => full,
        _ => largest.unwrap_or(1.0),
    };
    row(ui, "Full colour", |ui| {
        for (scale, meaning) in [
            (Scale::PerHead, "The largest |value| of the same head"),
            (Scale::PerLayer, "The largest |value| of the same layer"),
            (Scale::Global, "The largest |value| of all heads"),
            (Scale::Fixed(fixed), "A number of your own"),
        ] {
            let (name, meaning) = (unit.say(scale.name()), unit.say(meaning));
            if choice(ui, &name, chosen.is_like(scale), &meaning) {
                intents.push(Intent::Scale(scale));
            }
        }
        if let Scale::Fixed(mut full) = chosen {
            let speed = f64::from(full) * 0.01;
            let drag = DragValue::new(&mut full)
                .range(FIXED)
                .speed(speed)
                .max_decimals(6);
            if ui.add(drag).changed() {
                intents.push(Intent::Scale(Scale::fixed(full)));
            }
        }
    });
}

pub(super) fn exposure(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    row(ui, "Exposure", |ui| {
        let mut exposure = facts.session.exposure;
        ui.spacing_mut().slider_width = 96.0;
        let slider = Slider::new(&mut exposure, EXPOSURE)
            .logarithmic(true)
            .custom_formatter(|exposure, _| format!("× {}", style::number(exposure as f32)));
        if ui
            .add(slider)
            .on_hover_text("Makes everything brighter or darker")
            .changed()
        {
            intents.push(Intent::Exposure(exposure));
        }
        let absolute = facts.session.absolute;
        if access::selectable(ui, absolute, RichText::new("|x|").size(12.5))
            .on_hover_text("Sizes without their sign")
            .clicked()
        {
            intents.push(Intent::Absolute(!absolute));
        }
    });
}

fn exclude(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let now = facts.session.exclude;
    row(ui, "Leave out", |ui| {
        let mut flip = |ui: &mut Ui, name, on, changed: Exclude, meaning: &str| {
            let label = access::selectable(ui, on, RichText::new(name).size(12.5));
            if label.on_hover_text(meaning).clicked() {
                intents.push(Intent::Exclude(changed));
            }
        };
        let (itself, first, breaks) = (!now.itself, !now.first, !now.line_breaks);
        let changed = Exclude { itself, ..now };
        flip(
            ui,
            "itself",
            now.itself,
            changed,
            "The selected token does not count for full colour",
        );
        let changed = Exclude { first, ..now };
        flip(
            ui,
            "first",
            now.first,
            changed,
            "The first token does not count for full colour",
        );
        let changed = Exclude {
            line_breaks: breaks,
            ..now
        };
        flip(
            ui,
            "line breaks",
            now.line_breaks,
            changed,
            "Line breaks do not count for full colour",
        );
    });
}

fn filter(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let (chosen, unit) = (facts.session.filter, facts.unit());
    let largest = facts
        .scales
        .last()
        .copied()
        .filter(|full| *full > 0.0)
        .unwrap_or(1.0);
    row(ui, "Arcs", |ui| {
        for filter in Filter::kinds(largest) {
            let meaning = unit.say(filter.meaning());
            if choice(ui, filter.name(), chosen.is_like(filter), &meaning) {
                intents.push(Intent::Filter(filter));
            }
        }
        ui.add_space(6.0);
        ui.label(
            RichText::new(format!("{} drawn", facts.arcs))
                .small()
                .color(style::ink(ui.ctx()).faint),
        );
    });
    row(ui, "", |ui| {
        access::group(ui, chosen.name());
        ui.spacing_mut().slider_width = 128.0;
        let (changed, filter) = match chosen {
            Filter::TopK(mut count) => {
                let slider =
                    Slider::new(&mut count, 1..=Filter::LARGEST_TOP_K).suffix(unit.say(" a head"));
                (ui.add(slider).changed(), Filter::TopK(count))
            }
            Filter::Threshold(mut least) => {
                let slider = Slider::new(&mut least, Filter::LEAST_THRESHOLD * largest..=largest)
                    .logarithmic(true)
                    .custom_formatter(|least, _| style::number(least as f32));
                (ui.add(slider).changed(), Filter::Threshold(least))
            }
            Filter::Mass(mut part) => {
                let slider = Slider::new(&mut part, Filter::LEAST_MASS..=1.0)
                    .custom_formatter(|part, _| format!("{:.0} %", part * 100.0));
                (ui.add(slider).changed(), Filter::Mass(part))
            }
        };
        if changed {
            intents.push(Intent::Filter(filter));
        }
    });
}

fn pool(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    if facts.session.heads.single().is_some() {
        return;
    }
    let unit = facts.unit();
    row(ui, &unit.say("Heads as"), |ui| {
        for pool in Pool::ALL {
            let is = facts.session.pool == pool;
            if choice(
                ui,
                pool.name(),
                is,
                &unit.say("How many heads become one colour of the text"),
            ) {
                intents.push(Intent::Pool(pool));
            }
        }
    });
}
