//! Certificates for tests: an authority of its own, and what it has signed, good and bad, in memory and as PEM files.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{
    ALL_VERSIONS, ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion, version,
};

/// No two authorities of a test have the same name: one would be taken for a forgery of the other, not for a stranger.
static MADE: AtomicUsize = AtomicUsize::new(0);

/// A certificate authority that nobody knows but who is given its file.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    folder: TempDir,
}

/// A certificate that an authority has signed, with its key. The files live as long as this does.
pub(crate) struct Identity {
    der: CertificateDer<'static>,
    key: KeyPair,
    folder: TempDir,
}

/// What a server offers and asks for in the handshake; both versions, HTTP/2 before HTTP/1.1, and no client certificate unless
/// told otherwise.
pub(crate) struct Terms<'a> {
    /// The protocols it knows, the best first; empty for a server without ALPN.
    pub(crate) alpn: &'a [&'a str],
    pub(crate) versions: &'a [&'static SupportedProtocolVersion],
    /// Whose client certificates it accepts; it then demands one.
    pub(crate) clients: Option<&'a Authority>,
}

impl Default for Terms<'_> {
    fn default() -> Self {
        Terms {
            alpn: &["h2", "http/1.1"],
            versions: ALL_VERSIONS,
            clients: None,
        }
    }
}

/// For [`Terms::versions`].
pub(crate) const ONLY_TLS12: &[&SupportedProtocolVersion] = &[&version::TLS12];
/// For [`Terms::versions`].
pub(crate) const ONLY_TLS13: &[&SupportedProtocolVersion] = &[&version::TLS13];

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(
            DnType::CommonName,
            format!("authority {}", MADE.fetch_add(1, Relaxed)),
        );
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Authority {
            issuer: Issuer::new(params, key),
            der: certificate.der().clone(),
            folder,
        }
    }

    /// Its own certificate, as `ca` wants it.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A server on this machine, by address and by name.
    pub(crate) fn server(&self) -> Identity {
        self.server_named(&["127.0.0.1", "::1", "localhost"])
    }

    /// A server known by these names and addresses and by no others.
    pub(crate) fn server_named(&self, names: &[&str]) -> Identity {
        self.sign(names, ExtendedKeyUsagePurpose::ServerAuth, |_| {})
    }

    /// A server on this machine whose certificate ended years ago.
    pub(crate) fn expired_server(&self) -> Identity {
        self.sign(
            &["127.0.0.1", "localhost"],
            ExtendedKeyUsagePurpose::ServerAuth,
            |params| {
                params.not_before = date_time_ymd(2001, 1, 1);
                params.not_after = date_time_ymd(2002, 1, 1);
            },
        )
    }

    /// A client of this common name.
    pub(crate) fn client(&self, name: &str) -> Identity {
        self.sign(&[], ExtendedKeyUsagePurpose::ClientAuth, |params| {
            params.distinguished_name.push(DnType::CommonName, name);
        })
    }

    fn sign(
        &self,
        names: &[&str],
        purpose: ExtendedKeyUsagePurpose,
        change: impl Fn(&mut CertificateParams),
    ) -> Identity {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "server");
        params.extended_key_usages = vec![purpose];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cert.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        Identity {
            der: certificate.der().clone(),
            key,
            folder,
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        roots
    }
}

impl Identity {
    pub(crate) fn cert_file(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// The certificate's bytes, by which a server's record of a client is compared.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The server side of TLS with this certificate.
    pub(crate) fn serve(&self, terms: &Terms) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(terms.versions)
            .unwrap();
        let builder = match terms.clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let roots = Arc::new(clients.roots());
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let mut config = builder
            .with_single_cert(vec![self.der.clone()], self.private_key())
            .unwrap();
        config.alpn_protocols = terms.alpn.iter().map(|&name| name.into()).collect();
        config
    }

    /// The client side of TLS that shows this certificate and trusts `authority`.
    pub(crate) fn present(&self, authority: &Authority) -> ClientConfig {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(authority.roots())
            .with_client_auth_cert(vec![self.der.clone()], self.private_key())
            .unwrap()
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}

/// A PEM file of this content, for what no authority would write.
pub(crate) fn pem_file(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pem");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// An authority's server on this machine that knows these protocols, and the authority's file.
pub(crate) fn serving(alpn: &[&str]) -> (Authority, ServerConfig) {
    let authority = Authority::new();
    let terms = Terms {
        alpn,
        ..Terms::default()
    };
    let config = authority.server().serve(&terms);
    (authority, config)
}

#[test]
fn files_hold_what_their_names_say() {
    let authority = Authority::new();
    let client = authority.client("me");
    for (path, what) in [
        (authority.file(), "CERTIFICATE"),
        (client.cert_file(), "CERTIFICATE"),
        (client.key_file(), "PRIVATE KEY"),
    ] {
        let begin = format!("-----BEGIN {what}-----");
        assert!(read(&path).starts_with(&begin), "{}", path.display());
    }
    assert_ne!(client.der(), authority.client("me").der());
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
