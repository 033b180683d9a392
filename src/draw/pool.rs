use super::{Scene, Stopwatch, scene::shaders, stopwatch::note};
use crate::{
    gpu::{self, Kernel},
    lattice::Arrangement,
};

/// Places of a block of a straight row.
const WIDTH: u32 = 128;
/// Those of a ring's at least.
const LEAST_WIDTH: u32 = 8;
/// The angle that what is drawn straight may span, in radians.
pub(super) const ANGLE: f32 = 0.05;
/// Places that one workgroup merges.
const POOLED: u32 = 64;

/// Merges the cells of a row that are too narrow to be seen by themselves.
pub(super) struct Pool {
    kernel: Kernel,
    room: Option<(Cut, wgpu::Buffer)>,
}

/// One frame's merging, bound.
pub(super) struct Pooled {
    cut: Cut,
    bound: wgpu::BindGroup,
    /// Colours by row, level and place.
    pub colours: wgpu::Buffer,
}

/// How the rows of a lattice are cut up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub rows: u32,
    /// Along the text.
    pub places: u32,
    /// Of a block.
    pub width: u32,
}

impl Cut {
    pub fn of(scene: &Scene) -> Self {
        let shape = scene.lattice.shape;
        let before = scene.morph.as_ref().map(|(was, _)| was);
        let widths = [Some(&scene.lattice.arrangement), before];
        Self {
            rows: shape.rows() as u32,
            places: scene.lattice.places.count() as u32,
            width: widths
                .into_iter()
                .flatten()
                .map(width)
                .min()
                .unwrap_or(WIDTH),
        }
    }

    /// Places of a row in `pooled`, of one level.
    pub fn padded(&self) -> u32 {
        self.places.next_multiple_of(POOLED)
    }

    pub fn blocks(&self) -> u32 {
        self.places.div_ceil(self.width)
    }

    fn bytes(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.padded()) * 8
    }

    /// Whether an adapter has room for it.
    pub fn fits(&self, device: &wgpu::Device) -> bool {
        self.bytes() <= device.limits().max_storage_buffer_binding_size
            && self.rows <= device.limits().max_compute_workgroups_per_dimension
    }
}

/// Places of a block in an arrangement: a power of two.
fn width(arrangement: &Arrangement) -> u32 {
    if arrangement.radius == 0.0 {
        return WIDTH;
    }
    let fits = |width: &u32| *width as f32 * arrangement.step <= ANGLE;
    let narrower = std::iter::successors(Some(WIDTH), |width| Some(width / 2));
    narrower
        .take_while(|width| *width > LEAST_WIDTH)
        .find(fits)
        .unwrap_or(LEAST_WIDTH)
}

impl Pool {
    pub fn new(device: &wgpu::Device) -> Self {
        let text = [
            &shaders(device),
            include_str!("../../shaders/colours.wgsl"),
            include_str!("../../shaders/pool.wgsl"),
        ];
        Self {
            kernel: Kernel::new(device, "pool", &text.concat(), "pool"),
            room: None,
        }
    }

    /// Makes room and binds the buffers; `shared` are those of the draws.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        scene: &Scene,
        shared: [&wgpu::Buffer; 8],
    ) -> Pooled {
        let cut = Cut::of(scene);
        let (_, colours) = match self.room.take() {
            Some((own, colours)) if own == cut => self.room.insert((own, colours)),
            _ => self
                .room
                .insert((cut, gpu::storage(device, "pooled", cut.bytes()))),
        };
        let buffers = [0, 1, 2, 3, 4, 6, 7].map(|it| (it, shared[it as usize]));
        let own = [(8, &scene.tables.places), (9, &*colours)];
        let buffers: Vec<_> = buffers.into_iter().chain(own).collect();
        Pooled {
            cut,
            bound: self.kernel.bind(device, &buffers),
            colours: colours.clone(),
        }
    }

    /// Records the merging.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        pooled: &Pooled,
        watch: &mut Option<&mut Stopwatch>,
    ) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let groups = [pooled.cut.padded() / POOLED, pooled.cut.rows, 1];
        self.kernel.dispatch(&mut pass, &pooled.bound, groups);
        drop(pass);
        note(watch, encoder, "pool");
    }
}
