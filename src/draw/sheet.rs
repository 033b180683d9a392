use bevy::math::UVec2;

use super::{Excerpt, Painter, Scene, Stopwatch, Target, painter::Attachments};

pub(super) const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Depth32Float;

/// What a part of a picture is drawn on by itself.
pub(super) struct Sheet {
    size: UVec2,
    target: Target,
    samples: Option<wgpu::TextureView>,
    depth: wgpu::TextureView,
    /// The pixels that come of it.
    pub pixels: wgpu::Texture,
}

impl Sheet {
    pub fn new(device: &wgpu::Device, target: Target, size: UVec2) -> Self {
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
        let samples = target.samples;
        Self {
            size,
            target,
            samples: (samples > 1).then(|| view(&texture("samples", target.format, samples, none))),
            depth: view(&texture(
                "depth",
                DEPTH,
                samples,
                wgpu::TextureUsages::TEXTURE_BINDING,
            )),
            pixels: texture(
                "part",
                target.format,
                1,
                wgpu::TextureUsages::COPY_SRC | wgpu::TextureUsages::COPY_DST,
            ),
        }
    }

    /// The one that is there, if it is for such a target and as large, or another in its place.
    pub fn ready<'a>(
        slot: &'a mut Option<Self>,
        device: &wgpu::Device,
        target: Target,
        size: UVec2,
    ) -> &'a Self {
        let suits = |own: &Self| (own.target, own.size) == (target, size);
        let sheet = slot.take().filter(suits);
        slot.insert(sheet.unwrap_or_else(|| Self::new(device, target, size)))
    }

    /// Records a part of a picture of `scene` onto the pixels: all of them. The painter is for the same target.
    pub fn draw(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        painter: &mut Painter,
        scene: &Scene,
        excerpt: Excerpt,
        watch: Option<&mut Stopwatch>,
    ) {
        let bound = painter.prepare(device, queue, scene, excerpt);
        let pixels = view(&self.pixels);
        if bound.is_traced() {
            painter.trace(device, encoder, scene, &bound, &pixels, watch);
            return;
        }
        let [r, g, b] = scene.colours.ground().map(f64::from);
        let a = if excerpt.cut_out { 0.0 } else { 1.0 };
        let ground = wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a });
        let (onto, resolved) = match &self.samples {
            Some(samples) => (samples, Some(&pixels)),
            None => (&pixels, None),
        };
        let attachments = attachments(onto, resolved, &self.depth, ground);
        painter.draw(
            device,
            encoder,
            scene,
            &bound,
            &self.depth,
            attachments,
            watch,
        );
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

pub(super) fn view(texture: &wgpu::Texture) -> wgpu::TextureView {
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

pub(super) fn extent(size: UVec2) -> wgpu::Extent3d {
    wgpu::Extent3d {
        width: size.x,
        height: size.y,
        depth_or_array_layers: 1,
    }
}
