// The colours of a row's cells, and those of 2, 4 … 64 places as one, for cells too narrow to be seen by themselves:
// docs/NUMERICS.md, far cells.

@group(0) @binding(8) var<storage, read> token_at: array<u32>;              // (place): its first token
@group(0) @binding(9) var<storage, read_write> pooled: array<u32>;          // (row, level, place >> level): colour

// What a cell goes by: its amount, and with it one of these.
const SELECTED: f32 = -4.0;
const ON_SHOW: f32 = 0.0;
const BEYOND: f32 = 4.0;        // outside the passage
const NOTHING: f32 = 8.0;

var<workgroup> codes: array<f32, 64>;

fn kind_of(code: f32) -> f32 {
    return clamp(round(code / 4.0) * 4.0, SELECTED, NOTHING);
}

fn code_of(row: u32, place: u32) -> f32 {
    if place >= places() {
        return NOTHING;
    }
    let token = token_at[place];
    let state = token_table[token].y;
    if state == HIDDEN {
        return NOTHING;
    }
    if holds(scene.selected == NONE) {
        let amount = min(norms[row * scene.stride + token] / max(scene.largest, 1e-30), 1.0);
        return amount + select(ON_SHOW, BEYOND, state == OUTSIDE);
    }
    let amount = shown_value(row * scene.tokens + token, row);
    return amount + select(select(ON_SHOW, BEYOND, state == OUTSIDE), SELECTED, token == scene.selected);
}

// The selected token, then what is on show, then the larger, then the earlier.
fn merge(a: f32, b: f32) -> f32 {
    let kinds = vec2(kind_of(a), kind_of(b));
    let sizes = abs(vec2(a, b) - kinds);
    return select(a, b, kinds.y < kinds.x || (kinds.y == kinds.x && sizes.y > sizes.x));
}

fn colour_of(code: f32, row: u32, is_hovered: bool) -> u32 {
    let kind = kind_of(code);
    if kind == NOTHING {
        return 0u;
    }
    let is_shown = (head_table[row] & SHOWN_HEAD) != 0u;
    var is_outside = kind == BEYOND;
    if kind == SELECTED {
        is_outside = token_table[scene.selected].y == OUTSIDE;
    }
    return packed(cell_colour(code - kind, is_shown, kind == SELECTED, is_outside, is_hovered));
}

@compute @workgroup_size(64)
fn pool(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = group.y;
    let base = row * 2u * padded_places();
    let place = group.x * 64u + thread;
    var hovered = NONE;
    if scene.hovered != NONE && scene.hovered / scene.tokens == row {
        hovered = u32(token_table[scene.hovered % scene.tokens].x);
    }
    let own = code_of(row, place);
    pooled[base + place] = colour_of(own, row, place == hovered);
    codes[thread] = own;
    for (var level = 1u; level <= LEVELS; level += 1u) {
        workgroupBarrier();
        let apart = 1u << (level - 1u);
        if thread % (2u * apart) == 0u {
            let both = merge(codes[thread], codes[thread + apart]);
            codes[thread] = both;
            let is_hovered = hovered != NONE && place >> level == hovered >> level;
            pooled[base + pooled_level(level) + (place >> level)] = colour_of(both, row, is_hovered);
        }
    }
}
