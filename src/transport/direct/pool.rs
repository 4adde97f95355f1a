//! Idle connections, the last used first: so they are as young as can be, and those that are not needed grow old.

use super::connection::Connection;
use crate::clock::Tick;
use crate::transport::connections::Closed;
use std::collections::VecDeque;
use std::time::Duration;

/// The idle connections of one transport on one load thread.
pub(super) struct Pool {
    idle: VecDeque<Connection>,
    /// At most so many.
    most: usize,
    /// Each for so long.
    time: Option<Duration>,
}

impl Pool {
    pub(super) fn new(most: usize, time: Option<Duration>) -> Pool {
        Pool {
            idle: VecDeque::new(),
            most,
            time,
        }
    }

    /// The youngest connection that can be used; those that have ended meanwhile are counted on the way.
    pub(super) fn take(&mut self, now: Tick) -> Option<Connection> {
        while let Some(mut connection) = self.idle.pop_back() {
            if self.is_too_old(&connection, now) {
                connection.close(Closed::Idle);
            } else if connection.is_usable() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection that nobody has used yet.
    pub(super) fn add(&mut self, connection: Connection) {
        self.idle.push_back(connection);
    }

    /// Keeps a connection, or closes it where enough are idle.
    pub(super) fn give(&mut self, mut connection: Connection, now: Tick) {
        connection.used = now;
        if self.idle.len() < self.most {
            self.idle.push_back(connection);
        } else {
            connection.close(Closed::Us);
        }
    }

    /// Closes what has been idle for too long or has been closed by the server, so that it is told in time.
    pub(super) fn sweep(&mut self, now: Tick) {
        while let Some(oldest) = self.idle.front()
            && self.is_too_old(oldest, now)
        {
            if let Some(oldest) = self.idle.pop_front() {
                oldest.close(Closed::Idle);
            }
        }
        self.idle.retain_mut(Connection::is_usable);
    }

    fn is_too_old(&self, connection: &Connection, now: Tick) -> bool {
        self.time
            .is_some_and(|time| now.since(connection.used) >= time)
    }
}
