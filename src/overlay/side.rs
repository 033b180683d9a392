use std::sync::Arc;

use egui::{
    Button, Event, Galley, Key, KeyboardShortcut, Modifiers, ProgressBar, RichText, ScrollArea,
    TextBuffer, TextEdit, TextStyle, Ui,
};

use super::{
    Drafts, Facts, ModelFacts, PictureStatus, RecordingFacts, Status, access::Access as _,
    controls, fonts, menu, quantisation, room, style, text, writing,
};
use crate::{model::Unit, session::Intent, trace::Transfer};

/// Points the controls take below the text.
const CONTROLS_HEIGHT: f32 = 192.0;

/// The side panel: model card, prompt, text, controls.
pub(super) fn side(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        let name = RichText::new("arclight").heading();
        ui.label(name.color(style::ink(ui.ctx()).strong));
        let to_the_right = egui::Layout::right_to_left(egui::Align::Center);
        ui.with_layout(to_the_right, |ui| menu::menu(ui, facts, intents));
    });
    model_card(ui, facts, drafts, intents);
    ui.add_space(6.0);
    prompt(ui, facts, drafts, intents);
    error(ui, facts, intents);
    fonts::note(ui, drafts);
    ui.add_space(6.0);
    if facts.tokens.is_empty() {
        return;
    }
    ui.label(
        RichText::new(text::caption(facts))
            .small()
            .color(style::ink(ui.ctx()).faint),
    );
    text::options(ui, facts, intents);
    text::passage(ui, facts, intents);
    let room = if facts.session.token.is_some() {
        CONTROLS_HEIGHT
    } else {
        0.0
    };
    let height = (ui.available_height() - room).max(80.0);
    ScrollArea::vertical()
        .auto_shrink(false)
        .max_height(height)
        .show(ui, |ui| text::text(ui, facts, drafts, intents));
    controls::controls(ui, facts, intents);
}

fn model_card(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut drafts.model)
            .hint_text("demo-v6, demo-v7 or a path")
            .desired_width(196.0);
        let field = ui.add(field).named("Model");
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if ui.button("Open").clicked() || entered {
            if facts.wanted != facts.session.quantisation {
                intents.push(Intent::Quantise(facts.wanted));
            }
            intents.push(Intent::Open(drafts.model.trim().to_owned()));
        }
    });
    let Some(model) = &facts.model else {
        if facts.status == Status::Idle {
            ui.label(RichText::new("No model is open.").color(style::ink(ui.ctx()).faint));
        }
        return;
    };
    let card = &model.card;
    let sizes = format!(
        "{} layers × {} {}   ·   width {}, hidden {}\nvocabulary {}   ·   {:.1} M parameters",
        card.layers,
        card.heads,
        match card.version.unit() {
            Unit::Head => format!("heads × {}", card.head_size),
            Unit::Group => format!("groups of {} channels", card.head_size),
        },
        card.width,
        card.hidden,
        card.vocab,
        card.parameters as f64 / 1e6,
    );
    ui.label(
        RichText::new(format!("{} · {}", model.name, card.version))
            .color(style::ink(ui.ctx()).strong),
    );
    ui.label(RichText::new(sizes).small());
    let mut device = facts.device.clone();
    if facts.thrift {
        device += "\ndrawn by the CPU: coarse while the camera moves";
    }
    ui.label(
        RichText::new(device)
            .small()
            .color(style::ink(ui.ctx()).faint),
    );
    lora(ui, facts, model, intents);
    state(ui, facts, model, intents);
    quantisation::quantisation(ui, facts, model, intents);
    menu::files(ui, facts);
}

/// The LoRAs in the model, with a way to go on without.
fn lora(ui: &mut Ui, facts: &Facts, model: &ModelFacts, intents: &mut Vec<Intent>) {
    if model.lora.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding.y = 0.0;
        ui.label(RichText::new(format!("LoRA  {}", model.lora.join(" + "))).small());
        let is_here = !facts.session.lora.is_empty() && !facts.is_busy();
        if is_here && ui.small_button("Without").clicked() {
            intents.push(Intent::Lora(Vec::new()));
            intents.push(Intent::Open(facts.session.model.clone()));
        }
    });
}

/// The state that the model starts from, with a way to go on without.
fn state(ui: &mut Ui, facts: &Facts, model: &ModelFacts, intents: &mut Vec<Intent>) {
    let Some(state) = &model.state else { return };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding.y = 0.0;
        ui.label(RichText::new(format!("starts from  {state}")).small());
        let is_here = facts.session.state.is_some() && !facts.is_busy();
        if is_here && ui.small_button("Without").clicked() {
            intents.push(Intent::State(None));
            intents.push(Intent::Open(facts.session.model.clone()));
        }
    });
}

/// A variation selector of an emoji would be a box: it takes no room.
fn without_selectors(ui: &Ui, text: &dyn TextBuffer, width: f32) -> Arc<Galley> {
    const NOTHING: char = '\u{200B}';
    let characters = text.as_str().chars();
    let shown = characters.map(|c| if style::is_selector(c) { NOTHING } else { c });
    let font = TextStyle::Body.resolve(ui.style());
    ui.painter()
        .layout(shown.collect(), font, style::ink(ui.ctx()).text, width)
}

