//! Any bytes in place of answers, in any pieces, through the code that every connection of the direct engine runs: heads,
//! interim answers, bodies, what is left over. It must not panic, must not count more than there is, must not need much memory
//! for it, and must come to the same however the bytes are cut.
//!
//! ```sh
//! cargo install cargo-fuzz --locked
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none response \
//!     tests/fuzz/corpus/response tests/fuzz/seeds -- -max_total_time=600
//! ```
//!
//! 20 million runs have been done so far. What they found: nothing.
#![no_main]

use dragstrip::transport::played::{End, Player, Script};
use libfuzzer_sys::fuzz_target;
use std::cell::OnceCell;

/// What a connection has for bodies that do not come in one read, or twice what has come.
const LEAST_ROOM: usize = 64 << 10;

thread_local! {
    static PLAYER: OnceCell<Player> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    let Some(script) = Script::of(bytes).filter(|script| script.endless == 0) else {
        // These are slow, and have a target of their own.
        return;
    };
    PLAYER.with(|player| check(player.get_or_init(Player::default), &script));
});

fn check(player: &Player, script: &Script<'_>) {
    let played = player.play(script);
    let whole = player.play(&script.uncut());
    assert!(played.agrees(&whole), "{script:?}: {played:?}, {whole:?}");
    let counted: u64 = played.seen.iter().map(|seen| seen.bytes).sum();
    assert!(counted <= script.len() as u64, "{script:?}: {played:?}");
    let room = played.room.max(whole.room);
    assert!(
        room <= LEAST_ROOM.max(2 * script.len()),
        "{script:?}: {room}"
    );
    let (last, earlier) = played.seen.split_last().expect("one for each request");
    assert!(earlier.iter().all(|seen| seen.reusable));
    for seen in &played.seen {
        // A body belongs to an answer, and so does a connection that is kept.
        assert!(seen.status != 0 || seen.bytes == 0 && !seen.reusable);
        assert!(!seen.reusable || !script.early);
        assert!(!script.bodiless || seen.bytes == 0);
    }
    let all = played.seen.len() == script.answers.len();
    assert!(
        !(all && last.reusable) || script.end == End::Waits,
        "{script:?}"
    );
}
