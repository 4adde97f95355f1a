//! Every key is taken, and what cannot take effect is refused.

mod contradictions;

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
        ("http://h", "max_connections=0", "from 1 to"),
        (
            "http://h",
            "pool=0",
            "--transport-a pool=0: keeps no connection, but keep_alive is true",
        ),
        (
            "http://h",
            "pool=0,keep_alive=true",
            "but keep_alive is true",
        ),
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
            "proxy=socks4://h:1",
            "proxies are http://, https://, socks5://",
        ),
        (
            "http://h",
            "engine=direct,http=h2c,h2_adaptive_window=true",
            "not possible with engine=direct",
        ),
        (
            "http://h",
            "engine=direct,proxy=http://p:1",
            "not possible with engine=direct",
        ),
        (
            "http://h",
            "engine=direct,compression=gzip",
            "not possible with engine=direct",
        ),
        ("http://h", "engine=curl", "must be reqwest or direct"),
        ("http://h", "http=1", "must be auto, 1.1, 2, h2c or 3"),
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

#[cfg(not(feature = "http3"))]
#[test]
fn a_build_without_http_3_says_so() {
    let error = read("http=3,engine=direct", "https://h").unwrap_err();
    assert!(
        error.starts_with("--transport-a http=3: this build does not speak HTTP/3"),
        "{error}"
    );
    assert!(error.contains("--features http3"), "{error}");
}

#[cfg(feature = "http3")]
#[test]
fn http_3_has_no_use_for_some_settings() {
    for (url, spec, part) in [
        ("http://h", "http=3,engine=direct", "needs an https:// URL"),
        ("https://h", "http=3", "add engine=direct"),
        ("https://h", "http=3,engine=reqwest", "add engine=direct"),
        ("https://h", "nodelay=false", "http=3 goes over UDP"),
        ("https://h", "tcp_keepalive=5s", "http=3 goes over UDP"),
        ("https://h", "unix_socket=a.sock", "http=3 goes over UDP"),
        ("https://h", "tls_max=1.2", "http=3 needs TLS 1.3"),
        ("https://h", "tls_min=1.2", "always TLS 1.3"),
        ("https://h", "tls_max=1.3", "always TLS 1.3"),
        ("https://h", "h2_ping=5s", "a matter of HTTP/2"),
        ("https://h", "h2_stream_window=70000", "a matter of HTTP/2"),
        ("https://h", "pool=3", "one connection carries all requests"),
        ("https://h", "at_limit=fail", "needs streams"),
        ("https://h", "compression=gzip", "not possible with http=3"),
        ("https://h", "proxy=http://p:1", "not possible with http=3"),
    ] {
        let whole = if spec.starts_with("http=3") {
            spec.to_owned()
        } else {
            format!("http=3,engine=direct,{spec}")
        };
        let error = read(&whole, url).unwrap_err();
        assert!(error.contains(part), "{spec}: {error}");
    }
    let all = "http=3,engine=direct,max_connections=4,streams=10,pool=2,pool_idle=5s,sni=other.example,roots=bundled,\
               local_address=127.0.0.1,resolve=127.0.0.1,tls_resumption=false,connect_timeout=1s";
    assert!(read(all, "https://h").is_ok());
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
        read(&spec, "https://h").unwrap().tls.ca.as_deref(),
        Some(file.path())
    );
    let error = read(&spec, "http://h").unwrap_err();
    assert!(error.contains("no effect on an http:// URL"), "{error}");
}

