//! Placeholders of a plan that stand for what is found when the run begins: `{{port}}`, `{{endpoint}}`, `{{endpoint_port}}`,
//! `{{files}}`.

use super::super::PlanError;
use super::super::given::At;
use crate::gateway::launch::FILES;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr};

/// A port that nobody listens on, from those that the system does not give to connections.
pub(in crate::plan) type FreePort<'a> = &'a dyn Fn() -> Option<u16>;

/// The ports that a plan has taken so far.
#[derive(Debug, Default)]
pub(in crate::plan) struct Ports(BTreeSet<u16>);

impl Ports {
    /// Another free one.
    pub(in crate::plan) fn next(&mut self, free: FreePort<'_>) -> Result<u16, PlanError> {
        /// Ports that are looked at.
        const TRIES: usize = 200;
        std::iter::repeat_with(free)
            .take(TRIES)
            .flatten()
            .find(|port| self.0.insert(*port))
            .ok_or_else(|| PlanError::combination("no free port was found on 127.0.0.1"))
    }
}

/// Looks for a free port below those that Linux gives to connections, which could take it before the gateway does.
pub(in crate::plan) fn free_port() -> Option<u16> {
    let listens =
        |port| std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).ok();
    // The standard library's hash keys are random, anew for each.
    let mut rng = SmallRng::seed_from_u64(RandomState::new().hash_one(0));
    let mut drawn = std::iter::repeat_with(|| rng.random_range(20_000..32_000)).take(50);
    let free = drawn.find(|port| listens(*port).is_some());
    free.or_else(|| Some(listens(0)?.local_addr().ok()?.port()))
}

/// What the placeholders of one variant stand for.
#[derive(Debug, Default)]
pub(in crate::plan) struct Places {
    /// The port of the gateway that is launched.
    pub(in crate::plan) port: Option<u16>,
    /// Where the built-in endpoint listens.
    pub(in crate::plan) endpoint: Option<SocketAddr>,
}

/// How a text treats what looks like a placeholder and is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is a mistake.
    Refused,
    /// It is somebody else's: a file may be a template itself.
    Kept,
}

impl Places {
    /// Whether `text` has the placeholder of a port.
    pub(in crate::plan) fn wants_port(text: &str) -> bool {
        text.contains("{{port}}")
    }

    /// The text with its placeholders filled in, but for the folder of the files, which is made later.
    pub(in crate::plan) fn fill(&self, text: &str, at: &At) -> Result<String, PlanError> {
        self.filled(text, at, Unknown::Refused)
    }

    fn endpoint(&self, at: &At) -> Result<SocketAddr, PlanError> {
        self.endpoint.ok_or_else(|| {
            at.bad(
                "{{endpoint}} is the URL of a built-in endpoint; add endpoint = {} to this variant",
            )
        })
    }

    pub(super) fn filled(
        &self,
        text: &str,
        at: &At,
        unknown: Unknown,
    ) -> Result<String, PlanError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            out.push_str(&rest[..start]);
            let inside = &rest[start..];
            let end = inside.find("}}").map(|end| end + 2);
            let whole = end.map(|end| &inside[..end]);
            let taken = match whole.unwrap_or_default() {
                FILES => FILES.to_owned(),
                "{{port}}" => {
                    let problem = "{{port}} is the port of a gateway that is started; this variant has no launch";
                    self.port.ok_or_else(|| at.bad(problem))?.to_string()
                }
                "{{endpoint}}" => format!("http://{}", self.endpoint(at)?),
                "{{endpoint_port}}" => self.endpoint(at)?.port().to_string(),
                _ if unknown == Unknown::Kept => {
                    out.push_str("{{");
                    rest = &inside[2..];
                    continue;
                }
                _ => {
                    return Err(at.bad(
                        "unknown placeholder; there are {{port}}, {{endpoint}}, {{endpoint_port}} and {{files}}",
                    ));
                }
            };
            out.push_str(&taken);
            rest = &inside[end.unwrap_or(inside.len())..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_and_what_is_none_is_refused_or_kept() {
        let places = Places {
            port: Some(4001),
            endpoint: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9))),
        };
        let at = At::option("command");
        let fill = |text| places.fill(text, &at).map_err(|error| error.to_string());
        assert_eq!(
            fill("a {{port}} {{endpoint}}/v1 {{endpoint_port}} {{files}}/x { y }").as_deref(),
            Ok("a 4001 http://127.0.0.1:9/v1 9 {{files}}/x { y }")
        );
        for bad in ["{{prot}}", "{{", "{{port", "{{}}"] {
            assert!(
                fill(bad).unwrap_err().contains("there are {{port}}"),
                "{bad}"
            );
        }
        let kept = places.filled("{{ jinja }} {{port}} {{", &at, Unknown::Kept);
        assert_eq!(kept.unwrap(), "{{ jinja }} 4001 {{");
        let none = Places::default();
        for (text, part) in [("{{port}}", "no launch"), ("{{endpoint}}", "add endpoint")] {
            let error = none.fill(text, &at).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn ports_are_free_and_never_the_same() {
        let mut ports = Ports::default();
        let first = ports.next(&free_port).unwrap();
        assert_ne!(ports.next(&free_port).unwrap(), first);
        let mut ports = Ports::default();
        assert_eq!(ports.next(&|| Some(7)).unwrap(), 7);
        assert!(ports.next(&|| Some(7)).is_err());
        assert!(ports.next(&|| None).is_err());
    }
}
