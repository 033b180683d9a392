use std::{
    convert::Infallible,
    ffi::OsString,
    fmt::{Display, Formatter},
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::files::folder_of;

/// Where a model comes from: `demo-v6`, `demo-v7`, or the path of a file or of a folder with one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Source {
    /// The RWKV-6 demo model.
    DemoV6,
    /// The RWKV-7 demo model.
    DemoV7,
    /// A model file, or a folder with a model.
    File(PathBuf),
}

/// What Hugging Face calls the files of every model, the first that is there first: the folder has the name.
pub(super) const NAMELESS: [&str; 4] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
];

impl Source {
    /// Short name for titles: a demo's name, the file's name without folder and extension, or that of its folder
    /// where files have none of their own.
    #[must_use]
    pub fn name(&self) -> String {
        let Self::File(path) = self else {
            return self.to_string();
        };
        let own = path.file_name().and_then(|own| own.to_str());
        let folder = match own {
            Some(own) if NAMELESS.contains(&own) => folder_name(folder_of(path)),
            _ if path.is_dir() => folder_name(path),
            _ => None,
        };
        if let Some(folder) = folder {
            return folder;
        }
        let stem = path.file_stem().unwrap_or(path.as_os_str());
        let stem = stem.to_string_lossy();
        stem.strip_suffix(".st").unwrap_or(&stem).to_owned()
    }
}

/// A folder's name; in Hugging Face's cache, where that is a number, the model's.
fn folder_name(folder: &Path) -> Option<String> {
    // `.` and `..` have no name of their own.
    let whole = folder.canonicalize().ok();
    let folder = whole.as_deref().unwrap_or(folder);
    let parent = folder.parent()?;
    let name = folder.file_name()?.to_string_lossy();
    if parent.file_name().is_some_and(|name| name == "snapshots") {
        let cached = parent.parent()?.file_name()?.to_string_lossy();
        let name = cached.rsplit("--").next().unwrap_or(&cached);
        return Some(name.to_owned());
    }
    Some(name.into_owned())
}

impl From<OsString> for Source {
    fn from(text: OsString) -> Self {
        match text.to_str() {
            Some("demo-v6") => Self::DemoV6,
            Some("demo-v7") => Self::DemoV7,
            _ => Self::File(PathBuf::from(text)),
        }
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        OsString::from(text).into()
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        OsString::from(text).into()
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        path.into_os_string().into()
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DemoV6 => f.write_str("demo-v6"),
            Self::DemoV7 => f.write_str("demo-v7"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
