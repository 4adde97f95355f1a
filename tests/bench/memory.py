#!/usr/bin/env python3
"""Peak memory after 100,000 and after 10 million requests: a closed loop without think time against nginx, with the screen
on. The goal: within 5 MB of each other.

    python3 tests/bench/memory.py [--requests 10000000]

Linux only: it reads /proc. The second run takes some minutes.
"""
import argparse
import json
import os
import tempfile

import common

FEW = 100_000


def run(binary, url, seconds, out):
    """Runs for so long; returns the number of requests, the peak in MB and the seconds it took."""
    command = [binary, "run", "--a", url, "--users", "50", "--warmup", "0s", "--duration", f"{seconds}s", "--exit", "--out", out]
    _, elapsed, peak = common.watch(*common.in_terminal(command))
    with open(out) as f:
        figures = json.load(f)["variants"]["a"]["run"]
    assert figures["failed"] == 0, figures["outcomes"]
    print(f"{figures['requests']:>11,} requests in {elapsed:.0f} s: peak {peak:.1f} MB")
    return figures["requests"], peak


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000_000)
    options = parser.parse_args()
    binary = common.build()
    with common.nginx() as (url, _), tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        # There is no option for a number of requests: the time for it is guessed from the rate so far.
        requests, few = run(binary, url, 3, out)
        rate = requests / 3
        if requests < FEW:
            requests, few = run(binary, url, FEW / rate * 1.1, out)
        requests, many = run(binary, url, round(options.requests / rate * 1.1), out)
    print(f"growth: {many - few:+.1f} MB from {few:.1f} MB (goal: under 5 MB)")


main()