/// A value for each key that it takes, alone with a URL that it can take effect with.
fn samples(folder: &std::path::Path) -> Vec<(&'static str, String, &'static str)> {
    let certificate = rcgen::generate_simple_self_signed(["h".to_owned()]).unwrap();
    let (pem, key) = (
        certificate.cert.pem(),
        certificate.signing_key.serialize_pem(),
    );
    let [both, cert, alone] = ["both.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
    std::fs::write(&both, format!("{pem}{key}")).unwrap();
    std::fs::write(&cert, pem).unwrap();
    std::fs::write(&alone, key).unwrap();
    let shown = |path: &std::path::Path| path.display().to_string();
    let with_key = format!("{},cert={}", shown(&alone), shown(&cert));
    let of = |key, value: &str, url| (key, value.to_owned(), url);
    let (http, https) = ("http://h", "https://h");
    vec![
        of("engine", "direct", http),
        of("http", "h2c", http),
        of("keep_alive", "false", http),
        of("pool", "3", http),
        of("pool_idle", "3s", http),
        of("max_connections", "7", http),
        of("streams", "10,http=2", https),
        of("at_limit", "250ms,max_connections=7", http),
        of("connect_timeout", "1s", http),
        of("read_timeout", "1s", http),
        of("timeout", "1s", http),
        of("nodelay", "false", http),
        of("tcp_keepalive", "15s", http),
        of("local_address", "127.0.0.2", http),
        of("unix_socket", "/tmp/a.sock", http),
        of("resolve", "127.0.0.1", http),
        of("dns", "cached", http),
        of("tls_verify", "false", https),
        of("roots", "bundled", https),
        of("ca", &shown(&cert), https),
        of("cert", &shown(&both), https),
        ("key", with_key, https),
        of("sni", "other.example,http=1.1", https),
        of("tls_min", "1.3", https),
        of("tls_max", "1.2", https),
        of("tls_resumption", "false", https),
        of("proxy", "socks5h://127.0.0.1:1080", https),
        of("compression", "gzip", http),
        of("h2_stream_window", "65535,http=h2c", http),
        of("h2_connection_window", "65535,http=h2c", http),
        of("h2_adaptive_window", "true,http=h2c", http),
        of("h2_ping", "5s,http=h2c", http),
        of("h2_ping_timeout", "2s,h2_ping=5s,http=h2c", http),
    ]
}

#[test]
fn every_key_is_taken_and_said_again() {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples(folder.path());
    for setting in SETTINGS {
        let sample = samples.iter().find(|(key, ..)| *key == setting.key);
        let (key, value, url) = sample.unwrap_or_else(|| panic!("no sample of {}", setting.key));
        let spec = format!("{key}={value}");
        let config = read(&spec, url).unwrap_or_else(|error| panic!("{spec}: {error}"));
        let said = (setting.value)(&config).unwrap_or_else(|| panic!("{spec} is not said"));
        assert!(value.starts_with(&said), "{spec}: {said}");
    }
}

#[test]
fn values_out_of_bounds_are_refused() {
    for (spec, part) in [
        ("streams=0,http=h2c", "from 1 to"),
        (
            "at_limit=drop,max_connections=1",
            "must be wait, fail, or how long to wait",
        ),
        ("at_limit=0s,max_connections=1", "above 0s"),
        ("tcp_keepalive=500ms", "whole seconds"),
        ("tcp_keepalive=1500ms", "whole seconds"),
        ("local_address=localhost", "must be an IP address"),
        (
            "resolve=127.0.0.1:80",
            "must be an IP address without a port",
        ),
        ("dns=never", "must be connection or cached"),
        (
            "compression=lz4",
            "must be off, gzip, br, deflate, zstd or all",
        ),
        (
            "h2_stream_window=2147483648,http=h2c",
            "from 1 to 2,147,483,647",
        ),
        ("read_timeout=0s", "above 0s"),
        ("streams=1000001,http=h2c", "from 1 to 1,000,000"),
        ("proxy=socks5://p:1/path", "a path would have no effect"),
        ("proxy=http://p:1?x=1", "a path would have no effect"),
    ] {
        let error = read(spec, "http://h").unwrap_err();
        assert!(error.contains(part), "{spec}: {error}");
    }
    let long = format!("unix_socket=/{}", "x".repeat(200));
    assert!(read(&long, "http://h").unwrap_err().contains("103 bytes"));
    for sni in ["sni=127.0.0.1", "sni=-", "sni=a b"] {
        let error = read(&format!("{sni},http=1.1"), "https://h").unwrap_err();
        assert!(error.contains("must be a host's name"), "{sni}: {error}");
    }
}

#[test]
fn a_key_belongs_to_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let _ = samples(folder.path());
    let file = |name: &str| folder.path().join(name).display().to_string();
    let refused = |spec: String| read(&spec, "https://h").unwrap_err();
    let error = refused(format!("cert={}", file("cert.pem")));
    assert!(error.contains("cert: needs key"), "{error}");
    let error = refused(format!("key={}", file("key.pem")));
    assert!(error.contains("key: needs cert"), "{error}");
    let other = rcgen::generate_simple_self_signed(["h".to_owned()]).unwrap();
    let key = other.signing_key.serialize_pem();
    std::fs::write(folder.path().join("other.pem"), &key).unwrap();
    let both = format!("{}{key}", other.cert.pem());
    std::fs::write(folder.path().join("pair.pem"), both).unwrap();
    let error = refused(format!(
        "cert={},key={}",
        file("cert.pem"),
        file("other.pem")
    ));
    assert!(
        error.contains("key: the private key does not belong"),
        "{error}"
    );
    let pair = format!("cert={0},key={0}", file("pair.pem"));
    assert!(read(&pair, "https://h").is_ok());
    let strange = std::fs::read_to_string(folder.path().join("cert.pem")).unwrap();
    std::fs::write(folder.path().join("pair.pem"), format!("{strange}{key}")).unwrap();
    let error = refused(format!("cert={}", file("pair.pem")));
    assert!(
        error.contains("cert: the private key does not belong"),
        "{error}"
    );
    let error = refused(format!("cert={0},key={0}", file("cert.pem")));
    assert!(error.contains("no private key"), "{error}");
    let error = refused(format!("cert={0},key={0}", file("key.pem")));
    assert!(error.contains("no certificate"), "{error}");
}

#[test]
fn a_time_limit_that_the_loads_own_forestalls_is_refused() {
    for (spec, fits) in [
        ("timeout=29s", true),
        ("timeout=30s", false),
        ("read_timeout=40s", false),
        ("connect_timeout=30s", false),
        ("at_limit=30s,max_connections=2", false),
        ("at_limit=fail,max_connections=2", true),
    ] {
        let given = Given::option("--transport-b", spec);
        let settings = TransportSettings::from_spec(&given).unwrap();
        let target = Url::parse("http://h").unwrap();
        let config = transport(Some(&settings), &target, &|_| None).unwrap();
        let found = fits_timeout(Some(&settings), &config, Duration::from_secs(30));
        match found {
            Ok(()) => assert!(fits, "{spec}"),
            Err(error) => {
                assert!(!fits, "{spec}: {error}");
                let error = error.to_string();
                assert!(error.contains("the load's timeout of 30s"), "{error}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(
        text in any::<String>(),
        key in 0..SETTINGS.len(),
        value in any::<String>(),
    ) {
        let _ = read(&text, "http://h");
        let _ = read(&format!("{}={value}", SETTINGS[key].key), "https://h");
    }
}
