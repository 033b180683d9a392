// How much of what is drawn at a place is seen past what `trace.wgsl` saw.

@group(1) @binding(0) var depths: texture_2d<f32>;

fn part_seen(position: vec4<f32>) -> f32 {
    let solid = textureLoad(depths, vec2<u32>(position.xy), 0);
    return dot(select(vec4(0.0), vec4(0.25), vec4(position.z) >= solid), vec4(1.0));
}
