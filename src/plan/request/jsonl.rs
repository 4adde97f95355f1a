//! Bodies from a file, one JSON value a line.
//!
//! What holds always: a line goes out byte for byte, without what ends it, but for placeholders; every error names the line;
//! the file is read a line at a time, and what is kept is bounded.

use super::MAX_BODY_BYTES;
use crate::content::{Choice, Content, Template};
use crate::plan::PlanError;
use crate::plan::given::Given;
use crate::text::{count, printable};
use serde::de::IgnoredAny;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The largest file.
const MAX_BYTES: u64 = 256 << 20;
/// Bodies of one file at most.
const MAX_BODIES: usize = 1_000_000;
/// What some editors put before the first line.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The bodies of a file, to be taken in an order.
pub(super) fn bodies(given: &Given, order: Option<&Given>) -> Result<Content, PlanError> {
    let choice = match order {
        Some(order) => order.choice(&[
            ("cycle", Choice::Cycle),
            ("sample", Choice::Sample { seed: 0 }),
        ])?,
        None => Choice::Cycle,
    };
    let path = given.at.resolve(Path::new(&given.text));
    let shown = printable(&path.to_string_lossy(), 200);
    let read = File::open(&path).and_then(|file| lines(BufReader::new(file)));
    let found = read.map_err(|source| PlanError::Unreadable {
        setting: given.at.to_string(),
        path: shown.clone(),
        source,
    })?;
    let mut templates = found.map_err(|(line, problem)| {
        let place = line.map_or_else(|| shown.clone(), |line| format!("{shown}:{line}"));
        given.at.bad(format!("{place}: {problem}"))
    })?;
    Ok(match &templates[..] {
        [_] => templates.remove(0).into(),
        _ => Content::of(templates, choice),
    })
}

/// What is wrong, and in which line, from 1.
type Wrong = (Option<usize>, String);

/// A template for each line that is not blank. The outer error is one of reading.
fn lines(mut file: impl BufRead) -> io::Result<Result<Vec<Template>, Wrong>> {
    let mut templates = Vec::new();
    let mut bytes = 0;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        // One byte too many is enough to know.
        let room = MAX_BYTES + 1 - bytes;
        let read = file.by_ref().take(room).read_until(b'\n', &mut line)? as u64;
        bytes += read;
        if read == 0 {
            break;
        }
        if bytes > MAX_BYTES {
            let problem = format!("the file has more than {} bytes", count(MAX_BYTES));
            return Ok(Err((None, problem)));
        }
        match template(&line, number == 1) {
            Ok(None) => {}
            Ok(Some(_)) if templates.len() == MAX_BODIES => {
                let problem = format!("the file has more than {} lines", count(MAX_BODIES as u64));
                return Ok(Err((None, problem)));
            }
            Ok(Some(template)) => templates.push(template),
            Err(problem) => return Ok(Err((Some(number), problem))),
        }
    }
    if templates.is_empty() {
        let problem = "the file has no bodies: each line must be a JSON value".to_owned();
        return Ok(Err((None, problem)));
    }
    Ok(Ok(templates))
}

