use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{ModelArgs, PromptArgs, output};
use crate::model::{token_texts, visible};

#[derive(Debug, Args)]
pub(super) struct TokensArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    prompt: PromptArgs,
    /// Print `{"tokens": [{"id", "text", "bytes"}, …]}`
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Tokens {
    tokens: Vec<Token>,
}

#[derive(Serialize)]
struct Token {
    id: u32,
    text: String,
    bytes: Vec<u8>,
}

impl TokensArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let (file, vocabulary) = self.model.open()?;
        let ids = self.prompt.tokens(&file, vocabulary.as_ref())?;
        let texts = token_texts(vocabulary.as_ref(), &ids);
        if self.json {
            let tokens = texts.into_iter().map(|token| Token {
                id: token.id,
                text: token.text,
                bytes: token.bytes,
            });
            output::say_json(&Tokens {
                tokens: tokens.collect(),
            })?;
        } else {
            let lines: Vec<_> = texts
                .iter()
                .enumerate()
                .map(|(at, token)| format!("{at:5} {:6}  {}", token.id, visible(&token.text)))
                .collect();
            output::say(&lines.join("\n"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
