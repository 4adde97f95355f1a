//! Commands and their words.

use super::*;
use proptest::prelude::*;

fn texts(command: &str) -> Vec<String> {
    let words = words(command).unwrap_or_else(|error| panic!("{command}: {error}"));
    words.into_iter().map(|word| word.text).collect()
}

#[test]
fn words_are_what_a_shell_makes_of_them() {
    for (command, expected) in [
        ("curl  -s\thttp://h", &["curl", "-s", "http://h"][..]),
        ("", &[]),
        ("\n  curl \\\n -s \\\r\n x\n\n", &["curl", "-s", "x"]),
        ("a'b c'd \"e f\"g", &["ab cd", "e fg"]),
        (r"a\ b \'c\' \\ '\'", &["a b", "'c'", r"\", r"\"]),
        (r#""a\"b\\c\d\$e""#, &[r#"a"b\c\d$e"#]),
        ("'a\nb' \"c\\\nd\"", &["a\nb", "cd"]),
        ("a''b '' \"\"", &["ab", "", ""]),
        (
            r"$'it\'s \n\t\x41\101\u00e9\U0001F600\u0021\q'",
            &["it's \n\tAAé😀!\\q"],
        ),
        (r"$'\xc3\xa9' $'a'b", &["é", "ab"]),
        ("\"${KEY}\" x${A}y", &["${KEY}", "x${A}y"]),
        (
            "'${KEY}' \"\\${KEY}\" $'${KEY}'",
            &["$${KEY}", "$${KEY}", "$${KEY}"],
        ),
        ("'$${KEY}' '$'\"{x}\"", &["$$${KEY}", "$${x}"]),
        (
            "cost$ \"5 $\" $. \"$'\" a#b",
            &["cost$", "5 $", "$.", "$'", "a#b"],
        ),
        ("curl x # a 'comment", &["curl", "x"]),
        ("$\"x\" *.{a,b} ~ !", &["x", "*.{a,b}", "~", "!"]),
    ] {
        assert_eq!(texts(command), expected, "{command}");
    }
}

#[test]
fn what_has_no_end_says_where_it_begins() {
    for (command, part) in [
        ("curl 'sesame", "the quote ' at character 6 has no end"),
        (
            "curl -H \"sesame\\\"",
            "the quote \" at character 9 has no end",
        ),
        (
            "curl \\\n  -d $'sesame\\'",
            "the quote $' at line 2, character 6 has no end",
        ),
        ("ä 'x' '", "the quote ' at character 7 has no end"),
        ("curl \"${sesame", "the $ at character 7 asks a shell"),
        ("curl $sesame", "the $ at character 6 asks a shell"),
        (
            "curl \"$(sesame)\"",
            "write ${NAME} for an environment variable",
        ),
        ("curl ${sesame:-x}", "the $ at character 6"),
        ("curl \"$1\"", "the $ at character 7"),
        (
            "curl \"`sesame`\"",
            "the ` at character 7 asks a shell to run",
        ),
        ("curl x`\n", "PowerShell"),
        (
            "curl ^\"sesame^\"",
            "the ^ at character 6 is how Windows' cmd quotes",
        ),
        ("curl x ^\r\n -d", "the ^ at character 8"),
        ("curl x | jq .sesame", "the | at character 8 is the shell's"),
        ("curl http://h/?a=1&b=2", "the & at character 19"),
        (
            "curl x\n-d sesame",
            "the command ends with line 1, and more follows",
        ),
        ("curl x \\\n-v\n\n-d", "ends with line 2"),
        (r"$'\ud800'", "the escape \\u at character 4"),
        (r"$'\xff'", "the text at character 1 is not UTF-8"),
        (r"$'\0'", "the text at character 1 has a zero byte"),
        ("\"\\$${X}\"", "cannot stand right behind another $"),
    ] {
        let error = words(command).unwrap_err();
        assert!(error.contains(part), "{command}: {error}");
        assert!(!error.contains("sesame"), "{command}: {error}");
    }
}

/// The text in quotes that a shell reads back as it is, in one of three ways.
fn quoted(text: &str, how: usize) -> String {
    match how {
        0 => format!("'{}'", text.replace('\'', r"'\''")),
        1 => {
            let escaped = text.chars().map(|c| match c {
                '"' | '\\' | '$' | '`' => format!("\\{c}"),
                c => c.to_string(),
            });
            format!("\"{}\"", escaped.collect::<String>())
        }
        _ => {
            let escaped = text.chars().map(|c| match c {
                '\'' | '\\' => format!("\\{c}"),
                c if c.is_control() || c == '!' => format!("\\u{:04x}", c as u32),
                c => c.to_string(),
            });
            format!("$'{}'", escaped.collect::<String>())
        }
    }
}

proptest! {
    #[test]
    fn no_command_panics(text in any::<String>(), signs in r#"([ '"\\$`{}()#\n]|u|x|A|é){0,30}"#) {
        for text in [text, signs] {
            if let Ok(words) = words(&text) {
                prop_assert!(words.len() <= text.len());
            }
        }
    }

    #[test]
    fn what_is_quoted_is_read_back(texts in proptest::collection::vec((r#"([a-c '"\\$`{}é\n!]){0,12}"#, 0_usize..3), 1..5)) {
        let command: Vec<String> = texts.iter().map(|(text, how)| quoted(text, *how)).collect();
        let read = words(&command.join(" ")).unwrap();
        let read: Vec<_> = read.iter().map(|word| literal(&word.text).unwrap()).collect();
        let texts: Vec<_> = texts.into_iter().map(|(text, _)| text).collect();
        prop_assert_eq!(read, texts);
    }

    #[test]
    fn what_is_escaped_is_literal(text in r"[${}a]{0,12}") {
        prop_assert_eq!(literal(&escaped(&text)), Some(text));
    }
}
