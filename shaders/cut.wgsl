// A head's output with some of its arcs cut: y_t − Σ A[t,s] v_s over the cut ones, through GroupNorm and, in RWKV-7,
// the bonus. Runs the recurrence over a chunk of tokens, and beside it what each cut writer has left of its write.
// Thread j owns column j of the head's state, and channel j of everything else.

@group(0) @binding(4) var<storage, read_write> state: array<f32>;   // (row, column)
@group(0) @binding(5) var<storage, read_write> written: array<f32>; // (cut, [what is left of its key, its value], channel)

const GROUP_NORM_EPS: f32 = 64e-5;

var<workgroup> receptance: array<f32, HEAD_SIZE>;
var<workgroup> decay: array<f32, HEAD_SIZE>;
var<workgroup> key: array<f32, HEAD_SIZE>;
var<workgroup> kappa: array<f32, HEAD_SIZE>;
var<workgroup> b: array<f32, HEAD_SIZE>;
// What all threads have a number of.
var<workgroup> shared_numbers: array<f32, HEAD_SIZE>;

fn parameter(line: u32, channel: u32) -> f32 {
    return parameters[line * HEAD_SIZE + channel];
}

// The sum over the head of a number of each thread.
fn total(number: f32, thread: u32) -> f32 {
    workgroupBarrier();
    shared_numbers[thread] = number;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        sum += shared_numbers[i];
    }
    return sum;
}

@compute @workgroup_size(HEAD_SIZE)
fn cut(@builtin(local_invocation_index) j: u32) {
    var column: array<f32, HEAD_SIZE>;
    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        column[i] = state[i * HEAD_SIZE + j];
    }
    for (var t = 0u; t < params.tokens; t += 1u) {
        let now = params.first + i32(t);
        let r = load(LINE_R, t, j);
        let k = load(LINE_K, t, j);
        let v = load(LINE_V, t, j);
        var w = 0.0;
        if VERSION == 7u {
            w = exp(-0.606531 / (1.0 + exp(-load(LINE_W, t, j))));
        } else if HAS_STATIC_DECAY {
            w = exp(-exp(parameter(3u, j)));
        } else {
            w = load(LINE_W, t, j);
        }
        workgroupBarrier();
        receptance[j] = r;
        decay[j] = w;
        key[j] = k;
        if VERSION == 7u {
            kappa[j] = load(LINE_KAPPA, t, j);
            b[j] = load(LINE_A, t, j) * kappa[j];
        } else {
            b[j] = parameter(2u, j);
        }
        workgroupBarrier();

        var y = 0.0;
        if VERSION == 7u {
            var erased = 0.0;
            for (var i = 0u; i < HEAD_SIZE; i += 1u) {
                erased += kappa[i] * column[i];
            }
            for (var i = 0u; i < HEAD_SIZE; i += 1u) {
                column[i] = column[i] * decay[i] + key[i] * v - b[i] * erased;
                y += receptance[i] * column[i];
            }
        } else {
            for (var i = 0u; i < HEAD_SIZE; i += 1u) {
                let wrote = key[i] * v;
                y += receptance[i] * (column[i] + b[i] * wrote);
                column[i] = column[i] * decay[i] + wrote;
            }
        }

        for (var c = 0u; c < params.cuts; c += 1u) {
            let cut = cuts[c];
            if now < cut.writer || now > cut.reader {
                continue;
            }
            let place = 2u * c * HEAD_SIZE + j;
            var left = written[place];
            if VERSION == 7u {
                let erased = total(kappa[j] * left, j);
                left = left * w - b[j] * erased;
            }
            // What a reader takes; before RWKV-7 it reads before it writes, and its own write through the bonus.
            var read = left;
            if now == cut.writer {
                left = k;
                read = k;
                if VERSION != 7u {
                    read = k * b[j];
                }
                written[place + HEAD_SIZE] = v;
            } else if VERSION != 7u {
                left = left * w;
            }
            written[place] = left;
            if now == cut.reader {
                y -= total(r * read, j) * written[place + HEAD_SIZE];
            }
        }

        let mean = total(y, j) / f32(HEAD_SIZE);
        let variance = total((y - mean) * (y - mean), j) / f32(HEAD_SIZE);
        var x = (y - mean) / sqrt(variance + GROUP_NORM_EPS) * parameter(0u, j) + parameter(1u, j);
        if VERSION == 7u {
            x += total(r * k * parameter(2u, j), j) * v;
        }
        outputs[t * HEAD_SIZE + j] = x;
    }
    for (var i = 0u; i < HEAD_SIZE; i += 1u) {
        state[i * HEAD_SIZE + j] = column[i];
    }
}
