use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::camera::Pose;

/// Nine places to look from again, numbered from 1 as the keys are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bookmarks([Option<Pose>; Self::COUNT]);

impl Bookmarks {
    /// How many there can be.
    pub const COUNT: usize = 9;

    /// Their numbers.
    #[must_use]
    pub fn numbers() -> std::ops::RangeInclusive<usize> {
        1..=Self::COUNT
    }

    /// One of them, if it is there.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<Pose> {
        *self.0.get(number.checked_sub(1)?)?
    }

    /// Keeps a pose, in place of the one that was there; other numbers keep nothing.
    pub fn set(&mut self, number: usize, pose: Pose) {
        let place = number.checked_sub(1).and_then(|at| self.0.get_mut(at));
        if let Some(place) = place {
            *place = Some(pose);
        }
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

impl Serialize for Bookmarks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let there =
            Self::numbers().filter_map(|number| Some((number.to_string(), self.get(number)?)));
        serializer.collect_map(there)
    }
}

impl<'de> Deserialize<'de> for Bookmarks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bookmarks = Self::default();
        for (name, pose) in BTreeMap::<String, Pose>::deserialize(deserializer)? {
            let number = Self::numbers().find(|number| number.to_string() == name);
            let number = number.ok_or_else(|| {
                D::Error::custom(format!(
                    "there is no bookmark {name:?}: they are numbered from 1 to 9"
                ))
            })?;
            bookmarks.set(number, pose);
        }
        Ok(bookmarks)
    }
}
