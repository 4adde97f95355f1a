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
    think: ThinkTime,
    part: Part,
    seed: u64,
    /// Which of this thread's users are alive, by their place in the thread.
    alive: Rc<RefCell<Vec<bool>>>,
}

impl<T: Transport> Users<T> {
    pub(super) fn new(lane: Rc<Lane<T>>, think: ThinkTime, part: Part, seed: u64) -> Self {
        Users {
            lane,
            think,
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
        let (lane, think, alive) = (Rc::clone(&self.lane), self.think, Rc::clone(&self.alive));
        spawn_local(async move {
            live(&lane, think, number as u32, first, rng).await;
            alive.borrow_mut()[place] = false;
        });
    }
}

async fn live<T: Transport>(
    lane: &Rc<Lane<T>>,
    think: ThinkTime,
    number: u32,
    first: Tick,
    mut rng: SmallRng,
) {
    let mut intended = first;
    let mut born = false;
    // Until when the user wanted to think, while he does.
    let mut thinking = None;
    let mut stood_still = lane.heart.stood_still();
    loop {
        // What was left to wait when this thread stood still is left when it goes on: else all users would come at once.
        loop {
            lane.pacer.sleep_until(intended).sharp().await;
            let now = lane.heart.now();
            let put_off = lane.heart.stood_still().saturating_sub(stood_still);
            stood_still += put_off;
            intended = intended + put_off;
            thinking = thinking.map(|until: Tick| until + put_off);
            if now >= intended {
                break;
            }
        }
        if let Some(until) = thinking.take() {
            lane.shard.thought(until);
        }
        if let Some(from) = lane.gate.while_held(intended).await {
            // Nobody waited for an answer while the load was held; users come back as they would after thinking.
            lane.pacer.sleep_until(from).await;
            let now = lane.heart.now();
            stood_still = lane.heart.stood_still();
            intended = now + think_for(think, &mut rng);
            thinking = born.then(|| lane.think(now, intended));
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
        intended = done + think_for(think, &mut rng);
        thinking = Some(lane.think(done, intended));
    }
}

fn think_for(think: ThinkTime, rng: &mut SmallRng) -> Duration {
    if think.low == think.high {
        think.low
    } else {
        rng.random_range(think.low..=think.high)
    }
}
