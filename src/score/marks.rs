use super::{HeadStatistics, marker::statistics_of};

/// What comes back to the CPU after a selection.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    /// One value a token, in parts of full colour, pooled over the shown heads.
    pub summary: Vec<f32>,
    /// Full colour of every head, `[layers × heads]`, then the largest |value| of all.
    pub scales: Vec<f32>,
    /// Relative error of Σ A v against the captured output, in parts of how far its terms cancel, `[layers × heads]`.
    pub conservation: Vec<f32>,
    /// Arcs that passed the filter.
    pub arcs: u32,
    /// What each head does with the token, `[layers × heads]`.
    pub statistics: Vec<HeadStatistics>,
}

impl Marks {
    /// Takes apart what [`Scores::select`] reads back.
    #[must_use]
    pub fn read(bytes: &[u8], heads: usize, tokens: usize) -> Self {
        let numbers: Vec<f32> = bytemuck::pod_collect_to_vec(bytes);
        let (summary, rest) = numbers.split_at(tokens);
        let (scales, rest) = rest.split_at(heads + 1);
        let (conservation, rest) = rest.split_at(heads);
        let (arcs, statistics) = rest.split_at(1);
        Self {
            summary: summary.to_vec(),
            scales: scales.to_vec(),
            conservation: conservation.to_vec(),
            arcs: arcs.first().map_or(0, |arcs| arcs.to_bits()),
            statistics: statistics_of(statistics),
        }
    }

    /// The head where Σ A v is furthest from the captured output, and how far.
    #[must_use]
    pub fn worst_conservation(&self) -> Option<(usize, f32)> {
        self.conservation
            .iter()
            .copied()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }
}
