//! What heads, and in them earlier tokens, push a logit by: the final normalisation and GroupNorm's σ as they are, all
//! else is linear. Formulas: docs/NUMERICS.md, "Attribution".

use super::{InferenceError, Inside, Model};
use crate::{
    gpu::{GpuError, Pending},
    model::Version,
    trace::{Set, Trace},
};

/// GroupNorm's ε, as web-rwkv has it.
const GROUP_EPS: f64 = 64e-5;
/// The ε of the final normalisation.
const FINAL_EPS: f64 = 1e-5;

/// A logit at one token, in the parts that heads add to it. Heads are those of the layers that the trace keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// The reader.
    pub token: usize,
    /// Whose logit.
    pub target: u32,
    /// What of a head's y_t goes into the logit: ⟨pull, A\[t,s\] v_s⟩ is what writer s adds, f32 `[layers, width]`.
    pub pull: Vec<f32>,
    /// What the token adds through the bonus of RWKV-7, beside its own arc, `[layers, heads]`.
    pub own: Vec<f32>,
    /// What does not depend on any writer: GroupNorm's β, `[layers, heads]`.
    pub fixed: Vec<f32>,
    /// All that a head adds, from what the model gave to its output matrix, `[layers, heads]`.
    pub direct: Vec<f32>,
}

impl Model {
    /// Parts of the logit of `target` at the token that `inside` tells of. The trace has to be this model's.
    ///
    /// # Errors
    /// When a tensor cannot be read, the token is unknown to the model, or the device fails.
    pub fn attribution(
        &self,
        trace: &Trace,
        inside: &Inside,
        target: u32,
    ) -> Result<Attribution, InferenceError> {
        self.require_tokens(&[target])?;
        let (heads, size) = (self.dimensions.heads, self.dimensions.head_size);
        let toward = self.toward(inside, target)?;
        let vectors = Vectors::read(&self.gpu, trace, inside.token)?;
        let mut all = Attribution {
            token: inside.token,
            target,
            pull: Vec::new(),
            own: Vec::new(),
            fixed: Vec::new(),
            direct: Vec::new(),
        };
        for (at, layer) in trace.origin.layers.clone().enumerate() {
            let through = self.through_output(layer, &toward)?;
            let norm = self.group_norm(layer)?;
            let gate = activated(self.dimensions.version, inside.gate(layer));
            for head in 0..heads {
                let channels = head * size..(head + 1) * size;
                let part = |whole: &[f64]| whole[channels.clone()].to_vec();
                let given = inside.heads(layer)[channels.clone()].iter();
                let through = part(&through);
                let direct = given.zip(&through).map(|(z, d)| f64::from(*z) * d);
                all.direct.push(direct.sum::<f64>() as f32);
                let gated: Vec<f64> = through
                    .iter()
                    .zip(part(&gate))
                    .map(|(d, g)| d * g)
                    .collect();
                let (pull, fixed, own) = match &norm {
                    None => (gated, 0.0, 0.0),
                    Some([gamma, beta, bonus]) => {
                        let y = vectors.of(at, Vectors::Y, &channels);
                        let pull = through_norm(&gated, &part(gamma), &y);
                        let fixed = gated.iter().zip(part(beta)).map(|(d, b)| d * b);
                        let own = match self.dimensions.version {
                            Version::V7 => vectors.bonus(at, &channels, &part(bonus), &gated),
                            _ => 0.0,
                        };
                        (pull, fixed.sum(), own)
                    }
                };
                all.pull.extend(pull.iter().map(|x| *x as f32));
                all.fixed.push(fixed as f32);
                all.own.push(own as f32);
            }
        }
        Ok(all)
    }

    /// What a change of the last residual stream moves the logit by, its mean and its size held as they are, `[width]`;
    /// for what a layer adds, which web-rwkv may have halved since.
    fn toward(&self, inside: &Inside, target: u32) -> Result<Vec<f64>, InferenceError> {
        let width = self.dimensions.width;
        let stream = inside.residuals().pop().unwrap_or_default();
        let stream: Vec<f64> = stream.into_iter().map(f64::from).collect();
        let gamma = self.file.f32("ln_out.weight")?;
        let head = self.file.f16("head.weight")?;
        let row = &head[target as usize * width..][..width];
        let mut toward: Vec<f64> = row
            .iter()
            .zip(&gamma)
            .map(|(e, g)| f64::from(f32::from(*e)) * f64::from(*g))
            .collect();
        let size = (moments(&stream).1 + FINAL_EPS).sqrt();
        let mean = moments(&toward).0;
        let factor = f64::from(inside.discount()) / size;
        toward.iter_mut().for_each(|x| *x = (*x - mean) * factor);
        Ok(toward)
    }

