//! The pacer by itself, in simulated and in real time.

use super::*;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake};
use std::time::Duration;

/// A waker that notes its name.
struct Bell(u64, Arc<Mutex<Vec<u64>>>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

/// A pacer in simulated time, and who has been woken.
struct Scene {
    clock: Clock,
    pacer: Arc<Pacer>,
    woken: Arc<Mutex<Vec<u64>>>,
}

impl Scene {
    fn new() -> Scene {
        let clock = Clock::manual();
        Scene {
            pacer: Pacer::manual(clock.clone()),
            clock,
            woken: Arc::default(),
        }
    }

    fn poll(&self, name: u64, sleep: &mut Sleep) -> Poll<()> {
        let waker = Waker::from(Arc::new(Bell(name, Arc::clone(&self.woken))));
        Pin::new(sleep).poll(&mut Context::from_waker(&waker))
    }

    /// A sleeper that waits already.
    fn sleeper(&self, name: u64, deadline: u64) -> Sleep {
        let mut sleep = self.pacer.sleep_until(Tick(deadline));
        assert!(self.poll(name, &mut sleep).is_pending());
        sleep
    }

    /// Moves the clock and rings; who has been woken by that.
    fn at(&self, now: u64) -> Vec<u64> {
        self.clock.set(Tick(now));
        self.pacer.ring(Tick(now));
        mem::take(&mut self.woken.lock().unwrap())
    }
}

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines_and_never_early() {
    let scene = Scene::new();
    let mut first = scene.sleeper(1, 30);
    let _others = [
        scene.sleeper(2, 10),
        scene.sleeper(3, 20),
        scene.sleeper(4, 10),
    ];
    assert_eq!(scene.pacer.next_deadline(), Some(Tick(10)));
    assert_eq!(scene.at(9), [0; 0]);
    assert_eq!(scene.at(29), [2, 4, 3]);
    assert!(scene.poll(1, &mut first).is_pending());
    assert_eq!(scene.at(30), [1]);
    assert!(scene.poll(1, &mut first).is_ready());
    assert_eq!(scene.pacer.next_deadline(), None);
    // More than one batch, latest first.
    let crowd: Vec<_> = (0..100).rev().map(|i| scene.sleeper(i, 100 + i)).collect();
    assert_eq!(scene.at(1_000), (0..100).collect::<Vec<_>>());
    drop(crowd);
}

#[test]
fn a_deadline_that_has_passed_does_not_wait() {
    let scene = Scene::new();
    scene.clock.set(Tick(5));
    for deadline in [0, 5] {
        let mut sleep = scene.pacer.sleep_until(Tick(deadline));
        assert!(scene.poll(1, &mut sleep).is_ready());
    }
    assert_eq!(scene.pacer.next_deadline(), None);
}

#[test]
fn a_sleeper_that_is_dropped_or_done_leaves_nothing_behind() {
    let scene = Scene::new();
    let mut kept = scene.sleeper(1, 20);
    drop(scene.sleeper(2, 10));
    assert_eq!(scene.pacer.next_deadline(), Some(Tick(20)));
    // The time has come, and it is polled before the bell rings.
    scene.clock.set(Tick(20));
    assert!(scene.poll(1, &mut kept).is_ready());
    assert_eq!(scene.pacer.next_deadline(), None);
    assert_eq!(scene.at(20), [0; 0]);
    drop(scene.pacer.sleep_until(Tick(50)));
    assert_eq!(scene.pacer.lock().waiting.len(), 0);
    assert_eq!(Arc::strong_count(&scene.pacer), 2);
}

#[test]
fn the_last_waker_counts_and_a_ring_ahead_of_the_clock_loses_nobody() {
    let scene = Scene::new();
    let mut sleep = scene.sleeper(1, 10);
    assert!(scene.poll(2, &mut sleep).is_pending());
    scene.pacer.ring(Tick(10));
    // It is told that it is too early, and waits again.
    assert!(scene.poll(3, &mut sleep).is_pending());
    assert_eq!(scene.at(10), [2, 3]);
}

/// Drops a sleeper of the same pacer when it is dropped itself.
struct Holder(#[expect(dead_code, reason = "held to be dropped")] Mutex<Sleep>);

impl Wake for Holder {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_waker_may_hold_sleepers_itself() {
    let scene = Scene::new();
    let held = Mutex::new(scene.sleeper(1, 20));
    let waker = Waker::from(Arc::new(Holder(held)));
    let mut sleep = scene.pacer.sleep_until(Tick(10));
    assert!(
        Pin::new(&mut sleep)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(waker);
    // Its waker is replaced, which drops the held sleeper; with the lock held that would hang.
    assert!(scene.poll(2, &mut sleep).is_pending());
    assert_eq!(scene.pacer.lock().waiting.len(), 1);
}

#[tokio::test]
async fn a_result_in_time_wins_and_a_late_one_is_none() {
    let clock = Clock::manual();
    let pacer = Pacer::manual(clock.clone());
    assert_eq!(pacer.timeout_at(Tick(0), async { 1 }).await, Some(1));
    let never = pacer.timeout_at(Tick(10), std::future::pending::<()>());
    let wait = async {
        while pacer.next_deadline().is_none() {
            tokio::task::yield_now().await;
        }
        clock.set(Tick(10));
        pacer.ring(Tick(10));
    };
    assert_eq!(tokio::join!(never, wait).0, None);
    assert_eq!(pacer.next_deadline(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_alarm_wakes_all_in_time_on_any_thread() {
    let clock = Clock::monotonic();
    let pacer = Pacer::new(clock.clone()).unwrap();
    let early = Arc::new(AtomicUsize::new(0));
    // The first sets the alarm to a far deadline; the others must set it anew.
    let start = clock.now();
    let far = tokio::spawn(pacer.sleep_until(start + Duration::from_secs(3_600)));
    let tasks: Vec<_> = (0..400_u64)
        .map(|i| {
            let deadline = start + Duration::from_micros(i * 7_919 % 40_000);
            let (pacer, early, clock) = (Arc::clone(&pacer), Arc::clone(&early), clock.clone());
            tokio::spawn(async move {
                pacer.sleep_until(deadline).await;
                early.fetch_add(usize::from(clock.now() < deadline), Ordering::Relaxed);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(early.load(Ordering::Relaxed), 0);
    assert!(!far.is_finished());
    far.abort();
    assert!(far.await.unwrap_err().is_cancelled());
    assert_eq!(pacer.next_deadline(), None);
}

#[test]
fn outside_of_a_runtime_there_is_no_alarm() {
    assert!(Pacer::new(Clock::monotonic()).is_err());
}

#[tokio::test]
async fn a_sharp_sleeper_is_never_early_and_nobody_else_is_forgotten() {
    let clock = Clock::monotonic();
    let pacer = Pacer::new(clock.clone()).unwrap();
    let blunt = tokio::spawn(pacer.sleep_until(clock.now() + Duration::from_millis(20)));
    for i in 0..200 {
        // From far beyond the lead to deadlines that have passed.
        let deadline = clock.now() + Duration::from_micros(i * 7_919 % 300);
        // One more, who gives up while the clock may be watched for him.
        let gone = tokio::spawn(pacer.sleep_until(deadline).sharp());
        tokio::task::yield_now().await;
        gone.abort();
        pacer.sleep_until(deadline).sharp().await;
        assert!(clock.now() >= deadline);
    }
    blunt.await.unwrap();
    assert_eq!(pacer.next_deadline(), None);
}

#[tokio::test]
async fn a_ring_from_outside_leaves_the_alarm_set() {
    let clock = Clock::monotonic();
    let pacer = Pacer::new(clock.clone()).unwrap();
    for _ in 0..50 {
        let sleep = tokio::spawn(
            pacer
                .sleep_until(clock.now() + Duration::from_micros(60))
                .sharp(),
        );
        tokio::task::yield_now().await;
        pacer.ring(clock.now());
        sleep.await.unwrap();
    }
}
