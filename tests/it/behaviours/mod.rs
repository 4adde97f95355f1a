//! What servers do, well-formed and malformed, and what an engine must make of each: an outcome with a reason, within the
//! limit, in bounded memory, without a panic. The table is data, so that any engine can be held against it.

mod bodies;
mod certificates;
mod ends;
mod engine;
mod fields;
mod frames;
mod heads;
mod http2;
mod http2_ends;
mod program;
mod row;
mod seeds;
mod server;
mod tls;
mod trailers;

use engine::Engine;
use row::Row;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

/// How many rows are played at once; of those whose server floods its client, four. One that keeps the clients'
/// thread is alone.
const AT_ONCE: u32 = 32;

/// Every behaviour there is.
fn table() -> Vec<Row> {
    [
        heads::rows(),
        fields::rows(),
        bodies::rows(),
        trailers::rows(),
        ends::rows(),
        tls::rows(),
        http2::rows(),
        http2_ends::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn the_table_is_large_and_its_rows_are_told_apart() {
    let table = table();
    let names: BTreeSet<_> = table.iter().map(|row| row.name).collect();
    assert!(table.len() >= 60, "{}", table.len());
    assert_eq!(names.len(), table.len(), "a name is used twice");
    for row in &table {
        for (engine, expect, why) in &row.differs {
            assert!(
                !why.is_empty() && !expect.is_empty(),
                "{}: {engine:?}",
                row.name
            );
        }
        let opens = row.opens.as_ref().is_none_or(|(.., why)| !why.is_empty());
        assert!(opens, "{}", row.name);
    }
}

#[test]
fn reqwest_makes_of_every_behaviour_what_the_table_says() {
    hold(Engine::Reqwest);
}

#[test]
fn direct_makes_of_every_behaviour_what_the_table_says() {
    hold(Engine::Direct);
}

/// Holds `engine` against the whole table.
fn hold(engine: Engine) {
    let panics = count_panics();
    let servers = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("behaviours-servers")
        .enable_all()
        .build()
        .unwrap();
    // As in the load engine: all that is the client's on one thread.
    let clients = Builder::new_current_thread().enable_all().build().unwrap();
    let rows = LocalSet::new();
    let turns = Rc::new(Semaphore::new(AT_ONCE as usize));
    let held: Vec<_> = table()
        .into_iter()
        .map(|row| {
            let (turns, servers) = (Rc::clone(&turns), servers.handle().clone());
            rows.spawn_local(async move {
                let share = match (row.keeps_thread, row.is_loud()) {
                    (true, _) => AT_ONCE,
                    (false, true) => AT_ONCE / 4,
                    (false, false) => 1,
                };
                let _turn = turns.acquire_many(share).await.unwrap();
                engine::hold(engine, &row, &servers).await
            })
        })
        .collect();
    let wrong = rows.block_on(&clients, async {
        let mut wrong = Vec::new();
        for row in held {
            wrong.extend(row.await.unwrap());
        }
        wrong
    });
    drop(clients);
    assert!(wrong.is_empty(), "{engine:?}\n{}", wrong.join("\n"));
    assert_eq!(panics.load(Ordering::SeqCst), 0, "panics of {engine:?}");
}

/// Counts the panics from now on of the threads that play here, also of those tasks that nobody waits for.
fn count_panics() -> &'static AtomicUsize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let thread = std::thread::current();
            if thread
                .name()
                .is_some_and(|name| name.starts_with("behaviours"))
            {
                COUNT.fetch_add(1, Ordering::SeqCst);
            }
            before(panic);
        }));
    });
    &COUNT
}
