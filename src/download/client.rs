//! Requests that follow redirects without taking the token along.

use std::time::Duration;

use ureq::{
    Agent, Body,
    http::{Response, StatusCode, Uri, header, uri::Authority},
};

use super::{DownloadError, Hub};

const MOST_REDIRECTS: usize = 10;
const TO_CONNECT: Duration = Duration::from_secs(15);
/// Without a byte for so long a connection counts as broken.
const TO_READ: Duration = Duration::from_secs(20);

pub(super) struct Client {
    agent: Agent,
    token: Option<String>,
    /// Scheme and authority that the token is for.
    trusted: Uri,
}

/// An answer and where it came from.
pub(super) struct Answer {
    pub response: Response<Body>,
    pub host: String,
    /// Headers of the hub itself, before it pointed elsewhere.
    pub size: Option<u64>,
    pub sha256: Option<String>,
}

impl Client {
    pub fn new(hub: &Hub) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(TO_CONNECT))
            .timeout_recv_response(Some(TO_READ))
            .timeout_per_read(Some(TO_READ))
            .user_agent(concat!("arclight/", env!("CARGO_PKG_VERSION")));
        if matches!(hub.endpoint.host(), Some("localhost" | "127.0.0.1")) {
            // A proxy would look for it on its own machine.
            config = config.proxy(None);
        }
        Self {
            agent: config.build().into(),
            token: hub.token.clone(),
            trusted: hub.endpoint.clone(),
        }
    }

    /// Asks for `address`, from byte `from` on; `what` it is, for messages.
    pub fn get(&self, address: Uri, from: u64, what: &str) -> Result<Answer, DownloadError> {
        self.ask(address, Some(from), what)
    }

    /// Asks for the headers alone, without leaving the hub.
    pub fn head(&self, address: Uri, what: &str) -> Result<Answer, DownloadError> {
        self.ask(address, None, what)
    }

    fn ask(&self, address: Uri, from: Option<u64>, what: &str) -> Result<Answer, DownloadError> {
        let mut address = address;
        let (mut size, mut sha256) = (None, None);
        for _ in 0..=MOST_REDIRECTS {
            let host = host(&address);
            let response = self
                .once(&address, from)
                .map_err(|error| DownloadError::Network {
                    host: host.clone(),
                    reason: reason(&error),
                })?;
            let text = |name: &str| response.headers().get(name).and_then(|it| it.to_str().ok());
            size = size.or_else(|| text("x-linked-size")?.parse().ok());
            sha256 = sha256.or_else(|| sha256_of(text("x-linked-etag")?));
            let is_known = from.is_none() && size.is_some() && sha256.is_some();
            if !response.status().is_redirection() || is_known {
                return Ok(Answer {
                    response,
                    host,
                    size,
                    sha256,
                });
            }
            let location = text(header::LOCATION.as_str()).unwrap_or_default();
            address = elsewhere(&address, location).ok_or_else(|| DownloadError::Answer {
                host,
                what: what.to_owned(),
                reason: "it points to nowhere".to_owned(),
            })?;
        }
        Err(DownloadError::Answer {
            host: host(&address),
            what: what.to_owned(),
            reason: "it points from one place to the next without end".to_owned(),
        })
    }

    fn once(&self, address: &Uri, from: Option<u64>) -> Result<Response<Body>, ureq::Error> {
        let request = match from {
            None => self.agent.head(address),
            Some(_) => self.agent.get(address),
        };
        // Sizes and sums are of the bytes as they are.
        let mut request = request.header(header::ACCEPT_ENCODING, "identity");
        if let Some(from) = from.filter(|from| *from > 0) {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        if let Some(token) = &self.token
            && is_same(address, &self.trusted)
        {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request.call()
    }
}

impl Answer {
    /// Takes the answer when it is what was asked for.
    pub fn require(self, what: &str) -> Result<Self, DownloadError> {
        let host = self.host.clone();
        let what = what.to_owned();
        match self.response.status() {
            status if status.is_success() || status.is_redirection() => Ok(self),
            StatusCode::NOT_FOUND => Err(DownloadError::NotFound { host, what }),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(DownloadError::Denied { host, what })
            }
            status => Err(DownloadError::Status {
                host,
                status: status.as_u16(),
                what,
            }),
        }
    }

    /// A header as text.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }
}

/// What a system or ureq says of a failure, in one line.
pub(super) fn reason(error: &impl std::fmt::Display) -> String {
    let text = error.to_string().replace(['\n', '\r'], " ");
    text.strip_prefix("io: ").unwrap_or(&text).to_owned()
}

/// Host and port.
pub(super) fn host(address: &Uri) -> String {
    let authority = address.authority().map(Authority::as_str);
    let authority = authority.unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.to_owned()
}

/// Whether two addresses are of one server.
fn is_same(one: &Uri, other: &Uri) -> bool {
    let port = |uri: &Uri| {
        uri.port_u16().or(match uri.scheme_str() {
            Some("https") => Some(443),
            Some("http") => Some(80),
            _ => None,
        })
    };
    let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
    one.scheme() == other.scheme() && host(one) == host(other) && port(one) == port(other)
}

/// Where a redirect leads; never from a connection that is encrypted to one that is not.
fn elsewhere(from: &Uri, location: &str) -> Option<Uri> {
    let scheme = from.scheme_str()?;
    let authority = from.authority()?;
    let whole = if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        location.to_owned()
    };
    let to: Uri = whole.parse().ok()?;
    match (scheme, to.scheme_str()?) {
        (_, "https") | ("http", "http") => to.host().is_some().then_some(to),
        _ => None,
    }
}

/// The SHA-256 in an ETag; others mean something else.
fn sha256_of(etag: &str) -> Option<String> {
    let digits = etag.trim_start_matches("W/").trim_matches('"');
    is_sha256(digits).then(|| digits.to_ascii_lowercase())
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().expect("an address")
    }

    #[test]
    fn the_token_is_for_one_server() {
        let hub = uri("https://hub.example");
        for (address, same) in [
            ("https://hub.example/a", true),
            ("https://HUB.example:443/a", true),
            ("http://hub.example/a", false),
            ("https://hub.example:8443/a", false),
            ("https://cdn.hub.example/a", false),
            ("https://hub.example.evil/a", false),
        ] {
            assert_eq!(is_same(&uri(address), &hub), same, "{address}");
        }
    }

    #[test]
    fn redirects_lead_to_addresses() {
        let from = uri("https://hub.example/a/b?c");
        for (location, to) in [
            ("/d?e=f", Some("https://hub.example/d?e=f")),
            ("https://cdn.example/x", Some("https://cdn.example/x")),
            ("//cdn.example/x", Some("https://cdn.example/x")),
            ("http://cdn.example/x", None),
            ("ftp://cdn.example/x", None),
            ("", None),
        ] {
            let found = elsewhere(&from, location).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), to, "{location}");
        }
    }

    #[test]
    fn only_a_sha256_is_one() {
        let digits = "Ab".repeat(32);
        assert_eq!(sha256_of(&format!("\"{digits}\"")), Some("ab".repeat(32)));
        assert_eq!(sha256_of(&"a".repeat(40)), None);
    }
}
