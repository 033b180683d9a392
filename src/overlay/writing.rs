//! The text goes on: buttons beside Run, and how it is written.

use egui::{
    Button, DragValue, Popup, PopupCloseBehavior, RichText, Slider, TextEdit, Ui, WidgetInfo,
    WidgetType,
};

use super::{Facts, access, style};
use crate::{
    inference::Ended,
    session::{Intent, Write, Writing},
};

/// Points of the menu, and of its names.
const WIDTH: f32 = 276.0;
const NAMES: f32 = 92.0;

/// Buttons beside Run, once there is a run that can go on.
pub(super) fn buttons(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let Some(written) = facts.written() else {
        return;
    };
    let tokens = facts.tokens.len();
    let mut ask = |ui: &mut Ui, name: &str, says: &str, enabled: bool, what: Write| {
        let button = Button::new(name).min_size([26.0, 26.0].into());
        let button = ui.add_enabled(enabled, button);
        button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, says));
        if button.on_hover_text(says).clicked() {
            intents.push(Intent::Write(what));
        }
    };
    ui.spacing_mut().item_spacing.x = 4.0;
    match written.goes_on {
        true => ask(ui, "Pause", "Write no further (Enter)", true, Write::Toggle),
        false => ask(
            ui,
            "Write",
            "Write the text on (Enter)",
            true,
            Write::Toggle,
        ),
    }
    let back = written.first < tokens;
    ask(ui, "−1", "One token less (,)", back, Write::Back);
    ask(
        ui,
        "+1",
        "One token more (.)",
        !written.goes_on,
        Write::Step,
    );
    let button = ui.button("How").on_hover_text("How it is written");
    Popup::menu(&button)
        .width(WIDTH)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            access::menu(ui, "How it is written");
            how(ui, facts, intents);
        });
}

/// What has come of it.
pub(super) fn told(ui: &mut Ui, facts: &Facts) {
    let Some(line) = line(facts) else { return };
    let ink = style::ink(ui.ctx());
    ui.label(RichText::new(line).small().color(ink.faint));
}

fn line(facts: &Facts) -> Option<String> {
    let writing = &facts.writing;
    let count = facts.tokens.len().saturating_sub(writing.from?);
    let seed = facts.session.writing.sampling.seed;
    let ended = match writing.ended {
        Some(Ended::EndOfText) => " · the model ends the text here",
        Some(Ended::Stop) => " · paused at a stop",
        _ => "",
    };
    Some(format!("{count} written · seed {seed}{ended}"))
}

fn how(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let mut own = facts.session.writing.clone();
    ui.set_width(WIDTH);
    choice(ui, &mut own);
    ui.separator();
    pace(ui, &mut own);
    ui.separator();
    ends(ui, &mut own);
    if own != facts.session.writing {
        intents.push(Intent::Writing(own));
    }
    ui.separator();
    let says =
        "From the selected token, or from where writing began, with the next seed (Shift+Enter)";
    if ui
        .button("Another way from here")
        .on_hover_text(says)
        .clicked()
    {
        intents.push(Intent::Write(Write::Branch));
        ui.close();
    }
    for (at, way) in facts.writing.ways.iter().enumerate() {
        let button = Button::new(RichText::new(way).small()).truncate();
        if ui.add(button).on_hover_text("Back to this way").clicked() {
            intents.push(Intent::Write(Write::Return(at)));
            ui.close();
        }
    }
}

/// How a token is chosen.
fn choice(ui: &mut Ui, own: &mut Writing) {
    let sampling = &mut own.sampling;
    row(
        ui,
        "temperature",
        "0: always the most probable token",
        |ui| {
            ui.add(Slider::new(&mut sampling.temperature, Writing::TEMPERATURES).step_by(0.05));
        },
    );
    row(
        ui,
        "top-p",
        "Only the most probable tokens that have this much of the probability together",
        |ui| {
            ui.add(Slider::new(&mut sampling.top_p, 0.0..=1.0).step_by(0.05));
        },
    );
    row(
        ui,
        "presence",
        "Taken from the logit of a token that was written already",
        |ui| {
            ui.add(Slider::new(&mut sampling.presence, 0.0..=2.0).step_by(0.05));
        },
    );
    row(
        ui,
        "frequency",
        "Taken from it each time that it was written",
        |ui| {
            ui.add(Slider::new(&mut sampling.frequency, 0.0..=2.0).step_by(0.05));
        },
    );
    row(ui, "seed", "The same seed writes the same text", |ui| {
        ui.add(DragValue::new(&mut sampling.seed).range(0..=Writing::LAST_SEED));
    });
}

/// How fast and how far.
fn pace(ui: &mut Ui, own: &mut Writing) {
    row(ui, "tokens a second", "At most", |ui| {
        ui.add(
            Slider::new(&mut own.pace, Writing::PACES)
                .logarithmic(true)
                .max_decimals(1),
        );
    });
    row(ui, "tokens at a time", "Then it pauses", |ui| {
        ui.add(DragValue::new(&mut own.most).range(1..=Writing::MOST));
    });
    ui.checkbox(&mut own.follow, "follow the newest token (Q)");
}

/// Where it ends.
fn ends(ui: &mut Ui, own: &mut Writing) {
    let says = "Runs “User: PROMPT” and an empty answer, as the published models were taught; pauses where they ask back";
    ui.checkbox(&mut own.chat, "ask the prompt as a question")
        .on_hover_text(says);
    row(
        ui,
        "pause at",
        "Texts, one a line; \\n stands for a line break",
        |ui| {
            let mut text = own
                .stops
                .iter()
                .map(|stop| stop.replace('\n', "\\n"))
                .collect::<Vec<_>>()
                .join("\n");
            let field = TextEdit::multiline(&mut text)
                .desired_rows(1)
                .desired_width(150.0);
            if ui.add(field).changed() {
                let lines = text.split('\n').map(|stop| stop.replace("\\n", "\n"));
                own.stops = lines.collect();
                own.stops
                    .truncate(if text.is_empty() { 0 } else { own.stops.len() });
            }
        },
    );
}

fn row(ui: &mut Ui, name: &str, says: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        access::group(ui, name);
        let text = RichText::new(name).small().color(style::ink(ui.ctx()).text);
        let left = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout([NAMES, 18.0].into(), left, |ui| {
            ui.set_min_width(NAMES);
            ui.label(text).on_hover_text(says);
        });
        add(ui);
    });
}
