//! What TLS agrees on within QUIC. The library does not tell the cipher suite or whether a session was resumed, but each step of
//! a handshake goes through a session that can be wrapped: what is noted during the step is kept with it.

use crate::clock::Clock;
use crate::transport::direct::connect::Agreed;
use crate::transport::notes::{self, Notes};
use quinn::ConnectError;
use quinn::crypto::{
    ClientConfig, ExportKeyingMaterialError, HeaderKey, KeyPair, Keys, PacketKey, Session,
};
use quinn_proto::transport_parameters::TransportParameters;
use quinn_proto::{ConnectionId, Side, TransportError};
use std::any::Any;
use std::sync::Arc;

/// Begins sessions that note.
pub(super) struct Noting<C> {
    pub(super) inner: Arc<C>,
    pub(super) clock: Clock,
}

struct NotingSession {
    inner: Box<dyn Session>,
    notes: Notes,
}

impl<C: ClientConfig + 'static> ClientConfig for Noting<C> {
    fn start_session(
        self: Arc<Self>,
        version: u32,
        server_name: &str,
        params: &TransportParameters,
    ) -> Result<Box<dyn Session>, ConnectError> {
        let inner = Arc::clone(&self.inner).start_session(version, server_name, params)?;
        let notes = Notes::new(self.clock.clone());
        Ok(Box::new(NotingSession { inner, notes }))
    }
}

impl Session for NotingSession {
    fn handshake_data(&self) -> Option<Box<dyn Any>> {
        let suite = self.notes.suite.and_then(|(_, suite)| suite.as_str());
        Some(Box::new(Agreed {
            // QUIC has no other (RFC 9001, 4.2).
            tls: ("TLS 1.3", suite.unwrap_or("unknown cipher")),
            resumed: !self.notes.certificate,
            http2: false,
        }))
    }

    fn read_handshake(&mut self, buf: &[u8]) -> Result<bool, TransportError> {
        notes::during(&mut self.notes, || self.inner.read_handshake(buf))
    }

    fn write_handshake(&mut self, buf: &mut Vec<u8>) -> Option<Keys> {
        notes::during(&mut self.notes, || self.inner.write_handshake(buf))
    }

    fn initial_keys(&self, dst_cid: &ConnectionId, side: Side) -> Keys {
        self.inner.initial_keys(dst_cid, side)
    }

    fn peer_identity(&self) -> Option<Box<dyn Any>> {
        self.inner.peer_identity()
    }

    fn early_crypto(&self) -> Option<(Box<dyn HeaderKey>, Box<dyn PacketKey>)> {
        self.inner.early_crypto()
    }

    fn early_data_accepted(&self) -> Option<bool> {
        self.inner.early_data_accepted()
    }

    fn is_handshaking(&self) -> bool {
        self.inner.is_handshaking()
    }

    fn transport_parameters(&self) -> Result<Option<TransportParameters>, TransportError> {
        self.inner.transport_parameters()
    }

    fn next_1rtt_keys(&mut self) -> Option<KeyPair<Box<dyn PacketKey>>> {
        self.inner.next_1rtt_keys()
    }

    fn is_valid_retry(&self, orig_dst_cid: &ConnectionId, header: &[u8], payload: &[u8]) -> bool {
        self.inner.is_valid_retry(orig_dst_cid, header, payload)
    }

    fn export_keying_material(
        &self,
        output: &mut [u8],
        label: &[u8],
        context: &[u8],
    ) -> Result<(), ExportKeyingMaterialError> {
        self.inner.export_keying_material(output, label, context)
    }
}
