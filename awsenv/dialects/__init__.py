"""The languages of the shells: how to write a change of the environment, and which shell is the caller.

A dialect is a module with a `DIALECT`, an instance of a subclass of `Dialect`. It writes one physical line per
statement, each ending in `;` (cmd: `NAME=VALUE` data), as users evaluate the output in different ways.
"""

# mypy: disable-error-code="empty-body"
import os
import sys

from awsenv import load as load_module
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.dialects.basis import Basis
    from awsenv.environment import Change

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
    """The language of a shell, as far as awsenv needs it. A method without a body here is abstract."""

    #: Whether the snippets for its integration script include the state of the prompt.
    has_state = False
    #: Whether the shell can refuse a change, so that what reports a success has to be a part of the snippet.
    can_refuse = False

    def quote(self, value: str) -> str:
        """Quote a value; ValueError with the reason if the shell cannot hold it."""

    def export(self, name: str, value: str) -> str:
        """Return the statement that exports a variable; ValueError as for `quote`."""

    def unset(self, name: str) -> str:
        """Return the statement that removes a variable."""

    def success(self) -> str:
        """Return the statement that sets the status to success; may be empty."""

    def fail(self, code: int) -> str:
        """Return the statement that only sets the status to failure; may be empty."""

    def print_stderr(self, text: str) -> str:
        """Return the statement that prints a text of any number of lines on stderr; may be empty."""

    def commit(
        self, change: "Change", statements: "Sequence[str]", after: "Sequence[str]", *, whole: bool
    ) -> "Sequence[str]":
        """Return the statements that make a change (not empty) and run those `after` it, with a status that says so.

        In a shell that can refuse to set or unset a variable they name it, and do not begin a `whole` change then.
        """
        return [*statements, *after, self.success()]

    def raw_line(self, args: "Sequence[str]") -> str:
        """Return the line that runs a command and evaluates its output, without the integration."""

    def translate_fix(self, fix: str) -> str:
        """Translate a fix from the syntax of bash (`unset NAME...`, `export NAME=VALUE`)."""

    def own_shell(self, name: str) -> str:
        """Return what to type to start a shell: the user's, or the one of that name again."""
        return "$SHELL"

    def assign(self, name: str, value: str) -> str:
        """Return the statement that sets a shell variable, which is not exported."""

    def amend(self, change: "Change", environ: "Mapping[str, str]", now: int) -> "Change":
        """Return the change for the integration, which in cmd includes the prompt."""
        return change


class Hooked(Dialect):
    """The dialect of a shell with an rc file, in which the integration has a prompt hook and completion."""

    has_state = True

    #: Names of the shell's program; the first that is on PATH counts.
    PROGRAMS: "Sequence[str]"
    #: A statement that sets a plain prompt, for the rc file of the demo.
    DEMO_PROMPT = ""
    #: The options in front of a script as text, for the demo.
    DEMO_OPTIONS: "Sequence[str]" = ("-c",)
    #: The definition of a function `name` that runs a `line`, for `str.format`.
    DEMO_FUNCTION = "{name}() {{ {line}; }}"

    def header(self, version: str) -> str:
        """Return the first line of the script, which names the version."""
        return f"# {version}"

    def alias(self, name: str) -> str:
        """Return the end of the script: a short function for `awsenv assume`, its completion, and __awsenv_alias."""

    def activate(self) -> str:
        """Return what to type to load the rc file into an open shell."""
        return f"exec {self.PROGRAMS[0]}"

    def rc_path(self, environ: "Mapping[str, str]") -> str:
        """Return the rc file of interactive shells."""

    def rc_paths(self, environ: "Mapping[str, str]") -> list[str]:
        """Return every file that may contain the line."""
        return [self.rc_path(environ)]

    def login_rc(self, environ: "Mapping[str, str]", line: str) -> tuple[str, str] | None:
        """Return the file that login shells read instead, and the line for it; None if they read the rc file."""
        return None

    def rc_line(self, program: str, copy: str | None) -> str:
        """Return the line for the rc file: it loads the stored script, else what the program prints, if that exists."""

    def guarded(self, script: str, basis: "Basis") -> str:
        """Return the script to store, which loads only while it is what the program would print."""

    def demo_command(self, program: str, rc_path: str, load: str) -> list[str]:
        """Return the command for an interactive shell with the rc file of the demo, which loads the integration."""
        return [program, "-i"]

    def demo_step(self, title: str, line: str, code: int) -> str:
        """Statements that print a title, run a line, and exit unless its status is `code`."""


#: The only list of the shells: module here -> its integration script ("" for none), and the names of the shell as a
#: process and for users. The templates of the script are in the directory of the module's name in shells/.
REGISTRY = {
    "bash": ("awsenv.bash", "bash", "rbash"),
    "zsh": ("awsenv.zsh", "zsh", "rzsh"),
    "fish": ("awsenv.fish", "fish"),
    "powershell": ("awsenv.ps1", "powershell", "pwsh"),
    "cmd": ("awsenv.cmd", "cmd"),
    "sh": ("", "sh", "dash", "ash", "ksh", "ksh93", "rksh", "mksh", "lksh", "oksh", "yash", "posh"),
}

