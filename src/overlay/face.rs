use std::{cmp::Reverse, collections::BTreeSet};

use fontdb::{Database, FaceInfo, Style};
use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
    outline::{DrawSettings, OutlinePen},
};

/// Families to take before all others, most wanted first.
const CHINESE: [&str; 8] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Hiragino Sans GB",
];
const JAPANESE: [&str; 7] = [
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans",
    "Hiragino Sans",
    "Yu Gothic",
    "Meiryo",
    "IPAexGothic",
];
const KOREAN: [&str; 5] = [
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Apple SD Gothic Neo",
    "Malgun Gothic",
    "NanumGothic",
];
const ANY: [&str; 2] = ["Droid Sans Fallback", "Noto Sans"];

/// Characters whose outlines are looked at: faces with pictures in place of outlines have none at all.
const DRAWN: usize = 8;

/// A face of the system.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Its family and style.
    pub name: String,
    /// The whole file. egui keeps faces for good, and copies what is not static.
    pub bytes: &'static [u8],
    /// Which face of the file.
    pub index: u32,
    /// Which of the wanted characters it has.
    pub covers: BTreeSet<char>,
}

impl Face {
    /// The face with most of the wanted characters; one for the script that they are of, if it has at
    /// least half of them.
    #[must_use]
    pub fn find(database: &Database, wanted: &[char]) -> Option<Self> {
        let families = families(wanted);
        let rank = |info: &FaceInfo, covers: &BTreeSet<char>| {
            let name = family(info);
            let place = families.iter().position(|family| *family == name);
            let preferred = place.filter(|_| 2 * covers.len() >= wanted.len());
            (
                preferred.is_none(),
                Reverse(covers.len()),
                preferred,
                info.style != Style::Normal,
                info.monospaced,
                name.contains("Serif"),
                info.weight.0.abs_diff(400),
                info.post_script_name.clone(),
                info.index,
            )
        };
        let found = database.faces().filter_map(|info| {
            let covers = database.with_face_data(info.id, |bytes, index| {
                covered(bytes, index, wanted).unwrap_or_default()
            })?;
            (!covers.is_empty()).then(|| (rank(info, &covers), info, covers))
        });
        let (_, info, covers) = found.min_by(|(a, ..), (b, ..)| a.cmp(b))?;
        let bytes = database.with_face_data(info.id, |bytes, _| bytes.to_vec())?;
        Some(Self {
            name: info.post_script_name.clone(),
            bytes: bytes.leak(),
            index: info.index,
            covers,
        })
    }
}

fn family(info: &FaceInfo) -> &str {
    // The first name is the English one.
    info.families.first().map_or("", |(name, _)| name)
}

/// The families for the script of most use: kana are Japanese, Hangul is Korean.
fn families(wanted: &[char]) -> Vec<&'static str> {
    let has = |range: std::ops::RangeInclusive<char>| wanted.iter().any(|c| range.contains(c));
    let [first, second, third]: [&[_]; 3] = if has('\u{3040}'..='\u{30FF}') {
        [&JAPANESE, &CHINESE, &KOREAN]
    } else if has('\u{AC00}'..='\u{D7FF}') {
        [&KOREAN, &CHINESE, &JAPANESE]
    } else {
        [&CHINESE, &JAPANESE, &KOREAN]
    };
    [first, second, third, &ANY].concat()
}

/// Which characters a face draws; none when egui could not read it, for then it would panic.
fn covered(bytes: &[u8], index: u32, wanted: &[char]) -> Option<BTreeSet<char>> {
    let face = FontRef::from_index(bytes, index).ok()?;
    let characters = face.charmap();
    let outlines = face.outline_glyphs();
    let there: Vec<_> = wanted
        .iter()
        .filter_map(|c| Some((*c, characters.map(*c)?)))
        .collect();
    let draws = there.iter().take(DRAWN).any(|(_, glyph)| {
        let mut ink = Ink(false);
        let plain = DrawSettings::unhinted(Size::new(16.0), LocationRef::default());
        outlines
            .get(*glyph)
            .is_some_and(|outline| outline.draw(plain, &mut ink).is_ok() && ink.0)
    });
    draws.then(|| there.into_iter().map(|(c, _)| c).collect())
}

/// Whether anything was drawn.
struct Ink(bool);

impl OutlinePen for Ink {
    fn move_to(&mut self, _: f32, _: f32) {}
    fn line_to(&mut self, _: f32, _: f32) {
        self.0 = true;
    }
    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {
        self.0 = true;
    }
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        self.0 = true;
    }
    fn close(&mut self) {}
}
