//! Whether A and B differ, proven by what cannot be chance; or that it is not verified, and why.
//!
//! In this order: by construction, where dragstrip's own transports to one URL differ; by what LiteLLM says of itself; by who
//! says that it answers; by what the built-in endpoints behind them have seen of their connections and headers.
//!
//! What holds always: what a gateway says of itself is no proof until it has said it again over new connections, with the other
//! one asked in between. A balancer may stand before several, and one balancer before both. And what dragstrip's own transports
//! do differently proves nothing about gateways at two URLs.

use super::found::{Answered, Found, name_of};
use super::readiness::Readiness;
use super::secrets::Secrets;
use super::send::Sender;
use super::{Subject, product, readiness, telling, upstream};
use crate::gateway::ServerCounters;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Who is asked again, in this order (0 is A). No balancer that takes two, three or four in turn gives one of them the same
/// each time and the other one another.
const TURNS: [usize; 6] = [0, 1, 1, 0, 0, 1];
/// How long one answer to being asked again may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Whether A and B differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// They do; how, in one sentence without a full stop.
    Proven(String),
    /// Nobody knows; why, in a few words.
    NotVerified(String),
    /// Nobody wants to know: a solo run, a copy of A, or a variant that has refused.
    NotAsked,
}

impl Difference {
    /// The standing notice of a run whose variants may be the same.
    pub const NOT_VERIFIED: &'static str = "not verified that A and B differ";
}

/// What tells A from B. Both have answered.
pub(super) async fn between(
    subjects: [&Subject; 2],
    senders: [&Rc<Sender>; 2],
    found: [&mut Found; 2],
) -> Difference {
    let [a, b] = subjects;
    let one_url = a.request.url == b.request.url;
    if one_url && a.transport != b.transport {
        return Difference::Proven(format!(
            "one gateway is reached by two transports: {} against {}",
            a.transport.describe(),
            b.transport.describe()
        ));
    }
    let [of_a, of_b] = found;
    let mut seen_alike = Vec::new();
    if !one_url {
        ask_litellm(senders, of_a, of_b).await;
        if let (Some(one), Some(two)) = (&of_a.readiness, &of_b.readiness) {
            if !one.differs(two) {
                seen_alike.push(format!("both are {}", one.words()));
            } else if let Some(how) = by_readiness(subjects, senders, [one, two]).await {
                return Difference::Proven(how);
            } else {
                seen_alike.push("what LiteLLM says of itself is not steady".to_owned());
            }
        }
    }
    if let (Some(one), Some(two)) = (&of_a.answer, &of_b.answer) {
        if let Some(how) = by_identity(subjects, senders, [one, two]).await {
            return Difference::Proven(how);
        }
        let of = |answer: &Answered| (answer.version, telling::identity(&answer.telling));
        if of(one) != of(two) {
            seen_alike.push("their answers differ only in what may be chance".to_owned());
        }
    }
    let unknown = match [&a.endpoint, &b.endpoint] {
        [Some(one), Some(two)] if !Arc::ptr_eq(one, two) => {
            match by_upstream(subjects, senders, [one, two]).await {
                // A gateway may hand on what it was sent.
                Ok(how) => {
                    let how = Secrets::of(b).redact(&Secrets::of(a).redact(&how));
                    return Difference::Proven(how);
                }
                Err(why) => why,
            }
        }
        _ => "no built-in endpoint behind each could tell".to_owned(),
    };
    if seen_alike.is_empty() {
        seen_alike.push("their answers look alike".to_owned());
    }
    seen_alike.push(unknown);
    let seen_alike = seen_alike.join(", and ");
    Difference::NotVerified(if a.transport == b.transport {
        seen_alike
    } else {
        format!(
            "dragstrip reaches them by two transports, {} against {}, but the gateways are not known to differ: {seen_alike}",
            a.transport.describe(),
            b.transport.describe()
        )
    })
}

/// Lets those speak for themselves that may be LiteLLM proxies and have not said so; who has said so has been asked.
async fn ask_litellm(senders: [&Rc<Sender>; 2], a: &mut Found, b: &mut Found) {
    for (found, sender) in [(a, senders[0]), (b, senders[1])] {
        if found.may_be_litellm == Some(false) {
            found.readiness = readiness::ask(sender).await;
        }
    }
}

