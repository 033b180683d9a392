use crate::reference::demo::splitmix64;

/// Numbers that are the same for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        let unit = (splitmix64(&mut self.0) >> 11) as f64 / (1_u64 << 53) as f64;
        low + (high - low) * unit
    }
}
