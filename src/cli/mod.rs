//! The command line: one file a subcommand, each thin.

mod check;
mod doctor;
mod info;
mod inputs;
mod output;
mod predict;
mod scores;
mod tokens;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use inputs::{ModelArgs, PromptArgs};

/// See what an RWKV model reads: every token, layer and head as one 3D lattice of exact scores.
///
/// Without a subcommand a window opens.
#[derive(Debug, Parser)]
#[command(name = "arclight", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    window: WindowArgs,
}

/// The window's start.
#[derive(Debug, Clone, Args)]
pub struct WindowArgs {
    /// `demo-v6`, `demo-v7`, or a file: .st or .safetensors in web-rwkv's layout, or .pth as published
    #[arg(default_value = "demo-v6")]
    pub model: String,
    /// Text to run at once
    #[arg(long, conflicts_with = "prompt_file")]
    pub prompt: Option<String>,
    /// File with the text to run at once
    #[arg(long, value_name = "FILE")]
    pub prompt_file: Option<std::path::PathBuf>,
    /// Vocabulary (.txt or .json) in place of the one chosen by size
    #[arg(long, value_name = "FILE")]
    pub vocab: Option<std::path::PathBuf>,
    /// Number format of the frames while the model runs
    #[arg(long, value_enum, default_value_t)]
    pub precision: crate::trace::Precision,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what a model file is: version, layers, heads, head size, width, hidden, vocabulary, parameters
    Info(info::InfoArgs),
    /// Say what the graphics adapter is and what fits on it
    Doctor(doctor::DoctorArgs),
    /// Split a text into tokens
    Tokens(tokens::TokensArgs),
    /// Show the most probable next tokens at every position
    Predict(predict::PredictArgs),
    /// Write the scores of every head, reader × writer, to a .npz file for numpy
    Scores(scores::ScoresArgs),
    /// Check that what is drawn is what the model did: Σ A v against its own activations, in every head
    Check(check::CheckArgs),
}

/// Parses the arguments, runs, and turns an error into one line and exit code 1.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => Ok(ExitCode::SUCCESS),
        Some(Command::Info(args)) => args.run(),
        Some(Command::Doctor(args)) => args.run(),
        Some(Command::Tokens(args)) => args.run(),
        Some(Command::Predict(args)) => args.run(),
        Some(Command::Scores(args)) => args.run(),
        Some(Command::Check(args)) => args.run(),
    };
    done.unwrap_or_else(|error| {
        output::complain(&error);
        ExitCode::FAILURE
    })
}