/// How two LiteLLM proxies differ in what each says of itself every time.
async fn by_readiness(
    subjects: [&Subject; 2],
    senders: [&Rc<Sender>; 2],
    said: [&Readiness; 2],
) -> Option<String> {
    let mut said = said.map(Readiness::clone);
    for at in TURNS {
        let again = readiness::ask(&senders[at].afresh(subjects[at]).ok()?).await?;
        said[at] = said[at].steady(&again);
    }
    let [a, b] = said;
    let words = || format!("A is {}, B is {}", a.words(), b.words());
    a.differs(&b).then(words)
}

/// What an answer says of the program that gave it, by name; empty if it says nothing.
type Traits = Vec<(&'static str, String)>;

const VERSION: &str = "version";
const SERVER: &str = "server";
const LITELLM: &str = "x-litellm-version";

fn traits(version: &'static str, noted: &[(&'static str, String)]) -> Traits {
    let value = |name| {
        let found = noted.iter().find(|(noted, _)| *noted == name);
        found.map(|(_, value)| value.as_str())
    };
    let server = value(SERVER).and_then(product::first);
    vec![
        (VERSION, version.to_owned()),
        (SERVER, server.unwrap_or_default()),
        (LITELLM, value(LITELLM).unwrap_or_default().to_owned()),
    ]
}

/// Two answers by two kinds of server, or over two versions of HTTP, each time.
async fn by_identity(
    subjects: [&Subject; 2],
    senders: [&Rc<Sender>; 2],
    answers: [&Answered; 2],
) -> Option<String> {
    let one_way = subjects[0].transport == subjects[1].transport;
    // A failure may be somebody else's answer.
    let good = |answer: &&Answered| answer.status.is_none_or(|status| status.is_success());
    let both_good = answers.iter().all(good);
    let mut said = answers.map(|answer| traits(answer.version, &answer.telling));
    for traits in &mut said {
        traits.retain(|(name, _)| if *name == VERSION { one_way } else { both_good });
    }
    differ(&said)?;
    for at in TURNS {
        let sender = senders[at].afresh(subjects[at]).ok()?;
        let (version, headers) = sender.head(LIMIT).await?;
        let noted = telling::telling(&headers, &Secrets::of(subjects[at]));
        let again = traits(name_of(version), &noted);
        said[at].retain(|it| again.contains(it));
    }
    differ(&said)
}

fn differ([a, b]: &[Traits; 2]) -> Option<String> {
    a.iter().find_map(|(name, of_a)| {
        let (_, of_b) = b.iter().find(|(other, _)| other == name)?;
        (of_a != of_b).then(|| match (*name, of_a.as_str(), of_b.as_str()) {
            (VERSION, a, b) => format!("A answers over {a}, B over {b}"),
            (SERVER, a, "") => format!("A answers as {a}, B does not"),
            (SERVER, "", b) => format!("B answers as {b}, A does not"),
            (SERVER, a, b) => format!("A answers as {a}, B as {b}"),
            (name, a, "") => format!("A answers with {name}: {a}, B without"),
            (name, "", b) => format!("B answers with {name}: {b}, A without"),
            (name, a, b) => format!("A answers with {name}: {a}, B with {name}: {b}"),
        })
    })
}

/// How they differ in what they send upstream, both being asked in A's way: a gateway may hand on what it was asked for, and may
/// keep connections as those that ask it do.
async fn by_upstream(
    [a, b]: [&Subject; 2],
    [to_a, to_b]: [&Rc<Sender>; 2],
    endpoints: [&Arc<ServerCounters>; 2],
) -> Result<String, String> {
    if a.transport == b.transport {
        return Box::pin(upstream::compare([to_a, to_b], endpoints)).await;
    }
    let b = Subject {
        transport: a.transport.clone(),
        ..b.clone()
    };
    let to_b = Rc::new(to_b.afresh(&b)?);
    endpoints[1].seen().begin();
    Box::pin(upstream::compare([to_a, &to_b], endpoints)).await
}
