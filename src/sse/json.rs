//! A reader of JSON that builds nothing: it walks through a text once, checks all of it, and shows what is asked for. serde's
//! visitors do the same, but allocate for escapes and for values within ignored values.
//!
//! It takes what `serde_json` takes, nested at most [`MOST_DEEP`] times.

/// How deep values may lie within one another.
pub(super) const MOST_DEEP: u8 = 127;

/// What a value is, as far as anyone here asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    /// A string, an array or an object without anything in it.
    Hollow,
    /// A number that counts things.
    Count(u64),
    /// An object with something in it.
    Object,
    /// Anything else.
    Some,
}

impl Value {
    /// A string, an array or an object with something in it, or a number or a boolean.
    pub(super) fn says_something(self) -> bool {
        !matches!(self, Value::Null | Value::Hollow)
    }
}

/// `None` wherever the text is no JSON.
pub(super) struct Json<'a> {
    bytes: &'a [u8],
    at: usize,
    deep: u8,
}

impl<'a> Json<'a> {
    pub(super) fn new(text: &'a str) -> Json<'a> {
        Json {
            bytes: text.as_bytes(),
            at: 0,
            deep: 0,
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_over(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Whether an object comes next.
    pub(super) fn is_object(&mut self) -> bool {
        self.peek() == Some(b'{')
    }

    /// Whether an array comes next.
    pub(super) fn is_array(&mut self) -> bool {
        self.peek() == Some(b'[')
    }

    /// Walks through the object that comes next: `member` is given each name, as it stands in the text, and must take its value.
    /// Whether there was any.
    pub(super) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>,
    ) -> Option<bool> {
        self.items(b'{', b'}', |json| {
            let name = json.string()?;
            json.take(b':')?;
            member(json, name)
        })
    }

    /// Walks through the array that comes next: `item` must take each value. Whether there was any.
    pub(super) fn array(&mut self, item: impl FnMut(&mut Self) -> Option<()>) -> Option<bool> {
        self.items(b'[', b']', item)
    }

    /// Takes any value.
    pub(super) fn value(&mut self) -> Option<Value> {
        let or_hollow = |any: bool, value| if any { value } else { Value::Hollow };
        match self.peek()? {
            b'"' => Some(or_hollow(!self.string()?.is_empty(), Value::Some)),
            b'{' => {
                let any = self.object(|json, _| json.value().map(drop))?;
                Some(or_hollow(any, Value::Object))
            }
            b'[' => {
                let any = self.array(|json| json.value().map(drop))?;
                Some(or_hollow(any, Value::Some))
            }
            b'n' => self.word(b"null", Value::Null),
            b't' => self.word(b"true", Value::Some),
            b'f' => self.word(b"false", Value::Some),
            _ => self.number(),
        }
    }

    fn items(
        &mut self,
        open: u8,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<bool> {
        self.take(open)?;
        if self.deep == MOST_DEEP {
            return None;
        }
        self.deep += 1;
        let any = self.peek()? != close;
        if any {
            item(self)?;
            while self.peek()? == b',' {
                self.at += 1;
                item(self)?;
            }
        }
        self.take(close)?;
        self.deep -= 1;
        Some(any)
    }

    /// What stands between the quotes, escapes as they are.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let begin = self.at;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += rest
                .iter()
                .position(|&byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return self.bytes.get(begin..self.at - 1);
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let length = match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' => {
                let digits = self.bytes.get(self.at + 2..self.at + 6)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(6)?
            }
            _ => return None,
        };
        self.at += length;
        Some(())
    }

    fn number(&mut self) -> Option<Value> {
        let begin = self.at;
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let whole = self.digits()?;
        if whole.len() > 1 && whole[0] == b'0' {
            return None;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = self.bytes.get(begin..self.at)?;
        let count = number.iter().try_fold(0_u64, |count, byte| {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
            count.checked_mul(10)?.checked_add(digit)
        });
        Some(count.map_or(Value::Some, Value::Count))
    }

    /// At least one.
    fn digits(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }

    fn word(&mut self, word: &[u8], value: Value) -> Option<Value> {
        let is_there = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is_there.then_some(value)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        let is_there = self.peek()? == byte;
        self.at += 1;
        is_there.then_some(())
    }

    /// The next byte that is no white space, which stays.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }
}
