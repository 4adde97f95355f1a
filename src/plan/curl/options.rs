//! curl's options: what is done with each, or why it cannot be done.
//!
//! What holds always: an option that stands in no row is an error; one that changes nothing of what is sent, or of what is
//! measured, is taken silently; no other is.

/// One option of curl.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Without the dashes; empty where there is none.
    pub(super) long: &'static str,
    /// Without the dash.
    pub(super) short: Option<char>,
    /// What it does, with a value or without.
    pub(super) means: Means,
}

/// What becomes of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// It is honoured; there is no value.
    Switch(Switch),
    /// It is honoured, with its value.
    Value(Value),
    /// It matters to curl's own output alone, or is so anyway. `true`: it has a value.
    Nothing(bool),
    /// It cannot be honoured, and a reader of the figures is told so. `true`: it has a value.
    Told(bool, &'static str),
    /// It cannot be honoured, and nothing starts; what to do instead.
    Refused(&'static str),
}

/// Options without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    Get,
    Head,
    /// Braces and brackets in the URL stand for themselves.
    GlobsOff,
    Insecure,
    Compressed,
    Http(Version),
}

/// Versions of HTTP as curl asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
    TwoAtOnce,
    Three,
}

/// Options with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Url,
    Request,
    Header,
    Agent,
    Referer,
    Cookie,
    Range,
    User,
    Bearer,
    Data(Data),
    ConnectTimeout,
    MaxTime,
}

/// The kinds of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// `@FILE` is read, without its line ends.
    Text,
    /// `@FILE` is read as it is.
    Binary,
    /// `@` stands for itself.
    Raw,
    /// A part of a form, to be encoded.
    Encoded,
    /// As [`Data::Binary`]; it is JSON, and so is the answer.
    Json,
}

/// The option of that name, without dashes.
pub(super) fn long(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.long == name)
}

/// The option of that letter.
pub(super) fn short(letter: char) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.short == Some(letter))
}

/// All long names, to find the nearest one.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter()
        .map(|row| row.long)
        .filter(|long| !long.is_empty())
}

const fn row(long: &'static str, short: Option<char>, means: Means) -> Row {
    Row { long, short, means }
}

const REDIRECTS: &str = "redirects are not followed: an answer that is one counts as a failure";
const RETRIES: &str = "nothing is retried";
const FORM: &str =
    "write the body to a file, and give it with --data-binary @FILE and its content-type";
const LOGIN: &str = "only Basic (-u) and Bearer logins are made; write the header out with -H";
const TRANSPORT: &str = "say it with --transport-a and --transport-b: see dragstrip run --help";

