//! Variants: a target and a transport each, and names that tell them apart.

use super::given::{At, Given};
use super::launch::{self, Ports, Whose};
use super::load::Share;
use super::secrets::Lookup;
use super::serve::EndpointPlan;
use super::settings::{TransportSettings, VariantSettings};
use super::target::{self, Target};
use super::transport::transport;
use super::words::differences;
use super::{Context, PlanError, VariantPlan};
use crate::gateway::launch::LaunchSpec;
use crate::transport::{HttpVersion, TransportConfig};

/// The longest name of a variant, in characters.
const MAX_LABEL: usize = 60;

/// A, and B unless nothing was said about it. `aa` is where B is said to be a copy of A.
pub(super) fn variants(
    a: &VariantSettings,
    b: &VariantSettings,
    aa: Option<&At>,
    context: &Context<'_>,
) -> Result<(VariantPlan, Option<VariantPlan>), PlanError> {
    let Some(url_a) = a.values.get("url") else {
        return Err(no_url(a, b));
    };
    let env = context.env;
    let solo = aa.is_none() && b.is_absent();
    let mut ports = Ports::default();
    let (places_a, endpoint_a) = launch::prepare(a, &mut ports, context)?;
    let target_a = target::target(&launch::url(url_a, &places_a)?, env)?;
    let transport_a = transport(a.transport.as_ref(), &target_a.base, env)?;
    let whose = Whose {
        variant: 0,
        name: if solo { "the gateway" } else { "A" },
    };
    let reached = (&target_a, &transport_a);
    let launches_a = launch::launches(a, whose, &places_a, reached, context)?;
    if aa.is_some() || b.is_absent() {
        let label = match label(a)? {
            Some(label) => label,
            None => short(target::place(&target_a.shown).0),
        };
        let a = VariantPlan::new(label, target_a, transport_a).started(launches_a, endpoint_a);
        let b = aa.map(|aa| copy(&a, b, aa, env)).transpose()?;
        return Ok((a, b));
    }
    let (places_b, endpoint_b) = launch::prepare(b, &mut ports, context)?;
    let target_b = match b.values.get("url") {
        Some(given) => target::target(&launch::url(given, &places_b)?, env)?,
        None => target_a.clone(),
    };
    let transport_b = transport(b.transport.as_ref(), &target_b.base, env)?;
    if target_a.base == target_b.base
        && behaves(&transport_a, &target_a) == behaves(&transport_b, &target_b)
    {
        return Err(alike(b, &target_b));
    }
    let whose = Whose {
        variant: 1,
        name: "B",
    };
    let reached = (&target_b, &transport_b);
    let launches_b = launch::launches(b, whose, &places_b, reached, context)?;
    let (label_a, label_b) = labels(
        (label(a)?, b.values.get("label"), label(b)?),
        (&target_a, &transport_a),
        (&target_b, &transport_b),
    )?;
    Ok((
        VariantPlan::new(label_a, target_a, transport_a).started(launches_a, endpoint_a),
        Some(VariantPlan::new(label_b, target_b, transport_b).started(launches_b, endpoint_b)),
    ))
}

fn no_url(a: &VariantSettings, b: &VariantSettings) -> PlanError {
    if let Some(table) = &a.table {
        return table.bad("the table [a] has no url; add url = \"http://localhost:4000\"");
    }
    if a.is_absent() && b.is_absent() {
        return PlanError::combination(
            "no URL: give --a URL, and --b URL to compare, or a plan file with url in [a]; the demo is dragstrip alone",
        );
    }
    PlanError::combination("A has no URL: give --a URL; one URL alone is always A's")
}

