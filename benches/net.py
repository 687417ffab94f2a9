#!/usr/bin/env python3
"""Servers in Plat, Go and Rust (Tokio) under the same loads, in turn.

    python3 benches/net.py [echo] [visits] [store] [http] [--connections N] [--seconds N] [--runs N] [--platc FILE] [--shared] [--markdown FILE]

- `echo`: 64 bytes go back and forth over 1,000 and 10,000 connections (`benches/rust/src/bin/echo_load.rs`).
- `visits`: 50 clients at once connect, have 64 bytes sent back, and close (`connect_load.rs`).
- `store`: `redis-benchmark` (Debian's redis-tools) sets and gets values, one command at a time and 16 at once, at
  `examples/redis_like_server.plat` and servers made like it.
- `http`: wrk (in the Debian package of that name) asks for a greeting over 100 connections, of servers made with `std::http`, net/http and axum.

Without a name it runs all of them. A server runs on one processor and the client on another; with `--shared` both on all, and
servers with as many threads as there are. A run takes at most the seconds it is given, the rest a few more: all together take some four minutes.
What counts is the time that the server spends on processors for each request: it depends least on what else the machine does.
Memory is what the server holds once all connections are there, before and after they are used.
"""

import argparse
import contextlib
import csv
import dataclasses
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from measure import ROOT, Table, Tools, build_platc, find_go, machine, megabytes

LANGUAGES = ("plat", "rust", "go")
BENCHES = ("echo", "visits", "store", "http")
PAGE = os.sysconf("SC_PAGE_SIZE")

# Clients of `visits`, and of `redis-benchmark`.
AT_ONCE = 50

# What `redis-benchmark` does: tests, commands at once, and commands in all for each second of a run.
STORE_LOADS = [("set", 1, 10_000), ("get", 1, 10_000), ("set", 16, 50_000), ("get", 16, 50_000)]


# Connections of `wrk`.
BROWSERS = 100

# Microseconds in the units that `wrk` tells times in.
UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000}


@dataclasses.dataclass
class Result:
    """What a server did under a load: seconds of processor time a request, requests a second, microseconds of latency."""

    cost: float
    rate: float
    median: float
    p99: float
    idle_memory: int = 0
    memory: int = 0


class Server:
    """A server that runs, and on which processors it and its clients are."""

    def __init__(self, process, address, on_client):
        self.id, self.address, self.on_client = process.pid, address, on_client

    def processor_time(self):
        """Seconds that it has spent on processors."""
        # The number of a process's clock, as of clock_getcpuclockid(3), which Python does not have.
        return time.clock_gettime(~self.id << 3 | 2)

    def resident(self):
        """Bytes of memory that it holds."""
        return int(pathlib.Path(f"/proc/{self.id}/statm").read_text().split()[1]) * PAGE


