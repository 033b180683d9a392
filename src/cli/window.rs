use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;

use super::{PromptArgs, subject};
use crate::{
    app::{self, Start},
    model::{Lora, Quantisation, Source},
    session::{Memory, Session},
    trace::{Layers, Precision, Window},
};

/// The window's start.
#[derive(Debug, Args)]
pub(super) struct WindowArgs {
    /// `demo-v6` (the default), `demo-v7`, or a file: .st, .safetensors, .pth or a trace, or a folder with
    /// a Hugging Face model
    model: Option<String>,
    /// Go on with a saved session
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["model", "prompt", "prompt_file", "precision", "int8", "nf4", "lora", "layers", "window", "state"])]
    session: Option<PathBuf>,
    /// Text to run at once
    #[arg(long, conflicts_with = "prompt_file")]
    prompt: Option<String>,
    /// File with the text to run at once
    #[arg(long, value_name = "FILE")]
    prompt_file: Option<PathBuf>,
    /// Vocabulary (.txt or .json) in place of the one chosen by size
    #[arg(long, value_name = "FILE")]
    vocab: Option<PathBuf>,
    /// Number format of the frames while the model runs [default: f16]
    #[arg(long, value_enum)]
    precision: Option<Precision>,
    /// Keep the vectors of these layers alone, counted from 0: 8-15, or 12 for one. A run takes less memory so
    #[arg(long, value_name = "FIRST-LAST")]
    layers: Option<Layers>,
    /// Run the whole text, and keep the vectors of these tokens alone, written as a Python slice: 100:200, or -1024:
    /// for the last ones. What was read before them becomes their first token
    #[arg(long, value_name = "FIRST:END", allow_hyphen_values = true)]
    window: Option<Window>,
    /// State to start from, as state tuning leaves it (.pth or .st with time_state) [default: the model's own, or none]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    quantisation: Quantisation,
    /// LoRA to merge into the model as it is opened; ALPHA as in its training [default: its rank]. May be given again
    #[arg(long, value_name = "FILE[=ALPHA]")]
    lora: Vec<Lora>,
}

impl WindowArgs {
    /// `arclight` and nothing more.
    fn names_nothing(&self) -> bool {
        self.model.is_none()
            && self.prompt.is_none()
            && self.prompt_file.is_none()
            && self.vocab.is_none()
            && self.precision.is_none()
            && self.layers.is_none()
            && self.window.is_none()
            && self.state.is_none()
            && self.quantisation.is_none()
            && self.lora.is_empty()
    }

    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let memory = Memory::of_user();
        let session = match (&self.session, &memory) {
            (Some(path), _) => Some(Session::open(path)?),
            (None, Some(memory)) if self.names_nothing() => memory.last(),
            _ => None,
        };
        if let Some(session) = session {
            return app::window(Start {
                session,
                vocab: self.vocab,
                memory,
                ..Start::default()
            });
        }
        let model = self.model.unwrap_or_else(|| Source::DemoV6.name());
        let is_trace = subject::trace(&model)?.is_some();
        let runs = self.prompt.is_some()
            || self.prompt_file.is_some()
            || self.precision.is_some()
            || self.layers.is_some()
            || self.window.is_some()
            || self.state.is_some()
            || !self.quantisation.is_none()
            || !self.lora.is_empty();
        if is_trace && runs {
            Err(subject::ONE_RUN)?;
        }
        let prompt = match (self.prompt, self.prompt_file) {
            // It has been read.
            _ if is_trace => String::new(),
            (Some(prompt), _) => prompt,
            (None, Some(path)) => std::fs::read_to_string(&path).with_context(|| {
                format!(
                    "{} cannot be read as text: check the path of the prompt",
                    path.display()
                )
            })?,
            (None, None) => PromptArgs::demo().prompt.unwrap_or_default(),
        };
        let precision = self.precision.unwrap_or_default();
        let session = Session {
            model,
            prompt,
            precision,
            quantisation: self.quantisation,
            lora: self.lora,
            layers: self.layers,
            window: self.window,
            state: self.state,
            ..Session::default()
        };
        app::window(Start {
            session,
            vocab: self.vocab,
            memory,
            ..Start::default()
        })
    }
}
