use std::{
    fmt::{Display, Formatter},
    str::FromStr,
};

use super::{CATALOGUE, DownloadError};

/// A file of a repository: `OWNER/REPOSITORY/FILE`, at its main revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    repository: String,
    path: String,
}

impl Place {
    /// `OWNER/REPOSITORY`.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The file's path in it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file's own name.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

impl FromStr for Place {
    type Err = DownloadError;

    /// A short name of the catalogue, or a place.
    fn from_str(text: &str) -> Result<Self, DownloadError> {
        let known = CATALOGUE.iter().find(|known| known.name == text);
        let place = known.map_or(text, |known| known.place);
        let unknown = || DownloadError::Unknown {
            name: text.chars().take(200).collect(),
        };
        let parts: Vec<&str> = place.split('/').collect();
        if parts.len() < 3 || !parts.iter().all(|part| is_plain(part)) {
            return Err(unknown());
        }
        Ok(Self {
            repository: parts[..2].join("/"),
            path: parts[2..].join("/"),
        })
    }
}

/// `OWNER/REPOSITORY` and no more.
pub(super) fn require_repository(text: &str) -> Result<(), DownloadError> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.len() == 2 && parts.iter().all(|part| is_plain(part)) {
        true => Ok(()),
        false => Err(DownloadError::Unknown {
            name: text.chars().take(200).collect(),
        }),
    }
}

/// A part of a path that means itself in an address and on any disk.
fn is_plain(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    !part.is_empty() && part.chars().all(plain) && !part.starts_with('.')
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.repository, self.path)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_or_a_place() {
        let place: Place = "rwkv7-world-0.1b".parse().expect("it is known");
        assert_eq!(place.repository(), "BlinkDL/rwkv-7-world");
        let file = "RWKV-x070-World-0.1B-v2.8-20241210-ctx4096.pth";
        assert_eq!((place.path(), place.file_name()), (file, file));
        let place: Place = "a/b/c/d.st".parse().expect("it is a place");
        assert_eq!(place.to_string(), "a/b/c/d.st");
        assert_eq!(place.file_name(), "d.st");
        for wrong in [
            "",
            "rwkv7",
            "a/b",
            "a/b/../c.st",
            "a/b/",
            "/a/b/c",
            "a/b/c?d",
            "a/b/.c",
        ] {
            let error = wrong.parse::<Place>().expect_err(wrong);
            assert!(matches!(error, DownloadError::Unknown { .. }), "{error}");
        }
    }

    #[test]
    fn the_catalogue_names_models_once_and_places_that_can_be() {
        let names: BTreeSet<_> = CATALOGUE.iter().map(|known| known.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
        for known in CATALOGUE {
            let place: Place = known.place.parse().expect(known.place);
            let file = place.file_name();
            assert!(file.ends_with(".pth") || file.ends_with(".st"), "{file}");
        }
    }
}
