use bevy::math::UVec2;

use super::{
    Stopwatch,
    painter::{ARC_SEGMENTS, STORAGE, entry},
    scene::shaders,
    stopwatch::note,
};
use crate::gpu::{self, Gpu, GpuError, Kernel};

/// Pixels of a square, in each direction.
const SIDE: u32 = 16;
/// Segments of arcs that there is room for at a time: a segment counts for each square it crosses.
pub(super) const SEGMENTS: u64 = 16 << 20;
/// Rounds of as many, at most.
const MOST_ROUNDS: u32 = 8;
/// Workgroups that look for segments, and that add them up.
const GROUPS: u32 = 4096;
/// Words before the first square, as `segments.wgsl` counts them.
const FIRST: u64 = 12 + MOST_ROUNDS as u64;
/// Of light, in whole numbers.
pub(super) const UNIT: f32 = 4096.0;

/// Adds arcs up by squares of the picture: many thousands of them cost little more than the pixels they light.
pub(super) struct Light {
    clear: Kernel,
    count: Kernel,
    allot: Kernel,
    fill: Kernel,
    turn: Kernel,
    shine: Kernel,
    room: Option<Room>,
}

/// Buffers for one size of picture.
struct Room {
    size: UVec2,
    segments: u64,
    squares: wgpu::Buffer,
    found: wgpu::Buffer,
    ribbons: wgpu::Buffer,
    light: wgpu::Buffer,
}

/// One frame's work, bound.
pub(super) struct Lit {
    steps: [wgpu::BindGroup; 5],
    shared: Vec<(u32, wgpu::Buffer)>,
    size: UVec2,
    /// The light of each pixel, in whole numbers.
    pub light: wgpu::Buffer,
    /// Arguments of the ribbons' draw: of none, unless the segments had no room.
    pub ribbons: wgpu::Buffer,
}

/// Where the light finds what hides it.
#[derive(Clone, Copy)]
pub(super) enum Depths {
    /// In a picture's depth of so many samples a pixel.
    Drawn(u32),
    /// In a texture of four numbers a pixel.
    Traced,
}

/// The text for what hides the light.
fn source(device: &wgpu::Device, depths: Depths) -> String {
    let (depth, samples) = match depths {
        Depths::Drawn(1) => ("texture_depth_2d", "vec4(textureLoad(depth, pixel, 0))"),
        Depths::Drawn(_) => (
            "texture_depth_multisampled_2d",
            "vec4(textureLoad(depth, pixel, 0), textureLoad(depth, pixel, 1), \
             textureLoad(depth, pixel, 2), textureLoad(depth, pixel, 3))",
        ),
        Depths::Traced => ("texture_2d<f32>", "textureLoad(depth, pixel, 0)"),
    };
    format!(
        "{}const UNIT: f32 = {UNIT:?};\nalias Depth = {depth};\n\
         fn depths_of(pixel: vec2<u32>) -> vec4<f32> {{ return {samples}; }}\n\
         const SEGMENTS: u32 = {ARC_SEGMENTS}u;\n\
         const MOST_ROUNDS: u32 = {MOST_ROUNDS}u;\n{}{}{}",
        shaders(device),
        include_str!("../../shaders/arc.wgsl"),
        include_str!("../../shaders/segments.wgsl"),
        include_str!("../../shaders/light.wgsl")
    )
}

fn squares(size: UVec2) -> UVec2 {
    (size + SIDE - 1) / SIDE
}

/// Bytes of the light of a picture: a word for each colour of a pixel.
fn light_bytes(size: UVec2) -> u64 {
    u64::from(size.x) * u64::from(size.y) * 12
}

/// The layout of what the draw reads.
pub(super) fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("light"),
        entries: &[entry(0, wgpu::ShaderStages::FRAGMENT, STORAGE)],
    })
}

impl Light {
    pub fn new(device: &wgpu::Device, depths: Depths) -> Self {
        let text = source(device, depths);
        let kernel = |entry| Kernel::new(device, entry, &text, entry);
        Self {
            clear: kernel("clear"),
            count: kernel("count"),
            allot: kernel("allot"),
            fill: kernel("fill"),
            turn: kernel("turn"),
            shine: kernel("shine"),
            room: None,
        }
    }

    /// Whether an adapter has room for a picture.
    pub fn fits(device: &wgpu::Device, size: UVec2) -> bool {
        light_bytes(size) <= device.limits().max_storage_buffer_binding_size
    }

