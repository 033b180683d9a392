use std::{
    io::Read,
    path::{Path, PathBuf},
};

use ureq::http::{StatusCode, header};

use super::{
    DownloadError, Hub, Listed, Place,
    client::{Answer, Client, reason},
    part::Part,
};
use crate::files::{Cancelled, Watch};

/// Bytes taken from the network between two looks at whether to go on.
const BLOCK: usize = 1 << 18;
/// How often in a row a connection may break off without having brought anything.
const MOST_VAIN: usize = 3;

/// A file that has been downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// Its SHA-256, which is that of the hub.
    pub sha256: String,
    /// It was there before.
    pub was_there: bool,
}

/// Downloads a file into a folder, going on with a part that an earlier try has left there. `watch` hears of the
/// bytes.
///
/// # Errors
/// When the hub cannot be asked or does not have it, the folder cannot be written to, the sum is wrong, or the work is
/// to end; a part stays there as far as it came.
pub fn download(
    hub: &Hub,
    place: &Place,
    folder: &Path,
    watch: &mut Watch<'_>,
) -> Result<Done, DownloadError> {
    let client = Client::new(hub);
    let Listed { size, sha256, .. } = hub.look_up(&client, place)?;
    let sha256 = sha256.ok_or_else(|| DownloadError::Answer {
        host: super::client::host(&hub.endpoint),
        what: place.to_string(),
        reason: "it tells no SHA-256".to_owned(),
    })?;
    std::fs::create_dir_all(folder).map_err(|error| DownloadError::write(folder, &error))?;
    let path = folder.join(place.file_name());
    watch.expect(size);
    let done = Done {
        path: path.clone(),
        size,
        sha256: sha256.clone(),
        was_there: path.exists(),
    };
    if done.was_there {
        return is_that(&path, size, &sha256, watch).map(|()| done);
    }
    let mut part = Part::beside(&path, &sha256)?;
    if part.length() > size {
        part.clear()?;
    }
    let cancelled = |part: &Part| DownloadError::Cancelled {
        file: part.path().display().to_string(),
        done: part.length(),
        total: size,
    };
    if part.take_up(watch)?.is_err() {
        return Err(cancelled(&part));
    }
    let mut vain = 0;
    while part.length() < size {
        let before = part.length();
        let broken = match fetch(hub, &client, place, size, &mut part, watch)? {
            Ended::Whole => break,
            Ended::Cancelled => return Err(cancelled(&part)),
            Ended::Broken(error) => error,
        };
        vain = if part.length() > before { 0 } else { vain + 1 };
        if vain == MOST_VAIN {
            return Err(broken);
        }
    }
    let found = part.sha256();
    if found != sha256 {
        let file = path.display().to_string();
        part.discard();
        return Err(DownloadError::Checksum {
            file,
            found,
            wanted: sha256,
        });
    }
    part.keep(&path)?;
    Ok(done)
}

/// How one connection ended.
enum Ended {
    Whole,
    Cancelled,
    Broken(DownloadError),
}

/// Adds what one connection brings.
fn fetch(
    hub: &Hub,
    client: &Client,
    place: &Place,
    size: u64,
    part: &mut Part,
    watch: &mut Watch<'_>,
) -> Result<Ended, DownloadError> {
    let what = place.to_string();
    let from = part.length();
    let mut answer = match client.get(hub.file(place)?, from, &what) {
        // What has come before is worth another try.
        Err(DownloadError::Network { host, reason }) if from > 0 => {
            return Ok(Ended::Broken(DownloadError::Broken {
                host,
                reason,
                done: from,
                total: size,
            }));
        }
        answer => answer?,
    };
    let refused = answer.response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
    if from > 0 && refused {
        answer = client.get(hub.file(place)?, 0, &what)?;
    }
    let answer = answer.require(&what)?;
    if from > 0 && !goes_on(&answer, from) {
        // The server begins anew, and so does the count.
        part.clear()?;
        watch.expect(from);
    }
    let host = answer.host;
    let mut body = answer.response.into_body().into_reader();
    let mut block = vec![0; BLOCK];
    loop {
        let broken = |reason: String, part: &Part| {
            let (done, total) = (part.length(), size);
            Ok(Ended::Broken(DownloadError::Broken {
                host: host.clone(),
                reason,
                done,
                total,
            }))
        };
        let count = match body.read(&mut block) {
            Ok(count) => count,
            Err(error) => return broken(reason(&error), part),
        };
        if part.length() + count as u64 > size {
            return Err(DownloadError::Answer {
                host,
                what,
                reason: format!("it sends more than {size} bytes"),
            });
        }
        if count == 0 {
            return match part.length() == size {
                true => Ok(Ended::Whole),
                false => broken("it ended too soon".to_owned(), part),
            };
        }
        part.add(&block[..count])?;
        if watch.step(count as u64).is_err() {
            return Ok(Ended::Cancelled);
        }
    }
}

/// Whether an answer begins at the byte that was asked for.
fn goes_on(answer: &Answer, from: u64) -> bool {
    let range = answer.header(header::CONTENT_RANGE).unwrap_or_default();
    let start = range
        .strip_prefix("bytes ")
        .and_then(|it| it.split_once('-'));
    let start = start.and_then(|(start, _)| start.trim().parse::<u64>().ok());
    answer.response.status() == StatusCode::PARTIAL_CONTENT && start == Some(from)
}

/// Whether the file that is there is the one that was asked for.
fn is_that(
    path: &Path,
    size: u64,
    sha256: &str,
    watch: &mut Watch<'_>,
) -> Result<(), DownloadError> {
    use sha2::{Digest as _, Sha256};
    let file = path.display().to_string();
    let cannot = |error: std::io::Error| DownloadError::write(path, &error);
    let mut handle = std::fs::File::open(path).map_err(cannot)?;
    let length = handle.metadata().map_err(cannot)?.len();
    if length != size {
        return Err(DownloadError::Occupied { file });
    }
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let count = handle.read(&mut block).map_err(cannot)?;
        if count == 0 {
            break;
        }
        hasher.update(&block[..count]);
        if let Err(Cancelled) = watch.step(count as u64) {
            return Err(DownloadError::Cancelled {
                file,
                done: length,
                total: size,
            });
        }
    }
    let found = hasher.finalize();
    let found: String = found.iter().map(|byte| format!("{byte:02x}")).collect();
    match found == sha256 {
        true => Ok(()),
        false => Err(DownloadError::Occupied { file }),
    }
}
