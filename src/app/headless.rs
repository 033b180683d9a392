use std::path::Path;

use bevy::prelude::UVec2;

use super::{Picture, Stage, Start};
use crate::{
    files::Watch,
    gpu::{self, Gpu, Pending},
    session::PictureOptions,
};

/// Draws what a session shows to a PNG, without a window; `watch` counts parts.
///
/// # Errors
/// When the model cannot be opened or run, no such picture can be drawn, or the file cannot be written.
pub fn render(
    gpu: &Gpu,
    start: Start,
    path: &Path,
    options: &PictureOptions,
    watch: &mut Watch<'_>,
) -> anyhow::Result<()> {
    let mut stage = Stage::for_pictures(gpu, start, options.size)?;
    stage.settle()?;
    stage.write_picture(path, options, watch)
}

/// Copies a texture out; rows come padded to 256 bytes.
pub(super) fn read(
    gpu: &Gpu,
    texture: &wgpu::Texture,
    size: UVec2,
) -> Result<Picture, gpu::GpuError> {
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
    Ok(Picture {
        width: size.x,
        height: size.y,
        pixels,
    })
}
