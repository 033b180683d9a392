use bevy::math::UVec2;

use super::{Excerpt, Painter, Scene, Stopwatch, Target, panels::FORMAT, sheet::Sheet};
use crate::gpu::{self, Gpu, GpuError, Pending};

/// Draws frames of one size by themselves, over and over: to take their time, and to see what is drawn of them.
pub struct Rehearsal {
    gpu: Gpu,
    /// Draws them.
    pub painter: Painter,
    /// The part of a picture that they are, but for its size.
    pub excerpt: Excerpt,
    size: UVec2,
    sheet: Sheet,
}

impl Rehearsal {
    /// For frames with so many samples a pixel, on a light ground or a dark one.
    #[must_use]
    pub fn new(gpu: &Gpu, size: UVec2, samples: u32, light: bool) -> Self {
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
            sheet: Sheet::new(gpu.device(), target, size),
        }
    }

    /// Draws one frame and waits for it. Its steps are on the watch afterwards.
    pub fn draw(&mut self, scene: &Scene, mut watch: Option<&mut Stopwatch>) {
        let (device, queue) = (self.gpu.device(), self.gpu.queue());
        let excerpt = Excerpt {
            size: self.size,
            ..self.excerpt
        };
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        if let Some(watch) = &mut watch {
            watch.start(&mut encoder);
        }
        let (painter, watched) = (&mut self.painter, watch.as_deref_mut());
        self.sheet.draw(
            device,
            queue,
            &mut encoder,
            painter,
            scene,
            excerpt,
            watched,
        );
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
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let staging = gpu::copy_texture(&self.gpu, &mut encoder, &self.sheet.pixels);
        self.gpu.queue().submit([encoder.finish()]);
        let bytes = Pending::map(staging).wait(&self.gpu)?;
        Ok(gpu::without_padding(bytes, self.size.x))
    }
}
