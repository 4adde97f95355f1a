//! The words in which a behaviour is written down: what the server does on each connection, what the client asks, and what
//! must come of it.

use super::certificates::Certificate;
use super::engine::Engine;
use dragstrip::outcome::Outcome;
use http::Method;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The limit of an exchange that is expected to run into it.
const SHORT: Duration = Duration::from_millis(300);

/// The limit of every other: so long that none comes near it.
const LONG: Duration = Duration::from_secs(20);

/// How far beyond its limit an exchange may end on a machine that is busy with other tests.
const MARGIN: Duration = Duration::from_secs(2);

/// The same where the engine does not let go of its thread for a while.
const WIDE_MARGIN: Duration = Duration::from_secs(20);

/// What lies between the client and the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    /// TCP, and an http:// URL.
    Http,
    /// TCP, and an https:// URL: the script plays the handshake itself.
    RawTls,
    /// TLS with such a certificate, HTTP/1.1 on top.
    Https(Certificate),
    /// TCP, and HTTP/2 with prior knowledge.
    H2c,
    /// TLS and HTTP/2.
    H2,
}

impl Wire {
    /// The scheme of the server's URL.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Wire::Http | Wire::H2c => "http",
            Wire::RawTls | Wire::Https(_) | Wire::H2 => "https",
        }
    }
}

/// One thing that a server does.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Reads the head of a request and, on HTTP/1, the body that its content-length promises.
    ReadRequest,
    /// Reads the head alone.
    ReadHead,
    /// Reads so many bytes.
    ReadBytes(usize),
    /// Reads whatever comes first.
    ReadSome,
    /// Writes.
    Say(Vec<u8>),
    /// Writes past TLS, on the bare socket.
    SayBelowTls(Vec<u8>),
    /// Writes byte by byte, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Writes the same again and again, reading whatever comes, until the client hangs up.
    Endless(Vec<u8>),
    /// The same, with a pause before each time.
    EndlessSlowly(Vec<u8>, Duration),
    /// Says that nothing more will come: TCP's FIN, after a `close_notify` on TLS.
    HalfClose,
    /// Reads until the client hangs up.
    Wait,
    /// Ends the connection with a TCP reset.
    Reset,
}

/// What must come of one exchange.
#[derive(Clone, Debug)]
pub(super) struct Expect {
    pub(super) outcome: Outcome,
    /// Another outcome that is as good, where it is up to the system which comes first.
    pub(super) or: Option<Outcome>,
    /// The body bytes received; `None` where it does not matter, or nobody can know.
    pub(super) bytes: Option<u64>,
    /// A part of the error's text.
    pub(super) error: &'static str,
}

impl Expect {
    fn new(outcome: Outcome, bytes: Option<u64>, error: &'static str) -> Expect {
        Expect {
            outcome,
            or: None,
            bytes,
            error,
        }
    }

    /// Or this; the number of bytes does not matter.
    pub(super) fn or(self, outcome: Outcome) -> Expect {
        Expect {
            or: Some(outcome),
            ..self.of_any_size()
        }
    }

    /// The number of bytes does not matter.
    pub(super) fn of_any_size(self) -> Expect {
        Expect {
            bytes: None,
            ..self
        }
    }

    /// The client's limit.
    pub(super) fn limit(&self) -> Duration {
        if self.outcome == Outcome::Timeout || self.or == Some(Outcome::Timeout) {
            SHORT
        } else {
            LONG
        }
    }
}

/// A whole 2xx answer with so many body bytes.
pub(super) fn ok(bytes: u64) -> Expect {
    Expect::new(Outcome::Ok, Some(bytes), "")
}

/// A whole answer with another status.
pub(super) fn status(status: u16, bytes: u64) -> Expect {
    Expect::new(Outcome::Http(status), Some(bytes), "")
}

/// No answer, and why.
pub(super) fn fails(outcome: Outcome, error: &'static str) -> Expect {
    Expect::new(outcome, Some(0), error)
}

/// What came was no HTTP, or stopped before it was an answer.
pub(super) fn no_answer(error: &'static str) -> Expect {
    fails(Outcome::Protocol, error)
}

/// An answer whose body broke off after so many bytes.
pub(super) fn broken(bytes: u64, error: &'static str) -> Expect {
    Expect::new(Outcome::Body, Some(bytes), error)
}

/// Nothing came of it within the limit.
pub(super) fn no_end() -> Expect {
    Expect::new(Outcome::Timeout, None, "no complete answer within")
}

