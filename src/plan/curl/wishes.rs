//! What a command says about connections: settings that both transports get, unless they say otherwise themselves.

use super::OPTION;
use super::lexer::literal;
use super::options::Version;
use crate::plan::PlanError;
use crate::plan::given::{At, Given};
use crate::plan::secrets::{Lookup, expand};
use crate::plan::settings::{Settings, TransportSettings, VariantSettings};

/// What is wished for, each with the option that says so.
#[derive(Debug, Default)]
pub(in crate::plan) struct Wishes {
    pub(super) insecure: Option<At>,
    pub(super) compressed: Option<At>,
    pub(super) version: Option<(Version, At)>,
    /// No connection is kept.
    pub(super) close: Option<At>,
    /// Keys of a transport with their times.
    times: Vec<(&'static str, Given)>,
}

impl Wishes {
    /// A time in seconds; 0 is none.
    pub(super) fn time(&mut self, key: &'static str, text: &str, at: &At) -> Result<(), PlanError> {
        let number = literal(text).filter(|text| {
            text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok()
        });
        let number = number.ok_or_else(|| at.bad("must be a number of seconds, such as 2.5"))?;
        self.times.retain(|(old, _)| *old != key);
        if number.contains(|c| !matches!(c, '0' | '.')) {
            self.times
                .push((key, Given::word(at.part(key), &format!("{number}s"))));
        }
        Ok(())
    }

    /// Gives all of it to both transports: over what a plan file says of them, under what options say.
    pub(in crate::plan) fn lend(
        &self,
        settings: &mut Settings,
        env: Lookup<'_>,
    ) -> Result<(), PlanError> {
        let secure = |variant: &VariantSettings| {
            let url = variant.values.get("url")?;
            // Whether it can be filled in is found out when it is checked.
            let text = expand(&url.text, &url.at, env).ok()?.text;
            Some(text.trim().to_ascii_lowercase().starts_with("https:"))
        };
        let of_a = secure(&settings.a).unwrap_or_default();
        let of_b = secure(&settings.b).unwrap_or(of_a);
        let copy = settings.load.contains_key("aa");
        let lent = self.pairs(of_a)?;
        lend_to(&mut settings.a, lent);
        let b = &mut settings.b;
        // Where nothing is said of B there is none, or it is A's copy.
        let is_there = if copy {
            b.transport.is_some()
        } else {
            !b.is_absent()
        };
        if is_there {
            lend_to(b, self.pairs(of_b)?);
        }
        Ok(())
    }

    /// The settings for a target, which is reached over TLS or not.
    fn pairs(&self, secure: bool) -> Result<Vec<(String, Given)>, PlanError> {
        let pair =
            |key: &str, value: &str, at: &At| (key.to_owned(), Given::word(at.part(key), value));
        let mut pairs = Vec::new();
        if let Some(at) = self.insecure.as_ref().filter(|_| secure) {
            pairs.push(pair("tls_verify", "false", at));
        }
        if let Some(at) = &self.compressed {
            pairs.push(pair("compression", "all", at));
        }
        if let Some(at) = &self.close {
            pairs.push(pair("keep_alive", "false", at));
        }
        if let Some((version, at)) = &self.version {
            let value = match (version, secure) {
                (Version::One, _) => "1.1",
                (Version::Two | Version::TwoAtOnce, true) => "2",
                (Version::TwoAtOnce, false) => "h2c",
                (Version::Three, _) => "3",
                (Version::Two, false) => {
                    return Err(at.bad(
                        "on an http:// URL curl asks for an upgrade, which is not possible here; for HTTP/2 from the start give \
                         --http2-prior-knowledge, or leave it out",
                    ));
                }
            };
            pairs.push(pair("http", value, at));
        }
        let times = self.times.iter();
        pairs.extend(times.map(|(key, given)| ((*key).to_owned(), given.clone())));
        Ok(pairs)
    }
}

fn lend_to(variant: &mut VariantSettings, lent: Vec<(String, Given)>) {
    if lent.is_empty() {
        return;
    }
    let transport = variant.transport.get_or_insert_with(|| TransportSettings {
        at: At::option(OPTION),
        pairs: Vec::new(),
    });
    for (key, value) in lent {
        let own = transport.pairs.iter().position(|(own, _)| *own == key);
        match own.and_then(|own| transport.pairs.get_mut(own)) {
            Some((_, own)) if own.at.is_option() => {}
            Some((_, own)) => *own = value,
            None => transport.pairs.push((key, value)),
        }
    }
}
