use std::{collections::HashMap, ops::Range};

use bevy::math::{UVec2, Vec2};
use egui::{
    ClippedPrimitive, ImageData, Rect, TextureId, TextureOptions, TexturesDelta,
    epaint::{ImageDelta, Primitive, Vertex},
};
use wgpu::util::DeviceExt;

use super::{
    Excerpt,
    panel_pipeline::{bindings, pipeline},
};
use crate::gpu;

/// Of textures and of what is drawn on.
pub(super) const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8UnormSrgb;

/// Draws egui's triangles over a picture, or over a part of one; it knows nothing of Bevy.
pub struct PanelPainter {
    pipeline: wgpu::RenderPipeline,
    place: wgpu::Buffer,
    placed: wgpu::BindGroup,
    layout: wgpu::BindGroupLayout,
    textures: HashMap<TextureId, (wgpu::Texture, wgpu::BindGroup)>,
}

/// What the panels of one frame are drawn from.
pub struct PanelMesh {
    vertices: wgpu::Buffer,
    indices: wgpu::Buffer,
    draws: Vec<(Rect, TextureId, Range<u32>)>,
    pixels_per_point: f32,
}

impl PanelPainter {
    /// Compiles the pipeline.
    #[must_use]
    pub fn new(device: &wgpu::Device) -> Self {
        let place = gpu::uniform(device, "place of panels", &[0.0f32; 4]);
        let place_layout = bindings(
            device,
            &[(
                wgpu::ShaderStages::VERTEX,
                wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
            )],
        );
        let placed = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("place of panels"),
            layout: &place_layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: place.as_entire_binding(),
            }],
        });
        let fragment = wgpu::ShaderStages::FRAGMENT;
        let layout = bindings(
            device,
            &[
                (
                    fragment,
                    wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: true },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                ),
                (
                    fragment,
                    wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                ),
            ],
        );
        Self {
            pipeline: pipeline(device, &[Some(&place_layout), Some(&layout)]),
            place,
            placed,
            layout,
            textures: HashMap::new(),
        }
    }

    /// Takes over the textures that egui has changed; those that it lets go of stay.
    pub fn update(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, delta: &TexturesDelta) {
        for (id, image) in &delta.set {
            let ImageData::Color(pixels) = &image.image;
            let size = UVec2::from(pixels.size.map(|side| side as u32));
            let corner = image.pos.map(|pos| UVec2::from(pos.map(|at| at as u32)));
            if corner.is_none() {
                self.textures
                    .insert(*id, self.texture(device, size, image.options));
            }
            let Some((texture, _)) = self.textures.get(id) else {
                continue;
            };
            write(queue, texture, corner.unwrap_or_default(), size, image);
        }
    }

    /// Lets go of all textures, before those of another context come.
    pub fn clear(&mut self) {
        self.textures.clear();
    }

    fn texture(
        &self,
        device: &wgpu::Device,
        size: UVec2,
        options: TextureOptions,
    ) -> (wgpu::Texture, wgpu::BindGroup) {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("of panels"),
            size: wgpu::Extent3d {
                width: size.x,
                height: size.y,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: FORMAT,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let filter = |filter| match filter {
            egui::TextureFilter::Nearest => wgpu::FilterMode::Nearest,
            egui::TextureFilter::Linear => wgpu::FilterMode::Linear,
        };
        let wrap = match options.wrap_mode {
            egui::TextureWrapMode::ClampToEdge => wgpu::AddressMode::ClampToEdge,
            egui::TextureWrapMode::Repeat => wgpu::AddressMode::Repeat,
            egui::TextureWrapMode::MirroredRepeat => wgpu::AddressMode::MirrorRepeat,
        };
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            address_mode_u: wrap,
            address_mode_v: wrap,
            mag_filter: filter(options.magnification),
            min_filter: filter(options.minification),
            ..Default::default()
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let bound = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("of panels"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&view),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::Sampler(&sampler),
                },
            ],
        });
        (texture, bound)
    }

    /// Uploads what egui has tessellated.
    #[must_use]
    pub fn mesh(
        &self,
        device: &wgpu::Device,
        primitives: &[ClippedPrimitive],
        pixels_per_point: f32,
    ) -> PanelMesh {
        let mut vertices: Vec<Vertex> = Vec::new();
        let mut indices: Vec<u32> = Vec::new();
        let mut draws = Vec::new();
        for ClippedPrimitive {
            clip_rect,
            primitive,
        } in primitives
        {
            // No panel paints in another way.
            let Primitive::Mesh(mesh) = primitive else {
                continue;
            };
            let (first, start) = (vertices.len() as u32, indices.len() as u32);
            vertices.extend(&mesh.vertices);
            indices.extend(mesh.indices.iter().map(|index| first + index));
            draws.push((*clip_rect, mesh.texture_id, start..indices.len() as u32));
        }
        let upload = |label, contents: &[u8], usage| {
            device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: Some(label),
                // A buffer may not be empty.
                contents: if contents.is_empty() {
                    &[0; 4]
                } else {
                    contents
                },
                usage,
            })
        };
        PanelMesh {
            vertices: upload(
                "corners of panels",
                bytemuck::cast_slice(&vertices),
                wgpu::BufferUsages::VERTEX,
            ),
            indices: upload(
                "triangles of panels",
                bytemuck::cast_slice(&indices),
                wgpu::BufferUsages::INDEX,
            ),
            draws,
            pixels_per_point,
        }
    }

    /// Writes where on the part that is drawn they stand.
    pub fn prepare(&self, queue: &wgpu::Queue, mesh: &PanelMesh, excerpt: Excerpt) {
        let size = excerpt.size.as_vec2();
        let factor = Vec2::new(2.0, -2.0) * mesh.pixels_per_point / size;
        let from = excerpt.origin.as_vec2() / size * 2.0;
        let shift = Vec2::new(-1.0 - from.x, 1.0 + from.y);
        let place = [factor.x, factor.y, shift.x, shift.y];
        queue.write_buffer(&self.place, 0, bytemuck::cast_slice(&place));
    }

    /// Records the draws.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>, mesh: &PanelMesh, excerpt: Excerpt) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.placed, &[]);
        pass.set_vertex_buffer(0, mesh.vertices.slice(..));
        pass.set_index_buffer(mesh.indices.slice(..), wgpu::IndexFormat::Uint32);
        for (clip, texture, indices) in &mesh.draws {
            let (Some((corner, size)), Some((_, texture))) = (
                inside(*clip, mesh.pixels_per_point, excerpt),
                self.textures.get(texture),
            ) else {
                continue;
            };
            pass.set_scissor_rect(corner.x, corner.y, size.x, size.y);
            pass.set_bind_group(1, texture, &[]);
            pass.draw_indexed(indices.clone(), 0, 0..1);
        }
    }
}

