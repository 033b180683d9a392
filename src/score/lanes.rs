use std::fmt::Write;

use super::kernels::source;
use crate::trace::{Dimensions, Stored};

/// How a subgroup is shared out among heads, for kernels without barriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    /// Lanes that work for one head: a power of two.
    pub a_head: usize,
    /// Quads of a head's channels that each of them holds.
    pub quads: usize,
    /// Threads of a workgroup: the largest subgroup there is, so that none is left partly empty.
    pub threads: usize,
}

impl Lanes {
    /// For heads of `head_size` channels on an adapter whose subgroups have from `smallest` to `largest` lanes.
    #[must_use]
    pub fn new(head_size: usize, (smallest, largest): (usize, usize)) -> Self {
        let quads = (head_size / 4).max(1);
        // As many as share the quads out evenly.
        let even = 1 << quads.trailing_zeros();
        let a_head = smallest.max(1).min(even);
        Self {
            a_head,
            quads: quads / a_head,
            threads: largest.max(a_head),
        }
    }

    /// Heads that one workgroup works for.
    #[must_use]
    pub fn heads_a_group(self) -> usize {
        self.threads / self.a_head
    }

    /// A kernel's whole WGSL text: constants, prelude, what `scans.wgsl` needs besides, body.
    #[must_use]
    pub fn source(self, dimensions: &Dimensions, stored: Stored, body: &str) -> String {
        source(dimensions, stored, &(self.text() + body))
    }

    /// `Raw` and `Own` are the quads lane, lane + LANES, … of a head. They are written out, with the sums over
    /// lanes, because loops over arrays may end up in memory where registers are meant.
    fn text(self) -> String {
        let Self {
            a_head,
            quads,
            threads,
        } = self;
        // One term for each quad, `#` standing for its number.
        let each = |term: &str, between: &str| {
            let terms = (0..quads).map(|quad| term.replace('#', &quad.to_string()));
            terms.collect::<Vec<_>>().join(between)
        };
        let mut text = format!(
            "const LANES: u32 = {a_head}u;
const THREADS: u32 = {threads}u;
struct Raw {{ {} }}
struct Own {{ {} }}
",
            each("p#: Stored", ", "),
            each("p#: vec4<f32>", ", "),
        );
        for (head, term) in [
            ("fetch_own(at: u32) -> Raw", "trace[at + #u * LANES]"),
            ("outputs_own(at: u32) -> Own", "outputs[at + #u * LANES]"),
            (
                "parameters_own(at: u32) -> Own",
                "parameters[at + #u * LANES]",
            ),
            ("unpack_own(x: Raw) -> Own", "unpack(x.p#)"),
            ("decay_own(w: Own) -> Own", "decay_of(w.p#)"),
            ("every(x: f32) -> Own", "vec4(x)"),
            ("size_of(x: Own) -> Own", "abs(x.p#)"),
            ("times(a: Own, b: Own) -> Own", "a.p# * b.p#"),
            ("less(a: Own, b: Own, x: f32) -> Own", "a.p# - b.p# * x"),
        ] {
            let made = head.rsplit(' ').next().unwrap_or_default();
            let terms = each(term, ", ");
            // A String never refuses.
            let _ = writeln!(text, "fn {head} {{ return {made}({terms}); }}");
        }
        let dots = each("dot(a.p#, b.p#)", " + ");
        let _ = writeln!(text, "fn inner(a: Own, b: Own) -> f32 {{ return {dots}; }}");
        for (name, kind) in [("sum", "f32"), ("sum4", "vec4<f32>")] {
            let steps: String = (0..a_head.trailing_zeros())
                .map(|step| format!("    all += subgroupShuffleXor(all, {}u);\n", 1 << step))
                .collect();
            let _ = writeln!(
                text,
                "fn {name}(part: {kind}) -> {kind} {{\n    var all = part;\n{steps}    return all;\n}}"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_shared_out_evenly() {
        for (head_size, subgroups, expected) in [
            (64, (32, 32), (16, 1, 32)),
            (64, (8, 8), (8, 2, 8)),
            (64, (8, 32), (8, 2, 32)),
            (64, (4, 128), (4, 4, 128)),
            (128, (64, 64), (32, 1, 64)),
            (128, (16, 32), (16, 2, 32)),
            (48, (32, 32), (4, 3, 32)),
            (4, (32, 32), (1, 1, 32)),
        ] {
            let lanes = Lanes::new(head_size, subgroups);
            assert_eq!((lanes.a_head, lanes.quads, lanes.threads), expected);
            assert_eq!(lanes.a_head * lanes.quads * 4, head_size);
            assert_eq!(lanes.threads % lanes.a_head, 0);
        }
    }
}
