use super::{Lanes, kernels};
use crate::{
    gpu::{Gpu, Kernel},
    model::Version,
    trace::Trace,
};

/// One of the kernels that walk the text in every head.
#[derive(Debug, Clone)]
pub(super) struct Scan {
    kernel: Kernel,
    /// What it binds beyond 0, numbered as in `scores.wgsl`; 10 is RWKV-4's decay, 11 the norms of `before.wgsl`.
    pub bindings: &'static [u32],
    /// Heads of one workgroup, of all layers in a row; none where each head has its own.
    heads_a_group: Option<u32>,
    /// Tokens of one workgroup.
    tokens_a_group: u32,
}

/// What tells of the token that stands for the state which a model starts from; the scans find nothing there.
#[derive(Debug)]
pub(super) struct BeforeScans {
    /// What do tokens take from it?
    pub row: Scan,
    /// How much of it is left at these tokens?
    pub wk_row: Scan,
    /// The same of all tokens at once, for a selection of it.
    pub column: Scan,
    /// Likewise.
    pub wk_column: Scan,
}

/// The scans of one selection: by subgroups where the adapter's are known, by workgroups elsewhere.
#[derive(Debug)]
pub(super) struct Scans {
    /// Whom does a token read?
    pub row: Scan,
    /// Who reads a token later?
    pub column: Scan,
    /// W-K norms of earlier tokens; none where the row brings them.
    pub wk_row: Option<Scan>,
    /// Where a trace begins with such a token.
    pub before: Option<BeforeScans>,
    /// Whether all of them can write results of a group of layers alone.
    pub can_be_apart: bool,
}

impl Scans {
    /// Compiles those that suit the adapter and the trace.
    pub fn new(gpu: &Gpu, trace: &Trace) -> Self {
        let dimensions = &trace.dimensions;
        let stored = trace.stored();
        if dimensions.version == Version::V4 {
            return Self::of_groups(gpu, trace);
        }
        let subgroups = gpu.subgroups();
        let lanes = subgroups.map(|sizes| Lanes::new(dimensions.head_size, sizes));
        let text = match lanes {
            Some(lanes) => {
                let body = include_str!("../../shaders/scans.wgsl");
                lanes.source(dimensions, stored, body)
            }
            None => {
                let body = include_str!("../../shaders/scores.wgsl");
                kernels::source(dimensions, stored, body)
            }
        };
        let scan = |entry, bindings| Scan {
            heads_a_group: lanes.map(|lanes| lanes.heads_a_group() as u32),
            ..Scan::new(gpu, &text, entry, bindings)
        };
        let has_tiles =
            subgroups.is_some_and(|(smallest, _)| has_tiles(dimensions.head_size, smallest));
        let is_in_row = lanes.is_some() && dimensions.version != Version::V7;
        let wk_row = || {
            let body = if has_tiles {
                include_str!("../../shaders/wk_tiles.wgsl")
            } else {
                include_str!("../../shaders/wk_row.wgsl")
            };
            let text = kernels::source(dimensions, stored, body);
            Scan::new(gpu, &text, "wk_row", &[1, 6])
        };
        Self {
            row: scan("row", &[1, 2, 3, 4, 5, 7, 8, 9]),
            column: scan("column", &[1, 2, 4, 5, 6, 8, 9]),
            wk_row: (!is_in_row).then(wk_row),
            before: BeforeScans::new(gpu, trace),
            can_be_apart: lanes.is_some() && (is_in_row || has_tiles),
        }
    }

    /// Those of RWKV-4, whose pairs need no scan.
    fn of_groups(gpu: &Gpu, trace: &Trace) -> Self {
        let body = include_str!("../../shaders/scores_v4.wgsl");
        let text = kernels::source(&trace.dimensions, trace.stored(), body);
        Self {
            row: Scan::new(gpu, &text, "row", &[1, 2, 3, 4, 5, 7, 8, 10]),
            column: Scan::new(gpu, &text, "column", &[1, 2, 3, 4, 5, 6, 8, 10]),
            wk_row: Some(Scan::new(gpu, &text, "wk_row", &[1, 6, 10])),
            before: None,
            can_be_apart: false,
        }
    }
}

impl BeforeScans {
    fn new(gpu: &Gpu, trace: &Trace) -> Option<Self> {
        trace.before.as_ref()?;
        let body = include_str!("../../shaders/before_scores.wgsl");
        let text = kernels::source(&trace.dimensions, trace.stored(), body);
        let scan = |entry, bindings| Scan {
            tokens_a_group: 64,
            ..Scan::new(gpu, &text, entry, bindings)
        };
        Some(Self {
            row: scan("before_row", &[2, 4, 5, 8, 11]),
            wk_row: scan("before_wk_row", &[6, 11]),
            column: scan("before_column", &[2, 4, 5, 8, 11]),
            wk_column: scan("before_wk_column", &[6, 11]),
        })
    }
}

impl Scan {
    /// Compiles one with a workgroup a head.
    fn new(gpu: &Gpu, text: &str, entry: &'static str, bindings: &'static [u32]) -> Self {
        Self {
            kernel: gpu.kernel(entry, text),
            bindings,
            heads_a_group: None,
            tokens_a_group: 1,
        }
    }

    /// As [`Kernel::bind`].
    pub fn bind(&self, device: &wgpu::Device, buffers: &[(u32, &wgpu::Buffer)]) -> wgpu::BindGroup {
        self.kernel.bind(device, buffers)
    }

    /// Records one dispatch over heads × layers, for `count` tokens.
    pub fn dispatch(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        bindings: &wgpu::BindGroup,
        [heads, layers, count]: [u32; 3],
    ) {
        let count = count.div_ceil(self.tokens_a_group);
        let groups = match self.heads_a_group {
            Some(heads_a_group) => [(heads * layers).div_ceil(heads_a_group), 1, count],
            None => [heads, layers, count],
        };
        self.kernel.dispatch(pass, bindings, groups);
    }
}

/// Whether `wk_tiles.wgsl` can share a head's columns out among lanes of one subgroup, 16 each.
fn has_tiles(head_size: usize, smallest: usize) -> bool {
    matches!(head_size, 32 | 64 | 128) && head_size / 16 <= smallest
}
