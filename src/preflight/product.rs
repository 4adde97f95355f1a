//! What a `server` or `user-agent` header says of the program, without what may be each process's own.
//!
//! Names of hosts and numbers of instances stand in such headers, too: `edge-0`, `gw-7f3a/12345`. So a part of a name with a
//! digit in it is no name, what stands in parentheses is none, and a version has a point in it.

use std::collections::BTreeSet;

/// The product before the first space, with its version: `nginx/1.22.1`; `None` if nothing of it is a name.
pub(super) fn first(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?;
    let word = word.split('(').next()?;
    let (name, version) = word.split_once('/').unwrap_or((word, ""));
    let name = named(name)?;
    let version = version.trim_start_matches('v');
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (version, rest) = version.split_at(end.unwrap_or(version.len()));
    let is_version = version.contains('.') && (rest.is_empty() || rest.starts_with(['-', '+']));
    Some(if is_version {
        format!("{name}/{version}")
    } else {
        name
    })
}

/// The names of all products, without their versions.
pub(super) fn names(text: &str) -> BTreeSet<String> {
    let mut depth = 0_usize;
    let without_comments = text.chars().filter(|c| match c {
        '(' => {
            depth += 1;
            false
        }
        ')' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    });
    let text: String = without_comments.collect();
    let words = text.split_whitespace().enumerate();
    words
        // A word without a version is a product only where it stands alone or first.
        .filter(|(at, word)| *at == 0 || word.contains('/'))
        .filter_map(|(_, word)| named(word.split('/').next()?))
        .collect()
}

/// A name without its parts that hold digits.
fn named(name: &str) -> Option<String> {
    let parts = name.split(['-', '_', '.', ':', '@']);
    let words =
        parts.filter(|part| !part.is_empty() && !part.contains(|c: char| !c.is_ascii_alphabetic()));
    let name = words.collect::<Vec<_>>().join("-");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_its_first_product_and_version_without_an_instance() {
        for (text, kind) in [
            ("nginx/1.22.1", Some("nginx/1.22.1")),
            ("nginx/1.22.1 (Debian)", Some("nginx/1.22.1")),
            ("Python/3.11 aiohttp/3.9.1", Some("Python/3.11")),
            ("Microsoft-IIS/10.0", Some("Microsoft-IIS/10.0")),
            ("thing/v2.3.0-DEV@abc", Some("thing/2.3.0")),
            ("Jetty(9.4.1)", Some("Jetty")),
            ("uvicorn", Some("uvicorn")),
            ("edge-0", Some("edge")),
            ("gw-7f3a/12345", Some("gw")),
            ("gw/7f3a.9", Some("gw")),
            ("10.0.0.7:8080", None),
            ("", None),
        ] {
            assert_eq!(first(text).as_deref(), kind, "{text}");
        }
    }

    #[test]
    fn a_user_agent_is_the_names_of_its_products() {
        let of = |text| names(text).into_iter().collect::<Vec<_>>().join(" ");
        for (text, products) in [
            ("python-httpx/0.27.0", "python-httpx"),
            ("aiohttp/3.9.1 Python/3.11", "Python aiohttp"),
            ("Python/3.11 aiohttp/3.9.1", "Python aiohttp"),
            ("Mozilla/5.0 (X11; (a) b/1) Gecko/2 b7", "Gecko Mozilla"),
            ("gw-7f3a91/1.0 (instance 4711)", "gw"),
            ("gw 0a1b", "gw"),
            ("", ""),
        ] {
            assert_eq!(of(text), products, "{text}");
        }
    }
}
