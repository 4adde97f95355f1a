//! Transports: from a SPEC or a table to a checked [`TransportConfig`].
//!
//! What holds always: each setting of a configuration that comes out of here can take effect; what could not is refused
//! with the reason, and what does not go together with the names of both.

mod conflicts;
mod files;
mod keys;

use super::PlanError;
use super::given::{Given, did_you_mean};
use super::secrets::Lookup;
use super::settings::TransportSettings;
use crate::transport::{SETTINGS, TransportConfig};
use http::HeaderMap;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// The settings that were given, by key.
type ByKey<'a> = BTreeMap<&'static str, &'a Given>;

/// A checked configuration for a target with that URL.
pub(super) fn transport(
    settings: Option<&TransportSettings>,
    target: &Url,
    env: Lookup<'_>,
) -> Result<TransportConfig, PlanError> {
    let Some(settings) = settings else {
        return Ok(TransportConfig::default());
    };
    let given = sort(settings)?;
    let mut config = TransportConfig::default();
    for (key, value) in &given {
        keys::set(&mut config, key, value, env)?;
    }
    conflicts::check(&given, &config, target)?;
    Ok(config)
}

/// Refuses a time limit of the transport that the load's own would always forestall.
pub(super) fn fits_timeout(
    settings: Option<&TransportSettings>,
    config: &TransportConfig,
    timeout: Duration,
) -> Result<(), PlanError> {
    let Some(settings) = settings else {
        return Ok(());
    };
    conflicts::check_timeout(&sort(settings)?, config, timeout)
}

/// Refuses a setting of the transport that one of the request's headers forestalls.
pub(super) fn fits_headers(
    settings: Option<&TransportSettings>,
    config: &TransportConfig,
    headers: &HeaderMap,
) -> Result<(), PlanError> {
    let Some(settings) = settings else {
        return Ok(());
    };
    conflicts::check_headers(&sort(settings)?, config, headers)
}

/// The settings by key; unknown keys and repetitions are errors.
fn sort(settings: &TransportSettings) -> Result<ByKey<'_>, PlanError> {
    let known = || SETTINGS.iter().map(|setting| setting.key);
    let mut given = BTreeMap::new();
    for (key, value) in &settings.pairs {
        let Some(known) = known().find(|known| known == key) else {
            return Err(PlanError::UnknownKey {
                place: value.at.place_of_part(&settings.at),
                key: crate::text::printable(key, 60),
                context: " in a transport".to_owned(),
                hint: did_you_mean(key, &known().collect::<Vec<_>>()),
            });
        };
        if given.insert(known, value).is_some() {
            return Err(value.at.bad("is given twice"));
        }
    }
    Ok(given)
}

#[cfg(test)]
pub(super) mod tests;
