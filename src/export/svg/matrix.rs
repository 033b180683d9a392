use std::{fmt::Display, io};

use super::{
    MARGIN,
    bar::{self, bar},
    base64::base64,
    formula,
    metrics::advance,
    note,
    page::{Hex, Page},
    px,
    raster::png,
    short, ticks, token_name,
};
use crate::{export::matrix::Matrix, score::number};

/// Points of the picture from edge to edge, if its cells allow it.
const SIDE: f32 = 520.0;
const LEAST_SIDE: f32 = 260.0;
/// Points of a cell.
const MOST_CELL: f32 = 20.0;
/// Points between two labels of an axis.
const APART: f32 = 11.5;
const LABEL: f32 = 9.5;
/// Between a token and its number: other spaces in a row would become one.
const GAP: &str = "\u{A0}\u{A0}";
/// The most characters of a token on an axis.
const LETTERS: usize = 14;

/// The matrix with its axes and what its colours mean.
pub(in crate::export) fn matrix(matrix: &Matrix<'_>) -> io::Result<String> {
    let of = matrix.of;
    let count = matrix.tokens.len() as f32;
    let cell = (SIDE / count).min(MOST_CELL).max(LEAST_SIDE / count);
    let side = cell * count;
    let labels = labels(matrix, cell);
    let longest = labels.iter().map(|(_, text)| text.width);
    let longest = longest.fold(0.0, f32::max);
    let beside = longest + 30.0;
    let head = 44.0;
    let sheet = Sheet {
        left: MARGIN + beside,
        top: MARGIN + head + beside,
        side,
        cell,
    };
    let mut page = Page::new(of.session.colours());
    let head = matrix.head.name(of.shape.unit);
    let title = format!("{} of {head}", of.session.measure_name());
    let strong = page.inks.strong;
    page.words(MARGIN, MARGIN + 12.0, 14.0, strong, &[], &title);
    formula(&mut page, (MARGIN, MARGIN + 29.0), of);
    let width = sheet.left + side + MARGIN;
    let right = width - MARGIN;
    note(&mut page, (right, MARGIN + 12.0), "end", &of.model);

    sheet.picture(&mut page, &png(matrix)?);
    sheet.axes(&mut page, matrix, &labels);
    sheet.selection(&mut page, matrix);

    let mut y = sheet.top + side + 18.0;
    let (full, what) = matrix.full;
    if full > 0.0 {
        let signless = of.session.is_signless();
        let ends = ticks(&number(full), signless);
        bar(
            &mut page,
            (sheet.left, y),
            side.min(260.0),
            &of.session,
            &ends,
        );
        y += bar::HEIGHT + 12.0;
        note(
            &mut page,
            (sheet.left, y),
            "start",
            &format!("full colour: {what}"),
        );
        y += 14.0;
    }
    if let Some(token) = of.session.token {
        note(
            &mut page,
            (sheet.left, y),
            "start",
            &format!("outlined: {}", token_name(of, token)),
        );
        y += 14.0;
    }
    Ok(page.finish(width, y + MARGIN - 14.0 + 4.0, &title))
}

/// A token's name on an axis.
struct Label {
    text: String,
    width: f32,
}

/// The tokens that have a name on the axes, by their place: 1, 2 or 5 × 10ⁿ from one to the next.
fn labels(matrix: &Matrix<'_>, cell: f32) -> Vec<(usize, Label)> {
    let mut steps = (0..).flat_map(|power| [1, 2, 5].map(|step| step * 10usize.pow(power)));
    let step = steps.find(|step| *step as f32 * cell >= APART).unwrap_or(1);
    let selected = matrix.of.session.token;
    // Room for the selected token's own.
    let apart = |token: usize| selected.is_none_or(|selected| selected.abs_diff(token) * 2 >= step);
    let first = matrix.tokens.start;
    let shown = matrix
        .tokens
        .clone()
        .filter(|token| Some(*token) == selected || token % step == 0 && apart(*token));
    let label = |token: usize| {
        let text = matrix.of.tokens.get(token).map_or("", |token| &token.text);
        let text = short(text, LETTERS);
        let index = format!("{GAP}{token}");
        let width = advance(&text, LABEL) + advance(&index, LABEL);
        (token - first, Label { text, width })
    };
    shown.map(label).collect()
}

