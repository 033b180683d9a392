use std::{path::PathBuf, sync::Arc, sync::atomic::AtomicBool};

use anyhow::{Context as _, anyhow};
use bevy::math::UVec2;
use clap::Args;

use super::output::{self, Usage};
use crate::{
    estimate::Length,
    files::read_any,
    gpu::Gpu,
    inference::{InferenceError, Model, RunOptions},
    model::{Lora, ModelFile, Quantisation, Source, Vocabulary},
    trace::{Layers, Part, Precision, Trace, Window},
};

/// Which model, and how to run it.
#[derive(Debug, Clone, Args)]
pub struct ModelArgs {
    /// `demo-v6`, `demo-v7`, or a file: .st, .safetensors or .pth, or a folder with a Hugging Face model
    pub model: String,
    /// How.
    #[command(flatten)]
    pub run: RunArgs,
}

/// How to run a model.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// Vocabulary (.txt or .json) in place of the one chosen by size
    #[arg(long, value_name = "FILE")]
    pub vocab: Option<PathBuf>,
    /// Number format of the frames while the model runs [default: f16]
    #[arg(long, value_enum)]
    pub precision: Option<Precision>,
    /// Keep the vectors of these layers alone, counted from 0: 8-15, or 12 for one. A run takes less memory so
    #[arg(long, value_name = "FIRST-LAST")]
    pub layers: Option<Layers>,
    /// Run the whole text, and keep the vectors of these tokens alone, written as a Python slice: 100:200, or -1024:
    /// for the last ones. What was read before them becomes their first token
    #[arg(long, value_name = "FIRST:END", allow_hyphen_values = true)]
    pub window: Option<Window>,
    /// State to start from, as state tuning leaves it (.pth or .st with time_state) [default: the model's own, or none]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Layers kept in fewer bits.
    #[command(flatten)]
    pub quantisation: Quantisation,
    /// LoRA to merge into the model as it is opened; ALPHA as in its training [default: its rank]. May be given again
    #[arg(long, value_name = "FILE[=ALPHA]")]
    pub lora: Vec<Lora>,
}

/// What to feed.
#[derive(Debug, Clone, Args)]
#[group(multiple = false)]
pub struct PromptArgs {
    /// Text
    #[arg(long)]
    pub prompt: Option<String>,
    /// File with the text
    #[arg(long, value_name = "FILE")]
    pub prompt_file: Option<PathBuf>,
    /// Token ids, separated by commas; no vocabulary is needed
    #[arg(long, value_delimiter = ',')]
    pub ids: Option<Vec<u32>>,
}

impl RunArgs {
    /// The part of a run that is kept.
    pub(super) fn part(&self) -> Part {
        Part {
            layers: self.layers,
            window: self.window,
        }
    }

    /// Tokens of a run over so many: those of the window, and one that stands for what came before.
    pub(super) fn kept_tokens(&self, tokens: usize, has_state: bool) -> anyhow::Result<usize> {
        let window = self.window.unwrap_or_default();
        let range = window.of(tokens);
        let range = range.ok_or(InferenceError::EmptyWindow { window, tokens })?;
        Ok(Length::keeping(&range, has_state).tokens)
    }

    /// Whether anything is said of how to run.
    pub(super) fn is_given(&self) -> bool {
        self.precision.is_some()
            || self.layers.is_some()
            || self.window.is_some()
            || self.state.is_some()
            || !self.quantisation.is_none()
            || !self.lora.is_empty()
    }

    /// As given, or the default.
    pub(super) fn precision(&self) -> Precision {
        self.precision.unwrap_or_default()
    }
}

impl ModelArgs {
    /// Opens the file and finds its vocabulary.
    pub(super) fn open(&self) -> anyhow::Result<(Arc<ModelFile>, Option<Vocabulary>)> {
        let file = ModelFile::open_with(&Source::from(self.model.as_str()), &self.run.lora)?;
        let file = Arc::new(file.starting_from(self.run.state.as_deref())?);
        let vocabulary = Vocabulary::for_model(file.card(), self.run.vocab.as_deref())?;
        Ok((file, vocabulary))
    }
}

/// What is read on first sight, so that there are heads to look at.
const DEMO_PROMPT: &str = include_str!("../../assets/demo_prompt.txt");

impl PromptArgs {
    /// The demo's text.
    pub(super) fn demo() -> Self {
        let prompt = Some(DEMO_PROMPT.trim_end().to_owned());
        Self {
            prompt,
            prompt_file: None,
            ids: None,
        }
    }

