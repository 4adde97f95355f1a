//! User names and passwords in URLs: sent as an `Authorization` header, never shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderValue;
use url::Url;

/// Takes the user name and password out of `url`: the value of the `Authorization` header that says the same.
pub(crate) fn take_login(url: &mut Url) -> Option<HeaderValue> {
    let user = decoded(url.username());
    let password = url.password().map(decoded);
    if user.is_empty() && password.is_none() {
        return None;
    }
    clear(url);
    let login = [user.as_slice(), b":", &password.unwrap_or_default()].concat();
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64.encode(login))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The URL as it may be shown: no user name, no password, no query (which may hold a key).
pub(crate) fn without_login(url: &Url) -> String {
    let mut shown = url.clone();
    clear(&mut shown);
    shown.set_query(None);
    crate::text::printable(shown.as_str(), 200)
}

fn clear(url: &mut Url) {
    // Both fail only for URLs without a host, which have no login.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// Undoes percent-encoding; unlike in forms, a plus is a plus.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.first_chunk::<2>().filter(|_| first == b'%');
        let escaped = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_becomes_a_header() {
        let mut url: Url = "http://us%40er:p+w%20d%zz@127.0.0.1:1/x".parse().unwrap();
        let login = take_login(&mut url).unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:1/x");
        let expected = format!("Basic {}", BASE64.encode("us@er:p+w d%zz"));
        assert_eq!(login, expected.as_str());
        assert!(login.is_sensitive());
        assert_eq!(take_login(&mut url), None);
    }

    #[test]
    fn what_is_shown_holds_no_secret() {
        let url: Url = "http://me:hunter2@h/p?key=hunter2".parse().unwrap();
        assert_eq!(without_login(&url), "http://h/p");
    }
}
