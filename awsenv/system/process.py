"""Running a command: in place of awsenv, or as a child, with signals and exit code passed on.

(Imports are lazy, so that `replace` is as fast as `assume`: `signal` imports enum, and `subprocess` takes as long as
Python itself.)
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

from awsenv.result import AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from subprocess import Popen

__all__ = ["NOT_EXECUTABLE", "NOT_FOUND", "ChildProcess", "keep_memory_private", "replace", "require"]

#: Shells' exit codes for a command that they cannot run: POSIX.1-2017, Shell Command Language, 2.8.2.
NOT_EXECUTABLE = 126
NOT_FOUND = 127

#: Special to cmd everywhere, so that no argument of a cmd script may contain them.
_SPECIAL_TO_CMD = '"%!&|<>^\r\n'

# prctl(2), from <linux/prctl.h>
_PR_SET_DUMPABLE = 4

_ON_WINDOWS = sys.platform == "win32"

# Commands that only a shell knows: of cmd those that its `help` lists, of POSIX shells those that are not programs.
_OF_CMD = """
    assoc break call cd chdir cls color copy date del dir echo endlocal erase exit for ftype goto if md mkdir mklink
    move path pause popd prompt pushd rd rem ren rename rmdir set setlocal shift start time title type ver verify vol
"""
_OF_SH = """
    . : alias bg cd command eval exec exit export fg jobs read return set shift source trap type ulimit umask unset
"""


def require(name: str, environment: Mapping[str, str]) -> None:
    """Check that a command exists, before anything prompts the user.

    Raises:
        AwsenvError: (127) it does not exist.
    """
    if sys.platform == "win32":
        _windows_program(name, environment)
        return
    directories = [""] if "/" in name else os.get_exec_path(environment)
    if not name or not any(os.path.lexists(os.path.join(directory, name)) for directory in directories):
        raise _not_found(name)


def replace(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Replace this process by the command, so that signals and exit code are the command's own.

    Windows does not support that: awsenv waits for the command and returns its exit code.

    Args:
        command: the program, searched on the environment's PATH, and its arguments.
        environment: the complete environment of the command.

    Raises:
        AwsenvError: (127) it does not exist, (126) it cannot be executed.
    """
    if sys.platform == "win32":
        with ChildProcess() as child:
            return child.run(command, environment)

    from _signal import SIG_DFL, SIGPIPE, SIGXFSZ, signal  # type: ignore[import-not-found]

    for number in (SIGPIPE, SIGXFSZ):  # Python ignores them, which the command would inherit
        signal(number, SIG_DFL)
    try:
        os.execvpe(command[0], [*command], environment)  # noqa: S606  # on purpose
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise _error(command, environment, error) from None
        script = os.fsdecode(error.filename)
    try:  # it has no #! line: every shell, and execvp(3), runs it with sh
        os.execve("/bin/sh", ["/bin/sh", script, *command[1:]], environment)  # noqa: S606
    except OSError as error:
        raise _error(command, environment, error) from None


