use std::fmt::{Display, Formatter};

/// Format of a model file, told from its first bytes: extensions lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.st`, `.safetensors`.
    Safetensors,
    /// `.pth`: PyTorch's zip or the older bare pickle.
    Pytorch,
    /// A safetensors file packed with zstd, as the demo models are.
    Zstd,
}

impl Display for Format {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Safetensors => "safetensors",
            Self::Pytorch => "PyTorch checkpoint",
            Self::Zstd => "safetensors, packed with zstd",
        })
    }
}

/// Bytes that [`detect`] needs to see.
pub(super) const HEAD: usize = 32;

/// The format of a file that begins with `head`, or what else it is.
pub(super) fn detect(head: &[u8]) -> Result<Format, &'static str> {
    match head {
        [] => Err("an empty file"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Ok(Format::Pytorch),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Ok(Format::Zstd),
        // Eight bytes of header length, then the header, which is a JSON object.
        [_, _, _, _, _, _, _, _, b'{', ..] => Ok(Format::Safetensors),
        [0x80, 2..=5, ..] => Ok(Format::Pytorch),
        [b'G', b'G', b'U', b'F', ..] => Err("a GGUF file, which arclight does not read"),
        _ if head.starts_with(b"version https://git-lfs") => {
            Err("a Git LFS pointer, not the file itself (fetch it with `git lfs pull`)")
        }
        _ if head.trim_ascii_start().starts_with(b"<") => Err("a web page (a failed download?)"),
        _ => Err("in no format that arclight knows"),
    }
}
