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
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
USERS = 50
BODY = '{"model":"m","messages":[]}'


def build():
    """Builds both programs and returns their paths."""
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    built = subprocess.run(
        ["cargo", "bench", "--no-run", "--locked", "--bench", "bare_reqwest", "--message-format=json"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )
    artifacts = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    bare = [a["executable"] for a in artifacts if a.get("executable") and a["target"]["name"] == "bare_reqwest"]
    return os.path.join(ROOT, "target", "release", "dragstrip"), bare[0]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_nginx(folder, port):
    config = os.path.join(folder, "nginx.conf")
    with open(config, "w") as f:
        f.write(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{{"ok":true}}'; }} }}
}}
""")
    nginx = subprocess.Popen(["nginx", "-c", config, "-e", f"{folder}/error.log"])
    for _ in range(100):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return nginx
        time.sleep(0.05)
    sys.exit("nginx did not start")


def peak_mb(pid):
    """The highest memory so far (the kernel's rusage would count the parent's memory before exec, too)."""
    try:
        with open(f"/proc/{pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return 0.0


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
            peak = max(peak, peak_mb(child.pid))
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
    dragstrip, bare = build()
    if not shutil.which("nginx"):
        sys.exit("nginx is needed as the server")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}/"
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
        nginx = start_nginx(folder, port)
        try:
            results = {name: [] for name in programs}
            for turn in range(options.rounds):
                for name, (command, count) in programs.items():
                    results[name].append(measure(command, count))
                    print(f"round {turn + 1} {name}: %.0f req/s, %.2f µs, %.1f MB" % results[name][-1], file=sys.stderr)
        finally:
            nginx.terminate()
            nginx.wait()
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
    own = medians["dragstrip"]
    print("| program | requests/s | CPU µs/request | peak MB | CPU, dragstrip ÷ it |")
    print("|---|---:|---:|---:|---:|")
    for name, (rps, cpu, memory) in medians.items():
        print(f"| {name} | {rps:,.0f} | {cpu:.2f} | {memory:.1f} | {own[1] / cpu:.2f} |")


main()
