use bevy::math::{DMat3, DVec3, UVec2, Vec4Swizzles};
use bytemuck::{Pod, Zeroable};

use super::{
    Excerpt, Scene, Stopwatch, Target, boxes,
    cull::{BOX_PIXELS, pixels},
    light::{Lit, UNIT},
    painter::{self, STORAGE, entry},
    pipelines::{Build, Kind},
    pool::ANGLE,
    scene::shaders,
    sheet::extent,
    stopwatch::note,
};
use crate::{
    gpu::{self, Kernel},
    lattice::Layout,
};

/// Pixels of a workgroup in each direction.
const GROUP: u32 = 8;
const COLOUR: wgpu::TextureFormat = wgpu::TextureFormat::Rgba16Float;
const DEPTH: wgpu::TextureFormat = wgpu::TextureFormat::Rgba32Float;

/// Draws large lattices that stand still by rays, four a pixel, onto targets of one sample: a GPU has far more that
/// computes than that draws.
pub(super) struct Trace {
    kernel: Kernel,
    view: wgpu::Buffer,
    seen: wgpu::BindGroupLayout,
    /// What is seen alone, and with light.
    compose: [wgpu::RenderPipeline; 2],
    /// Ribbons in place of light that had no room: before what hides them, and through it.
    ribbons: [wgpu::RenderPipeline; 2],
    room: Option<Room>,
}

/// What the rays write, for one size of picture.
struct Room {
    size: UVec2,
    colours: wgpu::TextureView,
    depths: wgpu::TextureView,
}

/// One frame's rays, bound.
pub(super) struct Traced {
    size: UVec2,
    kernel: wgpu::BindGroup,
    colours: wgpu::BindGroup,
    hiding: wgpu::BindGroup,
    /// Four a pixel.
    pub depths: wgpu::TextureView,
}

/// In step with `View` in `trace.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct View {
    corner: [f32; 4],
    across: [f32; 4],
    down: [f32; 4],
    grain: [f32; 4],
}

impl Trace {
    /// With as many rays a pixel as a target of `target` has samples.
    pub fn new(device: &wgpu::Device, scene: &wgpu::BindGroupLayout, target: Target) -> Self {
        let body = [
            include_str!("../../shaders/rim.wgsl"),
            include_str!("../../shaders/merged.wgsl"),
            include_str!("../../shaders/trace.wgsl"),
        ];
        let text = format!(
            "{}const RAYS: u32 = {}u;\n{}",
            shaders(device),
            target.samples,
            boxes::with_colours(&body.concat())
        );
        let seen = seen_layout(device);
        let with = Build {
            device,
            target: Target {
                samples: 1,
                ..target
            },
            is_deep: false,
            groups: &[Some(scene), Some(&seen)],
        };
        let compose = |is_lit: bool| {
            let body = include_str!("../../shaders/compose.wgsl");
            let text = format!("const UNIT: f32 = {UNIT:?};\nconst LIT: bool = {is_lit};\n{body}");
            with.pipeline("compose", &text, "vertex", Kind::Whole)
        };
        let hiding = include_str!("../../shaders/hiding.wgsl");
        let ribbons = with.pipeline("ribbons", &painter::arcs(hiding), "vertex", Kind::Glow);
        let through = painter::arcs(painter::NOTHING_HIDES);
        Self {
            kernel: Kernel::new(device, "trace", &text, "trace"),
            view: gpu::uniform(device, "view", &View::zeroed()),
            compose: [compose(false), compose(true)],
            ribbons: [
                ribbons,
                with.pipeline("ribbons", &through, "vertex", Kind::Glow),
            ],
            seen,
            room: None,
        }
    }

    /// Whether a lattice can be drawn so: it stands still, and where rows are bent, their cells are as good as bent too.
    pub fn suits(scene: &Scene) -> bool {
        let arrangement = &scene.lattice.arrangement;
        let stands_still = scene.morph.as_ref().is_none_or(|(_, part)| *part >= 1.0);
        stands_still && (arrangement.radius == 0.0 || arrangement.step <= ANGLE)
    }

