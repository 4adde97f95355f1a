//! Sizes of the terminal: any, and in quick succession.

use super::{SMALL, Terminal, gauges, measures};

/// Whether what is shown fills a terminal of so many columns: the header above, the keys below, a pane from end to end.
fn fills(text: &str, cols: usize, rows: usize) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let pane =
        |line: &&str| line.starts_with('╭') && line.ends_with('╮') && line.chars().count() == cols;
    lines.len() == rows
        && lines[0].contains("dragstrip")
        && pane(&lines[1])
        && lines[rows - 1].contains("q quit")
        && gauges(text, "p99") >= 2
}

#[test]
fn a_resize_is_followed_down_to_nothing_and_back() {
    let mut terminal = Terminal::start((160, 48), &SMALL, &[]);
    terminal.wait("the gauges", |text| gauges(text, "p99") >= 2);
    for (cols, rows) in [(80, 24), (39, 9), (1, 1), (100, 30)] {
        terminal.resize(cols, rows);
        if cols == 39 {
            terminal.wait("the sentence", |text| text.contains("40×10"));
        }
    }
    terminal.wait("the whole screen again", |text| fills(text, 100, 30));
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_storm_of_sizes_ends_with_the_right_picture() {
    let mut terminal = Terminal::start((100, 30), &SMALL, &[]);
    terminal.wait("figures", measures);
    // Always the same sizes, from 1×1 to 300×100, in no order; now and then time for a frame.
    let mut number: u32 = 1;
    for step in 0..600 {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (cols, rows) = (1 + (number >> 16) % 300, 1 + (number >> 8) % 100);
        terminal.resize(cols as u16, rows as u16);
        if step % 50 == 0 {
            terminal.press("\t");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    terminal.press("1");
    terminal.resize(120, 40);
    terminal.wait("the whole screen", |text| fills(text, 120, 40));
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_size_that_is_not_known_or_absurd_breaks_nothing() {
    let mut terminal = Terminal::start((100, 30), &SMALL, &[]);
    terminal.wait("figures", measures);
    terminal.resize(u16::MAX, u16::MAX);
    terminal.press("?");
    terminal.wait("an answer at that size", |text| !fills(text, 100, 30));
    terminal.press("?");
    terminal.show_as(80, 24);
    terminal.resize(0, 0);
    terminal.wait("what fits a usual terminal", |text| {
        measures(text) && text.lines().count() == 24
    });
    terminal.resize(100, 30);
    terminal.wait("the whole screen", |text| fills(text, 100, 30));
    terminal.press("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    terminal.assert_restored();
}
