//! The plan as it runs, a line each: what is sent where, under which load, for how long, and with what.

use super::Line;
use crate::metrics::snapshot::{CheckLevel, LaunchRecord, Snapshot, VariantSnapshot};
use crate::text;
use crate::theme::Role;
use crate::tui::App;
use crate::tui::view::header;

/// The check whose figures stand here, too.
const OWN_CPU: &str = "own CPU";
/// What the engine that most transports have does not tell.
const UNKNOWABLE: &str =
    "reqwest does not tell closes, or waits in its pool; hidden retries are possible";

pub(super) fn lines(app: &App) -> Vec<Line> {
    let snapshot = app.snapshot();
    let plan = &snapshot.plan;
    let meta = &snapshot.meta;
    let mut lines = vec![
        Line::new("load", load(snapshot)),
        Line::new("order", order(snapshot)),
        Line::new("time", times(snapshot)),
        Line::new("request", request(snapshot)),
    ];
    let letters = [("A", Role::VariantA), ("B", Role::VariantB)];
    let mut told = false;
    for ((letter, role), it) in letters.into_iter().zip(snapshot.variants.iter()) {
        lines.extend(variant(letter, role, it));
        // Said once, where the first of them is: further down it may have no room.
        if it.transport.starts_with("reqwest") && !told {
            lines.push(Line::new("n/a", UNKNOWABLE));
            told = true;
        }
        lines.extend(agreed(it).map(|said| Line::new("", said)));
        let own = plan.launches.iter();
        let own = own.filter(|launch| launch.variant == letter.to_lowercase());
        lines.extend(own.map(|launch| Line::new("", launched(launch))));
    }
    lines.push(Line::new("client", client(snapshot)));
    let cpu = snapshot.checks.iter().find(|check| check.name == OWN_CPU);
    if let Some(cpu) = cpu {
        let mut line = Line::new(OWN_CPU, text::printable(&cpu.detail, 200));
        line.said.1 = match cpu.level {
            CheckLevel::Ok => Role::Text,
            CheckLevel::Amber => Role::StatusWarn,
            CheckLevel::Red => Role::StatusError,
        };
        lines.push(line);
    }
    lines.extend(costs(app).map(|said| Line::new("screen", said)));
    lines.push(Line::new("seed", meta.seed.to_string()));
    lines.push(Line::new("started", text::printable(&meta.started_at, 60)));
    lines.push(Line::new("title", text::printable(&plan.title, 200)));
    lines
}

/// `launched: litellm --config config.yaml --port 4001, with USE_AIOHTTP_TRANSPORT`.
fn launched(launch: &LaunchRecord) -> String {
    let mut said = format!("launched: {}", text::printable(&launch.command, 200));
    if !launch.env.is_empty() {
        let names: Vec<&str> = launch.env.keys().map(String::as_str).collect();
        said.push_str(&format!(
            ", with {}",
            text::printable(&names.join(", "), 200)
        ));
    }
    if launch.restart {
        said.push_str(", started again when it ends");
    }
    said
}

/// `a frame 0.9 ms, 4 a second; 12.7 MB of memory in all`.
fn costs(app: &App) -> Option<String> {
    let costs = app.costs();
    let frame = text::latency(costs.frame()?.as_secs_f64() * 1e6);
    let mut said = format!("a frame {frame}, {} a second", costs.frames_per_s());
    if let Some(bytes) = costs.resident {
        let mb = text::figure(bytes as f64 / 1e6);
        said.push_str(&format!("; this process {mb} MB"));
    }
    Some(said)
}

/// The load as it is now, with the limits of an open one.
fn load(snapshot: &Snapshot) -> String {
    let load = &snapshot.plan.load;
    let mut said = header::load(snapshot);
    if let Some(most) = load.max_in_flight {
        let then = match load.overflow.as_deref() {
            Some("drop") => "more are dropped",
            _ => "more wait in a queue",
        };
        said.push_str(&format!(
            ", at most {} in flight, {then}",
            text::count(u64::from(most))
        ));
    }
    if snapshot.variants.b.is_some() {
        said.push_str(", for each variant");
    }
    said
}

fn order(snapshot: &Snapshot) -> String {
    let load = &snapshot.plan.load;
    if snapshot.variants.b.is_none() {
        return "A alone".to_owned();
    }
    let mut said = match load.order.as_str() {
        "together" => "together: both are under load at the same time".to_owned(),
        "alternate" => "alternate: in pairs of blocks, which one is first is drawn".to_owned(),
        "sequential" => "sequential: first A, then B".to_owned(),
        other => text::printable(other, 40),
    };
    if load.aa {
        said.push_str("; B is a copy of A");
    }
    if let Some(margin) = load.margin_pct {
        said.push_str(&format!("; within ± {margin} % is the same"));
    }
    if load.until_decided {
        said.push_str("; until all is decided");
    }
    said
}

