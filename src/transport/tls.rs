//! The TLS settings of a transport, made by us and not by the engine: the engine's own need the system's certificate
//! authorities even for http://, and fail where there are none.

use super::config::{HttpVersion, TransportConfig};
use super::error::TransportError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;

/// The client side of TLS for `config`. With `used` false (nothing but http:// is ever spoken) no certificate authorities are
/// looked for, and the result trusts nobody.
pub(crate) fn client_config(
    config: &TransportConfig,
    used: bool,
) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| TransportError::Client {
            reason: e.to_string(),
        })?;
    let mut tls = if config.tls_verify {
        let roots = match (&config.ca, used) {
            (_, false) => RootCertStore::empty(),
            (Some(path), true) => roots_from_file(path)?,
            (None, true) => roots_of_system()?,
        };
        builder.with_root_certificates(roots).with_no_client_auth()
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TrustAnyone(provider)))
            .with_no_client_auth()
    };
    let alpn: &[&[u8]] = match config.http {
        HttpVersion::Auto => &[b"h2", b"http/1.1"],
        HttpVersion::Http11 => &[b"http/1.1"],
        HttpVersion::Http2 | HttpVersion::H2c => &[b"h2"],
    };
    tls.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Ok(tls)
}

fn roots_from_file(path: &Path) -> Result<RootCertStore, TransportError> {
    let unusable = |reason: String| TransportError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| unusable(e.to_string()))? {
        let certificate = certificate.map_err(|e| unusable(e.to_string()))?;
        roots
            .add(certificate)
            .map_err(|e| unusable(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("it contains no certificate".to_owned()));
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

/// Accepts every certificate: `tls_verify=false`. Signatures of the handshake are not checked either.
#[derive(Debug)]
struct TrustAnyone(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAnyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
