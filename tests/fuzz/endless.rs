//! Answers that go on without an end, whatever they begin with: the direct engine must not take more memory than the largest
//! head may have, nor count more than has come. Slow, since each is as long as it takes to see that.
//!
//! ```sh
//! RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none endless \
//!     tests/fuzz/corpus/endless tests/fuzz/seeds -- -max_total_time=600
//! ```
//!
//! 200,000 runs have been done so far. What they found: nothing.
#![no_main]

use dragstrip::transport::played::{Player, Script};
use libfuzzer_sys::fuzz_target;
use std::cell::OnceCell;

/// Room for the largest head, as a vector that doubles has it.
const MOST_ROOM: usize = 512 << 10;

thread_local! {
    static PLAYER: OnceCell<Player> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    let Some(script) = Script::of(bytes).filter(|script| script.endless > 0) else {
        return;
    };
    let played = PLAYER.with(|player| player.get_or_init(Player::default).play(&script));
    assert!(played.room <= MOST_ROOM, "{script:?}: {}", played.room);
    let counted: u64 = played.seen.iter().map(|seen| seen.bytes).sum();
    assert!(counted <= script.len() as u64, "{script:?}: {played:?}");
});
