//! One request on an HTTP/3 connection.

use super::bounded::Opener;
use super::failure;
use super::session::Session;
use crate::clock::Tick;
use crate::outcome::Outcome;
use crate::transport::HELD_HEADER;
use crate::transport::body::number;
use crate::transport::direct::failure::Failure;
use crate::transport::direct::progress::{Answer, Progress, Waiting};
use crate::transport::direct::request::Message;
use bytes::{Buf, Bytes};
use h3::client::RequestStream;
use h3::error::{Code, StreamError};
use h3::quic::{BidiStream, OpenStreams};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, StatusCode};
use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

type Both = <Opener as OpenStreams<Bytes>>::BidiStream;
type Reading = RequestStream<<Both as BidiStream<Bytes>>::RecvStream, Bytes>;
type Writing = RequestStream<<Both as BidiStream<Bytes>>::SendStream, Bytes>;

/// The half of a stream with the request. Dropped before its end, it is reset: else what was sent so far would look whole.
struct Sending {
    stream: Writing,
    done: bool,
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.done {
            self.stream.stop_stream(Code::H3_REQUEST_CANCELLED);
        }
    }
}

/// Tells the connection that a request was given up, unless it has ended.
struct Trial<'a> {
    session: &'a Session,
    waiting: &'a Waiting<'a>,
    began: Tick,
    heard: u64,
    ended: bool,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let now = self.waiting.now();
            self.session.given_up(self.began, self.heard, now);
        }
    }
}

impl Session {
    /// Sends the request and reads the answer to its end. What has been learnt stands in `progress` also when it fails.
    /// Dropping the future gives the stream up and leaves the others alone.
    pub(in crate::transport::direct) async fn exchange(
        &self,
        message: &Message,
        waiting: &Waiting<'_>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        self.usage.begins(progress);
        let written = Cell::new(None);
        let mut trial = Trial {
            session: self,
            waiting,
            began: waiting.now(),
            heard: self.heard(),
            ended: false,
        };
        let ended = self.whole(message, waiting, &written, progress).await;
        trial.ended = !matches!(&ended, Err(failure) if failure.outcome == Outcome::Timeout);
        progress.written = written.get();
        self.usage.ends(progress, waiting.now());
        ended
    }

    async fn whole(
        &self,
        message: &Message,
        waiting: &Waiting<'_>,
        written: &Cell<Option<Tick>>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let mut sender = self.sender.clone();
        let stream = waiting
            .for_read(sender.send_request(message.head.clone()))
            .await?
            .map_err(|error| self.failed(&error))?;
        // Until now it may have waited for one of the streams that the server allows at once.
        progress.ready = Some(waiting.now());
        let number = stream.id().into_inner();
        // Dropped before its end, the half with the answer asks the server by itself to stop.
        let (sending, mut receiving) = stream.split();
        let mut sending = Sending {
            stream: sending,
            done: false,
        };
        let send = async {
            if !message.body.is_empty() {
                sending.stream.send_data(message.body.clone()).await?;
            }
            sending.stream.finish().await?;
            sending.done = true;
            written.set(Some(waiting.now()));
            Ok::<(), StreamError>(())
        };
        // A server may answer without reading all of the request; whether it did is for the answer to say.
        let send = async {
            let _ = send.await;
            pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = send => Ok(()),
            () = self.watch.until_left_out(number) => Err(failure::left_out()),
            ended = self.receive(&mut receiving, message, waiting, progress) => ended,
        }
    }

    async fn receive(
        &self,
        receiving: &mut Reading,
        message: &Message,
        waiting: &Waiting<'_>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let answer = loop {
            let came = waiting.for_read(receiving.recv_response()).await?;
            let answer = came.map_err(|error| self.failed(&error))?;
            if !answer.status().is_informational() {
                break answer;
            }
        };
        progress.first_byte = Some(waiting.now());
        let held = number(answer.headers(), &HELD_HEADER);
        progress.answer = Some(Answer {
            status: answer.status().as_u16(),
            version: http::Version::HTTP_3,
            held: held.map(Duration::from_micros),
        });
        let bodiless = message.head.method() == Method::HEAD
            || matches!(
                answer.status(),
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
            );
        let promised = length(answer.headers())?.filter(|_| !bodiless);
        self.body(receiving, waiting, promised, progress).await
    }

    /// Reads the body, keeping nothing of it.
    async fn body(
        &self,
        receiving: &mut Reading,
        waiting: &Waiting<'_>,
        promised: Option<u64>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let broken = |error: &StreamError| Failure {
            outcome: Outcome::Body,
            ..self.failed(error)
        };
        let wrong = |text: &str| Failure::new(Outcome::Body, text);
        loop {
            let came = waiting.for_read(receiving.recv_data()).await?;
            let Some(data) = came.map_err(|error| broken(&error))? else {
                break;
            };
            progress.bytes += data.remaining() as u64;
            if promised.is_some_and(|promised| progress.bytes > promised) {
                return Err(wrong("more body than its content-length says"));
            }
        }
        if promised.is_some_and(|promised| progress.bytes < promised) {
            return Err(wrong("less body than its content-length says"));
        }
        let trailers = waiting.for_read(receiving.recv_trailers()).await?;
        trailers.map(|_| ()).map_err(|error| broken(&error))
    }

    fn failed(&self, error: &StreamError) -> Failure {
        let ended = self.quic.close_reason();
        failure::unanswered(error, ended.as_ref(), self.watch.why())
    }
}

/// The content-length, if there is one: digits alone, and the same wherever it stands (RFC 9114, 4.1.2).
fn length(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let bad = || Failure::new(Outcome::Protocol, "a content-length that is none");
    let mut found = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let text = value.to_str().map_err(|_| bad())?;
        if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(bad());
        }
        let length = text.parse().map_err(|_| bad())?;
        if found.is_some_and(|found| found != length) {
            return Err(bad());
        }
        found = Some(length);
    }
    Ok(found)
}
