"""The shells' languages: how a change of the environment is written, and which shell is asking.

A dialect is a module with a `DIALECT`, an object of a class that says in what its shell differs from `Dialect` here.
What it writes is one physical line per statement, each ending in `;` (cmd: `NAME=VALUE` data), so that it survives the
ways people evaluate it.
"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

import os
import sys

from awsenv import load as load_module
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.dialects.basis import Basis
    from awsenv.environment import Change
    from awsenv.environment.state import State

__all__ = [
    "CHOICES",
    "INTEGRATED",
    "NAMES",
    "REGISTRY",
    "Dialect",
    "Hooked",
    "assignments",
    "can_represent",
    "detect",
    "fail",
    "hooked",
    "is_hooked",
    "likely",
    "listed",
    "load",
    "load_hooked",
    "write",
]


class Dialect:
    """The language of a shell, as far as awsenv writes it. What has no body here is for each of them to say."""

    #: Whether the answers to its integration script have the state of the prompt.
    has_state = False

    def quote(self, value: str) -> str:
        """The value as one word of the language; ValueError with the reason if the shell cannot hold it."""

    def export(self, name: str, value: str) -> str:
        """The statement that exports a variable; ValueError as for `quote`."""

    def unset(self, name: str) -> str:
        """The statement that removes a variable, so that no process sees it any more."""

    def success(self) -> str:
        """The statement after which the shell's status says that all went well; may be empty."""

    def fail(self, code: int) -> str:
        """The statement that changes nothing and makes the shell's status say that it failed; may be empty."""

    def print_stderr(self, text: str) -> str:
        """The statement that shows a text, of any number of lines, on stderr; may be empty."""

    def made(self, change: Change, statements: Sequence[str], state: Sequence[str], *, whole: bool) -> Sequence[str]:
        """The statements of a change (not empty) and of the state, so that the status says whether it has been made.

        A shell that can refuse them names what has not been changed, and does not begin a `whole` change then.
        """
        return [*statements, *state, self.success()]

    def raw_line(self, words: Sequence[str]) -> str:
        """The line that needs no setup: it runs a command and has the shell evaluate what that prints."""

    def translate_fix(self, fix: str) -> str:
        """A fix in bash's syntax (`unset NAME...`, `export NAME=VALUE`) in the syntax of this shell."""

    def own_shell(self, name: str) -> str:
        """How its command line names a shell to start: the user's, or this one again, of that name."""
        return "$SHELL"

    def assign(self, name: str, value: str) -> str:
        """The statement that sets a variable of the shell's own, which no process that it starts sees."""

    def amend(self, change: Change, environ: Mapping[str, str], now: int) -> Change:
        """The change that the integration makes; that of cmd changes the prompt with it."""
        return change


class Hooked(Dialect):
    """That of a shell whose integration is loaded by an rc file, and has a prompt hook and completion."""

    has_state = True

    #: Programs of the shell, the first one that is on PATH is the one.
    PROGRAMS: Sequence[str]
    #: A plain prompt, for the rc file of the demo's home.
    DEMO_PROMPT = ""
    #: The options after which the demo's shell runs a script that is given as text.
    DEMO_OPTIONS: Sequence[str] = ("-c",)
    #: How a function `name` is defined that runs a `line`, for `str.format`.
    DEMO_FUNCTION = "{name}() {{ {line}; }}"

    def header(self, version: str) -> str:
        """The first line of the script. Where `eval` without quotes joins the lines, a comment would swallow them."""
        return f"# {version}"

    def alias(self, name: str) -> str:
        """The end of a script: a function for `awsenv assume`, its completion, and its name in __awsenv_alias."""

    def activate(self) -> str:
        """What loads the rc file into a shell that is open."""
        return f"exec {self.PROGRAMS[0]}"

    def rc_path(self, environ: Mapping[str, str]) -> str:
        """The start-up file of interactive shells."""

    def rc_paths(self, environ: Mapping[str, str]) -> list[str]:
        """Every file that may have the line."""
        return [self.rc_path(environ)]

    def login_rc(self, environ: Mapping[str, str], line: str) -> tuple[str, str] | None:
        """The file that login shells read instead, and the line for it; None if they read the same one."""
        return None

    def rc_line(self, program: str, copy: str | None) -> str:
        """The line in that file: it loads the copy of the script, else what the program prints, if that is there."""

    def guarded(self, script: str, basis: Basis) -> str:
        """The copy: a script that is loaded only if it is still what the program would print."""

    def demo_command(self, program: str, rc_path: str, load: str) -> list[str]:
        """The command that starts an interactive shell with the integration, which the rc file of the demo has."""
        return [program, "-i"]

    def demo_step(self, title: str, line: str, code: int) -> str:
        """Statements that show a title, run a line, and end the shell unless its status is that code."""


#: The registry, the only list of the shells. Module here -> its integration script, "" for none, and the names by which
#: people and processes call the shell. The script's templates are in the directory of that name in shells/.
REGISTRY = {
    "bash": ("awsenv.bash", "bash", "rbash"),
    "zsh": ("awsenv.zsh", "zsh", "rzsh"),
    "fish": ("awsenv.fish", "fish"),
    "powershell": ("awsenv.ps1", "powershell", "pwsh"),
    "cmd": ("awsenv.cmd", "cmd"),
    "sh": ("", "sh", "dash", "ash", "ksh", "ksh93", "rksh", "mksh", "lksh", "oksh", "yash", "posh"),
}

