"""What the benchmarks share: the release binary, nginx as a fast target, and programs in a pseudo-terminal."""
import contextlib
import fcntl
import json
import os
import pty
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def build():
    """Builds the release binary; returns its path."""
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    return os.path.join(ROOT, "target", "release", "dragstrip")


def build_bench(name):
    """Builds a program of tests/bench; returns its path."""
    built = subprocess.run(
        ["cargo", "bench", "--no-run", "--locked", "--bench", name, "--message-format=json"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )
    artifacts = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    return next(a["executable"] for a in artifacts if a.get("executable") and a["target"]["name"] == name)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def certificate(folder):
    """Makes a key and a certificate for localhost, which is its own authority; returns the paths of both."""
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext",
         "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", cert],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return key, cert


@contextlib.contextmanager
def nginx(also=lambda folder: ""):
    """nginx as a single process with a small answer from memory, in a folder of its own; gives its URL and process. `also`
    gives more for the configuration's http block."""
    if not shutil.which("nginx"):
        sys.exit("nginx is needed as the server")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w") as f:
            f.write(f"""
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 12000; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{{"ok":true}}'; }} }}
  {also(folder)}
}}
""")
        server = subprocess.Popen(["nginx", "-c", config, "-e", f"{folder}/error.log"])
        try:
            for _ in range(100):
                with socket.socket() as s:
                    if s.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            else:
                sys.exit("nginx did not start")
            yield f"http://127.0.0.1:{port}/", server
        finally:
            server.terminate()
            server.wait()


def peak_mb(pid):
    """The highest memory so far (the kernel's rusage would count the parent's memory before exec, too)."""
    try:
        with open(f"/proc/{pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return 0.0


def cpu_seconds(pid):
    """User and system time of a running process so far, in clock ticks."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class OtherWork:
    """What else the machine's cores do while something is measured."""

    def __init__(self, server):
        self.server = server
        self.start = self.read()

    def read(self):
        with open("/proc/stat") as f:
            user, nice, system, _, _, irq, softirq, *_ = (int(word) for word in f.readline().split()[1:])
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        known = sum(usage.ru_utime + usage.ru_stime for usage in own) + cpu_seconds(self.server.pid)
        return time.monotonic(), (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK") - known

    def percent(self):
        """Of one core, since the start."""
        (began, then), (ended, now) = self.start, self.read()
        return max(0.0, (now - then) / (ended - began) * 100)


def in_terminal(command, rows=48, columns=160):
    """Starts a program in a pseudo-terminal; returns its process id and the terminal's other end."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.environ["COLORTERM"] = "truecolor"
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execvp(command[0], command)
    return pid, terminal


def stop(pid, terminal):
    """Ends a program in a pseudo-terminal and reads what it still draws."""
    os.kill(pid, signal.SIGTERM)
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(terminal)


def watch(pid, terminal):
    """Reads what a program draws, as a terminal would, until it ends. Returns its CPU seconds, its elapsed seconds and
    its peak memory in MB."""
    started, peak = time.monotonic(), 0.0
    drawn = b""
    while True:
        # The peak only grows: a look now and then, the last of them shortly before the end, costs next to nothing.
        peak = max(peak, peak_mb(pid))
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                drawn = (drawn + os.read(terminal, 1 << 16))[-4096:]
            except OSError:
                break
    _, status, usage = os.wait4(pid, 0)
    os.close(terminal)
    if status != 0:
        sys.exit(f"it failed with status {status}: {drawn.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - started, peak
