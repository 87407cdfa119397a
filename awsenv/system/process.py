"""Running a command: in place of awsenv, or as a child, with signals and exit code passed on.

(`replace` is as quick as `assume`: the module `signal` imports enum, `subprocess` takes as long as Python itself.)
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
    from types import TracebackType

__all__ = ["NOT_EXECUTABLE", "NOT_FOUND", "ChildProcess", "keep_memory_private", "replace", "require"]

#: The exit codes of shells for a command that they cannot run: POSIX.1-2017, Shell Command Language, 2.8.2.
NOT_EXECUTABLE = 126
NOT_FOUND = 127

#: Special to cmd wherever it occurs: no argument of a cmd script may contain it.
_SPECIAL_TO_CMD = '"%!&|<>^\r\n'


def require(name: str, environment: Mapping[str, str]) -> None:
    """Check that a command exists, before the user is prompted for anything.

    Raises:
        AwsenvError: (127) it does not.
    """
    if sys.platform == "win32":
        _windows_program(name, environment)
        return
    directories = [""] if "/" in name else os.get_exec_path(environment)
    if not name or not any(os.path.lexists(os.path.join(directory, name)) for directory in directories):
        raise _not_found(name)


def replace(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Become the command: nothing of awsenv remains, so signals and exit code are the command's own.

    Windows cannot do that: there awsenv waits for the command and returns its exit code.

    Args:
        command: the program, looked for on the environment's PATH, and its arguments.
        environment: all of its environment.

    Raises:
        AwsenvError: (127) it does not exist, (126) it cannot be executed.
    """
    if sys.platform == "win32":
        with ChildProcess() as child:
            return child.run(command, environment)

    # the module `signal` itself costs 5 ms: it imports enum
    from _signal import SIG_DFL, SIGPIPE, SIGXFSZ, signal  # type: ignore[import-not-found]

    for number in (SIGPIPE, SIGXFSZ):  # Python ignores them, and a command would inherit that
        signal(number, SIG_DFL)
    try:
        os.execvpe(command[0], [*command], environment)  # noqa: S606  # on purpose
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise _cannot(command, environment, error) from None
        script = os.fsdecode(error.filename)
    try:  # without a #! line: what every shell, and execvp(3), does with it
        os.execve("/bin/sh", ["/bin/sh", script, *command[1:]], environment)  # noqa: S606
    except OSError as error:
        raise _cannot(command, environment, error) from None


