//! What comes and goes: self-checks, notices, verdicts.

use super::{Lines, QUIET_S, Seen};
use crate::metrics::snapshot::{Check, CheckLevel, Metric, Notice, NoticeLevel, Phase, Verdict};
use crate::text;

/// Notices followed at once; there are never nearly as many.
const MAX_NOTICES: usize = 40;

/// A notice that has gone after so many seconds is not worth a line: the first pictures of a load are full of them.
const BRIEF_S: f64 = 1.0;

/// What was written last about a state, and when.
#[derive(Debug, Clone)]
struct Written<T> {
    state: T,
    t: f64,
}

impl<T: PartialEq> Written<T> {
    /// Nothing was written yet: the state was taken for granted.
    fn nothing(state: T) -> Self {
        let t = f64::NEG_INFINITY;
        Written { state, t }
    }

    /// Whether `state` is to be written now. Returns what was written before, then.
    fn replace(&mut self, state: T, seen: &Seen<'_>) -> Option<T> {
        let may = seen.t - self.t >= QUIET_S || seen.phase == Phase::Done;
        if !may || self.state == state {
            return None;
        }
        self.t = seen.t;
        Some(std::mem::replace(&mut self.state, state))
    }
}

/// The self-checks, by name.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<(String, Written<CheckLevel>)>);

impl Checks {
    pub(super) fn look(&mut self, seen: &Seen<'_>, lines: &mut Lines) {
        for check in seen.checks {
            let place = self.0.iter().position(|(name, _)| *name == check.name);
            let place = place.unwrap_or_else(|| {
                let well = Written::nothing(CheckLevel::Ok);
                self.0.push((check.name.clone(), well));
                self.0.len() - 1
            });
            let written = self.0.get_mut(place).map(|(_, written)| written);
            let changed = written.and_then(|written| written.replace(check.level, seen));
            if changed.is_some() {
                let (level, said) = words(check);
                lines.write(seen.t, level, "check", &said);
            }
        }
    }
}

fn words(check: &Check) -> (NoticeLevel, String) {
    let (name, detail) = (&check.name, &check.detail);
    match check.level {
        CheckLevel::Ok => (NoticeLevel::Info, format!("{name}: well again ({detail})")),
        CheckLevel::Amber => (NoticeLevel::Warning, text::reason(name, detail)),
        CheckLevel::Red => (NoticeLevel::Error, text::reason(name, detail)),
    }
}

/// The notices that are on the screen, or were a moment ago: their gist stays though their figures change.
#[derive(Debug, Default)]
pub(super) struct Notices(Vec<Followed>);

#[derive(Debug)]
struct Followed {
    text: String,
    /// When it came, and when it was there last.
    since: f64,
    last: f64,
    written: bool,
}

impl Notices {
    pub(super) fn look(&mut self, seen: &Seen<'_>, lines: &mut Lines) {
        for notice in seen.notices {
            let mut known = self.0.iter_mut();
            if let Some(followed) = known.find(|known| is_same(&known.text, &notice.text)) {
                followed.last = seen.t;
                followed.write(notice, seen, lines);
            } else if self.0.len() < MAX_NOTICES {
                let mut followed = Followed {
                    text: notice.text.clone(),
                    since: seen.t,
                    last: seen.t,
                    written: false,
                };
                followed.write(notice, seen, lines);
                self.0.push(followed);
            }
        }
        if seen.phase == Phase::Done {
            // What there was to say at the end stays said.
            return;
        }
        self.0.retain(|followed| {
            let gone_s = seen.t - followed.last;
            let lasts = gone_s < if followed.written { QUIET_S } else { BRIEF_S };
            if !lasts && followed.written {
                let said = format!("no longer: {}", followed.text);
                lines.info(seen.t, "notice", &said);
            }
            lasts
        });
    }
}

impl Followed {
    /// Writes it down when it has lasted a moment, with what it says by then.
    fn write(&mut self, notice: &Notice, seen: &Seen<'_>, lines: &mut Lines) {
        let lasts = seen.t - self.since >= BRIEF_S || seen.phase == Phase::Done;
        if lasts && !self.written {
            self.written = true;
            self.text.clone_from(&notice.text);
            lines.write(self.since, notice.level, "notice", &notice.text);
        }
    }
}

