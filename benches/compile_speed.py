#!/usr/bin/env python3
"""Measures `platc` on a large program that is generated: lines per second, and peak memory.

    python3 benches/compile_speed.py [--scaling N | --regions] [--lines N] [--runs N] [--clock wall|cpu] [--platc FILE] [--markdown FILE] [--write FILE]

The program (`large_program.py`) has structs, enums, matches, generics, loops and strings, some line like every other in a
program of that size; no cache is involved. `--write` only writes the program to a file.

`--scaling N` measures programs that have N, 2N and 4N of one thing instead (`scaling_programs.py`), by processor time. A row whose last
time is more than 2.8 times the one before is marked: something takes quadratic time.

`--regions` measures which part of `check` the analysis of regions is, in that program and in one that does nothing but join objects and
hand them over.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile

import large_program
import scaling_programs
from run import Sample, Table, build_platc, duration, find_go, machine

# Command, least lines per second.
COMMANDS = [
    (["check"], 300_000),
    (["build", "--release"], 100_000),
    (["build"], None),
]
MEMORY_LIMIT = 1 << 30

# Which part of `check` of a usual program the analysis of regions may be, and the lines of one of `hand_overs`.
MOST_FOR_REGIONS = 0.15
HAND_OVER_LINES = 16

# How much longer twice as many may take.
MOST_GROWTH = 2.8
# Shorter times say nothing about growth.
LEAST_TIME = 0.1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=50_000, help="lines of the program (default 50000)")
    parser.add_argument("--scaling", type=int, metavar="N", help="measure how times grow with the program instead")
    parser.add_argument("--regions", action="store_true", help="measure which part of `check` the regions are instead")
    parser.add_argument("--runs", type=int, default=5, help="runs of each command (default 5)")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="what to measure (default wall)")
    parser.add_argument("--platc", help="measure this compiler rather than build one")
    parser.add_argument("--markdown", type=pathlib.Path, help="write the table to this file too")
    parser.add_argument("--write", type=pathlib.Path, help="only write the program to this file")
    options = parser.parse_args()
    text = large_program.generate(options.lines)
    if options.write:
        options.write.write_text(text)
        return
    if options.scaling:
        Sample.clock = "cpu"
        scaling(options.platc or build_platc(), options.scaling)
        return
    if options.regions:
        platc = options.platc or build_platc()
        table = Table("program", "lines", "check", "regions", "part", "at most")
        regions(table, platc, "usual", text, options.runs, f"{MOST_FOR_REGIONS:.0%}")
        regions(table, platc, "hand_overs", scaling_programs.hand_overs(options.lines // HAND_OVER_LINES), options.runs)
        return
    count = text.count("\n")
    Sample.clock = options.clock
    platc = options.platc or build_platc()
    head = machine(find_go())
    print(head)
    table = Table(f"{count} lines", "time", "lines/s", "at least", "peak", "at most")
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "large.plat"
        source.write_text(text)
        for arguments, least in COMMANDS:
            out = ["-o", str(pathlib.Path(folder) / "large")] if "build" in arguments else []
            sample = Sample()
            for _ in range(options.runs):
                sample.run([platc, *arguments, str(source), *out])
            table.add(
                f"platc {' '.join(arguments)}",
                duration(sample.wall),
                f"{count / sample.wall:,.0f}",
                f"{least:,}" if least else "",
                f"{sample.peak / 1e6:.0f} MB",
                f"{MEMORY_LIMIT / 1e6:.0f} MB",
            )
    if options.markdown:
        options.markdown.write_text(f"{head}\n\n{table.markdown()}")


def scaling(platc, count):
    """Prints how the times of programs grow that have more and more of one thing."""
    table = Table("program", "command", *(f"{count * factor}" for factor in (1, 2, 4)), "growth")
    with tempfile.TemporaryDirectory() as folder:
        source, out = (str(pathlib.Path(folder) / name) for name in ("many.plat", "many"))
        for program in scaling_programs.PROGRAMS:
            for arguments in (["check"], ["build", "--release", "-o", out]):
                times = []
                for factor in (1, 2, 4):
                    pathlib.Path(source).write_text(program(count * factor))
                    sample = Sample()
                    sample.run([platc, *arguments, source])
                    times.append(sample.wall)
                growth = times[2] / times[1]
                mark = " !" if growth > MOST_GROWTH and times[2] > LEAST_TIME else ""
                row = [duration(time) for time in times]
                table.add(program.__name__, arguments[0], *row, f"{growth:.1f}{mark}")


def regions(table, platc, name, text, runs, most=""):
    """Adds to the table which part of a check of the program the regions are."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "program.plat"
        source.write_text(text)
        samples = [timings(platc, source) for _ in range(runs)]
    part = lambda sample: sample["regions"] / sample["total"]
    sample = sorted(samples, key=part)[len(samples) // 2]
    times = (duration(sample[stage]) for stage in ("total", "regions"))
    table.add(name, f"{text.count(chr(10)):,}", *times, f"{part(sample):.1%}", most)


def timings(platc, source):
    """Seconds that each stage of a check takes, and all together."""
    told = subprocess.run([platc, "check", "--timings", source], capture_output=True, text=True, check=True).stderr
    return {stage: float(time) / 1000 for stage, time in re.findall(r"(\w+) +([\d.]+) ms", told)}


if __name__ == "__main__":
    main()
