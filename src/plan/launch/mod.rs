//! What is started for a variant: its gateway's commands, and a built-in endpoint for it.

mod command;
mod places;
mod ready;

pub(super) use places::{Places, Ports, free_port};

use super::given::{At, Given};
use super::secrets::{self, REDACTED, expand};
use super::serve::{self, EndpointPlan};
use super::settings::{EndpointSettings, LaunchSettings, VariantSettings};
use super::target::Target;
use super::{Context, PlanError, VariantPlan};
use crate::gateway::launch::LaunchSpec;
use crate::transport::TransportConfig;
use http::HeaderMap;
use places::Unknown;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path};
use std::time::Duration;

/// How long a gateway may take to end by itself, usually and at most.
const GRACE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(600));
/// The most commands of one variant.
const MAX_LAUNCHES: usize = 20;

/// Whose gateway it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whose {
    /// 0 is A.
    pub(super) variant: usize,
    /// `A`, `B` or `the gateway`.
    pub(super) name: &'static str,
}

/// The places of a variant, and its built-in endpoint.
pub(super) fn prepare(
    settings: &VariantSettings,
    ports: &mut Ports,
    context: &Context<'_>,
) -> Result<(Places, Option<EndpointPlan>), PlanError> {
    let endpoint = settings
        .endpoint
        .as_ref()
        .map(|settings| endpoint(settings, ports, context));
    let endpoint = endpoint.transpose()?;
    let url = settings.values.get("url").map(|given| &given.text);
    let launches = settings.launches.iter();
    let texts = launches.flat_map(|launch| {
        let named = launch.env.iter().chain(&launch.files).map(|(_, it)| it);
        launch.command.iter().chain(named).map(|given| &given.text)
    });
    let wanted = texts.chain(url).any(|text| Places::wants_port(text));
    let port = if wanted && !settings.launches.is_empty() {
        Some(ports.next(context.free_port)?)
    } else {
        None
    };
    let places = Places {
        port,
        endpoint: endpoint.as_ref().map(|endpoint| endpoint.listen),
    };
    Ok((places, endpoint))
}

fn endpoint(
    settings: &EndpointSettings,
    ports: &mut Ports,
    context: &Context<'_>,
) -> Result<EndpointPlan, PlanError> {
    let value = |key| settings.values.get(key);
    let listen = match value("listen") {
        Some(given) => serve::listen(given)?,
        None => SocketAddr::from((Ipv4Addr::LOCALHOST, ports.next(context.free_port)?)),
    };
    if listen.port() == 0 {
        return Err(settings
            .at
            .bad("listen needs a port; without listen a free one is taken"));
    }
    Ok(EndpointPlan {
        listen,
        service: serve::service(&serve::ServiceSettings {
            profile: value("profile"),
            servers: value("servers"),
            seed: value("seed"),
            freezes: &settings.freezes,
            failures: &settings.failures,
        })?,
    })
}

/// The commands to start for a variant, in their order.
pub(super) fn launches(
    settings: &VariantSettings,
    whose: Whose,
    places: &Places,
    (target, transport): (&Target, &TransportConfig),
    context: &Context<'_>,
) -> Result<Vec<LaunchSpec>, PlanError> {
    let given = &settings.launches;
    if !cfg!(unix)
        && let Some(first) = given.first()
    {
        return Err(first
            .at
            .bad("only Unix systems can start gateways; start it yourself"));
    }
    if given.len() > MAX_LAUNCHES {
        return Err(given[MAX_LAUNCHES]
            .at
            .bad(format!("at most {MAX_LAUNCHES} commands for one variant")));
    }
    let last = given.len().saturating_sub(1);
    let is_seen = transport.socket.unix.is_none() && transport.proxy.is_none();
    given
        .iter()
        .enumerate()
        .map(|(i, settings)| {
            let ready = match &settings.ready {
                Some((at, values)) => Some(ready::ready(
                    at, values, places, target, transport, context,
                )?),
                // What a gateway needs beside it may listen nowhere, and whether something listens on a Unix socket or behind a
                // proxy is not to be seen from here.
                None => (i == last && is_seen).then(|| ready::connects(&target.base)),
            };
            let listens = (i == last && is_seen).then(|| target.base.clone());
            let spec = launch(settings, whose, places, ready, context)?;
            Ok(LaunchSpec { listens, ..spec })
        })
        .collect()
}

