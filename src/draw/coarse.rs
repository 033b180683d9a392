use bevy::math::UVec2;

use super::{
    Bound, Painter, Scene,
    canvas::{DEPTH, attachments, extent},
};

/// Pixels of the window for one that is drawn, in each direction.
const GRAIN: f32 = 2.0;

/// A smaller picture that is made larger.
pub(super) struct Coarse {
    size: UVec2,
    format: wgpu::TextureFormat,
    colour: wgpu::TextureView,
    depth: wgpu::TextureView,
    blitter: wgpu::util::TextureBlitter,
}

impl Coarse {
    /// The same scene with fewer pixels.
    pub fn scene(scene: &Scene) -> Scene {
        let mut scene = scene.clone();
        scene.eye.viewport = (scene.eye.viewport / GRAIN).ceil();
        scene
    }

    pub fn new(device: &wgpu::Device, size: UVec2, format: wgpu::TextureFormat) -> Self {
        let texture = |format| {
            let texture = device.create_texture(&wgpu::TextureDescriptor {
                label: Some("coarse"),
                size: extent(size),
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                    | wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            });
            texture.create_view(&wgpu::TextureViewDescriptor::default())
        };
        Self {
            size,
            format,
            colour: texture(format),
            depth: texture(DEPTH),
            blitter: wgpu::util::TextureBlitterBuilder::new(device, format)
                .sample_type(wgpu::FilterMode::Linear)
                .build(),
        }
    }

    pub fn suits(&self, size: UVec2, format: wgpu::TextureFormat) -> bool {
        (self.size, self.format) == (size, format)
    }

    /// Draws a scene and enlarges it to all of `target`.
    pub fn draw(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        painter: &Painter,
        scene: &Scene,
        bound: &Bound,
        target: &wgpu::TextureView,
    ) {
        let [r, g, b] = scene.colours.ground().map(f64::from);
        let ground = wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a: 1.0 });
        let attachments = attachments(&self.colour, None, &self.depth, ground);
        painter.draw(
            device,
            encoder,
            scene,
            bound,
            &self.depth,
            attachments,
            None,
        );
        self.blitter.copy(device, encoder, &self.colour, target);
    }
}
