//! A command as a POSIX shell takes it apart: words, without quotes and backslashes.
//!
//! What holds always: nothing is run and nothing is looked up; no text panics; an error says where, and never what stands
//! there, which may be a secret. A variable, `${NAME}`, stays in the word for [`expand`](super::super::secrets::expand), where
//! the shell would have filled it in; the same characters in single quotes become `$${NAME}`, which stands for themselves.

use crate::plan::secrets::is_name;
use std::fmt;

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text; `${NAME}` is a variable, and `$${` stands for `${` itself.
    pub(super) text: String,
    /// Where it begins.
    pub(super) at: Place,
}

/// A place in a command, both numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    character: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            1 => write!(f, "character {}", self.character),
            line => write!(f, "line {line}, character {}", self.character),
        }
    }
}

/// The words of a command.
pub(super) fn words(command: &str) -> Result<Vec<Word>, String> {
    let mut lexer = Lexer {
        rest: command.chars().collect(),
        next: 0,
        at: Place {
            line: 1,
            character: 1,
        },
    };
    let mut words = Vec::new();
    let mut ended = None;
    while let Some(c) = lexer.peek() {
        match c {
            ' ' | '\t' | '\r' => lexer.skip(),
            '\n' => {
                if !words.is_empty() {
                    ended.get_or_insert(lexer.at.line);
                }
                lexer.skip();
            }
            '\\' if lexer.continues() => {}
            '#' => {
                while lexer.peek().is_some_and(|c| c != '\n') {
                    lexer.skip();
                }
            }
            _ => {
                if let Some(line) = ended {
                    return Err(format!(
                        "the command ends with line {line}, and more follows; a line that goes on ends with a backslash"
                    ));
                }
                let at = lexer.at;
                let text = lexer.word()?;
                words.push(Word { text, at });
            }
        }
    }
    Ok(words)
}

/// What stands in a word; `None` where a variable has to be filled in.
pub(super) fn literal(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out.push_str(rest[..start].strip_suffix('$')?);
        out.push_str("${");
        rest = &rest[start + 2..];
    }
    out.push_str(rest);
    Some(out)
}

/// A text as it stands in a word, where nothing of it is a variable.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

