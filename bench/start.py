"""The start of an interactive shell with the line that `awsenv install` writes, less the same shell without it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from clock import Command, answer_of, interleaved, paired_difference
from in_shell import COUNTED, QUIET, Case

__all__ = ["LIMITS", "Start"]

#: Shell -> the options that start it with an rc file of its home, and the milliseconds that DESIGN.md allows.
LIMITS = {"bash": (("-i", "-c", ":"), 4.0), "zsh": (("-i", "-c", ":"), 4.0), "fish": (("-i", "-c", ":"), None)}


@dataclass(frozen=True)
class Start(Case):
    """A shell with two homes: one with the line and the copy of the script that it loads, one with neither.

    Attributes:
        awsenv: the program awsenv.
        directory: for the homes.
    """

    awsenv: str
    directory: str

    @property
    def name(self) -> str:
        return "start"

    def pair(self, count: int) -> dict[str, Command]:
        """One start; there is no loop in which a shell could start `count` times."""
        del count
        homes = {name: os.path.join(self.directory, f"{self.shell}-{name}") for name in ("with", "without")}
        argv = (self.path, *LIMITS[self.shell][0])
        for name, home in homes.items():
            os.makedirs(home, exist_ok=True)
            if name == "with":
                answer_of(Command((self.awsenv, "install", "--shell", self.shell), self._environ(home)))
            elif self.shell == "zsh":  # without a file zsh asks whether to make one
                with open(os.path.join(home, ".zshrc"), "w", encoding="utf-8"):
                    pass
        return {name: Command(argv, self._environ(home)) for name, home in homes.items()}

    def seconds(self, rounds: int, slow: bool) -> float:
        """The time of one start more than a bare one."""
        del slow
        samples = interleaved(self.pair(1), max(50, rounds))
        return paired_difference(samples["with"], samples["without"])

    def processes(self, strace: str, directory: str) -> tuple[float, float]:
        """How many forks and program starts one start causes, more than a bare one."""
        forks, starts = super().processes(strace, directory)
        return forks * COUNTED, starts * COUNTED  # that divides by the calls of a loop

    def _environ(self, home: str) -> Mapping[str, str]:
        xdg = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR")
        return {**{name: value for name, value in self.environ.items() if name not in xdg}, **QUIET, "HOME": home}
