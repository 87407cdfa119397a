"""The start of an interactive shell with the line that `awsenv install` writes, less the same shell without it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import in_shell
from clock import Command, answer_of, say
from machine import Bench
from report import Line, verdict

__all__ = ["lines"]

#: Shell -> the milliseconds that DESIGN.md allows.
LIMITS = {"bash": 4.0, "zsh": 4.0, "fish": None}
MIN_ROUNDS = 50


def lines(bench: Bench, rounds: int) -> Iterator[Line]:
    """Yield a line for each shell."""
    for shell, allowed in LIMITS.items():
        path = in_shell.find(shell)
        limit = "0 processes" if allowed is None else f"0 processes, {allowed} ms"
        if path is None:
            yield Line(f"start of {shell}", limit=limit, verdict="not installed")
            continue
        say(f"start of {shell}")
        pair = _pair(bench, shell, path)
        measure, word = in_shell.processes(bench, f"{shell}-start", pair, 1)
        taken = in_shell.seconds(pair, 1, max(MIN_ROUNDS, rounds)) * 1e3
        word = word if allowed is None or verdict(taken, allowed) == "within" else "over"
        yield Line(f"start of {shell}, more than bare", f"{taken:.1f} ms", measure, limit, word)


def _pair(bench: Bench, shell: str, path: str) -> dict[str, Command]:
    """Make two homes: one with the line and the copy of the script that it sources, one with neither."""
    pair = {}
    for name in ("with", "without"):
        home = os.path.join(bench.directory, f"start-{shell}-{name}")
        os.makedirs(home)
        unset = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR")
        environ = {key: value for key, value in bench.homes[""].environ.items() if key not in unset}
        environ |= {**in_shell.QUIET, "HOME": home}
        if name == "with":
            answer_of(Command((bench.install.program, "install", "--shell", shell), environ))
        elif shell == "zsh":  # which otherwise offers to create the file
            with open(os.path.join(home, ".zshrc"), "w", encoding="utf-8"):
                pass
        pair[name] = Command((path, "-i", "-c", ":"), environ)
    return pair