fn launch(
    settings: &LaunchSettings,
    whose: Whose,
    places: &Places,
    ready: Option<crate::gateway::launch::Ready>,
    context: &Context<'_>,
) -> Result<LaunchSpec, PlanError> {
    let mut secrets = Vec::new();
    let fill = |given: &Given| {
        let text = places.fill(&given.text, &given.at)?;
        Ok::<_, PlanError>(expand(&text, &given.at, context.env)?.text)
    };
    let values = &settings.values;
    let directory = match values.get("directory") {
        Some(given) => given.at.resolve(Path::new(&fill(given)?)),
        None => settings.at.resolve(Path::new(".")),
    };
    // Relative to where this program runs, whatever becomes of that.
    let directory = std::path::absolute(&directory)
        .map_err(|error| settings.at.bad(format!("directory: {error}")))?;
    if !directory.is_dir() {
        let at = values.get("directory").map_or(&settings.at, |it| &it.at);
        return Err(at.bad(format!(
            "{} is no folder",
            crate::text::printable(&directory.to_string_lossy(), 200)
        )));
    }
    let mut variables = Vec::new();
    for (name, given) in &settings.env {
        if name.is_empty() || name.contains(['=', '\0']) || given.text.contains('\0') {
            return Err(given
                .at
                .bad("a variable's name has no \"=\", and neither it nor its value a zero byte"));
        }
        let value = fill(given)?;
        if secrets::is_key_like(name) {
            secrets.push(value.clone());
        }
        variables.push((name.clone(), value));
    }
    let mut command = Vec::new();
    let mut shown = Vec::new();
    for given in &settings.command {
        if given.text.contains('\0') {
            return Err(given.at.bad("no argument can have a zero byte"));
        }
        shown.push(places.fill(&given.text, &given.at)?);
        command.push(fill(given)?);
    }
    secrets.extend(command::secrets(&command));
    if let (Some(path), Some("litellm")) = (context.litellm, command.first().map(String::as_str)) {
        path.clone_into(&mut command[0]);
        path.clone_into(&mut shown[0]);
    }
    let program = settings.command.first().map_or(&settings.at, |it| &it.at);
    command::find(&command, &variables, &directory, program, context)?;
    let output = values.get("output").map(|given| {
        let path = fill(given)?;
        let path = std::path::absolute(given.at.resolve(Path::new(&path)));
        path.map_err(|error| given.at.bad(error.to_string()))
    });
    Ok(LaunchSpec {
        variant: whose.variant,
        name: whose.name.to_owned(),
        shown: command::shown(&shown),
        command,
        env: variables,
        files: files(settings, places, context)?,
        secrets,
        directory,
        ready,
        listens: None,
        output: output.transpose()?,
        grace: match values.get("grace") {
            Some(given) => given.duration(Duration::ZERO, GRACE.1)?,
            None => GRACE.0,
        },
        restart: match values.get("restart") {
            Some(given) => given.truth()?,
            None => false,
        },
    })
}

/// Refuses outputs that would write over the plan file, or over each other.
pub(super) fn outputs<'a>(
    variants: impl Iterator<Item = &'a VariantPlan>,
    plan: Option<&Path>,
) -> Result<(), PlanError> {
    // What is there may have several names; what is not there yet has its own.
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut taken: BTreeSet<_> = plan.map(real).into_iter().collect();
    for launch in variants.flat_map(|variant| &variant.launches) {
        if let Some(path) = &launch.output
            && !taken.insert(real(path))
        {
            let path = crate::text::printable(&path.to_string_lossy(), 200);
            return Err(PlanError::combination(format!(
                "{}: output {path} is the plan file or another command's output; give each a file of its own",
                launch.name
            )));
        }
    }
    Ok(())
}

/// All that must not be seen in what gateways write: what the environment has filled in, the values of headers that are not
/// shown, passwords in URLs, and variables of commands that are called like keys.
pub(super) fn secrets<'a>(
    filled_in: BTreeSet<String>,
    headers: &HeaderMap,
    variants: impl Iterator<Item = &'a VariantPlan>,
) -> Vec<String> {
    let mut all = filled_in;
    for value in headers.values().filter(|value| value.is_sensitive()) {
        let text = String::from_utf8_lossy(value.as_bytes());
        // `Bearer sk-…`: the key is seen without the word before it, too.
        all.extend(text.split_whitespace().map(str::to_owned));
    }
    for variant in variants {
        all.extend(variant.base.password().map(str::to_owned));
        let launches = variant.launches.iter();
        all.extend(launches.flat_map(|launch| launch.secrets.iter().cloned()));
    }
    all.into_iter().collect()
}

/// The files of a command. What looks like a placeholder in them and is none is left alone.
fn files(
    settings: &LaunchSettings,
    places: &Places,
    context: &Context<'_>,
) -> Result<Vec<(String, String)>, PlanError> {
    let file = |(name, given): &(String, Given)| {
        let mut parts = Path::new(name).components();
        let plain = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name.as_str());
        if !plain || name.contains('\0') {
            return Err(given
                .at
                .bad("a file's name must be a name alone; it is made in the folder {{files}}"));
        }
        let text = places.filled(&given.text, &given.at, Unknown::Kept)?;
        Ok((name.clone(), expand(&text, &given.at, context.env)?.text))
    };
    settings.files.iter().map(file).collect()
}

/// What a snapshot keeps of a command's environment: the names.
pub(super) fn shown_env(spec: &LaunchSpec) -> std::collections::BTreeMap<String, String> {
    let names = spec.env.iter();
    names
        .map(|(name, _)| (crate::text::printable(name, 60), REDACTED.to_owned()))
        .collect()
}

/// A URL with its placeholders filled in.
pub(super) fn url(given: &Given, places: &Places) -> Result<Given, PlanError> {
    if !given.text.contains("{{") {
        return Ok(given.clone());
    }
    if given.text.contains(crate::gateway::launch::FILES) {
        return Err(given.bad("a URL has no {{files}}"));
    }
    Ok(Given {
        text: places.fill(&given.text, &given.at)?,
        ..given.clone()
    })
}

/// Where a launch stands, for errors about all of it.
pub(super) fn at(settings: &VariantSettings) -> Option<&At> {
    let launch = settings.launches.first().map(|launch| &launch.at);
    launch.or(settings.endpoint.as_ref().map(|endpoint| &endpoint.at))
}

#[cfg(test)]
mod tests;
