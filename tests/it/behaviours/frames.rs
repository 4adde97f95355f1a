//! HTTP/2 frames written by hand, right and wrong ones alike.

use super::row::Act;

/// What a client says first.
pub(super) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;
pub(super) const PADDED: u8 = 8;

pub(super) const NO_ERROR: u32 = 0;
pub(super) const INTERNAL_ERROR: u32 = 2;
pub(super) const REFUSED_STREAM: u32 = 7;
pub(super) const CANCEL: u32 = 8;
pub(super) const ENHANCE_YOUR_CALM: u32 = 11;

/// `:status: 200` as an index into HPACK's static table.
pub(super) const STATUS_200: &[u8] = &[0x88];

/// Any frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Settings, each an identifier and a value.
pub(super) fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (id, value) in values {
        payload.extend(id.to_be_bytes());
        payload.extend(value.to_be_bytes());
    }
    frame(SETTINGS, 0, 0, &payload)
}

pub(super) fn settings_ack() -> Vec<u8> {
    frame(SETTINGS, 1, 0, &[])
}

/// A header block in one frame; `flags` beside `END_HEADERS`.
pub(super) fn headers(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | flags, stream, block)
}

/// A field of a header block, neither compressed nor remembered.
pub(super) fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0, name.len() as u8];
    field.extend(name.as_bytes());
    field.push(value.len() as u8);
    field.extend(value.as_bytes());
    field
}

pub(super) fn data(stream: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    frame(DATA, flags, stream, payload)
}

pub(super) fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

pub(super) fn ping() -> Vec<u8> {
    frame(PING, 0, 0, b"dragging")
}

pub(super) fn window_update(stream: u32, by: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &by.to_be_bytes())
}

pub(super) fn goaway(last_stream: u32, code: u32) -> Vec<u8> {
    let payload = [last_stream.to_be_bytes(), code.to_be_bytes()].concat();
    frame(GOAWAY, 0, 0, &payload)
}

/// The head of a 200 on stream 1.
pub(super) fn head() -> Vec<u8> {
    headers(1, 0, STATUS_200)
}

/// Five bytes of a body on stream 1.
pub(super) fn hello(flags: u8) -> Vec<u8> {
    data(1, flags, b"hello")
}

/// A header block of `:status` and one more field.
pub(super) fn block(name: &str, value: &str) -> Vec<u8> {
    [STATUS_200.to_vec(), field(name, value)].concat()
}

/// Reads a request, settles the settings, and says these frames.
pub(super) fn exchange(frames: &[Vec<u8>]) -> Vec<Act> {
    let mut all = vec![settings(&[]), settings_ack()];
    all.extend_from_slice(frames);
    vec![Act::ReadRequest, Act::Say(all.concat())]
}

/// The same, and then waits for the client to hang up.
pub(super) fn speaks(frames: &[Vec<u8>]) -> Vec<Act> {
    let mut script = exchange(frames);
    script.push(Act::Wait);
    script
}

/// The same, and then says `frame` again and again.
pub(super) fn floods(frames: &[Vec<u8>], frame: Vec<u8>) -> Vec<Act> {
    let mut script = exchange(frames);
    script.push(Act::Endless(frame));
    script
}
