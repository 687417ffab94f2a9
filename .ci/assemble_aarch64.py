#!/usr/bin/env python3
"""Assembles the runtime's aarch64 stubs with the GNU assembler, on a machine that has no Rust library for that target.

    .ci/assemble_aarch64.py [ASSEMBLER]

Takes the text of every `global_asm!` out of `runtime/src/context/aarch64.rs` as the Rust compiler would join it, puts 8 for each
constant (all are offsets of words or small codes) and a symbol for each function, and hands it to the assembler.
"""

import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "runtime/src/context/aarch64.rs"
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def closing(text, start):
    """The index of the bracket that closes the one at `start`, strings and comments aside."""
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|//[^\n]*|[(){}\[\]]', text[start:]):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(match.group(), 0)
        if depth == 0:
            return start + match.start()
    sys.exit(f"{SOURCE}: unbalanced brackets")


def text_macros(source):
    """The macros that stand for one string of assembly, by name."""
    macros = {}
    for match in re.finditer(r"macro_rules! (\w+) \{\s*\(\) => \{", source):
        body = source[match.end() - 1 : closing(source, match.end() - 1)]
        macros[match.group(1)] = STRING.search(body).group(1)
    return macros


def assembly(block, macros):
    """The lines of one `global_asm!`, its operands filled in."""
    block = re.sub(r"//[^\n]*", "", block)
    block = re.sub(r'stringify!\(\$name\)', '"some_row"', block)
    block = re.sub(r"concat!\(([^()]*)\)", lambda match: '"' + "".join(STRING.findall(match.group(1))) + '"', block)
    block = re.sub(r"(?:\$crate::context::)?(\w+)!\(\)", lambda match: f'"{macros[match.group(1)]}"', block)
    operands = dict(re.findall(r"(\w+) = (const|sym) ", block))
    text = "\n".join(STRING.findall(block)).replace('\\"', '"')
    return re.sub(r"\{(\w+)\}", lambda match: {"const": "8", "sym": "a_function"}[operands[match.group(1)]], text)


def main():
    assembler = sys.argv[1] if len(sys.argv) > 1 else "aarch64-linux-gnu-as"
    source = SOURCE.read_text()
    macros = text_macros(source)
    starts = [match.end() - 1 for match in re.finditer(r"global_asm!\(", source)]
    for number, start in enumerate(starts):
        text = assembly(source[start : closing(source, start)], macros)
        subprocess.run([assembler, "-o", "/dev/null", "-"], input=text + "\n", text=True, check=True)
        print(f"block {number + 1} of {len(starts)}: {len(text.splitlines())} lines assemble")
    if len(starts) < 3:
        sys.exit(f"{SOURCE}: expected the context switches and two kinds of stubs, found {len(starts)} blocks")


if __name__ == "__main__":
    main()