def keep_memory_private() -> None:
    """No core file, and no debugger of the user's, for a process that has secrets for long. (Linux only.)

    A command that it starts is not affected: execve(2) resets this.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):  # a C library without it
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


# prctl(2), from <linux/prctl.h>
_PR_SET_DUMPABLE = 4


class ChildProcess:
    """A context in which awsenv runs a command as a child and forwards signals to it.

    The command stays in awsenv's process group, so it can be stopped, and gets what is typed on the terminal: Ctrl-C
    reaches both, and is not forwarded. (A SIGINT sent to awsenv alone looks the same: in the foreground of a terminal
    every SIGINT counts as typed.)
    """

    def __enter__(self) -> ChildProcess:
        import signal

        def notice(number: int, frame: object) -> None:
            """A handler, not SIG_IGN, which the command would inherit. `run` does the work."""

        if sys.platform == "win32":  # the console gives a Ctrl-C to both
            for number in (signal.SIGINT, signal.SIGBREAK):
                signal.signal(number, notice)
            return self
        names = ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "IO", "PWR")
        self._forwarded = {getattr(signal, f"SIG{name}") for name in names if hasattr(signal, f"SIG{name}")}
        self._typed = {signal.SIGINT, signal.SIGQUIT}
        self._came, writing = os.pipe()
        os.set_blocking(writing, False)
        # whichever thread gets the signal, this wakes the one that waits for the command
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, notice)
        for number in self._forwarded:
            if signal.getsignal(number) != signal.SIG_IGN:  # if awsenv was started so (by nohup), so is the command
                signal.signal(number, notice)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """No cleanup needed: awsenv exits when the command does."""

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a command to its end.

        Returns:
            Its exit code, or 128 and the number of the signal that ended it.

        Raises:
            AwsenvError: (127) it does not exist, (126) it cannot be executed.
        """
        if sys.platform == "win32":
            code = _start(_windows_command(command, environment), environment).wait()
            return code - 2**32 if code >= 2**31 else code  # an exit code of Windows has 32 bits and no sign
        os.set_blocking(self._came, False)
        with suppress(BlockingIOError):
            for number in os.read(self._came, 64):
                if number in self._forwarded:  # before there was a command to forward it to
                    return 128 + number
        os.set_blocking(self._came, True)
        process = _start(command, environment)
        while process.poll() is None:
            for number in os.read(self._came, 64):
                if number in self._forwarded and not (number in self._typed and _in_foreground()):
                    process.send_signal(number)
        return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _start(command: Sequence[str], environment: Mapping[str, str]) -> Popen[bytes]:
    import subprocess

    def start(*words: str) -> Popen[bytes]:
        # the command inherits what awsenv inherited (3<file, the pipe of make -j); our own files are not inheritable
        return subprocess.Popen(words, env=environment, close_fds=False)

    try:
        try:
            return start(*command)
        except OSError as error:
            if error.errno != errno.ENOEXEC or sys.platform == "win32":
                raise
        return start("/bin/sh", _path_of(command[0], environment), *command[1:])
    except OSError as error:
        raise _cannot(command, environment, error) from None


def _path_of(name: str, environment: Mapping[str, str]) -> str:
    import shutil

    return shutil.which(name, path=os.pathsep.join(os.get_exec_path(environment))) or name


def _in_foreground() -> bool:
    """Whether this process group, and so the command, gets what is typed on the terminal."""
    if sys.platform == "win32":  # consoles have no such groups
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
    """The file of a command: CreateProcess knows neither PATHEXT nor another PATH than our own."""
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


_ON_WINDOWS = sys.platform == "win32"

# Words that only a shell understands: of cmd those that its `help` lists, of POSIX shells those that are no programs.
_OF_CMD = """
    assoc break call cd chdir cls color copy date del dir echo endlocal erase exit for ftype goto if md mkdir mklink
    move path pause popd prompt pushd rd rem ren rename rmdir set setlocal shift start time title type ver verify vol
"""
_OF_SH = """
    . : alias bg cd command eval exec exit export fg jobs read return set shift source trap type ulimit umask unset
"""


def _not_found(name: str) -> AwsenvError:
    fix = "check its name and PATH"
    if _ON_WINDOWS and name.lower() in _OF_CMD.split():
        fix = f"it is a command of cmd itself: -- cmd /c {name} ..."
    elif not _ON_WINDOWS and name in _OF_SH.split():
        fix = f"it is a command of the shell itself: -- sh -c '{name} ...'"
    return AwsenvError(f"there is no command {name!r}", fix, NOT_FOUND)


def _cannot(command: Sequence[str], environment: Mapping[str, str], error: OSError) -> AwsenvError:
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
    """A system limits all variables and arguments together, Linux also each of them, to 128 KiB (execve(2))."""
    sizes = {name: len(os.fsencode(f"{name}={value}")) for name, value in environment.items()}
    largest = max(sizes, key=lambda name: sizes[name], default="")
    size, fix = sizes.get(largest, 0), f"unset {largest}"
    argument = max(len(os.fsencode(argument)) for argument in command)
    if argument > size:
        largest, size, fix = "an argument", argument, "give it to the command in a file or a pipe"
    elif largest == "AWS_SESSION_TOKEN":
        fix = "awsenv exec --server gives a command its credentials without variables"
    return AwsenvError(
        f"cannot run {command[0]!r}: its variables and arguments are too large for the system"
        f" ({largest} alone has {size:,} bytes)",
        fix,
        NOT_EXECUTABLE,
    )
