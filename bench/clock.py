"""Wall times of whole processes, from posix_spawn to wait4: one at a time, in random order within a round."""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "CannotMeasureError",
    "Command",
    "answer_of",
    "interleaved",
    "median_ms",
    "paired_difference",
    "paired_ratio",
    "say",
]

WARM_UPS = 2


class CannotMeasureError(Exception):
    """A prerequisite of a measurement is missing or fails; the text says which."""


@dataclass(frozen=True)
class Command:
    """A program to be timed.

    Attributes:
        argv: the program, an absolute path, and its arguments.
        environ: its complete environment.
        emptied: a directory that is removed before each run, while no time is measured.
        own_session: run it without the terminal, which an interactive shell would take over.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    emptied: str | None = None
    own_session: bool = False


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def answer_of(command: Command) -> str:
    """Return what a command prints; raise CannotMeasureError with its stderr if it fails."""
    if command.emptied is not None:
        shutil.rmtree(command.emptied, ignore_errors=True)
    done = subprocess.run(
        command.argv,
        env=dict(command.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        start_new_session=command.own_session,
    )
    if done.returncode != 0:
        raise CannotMeasureError(f"{_shown(command)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


def interleaved(commands: Mapping[str, Command], rounds: int) -> dict[str, list[float]]:
    """Run all commands once per round, in random order.

    Args:
        commands: name -> command. Each runs once before, so that a failure is reported with its reason.
        rounds: the number of rounds, besides warm-up rounds, which are not counted.

    Returns:
        name -> seconds, one number per round, in the order of the rounds.
    """
    for command in commands.values():
        answer_of(command)
    samples: dict[str, list[float]] = {name: [] for name in commands}
    order = list(commands)
    null = os.open(os.devnull, os.O_RDWR)
    try:
        for number in range(-WARM_UPS, rounds):
            random.shuffle(order)
            for name in order:
                taken = _wall_time(commands[name], null)
                if number >= 0:
                    samples[name].append(taken)
    finally:
        os.close(null)
    return samples


def _wall_time(command: Command, null: int) -> float:
    if command.emptied is not None:
        shutil.rmtree(command.emptied, ignore_errors=True)
    streams = [(os.POSIX_SPAWN_DUP2, null, stream) for stream in (0, 1, 2)]
    start = time.perf_counter()
    process = os.posix_spawn(
        command.argv[0], command.argv, command.environ, file_actions=streams, setsid=command.own_session
    )
    _, status, _ = os.wait4(process, 0)
    taken = time.perf_counter() - start
    if status != 0:
        raise CannotMeasureError(
            f"{_shown(command)} ended with {os.waitstatus_to_exitcode(status)} in the middle of the run"
        )
    return taken


def median_ms(samples: Sequence[float]) -> float:
    """Return the median of samples in seconds, in milliseconds."""
    return statistics.median(samples) * 1000


def paired_ratio(samples: Sequence[float], base: Sequence[float]) -> float:
    """Return the median of the ratios within each round: if the machine slows down for a while, it slows down both."""
    return statistics.median(one / other for one, other in zip(samples, base, strict=True))


def paired_difference(samples: Sequence[float], base: Sequence[float]) -> float:
    """Return the median of the differences within each round, in seconds."""
    return statistics.median(one - other for one, other in zip(samples, base, strict=True))


def _shown(command: Command) -> str:
    line = " ".join(command.argv)
    return line if len(line) < 200 else f"{line[:200]}…"
