#!/usr/bin/env python3
"""dragstrip beside wrk, oha and a bare reqwest loop, against nginx on this machine: 50 users, no think time, a small POST;
with keep-alive, and with a connection for each request. Prints requests per second, client CPU (user + system) per request
and peak memory: medians over the rounds, in turns, each round beginning with another program, so that noise hits all
alike. Compare the ratios; the absolute figures are this machine's, with the server on the same cores.

    python3 tests/bench/peers.py [--rounds 5] [--seconds 4]

The goals: with keep-alive at most 1.10 × the CPU per request of the bare loop, with everything recorded; without it at most
1.3 × oha's. Ends with 1 if one is missed. Needs nginx; wrk and oha are left out if they are not there. Builds the release
binaries first.
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


def dragstrip_command(binary, url, seconds, *more):
    return [binary, "run", "--a", url, "--users", str(USERS), "--threads", "1", "--warmup", "0s",
            "--duration", f"{seconds}s", "--json", BODY, "--headless", "--format", "json", *more]


def oha_command(url, seconds, *more):
    return ["oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-c", str(USERS), "-m", "POST",
            "-T", "application/json", "-d", BODY, *more, url]


def compare(title, programs, rounds):
    """Runs the programs, the first of which is dragstrip, in turns; prints their medians; returns for each (dragstrip's
    median CPU per request ÷ its own, the same of the throughput, dragstrip's median peak in MB)."""
    names = list(programs)
    results = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(measure(*programs[name]))
            print(f"round {turn + 1} {name}: %.0f req/s, %.2f µs, %.1f MB" % results[name][-1], file=sys.stderr)
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
    own = medians[names[0]][1]
    print(f"{title}, medians of {rounds} rounds:\n")
    print("| program | requests/s | CPU µs/request | peak MB | CPU, dragstrip ÷ it |")
    print("|---|---:|---:|---:|---:|")
    for name, (rps, cpu, memory) in medians.items():
        print(f"| {name} | {rps:,.0f} | {cpu:.2f} | {memory:.1f} | {own / cpu:.2f} |")
    print(flush=True)
    own_rps, memory = medians[names[0]][0], medians[names[0]][2]
    return {name: (own / medians[name][1], own_rps / medians[name][0], memory) for name in names}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    rounds, seconds = options.rounds, options.seconds
    dragstrip, bare = common.build(), common.build_bench("bare_reqwest")
    goals = []
    with common.nginx() as (url, _), tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "post.lua")
        with open(script, "w") as f:
            f.write(f"wrk.method='POST'; wrk.body='{BODY}'; wrk.headers['Content-Type']='application/json'")
        kept = {
            "dragstrip": (dragstrip_command(dragstrip, url, seconds), dragstrip_count),
            "bare reqwest": ([bare, url, str(USERS), str(seconds)], int),
        }
        closed = {
            "dragstrip": (
                dragstrip_command(dragstrip, url, seconds, "--transport-a", "http=1.1,keep_alive=false"),
                dragstrip_count),
        }
        if shutil.which("wrk"):
            kept["wrk"] = (["wrk", "-t1", f"-c{USERS}", f"-d{seconds}s", "-s", script, url], wrk_count)
        if shutil.which("oha"):
            kept["oha"] = (oha_command(url, seconds), oha_count)
            closed["oha"] = (oha_command(url, seconds, "--disable-keepalive"), oha_count)
        ratio = compare("Keep-alive", kept, rounds)["bare reqwest"][0]
        goals.append(("CPU per request, dragstrip ÷ bare reqwest", ratio, 1.10))
        if "oha" in closed:
            ratio = compare("A connection for each request", closed, rounds)["oha"][0]
            goals.append(("the same without keep-alive, dragstrip ÷ oha", ratio, 1.3))
        else:
            print("oha is not there: nothing to compare a connection for each request with", file=sys.stderr)
    for what, ratio, goal in goals:
        print(f"{what}: {ratio:.2f} (goal: at most {goal:.2f}{'' if ratio <= goal else ', MISSED'})")
    sys.exit(any(ratio > goal for _, ratio, goal in goals))


if __name__ == "__main__":
    main()
