"""What every group of benches uses: building programs, running them in turn, tables."""

import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time
import tomllib

BENCHES = pathlib.Path(__file__).resolve().parent
ROOT = BENCHES.parent
RUST = BENCHES / "rust"


class Sample:
    """Times in seconds, by the clock that was asked for, and peak resident sizes in bytes of the runs of one command."""

    clock = "wall"

    def __init__(self):
        self.walls, self.peaks = [], []

    def run(self, command, workers=None, expected=None):
        """Runs `command` once and records it. Its output must be `expected`, if that is given."""
        names = ("PLAT_WORKERS", "GOMAXPROCS", "BENCH_WORKERS") if workers else ()
        environment = {**os.environ, **{name: str(workers) for name in names}}
        start = time.perf_counter()
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
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


class Tools:
    """The compilers, and the programs that they make in a folder."""

    def __init__(self, platc, go, folder):
        self.platc, self.go, self.folder = platc, go, folder
        self.rust_programs = None

    def build(self, name, languages=("plat", "go", "rust")):
        """Builds a program for speed in the languages that have it and are installed; gives the executables by language."""
        return {language: out for language in languages if (out := self.build_in(language, name))}

    def build_in(self, language, name):
        if language == "rust":
            return self.build_rust(name)
        tool = {"plat": self.platc, "go": self.go}[language]
        source, out = BENCHES / language / f"{name}.{language}", str(self.folder / f"{language}-{name}")
        if not tool or not source.exists():
            return None
        release = ["--release"] if language == "plat" else []
        subprocess.run([tool, "build", *release, "-o", out, source], check=True)
        return out

    def build_plat(self, source):
        """Builds a program in Plat that stands elsewhere."""
        out = str(self.folder / f"plat-{source.stem}")
        subprocess.run([self.platc, "build", "--release", "-o", out, source], check=True)
        return out

    def build_rust(self, name):
        """The programs in Rust are one project, built at the first need of one."""
        if not (RUST / "src" / "bin" / f"{name}.rs").exists():
            return None
        if not self.rust_programs:
            target = ROOT / "target" / "benches"
            manifest = RUST / "Cargo.toml"
            command = ["cargo", "build", "--release", "--quiet", "--locked", "--manifest-path", manifest]
            subprocess.run([*command, "--target-dir", target], check=True)
            self.rust_programs = target / "release"
        return str(self.rust_programs / name)


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


def run_in_turn(commands, runs, workers=None, expected=None):
    """Runs the commands one after the other, `runs` times. All must print the same. Gives the samples by language."""
    samples = {language: Sample() for language in commands}
    for _ in range(runs):
        for language, command in commands.items():
            expected = samples[language].run([command], workers, expected)
    return samples


def duration(seconds):
    """A duration with three digits in the unit that suits it."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            break
    return f"{seconds / size:.3g} {unit}"


def megabytes(size):
    """A size in memory."""
    return f"{size / 1e6:.1f} MB"


def machine(go):
    """A line that names the machine and the versions."""
    tools = [["rustc", "--version"]] + ([[go, "version"]] if go else [])
    versions = [subprocess.run(tool, capture_output=True, text=True, check=True).stdout.strip() for tool in tools]
    for name, pinned in tomllib.loads((RUST / "Cargo.toml").read_text())["dependencies"].items():
        version = pinned if isinstance(pinned, str) else pinned["version"]
        versions.append(f"{name} {version.removeprefix('=')}")
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores ({cpu}); " + "; ".join(versions)
