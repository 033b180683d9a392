//! The text is written on, a token at a time, and goes back and other ways.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bevy::math::Vec3;

use super::{Desk, Wish, events::let_go};
use crate::{
    camera::Along,
    inference::{Command, Ended, Sampler, Written},
    lattice::{Cell, Lattice, Layout, Shape},
    model::token_texts,
    overlay::WritingFacts,
    session::{Write, Writing},
    trace::Trace,
};

/// Ways that were left and are kept.
const MOST_KEPT: usize = 8;
/// Bytes that they may take on the device.
const MOST_BYTES: u64 = 1 << 30;
/// Characters of one that are shown.
const SHOWN: usize = 48;

/// How far the text has been written.
#[derive(Default)]
pub(super) struct Writer {
    /// Tokens to be written before it pauses.
    left: usize,
    /// The run that a token has been asked for.
    asked: Option<u64>,
    /// The next token is not asked for before.
    due: Option<Instant>,
    /// What has been written.
    written: Option<Written>,
    kept: Vec<Way>,
}

/// A way that the text took.
struct Way {
    trace: Arc<Trace>,
    from: usize,
    seed: u64,
}

impl Desk {
    /// A token is on its way, or will be asked for.
    pub(super) fn writes(&self) -> bool {
        self.writer.left > 0 || self.writer.asked.is_some()
    }

    /// Writes no further. What is on its way is not wanted any more.
    pub(super) fn stop_writing(&mut self) {
        self.writer.left = 0;
        self.writer.asked = None;
        self.facts.writing.goes_on = false;
    }

    /// Lets go of all that was written.
    pub(super) fn forget_writing(&mut self) {
        self.writer = Writer::default();
        self.facts.writing = WritingFacts::default();
    }

    /// Does what is asked of the text.
    pub(super) fn write(&mut self, what: Write) {
        if self.facts.written().is_none() {
            return;
        }
        let is_read = |trace: &Arc<Trace>| trace.filled() > trace.first();
        let Some(trace) = self.trace.clone().filter(is_read) else {
            return;
        };
        self.facts.error = None;
        match what {
            Write::Toggle if self.writer.left > 0 => {
                self.writer.left = 0;
                self.log_pause();
            }
            Write::Toggle => self.begin_writing(&trace, self.facts.session.writing.most),
            Write::Step => self.begin_writing(&trace, 1),
            Write::Back => {
                self.stop_writing();
                let tokens = trace.filled() - 1;
                if tokens > trace.first() {
                    self.go_to(Arc::new(trace.until(tokens)));
                }
            }
            Write::Branch => self.branch(&trace),
            Write::Return(way) => self.return_to(trace, way),
        }
        self.facts.writing.goes_on = self.writer.left > 0;
    }

    fn begin_writing(&mut self, trace: &Trace, tokens: usize) {
        // It waits for nothing that is read again.
        if self.is_reading_again() {
            self.worker.cancel();
        }
        self.writer.left = tokens;
        self.writer.due = None;
        self.facts.writing.ended = None;
        let from = &mut self.facts.writing.from;
        from.get_or_insert(trace.filled());
        if self.facts.session.writing.follow {
            self.facts.session.token = trace.filled().checked_sub(1);
            if tokens > 1 {
                self.wish_for(Wish::end());
            }
        }
    }

    /// Takes another way from the selected token on, or from where writing began.
    fn branch(&mut self, trace: &Arc<Trace>) {
        self.stop_writing();
        let filled = trace.filled();
        let selected = self.facts.session.token.map(|token| token + 1);
        let at = selected.filter(|at| *at < filled);
        let at = at.or(self.facts.writing.from).unwrap_or(filled);
        let at = at.clamp(trace.first() + 1, filled);
        let seed = self.facts.session.writing.sampling.seed;
        if at < filled {
            let from = self.facts.writing.from.unwrap_or(filled);
            let trace = trace.clone();
            self.keep_way(Way { trace, from, seed });
            self.facts.writing.from = Some(from.min(at));
            let earlier = self.trace.as_ref().map(|trace| trace.until(at));
            if let Some(earlier) = earlier {
                self.go_to(Arc::new(earlier));
            }
        }
        self.facts.session.writing.sampling.seed = seed.wrapping_add(1).min(Writing::LAST_SEED);
        if let Some(trace) = self.trace.clone() {
            self.begin_writing(&trace, self.facts.session.writing.most);
        }
    }

    fn keep_way(&mut self, way: Way) {
        let kept = &mut self.writer.kept;
        kept.push(way);
        let bytes = |way: &Way| {
            let trace = &way.trace;
            trace.dimensions.trace_bytes(trace.stored(), trace.room())
        };
        while kept.len() > MOST_KEPT || kept.iter().map(bytes).sum::<u64>() > MOST_BYTES {
            kept.remove(0);
        }
        self.name_ways();
    }

