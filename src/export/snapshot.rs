use std::sync::Arc;

use super::ExportError;
use crate::{
    lattice::{HeadId, Shape},
    model::{TokenText, Version},
    score::Measure,
    session::{Export, Session},
};

/// What an export is made from: the session, and what came of it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What is chosen.
    pub session: Session,
    /// The model's short name.
    pub model: String,
    /// Its version.
    pub version: Version,
    /// Counts of the lattice.
    pub shape: Shape,
    /// The tokens.
    pub tokens: Arc<Vec<TokenText>>,
    /// One value a token, in parts of full colour; empty with nothing selected.
    pub summary: Vec<f32>,
    /// Full colour of each head, then the largest |value|; empty with nothing selected.
    pub scales: Vec<f32>,
    /// −ln p of each token given those before it, in nats; none for the first.
    pub surprises: Arc<Vec<Option<f32>>>,
}

impl Snapshot {
    /// Whether what is asked for can be had of a session.
    ///
    /// # Errors
    /// When it needs a selected token, or one head alone.
    pub fn require(session: &Session, what: Export) -> Result<(), ExportError> {
        match what {
            Export::Row | Export::Column if session.token.is_none() => {
                Err(ExportError::NoToken(what.name()))
            }
            Export::Matrix if session.heads.single().is_none() => Err(ExportError::NotOneHead),
            _ => Ok(()),
        }
    }

    /// The same of what there is.
    ///
    /// # Errors
    /// Those of [`Snapshot::require`], and when the model has no such measure.
    pub fn require_all(&self, what: Export) -> Result<(), ExportError> {
        let (measure, version) = (self.session.measure, self.version);
        let has = Measure::all(version).contains(&measure);
        if !has && (measure, what) != (Measure::Logit, Export::Row) {
            return Err(ExportError::NoMeasure { version, measure });
        }
        Self::require(&self.session, what)
    }

    /// The heads on show, in order.
    #[must_use]
    pub fn heads(&self) -> Vec<HeadId> {
        let all = (0..self.shape.rows()).map(|row| self.shape.head(row));
        all.filter(|head| self.session.heads.has(*head)).collect()
    }

    /// How a token is written in a table: as it is, but for characters that programs choke on.
    pub(super) fn text(&self, token: usize) -> String {
        let text = self.tokens.get(token).map_or("", |token| &token.text);
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\t' | '\n' | '\r' => out.push(c),
                c if c.is_control() => {
                    out += &crate::model::visible(c.encode_utf8(&mut [0; 4]));
                }
                c => out.push(c),
            }
        }
        out
    }

    pub(super) fn id(&self, token: usize) -> u32 {
        self.tokens.get(token).map_or(0, |token| token.id)
    }
}
