//! Interventions: a switch each, and what they do to the text.

use egui::{Button, Grid, RichText, ScrollArea, Ui, WidgetInfo, WidgetType};

use super::{
    ChangedFacts, Facts,
    expected::{self, Candidate, percent},
    style,
};
use crate::{
    inference::Standing,
    session::{Intent, Switched},
};

/// Points that the list takes at most.
const LIST: f32 = 96.0;
/// Candidates that are shown.
const SHOWN: usize = 4;
/// KL, in nats, from which on they are shown.
const MOVED: f64 = 1e-3;

/// The list, what they do to the text, and to what is expected after the token that is looked at.
pub(super) fn changes(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let session = &facts.session;
    let ink = style::ink(ui.ctx());
    ui.label(RichText::new("Interventions").color(ink.strong));
    let mut list = session.changes.clone();
    ScrollArea::vertical()
        .id_salt("changes")
        .max_height(LIST)
        .show(ui, |ui| lines(ui, facts, &mut list));
    if list != session.changes {
        intents.push(Intent::Changes(list));
    }
    let Some(changed) = &facts.changed else {
        return;
    };
    told(ui, changed, intents);
    // A comparison says itself what it shows.
    if changed.came.is_some() && session.compare.is_none() {
        let mut shown = session.difference;
        let name = RichText::new("difference in the lattice").small();
        let says =
            "With nothing selected, cells show how far each head's contribution norm has moved";
        if ui.checkbox(&mut shown, name).on_hover_text(says).changed() {
            intents.push(Intent::Difference(shown));
        }
    }
    if let Some((token, ..)) = facts.prediction.as_ref().filter(|_| changed.came.is_some()) {
        at(ui, facts, changed, *token);
    }
}

fn lines(ui: &mut Ui, facts: &Facts, list: &mut Vec<Switched>) {
    let mut gone = None;
    for (at, own) in list.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().button_padding.y = 0.0;
            let name = own.change.words(facts.unit());
            let switch = ui.checkbox(&mut own.on, RichText::new(&name).small());
            if switch.gained_focus() {
                switch.scroll_to_me(None);
            }
            let to_the_right = egui::Layout::right_to_left(egui::Align::Center);
            ui.with_layout(to_the_right, |ui| {
                let button = ui.add(Button::new(RichText::new("×").small()).frame(false));
                let says = format!("Take {name} out");
                button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, says.clone()));
                if button.on_hover_text(says).clicked() {
                    gone = Some(at);
                }
            });
        });
    }
    if let Some(at) = gone {
        list.remove(at);
    }
}

/// What they do to the whole text.
fn told(ui: &mut Ui, changed: &ChangedFacts, intents: &mut Vec<Intent>) {
    let ink = style::ink(ui.ctx());
    let line =
        |ui: &mut Ui, text: String, colour| ui.label(RichText::new(text).small().color(colour));
    match (&changed.came, &changed.refused) {
        (_, Some(reason)) => {
            line(ui, reason.clone(), ink.bad);
        }
        (None, None) => {
            line(ui, "reading the text with them …".to_owned(), ink.faint);
            if ui.small_button("Cancel").clicked() {
                intents.push(Intent::Cancel);
            }
        }
        (Some(came), None) => {
            let [before, after] = came.surprise;
            line(
                ui,
                format!("surprise {before:.2} → {after:.2} nats a token"),
                ink.text,
            );
            line(
                ui,
                format!("KL {:.4} nats, mean of {}", came.kl, came.shifts.len()),
                ink.text,
            );
        }
    }
}

/// What they do to what is expected after a token, and how the one that came stands.
fn at(ui: &mut Ui, facts: &Facts, changed: &ChangedFacts, token: usize) {
    let ink = style::ink(ui.ctx());
    let Some(came) = &changed.came else {
        return;
    };
    let expected = changed.expected.as_ref();
    let Some(shift) = came.shift(token) else {
        return;
    };
    let text = |token: usize| {
        let token = facts.tokens.get(token);
        token.map_or_else(String::new, |token| style::shown(&token.text))
    };
    ui.add_space(6.0);
    let after = format!("after {}, token {token}", text(token));
    ui.label(RichText::new(after).small().color(ink.strong));
    Grid::new("shift")
        .num_columns(2)
        .spacing([12.0, 1.0])
        .show(ui, |ui| {
            let mut row = |name: &str, number: String| {
                ui.label(RichText::new(name).small().color(ink.faint));
                ui.label(RichText::new(number).small().monospace());
                ui.end_row();
            };
            row("KL", format!("{:.4} nats", shift.kl));
            let Some([before, with]) = shift.came else {
                return;
            };
            let two = |of: &dyn Fn(Standing) -> String| format!("{} → {}", of(before), of(with));
            let came = format!("p of {}", text(token + 1));
            row(&came, two(&|one| percent(one.prob as f32)));
            row("its logit", two(&|one| format!("{:.2}", one.logit)));
            row("its rank", two(&|one| (one.rank + 1).to_string()));
        });
    let is_here = |(at, ..): &&(usize, _, _)| *at == token && shift.kl >= MOVED;
    let Some((_, prediction, texts)) = expected.filter(is_here) else {
        return;
    };
    ui.add_space(4.0);
    ui.label(
        RichText::new("expected next, with them")
            .small()
            .color(ink.faint),
    );
    let next = facts.tokens.get(token + 1).map(|token| token.id);
    for (rank, (candidate, text)) in (1..=SHOWN).zip(prediction.top.iter().zip(texts)) {
        expected::candidate(
            ui,
            &Candidate {
                rank: &rank.to_string(),
                id: None,
                text: &text.text,
                probability: candidate.probability,
                came: next == Some(candidate.id),
                chosen: false,
            },
        );
    }
}
