//! However many encoders work side by side, the clip is the same.

use std::io::Cursor;

use super::frame;
use crate::record::{
    Settings, Times,
    job::{Encode, Job, Shared, Trouble},
    mp4::{Mp4, Room},
};

/// Three frames a second make groups of six.
fn settings(width: u32, frames: u32) -> Settings {
    Settings {
        poster: None,
        ..Settings::new(width, 32, 3, frames)
    }
}

fn room(encoders: usize, frames: usize) -> Room {
    Room { encoders, frames }
}

fn start(room: Room, settings: &Settings) -> Box<Mp4<Cursor<Vec<u8>>>> {
    Box::new(Mp4::with(room, Cursor::new(Vec::new()), settings).expect("it starts"))
}

fn push(mp4: &mut dyn Encode<Cursor<Vec<u8>>>, width: u32, job: &mut Job) -> Result<(), Trouble> {
    let taken = job.shared.progress(0).taken;
    job.shared.one_taken();
    mp4.frame(&frame(width, 32, taken), job)
}

fn job(shared: &Shared) -> Job<'_> {
    let times = Times::default();
    Job { shared, times }
}

fn encode(room: Room, frames: u32) -> Vec<u8> {
    let shared = Shared::default();
    let mut job = job(&shared);
    let mut mp4 = start(room, &settings(32, frames));
    (0..frames).for_each(|_| push(&mut *mp4, 32, &mut job).expect("taken"));
    let clip = mp4.finish(&mut job).expect("finished").into_inner();
    assert_eq!(shared.progress(frames).encoded, frames);
    assert!(!job.times.encode.is_zero() && !job.times.convert.is_zero());
    clip
}

#[test]
fn the_file_is_the_same_for_any_number_of_encoders() {
    // Four groups and one frame more; the last of a group; less than a group.
    for frames in [25, 24, 5, 1] {
        let one = encode(room(1, 2), frames);
        assert!(one == encode(room(1, 2), frames), "{frames} frames again");
        for (encoders, waiting) in [(2, 1), (2, 100), (4, 3), (4, 100), (9, 100)] {
            let several = encode(room(encoders, waiting), frames);
            assert!(
                one == several,
                "{frames} frames with {encoders} encoders and room for {waiting}"
            );
        }
    }
}

#[test]
fn cancelled_while_several_encode() {
    for pushed in [1, 6, 7, 20] {
        let shared = Shared::default();
        let mut job = job(&shared);
        let mut mp4 = start(room(4, 100), &settings(32, 25));
        (0..pushed).for_each(|_| push(&mut *mp4, 32, &mut job).expect("taken"));
        shared.cancel();
        let next = push(&mut *mp4, 32, &mut job);
        assert!(matches!(next, Err(Trouble::Cancelled)), "{next:?}");
        assert!(matches!(mp4.finish(&mut job), Err(Trouble::Cancelled)));
    }
}

#[test]
fn an_encoder_that_fails_ends_the_clip() {
    // More than OpenH264 takes; Settings::check, which says so before, is not asked here.
    let width = 3842;
    for room in [room(1, 2), room(3, 100)] {
        let shared = Shared::default();
        let mut job = job(&shared);
        let mut mp4 = start(room, &settings(width, 25));
        let pushed = (0..25).try_for_each(|_| push(&mut *mp4, width, &mut job));
        let failed = pushed.and_then(|()| mp4.finish(&mut job).map(drop));
        let Err(Trouble::Encoder(reason)) = failed else {
            panic!("{failed:?}");
        };
        assert!(reason.contains("3840x2160"), "{reason}");
    }
}
