use egui::{Button, DragValue, RichText, Ui};

use super::{Facts, ModelFacts, style};
use crate::{model::Quantisation, session::Intent};

/// How many layers to keep in fewer bits, and what that saves. It takes effect when a model is opened.
pub(super) fn quantisation(
    ui: &mut Ui,
    facts: &Facts,
    model: &ModelFacts,
    intents: &mut Vec<Intent>,
) {
    let mut wanted = facts.wanted;
    let layers = model.card.layers;
    let problem = wanted.require(&model.name, &model.card).err();
    // With nothing asked for there is nothing to tell but when pointed at.
    let is_quiet = problem.is_none() && wanted.is_none() && model.quantisation.is_none();
    ui.horizontal(|ui| {
        // As high as the text beside it, so that all stand on one line.
        ui.spacing_mut().button_padding.y = 0.0;
        count(
            ui,
            "int8",
            "The first layers from the input on",
            &mut wanted.int8,
            layers,
        );
        let left = layers.saturating_sub(wanted.int8);
        count(
            ui,
            "NF4",
            "The layers after those in int8",
            &mut wanted.nf4,
            left,
        );
        let layers = ui.label("layers");
        if is_quiet {
            layers.on_hover_text(saving(wanted, model));
        }
        if wanted != model.quantisation {
            let possible = problem.is_none() && !facts.is_busy();
            if ui.add_enabled(possible, Button::new("Reload")).clicked() {
                intents.push(Intent::Reload);
            }
        }
    });
    if wanted != facts.wanted {
        intents.push(Intent::Count(wanted));
    }
    if is_quiet {
        return;
    }
    let line = match &problem {
        Some(problem) => RichText::new(problem.to_string()).color(style::ink(ui.ctx()).bad),
        None => RichText::new(saving(wanted, model)).color(style::ink(ui.ctx()).faint),
    };
    ui.label(line.small());
}

fn count(ui: &mut Ui, name: &str, what: &str, layers: &mut usize, most: usize) {
    let label = ui.label(name).id;
    ui.add(DragValue::new(layers).range(0..=most).speed(0.1))
        .labelled_by(label)
        .on_hover_text(what);
}

fn saving(wanted: Quantisation, model: &ModelFacts) -> String {
    let whole = Quantisation::default().bytes(&model.card);
    let saved = whole.saturating_sub(wanted.bytes(&model.card)) as f64 / 1e6;
    let whole = whole as f64 / 1e6;
    let in_use = wanted == model.quantisation;
    match (wanted.is_none(), in_use) {
        (true, true) => format!("the layers' matrices take {whole:.1} MB in f16"),
        (true, false) => format!("the layers' matrices will take {whole:.1} MB in f16"),
        (false, true) => format!("{wanted}: saves {saved:.1} of {whole:.1} MB"),
        (false, false) => format!("{wanted}: will save {saved:.1} of {whole:.1} MB"),
    }
}
