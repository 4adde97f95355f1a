//! Certificates, good and bad, all but one from the same authority.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What a server's certificate is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certificate {
    /// In order.
    Good,
    /// Valid until yesterday.
    Expired,
    /// Valid from tomorrow.
    NotYetValid,
    /// For another host.
    WrongHost,
    /// Signed by nobody but itself.
    SelfSigned,
    /// In order, but the server wants one of the client too.
    AsksForOne,
}

/// The authority, made once.
pub(super) struct Authority {
    /// Its certificate, in a file that clients trust.
    pub(super) file: tempfile::NamedTempFile,
    der: CertificateDer<'static>,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

pub(super) static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), certificate.pem()).unwrap();
    Authority {
        file,
        der: certificate.der().clone(),
        issuer: rcgen::Issuer::new(params, key),
    }
});

/// A server's side of TLS that offers `alpn`.
pub(super) fn server(certificate: Certificate, alpn: &[u8]) -> Arc<ServerConfig> {
    let host = match certificate {
        Certificate::WrongHost => "elsewhere.invalid",
        _ => "127.0.0.1",
    };
    let mut params = rcgen::CertificateParams::new(vec![host.to_owned()]).unwrap();
    let now = SystemTime::now();
    match certificate {
        Certificate::Expired => params.not_after = (now - DAY).into(),
        Certificate::SelfSigned => {
            params.distinguished_name = rcgen::DistinguishedName::new();
        }
        Certificate::NotYetValid => params.not_before = (now + DAY).into(),
        _ => {}
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = match certificate {
        Certificate::SelfSigned => params.self_signed(&key),
        _ => params.signed_by(&key, &AUTHORITY.issuer),
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if certificate == Certificate::AsksForOne {
        let mut roots = RootCertStore::empty();
        roots.add(AUTHORITY.der.clone()).unwrap();
        let asks = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(asks.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder
        .with_single_cert(vec![leaf.unwrap().der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![alpn.to_vec()];
    Arc::new(config)
}
