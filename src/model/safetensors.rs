//! The safetensors format (<https://github.com/huggingface/safetensors>): header length, JSON header, data.
//!
//! The header is parsed here and not by the safetensors crate: that crate keeps the last of two
//! tensors of one name, and its sum of offsets can wrap around.

use std::{borrow::Cow, collections::HashMap, fs::File, ops::Range};

use memmap2::Mmap;
use safetensors::{Dtype, tensor::TensorInfo};

use super::{
    ModelError,
    element::Element,
    error::one_line,
    pairs::Pairs,
    weights::{Index, Info, Weights},
};

/// The format's own limit, in bytes.
const LONGEST_HEADER: usize = 100_000_000;

/// A file's bytes: mapped, or unpacked into memory.
enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl Bytes {
    fn all(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// A safetensors file in web-rwkv's layout.
pub(super) struct Safetensors {
    file: String,
    bytes: Bytes,
    index: Index,
    /// Where each tensor's bytes stand in the file.
    ranges: HashMap<String, Range<usize>>,
}

impl Safetensors {
    /// Maps `handle`; `file` is its name for messages.
    #[expect(
        unsafe_code,
        reason = "reading a model would take twice its size in memory"
    )]
    pub(super) fn map(handle: &File, file: &str) -> Result<Self, ModelError> {
        // SAFETY: the map is only read, as bytes that may hold any value. Should another program
        // change the file meanwhile, weights are wrong; should it cut the file off, the system ends
        // this program. Every program that maps its input lives with that.
        let map = unsafe { Mmap::map(handle) }.map_err(|reason| ModelError::Read {
            file: file.to_owned(),
            reason,
        })?;
        Self::new(Bytes::Mapped(map), file)
    }

    /// Takes a whole file that is in memory already.
    pub(super) fn unpacked(bytes: Vec<u8>, file: &str) -> Result<Self, ModelError> {
        Self::new(Bytes::Owned(bytes), file)
    }

    fn new(bytes: Bytes, file: &str) -> Result<Self, ModelError> {
        let damaged = |reason: String| ModelError::Damaged {
            file: file.to_owned(),
            reason: one_line(reason),
        };
        let (header, start) = header(bytes.all()).map_err(damaged)?;
        let data = bytes.all().len() - start;
        let Pairs(entries): Pairs<serde_json::Value> = serde_json::from_slice(header)
            .map_err(|error| damaged(format!("its header is no JSON object: {error}")))?;

        let mut index = Index::new();
        let mut ranges = HashMap::new();
        let mut total = 0_usize;
        for (name, entry) in entries {
            if name == "__metadata__" {
                continue;
            }
            let info: TensorInfo = serde_json::from_value(entry)
                .map_err(|error| damaged(format!("header entry of {name}: {error}")))?;
            let range = range(&info, data).map_err(|why| damaged(format!("{name} {why}")))?;
            // Tensors do not overlap: a small file must not ask for a large device.
            total = total.saturating_add(range.len());
            if total > data {
                return Err(damaged(format!("{name} overlaps another tensor")));
            }
            let element = element(info.dtype);
            let shape = info.shape;
            if index
                .insert(name.clone(), Info { shape, element })
                .is_some()
            {
                return Err(ModelError::Duplicate {
                    file: file.to_owned(),
                    tensor: one_line(name),
                });
            }
            ranges.insert(name, start + range.start..start + range.end);
        }
        Ok(Self {
            file: file.to_owned(),
            bytes,
            index,
            ranges,
        })
    }
}

impl Weights for Safetensors {
    fn index(&self) -> &Index {
        &self.index
    }

    fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>, ModelError> {
        let range = self.ranges.get(name).cloned();
        let bytes = range.and_then(|range| self.bytes.all().get(range));
        bytes
            .map(Cow::Borrowed)
            .ok_or_else(|| ModelError::NoSuchTensor {
                file: self.file.clone(),
                tensor: one_line(name),
            })
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

fn element(dtype: Dtype) -> Element {
    match dtype {
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::Bf16,
        Dtype::F32 => Element::F32,
        other => Element::Other(other.to_string()),
    }
}
