"""What is measured inside a shell: how many processes a call starts, and how long it takes.

Here the verbs that the integrated shell answers by itself; prompts are in `prompts`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from clock import Command, answer_of, interleaved, paired_difference
from machine import ROLE

__all__ = ["QUIET", "SHELLS", "VERBS", "Case", "Shell", "Verb", "find"]

#: Calls in one shell: for their time, for the time of such as start a program, and while strace counts.
TIMED, TIMED_SLOW, COUNTED = 1000, 50, 10

#: For the environment: PowerShell asks for updates and sends statistics when it starts.
QUIET = {"POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"}

_FORK, _EXEC = re.compile(r"^\d+ +(?:v?fork|clone3?)\("), re.compile(r"^\d+ +execve(?:at)?\(")


@dataclass(frozen=True)
class Shell:
    """How a shell is started without start-up files, and how a loop in it is written.

    Attributes:
        words: its options; the script follows.
        script: program, number of rounds and body -> a script that loads the integration, assumes the profile, keeps
            the snippet of that in `again`, and loops. It ends with the status of the last call.
        nothing: a body that does nothing.
        again: one that evaluates `again`.
        call: one that calls awsenv, up to the verb.
    """

    words: tuple[str, ...]
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

#: Verb -> whether a call of it changes something, so that the next one has to find the old state again.
VERBS = {"clear": True, "check": False}


def find(shell: str) -> str | None:
    """The absolute path of a shell, None if it is not installed."""
    named = os.environ.get("AWSENV_TEST_PWSH") if shell == "pwsh" else None
    return shutil.which(named or shell)


@dataclass(frozen=True)
class Case(ABC):
    """Something that a shell does.

    Attributes:
        shell: its name.
        path: of its program.
        environ: in which it is started.
    """

    shell: str
    path: str
    environ: Mapping[str, str]

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called among those of this shell; part of the name of a file."""

    @abstractmethod
    def pair(self, count: int) -> dict[str, Command]:
        """Two shells that differ in nothing but this: one does it `count` times ("with"), one never ("without")."""

    def seconds(self, rounds: int, slow: bool) -> float:
        """The time of one call: a shell with many of them less the same shell with none of them."""
        calls = TIMED_SLOW if slow else TIMED
        samples = interleaved(self.pair(calls), rounds)
        return paired_difference(samples["with"], samples["without"]) / calls

    def processes(self, strace: str, directory: str) -> tuple[float, float]:
        """How many forks and how many program starts one call causes, threads aside.

        CannotMeasureError if strace may not look.
        """
        counts = {}
        for name, command in self.pair(COUNTED).items():
            trace = os.path.join(directory, f"{self.shell}-{self.name}-{name}.strace")
            words = (strace, "-f", "-qq", "-e", "trace=%process", "-o", trace, *command.argv)
            answer_of(replace(command, argv=words))
            with open(trace, encoding="utf-8", errors="replace") as file:
                lines = [line for line in file if "CLONE_THREAD" not in line]
            counts[name] = [sum(1 for line in lines if kind.match(line)) for kind in (_FORK, _EXEC)]
        forks, starts = (with_it - without for with_it, without in zip(counts["with"], counts["without"], strict=True))
        return forks / COUNTED, starts / COUNTED


@dataclass(frozen=True)
class Verb(Case):
    """A verb in a shell.

    Attributes:
        verb: a name of VERBS.
        awsenv: the program awsenv.
    """

    verb: str
    awsenv: str

    @property
    def name(self) -> str:
        return self.verb

    def pair(self, count: int) -> dict[str, Command]:
        kind = SHELLS[self.shell]
        before = f"{kind.again}; " if VERBS[self.verb] else ""
        bodies = {"with": f"{before}{kind.call}{self.verb}", "without": f"{before}{kind.nothing}"}
        return {
            name: Command((self.path, *kind.words, kind.script(self.awsenv, count, body)), {**self.environ, **QUIET})
            for name, body in bodies.items()
        }
