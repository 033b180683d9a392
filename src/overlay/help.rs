//! Help: what is seen, with the formulas of the model that is open.

use egui::{RichText, ScrollArea, Ui, Vec2};

use super::{Facts, style};
use crate::{
    camera::Navigation,
    model::{Unit, Version},
    score::{Filter, Measure, Statistic},
    session::{Group, actions},
};

const WIDTH: f32 = 640.0;

/// The help, in a room of that size.
pub(super) fn help(ui: &mut Ui, facts: &Facts, room: Vec2) {
    ui.set_width(WIDTH.min(room.x - 48.0));
    ui.horizontal(|ui| {
        let strong = style::ink(ui.ctx()).strong;
        ui.label(RichText::new("Help").heading().color(strong));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let faint = style::ink(ui.ctx()).faint;
            ui.label(RichText::new("Esc or F1 closes").small().color(faint));
        });
    });
    ui.add_space(4.0);
    let height = (room.y - 90.0).min(600.0);
    ScrollArea::vertical()
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            scroll(ui, height);
            // Room for the bar.
            ui.set_width(ui.available_width() - 14.0);
            picture(ui, facts);
            measures(ui, facts);
            shown(ui, facts.unit());
            statistics(ui, facts.unit());
            check(ui, facts);
            hands(ui);
        });
}

/// The keyboard scrolls as the wheel does.
fn scroll(ui: &mut Ui, page: f32) {
    use egui::{Key, Modifiers};
    let down = ui.input_mut(|input| {
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key) as f32;
        let rows = count(Key::ArrowDown) - count(Key::ArrowUp);
        let pages = count(Key::PageDown) + count(Key::Space) - count(Key::PageUp);
        let ends = count(Key::End) - count(Key::Home);
        rows * 48.0 + pages * page * 0.9 + ends * 1e6
    });
    if down != 0.0 {
        ui.scroll_with_delta(egui::vec2(0.0, -down));
    }
}

fn heading(ui: &mut Ui, text: impl Into<String>) {
    ui.add_space(12.0);
    let colour = style::ink(ui.ctx()).heading;
    ui.label(RichText::new(text).size(14.5).color(colour));
    ui.add_space(1.0);
}

fn paragraph(ui: &mut Ui, text: impl Into<String>) {
    ui.label(RichText::new(text).color(style::ink(ui.ctx()).text));
}

/// A name with what it means, on one line where there is room.
fn item(ui: &mut Ui, name: &str, meaning: &str) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.label(RichText::new(name).color(style::ink(ui.ctx()).strong));
        ui.label(RichText::new(meaning).color(style::ink(ui.ctx()).text));
    });
}

fn picture(ui: &mut Ui, facts: &Facts) {
    heading(ui, "What the picture shows");
    paragraph(
        ui,
        facts.unit().say(
            "Tokens run to the right as they are read, layers rise, heads go into the depth. With nothing \
             selected a cell is as bright as the length of what its head adds to the residual stream there.",
        ),
    );
    if facts.unit() == Unit::Group {
        paragraph(
            ui,
            format!(
                "{} has no heads: each channel has a memory of its own, and the picture shows them in groups of \
                 64 neighbouring channels, G0, G1 and so on. Commands and keys that speak of heads are for \
                 groups here.",
                facts.version()
            ),
        );
    }
    paragraph(
        ui,
        "A selected token is marked by a lit plane. Arcs above a row come from earlier tokens that it reads; \
         arcs below go to later tokens that read it. Their colour is the measure, their light travels from \
         the writer to the reader.",
    );
}

