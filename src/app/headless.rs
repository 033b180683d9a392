use std::path::Path;

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

/// Copies a texture out.
pub(super) fn read(gpu: &Gpu, texture: &wgpu::Texture) -> Result<Picture, gpu::GpuError> {
    let mut encoder = gpu
        .device()
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let staging = gpu::copy_texture(gpu, &mut encoder, texture);
    gpu.queue().submit([encoder.finish()]);
    let bytes = Pending::map(staging).wait(gpu)?;
    Ok(Picture {
        width: texture.width(),
        height: texture.height(),
        pixels: gpu::without_padding(bytes, texture.width()),
    })
}