/// Whether two notices say the same, though with other figures, or for another reason.
fn is_same(one: &str, other: &str) -> bool {
    fn gist(text: &str) -> impl Iterator<Item = char> {
        let reason = text.match_indices(": ").nth(1).map(|(at, _)| at);
        let said = reason.and_then(|at| text.get(..at)).unwrap_or(text);
        let figure = |c: &char| c.is_ascii_digit() || matches!(c, '.' | ',' | '≥' | '−' | '∞');
        said.chars().filter(move |c| !figure(c))
    }
    gist(one).eq(gist(other))
}

/// The verdicts of the metrics, in the order of the comparison.
#[derive(Debug, Default)]
pub(super) struct Verdicts(Vec<Written<Judged>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Open,
    As(Verdict),
    /// There was a verdict, and a reason not to say it.
    Withheld,
}

impl Verdicts {
    pub(super) fn look(&mut self, seen: &Seen<'_>, lines: &mut Lines) {
        let Some(comparison) = seen.comparison else {
            return;
        };
        let open = Written::nothing(Judged::Open);
        self.0.resize(comparison.metrics.len(), open);
        for (metric, written) in comparison.metrics.iter().zip(&mut self.0) {
            let now = judged(metric.verdict, written.state);
            if let Some(before) = written.replace(now, seen) {
                let (level, said) = verdict(metric, before, now, comparison.pairs);
                lines.write(seen.t, level, "verdict", &said);
            }
        }
    }
}

fn judged(verdict: Verdict, before: Judged) -> Judged {
    match verdict {
        Verdict::BBetter
        | Verdict::BWorse
        | Verdict::NoDifference
        | Verdict::Same
        | Verdict::NotComparable => Judged::As(verdict),
        // Where there was none, none is missed: the reason has a line of its own.
        Verdict::Withheld if before != Judged::Open => Judged::Withheld,
        Verdict::Collecting | Verdict::TooNoisy | Verdict::Withheld | Verdict::None => Judged::Open,
    }
}

