//! The plans of `endpoint` and `gateway`: where to listen, and where to send requests on.

use super::given::Given;
use super::load::MAX_SEED;
use super::secrets::Lookup;
use super::settings::TransportSettings;
use super::{PlanError, target, transport};
use crate::cli::{EndpointArgs, GatewayArgs};
use crate::gateway::{Faults, ServiceSpec};
use crate::transport::{EngineKind, TransportConfig};
use std::fmt::Display;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use url::Url;

/// The most servers of an endpoint. Each takes some bytes once it is needed.
const MAX_SERVERS: u64 = 1_000_000;

/// What `endpoint` serves.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointPlan {
    /// Where it listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// When and how it answers.
    pub service: ServiceSpec,
}

/// What `gateway` passes on, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayPlan {
    /// Where it listens; port 0 for any free one.
    pub listen: SocketAddr,
    /// Where requests go.
    pub upstream: Url,
    /// The upstream as it may be shown, without a password.
    pub shown_upstream: String,
    /// How it reaches the upstream.
    pub transport: TransportConfig,
}

/// The plan of `endpoint`.
pub fn endpoint(args: &EndpointArgs) -> Result<EndpointPlan, PlanError> {
    let given = |name, text: &Option<String>| text.as_ref().map(|it| Given::option(name, it));
    let all = |name, texts: &[String]| -> Vec<Given> {
        texts.iter().map(|text| Given::option(name, text)).collect()
    };
    Ok(EndpointPlan {
        listen: listen(&Given::option("--listen", &args.listen))?,
        service: service(&ServiceSettings {
            profile: given("--profile", &args.profile).as_ref(),
            servers: given("--servers", &args.servers).as_ref(),
            seed: given("--seed", &args.seed).as_ref(),
            freezes: &all("--freeze", &args.freezes),
            failures: &all("--fail", &args.failures),
        })?,
    })
}

/// How an endpoint is to answer, as it was given.
pub(super) struct ServiceSettings<'a> {
    pub(super) profile: Option<&'a Given>,
    pub(super) servers: Option<&'a Given>,
    pub(super) seed: Option<&'a Given>,
    pub(super) freezes: &'a [Given],
    pub(super) failures: &'a [Given],
}

/// How an endpoint is to answer.
pub(super) fn service(settings: &ServiceSettings<'_>) -> Result<ServiceSpec, PlanError> {
    let usual = ServiceSpec::default();
    let servers = settings.servers.map(|given| {
        let number = given.whole(1..=MAX_SERVERS)?;
        Ok(u32::try_from(number).ok().and_then(NonZeroU32::new))
    });
    Ok(ServiceSpec {
        profile: match settings.profile {
            Some(profile) => read(profile)?,
            None => usual.profile,
        },
        servers: servers.transpose()?.flatten(),
        freezes: settings
            .freezes
            .iter()
            .map(read)
            .collect::<Result<_, _>>()?,
        faults: faults(settings.failures)?,
        seed: match settings.seed {
            Some(seed) => seed.whole(0..=MAX_SEED)?,
            None => usual.seed,
        },
    })
}

fn faults(given: &[Given]) -> Result<Faults, PlanError> {
    let mut faults = Faults::default();
    for fault in given {
        faults = faults
            .and(read(fault)?)
            .map_err(|error| fault.bad(error.to_string()))?;
    }
    Ok(faults)
}

/// The value of a setting of which the gateway knows how it is written.
fn read<T: FromStr<Err: Display>>(given: &Given) -> Result<T, PlanError> {
    given
        .text
        .parse()
        .map_err(|error: T::Err| given.bad(error.to_string()))
}

/// The plan of `gateway`.
pub fn gateway(args: &GatewayArgs, env: Lookup<'_>) -> Result<GatewayPlan, PlanError> {
    let listen = listen(&Given::option("--listen", &args.listen))?;
    let upstream = target::target(&Given::option("--upstream", &args.upstream), env)?;
    let settings = args
        .transport
        .as_ref()
        .map(|spec| TransportSettings::from_spec(&Given::option("--transport", spec)))
        .transpose()?;
    let transport = transport::transport(settings.as_ref(), &upstream.base, env)?;
    if let Some(settings) = &settings {
        reqwest_only(settings, &transport)?;
    }
    Ok(GatewayPlan {
        listen,
        transport,
        upstream: upstream.base,
        shown_upstream: upstream.shown,
    })
}

/// Refuses any other engine than the one that the gateway has.
fn reqwest_only(
    settings: &TransportSettings,
    transport: &TransportConfig,
) -> Result<(), PlanError> {
    let engine = settings.pairs.iter().find(|(key, _)| key == "engine");
    match engine {
        Some((_, given)) if transport.engine != EngineKind::Reqwest => Err(given.bad(
            "the built-in gateway reaches its upstream with engine=reqwest only; leave it out",
        )),
        _ => Ok(()),
    }
}