    /// Makes room for a picture, and for so many segments at a time, and binds the buffers; the first eight are those of the draws.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        size: UVec2,
        segments: u64,
        shared: [&wgpu::Buffer; 8],
        draw: &wgpu::Buffer,
    ) -> Lit {
        let room = match self.room.take() {
            Some(room) if (room.size, room.segments) == (size, segments) => self.room.insert(room),
            _ => self.room.insert(Room::new(device, size, segments)),
        };
        let buffer = |binding: u32| match binding {
            0..=7 => shared[binding as usize],
            8 => &room.light,
            9 => &room.squares,
            10 => &room.found,
            11 => draw,
            _ => &room.ribbons,
        };
        let bind = |kernel: &Kernel, bindings: &[u32]| {
            let buffers: Vec<_> = bindings.iter().map(|&it| (it, buffer(it))).collect();
            kernel.bind(device, &buffers)
        };
        Lit {
            steps: [
                bind(&self.clear, &[0, 4, 9, 11]),
                bind(&self.count, &[0, 2, 3, 5, 6, 7, 9, 10]),
                bind(&self.allot, &[0, 9, 10, 11, 12]),
                bind(&self.fill, &[0, 2, 3, 5, 6, 7, 9, 10]),
                bind(&self.turn, &[9]),
            ],
            shared: [0, 2, 3, 5, 6, 7, 8, 9, 10]
                .map(|it| (it, buffer(it).clone()))
                .to_vec(),
            size,
            light: room.light.clone(),
            ribbons: room.ribbons.clone(),
        }
    }

    /// Adds the light up, seen past what is solid.
    pub fn record(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        lit: &Lit,
        depth: &wgpu::TextureView,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let UVec2 { x, y } = squares(lit.size);
        let [clear, count, allot, fill, turn] = &lit.steps;
        encoder.clear_buffer(&lit.light, 0, None);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        self.clear
            .dispatch(&mut pass, clear, [(x * y).div_ceil(256), 1, 1]);
        self.count.dispatch(&mut pass, count, [GROUPS, 1, 1]);
        self.allot.dispatch(&mut pass, allot, [1, 1, 1]);
        self.fill.dispatch(&mut pass, fill, [GROUPS, 1, 1]);
        drop(pass);
        note(watch, encoder, "find arcs");
        let buffers: Vec<_> = lit
            .shared
            .iter()
            .map(|(it, buffer)| (*it, buffer))
            .collect();
        let shine = self.shine.bind_with(device, &buffers, &[(13, depth)]);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        self.shine.dispatch(&mut pass, &shine, [GROUPS, 1, 1]);
        // Those that are not needed end at once.
        for _ in 1..MOST_ROUNDS {
            self.turn.dispatch(&mut pass, turn, [1, 1, 1]);
            self.fill.dispatch(&mut pass, fill, [GROUPS, 1, 1]);
            self.shine.dispatch(&mut pass, &shine, [GROUPS, 1, 1]);
        }
        drop(pass);
        note(watch, encoder, "light");
    }

    /// How many segments were found in the last frame, once for each square.
    pub fn segments(&self, gpu: &Gpu) -> Result<u32, GpuError> {
        let Some(room) = &self.room else {
            return Ok(0);
        };
        let squares = squares(room.size);
        let end = (FIRST + u64::from(squares.x * squares.y)) * 4;
        let bytes = gpu::read(gpu, &room.squares, end, 4)?;
        let words: Vec<u32> = bytemuck::pod_collect_to_vec(&bytes);
        Ok(words.first().copied().unwrap_or_default())
    }
}

impl Room {
    fn new(device: &wgpu::Device, size: UVec2, segments: u64) -> Self {
        let across = squares(size);
        let all = u64::from(across.x) * u64::from(across.y);
        let words = |label, count: u64| gpu::storage(device, label, count * 4);
        let most = device.limits().max_storage_buffer_binding_size / 4;
        Self {
            size,
            segments,
            squares: words("squares", FIRST + 2 * (all + 1)),
            found: words("segments", segments.min(most)),
            ribbons: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("ribbons"),
                size: 16,
                usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::INDIRECT,
                mapped_at_creation: false,
            }),
            light: gpu::storage(device, "light", light_bytes(size)),
        }
    }
}
