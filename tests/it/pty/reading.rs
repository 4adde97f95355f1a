//! What is read off the screen of *Race* and of the other views.

pub(crate) fn first(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Whether the first line says that a view is shown.
pub(crate) fn shows(text: &str, view: &str) -> bool {
    first(text).contains(&format!("dragstrip  {view} "))
}

/// How many of the variants have a pane of their own.
pub(crate) fn panes(text: &str) -> usize {
    let has = |name: &str| text.contains(&format!("╭─ {name} "));
    usize::from(has("A ")) + usize::from(has("B "))
}

/// The number after `begin` in the first line, minutes and seconds as seconds.
pub(crate) fn clock_after(text: &str, begin: &str) -> Option<u32> {
    let (_, rest) = first(text).split_once(begin)?;
    let (minutes, seconds) = rest.get(..5)?.split_once(':')?;
    Some(minutes.parse::<u32>().ok()? * 60 + seconds.parse::<u32>().ok()?)
}

/// The second that is read.
pub(crate) fn cursor(text: &str) -> Option<u32> {
    clock_after(text, "cursor ")
}

/// How long the run has lasted.
pub(crate) fn clock(text: &str) -> Option<u32> {
    let last = first(text).split_whitespace().last()?;
    clock_after(&format!("at {last}"), "at ")
}

/// How many users the first line tells.
pub(crate) fn users(text: &str) -> Option<u32> {
    let (before, _) = first(text).split_once(" users")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// The heading of the live window, as `5 s`, or `4/30 s` before it is full.
pub(crate) fn window(text: &str) -> Option<String> {
    let heading = |line: &&str| line.contains(" s ") && line.contains(" run ");
    let (before, _) = text.lines().find(heading)?.split_once(" run ")?;
    let words: Vec<&str> = before.split_whitespace().collect();
    words.len().checked_sub(2).map(|at| words[at..].join(" "))
}

/// How many beginnings of a load the course tells.
pub(crate) fn changes(text: &str) -> usize {
    text.matches(" users").count()
}

/// The theme that a message names.
pub(crate) fn theme(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("› theme ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

/// Whether the log shows its newest page, or one that is so many pages away.
pub(crate) fn page(text: &str, away: i32) -> bool {
    let Some((_, rest)) = text.split_once(" page ") else {
        return false;
    };
    let words: Vec<&str> = rest.split_whitespace().take(3).collect();
    let number = |word: &str| word.parse::<i32>().ok();
    match words[..] {
        [now, "of", last] => number(now)
            .zip(number(last))
            .is_some_and(|(n, l)| n == l + away),
        _ => false,
    }
}
