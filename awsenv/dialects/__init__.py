"""The shells' languages: how a change of the environment is written, and which shell is asking.

A dialect is a module with the functions of `Dialect`. What it writes is one physical line per statement, each ending in
`;` (cmd: `NAME=VALUE` data), so that it survives the ways people evaluate it.
"""

from __future__ import annotations

import os
import sys

from awsenv import load as load_module
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from awsenv.environment import Change

    class Dialect(Protocol):
        """What each module here provides."""

        def export(self, name: str, value: str) -> str:
            """The statement that exports a variable; ValueError with the reason if the shell cannot hold the value."""

        def unset(self, name: str) -> str:
            """The statement that removes a variable, so that no process sees it any more."""

        def done(self) -> str:
            """The statement after which the shell's status says that all went well; may be empty."""

        def fail(self, code: int) -> str:
            """The statement that changes nothing and makes the shell's status say that it failed; may be empty."""

        def say(self, text: str) -> str:
            """The statement that shows a text on stderr; may be empty."""

        def quote(self, value: str) -> str:
            """One word of the language that stands for the value; ValueError as for `export`."""


__all__ = ["NAMES", "detect", "fail", "holds", "likely", "load", "own_shell", "write"]

#: Every name that `--shell` and `init` take, and the module that serves it.
NAMES = {
    "bash": "bash",
    "zsh": "zsh",
    "fish": "fish",
    "powershell": "powershell",
    "pwsh": "powershell",
    "cmd": "cmd",
    "awsenv.cmd": "awsenv_cmd",  # for our own scripts, which take data, not code
    "awsenv.ps1": "awsenv_ps1",
    "sh": "sh",
    "dash": "sh",
    "ash": "sh",
    "ksh": "sh",
    "mksh": "sh",
}


def load(name: str) -> Dialect:
    """The dialect of that name; AwsenvError (2) for a shell that has none."""
    module = NAMES.get(name.lower().removesuffix(".exe"))
    if module is None:
        raise AwsenvError(
            f"no dialect for the shell {name!r}", "name one: --shell bash, zsh, fish, powershell, cmd or sh", USAGE
        )
    dialect: Dialect = load_module("dialects", module)
    return dialect


def write(dialect: Dialect, change: Change, *, whole: bool = True) -> str:
    """The change in that dialect: what goes first, then what comes, then a good status.

    A value that the shell cannot hold is an AwsenvError before anything is written, if the change has to be `whole`;
    otherwise that variable is unset.
    """
    if not whole:
        change = {name: value if value is None or holds(dialect, value) else None for name, value in change.items()}
    statements = [dialect.unset(name) for name, value in change.items() if value is None]
    for name, value in change.items():
        if value is None:
            continue
        try:
            value.encode("utf-8", "surrogateescape")
            statements.append(dialect.export(name, value))
        except UnicodeEncodeError:
            raise AwsenvError(f"the value of {name} is not valid Unicode", "nothing was changed") from None
        except ValueError as error:
            shown = "" if name.startswith("AWS_") else f" ({value!r})"
            raise AwsenvError(f"the value of {name}{shown} {error}", "nothing was changed") from None
    statements.append(dialect.done())
    return "".join(f"{statement}\n" for statement in statements if statement)


def holds(dialect: Dialect, value: str) -> bool:
    """Whether the shell can hold a value."""
    try:
        value.encode("utf-8", "surrogateescape")
        dialect.quote(value)
    except ValueError:
        return False
    return True


def fail(dialect: Dialect, code: int) -> str:
    """The statement that makes the evaluating shell's status a failure."""
    statement = dialect.fail(code)
    return f"{statement}\n" if statement else ""


def detect(environ: Mapping[str, str]) -> str:
    """The name of the shell that is asking: the nearest shell above this process, else $SHELL's."""
    name = _parent(environ)
    if name is None:
        import shellingham

        try:
            name = str(shellingham.detect_shell()[0])
        except (shellingham.ShellDetectionFailure, OSError):
            name = os.path.basename(environ.get("SHELL", ""))
    if name not in NAMES:
        raise AwsenvError(
            f"cannot tell which shell this is{f' ({name})' if name else ''}",
            "name it: --shell bash, zsh, fish, powershell, cmd or sh",
            USAGE,
        )
    return name


def likely(environ: Mapping[str, str]) -> str:
    """The shell that is asking, else the one in which a line has the best chance: for hints."""
    try:
        return detect(environ)
    except AwsenvError:
        return "powershell" if sys.platform == "win32" else "sh"


def own_shell(name: str) -> str:
    """How a shell's command line names a shell to start: the user's, or the same again."""
    return {"cmd": "%ComSpec%", "powershell": name, "fish": "fish"}.get(NAMES[name], "$SHELL")


def _parent(environ: Mapping[str, str]) -> str | None:
    """The parent process's name if it is a shell we know; None sends the question to shellingham.

    Linux only. shellingham would find the same process first, but importing what it needs takes as long as Python does.
    """
    if sys.platform == "win32":  # where that path could be a file of anybody's, on the current drive
        return None
    try:
        with open(f"/proc/{os.getppid()}/cmdline", "rb") as cmdline:
            command = cmdline.read().split(b"\0")
    except OSError:
        return None
    name = os.fsdecode(command[0]).rsplit("/", 1)[-1].lstrip("-").lower()
    # wine starts Unix programs through `sh -c`; the cmd that asked shows by the variables that it gives its children
    if name == "sh" and command[1:2] == [b"-c"] and "PROMPT" in environ and "ComSpec" in environ:
        return "cmd"
    return name if name in NAMES else None