    /// Makes room and binds. The buffers are the scene, its merged colours, and light or what stands in for it.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        scene: &Scene,
        excerpt: Excerpt,
        [uniform, pooled, light]: [&wgpu::Buffer; 3],
    ) -> Traced {
        let size = excerpt.size;
        let room = match self.room.take() {
            Some(room) if room.size == size => self.room.insert(room),
            _ => self.room.insert(Room::new(device, size)),
        };
        queue.write_buffer(&self.view, 0, bytemuck::bytes_of(&view(scene, excerpt)));
        let seen = |texture: &wgpu::TextureView| {
            let resources = [
                wgpu::BindingResource::TextureView(texture),
                light.as_entire_binding(),
            ];
            let entries: Vec<_> = (0..)
                .zip(resources)
                .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
                .collect();
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("seen"),
                layout: &self.seen,
                entries: &entries,
            })
        };
        let buffers = [
            (0, uniform),
            (6, &scene.tables.tokens),
            (8, &scene.tables.rows),
            (9, pooled),
            (10, &self.view),
        ];
        let textures = [(11, &room.colours), (12, &room.depths)];
        Traced {
            size,
            kernel: self.kernel.bind_with(device, &buffers, &textures),
            colours: seen(&room.colours),
            hiding: seen(&room.depths),
            depths: room.depths.clone(),
        }
    }

    /// Records the rays.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        traced: &Traced,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let UVec2 { x, y } = (traced.size + GROUP - 1) / GROUP;
        self.kernel.dispatch(&mut pass, &traced.kernel, [x, y, 1]);
        drop(pass);
        note(watch, encoder, "trace");
    }

    /// Records the picture: what was seen, with its light.
    pub fn compose(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        scene: &Scene,
        shared: &wgpu::BindGroup,
        traced: &Traced,
        lit: Option<&Lit>,
        onto: &wgpu::TextureView,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("composed"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: onto,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations {
                    // All of it is written.
                    load: wgpu::LoadOp::Load,
                    store: wgpu::StoreOp::Store,
                },
            })],
            ..Default::default()
        });
        pass.set_bind_group(0, shared, &[]);
        pass.set_bind_group(1, &traced.colours, &[]);
        pass.set_pipeline(&self.compose[usize::from(lit.is_some())]);
        pass.draw(0..3, 0..1);
        if let Some(lit) = lit {
            let through = scene.lattice.layout == Layout::Rings;
            pass.set_bind_group(1, &traced.hiding, &[]);
            pass.set_pipeline(&self.ribbons[usize::from(through)]);
            pass.draw_indirect(&lit.ribbons, 0);
        }
        drop(pass);
        note(watch, encoder, "compose");
    }
}

impl Room {
    fn new(device: &wgpu::Device, size: UVec2) -> Self {
        let texture = |label, format| {
            let texture = device.create_texture(&wgpu::TextureDescriptor {
                label: Some(label),
                size: extent(size),
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            });
            texture.create_view(&wgpu::TextureViewDescriptor::default())
        };
        Self {
            size,
            colours: texture("seen", COLOUR),
            depths: texture("depths", DEPTH),
        }
    }
}

/// A texture that the rays wrote, and the light: with the scene's that makes eight storage buffers.
fn seen_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let texture = wgpu::BindGroupLayoutEntry {
        binding: 0,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: false },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        },
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("seen"),
        entries: &[texture, entry(1, wgpu::ShaderStages::FRAGMENT, STORAGE)],
    })
}

/// The rays through the pixels of a part: those of depth 1, so that a ray's length is the depth of where it ends.
fn view(scene: &Scene, excerpt: Excerpt) -> View {
    let clip = scene.eye.clip_from_world.as_dmat4();
    let [across, up, depth] = [0, 1, 3].map(|row| clip.row(row).xyz());
    let world = DMat3::from_cols(across, up, depth).transpose().inverse();
    let [x, y, right, rise] = excerpt.clip().map(f64::from);
    let size = excerpt.size.as_dvec2();
    let corner = world * DVec3::new((-1.0 - right) / x, (1.0 - rise) / y, 1.0);
    let column = world.x_axis * (2.0 / (size.x * x));
    let line = world.y_axis * (-2.0 / (size.y * y));
    let arrangement = &scene.lattice.arrangement;
    let pitch = match scene.lattice.layout {
        Layout::Rings => arrangement.step * arrangement.radius,
        Layout::Lattice | Layout::Grid => arrangement.step,
    };
    let with = |v: DVec3, w: f64| v.extend(w).as_vec4().to_array();
    View {
        corner: with(corner, size.x),
        across: with(column, size.y),
        down: with(line, f64::from(scene.tables.end)),
        grain: [
            pitch * pixels(scene) / BOX_PIXELS,
            f32::from(u8::from(scene.tables.has_gaps)),
            0.0,
            0.0,
        ],
    }
}
