#!/usr/bin/env python3
"""dragstrip beside wrk, oha and a bare reqwest loop, against nginx on this machine: 50 users, no think time, keep-alive, a
small POST. Prints requests per second, client CPU per request and peak memory: medians over the rounds, in turns, so that
noise hits all alike. Compare the ratios; the absolute figures are this machine's, with the server on the same cores.

    python3 tests/bench/peers.py [--rounds 5] [--seconds 4]

Needs nginx; wrk and oha are left out if they are not there. Builds the release binaries first.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import common

USERS = 50
BODY = '{"model":"m","messages":[]}'


def measure(command, count):
    """Runs a command; returns (requests/s, CPU µs/request, peak MB). `count` reads the requests from its output."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        peak = 0.0
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, common.peak_mb(child.pid))
            time.sleep(0.05)
        elapsed = time.monotonic() - started
        output.seek(0)
        text = output.read()
    if status != 0:
        sys.exit(f"{command[0]} failed: {text}")
    requests = count(text)
    return requests / elapsed, (usage.ru_utime + usage.ru_stime) / requests * 1e6, peak


def wrk_count(output):
    return next(int(line.split()[0]) for line in output.splitlines() if "requests in" in line)


def oha_count(output):
    return sum(json.loads(output)["statusCodeDistribution"].values())


def dragstrip_count(output):
    run = json.loads(output)["variants"]["a"]["run"]
    assert run["failed"] == 0, run["outcomes"]
    return run["ok"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    seconds = str(options.seconds)
    dragstrip, bare = common.build(), common.build_bench("bare_reqwest")
    with common.nginx() as (url, _), tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "post.lua")
        with open(script, "w") as f:
            f.write(f"wrk.method='POST'; wrk.body='{BODY}'; wrk.headers['Content-Type']='application/json'")
        programs = {
            "dragstrip": (
                [dragstrip, "run", "--a", url, "--users", str(USERS), "--threads", "1", "--warmup", "0s",
                 "--duration", f"{seconds}s", "--json", BODY, "--headless", "--format", "json"], dragstrip_count),
            "bare reqwest": ([bare, url, str(USERS), seconds], int),
        }
        if shutil.which("wrk"):
            programs["wrk"] = (["wrk", "-t1", f"-c{USERS}", f"-d{seconds}s", "-s", script, url], wrk_count)
        if shutil.which("oha"):
            programs["oha"] = (
                ["oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-c", str(USERS), "-m", "POST",
                 "-T", "application/json", "-d", BODY, url], oha_count)
        results = {name: [] for name in programs}
        for turn in range(options.rounds):
            for name, (command, count) in programs.items():
                results[name].append(measure(command, count))
                print(f"round {turn + 1} {name}: %.0f req/s, %.2f µs, %.1f MB" % results[name][-1], file=sys.stderr)
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
    own = medians["dragstrip"]
    print("| program | requests/s | CPU µs/request | peak MB | CPU, dragstrip ÷ it |")
    print("|---|---:|---:|---:|---:|")
    for name, (rps, cpu, memory) in medians.items():
        print(f"| {name} | {rps:,.0f} | {cpu:.2f} | {memory:.1f} | {own[1] / cpu:.2f} |")


main()
