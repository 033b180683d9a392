//! Random vectors for every head, here in float64 and on the device in a trace.

use std::{iter::zip, sync::Arc};

use arclight::{
    gpu::{self, Gpu},
    inference::head_outputs,
    model::{Card, Digest, Version},
    score::{
        Measure,
        twin::{Head, v4::Group},
    },
    trace::{Origin, Parameters, Precision, Set, Stored, Trace},
};
use half::f16;
use wgpu::util::DeviceExt;

use crate::support::Random;

#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub version: Version,
    pub layers: usize,
    pub heads: usize,
    pub head_size: usize,
    pub stored: Stored,
    pub tokens: usize,
}

/// One head's vectors as the device has them, rounded.
pub struct Vectors {
    /// Of RWKV-4 only what the trace holds.
    pub head: Head,
    /// RWKV-4 alone.
    group: Option<Group>,
    /// RWKV-4 and 5: `[head_size]` as in [`Parameters::decay`].
    fixed_decay: Vec<f64>,
    /// `[tokens][head_size]` what a trace holds as decay, before its activation.
    decay: Vec<Vec<f64>>,
    /// `[tokens][head_size]` what the model is said to have written: a few percent off.
    pub written: Vec<Vec<f64>>,
}

pub struct Filled {
    pub shape: Shape,
    /// Of all layers: layer × heads + head.
    pub vectors: Vec<Vectors>,
}

/// A number as the trace stores it.
fn stored(stored: Stored, x: f64) -> f64 {
    match stored {
        Stored::F16 => f16::from_f32(x as f32).to_f64(),
        Stored::F32 => f64::from(x as f32),
    }
}

impl Vectors {
    fn random(shape: Shape, random: &mut Random) -> Self {
        let Shape {
            version,
            head_size,
            tokens,
            ..
        } = shape;
        let v7 = version == Version::V7;
        let mut rows = |count: usize, f: &dyn Fn(f64) -> f64| -> Vec<Vec<f64>> {
            let mut row = || {
                (0..head_size)
                    .map(|_| f(random.between(-1.0, 1.0)))
                    .collect()
            };
            (0..count).map(|_| row()).collect()
        };
        let keep = |x| stored(shape.stored, x);
        let r = rows(tokens, &keep);
        // RWKV-4's are exponents.
        let most = if version == Version::V4 { 6.0 } else { 1.0 };
        let k = rows(tokens, &|x| keep(most * x));
        let v = rows(tokens, &keep);
        // From channels that forget at once to some that hold on for hundreds of tokens.
        let fixed_decay = match version {
            Version::V4 => rows(1, &|x| f64::from(-(3.0 * x - 2.0).exp() as f32)).remove(0),
            Version::V5 => rows(1, &|x| f64::from((3.0 * x - 3.0) as f32)).remove(0),
            Version::V6 | Version::V7 => Vec::new(),
        };
        let decay = match version {
            Version::V4 => Vec::new(),
            Version::V5 => vec![fixed_decay.iter().map(|&x| keep(x)).collect(); tokens],
            Version::V6 => rows(tokens, &|x| keep(3.0 * x - 3.0)),
            Version::V7 => rows(tokens, &|x| keep(5.0 * x - 3.0)),
        };
        let w = match v7 {
            true => mapped(&decay, |x| (-0.606531 / (1.0 + (-x).exp())).exp()),
            false => mapped(&decay, |x| (-x.exp()).exp()),
        };
        let erasing = if v7 { tokens } else { 0 };
        let a = rows(erasing, &|x| keep(0.5 + 0.5 * x));
        let mut kappa = rows(erasing, &|x| x);
        for kappa in &mut kappa {
            let length = kappa.iter().map(|x| x * x).sum::<f64>().sqrt();
            kappa.iter_mut().for_each(|x| *x = keep(*x / length));
        }
        let fixed = |x: f64| f64::from(x as f32);
        let bonus = rows(1, &fixed).remove(0);
        let gamma = rows(1, &|x| fixed(1.0 + 0.5 * x)).remove(0);
        let beta = rows(1, &|x| fixed(0.3 * x)).remove(0);
        let off = rows(tokens, &|x| 1.0 + 0.05 * x);
        let head = Head {
            version,
            r,
            w,
            k,
            v,
            a,
            kappa,
            bonus,
            gamma,
            beta,
        };
        let group = (version == Version::V4).then(|| Group {
            r: head.r.clone(),
            k: head.k.clone(),
            v: head.v.clone(),
            decay: fixed_decay.clone(),
            bonus: head.bonus.clone(),
        });
        let mut vectors = Self {
            head,
            group,
            fixed_decay,
            decay,
            written: Vec::new(),
        };
        let written = off.iter().enumerate().map(|(t, off)| {
            zip(vectors.given(t), off)
                .map(|(x, off)| keep(x * off))
                .collect()
        });
        vectors.written = written.collect();
        vectors
    }

    /// y_t, `[head_size]`.
    pub fn output(&self, t: usize) -> Vec<f64> {
        match &self.group {
            Some(group) => group.output(t),
            None => self.head.output(t),
        }
    }

    /// What the model's layer should give for this head.
    fn given(&self, t: usize) -> Vec<f64> {
        match &self.group {
            Some(group) => group.output(t),
            None => self.head.normed(t),
        }
    }

