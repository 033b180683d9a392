// What the kernels that cut arcs read of a head and of a chunk of tokens, and where they write.

struct Params {
    first: i32, // place of the chunk's first token in the text that is kept; far below 0 before it
    tokens: u32,
    cuts: u32,
}

struct Cut {
    reader: i32,
    writer: i32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;       // (line, token, channel)
@group(0) @binding(2) var<storage, read> parameters: array<f32>;    // ([gamma, beta, u or r_k, fixed decay: x in RWKV-5, w < 0 in RWKV-4], channel)
@group(0) @binding(3) var<storage, read> cuts: array<Cut>;
@group(0) @binding(6) var<storage, read_write> outputs: array<f32>; // (token, channel)

fn load(line: u32, token: u32, channel: u32) -> f32 {
    return vectors[(line * params.tokens + token) * HEAD_SIZE + channel];
}
