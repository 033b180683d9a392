use std::{io::Write, path::Path};

use serde_json::{Map, Value, json};

use super::{
    PIECE, TraceError,
    layout::{Expected, PARAMETERS, Part, Sizes},
    metadata,
    texts::{Texts, occurring},
};
use crate::{
    files::{Watch, WriteError, write_whole},
    gpu::{self, Gpu, Pending},
    model::Vocabulary,
    trace::{Prediction, Set, Trace},
};

/// Writes the tokens of a trace that have been run, and all that came of them, to a file that opens with
/// no model: one set of one layer at a time, beside its place until it is whole. `vocabulary` gives the
/// texts of the ids that occur. `watch` hears of the model file's bytes, which are hashed, and of the trace's.
///
/// # Errors
/// When there is nothing to save, the file cannot be written, the device fails or the work is to end.
/// No file is left then, and one that was there before stays.
pub fn save(
    gpu: &Gpu,
    trace: &Trace,
    vocabulary: Option<&Vocabulary>,
    path: &Path,
    watch: &mut Watch<'_>,
) -> Result<(), TraceError> {
    let tokens = trace.filled();
    if tokens == 0 {
        return Err(TraceError::Empty);
    }
    let mut predictions: Vec<_> = (0..tokens)
        .map_while(|position| trace.prediction(position))
        .collect();
    // What came after the last token is not in the file.
    if let Some(last) = predictions.last_mut() {
        last.came = None;
    }
    // Of a state that was given nothing is known of what came before it.
    if let Some(first) = predictions.first_mut().filter(|first| first.top.is_empty()) {
        *first = Prediction::padded(trace.dimensions.vocab);
    }
    let texts = vocabulary.map(|vocabulary| {
        let occurring = occurring(&trace.tokens[..tokens], &predictions);
        Texts::of(vocabulary, occurring)
    });
    let sizes = Sizes {
        dimensions: trace.dimensions,
        stored: trace.stored(),
        tokens,
        has_before: trace.before.is_some(),
        texts: texts
            .as_ref()
            .map(|texts| (texts.ids.len(), texts.bytes.len())),
    };
    let full = |prediction: &Prediction| prediction.top.len() == sizes.candidates();
    if predictions.len() < tokens || !predictions.iter().all(full) {
        return Err(TraceError::NoPredictions);
    }
    let tensors = sizes.tensors();

    let origin = &trace.origin;
    let data = tensors.iter().map(Expected::bytes).sum::<u64>();
    let digests = || {
        let states = origin.state.iter().map(|state| &state.digest);
        origin.merged.iter().map(|lora| &lora.digest).chain(states)
    };
    let remaining = digests().map(|digest| digest.remaining()).sum::<u64>();
    watch.expect(origin.digest.remaining() + remaining + data);
    let sha256 = origin.digest.sha256::<TraceError>(watch)?;
    for digest in digests() {
        digest.sha256::<TraceError>(watch)?;
    }
    let header = header(&tensors, metadata::write(origin, sha256));
    let heads = &trace.parameters.heads;
    let parameters = bytemuck::pod_collect_to_vec(&gpu::read(gpu, heads, 0, heads.size())?);
    write_whole(path, |out| {
        out.write_all(&header)
            .map_err(|error| WriteError::refused(path, &error))?;
        let mut writer = Writer {
            gpu,
            trace,
            tokens,
            predictions: &predictions,
            parameters: &parameters,
            texts: texts.as_ref(),
            path,
            out,
            watch,
        };
        tensors
            .iter()
            .try_for_each(|tensor| writer.part(tensor.part))
    })
}

/// The header's length, and the header.
fn header(tensors: &[Expected], metadata: Map<String, Value>) -> Vec<u8> {
    let mut entries = Map::new();
    entries.insert("__metadata__".to_owned(), metadata.into());
    let mut start = 0;
    for tensor in tensors {
        let end = start + tensor.bytes();
        let entry = json!({
            "dtype": tensor.dtype.to_string(),
            "shape": tensor.shape,
            "data_offsets": [start, end],
        });
        entries.insert(tensor.name.to_owned(), entry);
        start = end;
    }
    let mut text = Value::Object(entries).to_string().into_bytes();
    // Readers that map the file want numbers at even places.
    text.resize(text.len().next_multiple_of(8), b' ');
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.extend(text);
    header
}

