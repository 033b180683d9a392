use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;

use super::{PromptArgs, subject};
use crate::{
    app::{self, Start},
    model::{Quantisation, Source},
    session::Session,
    trace::Precision,
};

/// The window's start.
#[derive(Debug, Args)]
pub(super) struct WindowArgs {
    /// `demo-v6` (the default), `demo-v7`, or a file: .st or .safetensors in web-rwkv's layout, .pth as published, or
    /// a trace
    model: Option<String>,
    /// Go on with a saved session
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["model", "prompt", "prompt_file", "precision"])]
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
    #[command(flatten)]
    quantisation: Quantisation,
}

impl WindowArgs {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(path) = &self.session {
            return app::window(Start {
                session: Session::open(path)?,
                vocab: self.vocab,
                ..Start::default()
            });
        }
        let model = self.model.unwrap_or_else(|| Source::DemoV6.name());
        let is_trace = subject::trace(&model)?.is_some();
        let runs = self.prompt.is_some()
            || self.prompt_file.is_some()
            || self.precision.is_some()
            || !self.quantisation.is_none();
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
            ..Session::default()
        };
        app::window(Start {
            session,
            vocab: self.vocab,
            ..Start::default()
        })
    }
}