#: Every name that `--shell` accepts -> module. `awsenv.X` is for our own scripts, whose snippets include the state of
#: the prompt; for some they are data.
NAMES = {name: module for module, (_, *names) in REGISTRY.items() for name in names}
NAMES.update({f"awsenv.{module}": module for module, (script, *_) in REGISTRY.items() if script})
NAMES.update({"awsenv.cmd": "awsenv_cmd", "awsenv.ps1": "awsenv_data", "awsenv.lua": "awsenv_data"})

#: The shells with an integration script -> its file.
INTEGRATED = {module: script for module, (script, *_) in REGISTRY.items() if script}


def listed(shells: "Sequence[str]") -> str:
    """Shells as in a sentence: `bash, zsh or sh`."""
    return f"{', '.join(shells[:-1])} or {shells[-1]}"


#: The shells, as in a sentence.
CHOICES = listed([*REGISTRY])


def load(name: str) -> Dialect:
    """Return the dialect of that name; AwsenvError (2) if there is none."""
    module = NAMES.get(name.lower().removesuffix(".exe"))
    if module is None:
        raise AwsenvError(f"unsupported shell {name!r}", f"name one: --shell {CHOICES}", USAGE)
    dialect: Dialect = load_module("dialects", module).DIALECT
    return dialect


def load_hooked(shell: str) -> Hooked:
    """Return the dialect of a shell with an rc file; AwsenvError for others."""
    dialect = load(shell)
    if not isinstance(dialect, Hooked):
        raise AwsenvError(f"{shell} has no start-up file")
    return dialect


#: The size limit of `NAME=VALUE`: MAX_ARG_STRLEN of execve(2), without the NUL; SetEnvironmentVariable.
_MAX_BYTES = {"linux": 128 * 1024 - 1, "win32": 32766}


def write(dialect: Dialect, change: "Change", *, whole: bool = True, after: "Sequence[str]" = ()) -> str:
    """Write a change in a dialect: first what to unset, then what to export, then the statements `after` a success.

    If the shell cannot hold a value, a `whole` change is an AwsenvError; otherwise that variable is unset.
    """
    if not whole:
        change = {
            name: value if value is None or can_represent(dialect, value) else None for name, value in change.items()
        }
    statements = [dialect.unset(name) for name, value in change.items() if value is None]
    statements += [_export(dialect, name, value) for name, value in change.items() if value is not None]
    lines = dialect.commit(change, statements, after, whole=whole) if change else [*after, dialect.success()]
    return "".join(f"{line}\n" for line in lines if line)


def _export(dialect: Dialect, name: str, value: str) -> str:
    """Return the statement that exports a variable; AwsenvError if the shell cannot hold the value."""
    try:
        size = len(f"{name}={value}".encode("utf-8", "surrogateescape"))
        if size > _MAX_BYTES.get(sys.platform, size):
            raise ValueError(f"has {size:,} bytes, more than a program can be given in one variable")
        return dialect.export(name, value)
    except UnicodeEncodeError:
        raise AwsenvError(f"the value of {name} is not valid Unicode", "nothing was changed") from None
    except ValueError as error:
        shown = "" if name.startswith("AWS_") else f" ({value!r})"
        raise AwsenvError(f"the value of {name}{shown} {error}", "nothing was changed") from None


def assignments(dialect: Dialect, variables: "Mapping[str, str]") -> list[str]:
    """Return the statements that set the hooks' variables, with `?` for characters that the shell cannot hold."""
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
    """Whether a shell has an integration with a prompt hook and completion. (cmd and Clink do not count.)"""
    return shell in INTEGRATED and isinstance(load(shell), Hooked)


def hooked() -> list[str]:
    """Return the shells with such an integration."""
    return [shell for shell in INTEGRATED if is_hooked(shell)]


def fail(dialect: Dialect, code: int) -> str:
    """Return the snippet that makes the status of the evaluating shell a failure."""
    statement = dialect.fail(code)
    return f"{statement}\n" if statement else ""


def detect(environ: "Mapping[str, str]") -> str:
    """Return the name of the calling shell: the nearest shell among the parent processes, else that of $SHELL."""
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


def likely(environ: "Mapping[str, str]") -> str:
    """Return the calling shell, else a default: for hints."""
    try:
        return detect(environ)
    except AwsenvError:
        return "powershell" if sys.platform == "win32" else "sh"


def _parent(environ: "Mapping[str, str]") -> str | None:
    """Return the name of the parent process if it is a known shell, else None.

    Linux only. shellingham finds the same, but importing it takes as long as Python takes to start.
    """
    if sys.platform == "win32":  # another user may own that path on the current drive
        return None
    try:
        with open(f"/proc/{os.getppid()}/cmdline", "rb") as cmdline:
            command = cmdline.read().split(b"\0")
    except OSError:
        return None
    is_busybox = command[0].rpartition(b"/")[2] == b"busybox"  # its first argument is the shell
    name = os.fsdecode(command[1 if is_busybox else 0]).rsplit("/", 1)[-1].lstrip("-").lower()
    # wine starts Unix programs by `sh -c`; cmd as the caller shows by the variables that it exports
    if name == "sh" and command[1:2] == [b"-c"] and "PROMPT" in environ and "ComSpec" in environ:
        return "cmd"
    return name if name in NAMES else None