/// The template that a line makes; `None` for a blank one.
fn template(line: &[u8], first: bool) -> Result<Option<Template>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "is not UTF-8 text".to_owned())?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let text = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) if first => rest,
        _ => text,
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let template = Template::parse(text).map_err(|error| error.to_string())?;
    // Placeholders may stand where a number may.
    let checked = match template.fixed() {
        Some(text) => serde_json::from_str::<IgnoredAny>(text),
        None => serde_json::from_slice::<IgnoredAny>(&template.example()),
    };
    checked.map_err(|error| {
        let problem = error.to_string();
        let problem = problem.replace(&format!(" at line 1 column {}", error.column()), "");
        match template.fixed() {
            Some(_) => format!("not valid JSON: {problem} at character {}", error.column()),
            // Columns of an example say nothing about the line.
            None => format!("not valid JSON: {problem}"),
        }
    })?;
    if template.longest() > MAX_BODY_BYTES {
        return Err("the body must have at most 64 MiB".to_owned());
    }
    Ok(Some(template))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{filed, planned};
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> Result<Vec<String>, Wrong> {
        let templates = lines(text).unwrap()?;
        Ok(templates.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lines_are_kept_as_they_are_and_blank_ones_are_none() {
        let text = "\u{feff}{\"a\" : 1.0}\r\n\n  \n \"x\" \n{\"n\":{{seq}}}";
        let lines = read(text.as_bytes()).unwrap();
        assert_eq!(lines, ["{\"a\" : 1.0}", " \"x\" ", "{\"n\":{{seq}}}"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, part) in [
            (
                &b"1\n\n{]\n"[..],
                Some(3),
                "not valid JSON: key must be a string at character 2",
            ),
            (
                b"1 2",
                Some(1),
                "not valid JSON: trailing characters at character 3",
            ),
            (
                b"\n{\"a\":",
                Some(2),
                "not valid JSON: EOF while parsing a value at character 5",
            ),
            (b"\"{{uuid\"", Some(1), "the {{ at character 2 has no }}"),
            (b"\"{{name}}\"", Some(1), "unknown placeholder {{name}}"),
            (b"{{seq}} x", Some(1), "not valid JSON: trailing characters"),
            (b"\"{{random:64m}}\"", Some(1), "at most 64 MiB"),
            (b"1\n\"\xff\"", Some(2), "is not UTF-8 text"),
            (b"", None, "has no bodies: each line must be a JSON value"),
            (b" \n\r\n", None, "has no bodies"),
        ] {
            let (found, problem) = read(text).unwrap_err();
            assert_eq!(found, line, "{problem}");
            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn a_file_has_its_limits() {
        let many = "1\n".repeat(MAX_BODIES + 1);
        let (_, problem) = read(many.as_bytes()).unwrap_err();
        assert_eq!(problem, "the file has more than 1,000,000 lines");
        assert_eq!(read(&many.as_bytes()[2..]).unwrap().len(), MAX_BODIES);
        let endless = BufReader::new(io::repeat(b' '));
        let (_, problem) = lines(endless).unwrap().unwrap_err();
        assert_eq!(problem, "the file has more than 268,435,456 bytes");
    }

    #[test]
    fn a_plan_names_its_file_of_bodies_and_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("bodies.jsonl"), "{\"n\":1}\n{\"n\":22}\n").unwrap();
        let file =
            "[a]\nurl = 'http://h'\n[request]\njsonl = 'bodies.jsonl'\njsonl_order = 'sample'\n";
        std::fs::write(path("p.toml"), file).unwrap();
        let plan_file = path("p.toml");
        let plan_file = plan_file.to_str().unwrap();
        let plan = planned(&[plan_file]).unwrap();
        assert_eq!(plan.request.method, http::Method::POST);
        assert_eq!(plan.request.headers["content-type"], "application/json");
        let record = plan.record().request;
        assert_eq!((record.bodies, record.body_bytes), (Some(2), 8));
        assert_eq!(record.bodies_order.as_deref(), Some("sample"));
        let cycled = planned(&[plan_file, "--jsonl-order", "cycle"]).unwrap();
        assert_eq!(
            cycled.record().request.bodies_order.as_deref(),
            Some("cycle")
        );
        // Another body sets both keys aside.
        let other = planned(&[plan_file, "--body", "x"]).unwrap();
        assert_eq!(&other.request.body.example()[..], b"x");
        std::fs::write(path("one.jsonl"), "{\"n\":1}\n").unwrap();
        let one = path("one.jsonl");
        let one = planned(&["--a", "http://h", "--jsonl", one.to_str().unwrap()]).unwrap();
        assert!(matches!(one.request.body, Content::Fixed(_)));
        assert_eq!(one.record().request.bodies, None);
    }

    #[test]
    fn a_file_of_bodies_goes_with_no_other_body() {
        for (args, part) in [
            (
                &["--jsonl", "f", "--body", "x"][..],
                "--jsonl: the request has a body already (--body)",
            ),
            (
                &["--jsonl", "f", "--json", "1"],
                "--jsonl: the request has a body already (--json)",
            ),
            (&["--jsonl", "/no/such"], "--jsonl: cannot read /no/such"),
            (
                &["--jsonl-order", "cycle"],
                "--jsonl-order cycle: needs a file of bodies",
            ),
            (
                &["--jsonl", "f", "--jsonl-order", "random"],
                "--jsonl-order random: must be cycle or sample",
            ),
        ] {
            let all: Vec<&str> = ["--a", "http://h"].iter().chain(args).copied().collect();
            let error = planned(&all).unwrap_err();
            assert!(error.contains(part), "{args:?}: {error}");
        }
        let both = "[a]\nurl = 'http://h'\n[request]\nbody = 'x'\njsonl = 'f'\n";
        let error = filed(both, &[]).unwrap_err();
        assert_eq!(
            error,
            "plan.toml:5: jsonl: the request has a body already (body in line 4); give one of the two"
        );
    }

    proptest! {
        #[test]
        fn no_file_panics(text in proptest::collection::vec(any::<u8>(), 0..60), json in r#"([{}\[\],:"]|\{\{seq\}\}|1|\n){0,12}"#) {
            let _ = read(&text);
            if let Ok(lines) = read(json.as_bytes()) {
                prop_assert!(!lines.is_empty());
            }
        }
    }
}
