#!/usr/bin/env python3
"""10,000 users on two cores, the servers included: failures, and what a user takes of memory: the peak with 10,000 users less
that with ten, divided. Twice, since users who think most of the time share few connections:

- thinking: nginx answers at once, users think 5 to 15 s;
- waiting: the built-in endpoint answers after 10 s, users think up to 2 s, so that nearly each has a request open and a
  connection of his own.

The goals: no failures, and at most 30 KB for each user; of the direct engine, at most 8 KB for each idle user.

    python3 tests/bench/users.py [--users 10000] [--seconds 30] [--engine reqwest|direct]

Ends with 1 if a goal is missed. Linux only: it reads /proc. Needs nginx and 11,000 open files a process (it raises the
limit as far as it may). Takes about four minutes. Builds the release binary first.
"""
import argparse
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time

import common

FEW = 10
# For each user; that of the direct engine is for users who think.
GOALS_KB = {"reqwest": {"thinking": 30, "waiting": 30}, "direct": {"thinking": 8, "waiting": 30}}
RAMP_S = 20
FILES = 11_000
MOST = 10_000


@contextlib.contextmanager
def endpoint(binary):
    """The built-in endpoint, slow; gives its URL."""
    port = common.free_port()
    server = subprocess.Popen([binary, "endpoint", "--listen", f"127.0.0.1:{port}", "--profile", "fixed:10s"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            sys.exit("the endpoint did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def run(binary, url, engine, users, think, seconds, out):
    """Runs with so many users, for so long after the ramp; returns the peak in KB and the failures."""
    command = [binary, "run", "--a", url, "--path", "/chat/completions", "--json", '{"model":"m","messages":[]}',
               "--users", str(users), "--think", think, "--ramp", f"{RAMP_S}s", "--warmup", "0s",
               "--transport-a", f"engine={engine}", "--duration", f"{seconds}s", "--timeout", "60s", "--exit", "--out", out]
    _, elapsed, peak = common.watch(*common.in_terminal(command))
    with open(out) as f:
        variant = json.load(f)["variants"]["a"]
    figures, opened = variant["run"], variant["connections"]["opened"]
    print(f"  {users:,} users: {figures['requests']:,} requests in {elapsed:.0f} s over {opened:,} connections, "
          f"{figures['failed']} failed, peak {peak:.1f} MB", flush=True)
    return peak * 1024, figures["failed"]


def compare(what, binary, url, engine, users, think, seconds, out):
    """A few users and many; returns whether a goal is missed."""
    print(f"{what}:", flush=True)
    few, _ = run(binary, url, engine, FEW, think, seconds, out)
    many, failed = run(binary, url, engine, users, think, seconds, out)
    each = (many - few) / (users - FEW)
    missed = each > GOALS_KB[engine][what] or failed > 0
    print(f"  for each user {each:.1f} KB (goal: at most {GOALS_KB[engine][what]}), {failed} failures (goal: none)"
          f"{': MISSED' if missed else ''}", flush=True)
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=MOST)
    parser.add_argument("--seconds", type=int, default=30, help="after the ramp")
    parser.add_argument("--engine", default="reqwest", choices=GOALS_KB)
    options = parser.parse_args()
    if not FEW < options.users <= MOST:
        sys.exit(f"between {FEW} and {MOST:,} users")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        sys.exit(f"{FILES:,} open files are needed, and {hard:,} are allowed")
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    binary = common.build()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    users, seconds = options.users, options.seconds
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.json")
        with common.nginx() as (url, _):
            missed = compare("thinking", binary, url, options.engine, users, "5s..15s", seconds, out)
        with endpoint(binary) as url:
            missed |= compare("waiting", binary, url, options.engine, users, "0s..2s", seconds, out)
    sys.exit(missed)


if __name__ == "__main__":
    main()
