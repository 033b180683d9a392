//! The arcs on show, by strength.

use bytemuck::{Pod, Zeroable};

use super::{Measure, Scores};
use crate::gpu::{self, Pending};

/// In step with `Params` in `arc_numbers.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    arcs: u32,
}

/// An arc that is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarkedArc {
    /// Its cell's place in `[layers, heads, tokens]`.
    pub cell: usize,
    /// The number that it was marked by.
    pub number: f32,
}

impl Scores {
    /// The most arcs that are put in order.
    pub const MOST_ARCS: u32 = 1 << 16;

    /// Starts reading the arcs that were marked last, of which there are `count`, at most [`Scores::MOST_ARCS`];
    /// [`MarkedArc::strongest_first`] makes sense of it.
    #[must_use]
    pub fn marked_arcs(&self, measure: Measure, count: u32) -> Pending {
        let device = self.gpu.device();
        let kernel = self.gpu.kernel(
            "arc_numbers",
            include_str!("../../shaders/arc_numbers.wgsl"),
        );
        let arcs = count.min(Self::MOST_ARCS);
        let bytes = u64::from(arcs) * 4;
        let params = gpu::uniform(device, "numbers of arcs", &Params { arcs });
        let numbers = gpu::storage(device, "numbers of arcs", bytes);
        let buffers = [
            (0, &params),
            (1, self.marked(measure)),
            (2, &self.arcs),
            (3, &numbers),
        ];
        let bindings = kernel.bind(device, &buffers);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        kernel.dispatch(&mut pass, &bindings, [arcs.div_ceil(64), 1, 1]);
        drop(pass);
        let parts = [(&self.arcs, 0, bytes), (&numbers, 0, bytes)];
        let staging = Pending::record(&self.gpu, &mut encoder, &parts);
        self.gpu.queue().submit([encoder.finish()]);
        Pending::map(staging)
    }
}

impl MarkedArc {
    /// Takes apart what [`Scores::marked_arcs`] reads back: by |number|, the largest first; among equal ones in the order of
    /// their cells.
    #[must_use]
    pub fn strongest_first(bytes: &[u8]) -> Vec<Self> {
        let (cells, numbers) = bytes.split_at(bytes.len() / 2);
        let cells: Vec<u32> = bytemuck::pod_collect_to_vec(cells);
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(numbers);
        let arcs = cells.into_iter().zip(numbers);
        let mut arcs: Vec<_> = arcs
            .map(|(cell, number)| Self {
                cell: cell as usize,
                number,
            })
            .collect();
        arcs.sort_by(|a, b| {
            let by_size = b.number.abs().total_cmp(&a.number.abs());
            by_size.then(a.cell.cmp(&b.cell))
        });
        arcs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_comes_first_whatever_its_sign() {
        let cells = [7_u32, 1, 4, 2];
        let numbers = [0.5_f32, -2.0, 1.0, -1.0];
        let bytes = [
            bytemuck::cast_slice::<_, u8>(&cells),
            bytemuck::cast_slice(&numbers),
        ]
        .concat();
        let order: Vec<_> = MarkedArc::strongest_first(&bytes)
            .iter()
            .map(|arc| arc.cell)
            .collect();
        assert_eq!(order, [1, 2, 4, 7]);
        assert!(MarkedArc::strongest_first(&[]).is_empty());
    }
}
