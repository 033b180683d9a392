use bevy::math::UVec2;

use super::{
    Excerpt, Painter, PanelMesh, PanelPainter, Scene, Target, painter::Attachments, panels::FORMAT,
};
use crate::gpu::{self, Gpu, GpuError, Pending};

pub(super) const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;
/// Samples a pixel: what every adapter has.
const SAMPLES: u32 = 4;

/// Draws parts of pictures, panels and all, by itself: without a window, a frame or Bevy.
pub struct Canvas {
    gpu: Gpu,
    painters: Vec<Painter>,
    /// Draws the panels, and holds their textures.
    pub panels: PanelPainter,
    sheet: Option<Sheet>,
}

/// What is drawn on.
struct Sheet {
    size: UVec2,
    samples: wgpu::TextureView,
    depth: wgpu::TextureView,
    resolved: wgpu::Texture,
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
        }
    }

    /// Draws a part; its pixels come back as RGBA in sRGB, rows from the top and padded
    /// ([`gpu::without_padding`]). With the ground cut out, alpha is how much of a pixel is not ground, and the
    /// colour is as seen over the ground; light that arcs add or take away has no alpha of its own.
    ///
    /// # Errors
    /// When the adapter has no memory for it.
    pub fn draw(
        &mut self,
        scene: &Scene,
        panels: &PanelMesh,
        excerpt: Excerpt,
    ) -> Result<Pending, GpuError> {
        let gpu = self.gpu.clone();
        let staging = gpu::attempt(&gpu, || self.record(scene, panels, excerpt))
            .map_err(|reason| GpuError::Drawing { reason })?;
        Ok(Pending::map(staging))
    }

    /// Submits the draws and the copy to the buffer that comes back.
    fn record(&mut self, scene: &Scene, panels: &PanelMesh, excerpt: Excerpt) -> wgpu::Buffer {
        let gpu = self.gpu.clone();
        let (device, queue) = (gpu.device(), gpu.queue());
        let kind = Target {
            format: FORMAT,
            samples: SAMPLES,
            light: scene.colours.is_light(),
        };
        let painter = match self.painters.iter().position(|own| own.suits(kind)) {
            Some(index) => &mut self.painters[index],
            None => self.painters.push_mut(Painter::new(device, kind)),
        };
        let sheet = match self.sheet.take() {
            Some(sheet) if sheet.size == excerpt.size => self.sheet.insert(sheet),
            _ => self.sheet.insert(Sheet::new(device, excerpt.size)),
        };
        let bound = painter.prepare(device, queue, scene, excerpt);
        self.panels.prepare(queue, panels, excerpt);

        let [red, green, blue] = scene.colours.ground().map(f64::from);
        let alpha = if excerpt.cut_out { 0.0 } else { 1.0 };
        let resolved = sheet
            .resolved
            .create_view(&wgpu::TextureViewDescriptor::default());
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let ground = wgpu::LoadOp::Clear(wgpu::Color {
            r: red,
            g: green,
            b: blue,
            a: alpha,
        });
        if bound.is_traced() {
            painter.trace(device, &mut encoder, scene, &bound, &resolved, None);
        } else {
            let attachments = attachments(&sheet.samples, Some(&resolved), &sheet.depth, ground);
            painter.draw(
                device,
                &mut encoder,
                scene,
                &bound,
                &sheet.depth,
                attachments,
                None,
            );
        }
        {
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("panels of a picture"),
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: &resolved,
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
        let staging = gpu::copy_texture(&gpu, &mut encoder, &sheet.resolved);
        queue.submit([encoder.finish()]);
        staging
    }

    /// Lets go of what was drawn on; pipelines and the panels' textures stay.
    pub fn put_away(&mut self) {
        self.sheet = None;
    }
}

impl Sheet {
    fn new(device: &wgpu::Device, size: UVec2) -> Self {
        let texture = |label, format, sample_count, usage| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size: extent(size),
                mip_level_count: 1,
                sample_count,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT | usage,
                view_formats: &[],
            })
        };
        let none = wgpu::TextureUsages::empty();
        let view =
            |texture: wgpu::Texture| texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self {
            size,
            samples: view(texture("samples", FORMAT, SAMPLES, none)),
            depth: view(texture(
                "depth",
                DEPTH,
                SAMPLES,
                wgpu::TextureUsages::TEXTURE_BINDING,
            )),
            resolved: texture("part", FORMAT, 1, wgpu::TextureUsages::COPY_SRC),
        }
    }
}

/// Attachments that are cleared in the first pass and kept for the second; depth is reversed: 0 is far.
pub(super) fn attachments<'a>(
    samples: &'a wgpu::TextureView,
    resolved: Option<&'a wgpu::TextureView>,
    depth: &'a wgpu::TextureView,
    ground: wgpu::LoadOp<wgpu::Color>,
) -> impl FnMut() -> Attachments<'a> {
    let mut load = (ground, wgpu::LoadOp::Clear(0.0));
    move || {
        let (colours, depths) =
            std::mem::replace(&mut load, (wgpu::LoadOp::Load, wgpu::LoadOp::Load));
        let colour = wgpu::RenderPassColorAttachment {
            view: samples,
            depth_slice: None,
            resolve_target: resolved,
            ops: wgpu::Operations {
                load: colours,
                store: wgpu::StoreOp::Store,
            },
        };
        let depth = wgpu::RenderPassDepthStencilAttachment {
            view: depth,
            depth_ops: Some(wgpu::Operations {
                load: depths,
                store: wgpu::StoreOp::Store,
            }),
            stencil_ops: None,
        };
        (colour, depth)
    }
}

pub(super) fn extent(size: UVec2) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width: size.x,
        height: size.y,
        depth_or_array_layers: 1,
    }
}