    /// Goes back to a way that was left; the one on show takes its place.
    fn return_to(&mut self, trace: Arc<Trace>, way: usize) {
        self.stop_writing();
        let from = self.facts.writing.from.unwrap_or(trace.filled());
        let seed = self.facts.session.writing.sampling.seed;
        let Some(kept) = self.writer.kept.get_mut(way) else {
            return;
        };
        let way = std::mem::replace(kept, Way { trace, from, seed });
        self.facts.writing.from = Some(way.from);
        self.facts.session.writing.sampling.seed = way.seed;
        self.go_to(way.trace);
        self.name_ways();
    }

    /// Asks for the next token when it is time.
    pub(super) fn follow_writing(&mut self) {
        let writer = &self.writer;
        if writer.left == 0 || writer.asked.is_some() || self.facts.is_busy() {
            return;
        }
        let now = Instant::now();
        // Without a window nobody waits.
        if !self.facts.still && writer.due.is_some_and(|due| now < due) {
            return;
        }
        let (Some(trace), Some(from)) = (self.trace.clone(), self.facts.writing.from) else {
            return;
        };
        let writing = &self.facts.session.writing;
        let pause = Duration::from_secs_f32(1.0 / writing.pace.max(*Writing::PACES.start()));
        let written = &trace.tokens[from.min(trace.filled())..trace.filled()];
        let sampler = Sampler::after(writing.sampling, written);
        let id = trace.id;
        // A worker that is too busy is asked again in the next frame.
        if self.worker.ask(Command::GoOn(trace, sampler)) {
            self.writer.asked = Some(id);
            self.writer.due = Some(now + pause);
        }
    }

    /// The token that was asked for is there, or the text ends.
    pub(super) fn take_token(&mut self, from: u64, longer: Option<Arc<Trace>>) {
        if self.writer.asked != Some(from) {
            return;
        }
        self.writer.asked = None;
        match longer {
            None => {
                self.writer.left = 0;
                self.facts.writing.ended = Some(Ended::EndOfText);
            }
            Some(trace) => {
                self.writer.left = self.writer.left.saturating_sub(1);
                self.go_to(trace);
                if self.has_stopped() {
                    self.writer.left = 0;
                    self.facts.writing.ended = Some(Ended::Stop);
                }
            }
        }
        self.facts.writing.goes_on = self.writer.left > 0;
        self.log_pause();
    }

    fn log_pause(&self) {
        if !self.writes() {
            bevy::log::info!("paused after {} tokens", self.facts.tokens.len());
        }
    }

    /// Whether what has been written ends with a text at which it is to pause.
    fn has_stopped(&mut self) -> bool {
        let (Some(trace), Some(from)) = (&self.trace, self.facts.writing.from) else {
            return false;
        };
        let ids = &trace.tokens[from.min(trace.filled())..trace.filled()];
        let Some((last, before)) = ids.split_last() else {
            return false;
        };
        let goes_on = self.writer.written.take();
        let goes_on = goes_on.filter(|written| written.ids() == before);
        let mut written = goes_on.unwrap_or_else(|| {
            let stops = self.facts.session.writing.ends();
            let mut anew = Written::new(self.vocabulary.clone(), stops);
            for id in before {
                let _ = anew.take(*id);
            }
            anew
        });
        let stops = written.take(*last).is_break();
        self.writer.written = Some(written);
        stops
    }

    /// Another choice of how to write holds from the next token on.
    pub(super) fn writing_changed(&mut self) {
        self.writer.written = None;
    }

    /// Another run of the same model, with some tokens more or less, takes the place of the one on show.
    fn go_to(&mut self, trace: Arc<Trace>) {
        let Some(lattice) = self.facts.lattice.clone() else {
            return;
        };
        self.end_preview();
        let follows = self
            .scores
            .as_mut()
            .is_some_and(|scores| scores.follow(&trace));
        let old = (
            self.trace.replace(trace.clone()),
            self.scores.take_if(|_| !follows),
        );
        if !follows {
            // First: making room waits for what is given back.
            self.make_scores(&trace);
            let_go(old.0, old.1);
        }
        self.forget_measured();
        let tokens = trace.filled();
        self.facts.tokens = Arc::new(token_texts(self.vocabulary.as_ref(), &trace.tokens));
        self.facts.surprises = Arc::new(trace.surprises());
        let shape = Shape {
            tokens,
            ..lattice.shape
        };
        let session = &mut self.facts.session;
        // A passage that went to the end still does.
        if let Some(passage) = &mut session.passage
            && passage.end == lattice.shape.tokens
        {
            passage.end = tokens;
        }
        if session.writing.follow {
            session.token = tokens.checked_sub(1);
        }
        session.fit(Some(shape));
        let slots = Some(lattice.slots.clone());
        let new = Lattice::arranged(shape, session.layout, &session.folds, slots);
        if let Some(hover) = &self.facts.hover
            && hover.cell.token >= tokens
        {
            self.facts.hover = None;
        }
        self.view
            .along
            .push(along(&lattice, &new, session.writing.follow));
        self.facts.lattice = Some(new);
        self.followed = None;
    }

