//! Plan files: each in `tests/plans/valid` makes the plan that its `# expect:` lines describe, each in
//! `tests/plans/invalid` the error that they quote.

use dragstrip::cli::RunArgs;
use dragstrip::load::{Arrivals, LoadModel, LoadSpec, Overflow, Warmup};
use dragstrip::plan::{self, Context, Plan, PlanError};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A value that may appear nowhere but in the request.
const SECRET: &str = "sk-litellm";

fn read(path: &Path) -> Result<Plan, PlanError> {
    let args = RunArgs {
        plan: Some(path.to_owned()),
        ..RunArgs::default()
    };
    let context = Context {
        env: &|name| (name == "LITELLM_KEY").then(|| SECRET.to_owned()),
        headless: false,
        cores: 8,
        open_files: None,
        random_seed: 1,
        free_port: &|| Some(4_001),
        litellm: None,
    };
    plan::run(&args, &context)
}

/// The plan files of a folder, each with what its `# expect:` lines say.
fn files(folder: &str) -> Vec<(PathBuf, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/plans")
        .join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let expected: Vec<String> = text
                .lines()
                .filter_map(|line| line.strip_prefix("# expect: "))
                .map(str::to_owned)
                .collect();
            assert!(!expected.is_empty(), "{} expects nothing", path.display());
            (path, expected)
        })
        .collect();
    files.sort();
    files
}

#[test]
fn valid_files_make_the_plan_that_they_describe() {
    let files = files("valid");
    assert!(files.len() >= 6);
    for (path, expected) in files {
        let plan = read(&path).unwrap_or_else(|error| panic!("{error}"));
        let summary = summary(&plan);
        for part in expected {
            assert!(
                summary.contains(&part),
                "{}: no {part:?} in\n{summary}",
                path.display()
            );
        }
        let record = serde_json::to_string(&plan.record()).unwrap();
        assert!(!record.contains(SECRET), "{record}");
    }
}

#[test]
fn invalid_files_make_the_error_that_they_quote() {
    let files = files("invalid");
    assert!(files.len() >= 40);
    for (path, expected) in files {
        let Err(error) = read(&path) else {
            panic!("{} is accepted", path.display());
        };
        let error = error.to_string();
        let place = path.display().to_string();
        assert!(error.starts_with(&place), "{error}");
        for part in expected {
            assert!(error.contains(&part), "no {part:?} in\n{error}");
        }
        assert!(error.lines().count() <= 2, "{error}");
    }
}

#[test]
fn a_plan_file_must_be_there_and_be_text() {
    let folder = tempfile::tempdir().unwrap();
    let missing = read(&folder.path().join("no.toml")).unwrap_err();
    assert!(missing.to_string().contains("cannot read"), "{missing}");
    let binary = folder.path().join("binary.toml");
    std::fs::write(&binary, [0xff, 0xfe, 0]).unwrap();
    let error = read(&binary).unwrap_err();
    assert!(
        error.to_string().ends_with("it is not UTF-8 text"),
        "{error}"
    );
    let error = read(folder.path()).unwrap_err();
    assert!(error.to_string().contains("cannot read"), "{error}");
}

/// A plan in words, for the expectations of the files.
fn summary(plan: &Plan) -> String {
    let mut text = format!("title {}\n", plan.title);
    load_summary(&mut text, &plan.load);
    comparison_summary(&mut text, plan);
    for (name, variant) in ["A", "B"].into_iter().zip(plan.variants()) {
        let request = plan.request_for(variant);
        writeln!(
            text,
            "{name} {}: {}\n{} {}",
            variant.label,
            variant.transport.describe(),
            request.method,
            request.url
        )
        .unwrap();
        for (header, value) in &request.headers {
            writeln!(text, "{header}: {}", value.to_str().unwrap()).unwrap();
        }
        writeln!(
            text,
            "body {}",
            String::from_utf8_lossy(&request.body.example())
        )
        .unwrap();
    }
    if plan.b.is_none() {
        text.push_str("solo\n");
    }
    text
}

fn comparison_summary(text: &mut String, plan: &Plan) {
    write!(text, "order {}", plan.load.order.word()).unwrap();
    if plan.aa {
        text.push_str(", A/A");
    }
    if let Some(margin) = plan.margin_pct {
        write!(text, ", margin {margin} %").unwrap();
    }
    if plan.load.until_decided {
        text.push_str(", until decided");
    }
    text.push('\n');
}

fn load_summary(text: &mut String, load: &LoadSpec) {
    let seconds = |time: Duration| format!("{} s", time.as_secs_f64());
    match load.model {
        LoadModel::Closed { users, think } => write!(
            text,
            "closed, {users} users, think {}..{} s",
            think.low.as_secs_f64(),
            think.high.as_secs_f64()
        ),
        LoadModel::Open {
            rate_hz,
            arrivals,
            max_in_flight,
            overflow,
        } => write!(
            text,
            "open, {rate_hz}/s, {}, at most {max_in_flight} in flight, {}",
            match arrivals {
                Arrivals::Constant => "constant",
                Arrivals::Poisson => "poisson",
            },
            match overflow {
                Overflow::Queue => "queue",
                Overflow::Drop => "drop",
            }
        ),
    }
    .unwrap();
    let warmup = match load.warmup {
        Warmup::Auto => "auto".to_owned(),
        Warmup::Fixed(time) => seconds(time),
    };
    writeln!(
        text,
        ", ramp {}, warm-up {warmup}, duration {}, timeout {}\nthreads {}, seed {}",
        seconds(load.ramp),
        load.duration.map_or("none".to_owned(), seconds),
        seconds(load.timeout),
        load.threads,
        load.seed
    )
    .unwrap();
}
