"""Numbers that explain a time: the modules that a cached assume imports, and the system calls that it makes."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress

from clock import CannotMeasureError, Command, answer_of
from machine import ROLE, Bench
from report import Line

__all__ = ["lines"]

#: Each of these alone takes a large part of the time that Python takes to start.
UNWANTED = ("re", "json", "argparse", "botocore", "jinja2")

_ASSUME = ("assume", ROLE, "--shell", "bash")
_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \| +(\S+)$", re.MULTILINE)
_CALL = re.compile(r"^\d+ +\w+\(", re.MULTILINE)


def lines(bench: Bench) -> Iterator[Line]:
    """Yield a line for the modules, and, if strace is permitted, one for the system calls."""
    install = bench.install
    modules = _imported(bench, install.program, *_ASSUME) - _imported(bench, "-c", "pass")
    unwanted = [name for name in UNWANTED if name in modules and not (name == "re" and install.old_pip)]
    word = f"over: {' '.join(unwanted)}" if unwanted else f"within: none of {' '.join(UNWANTED)}"
    yield Line(f"modules of a cached assume beyond bare Python's: {len(modules)}", verdict=word)
    if bench.strace:
        with suppress(CannotMeasureError):
            own = _system_calls(bench, bench.strace, install.program, *_ASSUME)
            bare = _system_calls(bench, bench.strace, install.python, "-c", "pass")
            yield Line(f"system calls of a cached assume: {own}, of python -c pass: {bare}")


def _imported(bench: Bench, *args: str) -> set[str]:
    """Return the modules that Python imports with these arguments."""
    argv = (bench.install.python, "-X", "importtime", *args)
    done = subprocess.run(argv, env=dict(bench.homes[""].environ), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotMeasureError(f"{' '.join(argv)} ended with {done.returncode}")
    return set(_IMPORTED.findall(done.stderr))


def _system_calls(bench: Bench, strace: str, *argv: str) -> int:
    trace = os.path.join(bench.directory, "guards.strace")
    answer_of(Command((strace, "-f", "-qq", "-o", trace, *argv), bench.homes[""].environ))
    with open(trace, encoding="utf-8", errors="replace") as file:
        return len(_CALL.findall(file.read()))
