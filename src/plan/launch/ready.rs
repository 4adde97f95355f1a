//! When a gateway counts as ready.

use super::super::given::{At, Given};
use super::super::settings::Values;
use super::super::target::{self, Target};
use super::super::{Context, PlanError};
use super::Places;
use crate::gateway::launch::{Ready, ReadyCheck};
use crate::transport::TransportConfig;
use std::time::Duration;
use url::Url;

/// How long a gateway may take, usually and at most. A Python gateway takes ten seconds where nothing else runs.
const WITHIN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));

/// Ready as soon as it takes connections.
pub(super) fn connects(base: &Url) -> Ready {
    Ready {
        check: ReadyCheck::Connects(base.clone()),
        within: WITHIN.0,
    }
}

/// Ready as the settings say.
pub(super) fn ready(
    at: &At,
    values: &Values,
    places: &Places,
    target: &Target,
    transport: &TransportConfig,
    context: &Context<'_>,
) -> Result<Ready, PlanError> {
    let within = match values.get("within") {
        Some(given) => given.duration(Duration::from_millis(1), WITHIN.1)?,
        None => WITHIN.0,
    };
    let status = match values.get("status") {
        Some(given) => Some(given.whole(100..=599)? as u16),
        None => None,
    };
    let body = values.get("body").map(|given| given.text.clone());
    let Some(given) = values.get("url") else {
        if status.is_some() || body.is_some() {
            return Err(at.bad(
                "status and body are those of an answer; add url = \"/health\", or whatever is asked for",
            ));
        }
        return Ok(Ready {
            within,
            ..connects(&target.base)
        });
    };
    Ok(Ready {
        check: ReadyCheck::Answers {
            url: asked(given, places, target, context)?,
            transport: Box::new(transport.clone()),
            status,
            body,
        },
        within,
    })
}

/// A whole URL, or a path at the gateway's host.
fn asked(
    given: &Given,
    places: &Places,
    target: &Target,
    context: &Context<'_>,
) -> Result<Url, PlanError> {
    let given = super::url(given, places)?;
    if given.text.contains("://") {
        return Ok(target::target(&given, context.env)?.base);
    }
    if !given.text.starts_with('/') {
        return Err(given.bad("must be a path such as \"/health\", or a URL"));
    }
    target
        .base
        .join(&given.text)
        .map_err(|error| given.bad(error.to_string()))
}
