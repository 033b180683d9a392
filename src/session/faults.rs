//! What a session's file may say that nothing could be shown by.

use std::ops::Range;

use super::{Bookmarks, Session};
use crate::score::{EXPOSURE, Scale};

impl Session {
    /// The first field whose value is out of bounds, and what it should be.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let is_range = |range: &Range<usize>| range.start < range.end;
        if !EXPOSURE.contains(&self.exposure) {
            let (least, most) = (EXPOSURE.start(), EXPOSURE.end());
            let reason = format!("give a number from {least} to {most}");
            return Some(("exposure", reason));
        }
        if let Scale::Fixed(number) = self.scale
            && !(number.is_normal() && number > 0.0)
        {
            return Some(("scale", "give a number, more than 0".to_owned()));
        }
        if let Some(reason) = self.filter.fault() {
            return Some(("filter", reason));
        }
        if self
            .passage
            .as_ref()
            .is_some_and(|passage| !is_range(passage))
        {
            return Some(("passage", "give a start before its end".to_owned()));
        }
        let apart = |both: &[Range<usize>]| both[0].end <= both[1].start;
        if !self.folds.iter().all(is_range) || !self.folds.windows(2).all(apart) {
            let reason = "give passages in order, apart from each other, each start before its end";
            return Some(("folds", reason.to_owned()));
        }
        if let Some(reason) = self.camera.and_then(|pose| pose.fault()) {
            return Some(("camera", reason));
        }
        let places = Bookmarks::numbers().filter_map(|number| self.bookmarks.get(number));
        if let Some(reason) = places.into_iter().find_map(|pose| pose.fault()) {
            return Some(("bookmarks", reason));
        }
        let film = self.film.as_ref()?;
        film.fault().map(|reason| ("film", reason))
    }
}

/// Where a field stands in a session's text, in bytes: its line, or the heading of its table.
pub(super) fn place(text: &str, field: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let own = line.trim_start();
        let name = own.trim_start_matches('[');
        let name = match own.len() == name.len() {
            true => name,
            false => name.strip_prefix("session.").unwrap_or(name),
        };
        let rest = name.strip_prefix(field);
        if rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')) {
            return at;
        }
        at += line.len();
    }
    0
}
