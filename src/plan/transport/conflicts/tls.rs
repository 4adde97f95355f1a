//! Settings of TLS that cannot take effect.

use super::Found;
use crate::plan::PlanError;
use crate::plan::transport::files::{self, Pair};
use crate::transport::{EngineKind, HttpVersion, Sni};
use std::path::Path;

const TLS: [&str; 9] = [
    "tls_verify",
    "roots",
    "ca",
    "cert",
    "key",
    "sni",
    "tls_min",
    "tls_max",
    "tls_resumption",
];

impl Found<'_> {
    pub(super) fn tls(&self) -> Result<(), PlanError> {
        let tls = &self.config.tls;
        if !self.https() {
            let known = if self.proxy_scheme() == Some("https") {
                // These are used with the proxy.
                &TLS[5..6]
            } else {
                &TLS[..]
            };
            self.refuse_all(known, "has no effect on an http:// URL; leave it out")?;
        }
        if !tls.verify {
            self.refuse_all(
                &["ca", "roots"],
                "has no effect with tls_verify=false, which trusts anyone; leave one of the two out",
            )?;
        }
        if tls.ca.is_some() {
            self.refuse(
                "roots",
                "has no effect with ca, which is trusted in their place; leave one of the two out",
            )?;
        }
        if tls.min > tls.max {
            return self.refuse(
                if self.has("tls_min") {
                    "tls_min"
                } else {
                    "tls_max"
                },
                format!(
                    "tls_min={} is above tls_max={}",
                    tls.min.name(),
                    tls.max.name()
                ),
            );
        }
        match (&tls.cert, &tls.key) {
            (None, Some(_)) => {
                self.refuse("key", "needs cert, the certificate that it belongs to")?;
            }
            (Some(cert), None) if !files::holds_key(cert) => {
                self.refuse("cert", "needs key: the file holds no private key")?;
            }
            (Some(cert), key) => self.pair(cert, key.as_deref())?,
            (None, None) => {}
        }
        if matches!(tls.sni, Sni::Name(_))
            && self.config.engine == EngineKind::Reqwest
            && self.config.http != HttpVersion::Http11
        {
            return self.refuse(
                "sni",
                "with engine=reqwest another name is possible over HTTP/1.1 only: HTTP/2 would send it as the host; add http=1.1",
            );
        }
        if matches!(tls.sni, Sni::Name(_))
            && self.proxy_scheme().is_some_and(|scheme| scheme != "socks5")
        {
            return self.refuse(
                "sni",
                "another name is not possible with proxy, which would be asked to connect to it; leave one of the two out, or \
                 give a socks5:// proxy",
            );
        }
        if tls.sni == Sni::Off && self.address().is_some() {
            return self.refuse(
                "sni",
                "has no effect: the URL's host is an address, and none is sent",
            );
        }
        Ok(())
    }

    /// Refuses a certificate and a key that are no pair.
    fn pair(&self, cert: &Path, key: Option<&Path>) -> Result<(), PlanError> {
        let at = if key.is_some() { "key" } else { "cert" };
        match files::pair(cert, key.unwrap_or(cert)) {
            Pair::Fits => Ok(()),
            Pair::Strange => self.refuse(
                at,
                "the private key does not belong to the certificate of cert",
            ),
            Pair::Unusable => {
                self.refuse(at, "the private key is of no kind that TLS can use here")
            }
        }
    }
}
