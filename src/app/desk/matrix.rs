//! The matrix of the head that is shown alone: computed, painted and read as the panel asks.

use std::{sync::Arc, time::Instant};

use super::{Desk, scoring::taken};
use crate::{
    gpu::Pending,
    lattice::HeadId,
    overlay::{MatrixFacts, MatrixPicture},
    score::{Crop, HeadMatrix, MatrixKernels, Measure, Tint},
    session::Colours,
};

/// What a picture of the matrix shows, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Look {
    crop: Crop,
    side: usize,
    full: f32,
    signless: bool,
    colours: Colours,
}

impl Look {
    fn tint(&self) -> Tint {
        Tint {
            full: self.full,
            signless: self.signless,
            palette: self.colours.table(),
        }
    }
}

/// The matrix and what is on its way from it.
#[derive(Default)]
pub(super) struct Matrix {
    kernels: Option<MatrixKernels>,
    /// The head and the measure that were asked for.
    of: Option<(HeadId, Measure)>,
    since: Option<Instant>,
    /// None when it was refused.
    made: Option<HeadMatrix>,
    /// What the picture on show looks like.
    look: Option<Look>,
    painting: Option<(Look, Pending)>,
    number: Option<((usize, usize), Pending)>,
    pictures: u64,
}

impl Matrix {
    /// Lets go of everything about the last run.
    pub fn forget(&mut self) {
        *self = Self {
            kernels: self.kernels.take(),
            pictures: self.pictures,
            ..Self::default()
        };
    }

    /// That of a head in a measure, if it is there.
    pub fn complete(&self, head: HeadId, measure: Measure) -> Option<&HeadMatrix> {
        let is_meant = self.of == Some((head, measure));
        let made = self.made.as_ref().filter(|_| is_meant);
        made.filter(|made| made.is_complete())
    }

    /// Nothing is being computed.
    pub fn is_settled(&self) -> bool {
        self.made.as_ref().is_none_or(HeadMatrix::is_complete)
    }
}

impl Desk {
    /// The matrix on show, painted so many pixels wide and high; none when there is none.
    pub(super) fn painted_matrix(&self, side: usize) -> Option<(MatrixPicture, Pending)> {
        let made = self.matrix.made.as_ref()?;
        let look = Look {
            side,
            ..self.wanted_look()?
        };
        let picture = MatrixPicture {
            serial: u64::MAX,
            crop: look.crop,
            side,
            pixels: Vec::new(),
        };
        Some((picture, made.paint(look.crop, side, &look.tint())))
    }

    /// The panel has the picture that it asked for, if it shows one.
    #[must_use]
    pub fn has_matrix(&self) -> bool {
        let look = &self.matrix.look;
        self.facts.session.bare
            || self.matrix.made.is_none()
            || look.is_some() && *look == self.wanted_look()
    }

    /// Goes on with whatever the panel asks for.
    pub(super) fn follow_matrix(&mut self) {
        let session = &self.facts.session;
        let head = session.heads.single();
        let rests = self.scores.is_some() && !self.writes();
        let wanted = head.filter(|_| session.matrix && rests);
        let wanted = wanted.map(|head| (head, session.measure));
        if self.matrix.of != wanted {
            self.begin_matrix(wanted);
        }
        self.advance_matrix();
        self.paint_matrix();
        self.read_number();
    }

    fn begin_matrix(&mut self, wanted: Option<(HeadId, Measure)>) {
        self.matrix.forget();
        self.matrix.of = wanted;
        self.facts.matrix = None;
        let (Some((head, measure)), Some(scores)) = (wanted, &self.scores) else {
            return;
        };
        let kernels = &mut self.matrix.kernels;
        let kernels = kernels.get_or_insert_with(|| MatrixKernels::new(&self.gpu));
        let place = self
            .facts
            .shape()
            .map_or((head.layer, head.head), |shape| shape.place(head));
        let made = HeadMatrix::new(scores, kernels, place, measure);
        let mut facts = MatrixFacts::new(head, measure);
        match made {
            Ok(made) => self.matrix.made = Some(made),
            Err(error) => facts.refused = Some(error.to_string()),
        }
        self.matrix.since = Some(Instant::now());
        self.facts.matrix = Some(facts);
    }

