//! What a LiteLLM proxy says of itself at `/health/readiness`: its version, and which of its two transports it uses.
//!
//! 1.71.1 answers without a key, and names both (`"litellm_version":"1.71.1"`, `"use_aiohttp_transport":true`). It calls no
//! model; `/health` does, and is never asked.

use super::send::{Reply, Sender};
use crate::text;
use http::StatusCode;
use serde_json::Value as Json;
use std::time::Duration;

/// Where it is asked for, at the host's root.
const PATH: &str = "/health/readiness";
/// How long it may take at most.
const LIMIT: Duration = Duration::from_secs(5);
/// The most of it that is read, in bytes.
const MOST_BYTES: usize = 256 << 10;

/// What a LiteLLM proxy says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Its version.
    pub version: Option<String>,
    /// Whether it sends through aiohttp; if not, through httpx.
    pub aiohttp: Option<bool>,
}

impl Readiness {
    /// Reads an answer; `None` if no LiteLLM proxy gave it.
    fn of(body: &[u8]) -> Option<Readiness> {
        let json: Json = serde_json::from_slice(body).ok()?;
        let version = json["litellm_version"].as_str();
        let aiohttp = json["use_aiohttp_transport"].as_bool();
        (version.is_some() || aiohttp.is_some()).then(|| Readiness {
            version: version.map(|version| text::printable(version, 40)),
            aiohttp,
        })
    }

    /// `LiteLLM 1.71.1 with use_aiohttp_transport=true`
    pub(super) fn words(&self) -> String {
        let version = self.version.as_deref().map_or("?", |version| version);
        match self.aiohttp {
            Some(used) => format!("LiteLLM {version} with use_aiohttp_transport={used}"),
            None => format!("LiteLLM {version}"),
        }
    }

    /// What both say alike, of one gateway asked twice.
    pub(super) fn steady(&self, other: &Readiness) -> Readiness {
        Readiness {
            version: self
                .version
                .clone()
                .filter(|it| other.version.as_ref() == Some(it)),
            aiohttp: self.aiohttp.filter(|it| other.aiohttp == Some(*it)),
        }
    }

    /// Whether the two say different things of what both speak of.
    pub(super) fn differs(&self, other: &Readiness) -> bool {
        let versions = self.version.as_ref().zip(other.version.as_ref());
        let transports = self.aiohttp.zip(other.aiohttp);
        versions.is_some_and(|(a, b)| a != b) || transports.is_some_and(|(a, b)| a != b)
    }
}

/// Asks a gateway. It gets the key only if it wants one.
pub(super) async fn ask(sender: &Sender) -> Option<Readiness> {
    for key in [false, true] {
        let Reply::Answered(answer) = sender.get(PATH, key, MOST_BYTES, LIMIT).await? else {
            return None;
        };
        match answer.status {
            StatusCode::OK => return Readiness::of(&answer.body),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_litellm_says_is_read_and_compared() {
        let of = |body: &str| Readiness::of(body.as_bytes());
        // As 1.71.1 answers.
        let httpx = of(r#"{"status":"healthy","db":"Not connected","cache":null,"litellm_version":"1.71.1","use_aiohttp_transport":false}"#).unwrap();
        let aiohttp = of(r#"{"litellm_version":"1.71.1","use_aiohttp_transport":true}"#).unwrap();
        assert!(httpx.differs(&aiohttp) && !httpx.differs(&httpx));
        assert_eq!(
            aiohttp.words(),
            "LiteLLM 1.71.1 with use_aiohttp_transport=true"
        );
        let old = of(r#"{"litellm_version":"1.60.0"}"#).unwrap();
        assert!(old.differs(&httpx));
        let unknown = of(r#"{"use_aiohttp_transport":true}"#).unwrap();
        assert!(!old.differs(&unknown));
        // Behind a balancer only what never changes counts.
        let steady = httpx.steady(&aiohttp);
        assert_eq!(steady.words(), "LiteLLM 1.71.1");
        assert!(!steady.differs(&aiohttp) && steady.differs(&old));
        assert_eq!(old.steady(&httpx).version, None);
        assert_eq!(of(r#"{"status":"healthy"}"#), None);
        assert_eq!(of("I'm alive!"), None);
    }
}
