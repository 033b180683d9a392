//! Interventions, one number at a time.

use std::ops::Range;

/// What is changed. Layers and heads are counted from 0.
#[derive(Clone, Default)]
pub struct Change {
    /// What a head adds is multiplied: (layer, head), factor.
    pub scale: Vec<((usize, usize), f64)>,
    /// What a head adds is always the same, `[head size]`, before it is multiplied.
    pub fixed: Vec<((usize, usize), Vec<f64>)>,
    /// A token's key is 0 in a head: token, (layer, head).
    pub silent: Vec<(usize, (usize, usize))>,
    /// What a token writes is not read at another one: reader, writer, (layer, head).
    pub cut: Vec<(usize, usize, (usize, usize))>,
    /// Heads whose decay is 1.
    pub lasting: Vec<(usize, usize)>,
    /// Heads whose a is 0 where the state is edited.
    pub unerased: Vec<(usize, usize)>,
}

/// The same of one layer.
pub struct OfLayer<'a> {
    change: &'a Change,
    layer: usize,
    width: usize,
    head_size: usize,
}

impl Change {
    pub fn of(&self, layer: usize, width: usize, heads: usize) -> OfLayer<'_> {
        OfLayer {
            change: self,
            layer,
            width,
            head_size: width / heads,
        }
    }
}

impl OfLayer<'_> {
    /// Calls `each` with a number's token and head.
    fn each(&self, numbers: &mut [f64], mut each: impl FnMut(usize, (usize, usize), &mut f64)) {
        for (at, number) in numbers.iter_mut().enumerate() {
            let head = at % self.width / self.head_size;
            each(at / self.width, (self.layer, head), number);
        }
    }

    pub fn keys(&self, k: &mut [f64]) {
        self.each(k, |token, head, k| {
            if self.change.silent.contains(&(token, head)) {
                *k = 0.0;
            }
        });
    }

    pub fn decays(&self, w: &mut [f64]) {
        self.each(w, |_, head, w| {
            if self.change.lasting.contains(&head) {
                *w = 1.0;
            }
        });
    }

    pub fn rates(&self, a: &mut [f64]) {
        self.each(a, |_, head, a| {
            if self.change.unerased.contains(&head) {
                *a = 0.0;
            }
        });
    }

    /// Takes from `y` what cut arcs add. `without` gives y of a whole layer where a token writes nothing in a head; what
    /// it lacks at the reader is what the arc adds, as a layer's y is linear in what is written.
    pub fn arcs(&self, y: &mut [f64], without: impl Fn(usize, usize) -> Vec<f64>) {
        let whole = y.to_vec();
        for &(reader, writer, (layer, head)) in &self.change.cut {
            if layer != self.layer {
                continue;
            }
            let rest = without(writer, head);
            let start = reader * self.width + head * self.head_size;
            for at in start..start + self.head_size {
                y[at] -= whole[at] - rest[at];
            }
        }
    }

    pub fn channels(&self, head: usize) -> Range<usize> {
        head * self.head_size..(head + 1) * self.head_size
    }

    /// `k` with a token's part of a head at 0.
    pub fn silenced(&self, k: &[f64], token: usize, head: usize) -> Vec<f64> {
        let mut k = k.to_vec();
        let start = token * self.width + head * self.head_size;
        k[start..start + self.head_size].fill(0.0);
        k
    }

    pub fn output(&self, z: &mut [f64]) {
        let mut at = 0;
        self.each(z, |_, head, z| {
            if let Some((_, fixed)) = self.change.fixed.iter().find(|(own, _)| *own == head) {
                *z = fixed[at % self.head_size];
            }
            at += 1;
            for (_, factor) in self.change.scale.iter().filter(|(own, _)| *own == head) {
                *z *= factor;
            }
        });
    }
}
