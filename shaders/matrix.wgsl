// The matrix of one head as a small picture, reader t down and writer s to the right.

// In step with `score::head_matrix::Params`.
struct Params {
    tokens: u32,
    first: u32,     // first line of a batch
    side: u32,      // pixels of the picture, both ways
    left: u32,      // what it shows, in STEPS of a cell
    top: u32,
    span: u32,
    flags: u32,     // of TRANSPOSED, SIGNLESS
    full: f32,      // value of full colour
}

const STEPS: u32 = 256u;
const THREADS: u32 = 64u;
const LUT: f32 = 255.0;

const TRANSPOSED: u32 = 1u; // lines are columns
const SIGNLESS: u32 = 2u;   // sizes are shown without their sign

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> values: array<f32>;               // (line, token), 0 where s > t
@group(0) @binding(2) var<storage, read_write> most: atomic<u32>;          // bits of the largest |value|
@group(0) @binding(3) var<storage, read> palette: array<u32, 512>;         // 256 diverging, 256 sequential, RGBA bytes
@group(0) @binding(4) var<storage, read_write> pixels: array<u32>;         // (row, column), RGBA bytes

var<workgroup> parts: array<f32, THREADS>;

// The largest |value| of a line, the diagonal left out.
@compute @workgroup_size(64)
fn largest(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let line = params.first + group.x;
    var part = 0.0;
    for (var i = thread; i < params.tokens; i += THREADS) {
        if i != line {
            part = max(part, abs(values[line * params.tokens + i]));
        }
    }
    parts[thread] = part;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if thread < step {
            parts[thread] = max(parts[thread], parts[thread + step]);
        }
        workgroupBarrier();
    }
    if thread == 0u {
        // Numbers from 0 on are in the order of their bits.
        atomicMax(&most, bitcast<u32>(parts[0]));
    }
}

fn value_of(reader: u32, writer: u32) -> f32 {
    if (params.flags & TRANSPOSED) != 0u {
        return values[writer * params.tokens + reader];
    }
    return values[reader * params.tokens + writer];
}

// The cells that pixel `at` of a row or column stands for, from x up to y: where cells are smaller than
// pixels, each belongs to one pixel; where they are larger, a pixel shows the one it begins in.
fn cells(start: u32, at: u32) -> vec2<u32> {
    let first = (start + params.span * at / params.side) / STEPS;
    let end = (start + params.span * (at + 1u) / params.side) / STEPS;
    return vec2(first, max(end, first + 1u));
}

fn colour(value: f32) -> u32 {
    let part = clamp(value / max(params.full, 1e-30), -1.0, 1.0);
    if (params.flags & SIGNLESS) != 0u {
        return palette[256u + u32(abs(part) * LUT + 0.5)];
    }
    return palette[u32((part * 0.5 + 0.5) * LUT + 0.5)];
}

// A pixel has the colour of the largest of its cells: a mean would lose thin lines. Nothing is painted where
// no cell is on or below the diagonal.
@compute @workgroup_size(8, 8)
fn paint(@builtin(global_invocation_id) at: vec3<u32>) {
    if at.x >= params.side || at.y >= params.side {
        return;
    }
    let readers = cells(params.top, at.y);
    let writers = cells(params.left, at.x);
    var most_of_all = 0.0;
    var size = -1.0;
    for (var t = readers.x; t < min(readers.y, params.tokens); t += 1u) {
        for (var s = writers.x; s < min(writers.y, t + 1u); s += 1u) {
            let value = value_of(t, s);
            if abs(value) > size {
                size = abs(value);
                most_of_all = value;
            }
        }
    }
    pixels[at.y * params.side + at.x] = select(0u, colour(most_of_all), size >= 0.0);
}
