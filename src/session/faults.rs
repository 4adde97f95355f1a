//! Panics on request, for tests of what follows one. In builds for use nothing here ever happens.
//!
//! `DRAGSTRIP_TEST_PANIC=load|aggregator|screen|saver`: at the first SIGUSR1 that part panics, so that a test decides when.

use super::live::Env;
use crate::load::{Control, Engine, EngineConfig, Making, StartError};
use crate::transport::{AnyTransport, Exchange, Transport};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Which part is to panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A load thread, in the middle of a request.
    Load,
    /// The thread that collects the figures.
    Aggregator,
    /// The thread that draws.
    Screen,
    /// The thread that saves snapshots.
    Saver,
}

/// The panic that is asked for, if one is.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults {
    part: Option<Part>,
    now: Arc<AtomicBool>,
}

impl Faults {
    /// What the environment asks for.
    pub(super) fn asked(env: Env<'_>) -> Faults {
        // The check comes first: in builds for use the variable is not even read.
        let part = if cfg!(debug_assertions) {
            env("DRAGSTRIP_TEST_PANIC").and_then(|part| match part.as_str() {
                "load" => Some(Part::Load),
                "aggregator" => Some(Part::Aggregator),
                "screen" => Some(Part::Screen),
                "saver" => Some(Part::Saver),
                _ => None,
            })
        } else {
            None
        };
        Faults {
            part,
            now: Arc::default(),
        }
    }

    /// The moment has come. A thread that asks nobody before it works is told through `control`.
    pub(super) fn trigger(&self, control: &Control) {
        self.now.store(true, Ordering::Release);
        #[cfg(debug_assertions)]
        if self.part == Some(Part::Aggregator) {
            control.break_down();
        }
        #[cfg(not(debug_assertions))]
        let _ = control;
    }

    /// Panics if `part` is to panic now.
    pub(super) fn strike(&self, part: Part) {
        let now = self.part == Some(part) && self.now.load(Ordering::Acquire);
        assert!(!now, "as a test has asked for");
    }

    /// Starts the engine, whose load threads panic if that is asked for.
    pub(super) fn start(&self, config: EngineConfig) -> Result<Engine, StartError> {
        if self.part != Some(Part::Load) {
            return Engine::start(config);
        }
        let faults = self.clone();
        Engine::start_with(config, move |making: Making<'_>| {
            let transport = AnyTransport::new(
                &making.variant.request,
                &making.variant.transport,
                making.share,
                Arc::clone(making.counters),
                making.pacer,
            );
            transport.map(|transport| Faulty {
                transport,
                faults: faults.clone(),
            })
        })
    }
}

/// A transport that panics when it is to.
struct Faulty {
    transport: AnyTransport,
    faults: Faults,
}

impl Transport for Faulty {
    type Slot = <AnyTransport as Transport>::Slot;

    fn try_slot(&self) -> Option<Self::Slot> {
        self.transport.try_slot()
    }

    async fn slot(&self) -> Self::Slot {
        self.transport.slot().await
    }

    async fn exchange(&self) -> Exchange {
        self.faults.strike(Part::Load);
        self.transport.exchange().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_panics_unasked_and_only_the_part_that_is_asked_for() {
        let unasked = Faults::asked(&|_| None);
        unasked.now.store(true, Ordering::Release);
        unasked.strike(Part::Load);
        let asked = Faults::asked(&|_| Some("screen".to_owned()));
        asked.strike(Part::Screen);
        asked.now.store(true, Ordering::Release);
        asked.strike(Part::Load);
        assert!(std::panic::catch_unwind(|| asked.strike(Part::Screen)).is_err());
    }
}
