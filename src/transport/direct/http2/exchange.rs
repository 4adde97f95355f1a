//! One request on an HTTP/2 connection.

use super::session::Session;
use super::written::{Body, Mark};
use crate::outcome::Outcome;
use crate::transport::HELD_HEADER;
use crate::transport::body::number;
use crate::transport::connections::Closed;
use crate::transport::direct::failure::Failure;
use crate::transport::direct::progress::{Answer, Progress, Waiting};
use crate::transport::direct::request::Message;
use crate::transport::failure::UNANSWERED_PING;
use h2::RecvStream;
use std::rc::Rc;
use std::time::Duration;

impl Session {
    /// Sends the request and reads the answer to its end. What has been learnt stands in `progress` also when it fails.
    /// Dropping the future resets the stream and leaves the others alone.
    pub(in crate::transport::direct) async fn exchange(
        &self,
        message: &Message,
        waiting: &Waiting<'_>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        self.usage.begins(progress);
        let mark = Mark::default();
        let ended = self.whole(message, waiting, &mark, progress).await;
        progress.written = mark.get();
        self.usage.ends(progress, waiting.now());
        ended
    }

    async fn whole(
        &self,
        message: &Message,
        waiting: &Waiting<'_>,
        mark: &Mark,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let answer = {
            let mut sender = self.sender.borrow().clone();
            let bodiless = message.body.is_empty();
            let sent = sender.send_request(message.head.clone(), bodiless);
            let (answer, mut body) = sent.map_err(|error| self.failed(&error))?;
            if bodiless {
                self.writes.encoded(mark);
            } else {
                let bytes = Body {
                    bytes: message.body.clone(),
                    mark: Rc::clone(mark),
                    writes: Rc::clone(&self.writes),
                };
                let sent = body.send_data(bytes, true);
                sent.map_err(|error| self.failed(&error))?;
            }
            answer
        };
        let answer = self.before(waiting, answer).await?;
        let answer = answer.map_err(|error| self.failed(&error))?;
        progress.first_byte = Some(waiting.now());
        let held = number(answer.headers(), &HELD_HEADER);
        progress.answer = Some(Answer {
            status: answer.status().as_u16(),
            version: http::Version::HTTP_2,
            held: held.map(Duration::from_micros),
        });
        self.body(answer.into_body(), waiting, progress).await
    }

    /// Reads the body, keeping nothing of it.
    async fn body(
        &self,
        mut body: RecvStream,
        waiting: &Waiting<'_>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let broken = |error: &h2::Error| {
            let failure = self.failed(error);
            if failure.outcome == Outcome::Timeout {
                return failure;
            }
            Failure {
                outcome: Outcome::Body,
                ..failure
            }
        };
        while let Some(data) = self.before(waiting, body.data()).await? {
            let data = data.map_err(|error| broken(&error))?;
            progress.bytes += data.len() as u64;
            // Fails only once the stream has ended, and then no room is needed.
            let _ = body.flow_control().release_capacity(data.len());
        }
        let trailers = self.before(waiting, body.trailers()).await?;
        trailers.map(|_| ()).map_err(|error| broken(&error))
    }

    /// What comes of `future`, if it comes within the time from one read to the next.
    async fn before<F: Future>(
        &self,
        waiting: &Waiting<'_>,
        future: F,
    ) -> Result<F::Output, Failure> {
        waiting.for_read(future).await
    }

    fn failed(&self, error: &h2::Error) -> Failure {
        if self.ending.mute.get() {
            return Failure::new(Outcome::Timeout, UNANSWERED_PING);
        }
        if error.is_library() {
            self.end(Closed::Us);
        }
        Failure::over_http2(error)
    }
}
