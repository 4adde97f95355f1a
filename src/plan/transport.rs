//! Transports: from a SPEC or a table to a checked [`TransportConfig`].
//!
//! What holds always: each setting of a configuration that comes out of here can take effect; what could not is refused
//! with the reason.

use super::PlanError;
use super::file::read_limited;
use super::given::{Given, did_you_mean};
use super::secrets::{Lookup, expand, redact_text};
use super::settings::TransportSettings;
use crate::transport::{HttpVersion, TransportConfig};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// The keys of a SPEC.
const KEYS: [&str; 11] = [
    "engine",
    "http",
    "keep_alive",
    "pool",
    "pool_idle",
    "max_connections",
    "nodelay",
    "connect_timeout",
    "tls_verify",
    "ca",
    "proxy",
];

/// Connections at most, in use or kept.
const MAX_CONNECTIONS: u64 = 1_000_000;
/// The longest time that a connection attempt may take.
const MAX_CONNECT_TIMEOUT: Duration = Duration::from_secs(3_600);
/// The longest time that an idle connection may be kept.
const MAX_IDLE: Duration = Duration::from_secs(30 * 24 * 3_600);
/// The largest file of certificates.
const MAX_CA_BYTES: u64 = 16 << 20;

const HTTP_VERSIONS: [(&str, HttpVersion); 4] = [
    ("auto", HttpVersion::Auto),
    ("1.1", HttpVersion::Http11),
    ("2", HttpVersion::Http2),
    ("h2c", HttpVersion::H2c),
];

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
    let config = configure(&given, env)?;
    combine(&given, &config, target.scheme() == "https")?;
    Ok(config)
}

/// The settings by key; unknown keys and repetitions are errors.
fn sort(settings: &TransportSettings) -> Result<BTreeMap<&'static str, &Given>, PlanError> {
    let mut given = BTreeMap::new();
    for (key, value) in &settings.pairs {
        let Some(known) = KEYS.iter().find(|known| *known == key) else {
            return Err(PlanError::UnknownKey {
                place: value.at.place_of_part(&settings.at),
                key: crate::text::printable(key, 60),
                context: " in a transport".to_owned(),
                hint: did_you_mean(key, &KEYS),
            });
        };
        if given.insert(*known, value).is_some() {
            return Err(value.at.bad("is given twice"));
        }
    }
    Ok(given)
}

fn configure(
    given: &BTreeMap<&'static str, &Given>,
    env: Lookup<'_>,
) -> Result<TransportConfig, PlanError> {
    let mut config = TransportConfig::default();
    for (key, value) in given {
        match *key {
            "engine" => engine(value)?,
            "http" => config.http = value.choice(&HTTP_VERSIONS)?,
            "keep_alive" => config.keep_alive = value.truth()?,
            "pool" => config.pool = Some(value.whole(1..=MAX_CONNECTIONS)? as usize),
            "pool_idle" => config.pool_idle = Some(above_zero(value, MAX_IDLE)?),
            "max_connections" => {
                config.max_connections = Some(value.whole(1..=MAX_CONNECTIONS)? as usize);
            }
            "nodelay" => config.nodelay = value.truth()?,
            "connect_timeout" => {
                config.connect_timeout = Some(above_zero(value, MAX_CONNECT_TIMEOUT)?);
            }
            "tls_verify" => config.tls_verify = value.truth()?,
            "ca" => config.ca = Some(ca(value)?),
            _ => config.proxy = Some(proxy(value, env)?),
        }
    }
    Ok(config)
}

fn above_zero(value: &Given, max: Duration) -> Result<Duration, PlanError> {
    value.duration(Duration::from_nanos(1), max)
}

fn engine(value: &Given) -> Result<(), PlanError> {
    if value.text == "direct" {
        return Err(PlanError::NotYet {
            setting: format!("{} direct", value.at),
            instead: "use reqwest, or leave it out".to_owned(),
        });
    }
    value.choice(&[("reqwest", ())])
}

/// A file that holds certificates, and nothing that looks like one and is none.
fn ca(value: &Given) -> Result<PathBuf, PlanError> {
    let path = value.at.resolve(Path::new(&value.line(4_096)?));
    let shown = crate::text::printable(&path.to_string_lossy(), 200);
    let bytes = read_limited(&path, MAX_CA_BYTES).map_err(|source| PlanError::Unreadable {
        setting: value.at.to_string(),
        path: shown,
        source,
    })?;
    let mut certificates = 0;
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        match certificate {
            Ok(_) => certificates += 1,
            Err(_) => return Err(value.bad("the file's PEM text is damaged")),
        }
    }
    if certificates == 0 {
        return Err(
            value.bad("the file has no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
        );
    }
    Ok(path)
}

fn proxy(value: &Given, env: Lookup<'_>) -> Result<String, PlanError> {
    let expanded = expand(&value.text, &value.at, env)?.text;
    let bad = |problem: &str| value.bad_as(&redact_text(&value.text), problem);
    let wanted = "must be a proxy's URL, such as http://localhost:3128";
    let (_, rest) = expanded.split_once("://").ok_or_else(|| bad(wanted))?;
    let url = Url::parse(&expanded).map_err(|_| bad(wanted))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("only http:// and https:// proxies are supported"));
    }
    if rest.starts_with('/') || url.host_str().is_none_or(str::is_empty) {
        return Err(bad(wanted));
    }
    Ok(expanded)
}

