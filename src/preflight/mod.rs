//! The preflight: before any load, one real request to each variant, and proof that A and B differ.
//!
//! ```text
//! Subject (A, B) ──► send ──► Reply ──► body, telling, problem ──► Found ─┐
//!                      ├────► readiness (LiteLLM) ─┐                      ├─► Findings
//!                      └────► upstream (endpoint) ─┴─► difference ────────┘
//! ```
//!
//! Who compares a gateway with itself by mistake sees a difference of nothing and believes it. So the request of the plan is
//! sent once to each, through the variant's own transport settings, and whoever refuses it is named before a thousand users
//! are refused. That A and B differ is proven by what cannot be chance, or it is said that it is not: what may change from
//! answer to answer, or from one process of a program to the next, is none.
//!
//! What holds always: a request is sent once, or twice where the connection broke off; at most [`MOST_BYTES`] of an answer are
//! read, for no longer than the plan's timeout; whatever an answer says is made printable, and holds nothing of what was sent to
//! it in headers; [`check`] ends at once when it is cancelled.

mod body;
mod difference;
mod excerpt;
mod findings;
mod found;
mod problem;
mod product;
mod readiness;
mod secrets;
mod send;
mod telling;
mod upstream;

pub use body::Parsed;
pub use difference::Difference;
pub use findings::{Findings, Weight};
pub use found::Found;

use crate::gateway::ServerCounters;
use crate::transport::{RequestSpec, TransportConfig};
use send::Sender;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The most of an answer's body that is read, in bytes.
pub const MOST_BYTES: usize = 8 << 20;

/// What takes longer than this is worth a word.
const MOMENT: Duration = Duration::from_secs(1);

/// One variant, as the preflight looks at it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is called in sentences: `A`, `B`, or `the gateway` in a solo run.
    pub name: &'static str,
    /// Its label.
    pub label: String,
    /// The URL of the request as it may be shown.
    pub shown_url: String,
    /// The request of the plan.
    pub request: RequestSpec,
    /// The variant's own transport.
    pub transport: TransportConfig,
    /// What must not be shown where an answer repeats it, beside what the request's headers and URL tell by themselves.
    pub secrets: Vec<String>,
    /// What the built-in endpoint behind this variant alone has seen; `None` where there is none.
    pub endpoint: Option<Arc<ServerCounters>>,
}

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct Preflight {
    /// A, then B where there is one.
    pub subjects: Vec<Subject>,
    /// How long an answer may take, its body included.
    pub timeout: Duration,
    /// Whether A and B are meant to differ. Not so in a solo run, nor where B is a copy of A.
    pub compare: bool,
}

/// Why there are no findings.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// It was cancelled.
    #[error("the preflight was cancelled")]
    Cancelled,
    /// The system refused what it needs.
    #[error("cannot run the preflight: {0}")]
    System(#[from] std::io::Error),
}

/// Looks at the variants, in this thread, until all is known or `cancel` is cancelled. Must not be called inside a runtime.
/// `waiting` is called once if it takes more than a moment.
pub fn check(
    preflight: &Preflight,
    cancel: &CancellationToken,
    waiting: impl FnOnce(),
) -> Result<Findings, Unfinished> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())?;
    let findings = runtime.block_on(async {
        let told = async {
            tokio::time::sleep(MOMENT).await;
            waiting();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            findings = look(preflight) => Some(findings),
            () = told => None,
        }
    });
    // A look-up of a name may go on for long, and nobody waits for it.
    runtime.shutdown_background();
    findings.ok_or(Unfinished::Cancelled)
}

async fn look(preflight: &Preflight) -> Findings {
    let subjects = &preflight.subjects;
    let endpoints = subjects.iter().filter_map(|s| s.endpoint.as_deref());
    let endpoints: Vec<_> = endpoints.map(ServerCounters::seen).collect();
    endpoints.iter().for_each(|seen| seen.begin());
    let mut senders = Vec::new();
    let mut asked = tokio::task::JoinSet::new();
    for (at, subject) in subjects.iter().enumerate() {
        let sender = Sender::new(subject, preflight.timeout).map(Rc::new);
        let subject = subject.clone();
        let sending = sender.clone();
        asked.spawn_local(async move { (at, ask(&subject, sending).await) });
        senders.push(sender.ok());
    }
    let mut found = asked.join_all().await;
    found.sort_by_key(|(at, _)| *at);
    let mut variants: Vec<Found> = found.into_iter().map(|(_, found)| found).collect();
    let senders: Option<Vec<_>> = senders.into_iter().collect();
    let refused = variants.iter().any(|found| found.problem.is_some());
    let difference = match (senders.as_deref(), &mut variants[..], &subjects[..]) {
        (Some([a, b]), [of_a, of_b], [one, two]) if preflight.compare && !refused => {
            difference::between([one, two], [a, b], [of_a, of_b]).await
        }
        _ => Difference::NotAsked,
    };
    endpoints.iter().for_each(|seen| seen.end());
    Findings {
        variants,
        difference,
    }
}

async fn ask(subject: &Subject, sender: Result<Rc<Sender>, String>) -> Found {
    match sender {
        Ok(sender) => {
            let (reply, again) = sender.twice_at_most().await;
            let mut found = Found::new(subject, reply, again);
            if found.may_be_litellm == Some(true) && found.problem.is_none() {
                found.readiness = readiness::ask(&sender).await;
            }
            found
        }
        Err(reason) => Found::impossible(subject, reason),
    }
}

/// What the tests of this module's parts share.
#[cfg(test)]
mod testing {
    use super::*;
    use crate::content::Content;
    use http::{HeaderMap, Method};

    /// A GET of `url`, called A.
    pub(super) fn subject(url: &str) -> Subject {
        Subject {
            secrets: Vec::new(),
            name: "A",
            label: "a".to_owned(),
            shown_url: url.to_owned(),
            request: RequestSpec {
                url: url.parse().unwrap(),
                method: Method::GET,
                headers: HeaderMap::new(),
                body: Content::default(),
            },
            transport: TransportConfig::default(),
            endpoint: None,
        }
    }
}
