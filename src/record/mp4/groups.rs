use std::{
    collections::VecDeque,
    mem::take,
    thread::{Builder, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, never};

use super::{
    encoder::{GroupEncoder, Sample, Setup},
    room::Room,
};
use crate::record::job::{Job, Trouble, time};

/// Groups of pictures side by side. Each has an encoder and a thread of its own, so that what comes of it depends on
/// its frames only, not on how many others there are; samples are handed out in the clip's order.
pub(super) struct Groups {
    setup: Setup,
    /// Frames a group. Never one, so that two key frames, which would need different ids, do not meet.
    period: u32,
    room: Room,
    /// In the clip's order.
    running: VecDeque<Group>,
    /// Frames that an encoder has or will get.
    waiting: usize,
    /// Memory for further ones.
    spare: Vec<Vec<u8>>,
}

struct Group {
    /// Gone when all its frames have been handed over.
    frames: Option<Sender<Vec<u8>>>,
    done: Receiver<Result<Done, Trouble>>,
    thread: JoinHandle<()>,
    given: u32,
    encoded: u32,
    /// Not handed out yet.
    samples: VecDeque<Sample>,
}

struct Done {
    sample: Sample,
    planes: Vec<u8>,
    spent: Duration,
}

impl Groups {
    pub fn new(setup: Setup, period: u32, room: Room) -> Self {
        Self {
            setup,
            period,
            room,
            running: VecDeque::new(),
            waiting: 0,
            spare: Vec::new(),
        }
    }

    /// Whether [`Self::push`] may be called. Where it may not, there is something to wait for.
    pub fn has_room(&self) -> bool {
        let begins = self.open().is_none();
        self.waiting < self.room.frames && !(begins && self.running.len() >= self.room.encoders)
    }

    /// All frames that came are encoded and handed out.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Memory for the next frame.
    pub fn spare(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// Hands over the next frame.
    pub fn push(&mut self, planes: Vec<u8>) -> Result<(), Trouble> {
        if self.open().is_none() {
            self.running
                .push_back(Group::start(self.setup, self.period)?);
        }
        if let Some(group) = self.running.back_mut() {
            self.waiting += 1;
            group.push(planes, self.period);
        }
        Ok(())
    }

    /// No more frames come.
    pub fn close(&mut self) {
        if let Some(group) = self.running.back_mut() {
            group.frames = None;
        }
    }

    /// Takes what has been encoded; with `wait`, at least one frame of the first group.
    pub fn collect(&mut self, mut wait: bool, job: &mut Job) -> Result<(), Trouble> {
        for group in &mut self.running {
            while let Some(done) = group.next(take(&mut wait))? {
                self.waiting -= 1;
                self.spare.push(done.planes);
                group.samples.push_back(done.sample);
                job.times.encode += done.spent;
                job.shared.one_encoded();
            }
            wait = false;
        }
        Ok(())
    }

    /// The next sample of the clip, if it is there.
    pub fn sample(&mut self) -> Option<Sample> {
        loop {
            let first = self.running.front_mut()?;
            if let Some(sample) = first.samples.pop_front() {
                return Some(sample);
            }
            if first.frames.is_some() || first.encoded < first.given {
                return None;
            }
            self.running.pop_front()?.thread.join().ok();
        }
    }

    /// The group that takes further frames.
    fn open(&self) -> Option<&Group> {
        self.running.back().filter(|group| group.frames.is_some())
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        // With nobody to take its samples, a thread ends after the frame that it is at. All are let go first, so that
        // they do that together.
        for group in &mut self.running {
            group.frames = None;
            group.done = never();
        }
        for group in self.running.drain(..) {
            group.thread.join().ok();
        }
    }
}

impl Group {
    fn start(setup: Setup, period: u32) -> Result<Self, Trouble> {
        // Neither side ever waits for room in these: all frames of a group fit, and all that comes of them.
        let (sender, frames) = bounded(period as usize);
        let (out, done) = bounded(period as usize + 1);
        let work = move || {
            if let Err(trouble) = encode(setup, &frames, &out) {
                out.send(Err(trouble)).ok();
            }
        };
        let thread = Builder::new()
            .name("encoder".into())
            .spawn(work)
            .map_err(|error| Trouble::Encoder(format!("no thread for it: {error}")))?;
        Ok(Self {
            frames: Some(sender),
            done,
            thread,
            given: 0,
            encoded: 0,
            samples: VecDeque::new(),
        })
    }

    fn push(&mut self, planes: Vec<u8>, period: u32) {
        if let Some(frames) = &self.frames {
            // An encoder that takes no more says why when it is asked for this frame.
            frames.send(planes).ok();
            self.given += 1;
        }
        if self.given == period {
            self.frames = None;
        }
    }

    /// The next frame that has been encoded, if there is one.
    fn next(&mut self, wait: bool) -> Result<Option<Done>, Trouble> {
        if self.encoded == self.given {
            return Ok(None);
        }
        let done = if wait {
            self.done.recv().map_err(TryRecvError::from)
        } else {
            self.done.try_recv()
        };
        match done {
            Ok(done) => {
                self.encoded += 1;
                done.map(Some)
            }
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => {
                Err(Trouble::Encoder("the encoder stopped by itself".into()))
            }
        }
    }
}

/// What a group's thread does.
fn encode(
    setup: Setup,
    frames: &Receiver<Vec<u8>>,
    out: &Sender<Result<Done, Trouble>>,
) -> Result<(), Trouble> {
    let mut spent = Duration::ZERO;
    let mut encoder = time(&mut spent, || GroupEncoder::new(setup))?;
    for planes in frames {
        let sample = time(&mut spent, || encoder.encode(&planes))?;
        let done = Done {
            sample,
            planes,
            spent: take(&mut spent),
        };
        if out.send(Ok(done)).is_err() {
            break;
        }
    }
    Ok(())
}