    fn name_ways(&mut self) {
        let text = |way: &Way| {
            let ids = &way.trace.tokens[way.from.min(way.trace.filled())..];
            let tokens = token_texts(self.vocabulary.as_ref(), ids);
            let text: String = tokens.iter().map(|token| token.text.as_str()).collect();
            let line = text.replace(['\n', '\r'], " ");
            let skipped = line.chars().count().saturating_sub(SHOWN);
            let end: String = line.chars().skip(skipped).collect();
            let mark = if skipped > 0 { "…" } else { "" };
            format!("seed {}: {mark}{end}", way.seed)
        };
        self.facts.writing.ways = self.writer.kept.iter().map(text).collect();
    }
}

/// How the camera goes along from one lattice to another with some tokens more or less, so that what is in both is seen
/// where it was; with `follows` it is then sent along with the newest token.
fn along(old: &Lattice, new: &Lattice, follows: bool) -> Along {
    let head = new.shape.head(0);
    let x = |lattice: &Lattice, token| lattice.position(Cell { token, head }).x;
    let (from, to) = (old.extent(), new.extent());
    let ratio = |to: f32, from: f32| if from > 0.0 { to / from } else { 1.0 };
    let scale = Vec3::new(
        ratio(to.x, from.x),
        ratio(to.y, from.y),
        ratio(to.z, from.z),
    );
    if new.layout != Layout::Lattice {
        return Along {
            scale,
            radius: ratio(to.length(), from.length()),
            ..Along::default()
        };
    }
    // Rows grow at one end.
    let step = ratio(new.arrangement.step, old.arrangement.step);
    let offset = x(new, 0) - x(old, 0) * step;
    let newest = |lattice: &Lattice| x(lattice, lattice.shape.tokens.saturating_sub(1));
    let then = newest(new) - (newest(old) * step + offset);
    Along {
        scale: scale.with_x(step),
        offset: Vec3::X * offset,
        radius: ratio(new.arrangement.layer.y, old.arrangement.layer.y),
        then: Vec3::X * if follows { then } else { 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Unit;

    fn lattice(tokens: usize, layout: Layout) -> Lattice {
        let shape = Shape {
            tokens,
            layers: 8,
            first_layer: 0,
            heads: 8,
            unit: Unit::Head,
        };
        Lattice::arranged(shape, layout, &[], None)
    }

    /// Cells are where the camera takes them to be.
    #[test]
    fn what_is_in_both_is_seen_where_it_was() {
        for (before, after) in [(3, 4), (20, 21), (104, 105), (300, 299), (300, 301)] {
            let [old, new] = [before, after].map(|tokens| lattice(tokens, Layout::Lattice));
            let along = along(&old, &new, true);
            for token in [0, before.min(after) - 1] {
                for row in [0, 13, 63] {
                    let cell = Cell {
                        token,
                        head: old.shape.head(row),
                    };
                    let found = old.position(cell) * along.scale + along.offset;
                    let off = found.distance(new.position(cell));
                    assert!(off < 2e-2 * new.arrangement.layer.y, "{cell:?}: {off}");
                }
            }
            let newest = |lattice: &Lattice| {
                let token = lattice.shape.tokens - 1;
                let head = lattice.shape.head(0);
                lattice.position(Cell { token, head }).x
            };
            let followed = newest(&old) * along.scale.x + along.offset.x + along.then.x;
            assert!((followed - newest(&new)).abs() < 1e-3);
        }
    }

    #[test]
    fn other_layouts_grow_as_a_whole() {
        for layout in [Layout::Rings, Layout::Grid] {
            let [old, new] = [200, 201].map(|tokens| lattice(tokens, layout));
            let along = along(&old, &new, true);
            let grown = old.extent() * along.scale;
            assert!(grown.distance(new.extent()) < 1e-3 * new.extent().length());
            assert_eq!((along.offset, along.then), (Vec3::ZERO, Vec3::ZERO));
        }
    }
}