/// Writes the data, part after part.
struct Writer<'a, 'w> {
    gpu: &'a Gpu,
    trace: &'a Trace,
    tokens: usize,
    predictions: &'a [Prediction],
    /// `[layers, 3, width]`.
    parameters: &'a [f32],
    texts: Option<&'a Texts>,
    path: &'a Path,
    out: &'a mut dyn Write,
    watch: &'a mut Watch<'w>,
}

impl Writer<'_, '_> {
    fn part(&mut self, part: Part) -> Result<(), TraceError> {
        let predictions = self.predictions.iter();
        match part {
            Part::Vectors(set) => self.vectors(set),
            Part::Parameter(which) => self.parameter(which),
            Part::Decay => {
                let decay = &self.trace.parameters.decay;
                let decay = gpu::read(self.gpu, decay, 0, decay.size())?;
                self.numbers(&decay)
            }
            Part::Contribution => self.contribution(),
            Part::Before => {
                let Some(before) = &self.trace.before else {
                    return Ok(());
                };
                let states = gpu::read(self.gpu, &before.initial, 0, before.initial.size())?;
                self.numbers(&states)
            }
            Part::Tokens => self.numbers(&self.trace.tokens[..self.tokens]),
            Part::TopIds => {
                let ids = predictions.flat_map(|it| it.top.iter().map(|candidate| candidate.id));
                self.numbers(&ids.collect::<Vec<_>>())
            }
            Part::TopLogits => {
                let logits =
                    predictions.flat_map(|it| it.top.iter().map(|candidate| candidate.logit));
                self.numbers(&logits.collect::<Vec<_>>())
            }
            Part::Number(of) => self.numbers(&predictions.map(of).collect::<Vec<_>>()),
            Part::TextIds => self.numbers(self.texts.map_or(&[][..], |texts| &texts.ids)),
            Part::TextEnds => self.numbers(self.texts.map_or(&[][..], |texts| &texts.ends)),
            Part::TextBytes => self.numbers(self.texts.map_or(&[][..], |texts| &texts.bytes)),
        }
    }

    /// One set of every layer, read back a piece at a time.
    fn vectors(&mut self, set: Set) -> Result<(), TraceError> {
        let bytes =
            (self.tokens * self.trace.dimensions.width) as u64 * self.trace.stored().bytes();
        for layer in 0..self.trace.dimensions.layers {
            let Some((buffer, start)) = self.trace.place(layer, set) else {
                continue;
            };
            for at in (0..bytes).step_by(PIECE) {
                let length = (bytes - at).min(PIECE as u64);
                let piece = gpu::read(self.gpu, buffer, start + at, length)?;
                self.numbers(&piece)?;
            }
        }
        Ok(())
    }

    fn parameter(&mut self, which: usize) -> Result<(), TraceError> {
        let width = self.trace.dimensions.width;
        for layer in self.parameters.chunks_exact(PARAMETERS.len() * width) {
            self.numbers(&layer[which * width..][..width])?;
        }
        Ok(())
    }

    /// A layer at a time. In the buffer there is room for the tokens that were not run.
    fn contribution(&mut self) -> Result<(), TraceError> {
        let heads = self.trace.dimensions.heads;
        let capacity = self.trace.room();
        for layer in 0..self.trace.dimensions.layers {
            let parts: Vec<_> = (layer * heads..(layer + 1) * heads)
                .map(|row| {
                    let start = (row * capacity) as u64 * 4;
                    (&self.trace.contribution, start, self.tokens as u64 * 4)
                })
                .collect();
            let mut encoder = self
                .gpu
                .device()
                .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            let staging = Pending::record(self.gpu, &mut encoder, &parts);
            self.gpu.queue().submit([encoder.finish()]);
            let norms = Pending::map(staging).wait(self.gpu)?;
            self.numbers(&norms)?;
        }
        Ok(())
    }

    fn numbers<T: bytemuck::Pod>(&mut self, numbers: &[T]) -> Result<(), TraceError> {
        let bytes: &[u8] = bytemuck::cast_slice(numbers);
        self.out
            .write_all(bytes)
            .map_err(|error| WriteError::refused(self.path, &error))?;
        Ok(self.watch.step(bytes.len() as u64)?)
    }
}
