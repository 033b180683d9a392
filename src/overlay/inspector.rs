use egui::{Grid, RichText, Ui, WidgetInfo, WidgetType};

use super::{
    Facts,
    access::{self, Access as _},
    compare, expected as candidates, style,
};
use crate::{
    lattice::HeadId,
    score::{Measure, Statistic},
    session::Intent,
};

/// Candidates shown of those kept.
const SHOWN: usize = 6;
/// Where two runs are compared.
const SHOWN_OF_BOTH: usize = 4;

/// The cell under the pointer or the selection, its scores, and the predictions there.
pub(super) fn inspector(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let token_at = |token: usize| {
        facts
            .tokens
            .get(token)
            .map(|token| style::shown(&token.text))
            .unwrap_or_default()
    };
    let unit = facts.unit();
    match (&facts.hover, facts.session.token) {
        (Some(hover), _) => {
            let cell = hover.cell;
            let name = ui.label(
                RichText::new(format!(
                    "{}   {}",
                    cell.head.name(unit),
                    token_at(cell.token)
                ))
                .color(style::ink(ui.ctx()).strong),
            );
            ui.label(
                RichText::new(format!(
                    "layer {}, {} {}, token {}",
                    cell.head.layer,
                    unit.whole_name(),
                    cell.head.head,
                    cell.token
                ))
                .small()
                .color(style::ink(ui.ctx()).faint),
            );
            if let (Some(selected), Some(scores)) = (facts.session.token, &hover.scores) {
                let relation = match cell.token.cmp(&selected) {
                    std::cmp::Ordering::Less => format!("read by {}", token_at(selected)),
                    std::cmp::Ordering::Equal => "read by itself".to_owned(),
                    std::cmp::Ordering::Greater => format!("reading {}", token_at(selected)),
                };
                ui.label(RichText::new(relation).small());
                if let Some(arc) = &hover.arc {
                    name.spoken();
                    let place = format!("arc {} of {} by strength", arc.place + 1, arc.of);
                    let measure = facts.session.measure.name();
                    let of = if facts.shows_apart() {
                        "difference of "
                    } else {
                        ""
                    };
                    let said = format!("{place}: {of}{measure} {:+.6}", arc.number);
                    let line = ui.label(RichText::new(place).small());
                    line.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &said));
                    line.spoken();
                }
                numbers(ui, facts, scores);
            }
        }
        (None, Some(token)) => {
            ui.label(RichText::new(token_at(token)).color(style::ink(ui.ctx()).strong))
                .spoken();
            let heads = facts.shape().map(|shape| facts.session.heads.words(shape));
            let whole = format!("token {token}, {}", heads.unwrap_or_default());
            ui.label(
                RichText::new(whole)
                    .small()
                    .color(style::ink(ui.ctx()).faint),
            )
            .spoken();
            if let Some(head) = facts.session.heads.single() {
                character(ui, facts, head);
            }
        }
        (None, None) => {
            ui.label(
                RichText::new(unbroken(facts.session.navigation.meaning()))
                    .small()
                    .color(style::ink(ui.ctx()).faint),
            );
            ui.label(
                RichText::new("Click a cell to see what its token reads")
                    .small()
                    .color(style::ink(ui.ctx()).faint),
            );
            ui.label(
                RichText::new(unit.say("Click it again to see that head alone"))
                    .small()
                    .color(style::ink(ui.ctx()).faint),
            );
            ui.label(
                RichText::new("? keys · F1 help · Ctrl+P every command")
                    .small()
                    .color(style::ink(ui.ctx()).faint),
            );
        }
    }
    predictions(ui, facts, intents);
}

/// Every measure of a pair, beside those of the pair that stands for it in another run.
fn numbers(ui: &mut Ui, facts: &Facts, scores: &[f32]) {
    let ink = style::ink(ui.ctx());
    let other = facts.other();
    let theirs = other.and_then(|other| Some((other, other.facts.hover.as_ref()?)));
    let theirs = theirs.and_then(|(other, hover)| Some((other, hover.scores.as_ref()?)));
    let all = |facts: &Facts| {
        let all = Measure::all(facts.version()).iter();
        all.chain(&[Measure::Logit]).copied().collect::<Vec<_>>()
    };
    Grid::new("scores")
        .num_columns(2 + usize::from(theirs.is_some()))
        .spacing([12.0, 2.0])
        .show(ui, |ui| {
            if let Some((other, _)) = theirs {
                ui.label("");
                for name in compare::names(facts, other) {
                    ui.label(RichText::new(name).small().color(ink.faint));
                }
                ui.end_row();
            }
            for (measure, value) in all(facts).into_iter().zip(scores) {
                ui.label(RichText::new(measure.name()).small().color(ink.faint));
                let Some((other, theirs)) = theirs else {
                    ui.label(RichText::new(format!("{value:+.6}")).monospace());
                    ui.end_row();
                    continue;
                };
                let place = all(&other.facts).iter().position(|own| *own == measure);
                let value = [Some(value), place.and_then(|place| theirs.get(place))];
                for value in value {
                    let number = value.map_or_else(String::new, |value| style::number(*value));
                    ui.label(RichText::new(number).small().monospace());
                }
                ui.end_row();
            }
        });
}