/// A once more, under another name. Whatever was said about B must be so of A; what was not said is A's.
fn copy(
    a: &VariantPlan,
    b: &VariantSettings,
    aa: &At,
    env: Lookup<'_>,
) -> Result<VariantPlan, PlanError> {
    let why = format!(
        "but {} makes B a copy of A; leave one of the two out",
        aa.nearby()
    );
    if let Some(at) = launch::at(b) {
        return Err(at.bad(format!("B is not started by itself, {why}")));
    }
    // URLs and transports are not repeated: they may hold passwords.
    if let Some(given) = b.values.get("url")
        && target::target(given, env)?.base != a.base
    {
        return Err(given
            .at
            .bad(format!("not A's URL ({}), {why}", a.shown_url)));
    }
    if let Some(given) = &b.transport
        && transport(Some(given), &a.base, env)? != a.transport
    {
        return Err(given.at.bad(format!("not A's transport, {why}")));
    }
    if let Some(given) = b.values.get("label")
        && given.line(MAX_LABEL)? != a.label
    {
        return Err(given.bad(format!("not A's label ({}), {why}", a.label)));
    }
    let again = format!("{}, again", a.label);
    let fits = again.chars().count() <= MAX_LABEL;
    Ok(VariantPlan {
        label: if fits { again } else { "A, again".to_owned() },
        // It is the same gateway: A starts it.
        launches: Vec::new(),
        endpoint: None,
        ..a.clone()
    })
}

/// The transport as it comes about with that target: on http:// the server has no choice of versions.
fn behaves(transport: &TransportConfig, target: &Target) -> TransportConfig {
    let mut transport = transport.clone();
    if transport.http == HttpVersion::Auto && target.base.scheme() == "http" {
        transport.http = HttpVersion::Http11;
    }
    transport
}

fn alike(b: &VariantSettings, target: &Target) -> PlanError {
    let at = b
        .transport
        .as_ref()
        .map(|transport: &TransportSettings| &transport.at)
        .or_else(|| b.values.get("url").map(|given: &Given| &given.at))
        .or(b.table.as_ref())
        .map_or_else(String::new, |at: &At| format!("{at}: "));
    PlanError::combination(format!(
        "{at}A and B are the same, URL ({}) and transport: give B another URL or transport, leave it out, or measure the noise with --aa",
        target.shown
    ))
}

fn label(settings: &VariantSettings) -> Result<Option<String>, PlanError> {
    settings
        .values
        .get("label")
        .map(|given| given.line(MAX_LABEL))
        .transpose()
}

/// The names: as given, else from what differs, and never equal.
fn labels(
    (given_a, at_b, given_b): (Option<String>, Option<&Given>, Option<String>),
    (target_a, transport_a): (&Target, &TransportConfig),
    (target_b, transport_b): (&Target, &TransportConfig),
) -> Result<(String, String), PlanError> {
    if let (Some(a), Some(b), Some(at)) = (&given_a, &given_b, at_b)
        && a == b
    {
        return Err(at.bad("A has the same label; give another one"));
    }
    let (place_a, place_b) = (
        target::place(&target_a.shown),
        target::place(&target_b.shown),
    );
    let (mut a, mut b) = if place_a.0 != place_b.0 {
        (place_a.0.to_owned(), place_b.0.to_owned())
    } else if place_a.1 != place_b.1 {
        let whole = |(host, path): (&str, &str)| format!("{host}{path}");
        (whole(place_a), whole(place_b))
    } else if target_a.base.scheme() != target_b.base.scheme() {
        (
            target_a.base.scheme().to_owned(),
            target_b.base.scheme().to_owned(),
        )
    } else {
        differences(transport_a, transport_b)
    };
    a = given_a.clone().unwrap_or_else(|| short(&a));
    b = given_b.clone().unwrap_or_else(|| short(&b));
    if a == b {
        // Made labels may be cut to the same text, or one may be what the user calls the other variant.
        if given_b.is_none() {
            b = format!("{b} (B)");
        } else {
            a = format!("{a} (A)");
        }
    }
    Ok((a, b))
}

fn short(label: &str) -> String {
    crate::text::printable(label, MAX_LABEL - 5)
}

impl VariantPlan {
    pub(super) fn new(label: String, target: Target, transport: TransportConfig) -> VariantPlan {
        VariantPlan {
            label,
            base: target.base,
            shown_url: target.shown,
            transport,
            launches: Vec::new(),
            endpoint: None,
        }
    }

