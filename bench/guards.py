"""What explains a time without being one: the modules that a cached assume imports, the system calls that it makes."""

from __future__ import annotations

import os
import re
import subprocess

from clock import CannotMeasureError, Command, answer_of
from machine import ROLE, Home, Install

__all__ = ["UNWANTED", "modules", "system_calls"]

#: Each of these alone takes a good part of the time that Python takes to start.
UNWANTED = ("re", "json", "argparse", "botocore", "jinja2")

_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \| +(\S+)$", re.MULTILINE)
_CALL = re.compile(r"^\d+ +\w+\(", re.MULTILINE)


def modules(install: Install, home: Home) -> tuple[list[str], list[str]]:
    """What a cached assume imports beyond `python -c pass`: all modules, and the unwanted ones among them."""
    bare = _imported((install.python, "-X", "importtime", "-c", "pass"), home)
    own = _imported((install.python, "-X", "importtime", install.program, *_assume()), home)
    more = sorted(own - bare)
    unwanted = [name for name in UNWANTED if name in more and not (name == "re" and install.old_pip)]
    return more, unwanted


def _imported(words: tuple[str, ...], home: Home) -> set[str]:
    done = subprocess.run(words, env=dict(home.environ), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotMeasureError(f"{' '.join(words)} ended with {done.returncode}")
    return set(_IMPORTED.findall(done.stderr))


def system_calls(install: Install, home: Home, strace: str, directory: str) -> tuple[int, int]:
    """Those of a cached assume, and of `python -c pass`."""
    return (
        _calls((install.program, *_assume()), home, strace, os.path.join(directory, "assume.strace")),
        _calls((install.python, "-c", "pass"), home, strace, os.path.join(directory, "python.strace")),
    )


def _calls(words: tuple[str, ...], home: Home, strace: str, trace: str) -> int:
    answer_of(Command((strace, "-f", "-qq", "-o", trace, *words), home.environ))
    with open(trace, encoding="utf-8", errors="replace") as file:
        return len(_CALL.findall(file.read()))


def _assume() -> tuple[str, ...]:
    return ("assume", ROLE, "--shell", "bash")
