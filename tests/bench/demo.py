#!/usr/bin/env python3
"""The demo in a pseudo-terminal of 160×48: the time to its first frame, and the CPU that load, metrics and screen take
(the built-in endpoint and gateways apart).

    python3 tests/bench/demo.py [--seconds 30] [--starts 10]

Linux only: it reads /proc. Builds the release binary first.
"""
import argparse
import os
import select
import statistics
import time

import common

SERVERS = {"endpoint", "gateway"}


def start(binary):
    """Starts the demo; returns its process id, the terminal's other end and the time to the first whole frame, in ms."""
    begun = time.monotonic()
    pid, terminal = common.in_terminal([binary])
    seen = b""
    # The last gauge of the second pane, then the end of the synchronized update that a frame is.
    while seen.count(b"p99") < 2 or b"\x1b[?2026l" not in seen.split(b"p99")[-1]:
        seen += os.read(terminal, 1 << 16)
    return pid, terminal, (time.monotonic() - begun) * 1e3


def drain(terminal, seconds):
    """Reads what is drawn, as a terminal would; returns the bytes."""
    end, total = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            total += len(os.read(terminal, 1 << 16))
    return total


def cpu_by_thread(pid):
    """CPU seconds of each thread's name."""
    seconds = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat") as f:
            text = f.read()
        name = text[text.index("(") + 1:text.rindex(")")]
        fields = text[text.rindex(")") + 2:].split()
        ticks = int(fields[11]) + int(fields[12])
        seconds[name] = seconds.get(name, 0) + ticks / os.sysconf("SC_CLK_TCK")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--starts", type=int, default=10)
    options = parser.parse_args()
    binary = common.build()
    firsts = []
    for _ in range(options.starts):
        pid, terminal, first = start(binary)
        firsts.append(first)
        common.stop(pid, terminal)
    print(f"first frame: median {statistics.median(firsts):.0f} ms, worst {max(firsts):.0f} ms of {options.starts} (goal: 300 ms)")
    pid, terminal, _ = start(binary)
    drain(terminal, 15)
    before = cpu_by_thread(pid)
    drawn = drain(terminal, options.seconds)
    after = cpu_by_thread(pid)
    peak = common.peak_mb(pid)
    common.stop(pid, terminal)
    used = {name: (after[name] - before.get(name, 0)) / options.seconds * 100 for name in after}
    own = sum(share for name, share in used.items() if name not in SERVERS)
    for name, share in sorted(used.items(), key=lambda item: -item[1]):
        print(f"  {name:12} {share:5.1f} % of one core")
    print(f"load + metrics + screen: {own:.1f} % of one core (goal: under 15 %)")
    print(f"drawn: {drawn / options.seconds / 1024:.1f} kB/s; peak memory of everything: {peak:.0f} MB")


main()