/// Where cells are.
struct Sheet {
    left: f32,
    top: f32,
    side: f32,
    cell: f32,
}

impl Sheet {
    fn picture(&self, page: &mut Page, png: &[u8]) {
        let source = format!("data:image/png;base64,{}", base64(png));
        let image: [(&str, &dyn Display); 8] = [
            ("x", &px(self.left)),
            ("y", &px(self.top)),
            ("width", &px(self.side)),
            ("height", &px(self.side)),
            ("preserveAspectRatio", &"none"),
            // Cells have edges; the second way is for programs that do not know the first.
            ("style", &"image-rendering:pixelated"),
            ("image-rendering", &"optimizeSpeed"),
            ("xlink:href", &source),
        ];
        page.leaf("image", &image);
        let faint = Hex(page.inks.faint);
        let frame: [(&str, &dyn Display); 8] = [
            ("x", &px(self.left)),
            ("y", &px(self.top)),
            ("width", &px(self.side)),
            ("height", &px(self.side)),
            ("fill", &"none"),
            ("stroke", &faint),
            ("stroke-width", &0.5),
            ("stroke-opacity", &0.7),
        ];
        page.leaf("rect", &frame);
    }

    /// Writers to the right, readers down.
    fn axes(&self, page: &mut Page, matrix: &Matrix<'_>, labels: &[(usize, Label)]) {
        let (left, top) = (self.left, self.top);
        let ink = page.inks.text;
        let middle: (&str, &dyn Display) = ("text-anchor", &"middle");
        let centre = self.side * 0.5;
        let title = top
            - labels
                .iter()
                .fold(0.0, |most, (_, label)| label.width.max(most))
            - 14.0;
        page.words(left + centre, title, 11.0, ink, &[middle], "writer s →");
        let x = left - (top - title);
        let turn = format!("rotate(-90 {} {})", px(x), px(top + centre));
        let turned: (&str, &dyn Display) = ("transform", &turn);
        page.words(x, top + centre, 11.0, ink, &[middle, turned], "← reader t");
        let selected = matrix.of.session.token;
        for (place, label) in labels {
            let token = matrix.tokens.start + place;
            let is_selected = Some(token) == selected;
            let ink = if is_selected {
                page.inks.strong
            } else {
                page.inks.text
            };
            let weight = if is_selected { "bold" } else { "normal" };
            let weight: (&str, &dyn Display) = ("font-weight", &weight);
            let at = (*place as f32 + 0.5) * self.cell;
            // To the middle of small letters.
            let base = LABEL * 0.33;
            let faint = Hex(page.inks.faint);
            let index = |page: &mut Page, words: &str| {
                page.open("tspan", &[("fill", &faint)]);
                page.say(words);
                page.end_inline("tspan");
            };
            page.open_words(
                left - 5.0,
                top + at + base,
                LABEL,
                ink,
                &[("text-anchor", &"end"), weight],
            );
            index(page, &format!("{token}{GAP}"));
            page.say(&label.text);
            page.close("text");
            let (x, y) = (left + at + base, top - 5.0);
            let turn = format!("rotate(-90 {} {})", px(x), px(y));
            page.open_words(x, y, LABEL, ink, &[("transform", &turn), weight]);
            page.say(&label.text);
            index(page, &format!("{GAP}{token}"));
            page.close("text");
        }
    }

    /// The selected token's row and column, up to the diagonal and from it on.
    fn selection(&self, page: &mut Page, matrix: &Matrix<'_>) {
        let selected = matrix.of.session.token;
        let Some(token) = selected.filter(|token| matrix.tokens.contains(token)) else {
            return;
        };
        let at = (token - matrix.tokens.start) as f32 * self.cell;
        let strong = Hex(page.inks.strong);
        let rest = self.side - at;
        for (x, y, width, height) in [
            (0.0, at, at + self.cell, self.cell),
            (at, at, self.cell, rest),
        ] {
            let outline: [(&str, &dyn Display); 8] = [
                ("x", &px(self.left + x)),
                ("y", &px(self.top + y)),
                ("width", &px(width)),
                ("height", &px(height)),
                ("fill", &"none"),
                ("stroke", &strong),
                ("stroke-width", &0.75),
                ("stroke-opacity", &0.65),
            ];
            page.leaf("rect", &outline);
        }
    }
}
