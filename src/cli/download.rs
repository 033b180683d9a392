use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;

use super::output;
use crate::download::{self, CATALOGUE, Hub, Listed, Place};

#[derive(Debug, Args)]
pub(super) struct DownloadArgs {
    /// A name from --list, or OWNER/REPOSITORY/FILE on Hugging Face
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// Folder to put it in
    #[arg(short, long, value_name = "FOLDER", default_value = ".")]
    output: PathBuf,
    /// List the names known here, or the model files that OWNER/REPOSITORY holds now
    #[arg(
        long,
        value_name = "OWNER/REPOSITORY",
        num_args = 0..=1,
        conflicts_with = "name"
    )]
    list: Option<Option<String>>,
    /// Print `{"path", "size", "sha256", "was_there"}`; of a list, `[{"name", "place", "size"}, …]`, with "sha256" and
    /// no name for a repository's
    #[arg(long)]
    json: bool,
}

impl DownloadArgs {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        match &self.list {
            Some(None) => self.known()?,
            Some(Some(repository)) => self.listed(repository)?,
            None => self.download()?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn download(&self) -> anyhow::Result<()> {
        let place: Place = self.name.as_deref().unwrap_or_default().parse()?;
        let hub = Hub::of_environment()?;
        let done =
            output::watched_bytes(|watch| download::download(&hub, &place, &self.output, watch))?;
        let path = done.path.display();
        if self.json {
            return output::say_json(&json!({
                "path": path.to_string(),
                "size": done.size,
                "sha256": done.sha256,
                "was_there": done.was_there,
            }));
        }
        output::say(&match done.was_there {
            true => format!("{path} was there already, whole"),
            false => format!(
                "{path}: {:.1} MB, SHA-256 as published",
                megabytes(done.size)
            ),
        })
    }

    /// The catalogue, which needs no network.
    fn known(&self) -> anyhow::Result<()> {
        if self.json {
            let known = |known: &download::Published| json!({"name": known.name, "place": known.place, "size": known.size});
            let known: Vec<_> = CATALOGUE.iter().map(known).collect();
            return output::say_json(&known);
        }
        let line = |known: &download::Published| {
            format!("{:18} {:>7}  {}", known.name, known.size, known.place)
        };
        let lines: Vec<_> = CATALOGUE.iter().map(line).collect();
        output::say(&lines.join("\n"))
    }

    /// What a repository holds that may be opened.
    fn listed(&self, repository: &str) -> anyhow::Result<()> {
        let mut files = Hub::of_environment()?.list(repository)?;
        let ends = |path: &str| {
            [".pth", ".st", ".safetensors"]
                .iter()
                .any(|end| path.ends_with(end))
        };
        files.retain(|file| ends(&file.path));
        let place = |file: &Listed| format!("{repository}/{}", file.path);
        if self.json {
            let file = |file: &Listed| json!({"place": place(file), "size": file.size, "sha256": file.sha256});
            let files: Vec<_> = files.iter().map(file).collect();
            return output::say_json(&files);
        }
        let line = |file: &Listed| format!("{:>10.1} MB  {}", megabytes(file.size), place(file));
        let lines: Vec<_> = files.iter().map(line).collect();
        output::say(&lines.join("\n"))
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
