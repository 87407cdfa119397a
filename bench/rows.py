"""The rows that compare the time of two programs: which, in which home, and how much DESIGN.md allows."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from clock import CannotMeasureError, Command, answer_of
from machine import HERE, ROLE, USER, Home, Install

__all__ = ["ROWS", "Row", "commands", "fill_cache"]

#: What an old pip's wrapper may add to a ratio to `python -c pass`.
OLD_PIP = 0.8


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: for `--only`.
        text: what is measured.
        command, base: names of two of `commands`.
        limit: what their ratio may be.
        wrapped: whether an old pip's wrapper counts in that ratio.
    """

    name: str
    text: str
    command: str
    base: str
    limit: float
    wrapped: bool = False

    def allowed(self, old_pip: bool) -> float:
        """The limit for this install."""
        return self.limit + (OLD_PIP if old_pip and self.wrapped else 0)


ROWS = (
    Row("assume", "assume from the cache, to python -c pass", "cached", "python", 1.2, wrapped=True),
    Row("raw", "assume in $( ) of bash, to python -c pass there", "raw", "bash python", 1.2, wrapped=True),
    Row(
        "credential-process",
        "credential-process from the cache, to python -c pass",
        "process",
        "python",
        1.2,
        wrapped=True,
    ),
    Row("init", "init bash, to python -c pass", "init", "python", 1.2, wrapped=True),
    Row("sts", "assume with an AssumeRole call, to a bare boto3 script", "fresh", "boto3", 0.5),
    Row("cached-10000", "assume from the cache, 10,000 profiles to 10", "cached 10000", "cached 10", 1.1),
    Row("sts-10000", "assume with an AssumeRole call, 10,000 profiles to 10", "fresh 10000", "fresh 10", 1.2),
)


def commands(install: Install, homes: dict[str, Home], role: str, names: Iterable[str]) -> dict[str, Command]:
    """Those of the programs that these names stand for.

    Args:
        install: of awsenv.
        homes: "" has the assumed profile alone, "10" and "10000" as many others.
        role: the ARN of the role.
        names: `command` and `base` of rows.
    """
    home = homes[""].environ
    bash = shutil.which("bash") or "/bin/bash"
    python = (install.python, "-c", "pass")
    assume = (install.program, "assume", ROLE)
    boto3 = (install.python, os.path.join(HERE, "bare_boto3.py"), role)
    known = {
        "python": Command(python, home),
        "init": Command((install.program, "init", "bash"), home),
        "process": Command((install.program, "credential-process", ROLE), home),
        "raw": Command(_inside(bash, assume), home),
        "bash python": Command(_inside(bash, python), home),
        "boto3": Command(boto3, {**home, "AWS_PROFILE": USER}),
    }
    for size, place in homes.items():
        known[f"cached {size}".strip()] = Command((*assume, "--shell", "bash"), place.environ)
        known[f"fresh {size}".strip()] = Command((*assume, "--shell", "bash", "--refresh"), place.environ)
    return {name: known[name] for name in dict.fromkeys(names)}


def _inside(bash: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Started by a bash that waits for it, as in a command substitution; `:` keeps it from replacing the bash."""
    return (bash, "--noprofile", "--norc", "-c", f"{shlex.join(words)} && :")


def fill_cache(install: Install, home: Home) -> None:
    """Have the session of the profile in the cache; CannotMeasureError if the second call does not find it there."""
    assume = Command((install.program, "assume", ROLE, "--shell", "bash"), home.environ)
    if answer_of(assume) != answer_of(assume):
        raise CannotMeasureError("a second `awsenv assume` gave another session: nothing comes from the cache")