struct Lexer {
    rest: Vec<char>,
    next: usize,
    at: Place,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.next).copied()
    }

    fn after(&self, count: usize) -> Option<char> {
        self.rest.get(self.next + count).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.next += 1;
        if c == '\n' {
            self.at.line += 1;
            self.at.character = 1;
        } else {
            self.at.character += 1;
        }
        Some(c)
    }

    fn skip(&mut self) {
        self.take();
    }

    /// Steps over a backslash and the end of its line, if that is what comes.
    fn continues(&mut self) -> bool {
        let length = match (self.after(1), self.after(2)) {
            (Some('\n'), _) => 2,
            (Some('\r'), Some('\n')) => 3,
            _ => return false,
        };
        (0..length).for_each(|_| self.skip());
        true
    }

    fn word(&mut self) -> Result<String, String> {
        let mut word = String::new();
        while let Some(c) = self.peek() {
            let at = self.at;
            match c {
                ' ' | '\t' | '\r' | '\n' => break,
                '\\' if self.continues() => {}
                '\\' => {
                    self.skip();
                    push(&mut word, self.take().unwrap_or('\\'));
                }
                '\'' => self.single(&mut word)?,
                '"' => self.double(&mut word)?,
                '$' if self.after(1) == Some('\'') => self.ansi(&mut word)?,
                // A text to be translated, where there are translations.
                '$' if self.after(1) == Some('"') => {
                    self.skip();
                    self.double(&mut word)?;
                }
                '$' => self.variable(&mut word)?,
                '`' => return Err(backtick(at)),
                '^' if matches!(self.after(1), Some('"' | '\n' | '\r')) => {
                    return Err(format!(
                        "the ^ at {at} is how Windows' cmd quotes; copy the command in its form for bash"
                    ));
                }
                '|' | '&' | ';' | '<' | '>' | '(' | ')' => {
                    return Err(format!(
                        "the {c} at {at} is the shell's: quote what it stands in, or leave it out with all that follows"
                    ));
                }
                _ => {
                    self.skip();
                    push(&mut word, c);
                }
            }
        }
        Ok(word)
    }

    fn single(&mut self, word: &mut String) -> Result<(), String> {
        let at = self.at;
        self.skip();
        while let Some(c) = self.take() {
            if c == '\'' {
                return Ok(());
            }
            push(word, c);
        }
        Err(format!("the quote ' at {at} has no end"))
    }

    fn double(&mut self, word: &mut String) -> Result<(), String> {
        let at = self.at;
        self.skip();
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.skip();
                    return Ok(());
                }
                '\\' if self.continues() => {}
                '\\' if matches!(self.after(1), Some('$' | '`' | '"' | '\\')) => {
                    self.skip();
                    push(word, self.take().unwrap_or('\\'));
                }
                // Where they end the quotes, or stand in them.
                '$' if matches!(self.after(1), Some('"' | '\'')) => {
                    self.skip();
                    push(word, '$');
                }
                '$' => self.variable(word)?,
                '`' => return Err(backtick(self.at)),
                _ => {
                    self.skip();
                    push(word, c);
                }
            }
        }
        Err(format!("the quote \" at {at} has no end"))
    }

    /// `${NAME}` stays; what only a shell can fill in is refused; any other `$` is just that.
    fn variable(&mut self, word: &mut String) -> Result<(), String> {
        let at = self.at;
        let wanted = || {
            format!(
                "the $ at {at} asks a shell to fill something in, and none is asked; write ${{NAME}} for an environment variable, or \
                 put what is meant"
            )
        };
        self.skip();
        match self.peek() {
            Some('{') => {
                self.skip();
                let mut name = String::new();
                while let Some(c) = self.take().filter(|c| *c != '}') {
                    name.push(c);
                }
                if !is_name(&name) || self.rest.get(self.next - 1) != Some(&'}') {
                    return Err(wanted());
                }
                if word.ends_with('$') {
                    return Err(format!(
                        "the variable at {at} cannot stand right behind another $"
                    ));
                }
                word.push_str(&format!("${{{name}}}"));
                Ok(())
            }
            Some('(') => Err(wanted()),
            Some(c) if c.is_ascii_alphanumeric() || "_?$!@*#-".contains(c) => Err(wanted()),
            _ => {
                push(word, '$');
                Ok(())
            }
        }
    }

    /// `$'…'`, with the escapes of C.
    fn ansi(&mut self, word: &mut String) -> Result<(), String> {
        let at = self.at;
        self.skip();
        self.skip();
        let mut bytes = Vec::new();
        let mut utf8 = [0; 4];
        loop {
            match self.take() {
                Some('\'') => break,
                Some('\\') => self.escape(&mut bytes)?,
                Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes()),
                None => return Err(format!("the quote $' at {at} has no end")),
            }
        }
        if bytes.contains(&0) {
            return Err(format!(
                "the text at {at} has a zero byte, at which a shell would end it"
            ));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| format!("the text at {at} is not UTF-8; put such bytes into a file, and give it with --data-binary @FILE"))?;
        text.chars().for_each(|c| push(word, c));
        Ok(())
    }

    /// What follows a backslash in `$'…'`.
    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), String> {
        let at = self.at;
        let Some(c) = self.take() else {
            return Ok(());
        };
        let byte = match c {
            'a' => 0x07,
            'b' => 0x08,
            'e' | 'E' => 0x1b,
            'f' => 0x0c,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'v' => 0x0b,
            '\\' | '\'' | '"' | '?' => c as u8,
            'c' => self.take().map_or(b'c', |c| c as u8 & 0x1f),
            '0'..='7' => {
                self.next -= 1;
                self.at.character -= 1;
                self.digits(8, 3).unwrap_or(0) as u8
            }
            'x' => {
                let Some(value) = self.digits(16, 2) else {
                    bytes.extend_from_slice(b"\\x");
                    return Ok(());
                };
                value as u8
            }
            'u' | 'U' => {
                let most = if c == 'u' { 4 } else { 8 };
                let value = self.digits(16, most).and_then(char::from_u32);
                let value = value.ok_or_else(|| {
                    format!(
                        "the escape \\{c} at {at} must be followed by the number of a character"
                    )
                })?;
                bytes.extend_from_slice(value.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            other => {
                bytes.push(b'\\');
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
        };
        bytes.push(byte);
        Ok(())
    }

    /// A number of at most so many digits; `None` where there is none.
    fn digits(&mut self, radix: u32, most: usize) -> Option<u32> {
        let mut value = None;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)) else {
                break;
            };
            self.skip();
            value = Some(value.unwrap_or(0_u32).wrapping_mul(radix) + digit);
        }
        value
    }
}

/// A character that stands for itself.
fn push(word: &mut String, c: char) {
    if c == '{' && word.ends_with('$') {
        word.push('$');
    }
    word.push(c);
}

fn backtick(at: Place) -> String {
    format!(
        "the ` at {at} asks a shell to run something, and none is asked; a command for PowerShell must be copied in its form for bash"
    )
}

#[cfg(test)]
mod tests;