/// Refuses what cannot take effect together.
fn combine(
    given: &BTreeMap<&'static str, &Given>,
    config: &TransportConfig,
    https: bool,
) -> Result<(), PlanError> {
    let refuse = |key: &str, problem: &str| match given.get(key) {
        Some(value) if key == "ca" || key == "proxy" => Err(value.at.bad(problem)),
        Some(value) => Err(value.bad(problem)),
        None => Ok(()),
    };
    match config.http {
        HttpVersion::Http2 if !https => refuse(
            "http",
            "HTTP/2 over TLS needs an https:// URL; for HTTP/2 in clear text give h2c",
        )?,
        HttpVersion::H2c if https => refuse(
            "http",
            "HTTP/2 in clear text needs an http:// URL; for HTTP/2 over TLS give 2",
        )?,
        _ => {}
    }
    if !https {
        for key in ["ca", "tls_verify"] {
            refuse(key, "has no effect on an http:// URL; leave it out")?;
        }
    }
    let multiplexed = match config.http {
        HttpVersion::Http11 => None,
        HttpVersion::Auto if !https => None,
        HttpVersion::Auto => Some("on https:// the server may choose HTTP/2; add http=1.1"),
        HttpVersion::Http2 | HttpVersion::H2c => Some("HTTP/2 has no use for it; give http=1.1"),
    };
    if let Some(reason) = multiplexed {
        let reason = |what: &str| format!("{what}, and {reason}");
        refuse("max_connections", &reason("limits HTTP/1.1 connections"))?;
        if !config.keep_alive {
            refuse("keep_alive", &reason("is a matter of HTTP/1.1"))?;
        }
    }
    if !config.keep_alive {
        for key in ["pool", "pool_idle"] {
            refuse(
                key,
                "with keep_alive=false no connection is kept; leave one of the two out",
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::given::Given;
    use super::*;
    use proptest::prelude::*;

    /// A SPEC's configuration for a URL.
    pub(in crate::plan) fn read(spec: &str, url: &str) -> Result<TransportConfig, String> {
        let spec = Given::option("--transport-a", spec);
        let target = Url::parse(url).unwrap();
        TransportSettings::from_spec(&spec)
            .and_then(|settings| transport(Some(&settings), &target, &|_| None))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn impossible_combinations_are_refused_with_the_reason() {
        for (url, spec, part) in [
            (
                "http://h",
                "http=2",
                "--transport-a http=2: HTTP/2 over TLS needs an https:// URL; for HTTP/2 in clear text give h2c",
            ),
            ("https://h", "http=h2c", "needs an http:// URL"),
            (
                "http://h",
                "tls_verify=false",
                "no effect on an http:// URL",
            ),
            ("https://h", "ca=/no/such.pem", "cannot read /no/such.pem"),
            (
                "http://h",
                "keep_alive=false,pool=3",
                "no connection is kept",
            ),
            (
                "http://h",
                "keep_alive=false,pool_idle=3s",
                "no connection is kept",
            ),
            (
                "http://h",
                "keep_alive=false,http=h2c",
                "a matter of HTTP/1.1",
            ),
            ("https://h", "keep_alive=false", "add http=1.1"),
            ("https://h", "max_connections=3", "add http=1.1"),
            ("https://h", "max_connections=3,http=2", "give http=1.1"),
            ("http://h", "max_connections=3,http=h2c", "give http=1.1"),
            ("http://h", "max_connections=0", "from 1 to"),
            ("http://h", "pool=0", "from 1 to"),
            ("http://h", "pool_idle=0s", "above 0s"),
            ("http://h", "connect_timeout=0s", "above 0s"),
            ("http://h", "connect_timeout=5", "needs a unit"),
            (
                "http://h",
                "proxy=localhost:3128",
                "such as http://localhost:3128",
            ),
            ("http://h", "proxy=http://", "such as http://localhost:3128"),
            (
                "http://h",
                "proxy=socks5://h:1",
                "only http:// and https://",
            ),
            (
                "http://h",
                "engine=direct",
                "not available yet; use reqwest",
            ),
            ("http://h", "engine=curl", "must be reqwest"),
            ("http://h", "http=3", "must be auto, 1.1, 2 or h2c"),
            ("http://h", "nodelay=yes", "must be true or false"),
            (
                "http://h",
                "pools=3",
                "--transport-a: unknown key \"pools\" in a transport; did you mean \"pool\"?",
            ),
            ("http://h", "pool=3,pool=4", "given twice"),
            ("http://h", "", "key=value pairs"),
            ("http://h", "pool=3,", "key=value pairs"),
        ] {
            let error = read(spec, url).unwrap_err();
            assert!(error.contains(part), "{spec}: {error}");
        }
        let error = read("proxy=ftp://u:sesame@h", "http://h").unwrap_err();
        assert!(!error.contains("sesame"), "{error}");
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let spec = format!("ca={}", file.path().display());
        std::fs::write(file.path(), "no certificate").unwrap();
        let error = read(&spec, "https://h").unwrap_err();
        assert!(error.contains("no certificate in PEM form"), "{error}");
        let certificate = rcgen::generate_simple_self_signed(["h".to_owned()]).unwrap();
        std::fs::write(file.path(), certificate.cert.pem()).unwrap();
        assert_eq!(
            read(&spec, "https://h").unwrap().ca.as_deref(),
            Some(file.path())
        );
        let error = read(&spec, "http://h").unwrap_err();
        assert!(error.contains("no effect on an http:// URL"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), key in "(pool|http|proxy|connect_timeout)", value in any::<String>()) {
            let _ = read(&text, "http://h");
            let _ = read(&format!("{key}={value}"), "https://h");
        }
    }
}
