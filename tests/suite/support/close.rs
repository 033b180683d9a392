use std::{fmt::Display, iter::zip};

/// Largest |found − expected| over the largest |expected|, or why the two cannot be called close.
pub fn close(found: &[f32], expected: &[f64], tolerance: f64) -> Result<f64, String> {
    if found.len() != expected.len() {
        return Err(format!("{} numbers, not {}", found.len(), expected.len()));
    }
    let largest = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    if !largest.is_finite() {
        return Err("the expected numbers are not all finite".to_owned());
    }
    let mut worst = 0.0_f64;
    for (at, (&found, &expected)) in zip(found, expected).enumerate() {
        let error = (f64::from(found) - expected).abs() / largest.max(f64::MIN_POSITIVE);
        if error.is_nan() || error > tolerance {
            return Err(format!(
                "number {at} is {found:e}, not {expected:e}: off by {error:.1e} of the largest, \
                 {largest:e}; allowed: {tolerance:.1e}"
            ));
        }
        worst = worst.max(error);
    }
    Ok(worst)
}

/// [`close`], or the test fails. Returns the error.
#[track_caller]
pub fn assert_close(found: &[f32], expected: &[f64], tolerance: f64, what: impl Display) -> f64 {
    close(found, expected, tolerance).unwrap_or_else(|reason| panic!("{what}: {reason}"))
}

#[test]
fn one_percent_off_is_not_close() {
    let expected = [0.5, -2.0, 1.0];
    assert_eq!(close(&[0.5, -2.0, 1.0], &expected, 1e-4), Ok(0.0));
    assert!(close(&[0.5, -2.000_1, 1.0], &expected, 1e-4).is_ok());
    assert!(close(&[0.5, -2.02, 1.0], &expected, 5e-3).is_err());
    assert!(close(&[0.5, -2.0, 1.02], &expected, 5e-3).is_err());
}

#[test]
fn what_is_missing_or_no_number_is_not_close() {
    let expected = [0.5, -2.0, 1.0];
    assert!(close(&[0.5, -2.0], &expected, 1e-2).is_err());
    assert!(close(&[0.5, f32::NAN, 1.0], &expected, 1e-2).is_err());
    assert!(close(&[0.5, f32::INFINITY, 1.0], &expected, 1e-2).is_err());
    assert!(close(&[0.5], &[f64::NAN], 1e-2).is_err());
    assert!(close(&[1e-9], &[0.0], 1e-2).is_err(), "noise for zero");
}
