"""The one way to stdout and stderr: a console of Windows gets text, everything else the same bytes on every system.

(Hot path.)
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["is_terminal", "say", "styles", "write"]

_WINDOWS = sys.platform == "win32"

# https://learn.microsoft.com/windows/console/setconsolemode
_ENABLE_VIRTUAL_TERMINAL_PROCESSING = 4

_STDOUT, _STDERR = 1, 2


def write(text: str, encoding: str = "utf-8") -> None:
    """Write all of a text to stdout.

    As bytes, so that no newline becomes CR LF, whose CR would be part of a value. A console of Windows reads bytes in
    its own code page (437, 850, 932, ...), so it gets the text itself.

    Args:
        text: what to write.
        encoding: of what is not a console.

    Raises:
        OSError: it cannot be written.
    """
    _put(_STDOUT, sys.stdout, text, encoding, "surrogateescape")


def say(text: str) -> None:
    """Write a text to stderr. It never fails: nothing else may fail because a message could not be shown."""
    try:  # noqa: SIM105  # contextlib takes 3 ms
        _put(_STDERR, sys.stderr, text, "utf-8", "backslashreplace")
    except (OSError, ValueError):  # the latter for a stream that is closed
        pass


def _put(number: int, stream: TextIO | None, text: str, encoding: str, errors: str) -> None:
    if stream is None:
        return
    stream.flush()
    if _WINDOWS and is_terminal(stream):
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
        stream.flush()
        return
    data = text.encode(encoding, errors)
    while data:
        data = data[os.write(number, data) :]


def is_terminal(stream: TextIO | None) -> bool:
    """Whether it is a terminal. (For Windows NUL is a tty, too.)"""
    if stream is None or not stream.isatty():
        return False
    return not _WINDOWS or _mode_of(stream) is not None


def styles() -> bool:
    """Whether colors and bold type may be written to the terminal that stdout or stderr is.

    A console of Windows has to be switched on by each program, else it shows them as `←[1m`; one from before
    Windows 10 1511 cannot. NO_COLOR: https://no-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if not _WINDOWS:
        return True
    modes = [(stream, _mode_of(stream)) for stream in (sys.stdout, sys.stderr) if stream is not None]
    return all(mode is None or _set_mode(stream, mode | _ENABLE_VIRTUAL_TERMINAL_PROCESSING) for stream, mode in modes)


def _mode_of(stream: TextIO) -> int | None:
    """The mode of a console of Windows; None for anything else."""
    if sys.platform != "win32":
        return None
    import ctypes
    import msvcrt

    mode = ctypes.c_ulong()
    try:
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
    except (OSError, ValueError):  # no file
        return None
    return mode.value if ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)) else None


def _set_mode(stream: TextIO, mode: int) -> bool:
    """Set the mode of a console of Windows; whether that works."""
    if sys.platform != "win32":
        return False
    import ctypes
    import msvcrt

    handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
    return bool(ctypes.windll.kernel32.SetConsoleMode(handle, ctypes.c_ulong(mode)))
