#!/usr/bin/env python3
"""The screen in a pseudo-terminal of 160×48: frames a second, bytes of a frame and the CPU of the screen's threads for each
view, with the demo's load; then the time from a key to its frame while the load generator runs flat out.

    python3 tests/bench/screen.py [--seconds 10] [--keys 40]

Linux only: it reads /proc. Builds the release binary first. What a frame costs inside is measured by `cargo bench --bench screen`.
"""
import argparse
import os
import random
import re
import select
import statistics
import subprocess
import time

import common

BEGIN, END = b"\x1b[?2026h", b"\x1b[?2026l"
VIEWS = ["Race", "Latency", "Heat", "Errors", "Details", "Log"]
# The main thread draws, the outbox writes, input reads keys.
OWN = re.compile(r"dragstrip|outbox|input")


def read(terminal, seconds, until=None):
    """What is drawn in so many seconds, or until `until` is true of it."""
    end, seen = time.monotonic() + seconds, b""
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            seen += os.read(terminal, 1 << 16)
            if until and until(seen):
                break
    return seen


def frames(seen):
    """The lengths of whole frames, in bytes."""
    return [len(part.partition(END)[0]) for part in seen.split(BEGIN)[1:] if END in part]


def screen_cpu(pid):
    """CPU seconds of the threads that draw, write and read keys."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat") as f:
            text = f.read()
        name = text[text.index("(") + 1:text.rindex(")")]
        fields = text[text.rindex(")") + 2:].split()
        if OWN.fullmatch(name):
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def views(binary, seconds):
    pid, terminal = common.in_terminal([binary, "--theme", "dark"])
    read(terminal, 20)
    for number, view in enumerate(VIEWS, 1):
        os.write(terminal, str(number).encode())
        whole = frames(read(terminal, 1))
        before = screen_cpu(pid)
        lengths = frames(read(terminal, seconds))
        cpu = (screen_cpu(pid) - before) / seconds * 100
        print(f"{view:8} {len(lengths) / seconds:4.1f} frames/s (at most 15), a frame {statistics.median(lengths) / 1024:4.1f} kB "
              f"(goal 8; the first {max(whole, default=0) / 1024:.1f}), screen {cpu:.1f} % of a core (goal 2)")
    common.stop(pid, terminal)


def keys(binary, count):
    port = common.free_port()
    target = subprocess.Popen([binary, "endpoint", "--listen", f"127.0.0.1:{port}", "--profile", "instant"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        url = f"http://127.0.0.1:{port}"
        pid, terminal = common.in_terminal([binary, "run", "--a", url, "--path", "/health", "--users", "64",
                                            "--duration", "120s", "--theme", "dark"])
        read(terminal, 8)
        delays = []
        for _ in range(count):
            read(terminal, random.uniform(0.3, 0.7))
            began = time.monotonic()
            os.write(terminal, b"?")
            # The title of the help is not in any other frame.
            read(terminal, 5, lambda seen: b" help " in seen and seen.rstrip().endswith(END))
            delays.append((time.monotonic() - began) * 1e3)
            os.write(terminal, b"?")
        common.stop(pid, terminal)
    finally:
        target.terminate()
        target.wait()
    delays.sort()
    at = lambda share: delays[int((len(delays) - 1) * share)]
    print(f"key to screen under full load: median {at(0.5):.0f} ms, 95 % within {at(0.95):.0f} ms, at most {delays[-1]:.0f} ms "
          f"of {count} (goal 50)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--keys", type=int, default=40)
    options = parser.parse_args()
    binary = common.build()
    views(binary, options.seconds)
    keys(binary, options.keys)


main()
