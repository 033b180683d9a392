// The TOP most probable next tokens of each position, the logit of the one that came, and log-sum-exp,
// so that only a few numbers a position leave the GPU.
// One workgroup a position. Each thread knows the best of its own strip; the best of all is taken out
// TOP times, and only the thread that lost its best looks again.
// Generated above: const TOP.

struct Params {
    vocab: u32,        // real entries
    stride: u32,       // entries a position has in `logits`, padding included
}

const THREADS: u32 = 256u;
const TAKEN: f32 = -3.0e38;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;             // (position, vocabulary)
@group(0) @binding(2) var<storage, read_write> found: array<vec2<u32>>;  // (position, [log-sum-exp, came], TOP × [id, logit])
@group(0) @binding(3) var<storage, read> next: array<u32>;               // (position): the id that came next, or none of the vocabulary

var<workgroup> best_logit: array<f32, THREADS>;
var<workgroup> best_id: array<u32, THREADS>;
var<workgroup> sums: array<f32, THREADS>;

@compute @workgroup_size(256)
fn top_tokens(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let base = group.x * params.stride;
    let out = group.x * (TOP + 1u);
    var previous = 3.0e38;
    var previous_id = 0u;
    var largest = 0.0;

    for (var rank = 0u; rank < TOP; rank += 1u) {
        // The best of this strip that comes after the one taken last: smaller, or equal with a larger id.
        if rank == 0u || best_id[thread] == previous_id {
            var logit = TAKEN;
            var id = 0xffffffffu;
            for (var i = thread; i < params.vocab; i += THREADS) {
                let x = logits[base + i];
                let open = x < previous || (x == previous && i > previous_id) || rank == 0u;
                if open && x > logit {
                    logit = x;
                    id = i;
                }
            }
            best_logit[thread] = logit;
            best_id[thread] = id;
        }
        workgroupBarrier();
        // Every thread finds the same winner; ties go to the smaller id.
        var logit = TAKEN;
        var id = 0xffffffffu;
        for (var i = 0u; i < THREADS; i += 1u) {
            if best_logit[i] > logit || (best_logit[i] == logit && best_id[i] < id) {
                logit = best_logit[i];
                id = best_id[i];
            }
        }
        workgroupBarrier();
        if rank == 0u {
            largest = logit;
        }
        if thread == 0u {
            found[out + 1u + rank] = vec2(id, bitcast<u32>(logit));
        }
        previous = logit;
        previous_id = id;
    }

    var total = 0.0;
    for (var i = thread; i < params.vocab; i += THREADS) {
        total += exp(logits[base + i] - largest);
    }
    sums[thread] = total;
    workgroupBarrier();
    if thread == 0u {
        var all = 0.0;
        for (var i = 0u; i < THREADS; i += 1u) {
            all += sums[i];
        }
        var came = 0u;
        if next[group.x] < params.vocab {
            came = bitcast<u32>(logits[base + next[group.x]]);
        }
        found[out] = vec2(bitcast<u32>(largest + log(all)), came);
    }
}
