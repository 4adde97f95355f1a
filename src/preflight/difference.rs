//! Whether A and B differ, proven by what cannot be chance; or that it is not verified, and why.
//!
//! In this order: by construction, where dragstrip's own transports differ; by what LiteLLM says of itself; by who says that
//! it answers; by what the built-in endpoints behind them have seen of their connections and headers.

use super::found::Found;
use super::secrets::Secrets;
use super::send::Sender;
use super::{Subject, readiness, telling, upstream};
use std::rc::Rc;

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
            if one.differs(two) {
                return Difference::Proven(format!("A is {}, B is {}", one.words(), two.words()));
            }
            seen_alike.push(format!("both are {}", one.words()));
        }
    }
    if let Some(how) = by_identity(of_a, of_b) {
        return Difference::Proven(how);
    }
    let endpoints = [&a.endpoint, &b.endpoint];
    let unknown = match endpoints {
        [Some(one), Some(two)] if !std::sync::Arc::ptr_eq(one, two) => {
            match Box::pin(upstream::compare(senders, [one, two])).await {
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
    if a.transport != b.transport {
        return Difference::Proven(format!(
            "dragstrip reaches them by two transports, {} against {}; whether the gateways differ is not known",
            a.transport.describe(),
            b.transport.describe()
        ));
    }
    seen_alike.push(unknown);
    Difference::NotVerified(seen_alike.join(", and "))
}

/// Lets those speak for themselves that may be LiteLLM proxies and have not said so; who has said so has been asked.
async fn ask_litellm(senders: [&Rc<Sender>; 2], a: &mut Found, b: &mut Found) {
    for (found, sender) in [(a, senders[0]), (b, senders[1])] {
        if found.may_be_litellm == Some(false) {
            found.readiness = readiness::ask(sender).await;
        }
    }
}

/// Two answers by two kinds of server, or over two versions of HTTP.
fn by_identity(a: &Found, b: &Found) -> Option<String> {
    let (one, two) = (a.answer.as_ref()?, b.answer.as_ref()?);
    if one.version != two.version {
        return Some(format!(
            "A answers over {}, B over {}",
            one.version, two.version
        ));
    }
    let (of_a, of_b) = (
        telling::identity(&one.telling),
        telling::identity(&two.telling),
    );
    // A failure may be somebody else's answer.
    let both_good = [one, two]
        .iter()
        .all(|answer| answer.status.is_none_or(|status| status.is_success()));
    let names = of_a.iter().chain(&of_b).map(|(name, _)| *name);
    let of = |list: &[(&str, String)], name: &str| {
        let found = list.iter().find(|(found, _)| *found == name);
        found.map(|(_, value)| value.clone())
    };
    let name = names
        .filter(|_| both_good)
        .find(|name| of(&of_a, name) != of(&of_b, name))?;
    Some(match (of(&of_a, name), of(&of_b, name)) {
        (Some(a), Some(b)) if name == "server" => format!("A answers as {a}, B as {b}"),
        (Some(a), Some(b)) => format!("A answers with {name}: {a}, B with {name}: {b}"),
        (Some(a), None) => format!("A answers with {name}: {a}, B without"),
        (None, b) => {
            let b = b.unwrap_or_default();
            format!("B answers with {name}: {b}, A without")
        }
    })
}
