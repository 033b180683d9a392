use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;

use super::{PromptArgs, inputs::RunArgs, subject};
use crate::{
    app::{self, Start},
    files::{as_text, read_any},
    model::Source,
    session::{Memory, Session},
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
    /// Said by a window whose graphics device was lost to the one that takes its place: the session is a passing file
    #[arg(long, hide = true, requires = "session")]
    after_loss: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

impl WindowArgs {
    /// `arclight` and nothing more.
    fn names_nothing(&self) -> bool {
        self.model.is_none()
            && self.prompt.is_none()
            && self.prompt_file.is_none()
            && self.run.vocab.is_none()
            && !self.run.is_given()
    }

    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let memory = Memory::of_user();
        let session = match (&self.session, &memory) {
            (Some(path), _) => Some(Session::open(path)?),
            (None, Some(memory)) if self.names_nothing() => memory.last(),
            _ => None,
        };
        if let Some(session) = session {
            if let (Some(_), Some(path)) = (&self.after_loss, &self.session) {
                // It holds a text that nobody asked to keep.
                let _ = std::fs::remove_file(path);
            }
            let start = Start {
                session,
                vocab: self.run.vocab,
                memory,
                ..Start::default()
            };
            return app::window(start, self.after_loss);
        }
        let model = self.model.unwrap_or_else(|| Source::DemoV6.name());
        let is_trace = subject::trace(&model)?.is_some();
        let runs = self.prompt.is_some() || self.prompt_file.is_some() || self.run.is_given();
        if is_trace && runs {
            Err(subject::ONE_RUN)?;
        }
        let prompt = match (self.prompt, self.prompt_file) {
            // It has been read.
            _ if is_trace => String::new(),
            (Some(prompt), _) => prompt,
            (None, Some(path)) => read_any(&path).and_then(as_text).with_context(|| {
                format!(
                    "{} cannot be read as text: check the path of the prompt",
                    path.display()
                )
            })?,
            (None, None) => PromptArgs::demo().prompt.unwrap_or_default(),
        };
        let session = Session {
            model,
            prompt,
            precision: self.run.precision(),
            quantisation: self.run.quantisation,
            lora: self.run.lora,
            layers: self.run.layers,
            window: self.run.window,
            state: self.run.state,
            ..Session::default()
        };
        let start = Start {
            session,
            vocab: self.run.vocab,
            memory,
            ..Start::default()
        };
        app::window(start, None)
    }
}
