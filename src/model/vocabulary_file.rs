//! Vocabulary files: `.txt` with `ID literal LENGTH` on each line, and `.json` from id to text or bytes.

use serde::Deserialize;

use super::{ModelError, error::one_line, literal, pairs::Pairs};

/// Tokens of a vocabulary file, told by its first character; `file` is its name for messages.
pub(super) fn parse(text: &[u8], file: &str) -> Result<Vec<(u32, Vec<u8>)>, ModelError> {
    let tokens = match text.trim_ascii_start().first() {
        Some(b'{') => json(text, file)?,
        _ => lines(text, file)?,
    };
    match tokens.is_empty() {
        true => Err(ModelError::VocabularyLine {
            file: file.to_owned(),
            place: "it".to_owned(),
            reason: "has no lines".to_owned(),
        }),
        false => Ok(tokens),
    }
}

fn lines(text: &[u8], file: &str) -> Result<Vec<(u32, Vec<u8>)>, ModelError> {
    let lines = text
        .strip_suffix(b"\n")
        .unwrap_or(text)
        .split(|&byte| byte == b'\n');
    let tokens = lines
        .filter(|_| !text.is_empty())
        .enumerate()
        .map(|(number, bytes)| {
            line(bytes).map_err(|reason| ModelError::VocabularyLine {
                file: file.to_owned(),
                place: format!("line {}", number + 1),
                reason: one_line(reason),
            })
        });
    tokens.collect()
}

/// One line. The literal may hold spaces, so it goes from the first space to the last.
fn line(bytes: &[u8]) -> Result<(u32, Vec<u8>), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8")?;
    let text = text.strip_suffix('\r').unwrap_or(text);
    let (id, rest) = text.split_once(' ').ok_or("has no space")?;
    let (literal, length) = rest.rsplit_once(' ').ok_or("has only two parts")?;
    let id = id
        .parse()
        .map_err(|_| format!("begins with {id}, which is no token id"))?;
    let token = literal::parse(literal)?;
    match length.parse() == Ok(token.len()) {
        true => Ok((id, token)),
        false => Err(format!(
            "gives the length {length} for {} bytes",
            token.len()
        )),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrBytes {
    Text(String),
    Bytes(Vec<u8>),
}

fn json(text: &[u8], file: &str) -> Result<Vec<(u32, Vec<u8>)>, ModelError> {
    let wrong = |reason: String| ModelError::VocabularyJson {
        file: file.to_owned(),
        reason: one_line(reason),
    };
    let Pairs(entries): Pairs<TextOrBytes> =
        serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
    let tokens = entries.into_iter().map(|(id, token)| {
        let id = id
            .parse()
            .map_err(|_| wrong(format!("{id} is no token id")))?;
        Ok(match token {
            TextOrBytes::Text(text) => (id, text.into_bytes()),
            TextOrBytes::Bytes(bytes) => (id, bytes),
        })
    });
    tokens.collect()
}
