use wgpu::util::DeviceExt;

/// Boxes that one instance of a draw has: the numbers of their corners fit 16 bits.
pub(super) const BATCH: u32 = 256;
/// Vertices that a box is drawn from: three faces of two triangles.
const VERTICES: u32 = 18;
/// Of one instance.
pub(super) const INDICES: u32 = BATCH * VERTICES;

/// Corners of the faces that look along x, y and z, by their bits in `scene.wgsl`. Each triangle begins with the
/// corner that only this face has: it gives the face its light, for what is flat is taken from the first vertex.
const CORNERS: [u16; VERTICES as usize] = [
    6, 2, 0, 6, 0, 4, //
    5, 1, 0, 5, 0, 4, //
    3, 1, 0, 3, 0, 2,
];

/// Numbers of the vertices of an instance, eight a box.
pub(super) fn indices(device: &wgpu::Device) -> wgpu::Buffer {
    let all: Vec<u16> = (0..BATCH as u16)
        .flat_map(|own| CORNERS.map(|corner| own * 8 + corner))
        .collect();
    device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: Some("boxes"),
        contents: bytemuck::cast_slice(&all),
        usage: wgpu::BufferUsages::INDEX,
    })
}

/// The shader of boxes.
pub(super) fn source() -> String {
    with_colours(include_str!("../../shaders/cells.wgsl"))
}

/// A shader of what has the colours of cells.
pub(super) fn with_colours(body: &str) -> String {
    let colours = include_str!("../../shaders/colours.wgsl");
    format!("const BATCH: u32 = {BATCH}u;\n{colours}{body}")
}
