"""The line in a shell's start-up file: put there once, between markers, and taken out again to the byte."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from awsenv import dialects
from awsenv.aws import paths
from awsenv.integration import script_copy, scripts
from awsenv.result import AwsenvError
from awsenv.system import files

__all__ = ["add", "line_of", "path_of", "remove"]

_BEGIN = b"# >>> awsenv >>>"
_END = b"# <<< awsenv <<<"
# the same, when the file did not end in a newline or was not there: `remove` then takes that away, too
_BEGIN_AFTER_NEWLINE = b"# >>> awsenv (with the newline before this line) >>>"
_BEGIN_OF_FILE = b"# >>> awsenv (made this file) >>>"


def path_of(shell: str, environ: Mapping[str, str]) -> str:
    """The start-up file of interactive shells; AwsenvError for a shell that has none."""
    if not dialects.is_hooked(shell):
        raise AwsenvError(f"{shell} has no start-up file")
    return dialects.load(shell).rc_path(environ)


def line_of(shell: str, environ: Mapping[str, str]) -> str:
    """The one line for the start-up file."""
    program = scripts.program()
    copy = script_copy.path_of(shell, environ) if os.path.isabs(program) else None
    return dialects.load(shell).rc_line(program, copy)


def _paths_of(shell: str, environ: Mapping[str, str]) -> list[str]:
    """Every start-up file of a shell that may have the line: on Windows each PowerShell has its own."""
    every = getattr(dialects.load(shell), "rc_paths", None)
    return every(environ) if every else [path_of(shell, environ)]


def add(shell: str, environ: Mapping[str, str]) -> tuple[str, bool]:
    """Put the line in place.

    Returns:
        The file, and whether it changed: a second call changes nothing, a new path of awsenv renews the line.

    Raises:
        AwsenvError: the file cannot be read or written.
    """
    path = path_of(shell, environ)
    old = _read(path)
    line = line_of(shell, environ).encode("utf-8", "surrogateescape")
    block = _find(old or b"")
    if old is None:
        new = _block(_BEGIN_OF_FILE, line)
    elif block is not None and block.line == line:
        return path, False
    elif block is not None:
        new = old[: block.start] + _block(block.begin, line) + old[block.end :]
    elif old and not old.endswith(b"\n"):
        new = old + b"\n" + _block(_BEGIN_AFTER_NEWLINE, line)
    else:
        new = old + _block(_BEGIN, line)
    _write(path, new)
    return path, True


def remove(shell: str, environ: Mapping[str, str]) -> list[str]:
    """Take the line out; a file is then what it was before `add`.

    Returns:
        The files that changed.

    Raises:
        AwsenvError: as `add`.
    """
    return [path for path in _paths_of(shell, environ) if _remove_from(path, environ)]


def _remove_from(path: str, environ: Mapping[str, str]) -> bool:
    old = _read(path)
    block = _find(old or b"")
    if old is None or block is None:
        return False
    before, after = old[: block.start], old[block.end :]
    if block.begin == _BEGIN_AFTER_NEWLINE and not after:
        before = before.removesuffix(block.newline)
    if block.begin == _BEGIN_OF_FILE and not before and not after:
        try:
            files.remove(os.path.realpath(path))
        except OSError as error:
            raise AwsenvError(f"cannot remove {path}: {error.strerror}") from None
        directory = os.path.dirname(path)
        if not paths.same(directory, paths.home(environ)):
            with suppress(OSError):  # it may hold something else
                os.rmdir(directory)
    else:
        _write(path, before + after)
    return True


@dataclass(frozen=True)
class _Block:
    """Our three lines in a file: where they start and end, the marker they begin with, the line for the shell,
    and how lines end there (an editor may have changed that).
    """

    start: int
    end: int
    begin: bytes
    line: bytes
    newline: bytes


def _find(data: bytes) -> _Block | None:
    """Our lines. A begin whose end is not where we put it is not ours any more: what follows may be the user's."""
    lines = data.split(b"\n")
    start = 0
    for number, line in enumerate(lines[:-2]):
        begin = line.removesuffix(b"\r")
        if begin in (_BEGIN, _BEGIN_AFTER_NEWLINE, _BEGIN_OF_FILE) and lines[number + 2].removesuffix(b"\r") == _END:
            end = start + sum(len(ours) + 1 for ours in lines[number : number + 3])
            newline = b"\n" if begin == line else b"\r\n"
            return _Block(start, min(end, len(data)), begin, lines[number + 1].removesuffix(b"\r"), newline)
        start += len(line) + 1
    return None


def _block(begin: bytes, line: bytes) -> bytes:
    return b"\n".join([begin, line, _END]) + b"\n"


def _read(path: str) -> bytes | None:
    try:
        data = paths.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AwsenvError(f"cannot read {path}: {error.strerror}") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise AwsenvError(f"{path} is UTF-16 (PowerShell's > writes that)", "save it as UTF-8, then try again")
    return data


def _write(path: str, data: bytes) -> None:
    """Whole or not at all, through a symbolic link (dotfiles often are), with the permissions that the file had."""
    target = os.path.realpath(path)
    try:
        mode = os.stat(target).st_mode & 0o7777 if os.path.exists(target) else 0o644
        files.private_directory(os.path.dirname(target))
        files.write_atomic(target, data, mode)
    except OSError as error:
        raise AwsenvError(
            f"cannot write {path}: {error.strerror}", "make it writable, or add the line by hand"
        ) from None
