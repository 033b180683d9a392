use serde::Serialize;

use crate::gpu::Gpu;

/// The most memory that was in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Peak {
    /// Bytes of this process that lay in memory at once; none where the system does not tell.
    pub process_peak_bytes: Option<u64>,
    /// Bytes that the driver had set aside on the device, at the most of the moments that were looked at; none where it
    /// does not tell.
    pub reserved_peak_bytes: Option<u64>,
}

impl Peak {
    /// Takes note of what is in use now.
    pub fn look(&mut self, gpu: &Gpu) {
        let report = gpu.device().generate_allocator_report();
        let reserved = report.map(|report| report.total_reserved_bytes);
        self.reserved_peak_bytes = self.reserved_peak_bytes.max(reserved);
        self.process_peak_bytes = process_peak();
    }
}

/// Bytes of this process that lay in memory at once, at most.
fn process_peak() -> Option<u64> {
    bytes_of("VmHWM", &std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Bytes of this process that lie in memory now.
pub(super) fn process_bytes() -> Option<u64> {
    bytes_of("VmRSS", &std::fs::read_to_string("/proc/self/status").ok()?)
}

/// A field of proc(5), in kB there.
fn bytes_of(field: &str, status: &str) -> Option<u64> {
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    let kb: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kb << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_found_in_the_systems_words() {
        let status = "Name:\tarclight\nVmPeak:\t 9000 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 7 kB\n";
        assert_eq!(bytes_of("VmHWM", status), Some(2 << 20));
        assert_eq!(bytes_of("VmRSS", status), Some(7 << 10));
        assert_eq!(bytes_of("VmHWM", "VmPeak:\t 9000 kB\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_taken_raises_the_peak() {
        let before = process_peak().expect("Linux tells");
        let taken = vec![1u8; before as usize + (64 << 20)];
        let after = process_peak().expect("Linux tells");
        assert!(after > before + (32 << 20), "{before}, then {after}");
        assert!(std::hint::black_box(taken).iter().all(|byte| *byte == 1));
    }
}