fn times(snapshot: &Snapshot) -> String {
    let load = &snapshot.plan.load;
    let warm_up = load
        .warmup_s
        .map_or_else(|| "automatic".to_owned(), text::seconds);
    let measured = load.duration_s.map_or_else(
        || "measured until stopped".to_owned(),
        |duration| format!("measured {}", text::seconds(duration)),
    );
    format!(
        "ramp {}, warm-up {warm_up}, {measured}; timeout {}",
        text::seconds(load.ramp_s),
        text::seconds(load.timeout_s)
    )
}

fn request(snapshot: &Snapshot) -> String {
    let request = &snapshot.plan.request;
    let mut said = format!(
        "{} {}",
        text::printable(&request.method, 20),
        text::printable(&request.path, 200)
    );
    let bytes = text::count(request.body_bytes);
    match request.bodies {
        Some(bodies) => said.push_str(&format!(
            ", {} bodies ({}), the longest {bytes} bytes",
            text::count(bodies),
            text::printable(request.bodies_order.as_deref().unwrap_or("cycle"), 20)
        )),
        None if request.body_bytes > 0 => said.push_str(&format!(", body {bytes} bytes")),
        None => {}
    }
    for (name, value) in &request.headers {
        let (name, value) = (text::printable(name, 60), text::printable(value, 60));
        said.push_str(&format!(", {name}: {value}"));
    }
    said
}

/// What connections have agreed on: all of it, with the ciphers.
fn agreed(variant: &VariantSnapshot) -> Option<String> {
    let connections = &variant.connections;
    if connections.agreed.is_empty() {
        return None;
    }
    let each = connections
        .agreed
        .iter()
        .map(|agreed| format!("{} ({})", agreed.words(), text::count(agreed.connections)));
    let mut said = format!("agreed on {}", each.collect::<Vec<_>>().join("; "));
    let handshakes = connections.full_handshakes + connections.resumed_handshakes;
    if handshakes > 0 {
        said.push_str(&format!(
            "; {} handshakes in full, {} resumed",
            text::count(connections.full_handshakes),
            text::count(connections.resumed_handshakes)
        ));
    }
    Some(said)
}

/// Who it is, and how it is reached.
fn variant(letter: &str, role: Role, variant: &VariantSnapshot) -> Vec<Line> {
    let mut name = Line::new(letter, text::printable(&variant.label, 200));
    name.name.1 = role;
    let url = text::printable(&variant.url, 200);
    let mut reached = vec![url];
    if !variant.transport.is_empty() {
        reached.push(text::printable(&variant.transport, 200));
    }
    // What connections agreed on says it, too, in a line of its own.
    if let Some(protocol) = &variant.protocol
        && variant.connections.agreed.is_empty()
    {
        reached.push(format!("answers {}", text::printable(protocol, 20)));
    }
    vec![name, Line::new("", reached.join(", "))]
}

/// What drives the load.
fn client(snapshot: &Snapshot) -> String {
    let host = &snapshot.meta.host;
    let plural = |n: usize, word: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("{n} {word}{s}")
    };
    format!(
        "dragstrip {}, {}, {}, {}",
        text::printable(&snapshot.meta.version, 20),
        plural(snapshot.plan.load.threads, "load thread"),
        plural(host.cores, "core"),
        text::printable(&host.os, 20)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::Phase;
    use crate::tui::sample;
    use std::sync::Arc;

    #[test]
    fn the_plan_is_said_in_words() {
        let mut snapshot = sample::snapshot(Phase::Measuring, 9.0);
        let limits = "open, 150 req/s poisson, at most 10,000 in flight, more wait in a queue";
        assert_eq!(load(&snapshot), format!("{limits}, for each variant"));
        let stopped = "ramp 0 s, warm-up automatic, measured until stopped; timeout 30 s";
        assert_eq!(times(&snapshot), stopped);
        assert_eq!(request(&snapshot), "GET /");
        let plan = Arc::make_mut(&mut snapshot.plan);
        (plan.load.aa, plan.load.margin_pct) = (true, Some(2.5));
        plan.load.order = "sequential".to_owned();
        let said = "sequential: first A, then B; B is a copy of A; within ± 2.5 % is the same";
        assert_eq!(order(&snapshot), said);
        snapshot.variants.b = None;
        assert_eq!(order(&snapshot), "A alone");
        assert_eq!(load(&snapshot), limits);
    }
}
