"""The peers that are timed next to awsenv, if they are installed: the AWS CLI, awsume, aws-export-credentials."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from clock import CannotMeasureError, Command, answer_of
from machine import ROLE, Home

__all__ = ["PEERS", "Peer", "commands", "find", "why_not"]


@dataclass(frozen=True)
class Peer:
    """A program that does what `awsenv assume` does.

    Attributes:
        program: its name on PATH.
        text: its name in the table.
        cached: the arguments for a session that may come from a cache; {home} is the home directory.
        fresh: the arguments for a session from STS.
        cache: the directory in the home that is removed before that, or None.
    """

    program: str
    text: str
    cached: tuple[str, ...]
    fresh: tuple[str, ...]
    cache: str | None = None


_CLI = ("configure", "export-credentials", "--profile", ROLE, "--format", "env")
_EXPORT = ("--profile", ROLE, "--env-export")

PEERS = (
    Peer("aws", "aws configure export-credentials", _CLI, _CLI, ".aws/cli/cache"),
    Peer("awsumepy", "awsumepy", (ROLE,), (ROLE,), ".awsume/cache"),
    Peer(
        "aws-export-credentials",
        "aws-export-credentials",
        (*_EXPORT, "--cache-file", "{home}/aws-export-credentials.json"),
        _EXPORT,
    ),
)


def find(program: str, given: Iterable[str]) -> str | None:
    """Return the absolute path of a peer: one of the given paths, else on PATH; None if it is not installed."""
    for path in given:
        if os.path.basename(path) == program:
            return shutil.which(os.path.abspath(path))
    return shutil.which(program)


def commands(peer: Peer, path: str, home: Home) -> dict[str, Command]:
    """Return its commands "fresh" and "cached", which finds the session of the first in the same home."""

    def argv(options: tuple[str, ...]) -> tuple[str, ...]:
        return (path, *(option.replace("{home}", home.directory) for option in options))

    emptied = os.path.join(home.directory, peer.cache) if peer.cache else None
    return {
        "cached": Command(argv(peer.cached), home.environ),
        "fresh": Command(argv(peer.fresh), home.environ, emptied),
    }


def why_not(command: Command) -> str | None:
    """Return why a peer cannot be timed here; None if it can."""
    try:
        return None if answer_of(command).strip() else "prints nothing"
    except CannotMeasureError as error:
        lines = str(error).rpartition(" ended with ")[2].splitlines()
        return f"does not run here: {next((line for line in lines if 'rror' in line), lines[0])[:80]}"
