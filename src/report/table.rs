//! Plain text for a terminal or a log: aligned, without escape sequences.

use super::rows;
use crate::metrics::snapshot::Snapshot;
use crate::text;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// The place of the mean among the latencies.
const MEAN: usize = 2;

/// Columns of the comparison up to the calculation; the judgement follows.
const FIGURES: usize = 5;

/// The final table.
pub fn table(snapshot: &Snapshot) -> String {
    let timeout_s = snapshot.plan.load.timeout_s;
    let mut out = format!("{}\n", rows::title(snapshot));
    if let Some(withheld) = rows::withheld(snapshot) {
        let _ = writeln!(out, "\n{withheld}");
    }
    let comparison = rows::comparison(snapshot);
    if !comparison.is_empty() {
        let _ = writeln!(out, "\nB against A ({})\n", rows::basis(snapshot));
        let mut lines = vec![rows::COMPARISON_HEADING.map(str::to_owned)];
        lines.extend(comparison);
        // In one table the lines would be longer than most terminals are wide.
        let figures: Vec<_> = lines.iter().map(|row| row[..FIGURES].to_vec()).collect();
        align(&mut out, &figures, &[false, true, true, true, false]);
        let judged = |row: &[String; 7]| [&row[..1], &row[FIGURES..]].concat();
        let judged: Vec<_> = lines.iter().map(judged).collect();
        out.push('\n');
        align(&mut out, &judged, &[false, false, false]);
        let remarks = rows::remarks(snapshot);
        if !remarks.is_empty() {
            out.push('\n');
        }
        for remark in remarks {
            let _ = writeln!(out, "  {remark}");
        }
    }
    for (name, variant) in ["A", "B"].iter().zip(snapshot.variants.iter()) {
        let protocol = variant
            .protocol
            .as_deref()
            .map_or(String::new(), |protocol| format!(" · {protocol}"));
        let _ = writeln!(
            out,
            "\n{name}  {}  {}{protocol} · {}\n   {}\n   {}",
            text::printable(&variant.label, 60),
            text::printable(&variant.url, 120),
            variant.transport,
            rows::counts(variant),
            rows::connections(variant)
        );
        if let Some(upstream) = rows::upstream(variant) {
            let _ = writeln!(out, "   {upstream}");
        }
        if let Some(processes) = rows::processes(variant) {
            let _ = writeln!(out, "   {processes}");
        }
        let _ = writeln!(
            out,
            "   {} RPS",
            variant.run.rps.map_or(text::NONE.to_owned(), text::rate)
        );
        // Without the mean, which Markdown and JSON have, the table fits into 80 columns.
        let mut lines = vec![rows::LATENCY_HEADING.map(str::to_owned).to_vec()];
        lines.extend(
            rows::latencies(variant, timeout_s)
                .into_iter()
                .map(Vec::from),
        );
        for line in &mut lines {
            line.remove(MEAN);
        }
        align(
            &mut out,
            &lines,
            &[false, true, true, true, true, true, true, true],
        );
        for error in variant.errors.iter().take(5) {
            let _ = writeln!(
                out,
                "   {} × {}: {}",
                text::count(error.count),
                error.outcome,
                text::printable(&error.text, 200)
            );
        }
    }
    let worries = rows::worries(snapshot);
    if !worries.is_empty() {
        out.push('\n');
    }
    for worry in worries {
        let _ = writeln!(out, "! {}", text::printable(&worry, 200));
    }
    out
}

/// Writes `lines` in columns, indented by two; `right` says which columns are aligned to the right.
fn align(out: &mut String, lines: &[Vec<String>], right: &[bool]) {
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].width())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..right.len()).map(width).collect();
    for line in lines {
        let mut text = String::from("  ");
        for ((cell, &width), &right) in line.iter().zip(&widths).zip(right) {
            let pad = " ".repeat(width - cell.width());
            if right {
                text.push_str(&pad);
                text.push_str(cell);
            } else {
                text.push_str(cell);
                text.push_str(&pad);
            }
            text.push_str("  ");
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_the_width_they_have_on_a_terminal() {
        let line = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let mut out = String::new();
        let lines = [line(["", "p50"]), line(["service", "4 µs"])];
        align(&mut out, &lines, &[false, true]);
        assert_eq!(out, "            p50\n  service  4 µs\n");
    }
}
