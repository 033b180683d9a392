use bevy::math::{Rect, URect, Vec2};

use super::{
    Excerpt, Painter, Scene, Target,
    painter::suiting,
    sheet::{Sheet, extent},
};

/// Another scene, which has a part of the picture.
#[derive(Clone)]
pub struct Split {
    /// What is seen there.
    pub scene: Scene,
    /// Its part, in pixels.
    pub part: URect,
}

impl Split {
    /// A scene beside one in which `largest` is the contribution norm of full colour.
    #[must_use]
    pub fn new(scene: Scene, part: Rect, largest: f32) -> Self {
        let corner = |at: Vec2| at.max(Vec2::ZERO).round().as_uvec2();
        Self {
            scene: Scene { largest, ..scene },
            part: URect::from_corners(corner(part.min), corner(part.max)),
        }
    }
}

/// Draws the other scene of pictures that are split, with painters of its own: what a painter knows of a scene holds for a
/// whole frame.
#[derive(Default)]
pub(super) struct OtherPart {
    painters: Vec<Painter>,
    sheet: Option<Sheet>,
}

impl OtherPart {
    /// Records what of the other scene is in a part of a picture, over the pixels that are there: `onto` is that part.
    pub fn draw(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        target: Target,
        split: &Split,
        excerpt: Excerpt,
        onto: &wgpu::Texture,
    ) {
        let drawn = URect::from_corners(excerpt.origin, excerpt.origin + excerpt.size);
        let part = drawn.intersect(split.part);
        if part.is_empty() {
            return;
        }
        let to = part.min - excerpt.origin;
        let part = Excerpt {
            origin: part.min,
            size: part.size(),
            ..excerpt
        };
        let painter = suiting(&mut self.painters, target, || Painter::new(device, target));
        let sheet = Sheet::ready(&mut self.sheet, device, target, part.size);
        sheet.draw(device, queue, encoder, painter, &split.scene, part, None);
        let onto = wgpu::TexelCopyTextureInfo {
            origin: wgpu::Origin3d {
                x: to.x,
                y: to.y,
                z: 0,
            },
            ..onto.as_image_copy()
        };
        encoder.copy_texture_to_texture(sheet.pixels.as_image_copy(), onto, extent(part.size));
    }

    /// Lets go of what was drawn on.
    pub fn put_away(&mut self) {
        self.sheet = None;
    }
}
