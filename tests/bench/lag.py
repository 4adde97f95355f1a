#!/usr/bin/env python3
"""How late dragstrip sends, and what that costs: an open loop against nginx on this machine, with the screen on, at several
rates. Beside it, in the same rounds and against the same nginx, what oha, hey and wrk report at 1,000 requests per second.

    python3 tests/bench/lag.py [--rounds 5] [--seconds 6] [--rates 1,200,1000,10000,50000] [--tries 1]

Client lag is the time from the instant at which a request may go to that at which it goes. Printed are medians over the
rounds, and for 1,000/s the ratio of dragstrip's reported latencies to the lowest of the others'.

What the others can do at a fixed rate differs. oha -q: an open loop, latency from the intended start. hey -q: each of ten
workers waits for its ticker; its figures have steps of 100 µs. wrk has no rates: with a script's delay() of 10 ms on each of
ten connections it comes near 1,000/s; latency from the actual send. (wrk2, which has, is in no package list.)

Lateness is a matter of who else wants the cores. "Other work" is what other processes took of a core meanwhile; with
--tries N a run beside which that was more than 10 % is repeated, up to N times in all.

Needs nginx; says which of the others are missing, and leaves them out. To compare builds, give each as NAME=PATH:

    python3 tests/bench/lag.py --binary before=/tmp/before --binary after=target/release/dragstrip
"""
import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import common

PEER_RATE = 1000
WORKERS = 10
# µs: client lag p99 at each rate.
GOALS = {200: 150, 1000: 100, 10000: 100}
FIGURES = ["lag_p50", "lag_p99", "p50", "p99", "rps", "load", "own", "process", "server", "other"]
# Percent of a core that others may take before a run is repeated.
QUIET = 10


def dragstrip(binary, url, server, rate, options, out):
    """One run with the screen on. Latencies in µs, processor time in percent of one core."""
    # At 1/s it takes a while until there is a median at all.
    seconds = options.seconds if rate >= 50 else max(options.seconds, 20)
    command = [binary, "run", "--a", url, "--rate", str(rate), "--warmup", "1s", "--duration", f"{seconds}s", "--exit",
               "--out", out, *options.extra]
    before = common.cpu_seconds(server.pid)
    used, elapsed, _ = common.watch(*common.in_terminal(command))
    served = common.cpu_seconds(server.pid) - before
    with open(out) as f:
        snapshot = json.load(f)
    run = snapshot["variants"]["a"]["run"]
    lag, response = run["client_lag_us"], run["response_us"]
    if run["failed"]:
        print(f"failures, which the medians should leave out: {run['outcomes']}", file=sys.stderr)
    detail = next(check["detail"] for check in snapshot["checks"] if check["name"] == "own CPU")
    found = re.match(r".*?([\d.]+) ?% of (\d+) cores, thread ([\d.]+) ?%", detail)
    own, cores, load = (float(group) for group in found.groups()) if found else (0.0, 1, 0.0)
    return {
        # A percentile among failures has no figure.
        **{f"lag_{p}": math.inf if lag[p] is None else lag[p] for p in ("p50", "p99")},
        **{p: math.inf if response[p] is None else response[p] for p in ("p50", "p99")}, "rps": run["rps"],
        "load": load, "own": own * cores, "process": used / elapsed * 100, "server": served / elapsed * 100,
    }


