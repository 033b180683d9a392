use bevy::prelude::{Msaa, UVec2};

use super::{Stage, Start};
use crate::gpu::{self, Gpu, Pending};

/// A picture, RGBA in sRGB, 8 bits each, rows from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `4 × width × height` bytes.
    pub pixels: Vec<u8>,
}

/// Draws what a session shows, without a window.
///
/// # Errors
/// When the model cannot be opened or run, or the picture is larger than the adapter allows.
pub fn render(gpu: &Gpu, start: Start, size: UVec2) -> anyhow::Result<Picture> {
    let mut stage = Stage::new(gpu, start, size, Msaa::Sample4)?;
    stage.settle()?;
    stage.picture()
}

impl Picture {
    /// Copies a texture out; rows come padded to 256 bytes.
    pub(super) fn read(
        gpu: &Gpu,
        texture: &wgpu::Texture,
        size: UVec2,
    ) -> Result<Self, gpu::GpuError> {
        let row = size.x * 4;
        let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let staging = gpu.device().create_buffer(&wgpu::BufferDescriptor {
            label: Some("picture"),
            size: u64::from(padded) * u64::from(size.y),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = gpu
            .device()
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &staging,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(padded),
                    rows_per_image: None,
                },
            },
            wgpu::Extent3d {
                width: size.x,
                height: size.y,
                depth_or_array_layers: 1,
            },
        );
        gpu.queue().submit([encoder.finish()]);
        let bytes = Pending::map(staging).wait(gpu)?;
        let pixels = bytes
            .chunks_exact(padded as usize)
            .flat_map(|line| &line[..row as usize])
            .copied()
            .collect();
        Ok(Self {
            width: size.x,
            height: size.y,
            pixels,
        })
    }
}
