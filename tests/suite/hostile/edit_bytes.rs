//! Good files of bytes, spoiled.

use proptest::{collection::vec, prelude::*, sample::Index};

/// Something done to a file. A place counts from its beginning, its end or anywhere, for headers and directories stand there.
#[derive(Debug, Clone)]
enum Edit {
    Set(Place, u8),
    Flip(Place, u8),
    /// A number where one may stand that is believed.
    Number(Place, u64, bool),
    Insert(Place, Vec<u8>),
    Remove(Place, usize),
    Copy(Place, Place, usize),
    Cut(Index),
}

#[derive(Debug, Clone)]
enum Place {
    First(Index),
    Last(Index),
    Any(Index),
}

/// The part of a file that is edited most.
const END: usize = 6000;

impl Place {
    fn of(&self, length: usize) -> usize {
        let part = END.min(length).max(1);
        match self {
            Self::First(index) => index.index(part),
            Self::Last(index) => length.saturating_sub(1 + index.index(part)),
            Self::Any(index) => index.index(length.max(1)),
        }
    }
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        3 => any::<Index>().prop_map(Place::First),
        2 => any::<Index>().prop_map(Place::Last),
        1 => any::<Index>().prop_map(Place::Any),
    ]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(u64::MAX),
        Just(u64::MAX - 7),
        Just(i64::MAX as u64),
        Just(u64::from(u32::MAX)),
        Just(1 << 31),
        Just(1 << 40),
        (0u32..64).prop_map(|bit| 1 << bit),
        any::<u64>(),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        4 => (place(), 0u8..8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        3 => (place(), number(), any::<bool>()).prop_map(|(at, number, wide)| Edit::Number(at, number, wide)),
        2 => (place(), vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        2 => (place(), 1usize..300).prop_map(|(at, length)| Edit::Remove(at, length)),
        2 => (place(), place(), 1usize..300).prop_map(|(from, to, length)| Edit::Copy(from, to, length)),
        1 => any::<Index>().prop_map(Edit::Cut),
    ]
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match self {
            Self::Set(at, byte) => bytes[at.of(length)] = *byte,
            Self::Flip(at, bit) => bytes[at.of(length)] ^= 1 << bit,
            Self::Number(at, number, wide) => {
                let at = at.of(length);
                let number = number.to_le_bytes();
                let width = if *wide { 8 } else { 4 };
                for (place, byte) in bytes[at..].iter_mut().zip(&number[..width]) {
                    *place = *byte;
                }
            }
            Self::Insert(at, more) => {
                let at = at.of(length);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Remove(at, count) => {
                let at = at.of(length);
                bytes.drain(at..(at + count).min(length));
            }
            Self::Copy(from, to, count) => {
                let from = from.of(length);
                let part = bytes[from..(from + count).min(length)].to_vec();
                let to = to.of(length);
                bytes.splice(to..to, part);
            }
            Self::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
}

/// One of the good files, spoiled; or bytes that only begin as such a file does.
pub fn spoiled(
    good: Vec<Vec<u8>>,
    magic: &'static [&'static [u8]],
) -> impl Strategy<Value = Vec<u8>> {
    let edited = (any::<Index>(), vec(edit(), 1..6)).prop_map(move |(which, edits)| {
        let mut bytes = which.get(&good).clone();
        for edit in &edits {
            edit.apply(&mut bytes);
        }
        bytes
    });
    let random = (any::<Index>(), vec(any::<u8>(), 0..400))
        .prop_map(|(which, bytes)| [which.get(magic), &bytes[..]].concat());
    prop_oneof![9 => edited, 1 => random]
}
