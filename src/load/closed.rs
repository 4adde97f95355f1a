//! The closed loop: users who send, read the answer, think, and send again.

use super::lane::Lane;
use super::schedule::Part;
use super::spec::ThinkTime;
use crate::clock::Tick;
use crate::transport::Transport;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::spawn_local;

/// One variant's users on one load thread: those whose number leaves `part.thread` when divided by `part.threads`.
#[derive(Debug)]
pub(super) struct Users<T> {
    lane: Rc<Lane<T>>,
    part: Part,
    seed: u64,
    /// Which of this thread's users are alive, by their place in the thread.
    alive: Rc<RefCell<Vec<bool>>>,
}

impl<T: Transport> Users<T> {
    pub(super) fn new(lane: Rc<Lane<T>>, part: Part, seed: u64) -> Self {
        Users {
            lane,
            part,
            seed,
            alive: Rc::default(),
        }
    }

    /// Starts the first `users` users one after another, evenly over `ramp`, from `origin` on.
    pub(super) fn start(&self, users: u32, origin: Tick, ramp: Duration) {
        for place in 0..self.places(users) {
            let number = place * self.part.threads + self.part.thread;
            self.spawn(
                place,
                origin + ramp.mul_f64(number as f64 / f64::from(users.max(1))),
            );
        }
    }

    /// There are to be `users` users now: starts those who are missing. Those who are too many leave by themselves.
    pub(super) fn resize(&self, users: u32, now: Tick) {
        for place in 0..self.places(users) {
            let alive = self.alive.borrow().get(place).copied().unwrap_or(false);
            if !alive {
                self.spawn(place, now);
            }
        }
    }

    fn places(&self, users: u32) -> usize {
        (users as usize + self.part.threads - 1 - self.part.thread) / self.part.threads
    }

    fn spawn(&self, place: usize, first: Tick) {
        let mut alive = self.alive.borrow_mut();
        if alive.len() <= place {
            alive.resize(place + 1, false);
        }
        alive[place] = true;
        drop(alive);
        let number = place * self.part.threads + self.part.thread;
        // The same user thinks the same thoughts in A and in B: the seed does not depend on the variant.
        let rng = SmallRng::seed_from_u64(
            self.seed
                .wrapping_add((number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)),
        );
        let (lane, alive) = (Rc::clone(&self.lane), Rc::clone(&self.alive));
        spawn_local(async move {
            live(&lane, number as u32, first, rng).await;
            alive.borrow_mut()[place] = false;
        });
    }
}

/// A pause under way.
#[derive(Clone, Copy)]
struct Pause {
    /// Its end.
    until: Tick,
    /// How long all of it is.
    length: Duration,
    /// What it was drawn from.
    drawn_from: ThinkTime,
}

impl Pause {
    fn draw(lane: &Lane<impl Transport>, from: Tick, rng: &mut SmallRng) -> Pause {
        let think = lane.gate.state().think;
        let length = drawn(think, rng);
        Pause {
            until: from + length,
            length,
            drawn_from: think,
        }
    }

    /// The same under another think time, drawn anew: what is left of it stays the same share of the whole. So users are as
    /// evenly spread as they were, and nobody sleeps through the change.
    fn under(self, think: ThinkTime, now: Tick, rng: &mut SmallRng) -> Pause {
        let length = drawn(think, rng);
        let left = self.until.since(now);
        let share = match self.length {
            Duration::ZERO => 0.0,
            whole => left.div_duration_f64(whole).min(1.0),
        };
        Pause {
            until: now + length.mul_f64(share),
            length,
            drawn_from: think,
        }
    }
}

async fn live<T: Transport>(lane: &Rc<Lane<T>>, number: u32, first: Tick, mut rng: SmallRng) {
    let mut intended = first;
    let mut born = false;
    // While the user thinks.
    let mut thinking: Option<Pause> = None;
    let mut stood_still = lane.heart.stood_still();
    loop {
        // What was left to wait when this thread stood still is left when it goes on: else all users would come at once.
        loop {
            let sleep = lane.pacer.sleep_until(intended).sharp();
            if thinking.is_some() {
                tokio::select! {
                    biased;
                    () = sleep => {}
                    () = lane.gate.rethink() => {}
                }
            } else {
                sleep.await;
            }
            let now = lane.heart.now();
            let put_off = lane.heart.stood_still().saturating_sub(stood_still);
            stood_still += put_off;
            intended = intended + put_off;
            if let Some(pause) = &mut thinking {
                pause.until = pause.until + put_off;
                let think = lane.gate.state().think;
                if pause.drawn_from != think && now < pause.until {
                    let before = pause.until;
                    *pause = pause.under(think, now, &mut rng);
                    lane.shard.rethink(before, pause.until);
                    intended = pause.until;
                }
            }
            if now >= intended {
                break;
            }
        }
        if let Some(pause) = thinking.take() {
            lane.shard.thought(pause.until);
        }
        if let Some(from) = lane.gate.while_held(intended).await {
            // Nobody waited for an answer while the load was held; users come back as they would after thinking.
            lane.pacer.sleep_until(from).await;
            let now = lane.heart.now();
            stood_still = lane.heart.stood_still();
            let pause = Pause::draw(lane, now, &mut rng);
            intended = pause.until;
            thinking = born.then_some(pause);
            if born {
                lane.shard.think(now, intended);
            }
            continue;
        }
        if number >= lane.gate.state().users || lane.gate.stopped_by(intended) {
            if born {
                lane.shard.user(false);
            }
            return;
        }
        if !born {
            born = true;
            lane.shard.user(true);
        }
        let done = lane.begin(intended, stood_still).send(false).await;
        // An answer that came before a standstill, and is looked at after it, is thought about from then on.
        lane.heart.now();
        stood_still = lane.heart.stood_still();
        let done = lane
            .heart
            .resumed()
            .map_or(done, |resumed| done.max(resumed));
        let pause = Pause::draw(lane, done, &mut rng);
        intended = pause.until;
        lane.shard.think(done, intended);
        thinking = Some(pause);
    }
}

fn drawn(think: ThinkTime, rng: &mut SmallRng) -> Duration {
    if think.low == think.high {
        think.low
    } else {
        rng.random_range(think.low..=think.high)
    }
}