const ROWS: &[Row] = &[
    row("url", None, Means::Value(Value::Url)),
    row("request", Some('X'), Means::Value(Value::Request)),
    row("header", Some('H'), Means::Value(Value::Header)),
    row("user-agent", Some('A'), Means::Value(Value::Agent)),
    row("referer", Some('e'), Means::Value(Value::Referer)),
    row("cookie", Some('b'), Means::Value(Value::Cookie)),
    row("range", Some('r'), Means::Value(Value::Range)),
    row("user", Some('u'), Means::Value(Value::User)),
    row("oauth2-bearer", None, Means::Value(Value::Bearer)),
    row("data", Some('d'), Means::Value(Value::Data(Data::Text))),
    row("data-ascii", None, Means::Value(Value::Data(Data::Text))),
    row("data-binary", None, Means::Value(Value::Data(Data::Binary))),
    row("data-raw", None, Means::Value(Value::Data(Data::Raw))),
    row(
        "data-urlencode",
        None,
        Means::Value(Value::Data(Data::Encoded)),
    ),
    row("json", None, Means::Value(Value::Data(Data::Json))),
    row("connect-timeout", None, Means::Value(Value::ConnectTimeout)),
    row("max-time", Some('m'), Means::Value(Value::MaxTime)),
    row("get", Some('G'), Means::Switch(Switch::Get)),
    row("head", Some('I'), Means::Switch(Switch::Head)),
    row("globoff", Some('g'), Means::Switch(Switch::GlobsOff)),
    row("insecure", Some('k'), Means::Switch(Switch::Insecure)),
    row("compressed", None, Means::Switch(Switch::Compressed)),
    row("http1.1", None, Means::Switch(Switch::Http(Version::One))),
    row("http2", None, Means::Switch(Switch::Http(Version::Two))),
    row(
        "http2-prior-knowledge",
        None,
        Means::Switch(Switch::Http(Version::TwoAtOnce)),
    ),
    row("http3", None, Means::Switch(Switch::Http(Version::Three))),
    row(
        "http3-only",
        None,
        Means::Switch(Switch::Http(Version::Three)),
    ),
    // What curl shows and writes.
    row("silent", Some('s'), Means::Nothing(false)),
    row("show-error", Some('S'), Means::Nothing(false)),
    row("verbose", Some('v'), Means::Nothing(false)),
    row("include", Some('i'), Means::Nothing(false)),
    row("show-headers", None, Means::Nothing(false)),
    row("fail", Some('f'), Means::Nothing(false)),
    row("fail-with-body", None, Means::Nothing(false)),
    row("fail-early", None, Means::Nothing(false)),
    row("progress-bar", Some('#'), Means::Nothing(false)),
    row("progress-meter", None, Means::Nothing(false)),
    row("buffer", None, Means::Nothing(false)),
    row("", Some('N'), Means::Nothing(false)),
    row("styled-output", None, Means::Nothing(false)),
    row("output", Some('o'), Means::Nothing(true)),
    row("output-dir", None, Means::Nothing(true)),
    row("create-dirs", None, Means::Nothing(false)),
    row("remote-name", Some('O'), Means::Nothing(false)),
    row("remote-header-name", Some('J'), Means::Nothing(false)),
    row("remote-time", Some('R'), Means::Nothing(false)),
    row("write-out", Some('w'), Means::Nothing(true)),
    row("dump-header", Some('D'), Means::Nothing(true)),
    row("stderr", None, Means::Nothing(true)),
    row("trace", None, Means::Nothing(true)),
    row("trace-ascii", None, Means::Nothing(true)),
    row("trace-time", None, Means::Nothing(false)),
    row(
        "max-filesize",
        None,
        Means::Refused("answers are read to their end; leave it out"),
    ),
    // What is so anyway.
    row("disable", Some('q'), Means::Nothing(false)),
    row("basic", None, Means::Nothing(false)),
    row("tcp-nodelay", None, Means::Nothing(false)),
    row("alpn", None, Means::Nothing(false)),
    row("tlsv1.2", None, Means::Nothing(false)),
    row("tlsv1", Some('1'), Means::Nothing(false)),
    row("keepalive", None, Means::Nothing(false)),
    row("ssl-no-revoke", None, Means::Nothing(false)),
    row("ssl-revoke-best-effort", None, Means::Nothing(false)),
    row("proto", None, Means::Nothing(true)),
    row("proto-redir", None, Means::Nothing(true)),
    // What a reader of the figures must know.
    row("location", Some('L'), Means::Told(false, REDIRECTS)),
    row("location-trusted", None, Means::Told(false, REDIRECTS)),
    row("max-redirs", None, Means::Told(true, REDIRECTS)),
    row("post301", None, Means::Told(false, REDIRECTS)),
    row("post302", None, Means::Told(false, REDIRECTS)),
    row("post303", None, Means::Told(false, REDIRECTS)),
    row("retry", None, Means::Told(true, RETRIES)),
    row("retry-delay", None, Means::Told(true, RETRIES)),
    row("retry-max-time", None, Means::Told(true, RETRIES)),
    row("retry-connrefused", None, Means::Told(false, RETRIES)),
    row("retry-all-errors", None, Means::Told(false, RETRIES)),
    // What makes another request.
    row("form", Some('F'), Means::Refused(FORM)),
    row("form-string", None, Means::Refused(FORM)),
    row(
        "upload-file",
        Some('T'),
        Means::Refused("give the file with -X PUT --data-binary @FILE"),
    ),
    row("digest", None, Means::Refused(LOGIN)),
    row("ntlm", None, Means::Refused(LOGIN)),
    row("negotiate", None, Means::Refused(LOGIN)),
    row("anyauth", None, Means::Refused(LOGIN)),
    row("aws-sigv4", None, Means::Refused(LOGIN)),
    row(
        "netrc",
        Some('n'),
        Means::Refused("write the user and the password out with -u"),
    ),
    row(
        "netrc-file",
        None,
        Means::Refused("write the user and the password out with -u"),
    ),
    row(
        "cookie-jar",
        Some('c'),
        Means::Refused("cookies that a server sets are not kept; leave it out"),
    ),
    row(
        "next",
        Some(':'),
        Means::Refused("there is one request only; give the others' commands on their own"),
    ),
    row(
        "parallel",
        Some('Z'),
        Means::Refused("say how many at once with --users"),
    ),
    row("config", Some('K'), Means::Refused("write its options out")),
    row(
        "request-target",
        None,
        Means::Refused("put it into the URL"),
    ),
    row(
        "path-as-is",
        None,
        Means::Refused("dots in a path are always resolved; leave it out"),
    ),
    row(
        "continue-at",
        Some('C'),
        Means::Refused("say it with -r, or leave it out"),
    ),
    row(
        "time-cond",
        Some('z'),
        Means::Refused("write the header if-modified-since out with -H"),
    ),
    row(
        "http1.0",
        Some('0'),
        Means::Refused("HTTP/1.0 is not spoken; leave it out"),
    ),
    row(
        "http0.9",
        None,
        Means::Refused("HTTP/0.9 is not spoken; leave it out"),
    ),
    row(
        "limit-rate",
        None,
        Means::Refused("say how many requests a second with --rate"),
    ),
    // What the transport says.
    row(
        "proxy",
        Some('x'),
        Means::Refused("say it with --transport-a proxy=URL, and --transport-b likewise"),
    ),
    row(
        "proxy-user",
        Some('U'),
        Means::Refused("put it into the URL of --transport-a proxy=URL"),
    ),
    row(
        "cacert",
        None,
        Means::Refused("say it with --transport-a ca=FILE, and --transport-b likewise"),
    ),
    row(
        "cert",
        Some('E'),
        Means::Refused("say it with --transport-a cert=FILE, and --transport-b likewise"),
    ),
    row(
        "key",
        None,
        Means::Refused("say it with --transport-a key=FILE, and --transport-b likewise"),
    ),
    row(
        "resolve",
        None,
        Means::Refused("say it with --transport-a resolve=ADDRESS, and --transport-b likewise"),
    ),
    row(
        "connect-to",
        None,
        Means::Refused("say it with --transport-a resolve=ADDRESS, and --transport-b likewise"),
    ),
    row(
        "unix-socket",
        None,
        Means::Refused("say it with --transport-a unix_socket=PATH, and --transport-b likewise"),
    ),
    row(
        "interface",
        None,
        Means::Refused(
            "say it with --transport-a local_address=ADDRESS, and --transport-b likewise",
        ),
    ),
    row(
        "keepalive-time",
        None,
        Means::Refused("say it with --transport-a tcp_keepalive=TIME, and --transport-b likewise"),
    ),
    row(
        "tlsv1.3",
        None,
        Means::Refused("say it with --transport-a tls_min=1.3, and --transport-b likewise"),
    ),
    row(
        "tls-max",
        None,
        Means::Refused("say it with --transport-a tls_max=VERSION, and --transport-b likewise"),
    ),
    row(
        "ipv4",
        Some('4'),
        Means::Refused("say it with --transport-a resolve=ADDRESS, and --transport-b likewise"),
    ),
    row(
        "ipv6",
        Some('6'),
        Means::Refused("say it with --transport-a resolve=ADDRESS, and --transport-b likewise"),
    ),
    row(
        "no-sessionid",
        None,
        Means::Refused(
            "say it with --transport-a tls_resumption=false, and --transport-b likewise",
        ),
    ),
    row("no-alpn", None, Means::Refused("say it with --http1.1")),
    row("ciphers", None, Means::Refused(TRANSPORT)),
    row("cert-type", None, Means::Refused(TRANSPORT)),
    row("pass", None, Means::Refused(TRANSPORT)),
    row("capath", None, Means::Refused(TRANSPORT)),
    row(
        "noproxy",
        None,
        Means::Refused("proxy variables of the environment are ignored anyway; leave it out"),
    ),
    row("help", Some('h'), Means::Refused("it makes no request")),
    row("version", Some('V'), Means::Refused("it makes no request")),
    row("manual", Some('M'), Means::Refused("it makes no request")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_option_has_one_row() {
        let longs: Vec<&str> = names().collect();
        let letters: Vec<char> = ROWS.iter().filter_map(|row| row.short).collect();
        assert_eq!(longs.iter().collect::<BTreeSet<_>>().len(), longs.len());
        assert_eq!(letters.iter().collect::<BTreeSet<_>>().len(), letters.len());
        assert!(short('d').is_some_and(|row| row.long == "data"));
        assert!(long("dataset").is_none());
    }
}
