use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::size;

/// The longest text or list that is read whole, in bytes.
pub const LONGEST_TEXT: u64 = 64 << 20;

/// Reads a file that is a text or a list: a regular one, for a device may never end and a pipe waits for its writer.
///
/// # Errors
/// Those of the system; when it is no regular file, or has more than [`LONGEST_TEXT`] bytes.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        let text = "it is no regular file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    read_any(path)
}

/// The same of anything that can be read to its end, a pipe as well.
///
/// # Errors
/// Those of the system; when there are more than [`LONGEST_TEXT`] bytes.
pub fn read_any(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = File::open(path)?.take(LONGEST_TEXT + 1);
    file.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_TEXT {
        let text = format!("it has more than {}", size(LONGEST_TEXT));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    Ok(bytes)
}

/// What to do about a file that cannot be read.
#[must_use]
pub fn cure(reason: &io::Error) -> &'static str {
    match reason.kind() {
        // It is mapped, which takes addresses.
        io::ErrorKind::OutOfMemory => "close other programs, or raise the limit of its memory",
        io::ErrorKind::FileTooLarge => "give a smaller file",
        _ => "check the path and that you may read it",
    }
}

/// What was read, as text.
///
/// # Errors
/// When it is not UTF-8; the first place that is not is named.
pub fn as_text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = format!("it is not UTF-8 from byte {at} on");
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_or_no_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let file = File::create(&path).expect("created");
        file.set_len(LONGEST_TEXT).expect("set");
        assert_eq!(
            read_regular(&path).map(|bytes| bytes.len() as u64).ok(),
            Some(LONGEST_TEXT)
        );
        file.set_len(LONGEST_TEXT + 1).expect("set");
        let refusal = |path: &Path| read_regular(path).expect_err("it was read").to_string();
        assert_eq!(refusal(&path), "it has more than 67.1 MB");
        let too_long = read_regular(&path).expect_err("it was read");
        assert_eq!(cure(&too_long), "give a smaller file");
        assert!(read_regular(folder.path()).is_err());
        #[cfg(unix)]
        assert_eq!(refusal(Path::new("/dev/zero")), "it is no regular file");
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(
            as_text(b"the \xc3\xa9".to_vec()).ok().as_deref(),
            Some("the é")
        );
        let text = as_text(b"the \xe9".to_vec())
            .expect_err("it is text")
            .to_string();
        assert_eq!(text, "it is not UTF-8 from byte 4 on");
    }
}
