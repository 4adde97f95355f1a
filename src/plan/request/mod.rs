//! The request: method, path, headers and body, from settings to a checked [`RequestTemplate`].

mod body;
mod jsonl;

pub(super) use body::MAX_BODY_BYTES;

use super::PlanError;
use super::given::Given;
use super::secrets::{self, Lookup, expand};
use super::settings::{GivenHeader, RequestSettings};
use super::target::basic;
use crate::content::Content;
use body::body;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// The request that both variants send, each to its own URL.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    /// The method.
    pub method: Method,
    /// What is appended to each variant's URL, query included; empty for nothing.
    pub path: String,
    /// The path as it may be shown and written: without what came from the environment, and without keys.
    pub shown_path: String,
    /// The headers; a value that must not be shown is marked as sensitive.
    pub headers: HeaderMap,
    /// The bodies.
    pub body: Content,
}

/// The request that the settings describe.
pub(super) fn request(
    settings: &RequestSettings,
    env: Lookup<'_>,
) -> Result<RequestTemplate, PlanError> {
    let values = &settings.values;
    let body = body(settings, env)?;
    let mut headers = HeaderMap::new();
    for given in &settings.headers {
        let (name, value) = header(given, env)?;
        headers.append(name, value);
    }
    let json = settings
        .is_json()
        .then(|| (CONTENT_TYPE, HeaderValue::from_static("application/json")));
    for (name, value) in settings.implied.iter().cloned().chain(json) {
        headers.entry(name).or_insert(value);
    }
    let method = match values.get("method") {
        Some(given) => method(given)?,
        None if body.is_some() => Method::POST,
        None => Method::GET,
    };
    let (path, shown_path) = match values.get("path") {
        Some(given) => path(given, settings.shown_path.as_deref(), env)?,
        None => (String::new(), String::new()),
    };
    Ok(RequestTemplate {
        method,
        path,
        shown_path,
        headers,
        body: body.unwrap_or_default(),
    })
}

/// A method in capitals, since that is what `post` means.
fn method(given: &Given) -> Result<Method, PlanError> {
    let method = Method::from_bytes(given.text.trim().to_ascii_uppercase().as_bytes())
        .map_err(|_| given.bad("not an HTTP method; usual ones are GET, POST, PUT and DELETE"))?;
    if method == Method::CONNECT {
        return Err(given.bad("CONNECT opens a tunnel and is no request to measure"));
    }
    Ok(method)
}

