//! Secrets: taking them from the environment (`${NAME}`), and keeping them out of everything that is shown or written.

use super::PlanError;
use super::given::At;
use url::Url;

/// Looks a variable of the environment up. Injected, so that tests need no real one.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What stands where a secret was.
pub(super) const REDACTED: &str = "[redacted]";

/// A text with its variables filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The text to use; may hold secrets.
    pub(super) text: String,
    /// Whether anything came from the environment.
    pub(super) from_environment: bool,
}

/// Fills in each `${NAME}`; `$${` stands for `${` itself. Any other `$` is just that.
pub(super) fn expand(text: &str, at: &At, env: Lookup<'_>) -> Result<Expanded, PlanError> {
    let mut out = String::with_capacity(text.len());
    let mut from_environment = false;
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        if let Some(kept) = before.strip_suffix('$') {
            out.push_str(kept);
            out.push_str("${");
            rest = &reference[2..];
            continue;
        }
        out.push_str(before);
        let name = reference[2..].split('}').next().unwrap_or_default();
        // The name is repeated only when it is one: what stands here by mistake may be a secret.
        if !is_name(name) || !reference[2 + name.len()..].starts_with('}') {
            return Err(at.bad("\"${\" must be followed by a variable's name and \"}\"; write \"$${\" for the text itself"));
        }
        let value = env(name).ok_or_else(|| PlanError::Unset {
            setting: at.to_string(),
            name: name.to_owned(),
        })?;
        out.push_str(&value);
        from_environment = true;
        rest = &reference[name.len() + 3..];
    }
    out.push_str(rest);
    Ok(Expanded {
        text: out,
        from_environment,
    })
}

/// Letters, digits and underscores, not beginning with a digit.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= 200
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a header's value may be shown.
pub(super) fn is_harmless_header(name: &str) -> bool {
    ["content-type", "accept", "user-agent"]
        .iter()
        .any(|harmless| name.eq_ignore_ascii_case(harmless))
}

/// What was meant as a URL, without user name, password and the values of key-like query parameters.
///
/// It works on the text, because what is not a URL must not show its password either: whatever stands before the last `@`
/// goes, wherever that is.
pub(super) fn redact_text(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before
                .split_once("://")
                .filter(|(scheme, _)| scheme.chars().all(char::is_alphanumeric))
                .map_or_else(String::new, |(scheme, _)| format!("{scheme}://"));
            format!("{scheme}{}", redact_path(after))
        }
        None => redact_path(text),
    }
}

/// A URL without user name, password and the values of key-like query parameters.
pub(super) fn redact_url(url: &Url) -> String {
    let mut url = url.clone();
    // Neither can fail where there is anything to remove.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    redact_path(url.as_str())
}

/// A path without the values of key-like query parameters.
pub(super) fn redact_path(path: &str) -> String {
    match path.split_once('?') {
        Some((path, query)) => format!("{path}?{}", redact_query(query)),
        None => path.to_owned(),
    }
}

/// A query string without the values of key-like parameters.
fn redact_query(query: &str) -> String {
    let parts: Vec<String> = query
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name, _)) if is_key_like(name) => format!("{name}={REDACTED}"),
            Some(_) => part.to_owned(),
            // A bare word may be a key itself; there is no telling.
            None if part.is_empty() => String::new(),
            None => REDACTED.to_owned(),
        })
        .collect();
    parts.join("&")
}

/// Whether what has this name is probably a secret.
pub(super) fn is_key_like(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "key", "token", "secret", "pass", "auth", "sig", "cred", "session", "pwd", "code",
    ]
    .iter()
    .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn env(name: &str) -> Option<String> {
        (name == "KEY").then(|| "sk-1".to_owned())
    }

    fn expanded(text: &str) -> Result<String, String> {
        expand(text, &At::option("--header"), &env)
            .map(|expanded| expanded.text)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn variables_are_filled_in() {
        for (text, out) in [
            ("Bearer ${KEY}", "Bearer sk-1"),
            ("${KEY}${KEY}x", "sk-1sk-1x"),
            ("$${KEY}", "${KEY}"),
            ("a $5 $KEY {x} $", "a $5 $KEY {x} $"),
        ] {
            assert_eq!(expanded(text).as_deref(), Ok(out), "{text}");
        }
    }

    #[test]
    fn an_unset_variable_is_named_with_its_place() {
        assert_eq!(
            expanded("Bearer ${NO_KEY}").unwrap_err(),
            "--header: the environment variable NO_KEY is not set; set it, or write $${NO_KEY} for the text itself"
        );
        for broken in ["${", "${}", "${A", "${a b}", "${sk-secret}", "${1}"] {
            let error = expanded(broken).unwrap_err();
            assert!(
                error.contains("must be followed") && !error.contains("secret"),
                "{broken}: {error}"
            );
        }
    }

    #[test]
    fn urls_are_shown_without_secrets() {
        for (url, shown) in [
            ("http://h:1/v1", "http://h:1/v1"),
            ("http://user:pw@h:1/v1", "http://h:1/v1"),
            (
                "http://h/?api-key=x&v=1&TOKEN=y",
                "http://h/?api-key=[redacted]&v=1&TOKEN=[redacted]",
            ),
            ("/chat?sk-123", "/chat?[redacted]"),
            ("http://h/?", "http://h/?"),
        ] {
            assert_eq!(redact_text(url), shown);
            if let Ok(url) = Url::parse(url) {
                assert_eq!(redact_url(&url), shown);
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>(), dollars in "[${}KEY]{0,20}") {
            let _ = expanded(&text);
            let _ = expanded(&dollars);
            let _ = redact_text(&text);
        }

        #[test]
        fn a_password_is_never_shown(password in "[a-z/:@?#=&]{0,8}zz9[a-z/:@?#=&]{0,8}", host in "[a-y]{1,8}") {
            let shown = redact_text(&format!("http://user:{password}@{host}/"));
            prop_assert!(!shown.contains("zz9"), "{}", shown);
        }
    }
}
