//! The shipped demo models, and token lists to run them on.

use std::io::Read;
use std::sync::LazyLock;

use ruzstd::decoding::StreamingDecoder;

use super::{Version, weights::Weights};

/// The demo model's weights, unpacked once for all tests.
pub fn weights(version: Version) -> &'static Weights {
    static V6: LazyLock<Weights> = LazyLock::new(|| unpack("demo-v6.st.zst"));
    static V7: LazyLock<Weights> = LazyLock::new(|| unpack("demo-v7.st.zst"));
    match version {
        Version::V6 => &V6,
        Version::V7 => &V7,
        older => panic!("there is no demo of {older:?}"),
    }
}

fn unpack(name: &str) -> Weights {
    let path = format!("{}/assets/{name}", env!("CARGO_MANIFEST_DIR"));
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("assets/{name}: {error}"));
    let mut bytes = Vec::new();
    StreamingDecoder::new(packed.as_slice())
        .expect("the demo model has a zstd header")
        .read_to_end(&mut bytes)
        .expect("the demo model unpacks");
    Weights::from_bytes(&bytes)
}

/// Ids in `1..vocabulary`, the same for the same seed; id 0 ends a text and is left out.
pub fn random_tokens(seed: u64, count: usize, vocabulary: u32) -> Vec<u32> {
    let mut state = seed;
    (0..count)
        .map(|_| 1 + (splitmix64(&mut state) % u64::from(vocabulary - 1)) as u32)
        .collect()
}

pub fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
