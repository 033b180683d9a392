use egui::{
    Color32, Galley, Label, Sense, TextFormat, TextStyle, Ui, Vec2, WidgetInfo, WidgetType,
    text::LayoutJob,
};

use super::{Facts, style};
use crate::{model::text_spans, session::Intent};

/// What the colours of the text mean just now.
pub(super) fn caption(facts: &Facts) -> String {
    let session = &facts.session;
    let (Some(_), Some(shape)) = (session.token, facts.shape()) else {
        return "Click a word, or a cell.".into();
    };
    let (measure, heads) = (session.measure.name(), session.heads.words(shape));
    match session.heads.single() {
        Some(head) => format!("{measure} of {head}"),
        None => format!("{measure}, {} of {heads}", session.pool.name()),
    }
}

/// The text, coloured by the selected token's scores. A click selects a token.
pub(super) fn text(ui: &mut Ui, facts: &Facts, intents: &mut Vec<Intent>) {
    let (job, ends) = layout(ui, facts);
    let (position, galley, response) = Label::new(job)
        .wrap()
        .sense(Sense::click())
        .layout_in_ui(ui);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, galley.text()));
    ui.painter().galley(position, galley.clone(), style::TEXT);
    let Some(pointer) = response
        .interact_pointer_pos()
        .filter(|_| response.clicked())
    else {
        return;
    };
    let clicked = character(&galley, pointer - position);
    let owner = ends.iter().find(|(end, _)| clicked < *end).or(ends.last());
    if let Some((_, token)) = owner {
        intents.push(Intent::SelectToken(Some(*token)));
    }
}

/// The character at a place, or the last of its row. A cursor would be nearest to a gap between two.
fn character(galley: &Galley, place: Vec2) -> usize {
    let mut first = 0;
    for row in &galley.rows {
        if place.y < row.max_y() {
            let x = place.x - row.pos.x;
            let glyph = row.glyphs.iter().position(|glyph| x < glyph.max_x());
            return first + glyph.unwrap_or(row.glyphs.len().saturating_sub(1));
        }
        first += row.char_count_including_newline();
    }
    first
}

/// One section a span of text; with each, where it ends in characters and its first token.
fn layout(ui: &Ui, facts: &Facts) -> (LayoutJob, Vec<(usize, usize)>) {
    let mut job = LayoutJob::default();
    let mut ends = Vec::new();
    let mut characters = 0;
    let font_id = TextStyle::Body.resolve(ui.style());
    let colours = facts.session.colours();
    let signless = facts.session.is_signless();
    // The peak of a mean over many heads is far below full colour: the text is scaled by itself.
    let selected = facts.session.token;
    let peak = facts
        .summary
        .iter()
        .enumerate()
        .filter(|(at, _)| Some(*at) != selected)
        .fold(0.0f32, |peak, (_, value)| peak.max(value.abs()));
    for span in text_spans(&facts.tokens) {
        let is_selected = selected.is_some_and(|token| span.tokens.contains(&token));
        let value = span
            .tokens
            .clone()
            .filter_map(|token| facts.summary.get(token))
            .copied()
            .fold(0.0f32, |most, value| {
                if value.abs() > most.abs() {
                    value
                } else {
                    most
                }
            });
        let ground = if is_selected {
            style::STRONG
        } else if peak > 0.0 && selected.is_some() {
            style::colour(colours.shade(value / peak, signless))
        } else {
            Color32::TRANSPARENT
        };
        let color = if ground == Color32::TRANSPARENT {
            style::TEXT
        } else {
            style::ink_on(ground)
        };
        let shown = span.text.replace('\n', "↵\n").replace('\t', "⇥");
        characters += shown.chars().count();
        let format = TextFormat {
            font_id: font_id.clone(),
            color,
            background: ground,
            line_height: Some(20.0),
            ..Default::default()
        };
        job.append(&shown, 0.0, format);
        ends.push((characters, span.tokens.start));
    }
    (job, ends)
}
