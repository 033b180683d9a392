use egui::{Grid, RichText, Ui};

use super::{Facts, expected, style};

/// Candidates shown of those kept.
const SHOWN: usize = 6;

/// The cell under the pointer or the selection, its scores, and the predictions there.
pub(super) fn inspector(ui: &mut Ui, facts: &Facts) {
    let token_at = |token: usize| {
        facts
            .tokens
            .get(token)
            .map(|token| style::shown(&token.text))
            .unwrap_or_default()
    };
    match (&facts.hover, facts.session.token) {
        (Some(hover), _) => {
            let cell = hover.cell;
            ui.label(
                RichText::new(format!("{}   {}", cell.head, token_at(cell.token)))
                    .color(style::STRONG),
            );
            ui.label(
                RichText::new(format!(
                    "layer {}, head {}, token {}",
                    cell.head.layer, cell.head.head, cell.token
                ))
                .small()
                .color(style::FAINT),
            );
            if let (Some(selected), Some([rwk, share, wk])) = (facts.session.token, hover.scores) {
                let relation = match cell.token.cmp(&selected) {
                    std::cmp::Ordering::Less => format!("read by {}", token_at(selected)),
                    std::cmp::Ordering::Equal => "read by itself".to_owned(),
                    std::cmp::Ordering::Greater => format!("reading {}", token_at(selected)),
                };
                ui.label(RichText::new(relation).small());
                Grid::new("scores")
                    .num_columns(2)
                    .spacing([12.0, 2.0])
                    .show(ui, |ui| {
                        for (name, value) in [
                            ("R-WK score", rwk),
                            ("contribution share", share),
                            ("W-K norm", wk),
                        ] {
                            ui.label(RichText::new(name).small().color(style::FAINT));
                            ui.label(RichText::new(format!("{value:+.6}")).monospace());
                            ui.end_row();
                        }
                    });
            }
        }
        (None, Some(token)) => {
            ui.label(RichText::new(token_at(token)).color(style::STRONG));
            let whole = match facts.session.head {
                Some(head) => format!("token {token}, {head}"),
                None => format!("token {token}, all heads"),
            };
            ui.label(RichText::new(whole).small().color(style::FAINT));
        }
        (None, None) => {
            ui.label(
                RichText::new("Drag to orbit, scroll to zoom")
                    .small()
                    .color(style::FAINT),
            );
            ui.label(
                RichText::new("Click a cell to see what its token reads")
                    .small()
                    .color(style::FAINT),
            );
            ui.label(
                RichText::new("Click it again to see that head alone")
                    .small()
                    .color(style::FAINT),
            );
            ui.label(
                RichText::new("Esc back · arrows step · Home all · F focus")
                    .small()
                    .color(style::FAINT),
            );
        }
    }
    predictions(ui, facts);
}

fn predictions(ui: &mut Ui, facts: &Facts) {
    let Some((position, prediction, texts)) = &facts.prediction else {
        return;
    };
    let came = facts.tokens.get(position + 1).map(|token| token.id);
    ui.add_space(6.0);
    ui.label(RichText::new("expected next").small().color(style::FAINT));
    for (rank, (candidate, text)) in prediction.top.iter().zip(texts).enumerate() {
        let is_real = came == Some(candidate.id);
        // The token that really came is shown wherever it ranks among those kept.
        if rank >= SHOWN && !is_real {
            continue;
        }
        expected::candidate(
            ui,
            &expected::Candidate {
                rank: &(rank + 1).to_string(),
                id: None,
                text: &text.text,
                probability: candidate.probability,
                came: is_real,
            },
        );
    }
}
