//! Whichever engine a transport asks for.

use super::config::{EngineKind, TransportConfig};
use super::connections::ConnectionCounters;
use super::direct::DirectTransport;
use super::error::TransportError;
use super::reqwest_engine::ReqwestTransport;
use super::slots::Slot;
use super::{Exchange, Place, RequestSpec, Share, Transport};
use crate::pacer::Pacer;
use std::sync::Arc;
use std::time::Duration;

/// One load thread's transport, by whichever engine.
pub enum AnyTransport {
    /// Through reqwest.
    Reqwest(ReqwestTransport),
    /// By connections of our own.
    Direct(DirectTransport),
}

impl AnyTransport {
    /// Sets up the share of one load thread. Nothing is connected yet.
    pub fn new(
        spec: &RequestSpec,
        config: &TransportConfig,
        share: Share,
        counters: Arc<ConnectionCounters>,
        pacer: &Arc<Pacer>,
    ) -> Result<Self, TransportError> {
        match config.engine {
            EngineKind::Reqwest => {
                let clock = pacer.clock().clone();
                ReqwestTransport::new(spec, config, share, counters, clock)
                    .map(AnyTransport::Reqwest)
            }
            EngineKind::Direct => {
                let pacer = Arc::clone(pacer);
                DirectTransport::new(spec, config, share, counters, pacer).map(AnyTransport::Direct)
            }
        }
    }
}

impl Transport for AnyTransport {
    type Slot = Slot;

    fn try_slot(&self) -> Option<Slot> {
        match self {
            AnyTransport::Reqwest(engine) => engine.try_slot(),
            AnyTransport::Direct(engine) => engine.try_slot(),
        }
    }

    async fn slot(&self) -> Slot {
        match self {
            AnyTransport::Reqwest(engine) => engine.slot().await,
            AnyTransport::Direct(engine) => engine.slot().await,
        }
    }

    fn place(&self) -> Place {
        match self {
            AnyTransport::Reqwest(engine) => engine.place(),
            AnyTransport::Direct(engine) => engine.place(),
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            AnyTransport::Reqwest(engine) => engine.patience(),
            AnyTransport::Direct(engine) => engine.patience(),
        }
    }

    async fn exchange(&self) -> Exchange {
        match self {
            AnyTransport::Reqwest(engine) => engine.exchange().await,
            AnyTransport::Direct(engine) => engine.exchange().await,
        }
    }

    async fn close(&self) {
        match self {
            AnyTransport::Reqwest(engine) => engine.close().await,
            AnyTransport::Direct(engine) => engine.close().await,
        }
    }
}
