//! The command line: one file a subcommand, each thin.

mod bench;
mod bench_shape;
mod changes;
mod check;
mod compare;
mod completions;
mod convert;
mod doctor;
mod download;
mod explain;
mod export;
mod generate;
mod heads;
mod info;
mod inputs;
mod man;
mod output;
mod predict;
mod record;
mod render;
mod report;
mod scores;
mod subject;
mod tokens;
mod trace;
mod view;
mod window;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::gpu;
pub use inputs::{ModelArgs, PromptArgs};

/// See what an RWKV model reads: every token, layer and head as one 3D lattice of exact scores.
///
/// Without a subcommand a window opens.
#[derive(Debug, Parser)]
#[command(
    name = "arclight",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    window: window::WindowArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what a model file is: version, layers, heads, head size, width, hidden, vocabulary, parameters; or what
    /// a trace holds
    Info(info::InfoArgs),
    /// Say what the graphics adapter is and what fits on it
    Doctor(doctor::DoctorArgs),
    /// Split a text into tokens
    Tokens(tokens::TokensArgs),
    /// Show the most probable next tokens at every position
    Predict(predict::PredictArgs),
    /// Write all that one run leaves to a file, which opens with no model: in scores, check, render and the window
    Trace(trace::TraceArgs),
    /// Write the scores of every head, reader × writer, to a .npz file for numpy; MODEL may be a trace
    Scores(scores::ScoresArgs),
    /// Check that what is drawn is what the model did: Σ A v against its own activations, in every head;
    /// MODEL may be a trace
    Check(check::CheckArgs),
    /// Find the heads that matter: what each does over a text, or over random tokens that are repeated; MODEL may be a trace
    Heads(heads::HeadsArgs),
    /// Say what the model makes its next token of: heads and arcs that push its logit, and what each layer would expect
    Explain(explain::ExplainArgs),
    /// Go on with a text, token by token
    Generate(generate::GenerateArgs),
    /// Draw the lattice to a picture, without a window; MODEL may be a trace
    Render(render::RenderArgs),
    /// Write what the lattice shows as numbers or as a drawing of lines and letters: the row or the column of a token,
    /// the matrix of a head, the text; MODEL may be a trace
    Export(export::ExportArgs),
    /// Record a clip of a film, without a window: MP4, GIF, APNG or PNG pictures; MODEL may be a trace
    Record(record::RecordArgs),
    /// Write a model to a file in web-rwkv's layout, which opens fastest: from .pth, a Hugging Face folder, f32 or bf16,
    /// with LoRAs merged into it
    Convert(convert::ConvertArgs),
    /// Download a published model; nothing else in arclight uses the network
    Download(download::DownloadArgs),
    /// Measure loading, prefill, selecting and drawing on this machine
    Bench(bench::BenchArgs),
    /// Print a script that completes arclight's arguments in a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write a page for every subcommand
    Man(man::ManArgs),
}

/// Parses the arguments, runs, and turns an error into one line and exit code 1.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => cli.window.run(),
        Some(Command::Info(args)) => args.run(),
        Some(Command::Doctor(args)) => args.run(),
        Some(Command::Tokens(args)) => args.run(),
        Some(Command::Predict(args)) => args.run(),
        Some(Command::Trace(args)) => args.run(),
        Some(Command::Scores(args)) => args.run(),
        Some(Command::Check(args)) => args.run(),
        Some(Command::Heads(args)) => args.run(),
        Some(Command::Explain(args)) => args.run(),
        Some(Command::Generate(args)) => args.run(),
        Some(Command::Render(args)) => args.run(),
        Some(Command::Export(args)) => args.run(),
        Some(Command::Record(args)) => args.run(),
        Some(Command::Convert(args)) => args.run(),
        Some(Command::Download(args)) => args.run(),
        Some(Command::Bench(args)) => args.run(),
        Some(Command::Completions(args)) => args.run(),
        Some(Command::Man(args)) => args.run(),
    };
    gpu::finish();
    done.unwrap_or_else(|error| {
        output::complain(&error);
        if error.is::<output::Usage>() {
            ExitCode::from(2)
        } else {
            ExitCode::FAILURE
        }
    })
}
