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
    /// Some tokens are folded away or not written yet.
    pub(super) has_holes: bool,
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
            has_holes: tokens.iter().any(|[_, state]| *state == 0.0),
            places: upload("place table", bytemuck::cast_slice(&places)),
        }
    }
}
