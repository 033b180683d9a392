use serde::Serialize;

/// How a time grows with a size: time ≈ constant × size^exponent.
#[derive(Debug, Clone, Serialize)]
pub struct Growth {
    /// What grows: `tokens`, `heads` (of all layers) or `arcs` (of all heads).
    pub with: &'static str,
    /// What takes time: `row`, `column`, `wk`, `marks` or `frame`.
    pub of: &'static str,
    /// The sizes.
    pub sizes: Vec<usize>,
    /// Milliseconds at each.
    pub ms: Vec<f64>,
    /// The slope of ln(ms) over ln(size), by least squares.
    pub exponent: f64,
}

impl Growth {
    /// Fits the exponent to what was measured, `(size, milliseconds)`.
    #[must_use]
    pub fn fit(with: &'static str, of: &'static str, points: &[(usize, f64)]) -> Self {
        Self {
            with,
            of,
            sizes: points.iter().map(|point| point.0).collect(),
            ms: points.iter().map(|point| point.1).collect(),
            exponent: slope(points),
        }
    }
}

/// NaN, null in JSON, when all sizes are the same.
fn slope(points: &[(usize, f64)]) -> f64 {
    let logs = points
        .iter()
        .map(|(size, ms)| ((*size as f64).ln(), ms.ln()));
    let logs: Vec<_> = logs.collect();
    let count = logs.len() as f64;
    let mean_x = logs.iter().map(|log| log.0).sum::<f64>() / count;
    let mean_y = logs.iter().map(|log| log.1).sum::<f64>() / count;
    let along: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let across: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    along / across
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_of_a_power_is_found() {
        let points = [1, 2, 4, 8].map(|size| (size, 0.3 * (size as f64).powf(1.25)));
        let growth = Growth::fit("tokens", "row", &points);
        assert!((growth.exponent - 1.25).abs() < 1e-12);
        assert_eq!(growth.sizes, [1, 2, 4, 8]);
    }

    #[test]
    fn one_size_has_no_exponent() {
        let growth = Growth::fit("heads", "row", &[(4, 1.0), (4, 2.0)]);
        assert!(growth.exponent.is_nan());
        let value = serde_json::to_value(growth).expect("plain data");
        assert!(value["exponent"].is_null());
    }
}
