use serde::Deserialize;
use ureq::http::Uri;

use super::{
    DownloadError, Place,
    client::{Answer, Client, is_sha256, reason},
    place::require_repository,
};

/// The hub that models are asked for from.
#[derive(Clone)]
pub struct Hub {
    pub(super) endpoint: Uri,
    pub(super) token: Option<String>,
}

/// What the hub knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path in the repository.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Its SHA-256, which the hub has of large files.
    pub sha256: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    size: u64,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    oid: String,
    size: u64,
}

/// Longest list that is read, in bytes.
const LONGEST_LIST: u64 = 16 << 20;

impl Hub {
    /// The hub that the environment names: `HF_ENDPOINT` in place of Hugging Face, `HF_TOKEN` to show it who asks.
    ///
    /// # Errors
    /// When `HF_HUB_OFFLINE` is set, or the endpoint is no address.
    pub fn of_environment() -> Result<Self, DownloadError> {
        let variable = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
        let offline = variable("HF_HUB_OFFLINE").map(|text| text.to_ascii_uppercase());
        if matches!(offline.as_deref(), Some("1" | "ON" | "YES" | "TRUE")) {
            return Err(DownloadError::Offline);
        }
        let endpoint = variable("HF_ENDPOINT");
        let endpoint = endpoint.as_deref().unwrap_or("https://huggingface.co");
        Self::new(endpoint, variable("HF_TOKEN"))
    }

    /// The hub at an address; `token` is shown to it and to nobody else.
    ///
    /// # Errors
    /// When that is no address.
    pub fn new(endpoint: &str, token: Option<String>) -> Result<Self, DownloadError> {
        let plain = endpoint.trim_end_matches('/');
        let uri = plain.parse::<Uri>().ok();
        let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        let endpoint = uri.ok_or_else(|| DownloadError::Endpoint {
            endpoint: endpoint.chars().take(200).collect(),
        })?;
        Ok(Self { endpoint, token })
    }

    fn address(&self, path: &str) -> Result<Uri, DownloadError> {
        let whole = format!("{}{path}", self.endpoint.to_string().trim_end_matches('/'));
        whole.parse().map_err(|_| DownloadError::Endpoint {
            endpoint: self.endpoint.to_string(),
        })
    }

    /// Where a file's bytes are asked for.
    pub(super) fn file(&self, place: &Place) -> Result<Uri, DownloadError> {
        self.address(&format!(
            "/{}/resolve/main/{}",
            place.repository(),
            place.path()
        ))
    }

    /// Size and SHA-256 of a file, from the headers of the hub or else from its list.
    pub(super) fn look_up(&self, client: &Client, place: &Place) -> Result<Listed, DownloadError> {
        let what = place.to_string();
        let answer = client.head(self.file(place)?, &what)?.require(&what)?;
        if let (Some(size), Some(sha256)) = (answer.size, answer.sha256) {
            return Ok(Listed {
                path: place.path().to_owned(),
                size,
                sha256: Some(sha256),
            });
        }
        let listed = self.entries(client, place.repository())?;
        let listed = listed.into_iter().find(|file| file.path == place.path());
        listed.ok_or(DownloadError::NotFound {
            host: answer.host,
            what,
        })
    }

    /// Files of a repository, `OWNER/REPOSITORY`.
    ///
    /// # Errors
    /// When there is no such repository, or the hub cannot be asked.
    pub fn list(&self, repository: &str) -> Result<Vec<Listed>, DownloadError> {
        self.entries(&Client::new(self), repository)
    }

    fn entries(&self, client: &Client, repository: &str) -> Result<Vec<Listed>, DownloadError> {
        require_repository(repository)?;
        let address = format!("/api/models/{repository}/tree/main?recursive=true");
        let answer = client.get(self.address(&address)?, 0, repository)?;
        let Answer {
            mut response, host, ..
        } = answer.require(repository)?;
        let failed = |reason: String| DownloadError::Answer {
            host: host.clone(),
            what: repository.to_owned(),
            reason,
        };
        let text = response.body_mut().with_config().limit(LONGEST_LIST);
        let text = text
            .read_to_string()
            .map_err(|error| failed(reason(&error)))?;
        let entries: Vec<serde_json::Value> =
            serde_json::from_str(&text).map_err(|error| failed(reason(&error)))?;
        let mut files = Vec::new();
        for entry in entries {
            if entry["type"] != "file" {
                continue;
            }
            let entry: Entry =
                serde_json::from_value(entry).map_err(|error| failed(reason(&error)))?;
            let sha256 = entry.lfs.as_ref().map(|lfs| lfs.oid.to_ascii_lowercase());
            files.push(Listed {
                path: entry.path,
                size: entry.lfs.map_or(entry.size, |lfs| lfs.size),
                sha256: sha256.filter(|digits| is_sha256(digits)),
            });
        }
        Ok(files)
    }
}
