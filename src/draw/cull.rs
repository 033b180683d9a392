use bytemuck::{Pod, Zeroable};

use super::{Excerpt, Scene, Stopwatch, boxes::BATCH, pool::Cut, scene::shaders, stopwatch::note};
use crate::gpu::{self, Gpu, GpuError, Kernel};

/// Cells whose places are at least so many pixels wide are boxes.
pub const BOX_PIXELS: f32 = 3.0;

/// Finds what is in sight of a large lattice.
pub(super) struct Cull {
    count: Kernel,
    allot: Kernel,
    list: Kernel,
    params: wgpu::Buffer,
    room: Option<Room>,
}

/// In step with `Params` in `cull.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Params {
    planes: [[f32; 4]; 5],
    rows: u32,
    blocks: u32,
    pixels: f32,
    least: f32,
}

/// Buffers for one cut.
struct Room {
    cut: Cut,
    order: wgpu::Buffer,
    counts: wgpu::Buffer,
    bars: wgpu::Buffer,
    boxes: wgpu::Buffer,
    indirect: wgpu::Buffer,
}

/// One frame's work, bound.
pub(super) struct Culled {
    cut: Cut,
    count: wgpu::BindGroup,
    allot: wgpu::BindGroup,
    list: wgpu::BindGroup,
    pub bars: wgpu::BindGroup,
    pub boxes: wgpu::BindGroup,
    pub indirect: wgpu::Buffer,
}

/// What is drawn of a lattice; no bars and no boxes where rays find what they see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InSight {
    /// Places of a block.
    pub width: u32,
    /// Blocks that are bars, as row × blocks a row + block.
    pub bars: Vec<u32>,
    /// Cells that are boxes.
    pub boxes: Vec<u32>,
    /// Segments of arcs, once for each square of the picture that they cross; 0 where arcs are ribbons.
    pub segments: u32,
}

impl Cull {
    pub fn new(device: &wgpu::Device) -> Self {
        let scene = shaders(device);
        let cull = format!("{scene}{}", include_str!("../../shaders/cull.wgsl"));
        Self {
            count: Kernel::new(device, "count", &cull, "count"),
            allot: Kernel::new(device, "allot", &cull, "allot"),
            list: Kernel::new(device, "list", &cull, "list"),
            params: gpu::uniform(device, "cull", &Params::zeroed()),
            room: None,
        }
    }

