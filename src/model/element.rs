//! How a tensor's values are stored, and their way to f16.

use std::borrow::Cow;

use half::{bf16, f16, slice::HalfFloatSliceExt};

/// Type of a stored value, little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    F16,
    Bf16,
    F32,
    /// Anything that does not become f16, by the file's name for it.
    Other(String),
}

impl Element {
    /// `bytes` as f16, rounded to nearest even; borrowed if they are f16 already.
    ///
    /// Fails with the first finite value that f16 cannot hold. [`Element::Other`] gives no values.
    pub(super) fn to_f16<'a>(&self, bytes: Cow<'a, [u8]>) -> Result<Cow<'a, [u8]>, f32> {
        match self {
            Self::F16 => Ok(bytes),
            Self::Bf16 => cast::<2>(&bytes, |b| bf16::from_le_bytes(b).to_f32()).map(Cow::Owned),
            Self::F32 => cast::<4>(&bytes, f32::from_le_bytes).map(Cow::Owned),
            Self::Other(_) => Ok(Cow::Borrowed(&[])),
        }
    }

    /// `bytes` as f32, which holds every one of them. [`Element::Other`] gives no values.
    pub(super) fn to_f32(&self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F16 => widen::<2>(bytes, |b| f16::from_le_bytes(b).to_f32()),
            Self::Bf16 => widen::<2>(bytes, |b| bf16::from_le_bytes(b).to_f32()),
            Self::F32 => widen::<4>(bytes, f32::from_le_bytes),
            Self::Other(_) => Vec::new(),
        }
    }
}

fn widen<const N: usize>(bytes: &[u8], widen: fn([u8; N]) -> f32) -> Vec<f32> {
    let (values, _) = bytes.as_chunks::<N>();
    values.iter().map(|value| widen(*value)).collect()
}

/// Widens and rounds a block at a time, so that the slice conversion can use the CPU's instructions.
fn cast<const N: usize>(bytes: &[u8], widen: fn([u8; N]) -> f32) -> Result<Vec<u8>, f32> {
    const BLOCK: usize = 1024;
    let (values, _) = bytes.as_chunks::<N>();
    let mut out = Vec::with_capacity(values.len() * 2);
    let mut wide = [0.0; BLOCK];
    let mut narrow = [f16::ZERO; BLOCK];
    for block in values.chunks(BLOCK) {
        let wide = &mut wide[..block.len()];
        let narrow = &mut narrow[..block.len()];
        for (to, from) in wide.iter_mut().zip(block) {
            *to = widen(*from);
        }
        narrow.convert_from_f32_slice(wide);
        let lost = |&(w, n): &(&f32, &f16)| w.is_finite() && n.is_infinite();
        if let Some((value, _)) = wide.iter().zip(narrow.iter()).find(lost) {
            return Err(*value);
        }
        out.extend(narrow.iter().flat_map(|n| n.to_le_bytes()));
    }
    Ok(out)
}

/// Little-endian f16 bytes as values.
pub(super) fn values(bytes: &[u8]) -> Vec<f16> {
    let (values, _) = bytes.as_chunks::<2>();
    values.iter().map(|b| f16::from_le_bytes(*b)).collect()
}
