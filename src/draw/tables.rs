use wgpu::util::DeviceExt;

use crate::{lattice::Lattice, session::Session};

/// Where tokens and heads stand and whether they are on show, for the shaders. Cheap to clone.
#[derive(Clone)]
pub struct Tables {
    /// `[tokens]`: place along the text, and 0 folded away, 1 outside the passage, 2 on show.
    pub(super) tokens: wgpu::Buffer,
    /// `[layers × heads]`: place within the layer, and the top bit when shown.
    pub(super) heads: wgpu::Buffer,
    /// `[places]`: the first token there.
    pub(super) places: wgpu::Buffer,
    /// `[layers × heads]` by layer and place within it: the head of all layers there.
    pub(super) rows: wgpu::Buffer,
    /// Some tokens are folded away or not written yet.
    pub(super) has_holes: bool,
    /// Places from the first up to the last that is there.
    pub(super) end: u32,
    /// Some of them are not there.
    pub(super) has_gaps: bool,
}

/// In step with `SHOWN_HEAD` in `scene.wgsl`.
const SHOWN_HEAD: u32 = 0x8000_0000;

impl Tables {
    /// Uploads what a lattice and a session say.
    #[must_use]
    pub fn new(device: &wgpu::Device, lattice: &Lattice, session: &Session) -> Self {
        let state = |token| {
            if lattice.places.is_hidden(token) || !session.is_written(token) {
                0.0
            } else if session.in_passage(token) {
                2.0
            } else {
                1.0
            }
        };
        let tokens: Vec<[f32; 2]> = (0..lattice.shape.tokens)
            .map(|token| [lattice.places.of(token), state(token)])
            .collect();
        let heads: Vec<u32> = (0..lattice.shape.rows())
            .map(|row| {
                let head = lattice.shape.head(row);
                let shown = if session.heads.has(head) {
                    SHOWN_HEAD
                } else {
                    0
                };
                lattice.slot(head) as u32 | shown
            })
            .collect();
        // A fold's tokens share a place.
        let mut places: Vec<u32> = vec![0; lattice.places.count() as usize];
        for token in (0..lattice.shape.tokens).rev() {
            if let Some(first) = places.get_mut(lattice.places.of(token) as usize) {
                *first = token as u32;
            }
        }
        let mut rows: Vec<u32> = vec![0; heads.len()];
        for row in 0..heads.len() {
            let head = lattice.shape.head(row);
            let at = head.layer * lattice.shape.heads + lattice.slot(head);
            if let Some(own) = rows.get_mut(at) {
                *own = row as u32;
            }
        }
        let are_there: Vec<bool> = places
            .iter()
            .map(|first| {
                tokens
                    .get(*first as usize)
                    .is_some_and(|[_, state]| *state != 0.0)
            })
            .collect();
        let end = are_there
            .iter()
            .rposition(|it| *it)
            .map_or(0, |last| last + 1);
        let upload = |label, contents| {
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(label),
                contents,
                usage: wgpu::BufferUsages::STORAGE,
            })
        };
        Self {
            tokens: upload("token table", bytemuck::cast_slice(&tokens)),
            heads: upload("head table", bytemuck::cast_slice(&heads)),
            rows: upload("row table", bytemuck::cast_slice(&rows)),
            end: end as u32,
            has_gaps: !are_there[..end].iter().all(|it| *it),
            has_holes: tokens.iter().any(|[_, state]| *state == 0.0),
            places: upload("place table", bytemuck::cast_slice(&places)),
        }
    }
}
