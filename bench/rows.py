"""The rows that compare two programs: their commands, homes, and the limits of DESIGN.md."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from clock import CannotMeasureError, Command, answer_of
from machine import HERE, ROLE, USER, Home, Install

__all__ = ["ROWS", "Row", "commands", "fill_cache"]

#: The amount that an old pip's wrapper may add to a ratio to `python -c pass`.
OLD_PIP = 0.8


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: its name for `--only`.
        text: what is measured.
        command, base: the names of two of `commands`.
        limit: the limit of their ratio.
        wrapped: whether an old pip's wrapper affects that ratio.
    """

    name: str
    text: str
    command: str
    base: str
    limit: float
    wrapped: bool = False

    def allowed(self, old_pip: bool) -> float:
        """Return the limit for an install."""
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
    """Return the named commands.

    Args:
        install: the awsenv to measure.
        homes: as in `machine.Bench`.
        role: the ARN of the role.
        names: values of `command` and `base` of rows.
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
        "raw": Command(_in_bash(bash, assume), home),
        "bash python": Command(_in_bash(bash, python), home),
        "boto3": Command(boto3, {**home, "AWS_PROFILE": USER}),
    }
    for size, sized in homes.items():
        known[f"cached {size}".strip()] = Command((*assume, "--shell", "bash"), sized.environ)
        known[f"fresh {size}".strip()] = Command((*assume, "--shell", "bash", "--refresh"), sized.environ)
    return {name: known[name] for name in dict.fromkeys(names)}


def _in_bash(bash: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    """Start a command from a bash that waits for it, as in `$( )`; without `:` it would replace the bash."""
    return (bash, "--noprofile", "--norc", "-c", f"{shlex.join(argv)} && :")


def fill_cache(install: Install, home: Home) -> None:
    """Cache the session of the profile; raise CannotMeasureError if a second call does not find it there."""
    assume = Command((install.program, "assume", ROLE, "--shell", "bash"), home.environ)
    if answer_of(assume) != answer_of(assume):
        raise CannotMeasureError("a second `awsenv assume` gave another session: nothing comes from the cache")