fn prompt(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    // Once it has been read, the text below needs the room more.
    let id = egui::Id::new("prompt");
    if std::mem::take(&mut drafts.write_prompt) {
        ui.memory_mut(|memory| memory.request_focus(id));
        // The key that asked for it is not for it.
        ui.input_mut(|input| {
            let is_text = |event: &Event| matches!(event, Event::Text(_));
            input.events.retain(|event| !is_text(event));
        });
    }
    let is_edited = ui.memory(|memory| memory.has_focus(id)) || facts.tokens.is_empty();
    ScrollArea::vertical()
        .id_salt("prompt")
        .max_height(if is_edited { 96.0 } else { 44.0 })
        .show(ui, |ui| {
            let mut layouter = without_selectors;
            let field = TextEdit::multiline(&mut drafts.prompt)
                .layouter(&mut layouter)
                .hint_text("A text to read")
                .id(id)
                .desired_rows(if is_edited { 3 } else { 1 })
                .desired_width(f32::INFINITY);
            if ui.add(field).named("Text to read").changed() {
                intents.push(Intent::Prompt(drafts.prompt.clone()));
            }
        });
    let shortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
    beside(ui, facts, drafts, intents);
    match &facts.status {
        Status::Idle => {
            ui.horizontal(|ui| {
                let ready = facts.model.is_some() && !drafts.prompt.is_empty();
                let label = RichText::new("Run").color(style::ink(ui.ctx()).run[1]);
                let button = Button::new(label)
                    .fill(style::ink(ui.ctx()).run[0])
                    .min_size([72.0, 26.0].into());
                let asked = ui
                    .add_enabled(ready, button)
                    .on_hover_text("Ctrl+Enter")
                    .clicked();
                let typing = ui.ctx().egui_wants_keyboard_input();
                let entered = typing && ui.input_mut(|input| input.consume_shortcut(&shortcut));
                if ready && (asked || entered) {
                    intents.push(Intent::Run);
                }
                writing::buttons(ui, facts, intents);
            });
            writing::told(ui, facts);
            if !facts.tokens.is_empty() && facts.room.is_none() {
                let tokens = format!("{} tokens", facts.tokens.len());
                let faint = style::ink(ui.ctx()).faint;
                ui.label(RichText::new(tokens).small().color(faint));
            }
            room::room(ui, facts, drafts, intents);
        }
        Status::Loading(name) => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(format!("Opening {name}"));
            });
        }
        Status::Running {
            done,
            total,
            seconds,
        } => {
            let label = |left: f64| match total {
                0 => "reading".to_owned(),
                _ => format!("{done} / {total} tokens · {left:.0} s left"),
            };
            let part = *done as f32 / (*total).max(1) as f32;
            progress(ui, part, *seconds, label, intents);
        }
        Status::Transferring {
            transfer,
            done,
            total,
            seconds,
        } => {
            let what = match transfer {
                Transfer::Opening => "opening",
                Transfer::Saving => "saving",
            };
            let (done_mib, mib) = (done >> 20, total >> 20);
            let label = |left: f64| format!("{what}: {done_mib} / {mib} MiB · {left:.0} s left");
            let part = *done as f32 / (*total).max(1) as f32;
            progress(ui, part, *seconds, label, intents);
        }
    }
}

/// How far a picture, a clip or an export is: they go on beside everything else.
fn beside(ui: &mut Ui, facts: &Facts, drafts: &mut Drafts, intents: &mut Vec<Intent>) {
    let now = ui.input(|input| input.time);
    let Some((part, label)) = drawing(facts) else {
        drafts.since = None;
        return;
    };
    let seconds = match facts.recording {
        Some(RecordingFacts { seconds, .. }) => seconds,
        None => now - *drafts.since.get_or_insert(now),
    };
    let label = |left: f64| match part > 0.0 && seconds > 0.0 {
        true => format!("{label} · {left:.0} s left"),
        false => label,
    };
    progress(ui, part, seconds, label, intents);
}

/// What goes on beside everything else, and which part of it is done.
fn drawing(facts: &Facts) -> Option<(f32, String)> {
    if let Some(PictureStatus::Drawing { done, total }) = facts.picture {
        let label = match total {
            0 => "picture".to_owned(),
            _ => format!("picture: {done} / {total} parts"),
        };
        return Some((done as f32 / total.max(1) as f32, label));
    }
    if let Some(RecordingFacts { done, total, .. }) = facts.recording {
        let label = match total {
            0 => "clip".to_owned(),
            _ => format!("clip: {done} / {total} frames"),
        };
        return Some((done as f32 / total.max(1) as f32, label));
    }
    let (what, part) = facts.exporting?;
    Some((part, format!("the {}: {:.0} %", what.name(), part * 100.0)))
}

/// How far long work is; `label` is given the seconds left.
fn progress(
    ui: &mut Ui,
    part: f32,
    seconds: f64,
    label: impl FnOnce(f64) -> String,
    intents: &mut Vec<Intent>,
) {
    let left = if part > 0.0 {
        seconds / f64::from(part) - seconds
    } else {
        0.0
    };
    ui.horizontal(|ui| {
        if ui
            .add(Button::new("Cancel").min_size([72.0, 26.0].into()))
            .clicked()
        {
            intents.push(Intent::Cancel);
        }
        ui.add(
            ProgressBar::new(part)
                .text(RichText::new(label(left)).small())
                .desired_height(20.0),
        );
    });
}

fn error(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let ink = style::ink(ui.ctx());
    let note = [ink.field, ink.text];
    let said = [(&facts.note, note), (&facts.error, ink.error)];
    for (text, [ground, letters]) in said {
        let Some(text) = text else { continue };
        egui::Frame::new()
            .fill(ground)
            .corner_radius(5)
            .inner_margin(8)
            .show(ui, |ui| {
                ui.label(RichText::new(text).color(letters));
                if ui.small_button("Dismiss").clicked() {
                    intents.push(Intent::DismissError);
                }
            });
    }
}
