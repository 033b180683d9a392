//! The safetensors format (<https://github.com/huggingface/safetensors>): header length, JSON header, data.
//!
//! The header is parsed here and not by the safetensors crate: that crate keeps the last of two
//! tensors of one name, and its sum of offsets can wrap around.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    ops::{Deref, Range},
};

use memmap2::{Mmap, MmapOptions};
use safetensors::{Dtype, tensor::TensorInfo};
use serde_json::Value;

use super::pairs::Pairs;

/// The format's own limit, in bytes.
const LONGEST_HEADER: usize = 100_000_000;

/// The header's entry that is no tensor.
const METADATA: &str = "__metadata__";

/// Why a file cannot be taken apart.
pub(crate) enum ContainerError {
    /// The operating system refused.
    Read(io::Error),
    /// The file contradicts itself.
    Damaged(String),
    /// A tensor's name stands there twice.
    Duplicate(String),
}

/// A file's bytes: mapped, or unpacked into memory.
enum Bytes {
    Mapped { map: Mmap, handle: File },
    Owned(Vec<u8>),
}

impl Bytes {
    fn all(&self) -> &[u8] {
        match self {
            Self::Mapped { map, .. } => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// Some of a file's bytes. What was looked at through a window leaves the memory with it.
pub(crate) enum Window<'a> {
    Mapped(Mmap),
    Owned(&'a [u8]),
}

impl Deref for Window<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// Maps a file, or a part of it that is there.
#[expect(
    unsafe_code,
    reason = "reading a file of this kind would take twice its size in memory"
)]
pub(crate) fn map(handle: &File, range: Option<Range<usize>>) -> io::Result<Mmap> {
    let mut options = MmapOptions::new();
    if let Some(range) = range {
        options.offset(range.start as u64).len(range.len());
    }
    // SAFETY: the map is only read, as bytes that may hold any value. Should another program change
    // the file meanwhile, numbers are wrong; should it cut the file off, the system ends this program.
    // Every program that maps its input lives with that.
    unsafe { options.map(handle) }
}

/// A file whose header has been read and not been checked yet.
pub(crate) struct Unchecked {
    bytes: Bytes,
    /// Where the data begins.
    start: usize,
    entries: Vec<(String, Value)>,
}

impl Unchecked {
    /// Maps a file.
    pub(crate) fn map(handle: &File) -> Result<Self, ContainerError> {
        let map = map(handle, None).map_err(ContainerError::Read)?;
        let handle = handle.try_clone().map_err(ContainerError::Read)?;
        Self::new(Bytes::Mapped { map, handle })
    }

    /// Takes a whole file that is in memory already.
    pub(crate) fn unpacked(bytes: Vec<u8>) -> Result<Self, ContainerError> {
        Self::new(Bytes::Owned(bytes))
    }

    fn new(bytes: Bytes) -> Result<Self, ContainerError> {
        let (header, start) = header(bytes.all()).map_err(ContainerError::Damaged)?;
        let Pairs(entries) = serde_json::from_slice(header).map_err(|error| {
            ContainerError::Damaged(format!("its header is no JSON object: {error}"))
        })?;
        Ok(Self {
            bytes,
            start,
            entries,
        })
    }

    /// What the header says beside its tensors. Entries that are no text are left out.
    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        let metadata = self.entries.iter().find(|(name, _)| name == METADATA);
        let entries = metadata.and_then(|(_, value)| value.as_object());
        let texts = entries.into_iter().flatten();
        texts
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect()
    }

