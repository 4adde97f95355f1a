//! Markdown: the comparison in the published table's shape, then each variant, for a pull request or a wiki page.

use super::rows;
use crate::metrics::snapshot::Snapshot;
use crate::text;
use std::fmt::Write as _;

/// The snapshot as Markdown.
pub fn markdown(snapshot: &Snapshot) -> String {
    let timeout_s = snapshot.plan.load.timeout_s;
    let mut out = format!("## {}\n", escape(&rows::title(snapshot)));
    if let Some(withheld) = rows::withheld(snapshot) {
        let _ = writeln!(out, "\n**{}**", escape(&withheld));
    }
    let comparison = rows::comparison(snapshot);
    if !comparison.is_empty() {
        let _ = writeln!(out, "\nB against A: {}.\n", rows::basis(snapshot));
        line(&mut out, &rows::COMPARISON_HEADING.map(str::to_owned));
        out.push_str("|---|---:|---:|---:|---|---|---|\n");
        comparison.iter().for_each(|row| line(&mut out, row));
        for remark in rows::remarks(snapshot) {
            let _ = writeln!(out, "\n{}", escape(&remark));
        }
    }
    for (name, variant) in ["A", "B"].iter().zip(snapshot.variants.iter()) {
        let _ = writeln!(out, "\n### {name}: {}\n", escape(&variant.label));
        let protocol = variant
            .protocol
            .as_deref()
            .map_or(String::new(), |protocol| format!(", {protocol}"));
        let _ = writeln!(
            out,
            "{} ({}{protocol}). {}.\n\n{}.\n",
            escape(&variant.url),
            escape(&variant.transport),
            rows::counts(variant),
            escape(&rows::connections(variant))
        );
        if let Some(upstream) = rows::upstream(variant) {
            let _ = writeln!(out, "{upstream}.\n");
        }
        if let Some(processes) = rows::processes(variant) {
            let _ = writeln!(out, "{processes}.\n");
        }
        line(&mut out, &rows::LATENCY_HEADING.map(str::to_owned));
        out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        rows::latencies(variant, timeout_s)
            .iter()
            .for_each(|row| line(&mut out, row));
        if !variant.errors.is_empty() {
            out.push('\n');
        }
        for error in &variant.errors {
            let _ = writeln!(
                out,
                "- {} × {}: {}",
                text::count(error.count),
                escape(&error.outcome),
                escape(&error.text)
            );
        }
    }
    let notes = rows::notes(snapshot);
    if !notes.is_empty() {
        out.push_str("\n### Notes\n\n");
    }
    for (at, note) in notes {
        let _ = writeln!(out, "- {at} {}", escape(note));
    }
    let worries = rows::worries(snapshot);
    if !worries.is_empty() {
        out.push('\n');
    }
    worries.iter().for_each(|worry| {
        let _ = writeln!(out, "> ⚠ {}  ", escape(worry));
    });
    let meta = &snapshot.meta;
    let _ = writeln!(
        out,
        "\ndragstrip {} · started {} · {} elapsed · seed {} · {} with {} cores",
        meta.version,
        meta.started_at,
        text::clock(meta.elapsed_s),
        meta.seed,
        meta.host.os,
        meta.host.cores
    );
    out
}

fn line(out: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// Foreign text as text: no markup, no HTML, no line break, no second cell.
fn escape(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    for c in text::printable(foreign, 400).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' | '\\' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(
            escape("a|b <script> *x* [l](u)\n"),
            "a\\|b &lt;script&gt; \\*x\\* \\[l\\](u)·"
        );
    }
}
