use egui::{RichText, Slider, Ui};

use super::{Facts, style};
use crate::{
    score::{Filter, Measure, Scale},
    session::Intent,
};

const LARGEST_TOP_K: u32 = 64;

/// Measure, scale and filter.
pub(super) fn controls(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let session = &facts.session;
    if session.token.is_none() {
        return;
    }
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new("Measure").small().color(style::FAINT));
        for measure in Measure::ALL {
            let is = session.measure == measure;
            if ui
                .selectable_label(is, measure.short_name())
                .on_hover_text(measure.meaning())
                .clicked()
                && !is
            {
                intents.push(Intent::Measure(measure));
            }
        }
    });
    ui.horizontal(|ui| {
        ui.label(RichText::new("Full colour").small().color(style::FAINT));
        for scale in Scale::ALL {
            let is = session.scale == scale;
            if ui.selectable_label(is, scale.name()).clicked() && !is {
                intents.push(Intent::Scale(scale));
            }
        }
    });
    ui.horizontal(|ui| {
        ui.label(RichText::new("Arcs").small().color(style::FAINT));
        let threshold = matches!(session.filter, Filter::Threshold(_));
        if ui.selectable_label(threshold, "from").clicked() && !threshold {
            intents.push(Intent::Filter(Filter::Threshold(0.25)));
        }
        if ui.selectable_label(!threshold, "strongest").clicked() && threshold {
            intents.push(Intent::Filter(Filter::default()));
        }
        ui.label(
            RichText::new(format!("{} drawn", facts.arcs))
                .small()
                .color(style::FAINT),
        );
    });
    match session.filter {
        Filter::Threshold(mut part) => {
            let slider = Slider::new(&mut part, 0.01..=1.0)
                .logarithmic(true)
                .custom_formatter(|part, _| format!("{:.0} %", part * 100.0));
            if ui.add(slider).changed() {
                intents.push(Intent::Filter(Filter::Threshold(part)));
            }
        }
        Filter::TopK(mut count) => {
            if ui
                .add(Slider::new(&mut count, 1..=LARGEST_TOP_K).suffix(" a head"))
                .changed()
            {
                intents.push(Intent::Filter(Filter::TopK(count)));
            }
        }
    }
}
