#!/usr/bin/env python3
"""The demo in a pseudo-terminal of 160×48: the time to its first frame, and the CPU that load, metrics and screen take
(the built-in endpoint and gateways apart).

    python3 tests/bench/demo.py [--seconds 30] [--starts 10]

Linux only: it reads /proc. Builds the release binary first.
"""
import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.join(ROOT, "target", "release", "dragstrip")
SERVERS = {"endpoint", "gateway"}


def start():
    """Starts the demo; returns its process id, the terminal's other end and the time to the first whole frame, in ms."""
    begun = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ["COLORTERM"] = "truecolor"
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 48, 160, 0, 0))
        os.execv(BINARY, [BINARY])
    seen = b""
    # The last gauge of the second pane, then the end of the synchronized update that a frame is.
    while seen.count(b"p99") < 2 or b"\x1b[?2026l" not in seen.split(b"p99")[-1]:
        seen += os.read(terminal, 1 << 16)
    return pid, terminal, (time.monotonic() - begun) * 1e3


def stop(pid, terminal):
    os.kill(pid, signal.SIGTERM)
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(terminal)


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
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    firsts = []
    for _ in range(options.starts):
        pid, terminal, first = start()
        firsts.append(first)
        stop(pid, terminal)
    print(f"first frame: median {statistics.median(firsts):.0f} ms, worst {max(firsts):.0f} ms of {options.starts} (goal: 300 ms)")
    pid, terminal, _ = start()
    drain(terminal, 15)
    before = cpu_by_thread(pid)
    drawn = drain(terminal, options.seconds)
    after = cpu_by_thread(pid)
    with open(f"/proc/{pid}/status") as f:
        peak = next(line for line in f if line.startswith("VmHWM")).split()[1]
    stop(pid, terminal)
    used = {name: (after[name] - before.get(name, 0)) / options.seconds * 100 for name in after}
    own = sum(share for name, share in used.items() if name not in SERVERS)
    for name, share in sorted(used.items(), key=lambda item: -item[1]):
        print(f"  {name:12} {share:5.1f} % of one core")
    print(f"load + metrics + screen: {own:.1f} % of one core (goal: under 15 %)")
    print(f"drawn: {drawn / options.seconds / 1024:.1f} kB/s; peak memory of everything: {int(peak) / 1024:.0f} MB")


main()
