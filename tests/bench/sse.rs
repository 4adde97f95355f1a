//! What reading a stream costs, per chunk as gateways send them: medians, with the goal beside them. It fails where the time is
//! far from the goal.
//!
//! `cargo bench --bench sse`

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use dragstrip::sse::{ChatReader, Ending};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

/// In nanoseconds per chunk.
const GOAL: f64 = 1_000.0;
/// Times the goal, at which something is wrong.
const FAR: f64 = 3.0;
const CHUNKS: usize = 1_000;
const ROUNDS: usize = 300;

const HEAD: &str = r#"{"id":"chatcmpl-9a8b7c6d5e4f30211203f4e5d6c7b8a9","object":"chat.completion.chunk","created":1748000000,"model":"gpt-4o-mini-2024-07-18","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"#;

fn main() -> ExitCode {
    // `cargo test --benches` calls it without the word that `cargo bench` adds: there is nothing to measure then.
    if !std::env::args().any(|word| word == "--bench") {
        return ExitCode::SUCCESS;
    }
    let word =
        r#""delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}"#;
    let call = r#""delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"logprobs":null,"finish_reason":null}]}"#;
    let short = r#"{"choices":[{"index":0,"delta":{"content":" word"}}]}"#;
    let mut far = false;
    for (name, chunk) in [
        ("a word", format!("{HEAD}{word}")),
        ("a tool call", format!("{HEAD}{call}")),
        ("a short chunk", short.to_owned()),
    ] {
        let stream = format!("data: {chunk}\n\n").repeat(CHUNKS);
        for (cut, size) in [
            ("one event a read", chunk.len() + 8),
            ("reads of 100 bytes", 100),
            ("reads of 16 KiB", 16 << 10),
        ] {
            let time = time(stream.as_bytes(), size);
            println!(
                "{name} of {} bytes, {cut}: {time:.0} ns per chunk, goal {GOAL:.0}",
                chunk.len()
            );
            far |= time > FAR * GOAL;
        }
    }
    if far {
        println!("more than {FAR} times the goal");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Nanoseconds per chunk, the median of many streams, in reads of `size` bytes.
fn time(stream: &[u8], size: usize) -> f64 {
    let mut reader = ChatReader::default();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            reader.reset();
            let begun = Instant::now();
            let mut content = 0;
            for mut read in black_box(stream).chunks(size) {
                while let Some(heard) = reader.next(&mut read) {
                    content += usize::from(heard.said.is_content());
                }
            }
            let time = begun.elapsed().as_nanos() as f64 / CHUNKS as f64;
            assert_eq!((content, reader.end(true)), (CHUNKS, Ending::Whole));
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}