@contextlib.contextmanager
def running(program, shared):
    """Starts a server, and ends it."""
    on_server, on_client = ([], []) if shared else (["taskset", "-c", "0"], ["taskset", "-c", "1"])
    workers = str(os.cpu_count()) if shared else "1"
    environment = {**os.environ, **{name: workers for name in ("PLAT_WORKERS", "GOMAXPROCS", "BENCH_WORKERS")}}
    with subprocess.Popen([*on_server, program], stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield Server(process, process.stdout.readline().split()[-1], on_client)
        finally:
            process.kill()


def read_result(line, spent):
    """The result that a client of ours has printed."""
    count, passed, median, last = line.split()
    return Result(spent / int(count), int(count) / float(passed), int(median), int(last))


def echo(server, client, connections, seconds):
    """Lets a client talk over many connections that stay."""
    command = [*server.on_client, client, server.address, str(connections), str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline() != "connected\n":
            sys.exit("the client could not connect")
        idle_memory, before = server.resident(), server.processor_time()
        line = process.communicate("\n", timeout=60 + seconds)[0]
        result = read_result(line, server.processor_time() - before)
        return dataclasses.replace(result, idle_memory=idle_memory, memory=server.resident())


def visits(server, client, seconds):
    """Lets clients come and go."""
    command = [*server.on_client, client, server.address, str(AT_ONCE), str(seconds)]
    before = server.processor_time()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60 + seconds)
    return read_result(done.stdout, server.processor_time() - before)


def redis_benchmark(server, test, pipeline, count):
    """Lets `redis-benchmark` do so many commands on 10,000 keys; gives what it says, by the names of its columns."""
    host, port = server.address.rsplit(":", 1)
    options = ["-h", host, "-p", port, "-c", str(AT_ONCE), "-n", str(count), "-P", str(pipeline), "-r", "10000", "-t", test, "--csv"]
    # It is told on standard error that there is no configuration to show.
    command = [*server.on_client, "redis-benchmark", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120 + count / 100)
    return next(csv.DictReader(line for line in done.stdout.splitlines() if line.startswith('"')))


def store(server, load, seconds):
    """Lets `redis-benchmark` set values, or get some that are there."""
    test, pipeline, rate = load
    count = rate * seconds
    if test == "get":
        redis_benchmark(server, "set", 16, 20_000)
    before = server.processor_time()
    row = redis_benchmark(server, test, pipeline, count)
    spent = server.processor_time() - before
    microseconds = lambda name: 1000 * float(row[name])
    return Result(spent / count, float(row["rps"]), microseconds("p50_latency_ms"), microseconds("p99_latency_ms"))


def wrk(server, seconds):
    """Lets `wrk` ask for the same page again and again."""
    command = ["wrk", "--latency", "-t1", f"-c{BROWSERS}", f"-d{seconds}s", f"http://{server.address}/"]
    before = server.processor_time()
    told = subprocess.run([*server.on_client, *command], capture_output=True, text=True, check=True, timeout=60 + seconds).stdout
    spent = server.processor_time() - before
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(told)
    number = lambda pattern: float(re.search(pattern, told)[1])
    latency = lambda part: number(rf"{part}% +([\d.]+)") * UNITS[re.search(rf"{part}% +[\d.]+(\w+)", told)[1]]
    cost = spent / number(r"(\d+) requests in")
    return Result(cost, number(r"Requests/sec: +([\d.]+)"), latency(50), latency(99), memory=server.resident())


def has_client(program, package):
    """Whether there is such a client, and says so if not."""
    if not shutil.which(program):
        print(f"{program} is not installed (Debian has it in {package}): what needs it is left out", file=sys.stderr)
    return shutil.which(program) is not None


class Bench:
    """Compares servers, and shows how."""

    def __init__(self, options, tools):
        self.options, self.tools = options, tools
        self.tables = []

    def begin(self, title, *more):
        self.tables.append(Table(title, "server CPU", "requests/s", "median", "p99", *more))

    def compare(self, servers, name, load, memory=()):
        """Puts the load on the servers, in turn and several times, each time on new ones. `memory` names the fields to be shown of it."""
        results = {language: [] for language in servers}
        for _ in range(self.options.runs):
            for language, program in servers.items():
                with running(program, self.options.shared) as server:
                    results[language].append(load(server))
        for language, done in results.items():
            middle = lambda field: statistics.median(getattr(result, field) for result in done)
            cells = [
                f"{1e6 * middle('cost'):.2f} us",
                f"{middle('rate'):,.0f}",
                f"{middle('median') / 1000:.2f} ms",
                f"{middle('p99') / 1000:.2f} ms",
            ]
            self.tables[-1].add(f"{language}, {name}", *cells, *(megabytes(middle(field)) for field in memory))

    def echo(self):
        servers, client = self.tools.build("echo", LANGUAGES), self.tools.build_rust("echo_load")
        self.begin("echo of 64 bytes", "idle", "after")
        for connections in self.options.connections:
            load = lambda server: echo(server, client, connections, self.options.seconds)
            self.compare(servers, f"{connections:,} connections", load, memory=("idle_memory", "memory"))

    def visits(self):
        servers, client = self.tools.build("echo", LANGUAGES), self.tools.build_rust("connect_load")
        self.begin("visits: connect, echo, close")
        self.compare(servers, f"{AT_ONCE} at once", lambda server: visits(server, client, self.options.seconds))

    def store(self):
        if not has_client("redis-benchmark", "redis-tools"):
            return
        example = self.tools.build_plat(ROOT / "examples" / "redis_like_server.plat")
        servers = {"plat": example, **self.tools.build("resp", ("rust", "go"))}
        self.begin("store, by redis-benchmark")
        for load in STORE_LOADS:
            test, pipeline, _ = load
            self.compare(servers, f"{test}, {pipeline} at once", lambda server: store(server, load, self.options.seconds))

    def http(self):
        if not has_client("wrk", "wrk"):
            return
        servers = self.tools.build("http_hello", LANGUAGES)
        self.begin("HTTP greeting", "memory")
        self.compare(servers, f"{BROWSERS} connections", lambda server: wrk(server, self.options.seconds), memory=("memory",))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("benches", nargs="*", choices=[*BENCHES, []], help="which (default all)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1_000, 10_000], help="of `echo`")
    parser.add_argument("--seconds", type=int, default=3, help="of each run (default 3)")
    parser.add_argument("--runs", type=int, default=3, help="of each server (default 3)")
    parser.add_argument("--platc", help="measure this compiler rather than build one")
    parser.add_argument("--shared", action="store_true", help="client and server share all processors")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the tables to this file too")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    go, platc = find_go(), options.platc or build_platc()
    print(machine(go))
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, Tools(platc, go, pathlib.Path(folder)))
        for name in options.benches or BENCHES:
            getattr(bench, name)()
    if options.markdown:
        options.markdown.write_text("\n".join(table.markdown() for table in bench.tables))


if __name__ == "__main__":
    main()