    /// Checks that every tensor stands in the file, apart from the others.
    pub(crate) fn check(self) -> Result<Container, ContainerError> {
        let damaged = |reason| Err(ContainerError::Damaged(reason));
        let data = self.bytes.all().len() - self.start;
        let mut tensors = BTreeMap::new();
        for (name, entry) in self.entries {
            if name == METADATA {
                continue;
            }
            let info: TensorInfo = match serde_json::from_value(entry) {
                Ok(info) => info,
                Err(error) => return damaged(format!("header entry of {name}: {error}")),
            };
            let range = match range(&info, data) {
                Ok(range) => range,
                Err(why) => return damaged(format!("{name} {why}")),
            };
            let tensor = Tensor {
                dtype: info.dtype,
                shape: info.shape,
                range: self.start + range.start..self.start + range.end,
            };
            if tensors.insert(name.clone(), tensor).is_some() {
                return Err(ContainerError::Duplicate(name));
            }
        }
        if let Some(name) = overlapping(&tensors) {
            return damaged(format!("{name} overlaps another tensor"));
        }
        Ok(Container {
            bytes: self.bytes,
            tensors,
        })
    }
}

/// A tensor that shares bytes with another one: a small file must not ask for a large device.
fn overlapping(tensors: &BTreeMap<String, Tensor>) -> Option<&str> {
    let mut places: Vec<_> = tensors
        .iter()
        .map(|(name, tensor)| (tensor.range.start, tensor.range.end, name))
        .filter(|(start, end, _)| start < end)
        .collect();
    places.sort_unstable();
    let both = places.windows(2).find(|both| both[1].0 < both[0].1)?;
    Some(both[1].2)
}

/// One tensor of a file.
pub(crate) struct Tensor {
    pub(crate) dtype: Dtype,
    /// Slowest dimension first.
    pub(crate) shape: Vec<usize>,
    /// Where its bytes stand in the file, as many as type and shape say.
    range: Range<usize>,
}

/// A file whose every tensor is there.
pub(crate) struct Container {
    bytes: Bytes,
    tensors: BTreeMap<String, Tensor>,
}

impl Container {
    pub(crate) fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
    }

    /// Bytes of the file.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.all().len() as u64
    }

    /// A tensor's bytes, as many as its type and shape say.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.bytes.all().get(self.tensors.get(name)?.range.clone())
    }

    /// A part of a tensor's bytes, in a window of its own; none when the tensor has fewer.
    pub(crate) fn window(&self, name: &str, part: Range<usize>) -> io::Result<Option<Window<'_>>> {
        let Some(tensor) = self.tensors.get(name) else {
            return Ok(None);
        };
        if part.start >= part.end || part.end > tensor.range.len() {
            return Ok(None);
        }
        let range = tensor.range.start + part.start..tensor.range.start + part.end;
        match &self.bytes {
            Bytes::Mapped { handle, .. } => Ok(Some(Window::Mapped(map(handle, Some(range))?))),
            Bytes::Owned(bytes) => Ok(bytes.get(range).map(Window::Owned)),
        }
    }
}

/// The JSON header and where the data after it begins.
fn header(bytes: &[u8]) -> Result<(&[u8], usize), String> {
    let (length, rest) = bytes
        .split_first_chunk()
        .ok_or("it ends within its first 8 bytes")?;
    let length = u64::from_le_bytes(*length);
    let header = usize::try_from(length)
        .ok()
        .filter(|&n| n <= LONGEST_HEADER);
    let header = header.ok_or_else(|| format!("its header claims {length} bytes"))?;
    let text = rest.get(..header);
    let text = text.ok_or_else(|| format!("it ends within its header of {length} bytes"))?;
    Ok((text, 8 + header))
}

/// Where a tensor stands in the `data` bytes after the header.
fn range(info: &TensorInfo, data: usize) -> Result<Range<usize>, String> {
    let (start, end) = info.data_offsets;
    if start > end || end > data {
        return Err(format!(
            "stands at bytes {start} to {end} of data, and the file has {data}"
        ));
    }
    let bits = info
        .shape
        .iter()
        .try_fold(info.dtype.bitsize(), |n, &dim| n.checked_mul(dim));
    if bits != (end - start).checked_mul(8) {
        return Err(format!(
            "has shape {:?} of {} in {} bytes",
            info.shape,
            info.dtype,
            end - start
        ));
    }
    Ok(start..end)
}
