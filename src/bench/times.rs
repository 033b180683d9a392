use std::time::{Duration, Instant};

/// Durations of the same work, done again and again.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<f64>);

impl Times {
    /// Does the work once and takes its time.
    ///
    /// # Errors
    /// Those of the work.
    pub fn take<T, E>(&mut self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let start = Instant::now();
        let done = work()?;
        self.0.push(start.elapsed().as_secs_f64());
        Ok(done)
    }

    /// Adds a time measured elsewhere, in milliseconds.
    pub fn push_ms(&mut self, ms: f64) {
        self.0.push(ms * 1e-3);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there are `least` of them and either `most` or so many that they fill `span`.
    #[must_use]
    pub fn are_enough(&self, least: usize, most: usize, span: Duration) -> bool {
        let full = self.0.iter().sum::<f64>() >= span.as_secs_f64();
        self.0.len() >= least && (full || self.0.len() >= most)
    }

    /// The median in seconds; NaN without any.
    #[must_use]
    pub fn median_s(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = ((sorted.len().max(1) - 1) / 2, sorted.len() / 2);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        (at(low) + at(high)) * 0.5
    }

    /// The median in milliseconds; NaN without any.
    #[must_use]
    pub fn median_ms(&self) -> f64 {
        self.median_s() * 1e3
    }

    /// The longest, in milliseconds.
    #[must_use]
    pub fn worst_ms(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max) * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert!((Times(vec![3.0, 1.0, 2.0]).median_s() - 2.0).abs() < 1e-12);
        assert!((Times(vec![4.0, 1.0, 2.0, 3.0]).median_ms() - 2500.0).abs() < 1e-9);
        assert!(Times::default().median_s().is_nan());
    }

    #[test]
    fn enough_is_by_count_and_by_time() {
        let times = Times(vec![1.0; 5]);
        let second = Duration::from_secs(1);
        assert!(times.are_enough(5, 60, second));
        assert!(!times.are_enough(6, 60, second));
        assert!(!times.are_enough(5, 60, 6 * second));
        assert!(times.are_enough(5, 5, 6 * second));
    }
}
