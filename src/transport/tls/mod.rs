//! The TLS settings of a transport, made by us and not by the engine: the engine's own need the system's certificate
//! authorities even for http://, and fail where there are none. What a handshake agrees on is noted on the way.

mod sessions;
mod suites;
mod verifiers;

use super::config::{HttpVersion, Roots, Sni, TlsVersion, TransportConfig};
use super::error::TransportError;
use rustls::client::{Resumption, Tls12Resumption, WebPkiServerVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use std::path::Path;
use std::sync::Arc;

/// The client side of TLS for `config`. With `used` false (nothing but http:// is ever spoken) no certificate authorities are
/// looked for, and the result trusts nobody.
pub(crate) fn client_config(
    config: &TransportConfig,
    used: bool,
) -> Result<ClientConfig, TransportError> {
    let unusable = |reason: String| TransportError::Client { reason };
    let provider = suites::provider();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(config))
        .map_err(|e| unusable(e.to_string()))?
        .dangerous();
    let builder = if !config.tls.verify {
        builder.with_custom_certificate_verifier(Arc::new(verifiers::Anyone(provider)))
    } else if used {
        let roots = Arc::new(roots(config)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider)
            .build()
            .map_err(|e| unusable(e.to_string()))?;
        builder.with_custom_certificate_verifier(Arc::new(verifiers::Checked(verifier)))
    } else {
        // Asked by nobody.
        let nobody = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions(config))
            .map_err(|e| unusable(e.to_string()))?
            .with_root_certificates(RootCertStore::empty());
        return Ok(nobody.with_no_client_auth());
    };
    let mut tls = match &config.tls.cert {
        None => builder.with_no_client_auth(),
        Some(cert) => {
            let key = config.tls.key.as_ref().unwrap_or(cert);
            builder
                .with_client_auth_cert(certificates(cert)?, private_key(key)?)
                .map_err(|e| bad_file(key, &e.to_string()))?
        }
    };
    let alpn: &[&[u8]] = match config.http {
        HttpVersion::Auto => &[b"h2", b"http/1.1"],
        HttpVersion::Http11 => &[b"http/1.1"],
        HttpVersion::Http2 | HttpVersion::H2c => &[b"h2"],
        HttpVersion::Http3 => &[b"h3"],
    };
    tls.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    tls.enable_sni = config.tls.sni != Sni::Off;
    let resumption = Resumption::store(Arc::new(sessions::Sessions::new(config.tls.resumption)));
    tls.resumption = if config.tls.resumption {
        resumption
    } else {
        resumption.tls12_resumption(Tls12Resumption::Disabled)
    };
    Ok(tls)
}

fn versions(config: &TransportConfig) -> Vec<&'static SupportedProtocolVersion> {
    if config.http == HttpVersion::Http3 {
        // QUIC has no other (RFC 9001, 4.2).
        return vec![&version::TLS13];
    }
    let allowed = config.tls.min..=config.tls.max;
    [
        (TlsVersion::V13, &version::TLS13),
        (TlsVersion::V12, &version::TLS12),
    ]
    .into_iter()
    .filter(|(version, _)| allowed.contains(version))
    .map(|(_, supported)| supported)
    .collect()
}

fn roots(config: &TransportConfig) -> Result<RootCertStore, TransportError> {
    match (&config.tls.ca, config.tls.roots) {
        (Some(path), _) => roots_from_file(path),
        (None, Roots::System) => roots_of_system(),
        (None, Roots::Bundled) => Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()),
    }
}

fn bad_file(path: &Path, reason: &str) -> TransportError {
    TransportError::PemFile {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(|e| bad_file(path, &e.to_string()))?
        .collect();
    let found = found.map_err(|e| bad_file(path, &e.to_string()))?;
    if found.is_empty() {
        return Err(bad_file(path, "it contains no certificate"));
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TransportError> {
    PrivateKeyDer::from_pem_file(path).map_err(|e| bad_file(path, &e.to_string()))
}

fn roots_from_file(path: &Path) -> Result<RootCertStore, TransportError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|e| bad_file(path, &e.to_string()))?;
    }
    Ok(roots)
}

fn roots_of_system() -> Result<RootCertStore, TransportError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Systems carry certificates that rustls cannot parse; the others are what counts.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let detail = match found.errors.first() {
            Some(error) => error.to_string(),
            None => "none installed".to_owned(),
        };
        return Err(TransportError::NoSystemCertificates { detail });
    }
    Ok(roots)
}
