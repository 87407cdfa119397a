"""Measurements inside a shell: how many processes a call starts, and how long it takes.

The calls of this module are the verbs that the integrated shell executes itself.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from clock import CannotMeasureError, Command, answer_of, interleaved, paired_difference, say
from machine import ROLE, Bench
from report import Line, verdict

__all__ = ["COUNTED", "QUIET", "SHELLS", "TIMED", "TIMED_SLOW", "VERBS", "find", "lines", "processes", "seconds"]

#: Calls in one shell: while they are timed, while those that start a program are timed, and while strace counts.
TIMED, TIMED_SLOW, COUNTED = 1000, 50, 10

#: Variables that keep PowerShell from looking for updates and sending statistics when it starts.
QUIET = {"POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"}

_FORK, _EXEC = re.compile(r"^\d+ +(?:v?fork|clone3?)\("), re.compile(r"^\d+ +execve(?:at)?\(")


@dataclass(frozen=True)
class Shell:
    """How to start a shell without start-up files, and how to write a loop in it.

    Attributes:
        options: its options; the script follows.
        script: (program, number of rounds, body) -> a script that loads the integration, assumes the profile, stores
            the snippet of that in `again`, and loops. It ends with the status of the last call.
        nothing: a body that does nothing.
        again: a body that evaluates `again`.
        call: a body that calls awsenv, up to the verb.
    """

    options: tuple[str, ...]
    script: Callable[[str, int, str], str]
    nothing: str = ":"
    again: str = 'eval "$again"'
    call: str = "awsenv "


def _posix(shell: str) -> Callable[[str, int, str], str]:
    def script(program: str, count: int, body: str) -> str:
        own = shlex.quote(program)
        return (
            f'eval "$({own} init {shell})"; again=$({own} assume {ROLE} --shell {shell}); awsenv assume {ROLE}\n'
            f"for ((i = 0; i < {count}; i++)); do {body}; done"
        )

    return script


def _fish(program: str, count: int, body: str) -> str:
    own = shlex.quote(program)
    return (
        f"{own} init fish | source; set again ({own} assume {ROLE} --shell fish | string collect)\n"
        f"awsenv assume {ROLE}\n"
        f"for i in (seq {count}); {body}; end"
    )


def _powershell(program: str, count: int, body: str) -> str:
    own = "& '" + program.replace("'", "''") + "'"
    return (
        f"{own} init powershell | Out-String | Invoke-Expression\n"
        f"$again = {own} assume {ROLE} --shell powershell | Out-String; awsenv assume {ROLE}\n"
        f"for ($i = 0; $i -lt {count}; $i++) {{ {body} }}; exit $LASTEXITCODE"
    )


SHELLS = {
    "bash": Shell(("--noprofile", "--norc", "-c"), _posix("bash")),
    "zsh": Shell(("-f", "-c"), _posix("zsh")),
    "fish": Shell(("--no-config", "-c"), _fish, again="eval $again"),
    "pwsh": Shell(
        ("-NoLogo", "-NoProfile", "-NonInteractive", "-Command"),
        _powershell,
        nothing="$null = $null",
        again="Invoke-Expression $again",
        call="$null = awsenv ",
    ),
}

#: Verb -> whether it changes the shell, so that each call needs the old state again.
VERBS = {"clear": True, "check": False}


def find(shell: str) -> str | None:
    """Return the absolute path of a shell; None if it is not installed."""
    named = os.environ.get("AWSENV_TEST_PWSH") if shell == "pwsh" else None
    return shutil.which(named or shell)


def lines(bench: Bench, wanted: Sequence[str], rounds: int) -> Iterator[Line]:
    """Yield a line for each of the wanted verbs in each shell."""
    for verb in VERBS:
        for shell in SHELLS if verb in wanted else ():
            path = find(shell)
            if path is None:
                yield Line(f"{verb} in {shell}", limit="0 processes", verdict="not installed")
                continue
            say(f"{verb} in {shell}")
            measure, word = processes(bench, f"{shell}-{verb}", _pair(bench, shell, path, verb, COUNTED), COUNTED)
            calls = TIMED_SLOW if word == "over" else TIMED
            taken = seconds(_pair(bench, shell, path, verb, calls), calls, rounds)
            yield Line(f"{verb} in {shell}, a call", f"{taken * 1e6:.0f} us", measure, "0 processes", word)


def _pair(bench: Bench, shell: str, path: str, verb: str, count: int) -> dict[str, Command]:
    kind = SHELLS[shell]
    before = f"{kind.again}; " if VERBS[verb] else ""
    bodies = {"with": f"{before}{kind.call}{verb}", "without": f"{before}{kind.nothing}"}
    environ = {**bench.homes[""].environ, **QUIET}
    return {
        name: Command((path, *kind.options, kind.script(bench.install.program, count, body)), environ)
        for name, body in bodies.items()
    }


def seconds(pair: Mapping[str, Command], calls: int, rounds: int) -> float:
    """Return the time of one call.

    Args:
        pair: two shells that differ only in that "with" makes the calls and "without" does not.
        calls: the number of calls.
        rounds: how often each shell runs.
    """
    samples = interleaved(pair, rounds)
    return paired_difference(samples["with"], samples["without"]) / calls


def processes(bench: Bench, name: str, pair: Mapping[str, Command], calls: int) -> tuple[str, str]:
    """Count the forks and program starts, without threads, that one call causes.

    Args:
        bench: has the path of strace.
        name: for the file of the trace.
        pair: as for `seconds`.
        calls: the number of calls.

    Returns:
        The numbers as text, and the verdict.
    """
    if not bench.strace:
        return "", "not counted: no strace"
    counts = {}
    try:
        for kind, command in pair.items():
            trace = os.path.join(bench.directory, f"{name}-{kind}.strace")
            argv = (bench.strace, "-f", "-qq", "-e", "trace=%process", "-o", trace, *command.argv)
            answer_of(replace(command, argv=argv))
            with open(trace, encoding="utf-8", errors="replace") as file:
                traced = [line for line in file if "CLONE_THREAD" not in line]
            counts[kind] = [sum(1 for line in traced if call.match(line)) for call in (_FORK, _EXEC)]
    except CannotMeasureError:
        return "", "not counted: strace is not permitted"
    forks, starts = ((one - other) / calls for one, other in zip(counts["with"], counts["without"], strict=True))
    measure = f"forks {forks:g}, starts {starts:g}" if forks or starts else "0 processes"
    return measure, verdict(forks + starts, 0)
