// What `trace.wgsl` saw, with the light of `light.wgsl` added to it or taken away: every pixel of the picture.
// Generated above: const UNIT, LIT.

@group(1) @binding(0) var colours: texture_2d<f32>;
@group(1) @binding(1) var<storage, read> light: array<u32>;     // (pixel, colour), in parts of UNIT; not read without LIT

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    // One triangle around all of it.
    return vec4(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<u32>(position.xy);
    let solid = textureLoad(colours, pixel, 0);
    if !LIT {
        return solid;
    }
    let at = 3u * (pixel.y * u32(scene.viewport.x / scene.tile.x + 0.5) + pixel.x);
    let sum = vec3(f32(light[at]), f32(light[at + 1u]), f32(light[at + 2u])) / UNIT;
    if holds((scene.flags & LIGHT) != 0u) {
        return vec4(solid.rgb * exp(-sum), solid.a);
    }
    return vec4(solid.rgb + sum, solid.a);
}
