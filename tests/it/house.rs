//! The house rules: which module may know which, and how large a file may grow.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each top-level module with the ones that it may use. `session` brings everything together, so it may use all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("config", &["text"]),
    ("content", &["text"]),
    ("cpu", &[]),
    ("glyphs", &[]),
    ("memory", &[]),
    ("outbox", &[]),
    ("outcome", &[]),
    ("pacer", &["clock"]),
    ("sse", &[]),
    ("text", &[]),
    ("stats", &["text"]),
    ("metrics", &["clock", "cpu", "outcome", "stats", "text"]),
    (
        "transport",
        &["clock", "content", "outcome", "pacer", "text"],
    ),
    (
        "load",
        &[
            "clock",
            "content",
            "cpu",
            "metrics",
            "outcome",
            "pacer",
            "stats",
            "text",
            "transport",
        ],
    ),
    (
        "gateway",
        &["clock", "outcome", "pacer", "text", "transport"],
    ),
    (
        "preflight",
        &[
            "clock",
            "content",
            "gateway",
            "outcome",
            "pacer",
            "sse",
            "text",
            "transport",
        ],
    ),
    ("report", &["metrics", "text"]),
    ("theme", &["text"]),
    (
        "tui",
        &[
            "cpu", "glyphs", "memory", "metrics", "outbox", "outcome", "text", "theme",
        ],
    ),
    ("headless", &["glyphs", "metrics", "text"]),
    ("cli", &[]),
    (
        "plan",
        &[
            "content",
            "cli",
            "gateway",
            "glyphs",
            "load",
            "metrics",
            "text",
            "transport",
        ],
    ),
];

/// Modules that see of `metrics` nothing but the snapshot.
const SNAPSHOT_ONLY: &[&str] = &["tui", "report", "headless", "plan"];

/// What the measuring half of the house must never touch.
const NO_SCREEN: &[&str] = &[
    "load",
    "transport",
    "metrics",
    "stats",
    "sse",
    "report",
    "gateway",
    "preflight",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.ends_with("target") {
            // What cargo has built for the fuzzer.
        } else if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source's top-level module and its code without comments.
fn modules() -> Vec<(String, PathBuf, String)> {
    let src = root().join("src");
    sources(&src)
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&src).expect("below src");
            let first = inside
                .components()
                .next()
                .expect("a name")
                .as_os_str()
                .to_string_lossy();
            let module = first.trim_end_matches(".rs").to_owned();
            let code = fs::read_to_string(&path).expect("readable");
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            (module, path, code)
        })
        .collect()
}

/// The names that follow `prefix` in `code`, those in braces too: `crate::a`, `use crate::{a, b::c}`.
fn names_after<'a>(code: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let name = |text: &'a str| -> &'a str {
        let end = text
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len());
        &text[..end]
    };
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (i, c) in list.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && c.is_alphabetic() && depth == 0 => {
                        names.insert(name(&list[i..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            names.insert(name(rest));
        }
    }
    names
}

#[test]
fn the_reader_of_use_lines_reads_them() {
    let code = "use crate::{load::{A, B}, text};\nlet x = crate::plan::y();";
    assert_eq!(
        names_after(code, "crate::"),
        BTreeSet::from(["load", "text", "plan"])
    );
}

#[test]
fn dependencies_point_one_way() {
    let mut wrong = Vec::new();
    for (module, path, code) in modules() {
        if ["main", "lib", "session"].contains(&module.as_str()) {
            continue;
        }
        let (_, may) = MAY_USE
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| {
                panic!("{module} is a new module: say in this test what it may use")
            });
        for used in names_after(&code, "crate::") {
            if used != module && !may.contains(&used) {
                wrong.push(format!("{}: {module} must not use {used}", path.display()));
            }
        }
        if SNAPSHOT_ONLY.contains(&module.as_str()) {
            for used in names_after(&code, "crate::metrics::") {
                if used != "snapshot" {
                    wrong.push(format!(
                        "{}: only the snapshot, not metrics::{used}",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_measures_knows_no_screen_and_no_command_line() {
    for (module, path, code) in modules() {
        if NO_SCREEN.contains(&module.as_str()) {
            for forbidden in ["ratatui", "crossterm", "clap"] {
                assert!(
                    !code.contains(&format!("{forbidden}::")),
                    "{} uses {forbidden}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn views_and_widgets_only_draw() {
    let mut seen = 0;
    for (_, path, code) in modules() {
        let shown = path.display().to_string();
        if shown.contains("tui/view/") || shown.contains("tui/widgets/") {
            seen += 1;
            for forbidden in [
                "tokio::",
                "reqwest::",
                "std::fs",
                "Instant",
                "SystemTime",
                "crate::clock",
            ] {
                assert!(!code.contains(forbidden), "{shown} uses {forbidden}");
            }
        }
    }
    assert!(seen > 5, "views and widgets have moved: {seen}");
}

#[test]
fn one_clock_is_read_on_the_measured_path() {
    // A system clock that is set while a run goes on changes nothing: nobody looks at it. And whoever reads the time past the
    // run's own clock would be wrong in simulated time.
    const MEASURING: &[&str] = &["load", "metrics", "transport", "pacer", "stats"];
    const CLOCKS: &[&str] = &[
        "SystemTime",
        "Instant",
        "jiff",
        "clock_gettime",
        "tokio::time",
    ];
    let mut wrong = Vec::new();
    for (module, path, code) in modules() {
        // Where there is no timerfd, the alarm is tokio's timer: it rings at an instant of the run's clock.
        if !MEASURING.contains(&module.as_str()) || path.ends_with("pacer/alarm.rs") {
            continue;
        }
        let measured = code.split("#[cfg(test)]").next().unwrap_or_default();
        for clock in CLOCKS.iter().filter(|clock| measured.contains(**clock)) {
            wrong.push(format!("{} uses {clock}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (module, path, code) in modules() {
        if module == "clock" || path.ends_with("pacer/alarm.rs") {
            assert!(!code.contains("SystemTime"), "{}", path.display());
        }
    }
}

#[test]
fn a_file_holds_one_idea() {
    let folders = [root().join("src"), root().join("tests")];
    for path in folders.iter().flat_map(|folder| sources(folder)) {
        let lines = fs::read_to_string(&path).expect("readable").lines().count();
        assert!(
            lines <= 450,
            "{} has {lines} lines: more than one idea",
            path.display()
        );
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for path in sources(&root().join("src")) {
        let code = fs::read_to_string(&path).expect("readable");
        assert!(
            code.starts_with("//!"),
            "{} has no module documentation",
            path.display()
        );
    }
}
