"""Recomputes the R-WK scores of one token in one head from a trace, and compares them with arclight's.

    arclight trace demo-v7 --prompt "The small grey cat slept." -o T.safetensors
    arclight scores T.safetensors --measure rwk -o S.npz
    python3 docs/trace_example.py T.safetensors S.npz [LAYER HEAD TOKEN]

It needs the packages numpy and safetensors. docs/TRACE.md says what stands in a trace. Exit code 1: they differ.
"""

import sys

import numpy as np
from safetensors import safe_open

# Of the largest score: arclight adds up in single floats, this script in doubles.
TOLERANCE = 1e-5


def row(version, r, k, bonus, w=None, decay=None, a=None, kappa=None):
    """A[t, s] for s = 0 ... t, where t is the last token; all but bonus and decay are [t + 1, head_size]."""
    t = len(r) - 1
    scores = np.zeros(t + 1)
    q = r[t].copy()
    if version == "v4":
        # Each channel has a weight of its own; A is the mean of a group of 64 channels.
        strength = k + np.arange(t - 1, -2, -1)[:, None] * decay
        strength[t] = k[t] + bonus
        parts = np.exp(strength - strength.max(axis=0))
        return (parts / parts.sum(axis=0) / (1 + np.exp(-r[t]))).mean(axis=1)
    if version in ("v5", "v6"):
        # The decay stands there before its activation.
        w = np.exp(-np.exp(np.broadcast_to(decay, k.shape) if version == "v5" else w))
        # The newest token is read through the bonus, and undecayed.
        scores[t] = q @ (bonus * k[t])
        for s in range(t - 1, -1, -1):
            scores[s] = q @ k[s]
            q *= w[s]
    else:
        decay = np.exp(-0.606531 / (1 + np.exp(-w)))
        for s in range(t, -1, -1):
            scores[s] = q @ k[s]
            q = decay[s] * q - kappa[s] * ((a[s] * kappa[s]) @ q)
    return scores


def text_of(trace, token):
    """The bytes a token id stands for, if the trace says so."""
    if "text_ids" not in trace.keys():
        return b""
    ids, ends = trace.get_tensor("text_ids"), trace.get_tensor("text_ends")
    at = np.searchsorted(ids, token)
    start = ends[at - 1] if at > 0 else 0
    return trace.get_tensor("text_bytes")[start : ends[at]].tobytes()


def main(path, scores_path, layer=None, head=None, token=None):
    with safe_open(path, framework="numpy") as trace, np.load(scores_path) as found:
        about = trace.metadata()
        assert about["format"] == "arclight-trace" and about["layout"] == "2", about
        tokens = trace.get_tensor("tokens")
        assert (found["tokens"] == tokens).all(), "the scores are of another text"
        # A trace may hold some of the model's layers; in its tensors they are counted from the first of them.
        first = int(about.get("kept_layers", "0").split("-")[0])
        last = first + trace.get_slice("r").get_shape()[0] - 1
        layer = last if layer is None else int(layer)
        head = 0 if head is None else int(head)
        token = len(tokens) - 1 if token is None else int(token)

        # Only what is asked for is read from the file.
        def vectors(name):
            return trace.get_slice(name)[layer - first, : token + 1, head].astype(np.float64)

        names = [name for name in ("r", "w", "k", "a", "kappa") if name in trace.keys()]
        arrays = {name: vectors(name) for name in names}
        for name in ("bonus", "decay"):
            if name in trace.keys():
                arrays[name] = trace.get_slice(name)[layer - first, head].astype(np.float64)
        computed = row(about["version"], **arrays)
        # What token 0 stands for has no key: its scores follow from the state in `before`.
        if "before" in trace.keys():
            computed = computed[1:]
        expected = found["scores"][layer - first, head, token, token + 1 - len(computed) : token + 1].astype(np.float64)
        text = text_of(trace, tokens[token]).decode(errors="replace")

    error = np.abs(computed - expected).max() / np.abs(expected).max()
    agree = error <= TOLERANCE
    print(
        f"L{layer} H{head}, token {token} {text!r} of {about['model']}: {len(computed)} scores",
        "agree" if agree else "DIFFER",
        f"(largest difference: {error:.1e} of the largest score)",
    )
    return 0 if agree else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 6):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
