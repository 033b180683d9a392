// The panels' triangles, as egui means them: colours are premultiplied, and multiplied as they are encoded.

struct Params {
    factor: vec2<f32>,      // from points to the clip space of the part that is drawn
    shift: vec2<f32>,
}

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) colour: vec4<f32>,
    @location(1) uv: vec2<f32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(1) @binding(0) var image: texture_2d<f32>;
@group(1) @binding(1) var filtering: sampler;

fn decoded(srgb: vec3<f32>) -> vec3<f32> {
    let low = srgb / 12.92;
    let high = pow((srgb + 0.055) / 1.055, vec3(2.4));
    return select(high, low, srgb < vec3(0.04045));
}

fn encoded(linear: vec3<f32>) -> vec3<f32> {
    let low = linear * 12.92;
    let high = 1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055;
    return select(high, low, linear < vec3(0.0031308));
}

@vertex
fn vertex(
    @location(0) position: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) colour: vec4<f32>,
) -> Vertex {
    return Vertex(vec4(position * params.factor + params.shift, 0.0, 1.0), colour, uv);
}

@fragment
fn fragment(in: Vertex) -> @location(0) vec4<f32> {
    let texel = textureSample(image, filtering, in.uv);
    let colour = vec4(encoded(texel.rgb), texel.a) * in.colour;
    return vec4(decoded(colour.rgb), colour.a);
}
