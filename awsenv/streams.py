"""Write to stdout and stderr: text to a Windows console, otherwise the same bytes on every system. (Hot path.)"""

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["is_captured", "is_terminal", "say", "styles", "write"]

_WINDOWS = sys.platform == "win32"

# https://learn.microsoft.com/windows/console/setconsolemode
_ENABLE_VIRTUAL_TERMINAL_PROCESSING = 4

_STDOUT, _STDERR = 1, 2


def write(text: str, encoding: str = "utf-8") -> None:
    """Write all of a text to stdout.

    It is written as bytes: a newline that became CR LF would add a CR to a value. A Windows console decodes bytes by
    its own code page (437, 850, 932, ...), so it gets the text itself.

    Args:
        text: the text.
        encoding: its encoding, unless stdout is a console.

    Raises:
        OSError: it cannot be written.
    """
    _put(_STDOUT, sys.stdout, text, encoding, "surrogateescape")


def say(text: str) -> None:
    """Write a text to stderr. It never fails: a message that cannot be shown must not stop a command."""
    try:  # noqa: SIM105  # contextlib takes 3 ms
        _put(_STDERR, sys.stderr, text, "utf-8", "backslashreplace")
    except (OSError, ValueError):  # ValueError: the stream is closed
        pass


def _put(descriptor: int, stream: "TextIO | None", text: str, encoding: str, errors: str) -> None:
    if stream is None:
        return
    stream.flush()
    if _WINDOWS and is_terminal(stream):
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
        stream.flush()
        return
    data = text.encode(encoding, errors)
    while data:
        data = data[os.write(descriptor, data) :]


def is_terminal(stream: "TextIO | None") -> bool:
    """Whether a stream is a terminal."""
    if stream is None or not stream.isatty():
        return False
    return not _WINDOWS or _mode_of(stream) is not None  # on Windows, NUL is a tty as well


def is_captured(stream: "TextIO | None") -> bool:
    """Whether a shell may read a stream, as in `$( )` and `| source`: ksh93 uses sockets, and files without a name."""
    if stream is None:
        return False
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # it is closed
        return False
    mode = status.st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or (stat.S_ISREG(mode) and status.st_nlink == 0)


def styles() -> bool:
    """Whether colors and bold type may be written to stdout and stderr; enables them in a Windows console.

    Without that it shows them as `←[1m`; before Windows 10 1511 it cannot show them at all. NO_COLOR:
    https://no-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if not _WINDOWS:
        return True
    modes = [(stream, _mode_of(stream)) for stream in (sys.stdout, sys.stderr) if stream is not None]
    return all(mode is None or _set_mode(stream, mode | _ENABLE_VIRTUAL_TERMINAL_PROCESSING) for stream, mode in modes)


def _mode_of(stream: "TextIO") -> int | None:
    """Return the mode of a Windows console; None for any other stream."""
    if sys.platform != "win32":
        return None
    import ctypes
    import msvcrt

    mode = ctypes.c_ulong()
    try:
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
    except (OSError, ValueError):  # it has no file descriptor
        return None
    return mode.value if ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)) else None


def _set_mode(stream: "TextIO", mode: int) -> bool:
    """Set the mode of a Windows console, and return whether that worked."""
    if sys.platform != "win32":
        return False
    import ctypes
    import msvcrt

    handle = ctypes.c_void_p(msvcrt.get_osfhandle(stream.fileno()))
    return bool(ctypes.windll.kernel32.SetConsoleMode(handle, ctypes.c_ulong(mode)))
