//! What the user chose. One value drives the window, `render` and the tests.

mod intent;
mod palette;

pub use intent::Intent;
pub use palette::{Colour, Palette, bytes};

use serde::{Deserialize, Serialize};

use crate::{
    lattice::{HeadId, Shape},
    model::Quantisation,
    score::{Filter, Measure, Scale},
    trace::Precision,
};

/// Every choice that shows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// `demo-v6`, `demo-v7` or a path; empty: none yet.
    pub model: String,
    /// Text to run.
    pub prompt: String,
    /// Of the frames.
    pub precision: Precision,
    /// Of the layers' matrices; like `precision`, it takes effect when the model is opened.
    pub quantisation: Quantisation,
    /// The selected token.
    pub token: Option<usize>,
    /// The only head shown; none: all of them.
    pub head: Option<HeadId>,
    /// The number shown.
    pub measure: Measure,
    /// What full colour stands for.
    pub scale: Scale,
    /// Which arcs are drawn.
    pub filter: Filter,
    /// Colours.
    pub palette: Palette,
    /// Hide panels.
    pub bare: bool,
}

impl Session {
    /// Applies a choice to what is there; `shape` bounds the selection. Intents that ask for work (open,
    /// run …) change nothing here.
    pub fn apply(&mut self, intent: &Intent, shape: Option<Shape>) {
        match intent {
            Intent::SelectToken(token) => self.token = *token,
            Intent::SoloHead(head) => self.head = *head,
            Intent::Back => {
                // First back to all heads, then to no selection.
                if self.head.take().is_none() {
                    self.token = None;
                }
            }
            Intent::StepToken(step) => self.step_token(*step, shape),
            Intent::StepLayer(step) => self.step_head(*step, 0, shape),
            Intent::StepHead(step) => self.step_head(0, *step, shape),
            Intent::Measure(measure) => self.measure = *measure,
            Intent::Scale(scale) => self.scale = *scale,
            Intent::Filter(filter) => self.filter = *filter,
            Intent::Quantise(quantisation) => self.quantisation = *quantisation,
            Intent::Prompt(prompt) => self.prompt.clone_from(prompt),
            Intent::ToggleOverlay => self.bare = !self.bare,
            Intent::Open(model) => {
                self.model.clone_from(model);
                self.token = None;
                self.head = None;
            }
            Intent::Run => {
                self.token = None;
            }
            Intent::Cancel | Intent::FrameAll | Intent::FocusSelection | Intent::DismissError => {}
        }
        if let Some(shape) = shape {
            let last = shape.tokens.checked_sub(1);
            self.token = self.token.zip(last).map(|(token, last)| token.min(last));
            self.head = self
                .head
                .filter(|head| head.layer < shape.layers && head.head < shape.heads);
        }
    }

    fn step_token(&mut self, step: isize, shape: Option<Shape>) {
        let Some(shape) = shape.filter(|shape| shape.tokens > 0) else {
            return;
        };
        self.token = Some(match self.token {
            Some(token) => token.saturating_add_signed(step).min(shape.tokens - 1),
            None if step < 0 => shape.tokens - 1,
            None => 0,
        });
    }

    fn step_head(&mut self, layers: isize, heads: isize, shape: Option<Shape>) {
        let Some(shape) = shape.filter(|shape| shape.rows() > 0) else {
            return;
        };
        self.head = Some(match self.head {
            Some(head) => HeadId {
                layer: head
                    .layer
                    .saturating_add_signed(layers)
                    .min(shape.layers - 1),
                head: head.head.saturating_add_signed(heads).min(shape.heads - 1),
            },
            None => HeadId { layer: 0, head: 0 },
        });
    }
}

#[cfg(test)]
mod tests;