    /// The same with what is started for it.
    fn started(self, launches: Vec<LaunchSpec>, endpoint: Option<EndpointPlan>) -> VariantPlan {
        VariantPlan {
            launches,
            endpoint,
            ..self
        }
    }

    /// Whether `program` is started for it.
    pub(super) fn starts(&self, program: Option<&str>) -> bool {
        let mut launches = self.launches.iter();
        launches.any(|launch| launch.command.first().map(String::as_str) == program)
    }

    /// The limits that the load threads share out.
    pub(super) fn shares(&self) -> impl Iterator<Item = Share> {
        let share = |name, total: Option<usize>| {
            total.map(|total| Share {
                name,
                total: total as u64,
            })
        };
        [
            share("max_connections", self.transport.limits.connections),
            share("pool", self.transport.pool),
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{filed, planned};

    fn labels(args: &[&str]) -> (String, String) {
        let plan = planned(args).unwrap();
        (plan.a.label, plan.b.map(|b| b.label).unwrap_or_default())
    }

    #[test]
    fn names_come_from_what_differs() {
        let long = "x".repeat(60);
        for (args, a, b) in [
            (&["--b", "http://h:2"][..], "h:1", "h:2"),
            (&["--b", "http://h:1/v2"], "h:1", "h:1/v2"),
            (
                &["--b", "http://h:1", "--transport-b", "pool=3"],
                "pool default",
                "pool 3",
            ),
            (
                &[
                    "--transport-a",
                    "http=1.1",
                    "--transport-b",
                    "nodelay=false",
                ],
                "http 1.1",
                "nodelay false",
            ),
            (&["--b", "http://h:2", "--label-a", "old"], "old", "h:2"),
            (&["--b", "http://h:2", "--label-a", "h:2"], "h:2", "h:2 (B)"),
            (&["--b", "http://h:2", "--label-b", "h:1"], "h:1 (A)", "h:1"),
            (&["--b", "http://h:2", "--label-a", &long], &long, "h:2"),
            (&["--b", "http://h:1?x=1"], "h:1", "h:1/?x=1"),
            (&["--b", "http://h:1?key=1"], "h:1", "h:1/?key=[redacted]"),
        ] {
            let all: Vec<&str> = ["--a", "http://h:1"].iter().chain(args).copied().collect();
            assert_eq!(labels(&all), (a.to_owned(), b.to_owned()), "{args:?}");
        }
        let schemes = labels(&["--a", "http://h", "--b", "https://h"]);
        assert_eq!(schemes, ("http".to_owned(), "https".to_owned()));
        let keys = labels(&["--a", "http://h?key=1", "--b", "http://h?key=2"]);
        assert_ne!(keys.0, keys.1);
    }

    #[test]
    fn one_url_serves_both_transports() {
        let plan = planned(&["--a", "http://h", "--transport-b", "http=h2c"]).unwrap();
        assert_eq!(plan.b.unwrap().base, plan.a.base);
        let plan = planned(&["--a", "https://h", "--transport-b", "http=1.1"]);
        assert!(plan.is_ok());
        let plan = filed("[a]\nurl = 'http://h'\n[b]\ntransport = 'pool=1'\n", &[]).unwrap();
        assert_eq!(plan.b.unwrap().transport.pool, Some(1));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        for (args, part) in [
            (&[][..], "no URL: give --a URL"),
            (&["--b", "http://h"], "A has no URL"),
            (
                &["--a", "http://h", "--b", "http://h"],
                "--b: A and B are the same",
            ),
            (
                &["--a", "http://h", "--transport-b", "http=auto"],
                "--transport-b: A and B are the same",
            ),
            (
                &["--a", "http://h", "--transport-b", "http=1.1"],
                "--transport-b: A and B are the same",
            ),
            (
                &["--a", "http://h", "--label-b", "x"],
                "A and B are the same",
            ),
            (
                &[
                    "--a",
                    "http://h",
                    "--b",
                    "http://i",
                    "--label-a",
                    "x",
                    "--label-b",
                    "x",
                ],
                "the same label",
            ),
            (&["--a", "http://h", "--label-a", " "], "must not be empty"),
            (&["--a", "http://h", "--label-a", "a\nb"], "one line"),
        ] {
            let error = planned(args).unwrap_err();
            assert!(error.contains(part), "{args:?}: {error}");
        }
        let error = filed("[a]\nlabel = 'x'\n", &[]).unwrap_err();
        assert!(error.starts_with("plan.toml:1: a: "), "{error}");
        let error = filed("[a]\nurl = 'http://h'\n[b]\n", &[]).unwrap_err();
        assert!(
            error.starts_with("plan.toml:3: b: A and B are the same"),
            "{error}"
        );
    }

    #[test]
    fn a_copy_of_a_is_a_in_everything_but_its_name() {
        let a = ["--a", "http://u:pw@h/v1", "--transport-a", "pool=4"];
        let long = "x".repeat(60);
        for (args, label_a, label_b) in [
            (&[][..], "h", "h, again"),
            (
                &["--label-a", "old", "--label-b", "old"],
                "old",
                "old, again",
            ),
            (&["--b", "http://u:pw@h/v1"], "h", "h, again"),
            (&["--transport-b", "pool=4"], "h", "h, again"),
            (&["--label-a", &long], &long, "A, again"),
        ] {
            let all: Vec<&str> = a.iter().chain(&["--aa"]).chain(args).copied().collect();
            let plan = planned(&all).unwrap();
            let b = plan.b.as_ref().unwrap();
            assert_eq!(
                (plan.a.label.as_str(), b.label.as_str()),
                (label_a, label_b)
            );
            assert_eq!(b.transport, plan.a.transport);
            assert_eq!(b.shown_url, plan.a.shown_url);
            let (to_a, to_b) = (plan.request_for(&plan.a), plan.request_for(b));
            assert_eq!((to_a.url, to_a.headers), (to_b.url, to_b.headers));
            assert!(plan.aa && plan.record().load.aa);
        }
        let file = "[load]\naa = true\n[a]\nurl = 'http://h'\n[b]\n";
        assert!(filed(file, &["--order", "alternate"]).unwrap().aa);
        let off = filed("load.aa = false\n[a]\nurl = 'http://h'\n", &[]).unwrap();
        assert!(!off.aa && off.b.is_none());
        let on = filed("load.aa = false\n[a]\nurl = 'http://h'\n", &["--aa"]).unwrap();
        assert!(on.aa && on.b.is_some());
    }

    #[test]
    fn a_copy_of_a_cannot_differ() {
        let why = "makes B a copy of A; leave one of the two out";
        for (args, start) in [
            (
                ["--b", "http://u:pw@i"],
                "--b: not A's URL (http://h/), but --aa",
            ),
            (
                ["--transport-b", "pool=1"],
                "--transport-b: not A's transport, but --aa",
            ),
            (
                ["--label-b", "x"],
                "--label-b x: not A's label (h), but --aa",
            ),
        ] {
            let all: Vec<&str> = ["--a", "http://h", "--aa"]
                .iter()
                .chain(&args)
                .copied()
                .collect();
            let error = planned(&all).unwrap_err();
            assert!(error.starts_with(start) && error.ends_with(why), "{error}");
        }
        let two = "[a]\nurl = 'http://h'\n[b]\nurl = 'http://i'\n[load]\naa = true\n";
        let error = filed(two, &[]).unwrap_err();
        assert!(
            error.starts_with("plan.toml:4: url: not A's URL"),
            "{error}"
        );
        assert!(error.contains("but aa in line 6 makes B"), "{error}");
        let error = planned(&["--a", "http://h", "--b", "http://h"]).unwrap_err();
        assert!(error.ends_with("or measure the noise with --aa"), "{error}");
    }
}
