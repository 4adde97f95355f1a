//! The load threads of a run: whether they still work, and whether one was lost.

use std::thread::JoinHandle;

/// Load threads under way.
#[derive(Debug, Default)]
pub(super) struct Crew {
    at_work: Vec<JoinHandle<()>>,
}

/// What the load threads are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Roll {
    /// All have ended.
    pub(super) idle: bool,
    /// One has panicked since the last look. A run without it would measure another load than it says.
    pub(super) lost: bool,
}

impl Crew {
    pub(super) fn add(&mut self, thread: JoinHandle<()>) {
        self.at_work.push(thread);
    }

    pub(super) fn len(&self) -> usize {
        self.at_work.len()
    }

    /// Looks after them.
    pub(super) fn call_the_roll(&mut self) -> Roll {
        let mut lost = false;
        for thread in self.at_work.extract_if(.., |thread| thread.is_finished()) {
            // The panic hook has said why.
            lost |= thread.join().is_err();
        }
        Roll {
            idle: self.at_work.is_empty(),
            lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::cpu::{CpuMeter, Work};
    use crate::load::conductor::Command;
    use crate::load::engine::{Parts, lead};
    use crate::load::{
        EngineConfig, LoadModel, LoadSpec, MostUsers, Order, ThinkTime, VariantLoad, Warmup,
    };
    use crate::metrics::snapshot::{NoticeLevel, Phase};
    use crate::metrics::{Client, VariantNames};
    use crate::transport::{RequestSpec, TransportConfig};
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn who_ends_is_no_loss_and_who_panics_is() {
        let (go, gone) = channel::<()>();
        let mut crew = Crew::default();
        crew.add(thread::spawn(move || {
            let _ = gone.recv();
        }));
        assert_eq!(
            crew.call_the_roll(),
            Roll {
                idle: false,
                lost: false
            }
        );
        // Without a message, since it is meant.
        crew.add(thread::spawn(|| std::panic::resume_unwind(Box::new(()))));
        while !crew.call_the_roll().lost {
            thread::yield_now();
        }
        drop(go);
        while !crew.call_the_roll().idle {
            thread::yield_now();
        }
        assert_eq!(
            crew.call_the_roll(),
            Roll {
                idle: true,
                lost: false
            }
        );
    }
    #[test]
    fn a_run_that_loses_a_load_thread_ends_and_says_so() {
        let cpu = CpuMeter::default();
        let (clock, beat) = (Clock::monotonic(), Duration::from_millis(10));
        let client = Client::new(cpu.clone(), Vec::new());
        let (_parts, mut conductor, snapshots) =
            Parts::lay_out(config(), clock.clone(), beat, client, None);
        let mut crew = Crew::default();
        crew.add(thread::spawn(|| std::panic::resume_unwind(Box::new(()))));
        let (control, commands) = channel();
        // Nobody has anything to note when it is over.
        control.send(Command::Leave).expect("it is heard");
        conductor.start();
        // Without an end of its own it would go on for ever.
        let probe = cpu.probe(Work::Watch);
        lead(&mut conductor, &clock, &commands, &mut crew, &probe);
        let last = snapshots.borrow().clone();
        assert_eq!(last.meta.phase, Phase::Done);
        let notice = last.notices.iter().find(|n| n.level == NoticeLevel::Error);
        let text = notice.map(|notice| notice.text.as_str());
        assert_eq!(text, Some("a load thread failed, and the run was ended"));
    }

    /// A solo run without a load and without an end.
    fn config() -> EngineConfig {
        let url: url::Url = "http://127.0.0.1:1/".parse().expect("a URL");
        let plan = serde_json::json!({
            "title": "test",
            "load": {
                "model": "closed", "order": "together", "aa": false, "ramp_s": 0.0, "timeout_s": 1.0, "threads": 1
            },
            "request": {"method": "GET", "path": "/", "headers": {}, "body_bytes": 0},
        });
        EngineConfig {
            load: LoadSpec {
                model: LoadModel::Closed {
                    users: 0,
                    think: ThinkTime {
                        low: Duration::ZERO,
                        high: Duration::ZERO,
                    },
                },
                order: Order::Together,
                ramp: Duration::ZERO,
                warmup: Warmup::Fixed(Duration::ZERO),
                duration: None,
                until_decided: false,
                timeout: Duration::from_secs(1),
                threads: 1,
                seed: 1,
            },
            together_notices: Vec::new(),
            variants: vec![VariantLoad {
                upstream: None,
                names: VariantNames {
                    label: "a".to_owned(),
                    url: url.to_string(),
                    transport: String::new(),
                    keeps_connections: true,
                    time_limits: Vec::new(),
                    one_request_each: None,
                },
                request: RequestSpec {
                    url,
                    method: http::Method::GET,
                    headers: http::HeaderMap::new(),
                    body: crate::content::Content::default(),
                },
                transport: TransportConfig::default(),
            }],
            plan: Arc::new(serde_json::from_value(plan).expect("a plan")),
            started_at: String::new(),
            most_users: MostUsers {
                any: 1,
                who_never_think: 1,
            },
            notices: Vec::new(),
        }
    }
}