    /// s = 0 … t of a measure.
    fn row(&self, measure: Measure, t: usize) -> Vec<f64> {
        let head = &self.head;
        match (&self.group, measure) {
            (Some(group), Measure::Rwk) => group.row(t),
            (Some(group), Measure::Share) => group.share_row(t),
            (Some(group), Measure::Weighted) => group.weighted_row(t),
            (Some(group), Measure::Wk) => group.wk_row(t),
            (None, Measure::Rwk) => head.row(t),
            (None, Measure::Share) => head.share_row(t),
            (None, Measure::Weighted) => head.weighted_row(t),
            (None, Measure::Erase) => head.erase_row(t),
            (None, Measure::Wk) | (Some(_), Measure::Erase) | (_, Measure::Logit) => {
                panic!("no rows of {measure:?}")
            }
        }
    }

    /// The matrix `[t][s]` of a measure, 0 where s > t.
    pub fn matrix(&self, measure: Measure) -> Vec<Vec<f64>> {
        let tokens = self.head.tokens();
        let mut matrix = vec![vec![0.0; tokens]; tokens];
        for at in 0..tokens {
            if measure == Measure::Wk && self.group.is_none() {
                for (t, norm) in (at..).zip(self.head.wk_column(at)) {
                    matrix[t][at] = norm;
                }
            } else {
                matrix[at][..=at].copy_from_slice(&self.row(measure, at));
            }
        }
        matrix
    }

    /// ‖GroupNorm(Σ A v) − written‖ / ‖written‖ for every token, in parts of how far its terms cancel.
    pub fn conservation(&self) -> Vec<f64> {
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let error = |(t, written): (usize, &Vec<f64>)| {
            let off: Vec<f64> = zip(self.given(t), written).map(|(a, b)| a - b).collect();
            let cancelled = match &self.group {
                Some(_) => 1.0,
                None => self.head.cancellation(t),
            };
            norm(&off) / norm(written) / cancelled
        };
        self.written.iter().enumerate().map(error).collect()
    }
}

fn mapped(rows: &[Vec<f64>], f: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    rows.iter()
        .map(|row| row.iter().map(|&x| f(x)).collect())
        .collect()
}

impl Filled {
    pub fn random(shape: Shape, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let heads = 0..shape.layers * shape.heads;
        let vectors = heads.map(|_| Vectors::random(shape, &mut random)).collect();
        Self { shape, vectors }
    }

    /// The same in a trace, with y computed there and every token counted as run.
    pub fn upload(&self, gpu: &Gpu) -> Arc<Trace> {
        let trace = self.upload_without_tokens(gpu);
        trace.grow(self.shape.tokens, Vec::new());
        trace
    }

    /// As [`Filled::upload`], but no token is counted yet.
    pub fn upload_without_tokens(&self, gpu: &Gpu) -> Arc<Trace> {
        let Shape {
            version,
            layers,
            heads,
            head_size,
            stored,
            tokens,
        } = self.shape;
        let width = heads * head_size;
        let card = Card {
            version,
            layers,
            heads,
            head_size,
            width,
            hidden: 4,
            vocab: 8,
            parameters: 0,
        };
        let origin = Arc::new(Origin {
            model: "random".to_owned(),
            layers: 0..card.layers,
            card,
            digest: Arc::new(Digest::known("0".repeat(64))),
            precision: Precision::F32,
            quantisation: Default::default(),
            merged: Vec::new(),
            state: None,
            read_before: 0,
        });
        let ids = (0..tokens as u32).map(|t| (t * t + t / 5) % 8).collect();
        let trace = Trace::new(gpu, origin, stored, self.parameters(gpu), ids);
        let trace = trace.expect("there is room for a trace");
        for layer in 0..layers {
            let own = &self.vectors[layer * heads..][..heads];
            let upload = |set, of: fn(&Vectors) -> &Vec<Vec<f64>>| {
                let numbers: Vec<f32> = (0..tokens)
                    .flat_map(|t| own.iter().flat_map(move |vectors| &of(vectors)[t]))
                    .map(|&x| x as f32)
                    .collect();
                trace.upload(gpu, layer, set, &numbers);
            };
            upload(Set::R, |vectors| &vectors.head.r);
            if !version.has_static_decay() {
                upload(Set::W, |vectors| &vectors.decay);
            }
            upload(Set::K, |vectors| &vectors.head.k);
            upload(Set::V, |vectors| &vectors.head.v);
            if version == Version::V7 {
                upload(Set::A, |vectors| &vectors.head.a);
                upload(Set::Kappa, |vectors| &vectors.head.kappa);
            }
            upload(Set::X, |vectors| &vectors.written);
        }
        head_outputs(gpu, &trace);
        Arc::new(trace)
    }

    pub fn parameters(&self, gpu: &Gpu) -> Arc<Parameters> {
        let mut numbers: Vec<f32> = Vec::new();
        for layer in self.vectors.chunks_exact(self.shape.heads) {
            let parts: [fn(&Head) -> &Vec<f64>; 3] =
                [|head| &head.gamma, |head| &head.beta, |head| &head.bonus];
            for part in parts {
                let heads = layer.iter().flat_map(|vectors| part(&vectors.head));
                numbers.extend(heads.map(|&x| x as f32));
            }
        }
        let decay = self.vectors.iter().flat_map(|vectors| &vectors.fixed_decay);
        let decay: Vec<f32> = decay.map(|&x| x as f32).collect();
        let buffer = |numbers: &[f32]| {
            gpu.device()
                .create_buffer_init(&wgpu::util::BufferInitDescriptor {
                    label: Some("parameters"),
                    contents: bytemuck::cast_slice(numbers),
                    usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
                })
        };
        Arc::new(Parameters {
            heads: buffer(&numbers),
            decay: buffer(&decay),
            gram: gpu::storage(gpu.device(), "no gram", 16),
        })
    }
}
