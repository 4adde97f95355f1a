//! What gateways send, and what is made of it.

use super::{cuts, reference};
use crate::sse::{ChatReader, Chunk, Ending, Said, Usage};
use proptest::prelude::*;

const ROLE: &str =
    r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#;
const WORD: &str = r#"{"id":"chatcmpl-1","choices":[{"index":0,"delta":{"content":"Hi \"\u00fc\""},"logprobs":null,"finish_reason":null}],"usage":null}"#;
const FINISH: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"completion_tokens_details":{"reasoning_tokens":0}}}"#;
const ERROR: &str = r#"{"error":{"message":"overloaded","type":"server_error"}}"#;

const NINE: Usage = Usage {
    prompt: Some(9),
    completion: Some(12),
    total: Some(21),
};

/// What is said of a stream in pieces, the last event included, and how it has ended.
fn heard(reader: &mut ChatReader, pieces: &[&[u8]], properly: bool) -> (String, Ending) {
    let mut heard = String::new();
    for mut piece in pieces.iter().copied() {
        while let Some(event) = reader.next(&mut piece) {
            heard.push(letter(event.said));
        }
    }
    if properly && let Some(event) = reader.last() {
        heard.push(letter(event.said));
    }
    (heard, reader.end(properly))
}

/// One letter for what an event says.
fn letter(said: Said) -> char {
    match said {
        Said::Chunk(Chunk {
            content,
            finish,
            usage,
            ..
        }) => match (content, finish, usage.is_some()) {
            (false, false, false) => '-',
            (true, false, false) => 'c',
            (false, true, false) => 'f',
            (false, false, true) => 'u',
            (true, true, false) => 'F',
            (_, _, true) => 'U',
        },
        Said::Done => 'D',
        Said::Error => 'E',
        Said::NoJson => '!',
        Said::TooLong => 'L',
        Said::Other => 'o',
    }
}

/// Holds a stream to what it says, to its ending, and to its ending if the connection broke off there, by each cut.
#[track_caller]
fn hold(stream: &str, says: &str, ending: Ending, broken_off: Ending) -> Option<Usage> {
    let mut reader = ChatReader::default();
    for pieces in cuts(stream.as_bytes()) {
        reader.reset();
        assert_eq!(heard(&mut reader, &pieces, false).1, broken_off, "{stream}");
        reader.reset();
        assert_eq!(reader.usage(), None);
        assert_eq!(
            heard(&mut reader, &pieces, true),
            (says.to_owned(), ending),
            "{stream}"
        );
    }
    reader.usage()
}

fn stream(data: &[&str]) -> String {
    let events: Vec<String> = data
        .iter()
        .map(|data| format!("data: {data}\n\n"))
        .collect();
    events.concat()
}

use Ending::{Broken, Error, Whole};

#[test]
fn a_stream_as_it_should_be() {
    let whole = stream(&[ROLE, WORD, WORD, FINISH, USAGE, "[DONE]"]);
    assert_eq!(hold(&whole, "-ccfuD", Whole, Whole), Some(NINE));
    let crlf = whole.replace('\n', "\r\n");
    assert_eq!(hold(&crlf, "-ccfuD", Whole, Whole), Some(NINE));
    let comments = whole.replace("data: ", ": keep-alive\n\n: \nid: 1\ndata:");
    assert_eq!(hold(&comments, "-ccfuD", Whole, Whole), Some(NINE));
}

#[test]
fn the_end_may_lack_done_or_a_reason_or_both() {
    hold(&stream(&[ROLE, WORD, FINISH]), "-cf", Whole, Whole);
    hold(&stream(&[ROLE, WORD, "[DONE]"]), "-cD", Whole, Whole);
    hold(&stream(&[ROLE, WORD]), "-c", Whole, Broken);
    hold(&stream(&[ROLE]), "-", Broken, Broken);
    hold(&stream(&[FINISH]), "f", Whole, Whole);
    hold("", "", Broken, Broken);
    hold(": keep-alive\n\n", "", Broken, Broken);
}

#[test]
fn a_stream_that_is_cut_off_is_broken() {
    let cut = format!("{}data: {}", stream(&[ROLE, WORD]), &WORD[..30]);
    hold(&cut, "-c", Broken, Broken);
    let cut = format!("{}data: {}", stream(&[ROLE, WORD, FINISH]), &USAGE[..30]);
    hold(&cut, "-cf", Broken, Broken);
    hold(
        &format!("{}: keep-al", stream(&[ROLE, WORD, FINISH])),
        "-cf",
        Whole,
        Whole,
    );
}

