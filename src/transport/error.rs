//! Why a transport cannot be set up. Everything here is known before the first request is sent.

use std::path::PathBuf;

/// A transport that cannot be built. Each message says what is wrong, where, and what to do. None shows a password.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The URL's scheme is not one that can be spoken.
    #[error("cannot send requests to {url}: the URL must begin with http:// or https://")]
    Scheme {
        /// The URL without user name and password.
        url: String,
    },
    /// `http=2` with an http:// URL.
    #[error(
        "http=2 is HTTP/2 over TLS and {url} is not https://; use http=h2c for HTTP/2 in clear text"
    )]
    Http2NeedsTls {
        /// The URL without user name and password.
        url: String,
    },
    /// `http=h2c` with an https:// URL.
    #[error("http=h2c is HTTP/2 in clear text and {url} is https://; use http=2")]
    H2cNeedsClearText {
        /// The URL without user name and password.
        url: String,
    },
    /// `http=3` with an http:// URL.
    #[error("http=3 is always encrypted and {url} is not https://; use http=1.1 or h2c")]
    Http3NeedsTls {
        /// The URL without user name and password.
        url: String,
    },
    /// `http=3` with an engine that does not speak it.
    #[error("http=3 is spoken by engine=direct only; add engine=direct")]
    Http3Engine,
    /// `http=3` in a build that does not speak it.
    #[error("this build does not speak HTTP/3; build it with --features http3")]
    Http3NotBuilt,
    /// Fewer connections than load threads.
    #[error(
        "max_connections={limit} cannot be shared among {threads} load threads; use --threads {limit} or a higher limit"
    )]
    ShareIsEmpty {
        /// The limit, a total over all threads.
        limit: usize,
        /// Load threads.
        threads: usize,
    },
    /// https:// and no certificate authorities on this machine.
    #[error(
        "no certificate authorities found on this system ({detail}), so no https:// server can be trusted; \
         name a PEM file with ca=FILE, or use tls_verify=false"
    )]
    NoSystemCertificates {
        /// What was found in their place.
        detail: String,
    },
    /// A file of certificates or keys cannot be used.
    #[error("cannot use the file {}: {reason}; ca, cert and key take files in PEM format", path.display())]
    PemFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The proxy's URL cannot be used.
    #[error(
        "cannot use the proxy {proxy}: {reason}; write proxy=http://HOST:PORT or proxy=socks5://HOST:PORT"
    )]
    Proxy {
        /// The proxy's URL without its password.
        proxy: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client itself refused its settings.
    #[error("cannot set up the HTTP client: {reason}")]
    Client {
        /// The client's own words.
        reason: String,
    },
}
