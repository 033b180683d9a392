use bevy::math::{URect, UVec2};

use super::{
    Bound, Excerpt, Painter, Scene, Split, Target,
    sheet::{DEPTH, attachments, extent, view},
    split::OtherPart,
};

/// Pixels of the window for one that is drawn, in each direction.
const GRAIN: f32 = 2.0;

/// A smaller picture that is made larger.
pub(super) struct Coarse {
    size: UVec2,
    format: wgpu::TextureFormat,
    colour: wgpu::Texture,
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

    /// The same of what a picture is split by.
    fn split(split: &Split) -> Split {
        let smaller = |at: UVec2| (at.as_vec2() / GRAIN).ceil().as_uvec2();
        Split {
            scene: Self::scene(&split.scene),
            part: URect::from_corners(smaller(split.part.min), smaller(split.part.max)),
        }
    }

    pub fn new(device: &wgpu::Device, size: UVec2, format: wgpu::TextureFormat) -> Self {
        let texture = |format, usage| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some("coarse"),
                size: extent(size),
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT
                    | wgpu::TextureUsages::TEXTURE_BINDING
                    | usage,
                view_formats: &[],
            })
        };
        Self {
            size,
            format,
            colour: texture(format, wgpu::TextureUsages::COPY_DST),
            depth: view(&texture(DEPTH, wgpu::TextureUsages::empty())),
            blitter: wgpu::util::TextureBlitterBuilder::new(device, format)
                .sample_type(wgpu::FilterMode::Linear)
                .build(),
        }
    }

    pub fn suits(&self, size: UVec2, format: wgpu::TextureFormat) -> bool {
        (self.size, self.format) == (size, format)
    }

    /// Draws a scene, and another one in its right part, and enlarges both to all of `target`.
    pub fn draw(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        painter: &Painter,
        scene: &Scene,
        bound: &Bound,
        split: Option<(&wgpu::Queue, &mut OtherPart, Target, &Split)>,
        target: &wgpu::TextureView,
    ) {
        let [r, g, b] = scene.colours.ground().map(f64::from);
        let ground = wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a: 1.0 });
        let colour = view(&self.colour);
        let attachments = attachments(&colour, None, &self.depth, ground);
        painter.draw(
            device,
            encoder,
            scene,
            bound,
            &self.depth,
            attachments,
            None,
        );
        if let Some((queue, right, kind, split)) = split {
            let (split, whole) = (Self::split(split), Excerpt::whole(self.size));
            right.draw(device, queue, encoder, kind, &split, whole, &self.colour);
        }
        self.blitter.copy(device, encoder, &colour, target);
    }
}
