#!/usr/bin/env python3
"""Verdicts in real time: the demo until all four metrics are decided, and a gateway against itself, which must not be.

    python3 tests/bench/verdicts.py [--demos 10] [--selves 4] [--at-once 5] [--order together]

Each demo has four minutes. A gateway against itself runs for two and a half (`--aa`). Several
runs go at once, each with servers of its own, which makes it harder rather than easier. Ends with 1 if a demo is not decided
in B's favour for all four metrics, or if more gateways than one, and than one of twenty, differ from themselves. Builds the release binary
first.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import os

import common

JUDGED = ["rps", "p50", "p95", "p99"]


def demo(binary, order, out):
    return subprocess.Popen(
        [binary, "--headless", "--order", order, "--until", "decided", "--duration", "4m", "--out", out],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def self_test(binary, order, url, out):
    return subprocess.Popen(
        [binary, "run", "--a", url, "--aa", "--order", order, "--users", "20", "--think", "50ms..150ms",
         "--path", "/chat/completions", "--json", '{"model": "m", "messages": []}',
         "--headless", "--duration", "150s" if order == "together" else "60s", "--out", out],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def endpoint(binary):
    """An endpoint with a log-normal delay; returns its process and URL."""
    port = common.free_port()
    process = subprocess.Popen(
        [binary, "endpoint", "--listen", f"127.0.0.1:{port}", "--profile", "lognormal:60ms,0.4"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    return process, f"http://127.0.0.1:{port}"


def batches(count, at_once, start):
    """Runs `start(number)` `count` times, `at_once` at a time; yields the snapshots' files."""
    for first in range(0, count, at_once):
        running = [start(number) for number in range(first, min(first + at_once, count))]
        for process, out in running:
            process.wait()
            with open(out) as f:
                yield json.load(f)


def metrics(snapshot):
    return {m["name"]: m for m in snapshot["comparison"]["metrics"] if m["name"] in JUDGED}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--demos", type=int, default=10)
    parser.add_argument("--selves", type=int, default=4)
    parser.add_argument("--at-once", type=int, default=5)
    parser.add_argument("--order", default="together", choices=["together", "alternate"])
    args = parser.parse_args()
    binary = common.build()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        def start_demo(number):
            out = os.path.join(folder, f"demo-{number}.json")
            return demo(binary, args.order, out), out

        took = []
        for snapshot in batches(args.demos, args.at_once, start_demo):
            found = metrics(snapshot)
            decided = all(m["verdict"] == "b_better" for m in found.values())
            failed += not decided
            # Measured time alone: the drain at the end is not waited for by anybody who watches.
            seconds = snapshot["meta"]["total_s"] or snapshot["meta"]["elapsed_s"]
            took.append(seconds)
            states = "; ".join(f"{name} {m['state']}" for name, m in found.items())
            print(f"demo: {seconds:.0f} s, {snapshot['comparison']['pairs']} pairs: {states}", flush=True)
        if took:
            print(f"demos: median {statistics.median(took):.0f} s from the start, longest {max(took):.0f} s, "
                  f"{failed} of {len(took)} not decided")

        differ = 0
        servers = []

        def start_self(number):
            process, url = endpoint(binary)
            servers.append(process)
            out = os.path.join(folder, f"self-{number}.json")
            return self_test(binary, args.order, url, out), out

        try:
            for snapshot in batches(args.selves, args.at_once, start_self):
                wrong = {n: m["state"] for n, m in metrics(snapshot).items() if m["verdict"] in ("b_better", "b_worse")}
                differ += bool(wrong)
                print(f"itself: {snapshot['comparison']['pairs']} pairs, {wrong or 'nothing decided'}; "
                      f"{' '.join(snapshot['comparison']['remarks'][:1])}", flush=True)
        finally:
            for process in servers:
                process.terminate()
                process.wait()
        print(f"gateways against themselves: {differ} of {args.selves} told apart")
        failed += differ > max(1, args.selves // 20)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