/// The part of a clip rectangle that is on the part drawn: corner and size in its pixels.
fn inside(clip: Rect, pixels_per_point: f32, excerpt: Excerpt) -> Option<(UVec2, UVec2)> {
    let pixels = |at: egui::Pos2| {
        let at = Vec2::new(at.x, at.y) * pixels_per_point;
        let at = at.round().max(Vec2::ZERO).as_uvec2();
        at.clamp(excerpt.origin, excerpt.origin + excerpt.size) - excerpt.origin
    };
    let (min, max) = (pixels(clip.min), pixels(clip.max));
    (min.cmplt(max).all()).then(|| (min, max - min))
}

fn write(
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
    corner: UVec2,
    size: UVec2,
    image: &ImageDelta,
) {
    let ImageData::Color(pixels) = &image.image;
    queue.write_texture(
        wgpu::TexelCopyTextureInfo {
            texture,
            mip_level: 0,
            origin: wgpu::Origin3d {
                x: corner.x,
                y: corner.y,
                z: 0,
            },
            aspect: wgpu::TextureAspect::All,
        },
        bytemuck::cast_slice(&pixels.pixels),
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(size.x * 4),
            rows_per_image: None,
        },
        wgpu::Extent3d {
            width: size.x,
            height: size.y,
            depth_or_array_layers: 1,
        },
    );
}