    /// Writes what the kernels need to know and binds their buffers; the first eight are those of the draws.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        scene: &Scene,
        excerpt: Excerpt,
        layout: &wgpu::BindGroupLayout,
        shared: [&wgpu::Buffer; 8],
        pooled: &wgpu::Buffer,
    ) -> Culled {
        let cut = Cut::of(scene);
        let room = match self.room.take() {
            Some(room) if room.cut == cut => self.room.insert(room),
            _ => self.room.insert(Room::new(device, cut)),
        };
        queue.write_buffer(
            &self.params,
            0,
            bytemuck::bytes_of(&params(scene, excerpt, cut)),
        );
        queue.write_buffer(&room.order, 0, bytemuck::cast_slice(&nearest_first(scene)));
        let buffer = |binding: u32| match binding {
            0..=7 => shared[binding as usize],
            8 => &scene.tables.places,
            9 => pooled,
            10 => &self.params,
            11 => &room.order,
            12 => &room.counts,
            13 => &room.bars,
            14 => &room.boxes,
            _ => &room.indirect,
        };
        let bind = |kernel: &Kernel, bindings: &[u32]| {
            let buffers: Vec<_> = bindings.iter().map(|&it| (it, buffer(it))).collect();
            kernel.bind(device, &buffers)
        };
        let listed = |list: &wgpu::Buffer| {
            let entries = [(0, list), (1, pooled)].map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            });
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("listed"),
                layout,
                entries: &entries,
            })
        };
        Culled {
            cut,
            count: bind(&self.count, &[0, 6, 7, 8, 9, 10, 11, 12]),
            allot: bind(&self.allot, &[10, 12, 13, 14, 15]),
            list: bind(&self.list, &[0, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
            bars: listed(&room.bars),
            boxes: listed(&room.boxes),
            indirect: room.indirect.clone(),
        }
    }

    /// Records the finding.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        culled: &Culled,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let rows = culled.cut.rows;
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        self.count.dispatch(&mut pass, &culled.count, [rows, 1, 1]);
        self.allot.dispatch(&mut pass, &culled.allot, [1, 1, 1]);
        self.list.dispatch(&mut pass, &culled.list, [rows, 1, 1]);
        drop(pass);
        note(watch, encoder, "cull");
    }

    /// What was found last, read back; none before anything was.
    pub fn found(&self, gpu: &Gpu) -> Result<Option<InSight>, GpuError> {
        let Some(room) = &self.room else {
            return Ok(None);
        };
        let words = |buffer: &wgpu::Buffer, count: u64| -> Result<Vec<u32>, GpuError> {
            let bytes = gpu::read(gpu, buffer, 0, count * 4)?;
            Ok(bytemuck::pod_collect_to_vec(&bytes))
        };
        let indirect = words(&room.indirect, 10)?;
        let list = |buffer, batches: u32| {
            if batches == 0 {
                return Ok(Vec::new());
            }
            let mut all = words(buffer, u64::from(batches * BATCH))?;
            all.retain(|it| *it != u32::MAX);
            Ok::<_, GpuError>(all)
        };
        Ok(Some(InSight {
            width: room.cut.width,
            bars: list(&room.bars, indirect[1])?,
            boxes: list(&room.boxes, indirect[6])?,
            segments: 0,
        }))
    }
}

impl Room {
    fn new(device: &wgpu::Device, cut: Cut) -> Self {
        let rows = u64::from(cut.rows);
        let words = |label, count: u64| gpu::storage(device, label, count * 4);
        let listed = |each: u32| rows * u64::from(each) + u64::from(BATCH);
        Self {
            cut,
            order: words("order", rows),
            counts: words("counts", rows * 2),
            bars: words("bars", listed(cut.blocks())),
            boxes: words("boxes", listed(cut.places)),
            indirect: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("cells in sight"),
                size: 40,
                usage: wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::INDIRECT
                    | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
        }
    }
}

fn params(scene: &Scene, excerpt: Excerpt, cut: Cut) -> Params {
    let clip = scene.eye.clip_from_world;
    let [x, y, right, up] = excerpt.clip();
    let (w, z) = (clip.row(3), clip.row(2));
    let across = clip.row(0) * x + w * right;
    let upwards = clip.row(1) * y + w * up;
    let planes = [w + across, w - across, w + upwards, w - upwards, w - z]
        .map(|plane| (plane / plane.truncate().length()).to_array());
    Params {
        planes,
        rows: cut.rows,
        blocks: cut.blocks(),
        pixels: pixels(scene),
        least: BOX_PIXELS,
    }
}

/// Pixels of a unit of length that is 1 away.
pub(super) fn pixels(scene: &Scene) -> f32 {
    let eye = &scene.eye;
    eye.clip_from_world.row(1).truncate().length() * 0.5 * eye.viewport.y
}

/// Rows by how far they are from the eye, so that what is hidden is drawn after what hides it: where they run side
/// by side, how far along them it stands makes no difference.
fn nearest_first(scene: &Scene) -> Vec<u32> {
    let lattice = &scene.lattice;
    let away: Vec<f32> = (0..lattice.shape.rows())
        .map(|row| {
            let to_eye = scene.eye.position - lattice.base(lattice.shape.head(row));
            to_eye.with_x(0.0).length_squared()
        })
        .collect();
    let mut order: Vec<u32> = (0..away.len() as u32).collect();
    order.sort_by(|a, b| away[*a as usize].total_cmp(&away[*b as usize]));
    order
}