    /// The text, if text was given.
    pub(super) fn text(&self) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(match (&self.prompt, &self.prompt_file) {
            (Some(text), _) => Some(text.clone().into_bytes()),
            (_, Some(path)) => {
                let cannot = || {
                    format!(
                        "{} cannot be read: check the path of the prompt",
                        path.display()
                    )
                };
                Some(read_any(path).with_context(cannot)?)
            }
            _ => None,
        })
    }

    /// Whether there is anything to feed.
    pub(super) fn is_given(&self) -> bool {
        self.prompt.is_some() || self.prompt_file.is_some() || self.ids.is_some()
    }

    /// The same, or the demo's text when nothing was given.
    pub(super) fn or_demo(&self) -> Self {
        if self.is_given() {
            self.clone()
        } else {
            Self::demo()
        }
    }

    /// The tokens, all of them known to the model.
    pub(super) fn tokens(
        &self,
        file: &ModelFile,
        vocabulary: Option<&Vocabulary>,
    ) -> anyhow::Result<Vec<u32>> {
        let vocab = file.card().vocab;
        let tokens = match (&self.ids, self.text()?) {
            (Some(ids), _) => ids.clone(),
            (None, Some(text)) => vocabulary
                .ok_or(InferenceError::NoVocabulary { vocab })?
                .encode(&text)?,
            (None, None) => Err(Usage(
                "no prompt: give --prompt TEXT, --prompt-file FILE or --ids 1,2,3",
            ))?,
        };
        if tokens.is_empty() {
            return match &self.prompt_file {
                Some(path) => Err(anyhow!(
                    "{} is empty: give a file with text",
                    path.display()
                )),
                None => Err(InferenceError::EmptyPrompt.into()),
            };
        }
        if let Some(&id) = tokens.iter().find(|id| **id as usize >= vocab) {
            let model = file.name().to_owned();
            let last = vocab - 1;
            Err(InferenceError::IdOutOfRange { id, model, last })?;
        }
        Ok(tokens)
    }
}

/// A picture's size in pixels, as `1920x1080`.
pub(super) fn parse_size(text: &str) -> Result<UVec2, String> {
    let wrong = || format!("{text:?} is no size: write it as 1920x1080");
    let (width, height) = text.split_once(['x', '×']).ok_or_else(wrong)?;
    let side = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
    Ok(UVec2::new(side(width)?, side(height)?))
}

/// A model that is ready to run.
pub(super) struct Loaded {
    pub gpu: Gpu,
    pub model: Model,
    pub vocabulary: Option<Vocabulary>,
}

/// A model that has run a prompt.
pub(super) struct Ran {
    pub gpu: Gpu,
    pub model: Model,
    pub vocabulary: Option<Vocabulary>,
    pub trace: Arc<Trace>,
}

impl Loaded {
    /// Loads an open file.
    pub fn of(
        file: &Arc<ModelFile>,
        vocabulary: Option<Vocabulary>,
        run: &RunArgs,
    ) -> anyhow::Result<Self> {
        run.quantisation.require(file.name(), file.card())?;
        let gpu = Gpu::new()?;
        let (precision, quantisation) = (run.precision(), run.quantisation);
        let model = output::watched(|watch| {
            Model::load_watched(&gpu, file, precision, quantisation, watch)
        })?;
        Ok(Self {
            gpu,
            model,
            vocabulary,
        })
    }

    /// Runs tokens, with a progress bar where somebody watches.
    pub fn run(self, tokens: Vec<u32>, part: Part) -> anyhow::Result<Ran> {
        let Self {
            gpu,
            model,
            vocabulary,
        } = self;
        let trace = model.trace_of(tokens, part)?;
        let all = trace.prefix.len() + trace.tokens.len();
        let bar = indicatif::ProgressBar::new(all as u64);
        let never = AtomicBool::new(false);
        model.run(&trace, &RunOptions::default(), &never, |done| {
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
        Ok(Ran {
            gpu,
            model,
            vocabulary,
            trace,
        })
    }
}

impl Ran {
    /// Opens, loads and runs.
    pub fn new(model: &ModelArgs, prompt: &PromptArgs) -> anyhow::Result<Self> {
        let (file, vocabulary) = model.open()?;
        Self::of(&file, vocabulary, model, prompt)
    }

    /// Loads and runs an open file.
    pub fn of(
        file: &Arc<ModelFile>,
        vocabulary: Option<Vocabulary>,
        model: &ModelArgs,
        prompt: &PromptArgs,
    ) -> anyhow::Result<Self> {
        let tokens = prompt.tokens(file, vocabulary.as_ref())?;
        Loaded::of(file, vocabulary, &model.run)?.run(tokens, model.run.part())
    }
}