    fn advance_matrix(&mut self) {
        let (Some(made), Some(facts)) = (&mut self.matrix.made, &mut self.facts.matrix) else {
            return;
        };
        if made.is_complete() {
            return;
        }
        if let Err(error) = made.advance() {
            facts.refused = Some(error.to_string());
            self.matrix.made = None;
            return;
        }
        facts.done = made.done();
        facts.largest = made.largest();
        let since = self.matrix.since;
        facts.seconds = since.map_or(0.0, |since| since.elapsed().as_secs_f64());
        if made.is_complete() {
            bevy::log::info!("matrix of {} in {:.2} s", facts.head, facts.seconds);
        }
    }

    /// What the panel's picture is to look like; none as long as there is none.
    fn wanted_look(&self) -> Option<Look> {
        let (facts, draft) = (&self.facts, &self.drafts.matrix);
        let complete = self.matrix.made.as_ref().filter(|made| made.is_complete());
        complete.filter(|_| draft.side > 0)?;
        Some(Look {
            crop: draft.crop(facts),
            side: draft.side,
            // A NaN is not equal to itself: it would be painted for ever.
            full: facts.matrix_full()?.0.max(0.0),
            signless: facts.session.is_signless(),
            colours: facts.session.colours(),
        })
    }

    fn paint_matrix(&mut self) {
        let look = self.matrix.painting.as_ref().map(|(look, _)| *look);
        let error = &mut self.facts.error;
        if let Some(pixels) = taken(&mut self.matrix.painting, |(_, pending)| pending, error)
            && let (Some(look), Some(facts)) = (look, &mut self.facts.matrix)
        {
            self.matrix.pictures += 1;
            self.matrix.look = Some(look);
            facts.picture = Some(Arc::new(MatrixPicture {
                serial: self.matrix.pictures,
                crop: look.crop,
                side: look.side,
                pixels,
            }));
        }
        if look.is_some() && self.matrix.painting.is_none() && self.matrix.look != look {
            // It cannot be read back, and would not be a second time.
            self.matrix.made = None;
            return;
        }
        let wanted = self.wanted_look();
        if wanted == self.matrix.look || self.matrix.painting.is_some() {
            return;
        }
        if let (Some(look), Some(made)) = (wanted, &self.matrix.made) {
            let painting = made.paint(look.crop, look.side, &look.tint());
            self.matrix.painting = Some((look, painting));
        }
    }

    /// The exact number of the pair under the pointer.
    fn read_number(&mut self) {
        let pair = self.matrix.number.as_ref().map(|(pair, _)| *pair);
        let error = &mut self.facts.error;
        if let Some(number) = taken(&mut self.matrix.number, |(_, pending)| pending, error)
            && let (Some(pair), Some(facts)) = (pair, &mut self.facts.matrix)
        {
            let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(&number);
            bevy::log::debug!("{numbers:?} of {pair:?} in the matrix");
            facts.number = numbers.first().map(|number| (pair, *number));
        }
        let (Some(made), Some(facts)) = (&self.matrix.made, &self.facts.matrix) else {
            return;
        };
        let pointed = self.drafts.matrix.pointed;
        let known = facts.number.map(|(pair, _)| pair);
        let asked = self.matrix.number.as_ref().map(|(pair, _)| *pair);
        if let Some((reader, writer)) = pointed
            && ![known, asked].contains(&pointed)
            && made.is_complete()
            && reader.max(writer) < self.facts.tokens.len()
        {
            self.matrix.number = Some(((reader, writer), made.number(reader, writer)));
        }
    }
}
