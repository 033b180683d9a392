//! Interventions, one number at a time.

/// What is changed. Layers and heads are counted from 0.
#[derive(Clone, Default)]
pub struct Change {
    /// What a head adds is multiplied: (layer, head), factor.
    pub scale: Vec<((usize, usize), f64)>,
    /// What a head adds is always the same, `[head size]`, before it is multiplied.
    pub fixed: Vec<((usize, usize), Vec<f64>)>,
    /// A token's key is 0 in a head: token, (layer, head).
    pub silent: Vec<(usize, (usize, usize))>,
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
