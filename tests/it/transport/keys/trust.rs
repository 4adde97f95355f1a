//! `tls_verify`, `roots`, `ca`, `cert`, `key`: who is trusted, and who the client says it is.

use super::{failing, one, trusting, with};
use crate::transport::certificates::{Authority, Identity, Terms, pem_file};
use crate::transport::server::Server;
use assert_cmd::Command;
use dragstrip::outcome::Outcome;
use dragstrip::transport::{HttpVersion, Roots, TransportConfig};
use serde_json::Value;

/// A server of that authority, its URL, and what became of the handshakes with it so far.
struct Guarded {
    server: Server,
    url: String,
}

impl Guarded {
    fn start(identity: &Identity, clients: Option<&Authority>) -> Guarded {
        let server = Server::start(Some(identity.serve(&Terms {
            clients,
            ..Terms::default()
        })));
        let url = format!("https://{}/ok", server.addr);
        Guarded { server, url }
    }

    /// The client is refused or refuses, and the server sees no request and why.
    async fn in_vain(&self, config: &TransportConfig, ours: &str, theirs: &str) {
        let (outcome, text) = failing(&self.url, config).await;
        assert_eq!(outcome, Outcome::Tls, "{text}");
        assert!(text.contains(ours), "{ours} is not in: {text}");
        self.server.seen.until_closed().await;
        let connection = self.server.seen.connections().pop().unwrap();
        assert_eq!(connection.served, 0);
        let said = connection.handshake.unwrap().unwrap_err();
        assert!(said.contains(theirs), "{theirs} is not in: {said}");
    }

    /// The client's certificate as the server has it.
    fn client(&self) -> Option<Vec<u8>> {
        let connection = self.server.seen.connections().pop().unwrap();
        connection.agreed().client.clone()
    }
}

#[tokio::test]
pub(super) async fn only_who_checks_is_choosy() {
    let authority = Authority::new();
    for identity in [
        authority.server(),
        authority.expired_server(),
        authority.server_named(&["other.invalid"]),
    ] {
        let guarded = Guarded::start(&identity, None);
        one(&guarded.url, &with(|config| config.tls.verify = false)).await;
        assert_eq!(guarded.server.seen.only().served, 1);
    }
    let guarded = Guarded::start(&authority.expired_server(), None);
    let config = trusting(&authority, |_| {});
    guarded
        .in_vain(&config, "expired", "CertificateExpired")
        .await;
}

#[tokio::test]
pub(super) async fn the_authorities_of_the_file_are_trusted_and_no_others() {
    let (ours, strangers) = (Authority::new(), Authority::new());
    let guarded = Guarded::start(&ours.server(), None);
    one(&guarded.url, &trusting(&ours, |_| {})).await;
    let config = trusting(&strangers, |_| {});
    guarded.in_vain(&config, "UnknownIssuer", "UnknownCA").await;
}

#[tokio::test]
pub(super) async fn the_bundled_authorities_do_not_know_ours() {
    let guarded = Guarded::start(&Authority::new().server(), None);
    let config = with(|config| config.tls.roots = Roots::Bundled);
    guarded.in_vain(&config, "UnknownIssuer", "UnknownCA").await;
}

#[test]
pub(super) fn the_systems_authorities_are_trusted_unless_the_bundled_ones_are_wanted() {
    let authority = Authority::new();
    let guarded = Guarded::start(&authority.server(), None);
    let outcomes = |transport: &str| {
        let run = Command::cargo_bin("dragstrip")
            .unwrap()
            // The file in which the system's authorities stand.
            .env("SSL_CERT_FILE", authority.file())
            .env_remove("SSL_CERT_DIR")
            .args(["run", "--no-preflight", "--a", &guarded.url])
            .args(["--transport-a", transport])
            .args(["--users", "1", "--think", "20ms", "--warmup", "0s"])
            .args(["--duration", "200ms", "--format", "json"])
            .assert();
        let snapshot: Value = serde_json::from_slice(&run.get_output().stdout).unwrap();
        let outcomes = &snapshot["variants"]["a"]["run"]["outcomes"];
        let names = outcomes.as_object().unwrap().keys().cloned();
        names.collect::<Vec<_>>()
    };
    assert_eq!(outcomes("roots=system"), ["ok"]);
    assert_eq!(outcomes("roots=bundled"), ["tls"]);
}

#[tokio::test]
pub(super) async fn the_server_sees_the_very_certificate_that_was_chosen() {
    let authority = Authority::new();
    let me = authority.client("me");
    let guarded = Guarded::start(&authority.server(), Some(&authority));
    for version in [HttpVersion::Http11, HttpVersion::Http2] {
        let config = trusting(&authority, |config| {
            config.http = version;
            config.tls.cert = Some(me.cert_file());
            config.tls.key = Some(me.key_file());
        });
        one(&guarded.url, &config).await;
        assert_eq!(guarded.client().as_deref(), Some(me.der()), "{version:?}");
    }
    // The key may stand in the same file.
    let read = |path| std::fs::read_to_string(path).unwrap();
    let both = read(me.cert_file()) + &read(me.key_file());
    let (_folder, both) = pem_file(&both);
    let config = trusting(&authority, |config| config.tls.cert = Some(both));
    one(&guarded.url, &config).await;
    assert_eq!(guarded.client().as_deref(), Some(me.der()));
}

#[tokio::test]
pub(super) async fn a_wrong_certificate_or_none_is_refused() {
    let (authority, strangers) = (Authority::new(), Authority::new());
    let guarded = Guarded::start(&authority.server(), Some(&authority));
    // Over HTTP/2 the engine does not say why the connection ended.
    let none = trusting(&authority, |config| config.http = HttpVersion::Http11);
    guarded
        .in_vain(&none, "CertificateRequired", "no certificates")
        .await;
    let stranger = strangers.client("me");
    let wrong = trusting(&authority, |config| {
        config.http = HttpVersion::Http11;
        config.tls.cert = Some(stranger.cert_file());
        config.tls.key = Some(stranger.key_file());
    });
    guarded.in_vain(&wrong, "UnknownCA", "UnknownIssuer").await;
    // Where none is demanded, none is shown.
    let open = Guarded::start(&authority.server(), None);
    one(&open.url, &wrong).await;
    assert_eq!(open.client(), None);
}