    /// The same before a layer's output matrix, W_oᵀ `toward`.
    fn through_output(&self, layer: usize, toward: &[f64]) -> Result<Vec<f64>, InferenceError> {
        let width = self.dimensions.width;
        let name = format!("blocks.{layer}.att.output.weight");
        let matrix = self.file.f16(&name)?;
        let mut through = vec![0.0_f64; width];
        for (row, toward) in matrix.chunks_exact(width).zip(toward) {
            for (through, weight) in through.iter_mut().zip(row) {
                *through += toward * f64::from(f32::from(*weight));
            }
        }
        Ok(through)
    }

    /// γ, β and RWKV-7's r_k of a layer, `[width]` each; none where there is no GroupNorm.
    fn group_norm(&self, layer: usize) -> Result<Option<[Vec<f64>; 3]>, InferenceError> {
        let version = self.dimensions.version;
        if version == Version::V4 {
            return Ok(None);
        }
        let read = |name: &str| {
            let numbers = self.file.f32(&format!("blocks.{layer}.att.{name}"))?;
            Ok::<_, InferenceError>(numbers.into_iter().map(f64::from).collect::<Vec<_>>())
        };
        let bonus = match version {
            Version::V7 => read("r_k")?,
            _ => Vec::new(),
        };
        Ok(Some([read("ln_x.weight")?, read("ln_x.bias")?, bonus]))
    }
}

/// Mean and variance.
fn moments(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len().max(1) as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let square = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, square / count)
}

/// Before a GroupNorm of `y` whose σ is held: γ ⊙ `after` / σ, less its mean.
fn through_norm(after: &[f64], gamma: &[f64], y: &[f64]) -> Vec<f64> {
    let size = (moments(y).1 + GROUP_EPS).sqrt();
    let scaled: Vec<f64> = after.iter().zip(gamma).map(|(d, g)| d * g / size).collect();
    let mean = moments(&scaled).0;
    scaled.into_iter().map(|x| x - mean).collect()
}

/// The gate as it is multiplied with.
fn activated(version: Version, gate: &[f32]) -> Vec<f64> {
    let gate = gate.iter().map(|g| f64::from(*g));
    match version {
        Version::V4 => gate.map(|_| 1.0).collect(),
        Version::V5 | Version::V6 => gate.map(|g| g / (1.0 + (-g).exp())).collect(),
        Version::V7 => gate.collect(),
    }
}

/// r, k, v and y of a token, as the trace has them.
struct Vectors {
    /// `[layers, 4, width]`.
    numbers: Vec<f64>,
    width: usize,
}

impl Vectors {
    const R: usize = 0;
    const K: usize = 1;
    const V: usize = 2;
    const Y: usize = 3;

    fn read(gpu: &crate::gpu::Gpu, trace: &Trace, token: usize) -> Result<Self, GpuError> {
        let (layers, width) = (trace.dimensions.layers, trace.dimensions.width);
        let numbers = (0..layers).flat_map(|layer| {
            let sets = [Set::R, Set::K, Set::V].map(|set| trace.vector(layer, set, token));
            let y = trace.output(layer, token);
            sets.into_iter().chain([y]).flatten()
        });
        let parts: Vec<_> = numbers.collect();
        let descriptor = wgpu::CommandEncoderDescriptor::default();
        let mut encoder = gpu.device().create_command_encoder(&descriptor);
        let staging = Pending::record(gpu, &mut encoder, &parts);
        gpu.queue().submit([encoder.finish()]);
        let bytes = Pending::map(staging).wait(gpu)?;
        let stored = trace.stored();
        let mut numbers = Vec::with_capacity(layers * 4 * width);
        let mut rest = bytes.as_slice();
        for (_, _, size) in &parts {
            let (own, others) = rest.split_at(*size as usize);
            rest = others;
            // y alone is always in single floats.
            let halves = *size as usize == width * 2 && stored.bytes() == 2;
            numbers.extend(crate::trace::numbers_of(own, halves));
        }
        Ok(Self { numbers, width })
    }

    fn of(&self, layer: usize, which: usize, channels: &std::ops::Range<usize>) -> Vec<f64> {
        let start = (layer * 4 + which) * self.width;
        self.numbers[start + channels.start..start + channels.end].to_vec()
    }

    /// What RWKV-7's bonus adds: (Σ r k̃ r_k) ⟨`gated`, v⟩.
    fn bonus(
        &self,
        layer: usize,
        channels: &std::ops::Range<usize>,
        r_k: &[f64],
        gated: &[f64],
    ) -> f64 {
        let [r, k, v] = [Self::R, Self::K, Self::V].map(|which| self.of(layer, which, channels));
        let factor: f64 = r.iter().zip(&k).zip(r_k).map(|((r, k), u)| r * k * u).sum();
        let along: f64 = gated.iter().zip(&v).map(|(d, v)| d * v).sum();
        factor * along
    }
}
