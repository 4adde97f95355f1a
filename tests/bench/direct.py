#!/usr/bin/env python3
"""The direct engine beside wrk, oha and h2load, against nginx on this machine. In turns, several rounds, each round beginning
with another program; what is printed are medians, and ratios of medians, of client CPU (user + system) per request,
throughput and peak memory. Compare the ratios; the absolute figures are this machine's, with the server on the same cores.

    python3 tests/bench/direct.py [--rounds 5] [--seconds 4] [--only http1,tui,open,tls,h2c,h2,scaling] [--slack 1.0]

With `--slack 1.5` a goal counts as missed only if it is by half: for short runs on machines that are not quiet.

The memory of 10,000 users is measured by `users.py --engine direct`. Ends with 1 if a goal is missed. Needs nginx and openssl; of wrk, oha and h2load those that are missing are left out. Builds
the release binary first.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import common
import peers

GOALS = []


def goal(what, ratio, limit, least=False):
    GOALS.append((what, ratio, limit, least))


def met(ratio, limit, least, slack):
    return ratio * slack >= limit if least else ratio <= limit * slack


def direct(binary, url, seconds, connections, spec="", load=None, more=()):
    load = load or ["--users", str(connections)]
    return [binary, "run", "--a", url, *load, "--threads", "1", "--warmup", "0s", "--duration", f"{seconds}s",
            "--json", peers.BODY, "--headless", "--format", "json",
            "--transport-a", "engine=direct" + spec, *more]


def h2load_count(output):
    return next(int(line.split("requests: ")[1].split()[0]) for line in output.splitlines() if line.startswith("requests:"))


def oha_in_rounds(url, seconds, connections, *more):
    return ["oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-c", str(connections), "-m", "POST",
            "-T", "application/json", "-d", peers.BODY, *more, url]


def tui_and_headless(binary, url, seconds, rounds, folder):
    """CPU per request with the screen on ÷ without it, of medians, in turns."""
    out = os.path.join(folder, "out.json")
    screen = direct(binary, url, seconds, 50)
    for word in ("--headless", "--format", "json"):
        screen.remove(word)
    screen += ["--exit", "--out", out]
    costs = {"headless": [], "screen": []}
    for turn in range(rounds):
        for name in ("headless", "screen") if turn % 2 == 0 else ("screen", "headless"):
            if name == "headless":
                _, cost, _ = peers.measure(direct(binary, url, seconds, 50), peers.dragstrip_count)
            else:
                seconds_of_cpu, _, _ = common.watch(*common.in_terminal(screen))
                with open(out) as f:
                    cost = seconds_of_cpu / peers.dragstrip_count(f.read()) * 1e6
            costs[name].append(cost)
            print(f"round {turn + 1} {name}: {cost:.2f} µs", file=sys.stderr)
    return statistics.median(costs["screen"]) / statistics.median(costs["headless"])


def open_loop(binary, url, seconds, rounds):
    """p50 and p99 as reported at 1,000 requests/s in a Poisson or even open loop; dragstrip's ÷ oha's, of medians."""
    found = {"dragstrip": [], "oha": []}
    commands = {
        "dragstrip": direct(binary, url, seconds, 0, load=["--rate", "1000", "--arrivals", "constant"]),
        "oha": oha_in_rounds(url, seconds, 50, "-q", "1000", "--latency-correction"),
    }
    for turn in range(rounds):
        for name in list(commands) if turn % 2 == 0 else reversed(commands):
            text = subprocess.run(commands[name], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            answer = json.loads(text)
            if name == "oha":
                p50, p99 = (answer["latencyPercentiles"][p] * 1e6 for p in ("p50", "p99"))
            else:
                times = answer["variants"]["a"]["run"]["response_us"]
                p50, p99 = times["p50"], times["p99"]
            found[name].append((p50, p99))
            print(f"round {turn + 1} {name}: p50 {p50:.0f} µs, p99 {p99:.0f} µs", file=sys.stderr)
    p50, p99 = ({name: statistics.median(row[i] for row in rows) for name, rows in found.items()} for i in (0, 1))
    return p50["dragstrip"] / p50["oha"], p99["dragstrip"] / p99["oha"]


def there(programs):
    """Those that are installed; dragstrip, the first, always is."""
    return {name: what for name, what in programs.items() if name == "dragstrip" or shutil.which(what[0][0])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", default="http1,tui,open,tls,h2c,h2,scaling")
    parser.add_argument("--slack", type=float, default=1.0)
    options = parser.parse_args()
    rounds, seconds, only = options.rounds, options.seconds, options.only.split(",")
    binary = common.build()
    ports = {name: common.free_port() for name in ("tls", "h2c", "h2")}

    def also(folder):
        key, cert = common.certificate(folder)
        answer = "location / { default_type application/json; return 200 '{\"ok\":true}'; }"
        tls = f"ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.3; ssl_session_cache shared:s:1m;"
        return "\n".join([
            f"server {{ listen 127.0.0.1:{ports['tls']} ssl; {tls} {answer} }}",
            f"server {{ listen 127.0.0.1:{ports['h2c']} http2; {answer} }}",
            f"server {{ listen 127.0.0.1:{ports['h2']} ssl http2; {tls} {answer} }}",
        ])

    with common.nginx(also) as (url, _), tempfile.TemporaryDirectory() as folder:
        script, body = os.path.join(folder, "post.lua"), os.path.join(folder, "body.json")
        with open(script, "w") as f:
            f.write(f"wrk.method='POST'; wrk.body='{peers.BODY}'; wrk.headers['Content-Type']='application/json'")
        with open(body, "w") as f:
            f.write(peers.BODY)
        urls = {name: f"{'http' if name == 'h2c' else 'https'}://localhost:{port}/" for name, port in ports.items()}
        if "http1" in only:
            ratios = peers.compare("HTTP/1.1, 50 connections", there({
                "dragstrip": (direct(binary, url, seconds, 50), peers.dragstrip_count),
                "wrk": (["wrk", "-t1", "-c50", f"-d{seconds}s", "-s", script, url], peers.wrk_count),
                "oha": (oha_in_rounds(url, seconds, 50), peers.oha_count),
            }), rounds)
            if "wrk" in ratios:
                goal("HTTP/1.1, CPU per request ÷ wrk", ratios["wrk"][0], 1.0)
                goal("HTTP/1.1, throughput ÷ wrk -t1", ratios["wrk"][1], 1.0, least=True)
            if "oha" in ratios:
                goal("HTTP/1.1, CPU per request ÷ oha", ratios["oha"][0], 0.7)
            goal("HTTP/1.1, peak MB", ratios["dragstrip"][2], 20)
        if "tui" in only:
            goal("CPU per request, screen on ÷ headless", tui_and_headless(binary, url, seconds, rounds, folder), 1.05)
        if "open" in only and shutil.which("oha"):
            p50, p99 = open_loop(binary, url, seconds, rounds)
            goal("open loop at 1,000/s, p50 ÷ oha", p50, 1.05)
            goal("open loop at 1,000/s, p99 ÷ oha", p99, 1.05)
        if "tls" in only:
            ratios = peers.compare("TLS 1.3, HTTP/1.1, 50 connections", there({
                "dragstrip": (direct(binary, urls["tls"], seconds, 50, ",http=1.1,tls_verify=false"), peers.dragstrip_count),
                "oha": (oha_in_rounds(urls["tls"], seconds, 50, "--insecure", "--http-version", "1.1"), peers.oha_count),
            }), rounds)
            if "oha" in ratios:
                goal("TLS 1.3, CPU per request ÷ oha", ratios["oha"][0], 0.8)
        for name, spec in (("h2c", ",http=h2c"), ("h2", ",http=2,tls_verify=false")):
            if name not in only:
                continue
            ratios = peers.compare(f"{name}, 10 connections × 10 streams", there({
                "dragstrip": (
                    direct(binary, urls[name], seconds, 100, spec + ",max_connections=10,streams=10"), peers.dragstrip_count),
                "oha": (
                    oha_in_rounds(urls[name], seconds, 10, "-p", "10", "--http2", "--insecure"), peers.oha_count),
                "h2load": (
                    ["h2load", "-c10", "-m10", "-t1", f"-D{seconds}", "-d", body, "-H", "content-type: application/json",
                     urls[name]], h2load_count),
            }), rounds)
            if "oha" in ratios:
                goal(f"{name}, CPU per request ÷ oha", ratios["oha"][0], 0.8)
            if "h2load" in ratios:
                goal(f"{name}, CPU per request ÷ h2load", ratios["h2load"][0], 1.3)
        if "scaling" in only:
            programs = {
                f"{n} connections": (direct(binary, url, seconds, n), peers.dragstrip_count) for n in (1, 10, 100, 1_000)
            }
            own = list(programs)
            if shutil.which("wrk"):
                # What one connection costs whoever waits for each answer: the wake-up is the system's.
                programs |= {
                    f"wrk, {n} connections": (
                        ["wrk", "-t1", f"-c{n}", f"-d{seconds}s", "-s", script, url], peers.wrk_count) for n in (1, 100)
                }
            ratios = peers.compare("Scaling, HTTP/1.1", programs, rounds)
            costs = [1 / ratios[name][0] for name in own]
            goal("CPU per request at 1, 10, 100 and 1,000 connections, worst ÷ best", max(costs) / min(costs), 1.5)
            goal("the same at 10, 100 and 1,000 connections", max(costs[1:]) / min(costs[1:]), 1.5)
            if "wrk, 1 connections" in ratios:
                one, many = (1 / ratios[f"wrk, {n} connections"][0] for n in (1, 100))
                print(f"wrk's own cost at 1 connection ÷ at 100: {one / many:.2f}; dragstrip's: {costs[0] / costs[2]:.2f}")
    for peer in ("wrk", "oha", "h2load"):
        if not shutil.which(peer):
            print(f"not held: the goals beside {peer}, which is not installed")
    for what, ratio, limit, least in GOALS:
        words = "at least" if least else "at most"
        print(f"{what}: {ratio:.2f} (goal: {words} {limit:.2f}{'' if met(ratio, limit, least, 1) else ', MISSED'})")
    sys.exit(any(not met(ratio, limit, least, options.slack) for _, ratio, limit, least in GOALS))


if __name__ == "__main__":
    main()