/// An address and a port; `localhost` is the IPv4 loopback.
pub(super) fn listen(given: &Given) -> Result<SocketAddr, PlanError> {
    let text = &given.text;
    let numeric = text
        .strip_prefix("localhost:")
        .map_or_else(|| text.clone(), |port| format!("127.0.0.1:{port}"));
    numeric.parse().map_err(|_| {
        given.bad("must be an address and a port, such as 127.0.0.1:4000 or [::1]:4000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn listening_takes_an_address_and_a_port() {
        assert_eq!(
            listen(&Given::option("--listen", "localhost:0"))
                .unwrap()
                .to_string(),
            "127.0.0.1:0"
        );
        assert_eq!(
            listen(&Given::option("--listen", "[::1]:80"))
                .unwrap()
                .to_string(),
            "[::1]:80"
        );
        for bad in ["", "4000", "localhost", ":80", "h:80", "1.2.3.4:99999"] {
            let error = listen(&Given::option("--listen", bad))
                .unwrap_err()
                .to_string();
            assert!(error.contains("such as 127.0.0.1:4000"), "{bad}: {error}");
        }
    }

    fn planned(line: &str) -> Result<EndpointPlan, PlanError> {
        let words = ["dragstrip", "endpoint", "--listen", "[::1]:0"];
        let cli = Cli::parse_args(words.into_iter().chain(line.split_whitespace())).unwrap();
        let Some(Command::Endpoint(args)) = cli.command else {
            panic!("not endpoint: {line}");
        };
        endpoint(&args)
    }

    #[test]
    fn an_endpoint_serves_as_its_options_say() {
        assert_eq!(planned("").unwrap().service, ServiceSpec::default());
        let line = "--profile exp:100ms --servers 4 --freeze 10s+5s --freeze 1m+1s --fail 503:1% --fail hang:0.2 --seed 9";
        let service = planned(line).unwrap().service;
        assert_eq!(service.profile.to_string(), "exp:100ms");
        assert_eq!(service.servers, NonZeroU32::new(4));
        assert_eq!(service.freezes.len(), 2);
        let faults: Vec<_> = service
            .faults
            .list()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            (faults, service.seed),
            (vec!["503:1%".to_owned(), "hang:20%".to_owned()], 9)
        );
    }

    #[test]
    fn errors_name_the_option_and_what_would_be_right() {
        for (line, parts) in [
            (
                "--profile fast",
                ["--profile fast: ", "use instant, fixed:60ms, exp:100ms"],
            ),
            (
                "--profile fixed:60",
                ["--profile fixed:60: ", "write a number and a unit"],
            ),
            (
                "--servers 0",
                [
                    "--servers 0: ",
                    "must be a whole number from 1 to 1,000,000",
                ],
            ),
            ("--freeze 10s", ["--freeze 10s: ", "write START+LENGTH"]),
            ("--fail 503", ["--fail 503: ", "must be KIND:SHARE"]),
            (
                "--fail hang:60% --fail cut:0.5",
                ["--fail cut:0.5: ", "110% together"],
            ),
            (
                "--seed -1",
                ["--seed -1: ", "must be a whole number from 0"],
            ),
        ] {
            let error = planned(line).unwrap_err().to_string();
            assert!(
                parts.iter().all(|part| error.contains(part)),
                "{line}: {error}"
            );
        }
    }

    #[test]
    fn a_gateway_has_an_upstream_and_a_transport() {
        let args = GatewayArgs {
            listen: "127.0.0.1:0".to_owned(),
            upstream: "http://u:p@h:1".to_owned(),
            transport: Some("max_connections=7".to_owned()),
        };
        let plan = gateway(&args, &|_| None).unwrap();
        assert_eq!(plan.transport.limits.connections, Some(7));
        assert_eq!(plan.shown_upstream, "http://h:1/");
        let args = GatewayArgs {
            transport: Some("pool=3,engine=direct".to_owned()),
            ..args
        };
        let error = gateway(&args, &|_| None).unwrap_err().to_string();
        assert!(
            error.starts_with("--transport engine=direct: the built-in gateway"),
            "{error}"
        );
        let args = GatewayArgs {
            transport: Some("engine=reqwest".to_owned()),
            ..args
        };
        assert!(gateway(&args, &|_| None).is_ok());
        let args = GatewayArgs {
            upstream: "h:1".to_owned(),
            ..args
        };
        let error = gateway(&args, &|_| None).unwrap_err().to_string();
        assert!(error.starts_with("--upstream h:1: "), "{error}");
    }
}
