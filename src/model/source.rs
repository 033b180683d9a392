use std::{
    convert::Infallible,
    ffi::OsString,
    fmt::{Display, Formatter},
    path::PathBuf,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// Where a model comes from: `demo-v6`, `demo-v7`, or the path of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Source {
    /// The RWKV-6 demo model.
    DemoV6,
    /// The RWKV-7 demo model.
    DemoV7,
    /// A model file.
    File(PathBuf),
}

impl Source {
    /// Short name for titles: a demo's name, or the file's name without folder and extension.
    #[must_use]
    pub fn name(&self) -> String {
        let Self::File(path) = self else {
            return self.to_string();
        };
        let stem = path.file_stem().unwrap_or(path.as_os_str());
        let stem = stem.to_string_lossy();
        stem.strip_suffix(".st").unwrap_or(&stem).to_owned()
    }
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
