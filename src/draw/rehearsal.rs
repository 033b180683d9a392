use bevy::math::UVec2;

use super::{
    Excerpt, Painter, Scene, Stopwatch, Target,
    panels::FORMAT,
    sheet::{DEPTH, attachments, extent, view},
};
use crate::gpu::{self, Gpu, GpuError, Pending};

/// Draws frames of one size by themselves, over and over: to take their time, and to see what is drawn of them.
pub struct Rehearsal {
    gpu: Gpu,
    /// Draws them.
    pub painter: Painter,
    /// The part of a picture that they are, but for its size.
    pub excerpt: Excerpt,
    size: UVec2,
    samples: wgpu::Texture,
    resolved: Option<wgpu::Texture>,
    depth: wgpu::TextureView,
}

impl Rehearsal {
    /// For frames with so many samples a pixel, on a light ground or a dark one.
    #[must_use]
    pub fn new(gpu: &Gpu, size: UVec2, samples: u32, light: bool) -> Self {
        let texture = |format, sample_count, usage| {
            gpu.device().create_texture(&wgpu::TextureDescriptor {
                label: Some("rehearsal"),
                size: extent(size),
                mip_level_count: 1,
                sample_count,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT | usage,
                view_formats: &[],
            })
        };
        let (read, none) = (wgpu::TextureUsages::COPY_SRC, wgpu::TextureUsages::empty());
        let is_resolved = samples > 1;
        let target = Target {
            format: FORMAT,
            samples,
            light,
        };
        Self {
            painter: Painter::new(gpu.device(), target),
            gpu: gpu.clone(),
            excerpt: Excerpt::whole(size),
            size,
            samples: texture(FORMAT, samples, if is_resolved { none } else { read }),
            resolved: is_resolved.then(|| texture(FORMAT, 1, read)),
            depth: view(&texture(
                DEPTH,
                samples,
                wgpu::TextureUsages::TEXTURE_BINDING,
            )),
        }
    }

    /// Draws one frame and waits for it. Its steps are on the watch afterwards.
    pub fn draw(&mut self, scene: &Scene, mut watch: Option<&mut Stopwatch>) {
        let (device, queue) = (self.gpu.device(), self.gpu.queue());
        let excerpt = Excerpt {
            size: self.size,
            ..self.excerpt
        };
        let bound = self.painter.prepare(device, queue, scene, excerpt);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if let Some(watch) = &mut watch {
            watch.start(&mut encoder);
        }
        let [r, g, b] = scene.colours.ground().map(f64::from);
        let a = if excerpt.cut_out { 0.0 } else { 1.0 };
        let ground = wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a });
        let (samples, resolved) = (view(&self.samples), self.resolved.as_ref().map(view));
        if bound.is_traced() {
            let onto = resolved.as_ref().unwrap_or(&samples);
            let watch = watch.as_deref_mut();
            self.painter
                .trace(device, &mut encoder, scene, &bound, onto, watch);
        } else {
            self.painter.draw(
                device,
                &mut encoder,
                scene,
                &bound,
                &self.depth,
                attachments(&samples, resolved.as_ref(), &self.depth, ground),
                watch.as_deref_mut(),
            );
        }
        if let Some(watch) = watch {
            watch.stop(&mut encoder);
        }
        queue.submit([encoder.finish()]);
        gpu::wait_idle(&self.gpu);
    }

    /// The frame drawn last: RGBA in sRGB, 8 bits each, rows from the top.
    ///
    /// # Errors
    /// When the device fails.
    pub fn pixels(&self) -> Result<Vec<u8>, GpuError> {
        let device = self.gpu.device();
        let row = self.size.x * 4;
        let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let staging = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("rehearsal"),
            size: u64::from(padded) * u64::from(self.size.y),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let texture = self.resolved.as_ref().unwrap_or(&self.samples);
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
            extent(self.size),
        );
        self.gpu.queue().submit([encoder.finish()]);
        let bytes = Pending::map(staging).wait(&self.gpu)?;
        let rows = bytes.chunks_exact(padded as usize);
        Ok(rows
            .flat_map(|line| &line[..row as usize])
            .copied()
            .collect())
    }
}
