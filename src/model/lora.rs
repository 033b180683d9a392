use std::{
    convert::Infallible,
    ffi::OsString,
    fmt::{Display, Formatter},
    path::PathBuf,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// A LoRA that is merged into a model as it is read: `FILE` or `FILE=ALPHA`.
///
/// Its matrices A `[rank, in]` and B `[out, rank]` change a weight to W + ALPHA / rank · B A. Without an ALPHA that is
/// the rank, so that B A is added as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Lora {
    /// The file.
    pub file: PathBuf,
    /// ALPHA as in training, which the file does not hold.
    pub alpha: Option<f32>,
}

impl From<&str> for Lora {
    fn from(text: &str) -> Self {
        let parts = text.rsplit_once('=');
        let alpha = |(file, alpha): (&str, &str)| {
            let alpha = alpha.trim().parse::<f32>().ok()?;
            let is_one = alpha.is_finite() && !file.is_empty();
            is_one.then(|| (PathBuf::from(file), Some(alpha)))
        };
        let (file, alpha) = parts
            .and_then(alpha)
            .unwrap_or_else(|| (PathBuf::from(text), None));
        Self { file, alpha }
    }
}

impl From<String> for Lora {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<OsString> for Lora {
    fn from(text: OsString) -> Self {
        match text.to_str() {
            Some(text) => text.into(),
            None => Self {
                file: text.into(),
                alpha: None,
            },
        }
    }
}

impl FromStr for Lora {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<Lora> for String {
    fn from(lora: Lora) -> Self {
        lora.to_string()
    }
}

impl Display for Lora {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.alpha {
            Some(alpha) => write!(f, "{}={alpha}", self.file.display()),
            None => self.file.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_last_equals_sign_is_alpha_if_it_is_a_number() {
        for (text, file, alpha) in [
            ("a/b.pth", "a/b.pth", None),
            ("a/b.pth=32", "a/b.pth", Some(32.0)),
            ("a=b.pth= 0.5", "a=b.pth", Some(0.5)),
            ("r=8.pth", "r=8.pth", None),
            ("b.pth=inf", "b.pth=inf", None),
            ("=3", "=3", None),
        ] {
            let lora = Lora::from(text);
            assert_eq!((lora.file.to_str(), lora.alpha), (Some(file), alpha));
            assert_eq!(Lora::from(lora.to_string()), lora);
        }
    }
}