/// `p95: B faster, 14 × (pair 6)`.
fn verdict(metric: &Metric, before: Judged, now: Judged, pairs: u64) -> (NoticeLevel, String) {
    let (name, state) = (metric.name.word(), &metric.state);
    match now {
        Judged::As(verdict) => {
            let level = if verdict == Verdict::NotComparable {
                NoticeLevel::Warning
            } else {
                NoticeLevel::Info
            };
            (level, format!("{name}: {state} (pair {pairs})"))
        }
        Judged::Withheld => (NoticeLevel::Warning, format!("{name}: {state}")),
        Judged::Open if before == Judged::Withheld => {
            (NoticeLevel::Info, format!("{name}: {state}"))
        }
        Judged::Open => (
            NoticeLevel::Warning,
            format!("{name}: verdict taken back, {state}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::{Basis, Comparison, MetricName};

    fn seen<'a>(t: f64, checks: &'a [Check], notices: &'a [Notice]) -> Seen<'a> {
        Seen {
            t,
            phase: Phase::Measuring,
            phase_since: 0.0,
            side: None,
            pause_s: 0.0,
            begins: None,
            checks,
            notices,
            comparison: None,
            variants: &[],
        }
    }

    fn texts(lines: &Lines) -> Vec<(f64, &str)> {
        let kept = lines.kept.iter();
        kept.map(|line| (line.t, line.text.as_str())).collect()
    }

    #[test]
    fn a_check_that_flaps_is_written_down_now_and_then_and_the_latest_level_wins() {
        let (mut checks, mut lines) = (Checks::default(), Lines::default());
        for tenth in 0..300_u32 {
            let level = match tenth {
                // Every other picture.
                50..220 if tenth % 2 == 0 => CheckLevel::Amber,
                _ => CheckLevel::Ok,
            };
            let check = Check {
                name: "client lag".to_owned(),
                level,
                detail: format!("{tenth}"),
            };
            checks.look(&seen(f64::from(tenth) / 10.0, &[check], &[]), &mut lines);
        }
        assert_eq!(
            texts(&lines),
            [
                (5.0, "client lag: 50"),
                (15.1, "client lag: well again (151)"),
            ]
        );
    }

    #[test]
    fn the_end_is_not_quiet_about_what_holds_then() {
        let (mut checks, mut lines) = (Checks::default(), Lines::default());
        let levels = [CheckLevel::Amber, CheckLevel::Red, CheckLevel::Red];
        for (second, level) in levels.into_iter().enumerate() {
            let check = [Check {
                name: "own CPU".to_owned(),
                level,
                detail: "CLIENT IS THE BOTTLENECK".to_owned(),
            }];
            let over = second == 2;
            let phase = if over { Phase::Done } else { Phase::Draining };
            let now = Seen {
                phase,
                ..seen(second as f64, &check, &[])
            };
            checks.look(&now, &mut lines);
        }
        let times: Vec<f64> = texts(&lines).iter().map(|line| line.0).collect();
        assert_eq!(times, [0.0, 2.0]);
        assert_eq!(lines.kept[1].level, NoticeLevel::Error);
    }

    #[test]
    fn a_notice_whose_figures_change_is_the_same_one_and_its_end_is_told() {
        let (mut notices, mut lines) = (Notices::default(), Lines::default());
        for second in 0..40_u32 {
            let share = f64::from(second) / 3.0;
            let notice = Notice {
                level: NoticeLevel::Warning,
                text: format!("A: {share:.2} % of requests failed: reason {}", second % 3),
            };
            // It goes for a moment in between.
            let there = second < 10 || (15..20).contains(&second) || second == 35;
            let now = if there { vec![notice] } else { Vec::new() };
            notices.look(&seen(f64::from(second), &[], &now), &mut lines);
        }
        assert_eq!(
            texts(&lines),
            [
                (0.0, "A: 0.33 % of requests failed: reason 1"),
                (29.0, "no longer: A: 0.33 % of requests failed: reason 1"),
            ]
        );
        assert!(!is_same("A is saturated: 5 of 9", "B is saturated: 5 of 9"));
    }

    /// A comparison of one metric.
    fn compared(verdict: Verdict, state: &str) -> Comparison {
        let metric = Metric {
            name: MetricName::P95,
            a: None,
            b: None,
            change_pct: None,
            low_pct: None,
            high_pct: None,
            centre_pct: None,
            model_low_pct: None,
            model_high_pct: None,
            verdict,
            state: state.to_owned(),
            text: String::new(),
            calculation: String::new(),
        };
        Comparison {
            costs: Vec::new(),
            order: "together".to_owned(),
            basis: Basis::Model,
            pairs: 6,
            needed_pairs: None,
            pair_s: None,
            remarks: Vec::new(),
            metrics: vec![metric],
        }
    }

    #[test]
    fn a_verdict_is_told_when_it_comes_and_when_it_goes_and_not_while_there_is_none() {
        let (mut verdicts, mut lines) = (Verdicts::default(), Lines::default());
        for second in 0..80_u32 {
            let (verdict, state) = match second {
                0..10 => (Verdict::Withheld, "withheld: too early to matter"),
                10..20 => (Verdict::TooNoisy, "too noisy"),
                20..40 => (Verdict::BBetter, "B faster, 14 ×"),
                // It comes and goes with every picture.
                40..50 if second % 2 == 0 => (Verdict::Withheld, "withheld: own CPU"),
                40..60 => (Verdict::BBetter, "B faster, 13 ×"),
                _ => (Verdict::Collecting, "collecting"),
            };
            let comparison = compared(verdict, state);
            let now = Seen {
                comparison: Some(&comparison),
                ..seen(f64::from(second), &[], &[])
            };
            verdicts.look(&now, &mut lines);
        }
        assert_eq!(
            texts(&lines),
            [
                (20.0, "p95: B faster, 14 × (pair 6)"),
                (40.0, "p95: withheld: own CPU"),
                (50.0, "p95: B faster, 13 × (pair 6)"),
                (60.0, "p95: verdict taken back, collecting"),
            ]
        );
    }
}