def output(command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def oha(url, seconds):
    found = json.loads(output(["oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-q", str(PEER_RATE),
                               "-c", str(WORKERS), "--latency-correction", url]))
    percentiles = found["latencyPercentiles"]
    return percentiles["p50"] * 1e6, percentiles["p99"] * 1e6, found["summary"]["requestsPerSec"]


def hey(url, seconds):
    text = output(["hey", "-z", f"{seconds}s", "-c", str(WORKERS), "-q", str(PEER_RATE // WORKERS), url])
    percentile = {p: float(s) * 1e6 for p, s in re.findall(r"(\d+)% in ([\d.]+) secs", text)}
    return percentile["50"], percentile["99"], float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def wrk(url, seconds):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"function delay() return {1000 * WORKERS // PEER_RATE} end\n"
                     "function done(summary, latency, requests)\n"
                     "  io.write(string.format('%d %d %d\\n', latency:percentile(50), latency:percentile(99), summary.requests))\n"
                     "end\n")
        script.flush()
        text = output(["wrk", "-t1", f"-c{WORKERS}", f"-d{seconds}s", "-s", script.name, url])
    p50, p99, requests = (int(word) for word in text.splitlines()[-1].split())
    return p50, p99, requests / seconds


def quietly(server, tries, measure):
    """Measures, again if others were busy and tries are left; returns the figures and what others took of a core."""
    for left in reversed(range(tries)):
        others = common.OtherWork(server)
        figures = measure()
        other = others.percent()
        if other <= QUIET or left == 0:
            return figures, other
        print(f"other work took {other:.0f} % of a core: once more", file=sys.stderr)
        time.sleep(2)


def median(rows, figure):
    return statistics.median(row[figure] for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--tries", type=int, default=1)
    parser.add_argument("--rates", default="1,200,1000,10000,50000")
    parser.add_argument("--binary", action="append", metavar="NAME=PATH", help="instead of this source's release build")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("extra", nargs="*", help="further options of dragstrip run, after --")
    options = parser.parse_args()
    rates = [int(rate) for rate in options.rates.split(",")]
    binaries = dict(binary.split("=", 1) for binary in options.binary) if options.binary else {"dragstrip": common.build()}
    peers = {"oha": oha, "hey": hey, "wrk": wrk}
    if options.no_peers or PEER_RATE not in rates:
        peers = {}
    for missing in [name for name in peers if not shutil.which(name)]:
        print(f"{missing} is not installed: left out", file=sys.stderr)
        del peers[missing]
    own = {(rate, name): [] for rate in rates for name in binaries}
    others = {name: [] for name in peers}
    with common.nginx() as (url, server), tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        for turn in range(options.rounds):
            # In turns, each round the other way round, so that noise hits all alike.
            order = list(own) if turn % 2 == 0 else list(own)[::-1]
            for rate, name in order:
                row, other = quietly(server, options.tries, lambda: dragstrip(binaries[name], url, server, rate, options, out))
                row["other"] = other
                own[rate, name].append(row)
                print(f"round {turn + 1}: {name} at {rate}/s:", {k: round(v, 1) for k, v in row.items()}, file=sys.stderr)
                if rate == PEER_RATE and name == list(binaries)[-1]:
                    for peer, run in peers.items():
                        others[peer].append(quietly(server, options.tries, lambda: run(url, options.seconds))[0])
                        print(f"round {turn + 1}: {peer}: %.0f µs, %.0f µs, %.0f/s" % others[peer][-1], file=sys.stderr)
    print("client lag and response in µs; CPU in % of one core (own: load, metrics and screen; process: all of it, with "
          "start and end)")
    print("| rate | program | lag p50 | lag p99 | goal | p50 | p99 | sent/s | load thread | own CPU | process CPU | nginx | other work |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for (rate, name), rows in own.items():
        lag50, lag99, p50, p99, rps, load, total, process, served, other = (median(rows, figure) for figure in FIGURES)
        print(f"| {rate:,} | {name} | {lag50:.0f} | {lag99:.0f} | {GOALS.get(rate, '–')} | {p50:.0f} | {p99:.0f} | {rps:,.1f} | "
              f"{load:.1f} | {total:.1f} | {process:.1f} | {served:.1f} | {other:.1f} |")
    if not others:
        return
    print(f"\nas reported at {PEER_RATE:,}/s, µs")
    print("| program | p50 | p99 | requests/s |")
    print("|---|---:|---:|---:|")
    table = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in others.items()}
    for name in binaries:
        rows = own[PEER_RATE, name]
        p50, p99 = median(rows, "p50"), median(rows, "p99")
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {median(rows, 'rps'):,.0f} |")
    for name, (p50, p99, rps) in table.items():
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {rps:,.0f} |")
    for name in binaries:
        rows = own[PEER_RATE, name]
        ratios = [median(rows, figure) / min(row[i] for row in table.values()) for i, figure in enumerate(["p50", "p99"])]
        print(f"{name} ÷ the lowest of the others: p50 %.2f, p99 %.2f (goal: 1.10)" % tuple(ratios))


main()
