//! The client's side of an HTTP/2 connection, frame by frame, from the bytes as they come.

/// What a client begins an HTTP/2 connection with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame that the client has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Headers { stream: u32 },
    Data { stream: u32, bytes: usize },
    Reset { stream: u32, code: u32 },
    Settings(Vec<(Setting, u32)>),
    SettingsAck,
    Ping,
    Pong,
    GoAway { code: u32 },
    WindowUpdate { stream: u32, by: u32 },
    Other(u8),
}

/// What a SETTINGS frame can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    HeaderTableSize,
    EnablePush,
    MaxConcurrentStreams,
    InitialWindowSize,
    MaxFrameSize,
    MaxHeaderListSize,
    Other(u16),
}

/// Reads frames; takes no notice of a connection that does not begin with HTTP/2's preface.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    bytes: Vec<u8>,
    begun: bool,
    other: bool,
}

impl Reader {
    /// The frames that `bytes` complete.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Vec<Frame> {
        if self.other {
            return Vec::new();
        }
        self.bytes.extend_from_slice(bytes);
        if !self.begun {
            let begun = self.bytes.len().min(PREFACE.len());
            self.other = self.bytes[..begun] != PREFACE[..begun];
            if self.other || begun < PREFACE.len() {
                return Vec::new();
            }
            self.begun = true;
            self.bytes.drain(..begun);
        }
        let mut frames = Vec::new();
        while let Some(head) = self.bytes.first_chunk::<9>() {
            let end = 9 + number(&head[..3]) as usize;
            if self.bytes.len() < end {
                break;
            }
            let frame: Vec<u8> = self.bytes.drain(..end).collect();
            frames.push(parse(frame[3], frame[4], number(&frame[5..9]), &frame[9..]));
        }
        frames
    }
}

fn parse(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Frame {
    let ack = flags & 1 == 1;
    match kind {
        0 => Frame::Data {
            stream,
            bytes: payload.len(),
        },
        1 => Frame::Headers { stream },
        3 => Frame::Reset {
            stream,
            code: number(payload),
        },
        4 if ack => Frame::SettingsAck,
        4 => Frame::Settings(payload.chunks_exact(6).map(setting).collect()),
        6 if ack => Frame::Pong,
        6 => Frame::Ping,
        7 => Frame::GoAway {
            code: number(&payload[4..8]),
        },
        8 => Frame::WindowUpdate {
            stream,
            by: number(payload),
        },
        _ => Frame::Other(kind),
    }
}

fn setting(pair: &[u8]) -> (Setting, u32) {
    let name = match number(&pair[..2]) {
        1 => Setting::HeaderTableSize,
        2 => Setting::EnablePush,
        3 => Setting::MaxConcurrentStreams,
        4 => Setting::InitialWindowSize,
        5 => Setting::MaxFrameSize,
        6 => Setting::MaxHeaderListSize,
        other => Setting::Other(other as u16),
    };
    (name, number(&pair[2..]))
}

/// A number of up to four bytes, the highest first.
fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, &byte| sum << 8 | u32::from(byte))
}

#[test]
fn frames_are_read_whichever_way_they_are_cut() {
    let mut sent = PREFACE.to_vec();
    sent.extend_from_slice(&[0, 0, 12, 4, 0, 0, 0, 0, 0]);
    sent.extend_from_slice(&[0, 4, 0, 1, 0, 0, 0, 3, 0, 0, 0, 100]);
    sent.extend_from_slice(&[0, 0, 4, 8, 0, 0, 0, 0, 3, 0, 0, 1, 2]);
    sent.extend_from_slice(&[0, 0, 0, 4, 1, 0, 0, 0, 0]);
    sent.extend_from_slice(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let expected = [
        Frame::Settings(vec![
            (Setting::InitialWindowSize, 65_536),
            (Setting::MaxConcurrentStreams, 100),
        ]),
        Frame::WindowUpdate { stream: 3, by: 258 },
        Frame::SettingsAck,
        Frame::Ping,
    ];
    for size in 1..=sent.len() {
        let mut reader = Reader::default();
        let frames: Vec<_> = sent
            .chunks(size)
            .flat_map(|part| reader.read(part))
            .collect();
        assert_eq!(frames, expected, "in parts of {size}");
    }
}

#[test]
fn http_1_has_no_frames() {
    let mut reader = Reader::default();
    assert_eq!(reader.read(b"P"), []);
    assert_eq!(reader.read(b"OST / HTTP/1.1\r\n"), []);
    assert_eq!(reader.read(PREFACE), []);
}
