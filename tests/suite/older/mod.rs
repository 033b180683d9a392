//! RWKV-4 and RWKV-5, on small models of random weights: what web-rwkv computes and what is drawn of it, against
//! the float64 model.

mod checkpoints;
mod command_line;
mod runs;
mod scores;
mod traces;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use arclight::{
    gpu::Gpu,
    inference::Model,
    model::{ModelFile, Quantisation, Source},
    trace::Precision,
};
use tempfile::TempDir;

use crate::{
    reference::{demo, weights::Weights},
    support::small::{KINDS, Kind, VOCABULARY, small},
};

/// The files of the small models, written once.
pub fn path(kind: Kind) -> &'static Path {
    static FILES: LazyLock<Vec<(TempDir, PathBuf)>> =
        LazyLock::new(|| KINDS.into_iter().map(|kind| small(kind).write()).collect());
    &FILES[kind as usize].1
}

pub fn weights(kind: Kind) -> Weights {
    Weights::from_bytes(&std::fs::read(path(kind)).expect("the model is there"))
}

pub fn load(gpu: &Gpu, kind: Kind, precision: Precision) -> Model {
    load_quantised(gpu, kind, precision, Quantisation::default())
}

fn load_quantised(
    gpu: &Gpu,
    kind: Kind,
    precision: Precision,
    quantisation: Quantisation,
) -> Model {
    let file = ModelFile::open(&Source::File(path(kind).to_owned())).expect("the model opens");
    let model = Model::load_quantised(gpu, &Arc::new(file), precision, quantisation);
    model.expect("the model loads")
}

/// A chunk, and a rest that goes on from its state.
pub fn tokens() -> Vec<u32> {
    demo::random_tokens(91, 45, VOCABULARY as u32)
}
