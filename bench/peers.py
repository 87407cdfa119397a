"""The peers that are installed here, timed next to awsenv: the AWS CLI, awsume, aws-export-credentials."""

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
        text: what is run.
        cached: its words for a session that may come from a cache; {home} stands for the home directory.
        fresh: its words for one that comes from STS.
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
    """The absolute path of a peer: one of those that were given, else on PATH; None without one."""
    for path in given:
        if os.path.basename(path) == program:
            return shutil.which(os.path.abspath(path))
    return shutil.which(program)


def commands(peer: Peer, path: str, home: Home) -> dict[str, Command]:
    """Its programs, in a home of its own: "cached", and "fresh", which leaves behind what the other may find."""

    def words(options: tuple[str, ...]) -> tuple[str, ...]:
        return (path, *(option.replace("{home}", home.directory) for option in options))

    emptied = os.path.join(home.directory, peer.cache) if peer.cache else None
    return {
        "cached": Command(words(peer.cached), home.environ),
        "fresh": Command(words(peer.fresh), home.environ, emptied),
    }


def why_not(command: Command) -> str | None:
    """Why a peer cannot be timed here, or None if it can."""
    try:
        return None if answer_of(command).strip() else "prints nothing"
    except CannotMeasureError as error:
        lines = str(error).rpartition(" ended with ")[2].splitlines()
        return f"does not run here: {next((line for line in lines if 'rror' in line), lines[0])[:80]}"
