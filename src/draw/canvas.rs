use super::{
    Excerpt, Painter, PanelMesh, PanelPainter, Scene, Split, Target,
    painter::suiting,
    panels::FORMAT,
    sheet::{Sheet, view},
    split::OtherPart,
};
use crate::gpu::{self, Gpu, GpuError, Pending};

/// Samples a pixel: what every adapter has.
const SAMPLES: u32 = 4;

/// Draws parts of pictures, panels and all, by itself: without a window, a frame or Bevy.
pub struct Canvas {
    gpu: Gpu,
    painters: Vec<Painter>,
    /// Draws the panels, and holds their textures.
    pub panels: PanelPainter,
    sheet: Option<Sheet>,
    right: OtherPart,
}

impl Canvas {
    /// Nothing is drawn yet.
    #[must_use]
    pub fn new(gpu: &Gpu) -> Self {
        Self {
            gpu: gpu.clone(),
            painters: Vec::new(),
            panels: PanelPainter::new(gpu.device()),
            sheet: None,
            right: OtherPart::default(),
        }
    }

    /// Draws a part, with another scene where the picture is split; its pixels come back as RGBA in sRGB, rows from the top and padded
    /// ([`gpu::without_padding`]). With the ground cut out, alpha is how much of a pixel is not ground, and the
    /// colour is as seen over the ground; light that arcs add or take away has no alpha of its own.
    ///
    /// # Errors
    /// When the adapter has no memory for it.
    pub fn draw(
        &mut self,
        scene: &Scene,
        split: Option<&Split>,
        panels: &PanelMesh,
        excerpt: Excerpt,
    ) -> Result<Pending, GpuError> {
        let gpu = self.gpu.clone();
        let staging = gpu::attempt(&gpu, || self.record(scene, split, panels, excerpt));
        if staging.is_err() {
            self.begin_anew();
        }
        let staging = staging.map_err(|reason| GpuError::Drawing { reason })?;
        Ok(Pending::map(staging))
    }

    /// Submits the draws and the copy to the buffer that comes back.
    fn record(
        &mut self,
        scene: &Scene,
        split: Option<&Split>,
        panels: &PanelMesh,
        excerpt: Excerpt,
    ) -> wgpu::Buffer {
        let gpu = self.gpu.clone();
        let (device, queue) = (gpu.device(), gpu.queue());
        let kind = Target {
            format: FORMAT,
            samples: SAMPLES,
            light: scene.colours.is_light(),
        };
        let painter = suiting(&mut self.painters, kind, || Painter::new(device, kind));
        let sheet = Sheet::ready(&mut self.sheet, device, kind, excerpt.size);
        self.panels.prepare(queue, panels, excerpt);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        sheet.draw(device, queue, &mut encoder, painter, scene, excerpt, None);
        if let Some(split) = split {
            let (right, onto) = (&mut self.right, &sheet.pixels);
            right.draw(device, queue, &mut encoder, kind, split, excerpt, onto);
        }
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("panels of a picture"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &view(&sheet.pixels),
                    depth_slice: None,
                    resolve_target: None,
                    ops: wgpu::Operations {
                        load: wgpu::LoadOp::Load,
                        store: wgpu::StoreOp::Store,
                    },
                })],
                ..Default::default()
            });
            self.panels.paint(&mut pass, panels, excerpt);
        }
        let staging = gpu::copy_texture(&gpu, &mut encoder, &sheet.pixels);
        queue.submit([encoder.finish()]);
        staging
    }

    /// After an error of the device: what could not be made is not kept.
    pub fn begin_anew(&mut self) {
        self.painters.clear();
        self.panels.clear();
        self.put_away();
    }

    /// Lets go of what was drawn on; pipelines and the panels' textures stay.
    pub fn put_away(&mut self) {
        self.sheet = None;
        self.right.put_away();
    }
}
