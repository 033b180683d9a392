// What pixels show of cells that are too narrow to be seen by themselves: docs/NUMERICS.md, far cells. `pooled` is what
// `pool.wgsl` wrote.

// A colour, unlit, and how much of it stands there: 0 or 1, or a part of a mean.
struct Seen {
    colour: vec4<f32>,
    there: f32,
}

// The cells that share 2^level places.
fn merged(row: u32, level: u32, index: u32) -> Seen {
    let word = pooled[row * 2u * padded_places() + pooled_level(level) + index];
    return Seen(unpacked(word), select(0.0, 1.0, word != 0u));
}

fn mixed(a: Seen, b: Seen, part: f32) -> Seen {
    return Seen(mix(a.colour, b.colour, part), mix(a.there, b.there, part));
}

// The mean over `width` places around `at`, at most one merged cell wide.
fn mean(row: u32, level: u32, at: f32, width: f32) -> Seen {
    let size = f32(1u << level);
    let last = f32((places() - 1u) >> level);
    let end = (at + 0.5 + 0.5 * width) / size;
    let own = min(width / size, 1.0);
    let left = clamp(floor(end - own), 0.0, last);
    let right = clamp(floor(end), 0.0, last);
    let before = merged(row, level, u32(left));
    if left == right {
        return before;
    }
    return mixed(before, merged(row, level, u32(right)), clamp((end - right) / max(own, 1e-6), 0.0, 1.0));
}

// What a pixel shows that spans `width` places around `at`.
fn seen(row: u32, at: f32, width: f32) -> Seen {
    let depth = log2(max(width, 1e-6));
    let level = clamp(ceil(depth), 0.0, f32(LEVELS));
    let part = clamp(depth - level + 1.0, 0.0, select(1.0, 0.0, level >= f32(LEVELS)));
    let own = mean(row, u32(level), at, width);
    if part > 0.0 {
        return mixed(own, mean(row, u32(level) + 1u, at, width), part);
    }
    return own;
}

// Integral from 0 to x of what is gap: the last part of each place.
fn gaps_until(x: f32) -> f32 {
    return floor(x) * (1.0 - 2.0 * CELL_HALF) + max(fract(x) - 2.0 * CELL_HALF, 0.0);
}

// How much of them is gap.
fn gap(at: f32, width: f32) -> f32 {
    if width <= 1e-4 {
        return 0.0;
    }
    let x = at + CELL_HALF;
    return clamp((gaps_until(x + 0.5 * width) - gaps_until(x - 0.5 * width)) / width, 0.0, 1.0);
}