/// Parts of a line that are not torn apart where it wraps.
fn unbroken(parts: &str) -> String {
    const SPACE: &str = "\u{a0}";
    let parts = parts.split(" · ").map(|part| part.replace(' ', SPACE));
    parts.collect::<Vec<_>>().join(" · ")
}

/// What one head does with the selected token, in numbers.
fn character(ui: &mut Ui, facts: &Facts, head: HeadId) {
    let statistics = facts
        .shape()
        .and_then(|shape| facts.statistics.get(shape.row(head)));
    let Some(statistics) = statistics else { return };
    Grid::new("character")
        .num_columns(4)
        .spacing([6.0, 2.0])
        .show(ui, |ui| {
            // Two beside each other, so that what is expected next has room below.
            for (place, statistic) in Statistic::ALL.into_iter().enumerate() {
                let name = RichText::new(statistic.name())
                    .small()
                    .color(style::ink(ui.ctx()).faint);
                let meaning = match statistic {
                    Statistic::Itself => facts.session.measure.diagonal(facts.version()).to_owned(),
                    _ => facts.unit().say(statistic.meaning()),
                };
                ui.label(name).on_hover_text(meaning);
                let number = style::number(statistics[statistic.index()]);
                ui.label(RichText::new(number).monospace().small());
                if place % 2 == 1 {
                    ui.end_row();
                }
            }
        });
}

fn predictions(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let other = facts.other().filter(|_| !facts.compares_interventions());
    let Some(other) = other else {
        return expected(ui, facts, "expected next", SHOWN, Some(intents));
    };
    let [here, there] = compare::names(facts, other);
    let name = |of: &str| format!("expected next, {of}");
    // Numbers of a cell or of a head take room.
    let shown = match (&facts.hover, facts.session.heads.single()) {
        (Some(_), _) => 1,
        (None, Some(_)) => SHOWN_OF_BOTH / 2,
        (None, None) => SHOWN_OF_BOTH,
    };
    expected(ui, facts, &name(&here), shown, Some(intents));
    expected(ui, &other.facts, &name(&there), shown, None);
}

/// The most probable candidates, and the token that came. With `intents` one can be chosen.
fn expected(
    ui: &mut Ui,
    facts: &Facts,
    name: &str,
    shown: usize,
    mut intents: Option<&mut Vec<Intent>>,
) {
    let Some((position, prediction, texts)) = &facts.prediction else {
        return;
    };
    let came = facts.tokens.get(position + 1).map(|token| token.id);
    let inside = facts.inside.as_ref().filter(|own| own.token == *position);
    let target = inside
        .and_then(|own| own.push.as_ref())
        .map(|push| push.target);
    // Of the token that is pointed at nothing is taken apart.
    let can_choose = facts.session.token == Some(*position) && facts.written().is_some();
    ui.add_space(6.0);
    ui.label(
        RichText::new(name)
            .small()
            .color(style::ink(ui.ctx()).faint),
    );
    for (rank, (candidate, text)) in prediction.top.iter().zip(texts).enumerate() {
        let is_real = came == Some(candidate.id);
        // The token that really came is shown wherever it ranks among those kept.
        if rank >= shown && !is_real {
            continue;
        }
        let row = candidates::candidate(
            ui,
            &candidates::Candidate {
                rank: &(rank + 1).to_string(),
                id: None,
                text: &text.text,
                probability: candidate.probability,
                came: is_real,
                chosen: target == Some(candidate.id),
            },
        );
        if let Some(intents) = intents.as_mut().filter(|_| can_choose) {
            // A widget of its own: the row's gives the keyboard back in every frame.
            let id = row.id.with("target");
            let row = ui.interact(row.rect, id, egui::Sense::click());
            let row = row.named(&text.text);
            access::ring(ui, &row, row.rect);
            let says = "Click: which arcs push its logit up, and which down";
            if row.on_hover_text(says).clicked() {
                intents.push(Intent::Target(Some(candidate.id)));
            }
        }
    }
}