#[test]
fn the_last_blank_line_may_be_missing() {
    for end in ["", "\n", "\r", "\r\n"] {
        let done = format!("{}data: [DONE]{end}", stream(&[ROLE, WORD]));
        hold(&done, "-cD", Whole, Broken);
        let usage = format!("{}data: {USAGE}{end}", stream(&[WORD, FINISH]));
        assert_eq!(hold(&usage, "cfu", Whole, Broken), Some(NINE));
    }
}

#[test]
fn usage_comes_with_choices_or_without_and_the_last_one_counts() {
    let with = FINISH.replace("]}", r#"],"usage":{"completion_tokens":3}}"#);
    let usage = hold(&stream(&[WORD, &with]), "cU", Whole, Whole);
    let three = Usage {
        completion: Some(3),
        ..Usage::default()
    };
    assert_eq!(usage, Some(three));
    assert_eq!(
        hold(&stream(&[&with, USAGE]), "Uu", Whole, Whole),
        Some(NINE)
    );
    let alone = r#"{"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}"#;
    assert_eq!(
        hold(&stream(&[WORD, alone]), "cu", Whole, Broken),
        Some(NINE)
    );
    for none in [
        "{}",
        "null",
        "[]",
        "3",
        r#"{"total_tokens":"3"}"#,
        r#"{"total_tokens":-3}"#,
    ] {
        let none = format!(r#"{{"choices":[],"usage":{none}}}"#);
        assert_eq!(hold(&stream(&[WORD, &none]), "c-", Whole, Broken), None);
    }
}

#[test]
fn an_error_in_the_midst_is_seen_whatever_comes_after_it() {
    hold(&stream(&[ROLE, WORD, ERROR]), "-cE", Error, Error);
    hold(
        &stream(&[ROLE, WORD, ERROR, "[DONE]"]),
        "-cED",
        Error,
        Error,
    );
    hold(&stream(&[r#"{"error":"overloaded"}"#]), "E", Error, Error);
    hold("event: error\ndata: overloaded\n\n", "E", Error, Error);
    let no_error = WORD.replace("{\"id\"", "{\"error\":null,\"id\"");
    hold(&stream(&[&no_error]), "c", Whole, Broken);
}

#[test]
fn what_is_generated_is_content_by_any_name() {
    for delta in [
        r#"{"reasoning_content":"Hm"}"#,
        r#"{"content":null,"reasoning":"Hm"}"#,
        r#"{"content":"","refusal":"No"}"#,
        r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a\":1}"}}]}"#,
        r#"{"function_call":{"arguments":"{"}}"#,
        r#"{"content":[{"type":"text","text":"Hi"}]}"#,
    ] {
        hold(
            &stream(&[&format!(r#"{{"choices":[{{"delta":{delta}}}]}}"#)]),
            "c",
            Whole,
            Broken,
        );
    }
    for delta in [
        r#"{"role":"assistant","content":null,"tool_calls":null,"refusal":null}"#,
        r#"{"role":"assistant","content":"","tool_calls":[]}"#,
        "{}",
        "null",
        "7",
    ] {
        hold(
            &stream(&[&format!(r#"{{"choices":[{{"delta":{delta}}}]}}"#)]),
            "-",
            Broken,
            Broken,
        );
    }
    hold(
        &stream(&[r#"{"choices":[{"text":"Hi","index":0,"finish_reason":null}]}"#]),
        "c",
        Whole,
        Broken,
    );
    hold(
        &stream(&[r#"{"choices":[{"text":"","finish_reason":"length"}]}"#]),
        "f",
        Whole,
        Whole,
    );
    hold(
        &stream(&[r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}"#]),
        "F",
        Whole,
        Whole,
    );
    hold(
        &stream(&[r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":""}]}"#]),
        "c",
        Whole,
        Broken,
    );
}

#[test]
fn each_of_several_choices_has_to_finish() {
    let second = |chunk: &str| chunk.replace("\"index\":0", "\"index\":1");
    let (word, finish) = (second(WORD), second(FINISH));
    hold(&stream(&[WORD, &word, FINISH]), "ccf", Whole, Broken);
    hold(
        &stream(&[WORD, &word, FINISH, &finish]),
        "ccff",
        Whole,
        Whole,
    );
    let both = r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":99,"delta":{}}]}"#;
    hold(&stream(&[both]), "c", Whole, Broken);
}

#[test]
fn what_is_no_chunk_is_told_and_reading_goes_on() {
    let all = stream(&[
        "{\"a\":", "", "7", "{}", "hello", "[ DONE ]", WORD, " [DONE] ",
    ]);
    hold(&all, "!ooo!!cD", Whole, Whole);
    let odd = stream(&[
        r#"{"choices":{}}"#,
        r#"{"choices":[null,[],{"delta":[]}]}"#,
        r#"{"choices":null}"#,
    ]);
    hold(&odd, "o-o", Broken, Broken);
    let mut reader = ChatReader::default();
    let long = format!("data: {}\n\ndata: [DONE]\n\n", " ".repeat(2 << 20));
    let mut long = long.as_bytes();
    assert_eq!(reader.next(&mut long).unwrap().said, Said::TooLong);
    assert_eq!(reader.next(&mut long).unwrap().said, Said::Done);
    let mut no_text: &[u8] = b"data: {\"a\":\"\xff\"}\n\n";
    assert_eq!(reader.next(&mut no_text).unwrap().said, Said::NoJson);
}

#[test]
fn json_is_what_serde_takes_for_it() {
    let deep = |times| ["[".repeat(times), "]".repeat(times)].concat();
    for (text, is_json) in [
        ("-0.5e+10", true),
        ("01", false),
        ("-", false),
        ("1.", false),
        ("1e", false),
        (".5", false),
        ("+1", false),
        ("\"\\u12aF\\n\"", true),
        ("\"\\u12g0\"", false),
        ("\"\\x\"", false),
        ("\"\t\"", false),
        ("\"", false),
        ("\"\\", false),
        ("[1,]", false),
        ("[,1]", false),
        ("[1 2]", false),
        ("{\"a\":1,}", false),
        ("{\"a\"}", false),
        ("{a:1}", false),
        ("[1, {\"a\" : [ ] , \"b\":{ }}]", true),
        ("nul", false),
        ("nulll", false),
        ("truefalse", false),
        ("{} {}", false),
        ("}", false),
        (&deep(127), true),
        (&deep(128), false),
    ] {
        let mut bytes: &[u8] = &[b"data: ", text.as_bytes(), b"\n\n"].concat();
        let said = ChatReader::default().next(&mut bytes).unwrap().said;
        assert_eq!(said != Said::NoJson, is_json, "{text}");
        if let Some(meaning) = reference::meaning(text.as_bytes()) {
            assert_eq!(meaning != reference::Meaning::NoJson, is_json, "{text}");
        }
    }
}

/// Text that is often JSON and often nearly.
fn texts() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        r#"[\[\]{}:,"]"#,
        r#""(choices|delta|content|text|usage|total_tokens|error|finish_reason|tool_calls)?"[:,]?"#,
        r#"null|true|0|-?[0-9]{1,3}(\.[0-9])?(e[0-9])?|"[a-z ü\\n]{0,4}""#,
    ];
    let soup = proptest::collection::vec(word, 0..20).prop_map(|words| words.concat());
    let value = r#"null|""|"a"|\[\]|\{\}|\[1\]|[0-9]{1,3}|\{"content":("a"|""|null)\}|\{"total_tokens":[0-9]{1,2}\}"#;
    let member = ("delta|text|finish_reason|index|x", value)
        .prop_map(|(name, value)| format!("\"{name}\":{value}"));
    let choice = proptest::collection::vec(member, 0..4)
        .prop_map(|members| format!("{{{}}}", members.join(",")));
    let choices = proptest::collection::vec(choice, 0..3).prop_map(|all| all.join(","));
    let near = (
        choices,
        "usage|error|choices",
        value,
        proptest::option::weighted(0.2, any::<proptest::sample::Index>()),
    );
    let near = near.prop_map(|(choices, name, value, cut)| {
        let mut text = format!("{{\"choices\":[{choices}],\"{name}\":{value}}}");
        if let Some(cut) = cut {
            text.remove(cut.index(text.len()));
        }
        text
    });
    prop_oneof![soup, near]
}

proptest! {
    #[test]
    fn a_chunk_says_what_the_plain_reader_finds(text in texts()) {
        let mut bytes: &[u8] = &[b"data: ", text.as_bytes(), b"\n\n"].concat();
        let said = ChatReader::default().next(&mut bytes).unwrap().said;
        reference::agree(said, text.as_bytes());
    }
}
