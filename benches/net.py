#!/usr/bin/env python3
"""Servers in Plat, Go and Rust (Tokio) under the same load, in turn: an echo of 64 bytes over 1,000 and 10,000 connections.

    python3 benches/net.py [--connections N] [--seconds N] [--runs N] [--platc FILE] [--shared] [--markdown FILE]

A server runs on one processor and the client (`benches/rust/src/bin/echo_load.rs`) on another; with `--shared` both on all, and servers
with as many threads as there are. A run takes the seconds it is given, the rest a few more. What counts is the time that the server
spends on processors for each request: it depends least on what else the machine does. Memory is what the server holds once all connections
are there, before and after they are used.
"""

import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

from measure import Table, Tools, build_platc, find_go, machine, megabytes

LANGUAGES = ("plat", "rust", "go")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def processor_time(process):
    """Seconds that a process has spent on processors."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(process):
    """Bytes of memory that a process holds."""
    return int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE


class Run:
    """What one server did under one load."""

    def __init__(self, server, load, connections, seconds, processors):
        on_server, on_client = ("0", "1") if processors == "apart" else (None, None)
        workers = {name: "1" if on_server else str(os.cpu_count()) for name in ("PLAT_WORKERS", "GOMAXPROCS", "BENCH_WORKERS")}
        pinned = lambda cpu: ["taskset", "-c", cpu] if cpu else []
        with subprocess.Popen([*pinned(on_server), server], stdout=subprocess.PIPE, text=True, env={**os.environ, **workers}) as running:
            try:
                address = running.stdout.readline().split()[-1]
                command = [*pinned(on_client), load, address, str(connections), str(seconds)]
                with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
                    if client.stdout.readline() != "connected\n":
                        sys.exit(f"{server}: the client could not connect")
                    self.idle_memory, before = resident(running.pid), processor_time(running.pid)
                    result = client.communicate("\n", timeout=60 + seconds)[0]
                    count, passed, median, last = result.split()
                    spent = processor_time(running.pid) - before
                    self.memory = resident(running.pid)
                self.rate, self.cost = int(count) / float(passed), spent / int(count)
                self.median, self.p99 = int(median), int(last)
            finally:
                running.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--connections", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--seconds", type=int, default=4, help="of each run (default 4)")
    parser.add_argument("--runs", type=int, default=3, help="of each server (default 3)")
    parser.add_argument("--platc", help="measure this compiler rather than build one")
    parser.add_argument("--shared", action="store_true", help="client and server share all processors")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the table to this file too")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    go, platc = find_go(), options.platc or build_platc()
    print(machine(go))
    table = Table("echo of 64 bytes", "server CPU", "requests/s", "median", "p99", "idle", "after")
    with tempfile.TemporaryDirectory() as folder:
        tools = Tools(platc, go, pathlib.Path(folder))
        servers, load = tools.build("echo", LANGUAGES), tools.build_rust("echo_load")
        for connections in options.connections:
            runs = {language: [] for language in servers}
            for _ in range(options.runs):
                for language, server in servers.items():
                    processors = "shared" if options.shared else "apart"
                    runs[language].append(Run(server, load, connections, options.seconds, processors))
            for language, done in runs.items():
                middle = lambda of: statistics.median(map(of, done))
                table.add(
                    f"{language}, {connections:,} connections",
                    f"{1e6 * middle(lambda run: run.cost):.2f} us",
                    f"{middle(lambda run: run.rate):,.0f}",
                    f"{middle(lambda run: run.median) / 1000:.2f} ms",
                    f"{middle(lambda run: run.p99) / 1000:.2f} ms",
                    megabytes(middle(lambda run: run.idle_memory)),
                    megabytes(middle(lambda run: run.memory)),
                )
    if options.markdown:
        options.markdown.write_text(table.markdown())


if __name__ == "__main__":
    main()
