//! The sessions that can be resumed. Every handshake asks for one first, so this is also where its beginning is noted.

use crate::transport::notes;
use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;

/// Servers whose sessions are remembered: rustls' own default.
const REMEMBERED: usize = 256;

/// A memory for sessions, or with resumption off for none.
#[derive(Debug)]
pub(super) struct Sessions(Option<ClientSessionMemoryCache>);

impl Sessions {
    pub(super) fn new(resumption: bool) -> Sessions {
        Sessions(resumption.then(|| ClientSessionMemoryCache::new(REMEMBERED)))
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        if let Some(memory) = &self.0 {
            memory.set_kx_hint(server, group);
        }
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        notes::note_handshake();
        self.0.as_ref()?.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        if let Some(memory) = &self.0 {
            memory.set_tls12_session(server, value);
        }
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        notes::note_handshake();
        self.0.as_ref()?.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        if let Some(memory) = &self.0 {
            memory.remove_tls12_session(server);
        }
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        if let Some(memory) = &self.0 {
            memory.insert_tls13_ticket(server, value);
        }
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        notes::note_handshake();
        self.0.as_ref()?.take_tls13_ticket(server)
    }
}
