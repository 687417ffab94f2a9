#!/usr/bin/env python3
"""Web servers in Plat, Go (net/http) and Rust (axum) under the same load, in turn: a greeting for 100 connections, by wrk.

    python3 benches/web.py [--connections N] [--seconds N] [--runs N] [--platc FILE] [--markdown FILE]

A server runs on one processor, with one thread, and wrk on another. What counts is the time that the server spends on processors for each
request: it depends least on what else the machine does. wrk is in the Debian package of that name.
"""

import argparse
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

from measure import Table, Tools, build_platc, find_go, machine, megabytes
from net import LANGUAGES, running


class Run:
    """What one server did under one load."""

    def __init__(self, program, connections, seconds):
        with running(program, shared=False) as server:
            before = server.processor_time()
            load = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://{server.address}/"]
            told = subprocess.run([*server.on_client, *load], capture_output=True, text=True, check=True).stdout
            spent = server.processor_time() - before
            self.memory = server.resident()
        if "Non-2xx" in told or "Socket errors" in told:
            sys.exit(f"{program}: {told}")
        self.cost = spent / int(re.search(r"(\d+) requests in", told)[1])
        self.rate = float(re.search(r"Requests/sec: +([\d.]+)", told)[1])
        self.median, self.p99 = (re.search(rf"{part}% +(\S+)", told)[1] for part in (50, 99))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=4, help="of each run (default 4)")
    parser.add_argument("--runs", type=int, default=3, help="of each server (default 3)")
    parser.add_argument("--platc", help="measure this compiler rather than build one")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the table to this file too")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed")
    go, platc = find_go(), options.platc or build_platc()
    print(machine(go))
    table = Table("HTTP greeting", "server CPU", "requests/s", "median", "p99", "memory")
    with tempfile.TemporaryDirectory() as folder:
        servers = Tools(platc, go, pathlib.Path(folder)).build("http_hello", LANGUAGES)
        runs = {language: [] for language in servers}
        for _ in range(options.runs):
            for language, server in servers.items():
                runs[language].append(Run(server, options.connections, options.seconds))
        for language, done in runs.items():
            middle = lambda of: statistics.median(map(of, done))
            fastest = min(done, key=lambda run: run.cost)
            table.add(
                f"{language}, {options.connections} connections",
                f"{1e6 * middle(lambda run: run.cost):.2f} us",
                f"{middle(lambda run: run.rate):,.0f}",
                fastest.median,
                fastest.p99,
                megabytes(middle(lambda run: run.memory)),
            )
    if options.markdown:
        options.markdown.write_text(table.markdown())


if __name__ == "__main__":
    main()
