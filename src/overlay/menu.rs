use std::path::Path;

use egui::{Align2, Area, Button, Context, Frame, Order, RichText, Ui};

use super::{Facts, PictureStatus, access, keycap, style};
use crate::session::{Export, Intent, actions};

/// Ways in and out: files to open and to save.
pub(super) fn menu(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    ui.menu_button("File", |ui| {
        access::menu(ui, "File");
        ui.set_min_width(264.0);
        item(ui, facts, "open a file", intents);
        if !facts.recent.is_empty() {
            ui.menu_button("Open recent", |ui| recent(ui, facts, intents));
        }
        item(ui, facts, "read the clipboard", intents);
        ui.separator();
        item(ui, facts, "open demo-v6", intents);
        item(ui, facts, "open demo-v7", intents);
        ui.separator();
        item(ui, facts, "save the session", intents);
        item(ui, facts, "save the run as a trace", intents);
        ui.separator();
        item(ui, facts, "picture of the view", intents);
        item(ui, facts, "record a clip", intents);
        ui.menu_button("Export", |ui| parts(ui, facts, "export", intents));
        ui.menu_button("Copy", |ui| parts(ui, facts, "copy", intents));
        ui.separator();
        let mut remembers = facts.remembers;
        let label = "Begin with the last session";
        if ui.checkbox(&mut remembers, label).changed() {
            intents.push(Intent::Remember(remembers));
        }
        item(ui, facts, "larger text", intents);
        item(ui, facts, "smaller text", intents);
        ui.separator();
        item(ui, facts, "quit", intents);
    });
}

/// What is done with each part of the view.
fn parts(ui: &mut Ui, facts: &Facts, what: &str, intents: &mut Vec<Intent>) {
    access::menu(ui, what);
    ui.set_min_width(180.0);
    for part in Export::ALL {
        item(ui, facts, &format!("{what} the {}", part.name()), intents);
    }
}

/// An action of the table, with its first key.
pub(super) fn item(ui: &mut Ui, facts: &Facts, name: &str, intents: &mut Vec<Intent>) {
    let Some(action) = actions().iter().find(|action| action.name == name) else {
        return;
    };
    let intent = action.ask(&facts.situation());
    let mut button = Button::new(keycap::title(name));
    if let Some(key) = action.keys.first() {
        button = button.shortcut_text(key.to_string());
    }
    if ui.add_enabled(intent.is_some(), button).clicked() {
        intents.extend(intent);
        ui.close();
    }
}

fn recent(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    access::menu(ui, "Open recent");
    ui.set_min_width(264.0);
    for path in &facts.recent {
        let button = Button::new(file_name(path)).shortcut_text(folder_name(path));
        let button = ui.add(button).on_hover_text(path.display().to_string());
        if button.clicked() {
            intents.push(Intent::OpenFile(path.clone()));
            ui.close();
        }
    }
    ui.separator();
    if ui.button("Forget these").clicked() {
        intents.push(Intent::ForgetRecent);
        ui.close();
    }
}

/// What happens if the file over the window is let go.
pub(super) fn drop(ctx: &Context, facts: &Facts) {
    let Some(path) = &facts.dragged else { return };
    let ink = style::ink(ctx);
    Area::new("drop".into())
        .anchor(Align2::CENTER_CENTER, [0.0, 0.0])
        .order(Order::Foreground)
        .show(ctx, |ui| {
            let frame = Frame::new().fill(ink.card).stroke((1.5, ink.accent));
            frame.corner_radius(8).inner_margin(18).show(ui, |ui| {
                let line = RichText::new(format!("Drop to open {}", file_name(path)));
                ui.label(line.size(18.0).color(ink.strong));
            });
        });
}

/// The trace on show, and what was saved last.
pub(super) fn files(ui: &mut Ui, facts: &Facts) {
    let ink = style::ink(ui.ctx());
    let exported = facts.exported.as_ref().map(|(_, path)| path);
    let picture = match &facts.picture {
        Some(PictureStatus::Saved(path)) => Some(path),
        _ => None,
    };
    for (what, path) in [
        ("trace", facts.opened.as_ref()),
        ("saved", facts.saved.as_ref()),
        ("exported", exported),
        ("picture", picture),
        ("clip", facts.recorded.as_ref()),
    ] {
        if let Some(path) = path {
            let line = RichText::new(format!("{what}: {}", file_name(path)));
            ui.label(line.small().color(ink.good))
                .on_hover_text(path.display().to_string());
        }
    }
    let copied = match (&facts.picture, facts.copied) {
        (_, Some(what)) => what.name(),
        (Some(PictureStatus::Copied), None) => "picture",
        _ => return,
    };
    let line = RichText::new(format!("the {copied} is on the clipboard"));
    ui.label(line.small().color(ink.good));
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The folder that holds it, without those around it.
fn folder_name(path: &Path) -> String {
    path.parent().map(file_name).unwrap_or_default()
}
