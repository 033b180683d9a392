// A group's output with some of its arcs cut: y_t − Σ a[t,s] ⊙ v_s over the cut ones. Beside it the sum that RWKV-4
// divides by goes on from chunk to chunk. A thread owns a channel; exponents stay in range as in head_output_v4.wgsl.

@group(0) @binding(4) var<storage, read_write> state: array<f32>;   // ([divisor, most], channel)
@group(0) @binding(5) var<storage, read_write> written: array<f32>; // (cut, [its key, its value], channel)

@compute @workgroup_size(HEAD_SIZE)
fn cut(@builtin(local_invocation_index) c: u32) {
    let u = parameters[2u * HEAD_SIZE + c];
    let w = parameters[3u * HEAD_SIZE + c];
    var divisor = 0.0;
    var most = -1e30;
    if params.first > 0 {
        divisor = state[c];
        most = state[HEAD_SIZE + c];
    }
    for (var t = 0u; t < params.tokens; t += 1u) {
        let now = params.first + i32(t);
        let k = load(LINE_K, t, c);
        let v = load(LINE_V, t, c);
        let gate = 1.0 / (1.0 + exp(-load(LINE_R, t, c)));
        let reading = max(most, u + k);
        let all = exp(most - reading) * divisor + exp(u + k - reading);

        var y = load(LINE_X, t, c);
        for (var i = 0u; i < params.cuts; i += 1u) {
            let place = 2u * i * HEAD_SIZE + c;
            let cut = cuts[i];
            if now == cut.writer {
                written[place] = k;
                written[place + HEAD_SIZE] = v;
            }
            if now == cut.reader {
                let strength = select(written[place] + f32(now - 1 - cut.writer) * w, u + k, now == cut.writer);
                y -= gate * exp(strength - reading) / all * written[place + HEAD_SIZE];
            }
        }
        outputs[t * HEAD_SIZE + c] = y;

        let writing = max(most + w, k);
        divisor = exp(most + w - writing) * divisor + exp(k - writing);
        most = writing;
    }
    state[c] = divisor;
    state[HEAD_SIZE + c] = most;
}
