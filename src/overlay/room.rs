use egui::{Key, RichText, TextEdit, Ui};

use super::{Drafts, Facts, RoomFacts, style};
use crate::{
    files::size,
    session::Intent,
    trace::{Layers, NoLayers},
};

/// What the text in the field would take on the device, of what is free; the layers that are kept; and the way out when
/// it would not fit.
pub(super) fn room(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let Some(room) = &facts.room else { return };
    let ink = style::ink(ui.ctx());
    let colour = if room.fits() { ink.faint } else { ink.bad };
    ui.label(RichText::new(said(room)).small().color(colour))
        .on_hover_text("its vectors and scores, on the graphics adapter");
    kept(ui, facts, drafts, intents);
    if room.fits() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if let Some(layers) = room.layers
            && ui.button(format!("Keep {}", layers.words())).clicked()
        {
            intents.extend([Intent::Layers(Some(layers)), Intent::Run]);
        }
        let other = match room.layers {
            Some(_) => "or use a shorter text",
            None => "use a shorter text",
        };
        ui.label(RichText::new(other).small().color(ink.bad));
    });
}

fn said(room: &RoomFacts) -> String {
    let tokens = match room.tokens {
        1 => "1 token".to_owned(),
        tokens => format!("{tokens} tokens"),
    };
    let needed = size(room.needed);
    match room.free {
        None => format!("{tokens} · trace {needed}"),
        Some(free) if room.fits() => {
            let free = size(free + room.given_back);
            format!("{tokens} · trace {needed} of {free} free")
        }
        Some(free) => {
            let free = size(free + room.given_back);
            format!("{tokens} take {needed} and {free} are free")
        }
    }
}

/// The layers that the next run keeps, in a field that takes `8-15`.
fn kept(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let Some(model) = &facts.model else { return };
    let chosen = facts.session.layers;
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding.y = 0.0;
        let label = ui.label(RichText::new("keeps layers").small()).id;
        let id = egui::Id::new("kept layers");
        if !ui.memory(|memory| memory.has_focus(id)) {
            drafts.layers = chosen.map_or_else(String::new, |layers| layers.to_string());
        }
        let all = format!("all: 0-{}", model.card.layers.saturating_sub(1));
        let field = TextEdit::singleline(&mut drafts.layers)
            .id(id)
            .hint_text(all)
            .font(egui::TextStyle::Small)
            .desired_width(72.0);
        let field = ui.add(field).labelled_by(label);
        let wanted = wanted(&drafts.layers, model.card.layers);
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        match wanted {
            Ok(wanted) if entered && wanted != chosen => intents.push(Intent::Layers(wanted)),
            Err(reason) => {
                let colour = style::ink(ui.ctx()).bad;
                ui.label(RichText::new("?").color(colour))
                    .on_hover_text(reason);
            }
            Ok(_) => {}
        }
        if chosen.is_some() && ui.small_button("All").clicked() {
            intents.push(Intent::Layers(None));
        }
    });
}

/// The layers that a text names, nothing being all of them.
fn wanted(text: &str, layers: usize) -> Result<Option<Layers>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wanted: Layers = text.parse().map_err(|error: NoLayers| error.to_string())?;
    match wanted.range().end <= layers {
        true => Ok(Some(wanted)),
        false => Err(format!(
            "the model has layers 0 to {}",
            layers.saturating_sub(1)
        )),
    }
}