def keep_memory_private() -> None:
    """Forbid core files, and the user's debuggers, for a process that holds secrets for long. (Linux only.)

    Its child processes are not affected: execve(2) resets this.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):  # the C library has no prctl
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class ChildProcess:
    """A context in which awsenv runs a command as a child and forwards signals to it.

    The command stays in awsenv's process group, so job control works and it reads the terminal. A Ctrl-C there reaches
    both, and is not forwarded. (In the foreground, a SIGINT sent to awsenv alone is taken for a Ctrl-C.)
    """

    def __enter__(self) -> ChildProcess:
        import signal

        def notice(number: int, frame: object) -> None:
            """Do nothing; `run` does the work. (The command would inherit SIG_IGN.)"""

        if sys.platform == "win32":  # the console sends a Ctrl-C to both
            for number in (signal.SIGINT, signal.SIGBREAK):
                signal.signal(number, notice)
            return self
        names = ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR")
        self._forwarded = {getattr(signal, f"SIG{name}") for name in names if hasattr(signal, f"SIG{name}")}
        self._from_terminal = {signal.SIGINT, signal.SIGQUIT}
        self._received, writing = os.pipe()
        os.set_blocking(writing, False)
        # whichever thread gets the signal, this wakes the one that waits for the command
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, notice)
        for number in self._forwarded:
            if signal.getsignal(number) != signal.SIG_IGN:  # what awsenv ignores, as under nohup, the command does
                signal.signal(number, notice)
        return self

    def __exit__(self, *error: object) -> None:
        """No cleanup needed: awsenv exits when the command does."""

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a command and wait for it.

        Returns:
            Its exit code, or 128 plus the number of the signal that ended it.

        Raises:
            AwsenvError: (127) it does not exist, (126) it cannot be executed.
        """
        if sys.platform == "win32":
            code = _start(_windows_command(command, environment), environment).wait()
            return code - 2**32 if code >= 2**31 else code  # Windows' exit codes have 32 bits and no sign
        os.set_blocking(self._received, False)
        with suppress(BlockingIOError):
            for number in os.read(self._received, 64):
                if number in self._forwarded:  # it came before there was a command to forward it to
                    return 128 + number
        os.set_blocking(self._received, True)
        process = _start(command, environment)
        while process.poll() is None:
            for number in os.read(self._received, 64):
                if number in self._forwarded and not (number in self._from_terminal and _in_foreground()):
                    process.send_signal(number)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _start(command: Sequence[str], environment: Mapping[str, str]) -> Popen[bytes]:
    import subprocess

    def start(*args: str) -> Popen[bytes]:
        # the command inherits what awsenv inherited (3<file, the pipe of make -j); our own files are not inheritable
        return subprocess.Popen(args, env=environment, close_fds=False)

    try:
        try:
            return start(*command)
        except OSError as error:
            if error.errno != errno.ENOEXEC or sys.platform == "win32":
                raise
        import shutil

        path = shutil.which(command[0], path=os.pathsep.join(os.get_exec_path(environment)))
        return start("/bin/sh", path or command[0], *command[1:])
    except OSError as error:
        raise _error(command, environment, error) from None


def _in_foreground() -> bool:
    """Whether this process group, which includes the command, gets what is typed on the terminal."""
    if sys.platform == "win32":  # consoles have no process groups
        return False
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _windows_program(name: str, environment: Mapping[str, str]) -> str:
    """Return the file of a command, as CreateProcess ignores PATHEXT and any PATH other than our own."""
    import shutil

    found = shutil.which(name, path=environment.get("PATH"))
    if found is None:
        raise _not_found(name)
    return found


def _windows_command(command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    program = _windows_program(command[0], environment)
    script = program.lower().endswith((".bat", ".cmd"))
    for argument in command[1:]:
        if script and any(character in _SPECIAL_TO_CMD for character in argument):
            raise AwsenvError(
                f"{command[0]} is a script of cmd, which would misread the argument {argument!r}",
                "run the program that it starts",
                NOT_EXECUTABLE,
            )
    return [program, *command[1:]]


def _not_found(name: str) -> AwsenvError:
    fix = "check its name and PATH"
    if _ON_WINDOWS and name.lower() in _OF_CMD.split():
        fix = f"it is a command of cmd itself: -- cmd /c {name} ..."
    elif not _ON_WINDOWS and name in _OF_SH.split():
        fix = f"it is a command of the shell itself: -- sh -c '{name} ...'"
    return AwsenvError(f"there is no command {name!r}", fix, NOT_FOUND)


def _error(command: Sequence[str], environment: Mapping[str, str], error: OSError) -> AwsenvError:
    """Say why a command cannot be run."""
    name = command[0]
    if error.errno == errno.E2BIG:
        return _too_large(command, environment)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return AwsenvError(
            f"cannot run {name!r}: it, or the interpreter that it names, does not exist",
            "check its name, PATH and first line",
            NOT_FOUND,
        )
    return AwsenvError(
        f"cannot run {name!r}: {error.strerror}",
        "check the file, and that it is a program for this machine",
        NOT_EXECUTABLE,
    )


def _too_large(command: Sequence[str], environment: Mapping[str, str]) -> AwsenvError:
    """The system limits variables and arguments as a whole, and Linux each of them to 128 KiB (execve(2))."""
    sizes = {name: len(os.fsencode(f"{name}={value}")) for name, value in environment.items()}
    largest = max(sizes, key=lambda name: sizes[name], default="")
    size, fix = sizes.get(largest, 0), f"unset {largest}"
    argument = max(len(os.fsencode(argument)) for argument in command)
    if argument > size:
        largest, size, fix = "an argument", argument, "pass it to the command in a file or a pipe"
    elif largest == "AWS_SESSION_TOKEN":
        fix = "awsenv exec --server passes credentials without variables"
    return AwsenvError(
        f"cannot run {command[0]!r}: its variables and arguments are too large for the system"
        f" ({largest} alone has {size:,} bytes)",
        fix,
        NOT_EXECUTABLE,
    )