#: Every name that `--shell` takes, and the module that serves it. `awsenv.X` is for our own scripts: their answer has
#: the state of the prompt, and is data for those that take data, not code.
NAMES = {name: module for module, (_, *names) in REGISTRY.items() for name in names}
NAMES.update({f"awsenv.{module}": module for module, (script, *_) in REGISTRY.items() if script})
NAMES.update({"awsenv.cmd": "awsenv_cmd", "awsenv.ps1": "awsenv_data", "awsenv.lua": "awsenv_data"})

#: Shells that have an integration script, and its file.
INTEGRATED = {module: script for module, (script, *_) in REGISTRY.items() if script}


def listed(shells: Sequence[str]) -> str:
    """Shells as a sentence names them: `bash, zsh or sh`."""
    return f"{', '.join(shells[:-1])} or {shells[-1]}"


#: Those for which there is a dialect, in words.
CHOICES = listed([*REGISTRY])


def load(name: str) -> Dialect:
    """The dialect of that name; AwsenvError (2) for a shell that has none."""
    module = NAMES.get(name.lower().removesuffix(".exe"))
    if module is None:
        raise AwsenvError(f"no dialect for the shell {name!r}", f"name one: --shell {CHOICES}", USAGE)
    dialect: Dialect = load_module("dialects", module).DIALECT
    return dialect


def load_hooked(shell: str) -> Hooked:
    """The same of a shell whose integration is loaded by an rc file; AwsenvError for others."""
    dialect = load(shell)
    if not isinstance(dialect, Hooked):
        raise AwsenvError(f"{shell} has no start-up file")
    return dialect


#: What one variable may take, with its name: MAX_ARG_STRLEN of execve(2), without the NUL; SetEnvironmentVariable.
_MOST_BYTES = {"linux": 128 * 1024 - 1, "win32": 32766}


def write(dialect: Dialect, change: Change, *, whole: bool = True, state: State | None = None) -> str:
    """The change in that dialect: what goes first, then what comes, then the state of the prompt, then a good status.

    A value that the shell cannot hold is an AwsenvError before anything is written, if the change has to be `whole`;
    otherwise that variable is unset.
    """
    if not whole:
        change = {
            name: value if value is None or can_represent(dialect, value) else None for name, value in change.items()
        }
    statements = [dialect.unset(name) for name, value in change.items() if value is None]
    for name, value in change.items():
        if value is None:
            continue
        try:
            size = len(f"{name}={value}".encode("utf-8", "surrogateescape"))
            if size > _MOST_BYTES.get(sys.platform, size):
                raise ValueError(f"has {size:,} bytes, more than a program can be given in one variable")
            statements.append(dialect.export(name, value))
        except UnicodeEncodeError:
            raise AwsenvError(f"the value of {name} is not valid Unicode", "nothing was changed") from None
        except ValueError as error:
            shown = "" if name.startswith("AWS_") else f" ({value!r})"
            raise AwsenvError(f"the value of {name}{shown} {error}", "nothing was changed") from None
    hook = [] if state is None else assignments(dialect, state.variables())
    lines = dialect.made(change, statements, hook, whole=whole) if change else [*hook, dialect.success()]
    return "".join(f"{line}\n" for line in lines if line)


def assignments(dialect: Dialect, variables: Mapping[str, str]) -> list[str]:
    """The statements that set variables of the shell's own, for the hooks; what it cannot hold is shown as `?`."""
    return [
        dialect.assign(name, value if can_represent(dialect, value) else value.encode("ascii", "replace").decode())
        for name, value in variables.items()
    ]


def can_represent(dialect: Dialect, value: str) -> bool:
    """Whether the shell can hold a value."""
    try:
        value.encode("utf-8", "surrogateescape")
        dialect.quote(value)
    except ValueError:
        return False
    return True


def is_hooked(shell: str) -> bool:
    """Whether a shell, or Clink, has such an integration; cmd has not."""
    return shell in INTEGRATED and isinstance(load(shell), Hooked)


def hooked() -> list[str]:
    """The shells with such an integration."""
    return [shell for shell in INTEGRATED if is_hooked(shell)]


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
        which = f" ({name})" if name else ""
        raise AwsenvError(f"cannot tell which shell this is{which}", f"name it: --shell {CHOICES}", USAGE)
    return name


def likely(environ: Mapping[str, str]) -> str:
    """The shell that is asking, else the one in which a line has the best chance: for hints."""
    try:
        return detect(environ)
    except AwsenvError:
        return "powershell" if sys.platform == "win32" else "sh"


def _parent(environ: Mapping[str, str]) -> str | None:
    """The parent process's name if it is a shell we know; None sends the question to shellingham.

    Linux only. shellingham would find the same process first, but importing what it needs takes as long as Python does.
    """
    if sys.platform == "win32":  # where another user may own that path, on the current drive
        return None
    try:
        with open(f"/proc/{os.getppid()}/cmdline", "rb") as cmdline:
            command = cmdline.read().split(b"\0")
    except OSError:
        return None
    is_busybox = command[0].rpartition(b"/")[2] == b"busybox"  # the shell is its first argument
    name = os.fsdecode(command[1 if is_busybox else 0]).rsplit("/", 1)[-1].lstrip("-").lower()
    # wine starts Unix programs through `sh -c`; the cmd that asked shows by the variables that it gives its children
    if name == "sh" and command[1:2] == [b"-c"] and "PROMPT" in environ and "ComSpec" in environ:
        return "cmd"
    return name if name in NAMES else None
