//! Bodies from a JSONL file, as the server gets them: from a plan, through either engine.

use super::content::keeping;
use dragstrip::cli::{Cli, Command};
use dragstrip::clock::Clock;
use dragstrip::outcome::Outcome;
use dragstrip::pacer::Pacer;
use dragstrip::plan::{self, Context, Plan};
use dragstrip::transport::{AnyTransport, Share, Transport};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::LocalSet;

const LINES: [&str; 5] = [
    r#"{"n": 1, "prompt": "one"}"#,
    r#"{"n":2,"prompt":"zwei – 二"}"#,
    "[ 3 ]",
    r#""4""#,
    r#"{"n":5,"seq":{{seq}}}"#,
];

fn planned(options: &[&str]) -> Plan {
    let args = ["dragstrip", "run"].iter().chain(options);
    let Some(Command::Run(args)) = Cli::parse_args(args).unwrap().command else {
        panic!("not run");
    };
    plan::run(&args, &Context::of_process(&|_| None, true)).unwrap()
}

/// What a server gets from two load threads that send `each` requests, one after another, in turns.
async fn came(engine: &str, options: &[&str], each: usize) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bodies.jsonl");
    std::fs::write(&file, LINES.join("\n") + "\r\n\n").unwrap();
    let (addr, came) = keeping();
    let (url, engine) = (format!("http://{addr}"), format!("engine={engine}"));
    let mut args = vec!["--a", &url, "--transport-a", &engine, "--threads", "2"];
    args.extend(["--jsonl", file.to_str().unwrap()].iter().chain(options));
    let plan = planned(&args);
    let spec = plan.request_for(&plan.a);
    let pacer = Pacer::new(Clock::monotonic()).unwrap();
    let threads = [0, 1].map(|index| {
        let share = Share { index, of: 2 };
        AnyTransport::new(&spec, &plan.a.transport, share, Arc::default(), &pacer).unwrap()
    });
    for _ in 0..each {
        for thread in &threads {
            let exchange = thread.exchange().await;
            assert_eq!(exchange.outcome, Outcome::Ok, "{exchange:?}");
        }
    }
    let came = came.lock().unwrap();
    for (body, length) in &*came {
        assert_eq!(&body.len().to_string(), length);
    }
    came.iter().map(|(body, _)| body.clone()).collect()
}

#[tokio::test]
async fn lines_are_sent_one_after_another_by_all_threads_together() {
    let local = LocalSet::new();
    let sent = Box::pin(async {
        for engine in ["reqwest", "direct"] {
            let came = came(engine, &[], 6).await;
            let mut expected: Vec<String> = (0..12).map(|i| LINES[i % 5].to_owned()).collect();
            expected[4] = r#"{"n":5,"seq":5}"#.to_owned();
            expected[9] = r#"{"n":5,"seq":10}"#.to_owned();
            assert_eq!(came, expected, "{engine}");
        }
    });
    local.run_until(sent).await;
}

#[tokio::test]
async fn a_sample_of_lines_is_the_seeds() {
    let local = LocalSet::new();
    let sent = Box::pin(async {
        let sample = async |engine, seed| {
            came(engine, &["--jsonl-order", "sample", "--seed", seed], 20).await
        };
        let one = sample("reqwest", "1").await;
        assert_eq!(one, sample("direct", "1").await, "whatever the engine");
        assert_ne!(one, sample("direct", "2").await);
        let kinds: BTreeSet<char> = one.iter().filter_map(|b| b.chars().nth(5)).collect();
        assert!(kinds.len() > 2, "{one:?}");
    });
    local.run_until(sent).await;
}