/// A path, and how it may be shown; `visible` in place of what was given, where not all of that is to be seen.
fn path(
    given: &Given,
    visible: Option<&str>,
    env: Lookup<'_>,
) -> Result<(String, String), PlanError> {
    let expanded = expand(&given.text, &given.at, env)?;
    let text = expanded.text.trim().to_owned();
    let visible = visible.unwrap_or(&given.text);
    let shown = secrets::redact_path(visible.trim());
    let bad = |problem: &str| given.bad_as(&secrets::redact_text(visible), problem);
    if text.split('?').next().unwrap_or_default().contains("://") {
        return Err(bad(
            "must be a path alone, such as /chat/completions; it is appended to each URL",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(bad("a path has no control characters"));
    }
    if text.contains('#') {
        return Err(bad("a path's part after # is never sent; leave it out"));
    }
    Ok((text, crate::text::printable(&shown, 300)))
}

fn header(given: &GivenHeader, env: Lookup<'_>) -> Result<(HeaderName, HeaderValue), PlanError> {
    let GivenHeader {
        at, name, value, ..
    } = given;
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        // Only the part that could be a name is repeated: the rest may be a key that has lost its place.
        let good: String = name
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
            .take(40)
            .collect();
        at.bad(format!(
            "the header name that begins \"{good}\" has a character that names cannot have; write 'Name: value'"
        ))
    })?;
    if [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(&parsed) {
        let instead = if parsed == CONNECTION {
            "use the transport's keep_alive"
        } else {
            "leave it out"
        };
        return Err(at.bad(format!(
            "{parsed} is set by the transport itself; {instead}"
        )));
    }
    let mut expanded = expand(value, at, env)?;
    if given.is_login {
        if !expanded.text.contains(':') {
            return Err(at.bad("must be a user and a password, user:password"));
        }
        expanded.text = basic(expanded.text.as_bytes());
    }
    let mut value = HeaderValue::from_bytes(expanded.text.as_bytes()).map_err(|_| {
        at.bad(format!(
            "the value of {parsed} has a line break or another control character, which no header can carry"
        ))
    })?;
    value.set_sensitive(expanded.from_environment || !secrets::is_harmless_header(parsed.as_str()));
    Ok((parsed, value))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{filed, planned};
    use super::*;

    fn options(options: &[&str]) -> Result<RequestTemplate, String> {
        let args: Vec<&str> = ["--a", "http://h"].iter().chain(options).copied().collect();
        planned(&args).map(|plan| plan.request)
    }

    #[test]
    fn a_body_makes_it_a_post() {
        let json = options(&["--json", r#"{"a" : 1.0}"#]).unwrap();
        assert_eq!(
            (json.method, &json.body.example()[..]),
            (Method::POST, &br#"{"a" : 1.0}"#[..])
        );
        assert_eq!(json.headers[CONTENT_TYPE], "application/json");
        let own = options(&["--json", "1", "--header", "Content-Type: text/x"]).unwrap();
        assert_eq!(own.headers[CONTENT_TYPE], "text/x");
        let empty = options(&["--body", "", "--method", "put"]).unwrap();
        assert_eq!((empty.method, empty.headers.len()), (Method::PUT, 0));
        let text = options(&["--body", "- ${KEY} $${KEY}"]).unwrap();
        assert_eq!(&text.body.example()[..], b"- sk-123 ${KEY}");
    }

    #[test]
    fn options_win_over_the_file() {
        let file = "[a]\nurl = 'http://h'\n[request]\nbody = 'x'\nheaders = { A = '1', B = '2' }\n";
        let options = ["--json", "[]", "--header", "a: 3", "--header", "a: 4"];
        let request = filed(file, &options).unwrap().request;
        assert_eq!(&request.body.example()[..], b"[]");
        let all: Vec<_> = request.headers.get_all("a").iter().collect();
        assert_eq!(all, ["3", "4"]);
        assert_eq!(request.headers["b"], "2");
    }

    #[test]
    fn json_in_toml_keeps_its_order_and_its_quotes() {
        let file = "[a]\nurl = 'http://h'\n[request.json]\nz = 1\na = [true, 0x10, 1.5, '${KEY}\"']\n\
                    [request.json.m]\nb = 1979-05-27\n";
        let request = filed(file, &[]).unwrap().request;
        let body = request.body.example();
        let body = std::str::from_utf8(&body).unwrap();
        assert_eq!(
            body,
            r#"{"z":1,"a":[true,16,1.5,"sk-123\""],"m":{"b":"1979-05-27"}}"#
        );
    }

    #[test]
    fn secrets_are_marked_and_never_repeated() {
        let headers = ["x-team: blue", "accept: a/b", "user-agent: ${KEY}"];
        let args: Vec<&str> = headers.iter().flat_map(|h| ["--header", h]).collect();
        let request = options(&args).unwrap();
        let sensitive = |name: &str| request.headers[name].is_sensitive();
        assert!(sensitive("x-team") && sensitive("user-agent") && !sensitive("accept"));
        for header in [
            "Bearer sesame",
            "Bearer sesame: x",
            "a: sesame\nb",
            ": sesame",
        ] {
            let error = options(&["--header", header]).unwrap_err();
            assert!(!error.contains("sesame"), "{error}");
        }
    }

    #[test]
    fn bad_requests_are_refused() {
        for (args, part) in [
            (
                &["--method", "GE T"][..],
                "--method 'GE T': not an HTTP method",
            ),
            (&["--method", "connect"], "opens a tunnel"),
            (&["--path", "http://h/x"], "a path alone"),
            (&["--path", "/x#y"], "never sent"),
            (&["--header", "a"], "number 1 has no ':'"),
            (&["--header", "a b: c"], "begins \"a\""),
            (&["--header", "a: ${NO_KEY}"], "NO_KEY is not set"),
            (
                &["--header", "Content-Length: 5"],
                "set by the transport itself",
            ),
            (&["--header", "Connection: close"], "keep_alive"),
            (
                &["--json", r#"{"a": }"#],
                "--json: not valid JSON: expected value at line 1 column 7",
            ),
            (&["--json", r#"{"${KEY}": }"#], "not valid JSON"),
            (
                &["--json", "1", "--body", "2"],
                "--json: the request has a body already (--body)",
            ),
            (
                &["--body", "1", "--body-file", "f"],
                "--body-file: the request has a body already",
            ),
            (
                &["--body-file", "/no/such"],
                "--body-file: cannot read /no/such",
            ),
        ] {
            let error = options(args).unwrap_err();
            assert!(error.contains(part), "{args:?}: {error}");
        }
    }

    #[test]
    fn files_in_a_plan_stand_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let plan = folder.path().join("p.toml");
        std::fs::write(folder.path().join("body.txt"), "hello").unwrap();
        std::fs::write(
            &plan,
            "[a]\nurl = 'http://h'\n[request]\nbody_file = 'body.txt'\n",
        )
        .unwrap();
        let plan = planned(&[plan.to_str().unwrap()]).unwrap();
        assert_eq!(
            (plan.title.as_str(), &plan.request.body.example()[..]),
            ("p.toml", &b"hello"[..])
        );
    }
}