/// One behaviour.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) wire: Wire,
    pub(super) method: Method,
    /// The size of the request's body.
    pub(super) body: usize,
    /// What the server does on its first connection, its second, …; on any further one, what it did on the last.
    pub(super) scripts: Vec<Vec<Act>>,
    /// One exchange each, one after another through the same transport.
    pub(super) expect: Vec<Expect>,
    /// Whether each further exchange waits until the server has ended all connections.
    pub(super) after_the_end: bool,
    /// How many connections the client opens.
    pub(super) connections: usize,
    /// Whether the client hangs up everywhere once its transport is gone.
    hangs_up: bool,
    /// The engine that may not, and why that is all right.
    left_open: Option<(Engine, &'static str)>,
    /// Whether the engine keeps its thread for seconds on end, so that even its timers are late.
    pub(super) keeps_thread: bool,
    /// The most that the server gets rid of in all before the client hangs up: what it holds and what is under way.
    pub(super) sends_at_most: Option<u64>,
    /// Where an engine does something else, and why that is all right.
    pub(super) differs: Vec<(Engine, Vec<Expect>, &'static str)>,
    /// Where an engine opens another number of connections, and why that is all right.
    pub(super) opens: Option<(Engine, RangeInclusive<usize>, &'static str)>,
}

impl Row {
    /// A server for HTTP/1.1 in clear text that does this on each connection, asked once.
    pub(super) fn new(name: &'static str, script: Vec<Act>, expect: Expect) -> Row {
        Row {
            name,
            wire: Wire::Http,
            method: Method::GET,
            body: 0,
            scripts: vec![script],
            expect: vec![expect],
            after_the_end: false,
            connections: 1,
            hangs_up: true,
            left_open: None,
            keeps_thread: false,
            sends_at_most: None,
            differs: Vec::new(),
            opens: None,
        }
    }

    pub(super) fn over(mut self, wire: Wire) -> Row {
        self.wire = wire;
        self
    }

    pub(super) fn asked_with(mut self, method: Method, body: usize) -> Row {
        self.method = method;
        self.body = body;
        self
    }

    /// What the server does on the next connection.
    pub(super) fn next_connection(mut self, script: Vec<Act>) -> Row {
        self.scripts.push(script);
        self
    }

    /// One more exchange, over the same connection if there is no other script.
    pub(super) fn then(mut self, expect: Expect) -> Row {
        self.expect.push(expect);
        self
    }

    /// One more exchange, over a connection of its own.
    pub(super) fn then_anew(mut self, expect: Expect) -> Row {
        self.expect.push(expect);
        self.connections += 1;
        self
    }

    pub(super) fn after_the_end(mut self) -> Row {
        self.after_the_end = true;
        self
    }

    /// The engine is slow at this and does not stop in between.
    pub(super) fn keeps_thread(mut self) -> Row {
        self.keeps_thread = true;
        self
    }

    /// How far beyond its limit an exchange may end.
    pub(super) fn margin(&self) -> Duration {
        if self.keeps_thread {
            WIDE_MARGIN
        } else {
            MARGIN
        }
    }

    /// Whether the server says something without an end, as fast as it can.
    pub(super) fn is_loud(&self) -> bool {
        let mut acts = self.scripts.iter().flatten();
        acts.any(|act| matches!(act, Act::Endless(_)))
    }

    /// The client leaves the connection open when it is done with it.
    pub(super) fn never_hung_up(mut self) -> Row {
        self.hangs_up = false;
        self
    }

    /// The same, of one engine only, which may leave it open, and why.
    pub(super) fn but_may_leave_it_open(mut self, engine: Engine, why: &'static str) -> Row {
        self.left_open = Some((engine, why));
        self
    }

    /// Whether `engine` hangs up everywhere once its transport is gone.
    pub(super) fn hangs_up(&self, engine: Engine) -> bool {
        self.hangs_up && self.left_open.is_none_or(|(other, _)| other != engine)
    }

    pub(super) fn sends_at_most(mut self, bytes: u64) -> Row {
        self.sends_at_most = Some(bytes);
        self
    }

    /// What `engine` makes of it instead, asked once, and why that is all right.
    pub(super) fn but(mut self, engine: Engine, expect: Expect, why: &'static str) -> Row {
        self.differs.push((engine, vec![expect], why));
        self
    }

    /// How many connections `engine` opens instead, and why that is all right.
    pub(super) fn but_opens(
        mut self,
        engine: Engine,
        connections: RangeInclusive<usize>,
        why: &'static str,
    ) -> Row {
        self.opens = Some((engine, connections, why));
        self
    }

    /// How many connections `engine` opens.
    pub(super) fn connections_of(&self, engine: Engine) -> RangeInclusive<usize> {
        match &self.opens {
            Some((other, connections, _)) if *other == engine => connections.clone(),
            _ => self.connections..=self.connections,
        }
    }

    /// What must come of this row with `engine`.
    pub(super) fn expected_of(&self, engine: Engine) -> &[Expect] {
        let differs = self.differs.iter().find(|(other, ..)| *other == engine);
        differs.map_or(&self.expect, |(_, expect, _)| expect)
    }
}

pub(super) fn say(text: impl AsRef<[u8]>) -> Act {
    Act::Say(text.as_ref().to_vec())
}

/// Reads a request, says this, and leaves the connection open.
pub(super) fn answers(text: impl AsRef<[u8]>) -> Vec<Act> {
    vec![Act::ReadRequest, say(text), Act::Wait]
}

/// Reads a request, says this, and hangs up.
pub(super) fn answers_and_closes(text: impl AsRef<[u8]>) -> Vec<Act> {
    vec![Act::ReadRequest, say(text)]
}

/// Reads a request, says this, and goes on with that for ever.
pub(super) fn endless(start: impl AsRef<[u8]>, more: &str) -> Vec<Act> {
    let more = more.as_bytes().to_vec();
    vec![Act::ReadRequest, say(start), Act::Endless(more)]
}

/// A plain answer.
pub(super) const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