fn measures(ui: &mut Ui, facts: &Facts) {
    let version = facts.version();
    heading(ui, format!("Measures of {version}"));
    paragraph(
        ui,
        match version {
            Version::V4 => {
                "The reader is token t, the writer token s, in one group of channels with receptance r, key k, \
                 value v, decay w and bonus u. The group's output is y_t = Σ_s a[t,s] ⊙ v_s, where a[t,s] is a \
                 weight a channel: over s ≤ t they add up to σ(r_t)."
            }
            _ => {
                "The reader is token t, the writer token s, in one head with receptance r, key k and value v. The \
                 head's output before GroupNorm is y_t = Σ_s A[t,s] v_s."
            }
        },
    );
    for measure in Measure::all(version) {
        ui.add_space(5.0);
        item(ui, measure.name(), &measure.meaning(version.unit()));
        let formula = |text: String| RichText::new(text).monospace();
        let strong = style::ink(ui.ctx()).strong;
        ui.indent(measure.name(), |ui| {
            ui.label(formula(measure.formula(version).into()).color(strong));
            let itself = format!("with itself: {}", measure.diagonal(version));
            ui.label(formula(itself).color(style::ink(ui.ctx()).faint));
        });
    }
}

fn shown(ui: &mut Ui, unit: Unit) {
    heading(ui, "What of it is drawn");
    item(
        ui,
        "full colour",
        &unit.say(
            "is the largest |value| of the head, of the layer or of all heads, or a number of your own, \
             divided by the exposure; what is left out does not count for it.",
        ),
    );
    for filter in Filter::kinds(1.0) {
        let name = format!("arcs, {}", filter.name());
        item(ui, &name, &format!("{}.", unit.say(filter.meaning())));
    }
    item(
        ui,
        &unit.say("several heads"),
        "are one colour of the text: their mean, the one of the largest size, or their sum, each in parts of \
         its full colour.",
    );
}

fn statistics(ui: &mut Ui, unit: Unit) {
    heading(ui, unit.say("Statistics of a head, for the selected token"));
    for statistic in Statistic::ALL {
        item(ui, statistic.name(), &unit.say(statistic.meaning()));
    }
}

fn check(ui: &mut Ui, facts: &Facts) {
    heading(ui, "The conservation check");
    paragraph(
        ui,
        format!(
            "The drawn scores, applied to the model's values, have to give the model's own output back: \
             {} is compared with what the model computed, in every {}. The lamp in the legend is green when \
             they differ by no more than rounding explains.",
            match facts.version() {
                Version::V4 => "Σ_s a[t,s] ⊙ v_s",
                _ => "GroupNorm(Σ_s A[t,s] v_s)",
            },
            facts.unit().name()
        ),
    );
    if let Some(lamp) = facts.lamp {
        paragraph(
            ui,
            format!(
                "Here, at {} tokens: at most {:.1e}, in {}; rounding explains up to {:.0e}.",
                lamp.rows,
                lamp.error,
                lamp.head.name(facts.unit()),
                lamp.tolerance
            ),
        );
    }
}

fn hands(ui: &mut Ui) {
    heading(ui, "Mouse and keys");
    item(
        ui,
        "a click",
        "on a cell or a word selects its token, on a cell of the selected token that head alone; with Ctrl or \
         Shift a head more.",
    );
    item(
        ui,
        "a double click",
        "on a cell shows its head alone, beside all cells the whole.",
    );
    item(
        ui,
        "the wheel",
        "goes towards what is under the pointer, and stops before it.",
    );
    item(
        ui,
        "in flight",
        "W, A, S and D move, E rises, Q sinks, Shift is faster, Alt slower; a drag looks around, the wheel \
         changes the speed, Esc ends it. The other letters rest meanwhile.",
    );
    for navigation in Navigation::ALL {
        item(
            ui,
            &format!("as in {}", navigation.name()),
            &format!("{}.", navigation.meaning()),
        );
    }
    let keys = |name: &str| {
        let all = actions()
            .iter()
            .filter(|action| action.group == Group::Program);
        let keys = all
            .filter(|action| action.name == name)
            .flat_map(|action| &action.keys);
        keys.map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" or ")
    };
    paragraph(
        ui,
        format!(
            "{} shows every key, {} finds every command, word, token and head.",
            keys("keys"),
            keys("every command")
        ),
    );
}
