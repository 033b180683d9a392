//! The sheet from which a picture of the view is saved or copied.

use bevy::math::UVec2;
use egui::{Align, Button, DragValue, Layout, RichText, Ui};

use super::{
    Facts,
    access::Access as _,
    controls::{choice, row},
    style,
};
use crate::session::{Browse, Intent, PictureOptions};

const WIDTH: f32 = 400.0;

/// Usual sizes by name.
const SIZES: [(&str, UVec2); 5] = [
    ("1080p", UVec2::new(1920, 1080)),
    ("4K", UVec2::new(3840, 2160)),
    ("8K", UVec2::new(7680, 4320)),
    ("square", UVec2::new(2160, 2160)),
    ("portrait", UVec2::new(2160, 3840)),
];

/// The sheet. Whether something was chosen.
pub(super) fn picture(
    ui: &mut Ui,
    facts: &Facts,
    options: &mut PictureOptions,
    intents: &mut Vec<Intent>,
) -> bool {
    ui.set_width(WIDTH);
    let ink = style::ink(ui.ctx());
    ui.label(
        RichText::new("Picture of the view")
            .heading()
            .color(ink.strong),
    );
    ui.add_space(8.0);
    row(ui, "Size", |ui| {
        for (name, size) in SIZES {
            if choice(ui, name, options.size == size, "") {
                options.size = size;
            }
        }
    });
    row(ui, "", |ui| {
        let range = PictureOptions::LEAST..=PictureOptions::MOST;
        ui.add(DragValue::new(&mut options.size.x).range(range.clone()))
            .named("width");
        ui.label(" × ");
        ui.add(DragValue::new(&mut options.size.y).range(range))
            .named("height");
        ui.label(RichText::new(" pixels").color(ink.faint));
    });
    row(ui, "Ground", |ui| {
        for (name, cut, meaning) in [
            ("as shown", false, ""),
            ("cut out", true, "Nothing behind: to be laid over a slide"),
        ] {
            if choice(ui, name, options.transparent == cut, meaning) {
                options.transparent = cut;
            }
        }
    });
    row(ui, "Panels", |ui| {
        for (name, overlay) in [("shown", true), ("left out", false)] {
            if choice(ui, name, options.overlay == overlay, "") {
                options.overlay = overlay;
            }
        }
    });
    row(ui, "Edges", |ui| {
        for times in 1..=PictureOptions::FINEST {
            let meaning = "Drawn so many times larger each way, and averaged";
            if choice(
                ui,
                &format!("{times} ×"),
                options.supersample == times,
                meaning,
            ) {
                options.supersample = times;
            }
        }
    });
    ui.add_space(10.0);
    let problem = if facts.shape().is_none() {
        Some("There is nothing to draw yet: run a text first.".to_owned())
    } else {
        options.check().err().map(|error| error.to_string())
    };
    if let Some(problem) = &problem {
        ui.label(RichText::new(problem).small().color(ink.bad));
    }
    let mut chosen = false;
    let size = egui::vec2(ui.available_width(), 26.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let possible = problem.is_none() && !facts.draws_picture();
        let mut ask = |ui: &mut Ui, name: RichText, fill, intent: Intent| {
            let mut button = Button::new(name).min_size([84.0, 26.0].into());
            if let Some(fill) = fill {
                button = button.fill(fill);
            }
            if ui.add_enabled(possible, button).clicked() {
                intents.push(intent);
                chosen = true;
            }
        };
        let [fill, text] = ink.run;
        let save = RichText::new("Save …").color(text);
        ask(
            ui,
            save,
            Some(fill),
            Intent::Browse(Browse::Picture(*options)),
        );
        ask(
            ui,
            RichText::new("Copy"),
            None,
            Intent::CopyPicture(*options),
        );
        ui.label(RichText::new("Esc closes").small().color(ink.faint));
    });
    chosen
}
