"""The line in a shell's start-up file: added once, between markers, and removed again to the byte."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from awsenv import dialects, program
from awsenv.aws import paths
from awsenv.integration import script_copy
from awsenv.result import AwsenvError
from awsenv.system import files

__all__ = ["add", "add_for_login", "line_of", "path_of", "remove"]

_BEGIN = b"# >>> awsenv >>>"
_END = b"# <<< awsenv <<<"
_LARGEST = 1 << 24
# the same where the file had no final newline or did not exist, which `remove` then restores
_BEGIN_AFTER_NEWLINE = b"# >>> awsenv (with the newline before this line) >>>"
_BEGIN_OF_FILE = b"# >>> awsenv (made this file) >>>"
# any of these lines, even if the user has indented it or added something to it
_MARKER = re.compile(rb"^[^\S\n]*#[^\S\n]*(?:>>>|<<<) awsenv\b", re.MULTILINE)
# the line between two markers; an editor may have changed the newlines
_BLOCK = re.compile(
    rb"^(?P<begin>%s)(?P<newline>\r?\n)(?!%s)(?P<line>.*?)\r?\n%s\r?(?:\n|\Z)"
    % (
        b"|".join(map(re.escape, (_BEGIN, _BEGIN_AFTER_NEWLINE, _BEGIN_OF_FILE))),
        _MARKER.pattern,
        re.escape(_END),
    ),
    re.MULTILINE,
)


def path_of(shell: str, environ: Mapping[str, str]) -> str:
    """Return the start-up file of interactive shells; AwsenvError for a shell without one."""
    return dialects.load_hooked(shell).rc_path(environ)


def line_of(shell: str, environ: Mapping[str, str]) -> str:
    """Return the line for the start-up file."""
    path = program.program()
    copy = script_copy.path_of(shell, environ) if os.path.isabs(path) else None
    return dialects.load_hooked(shell).rc_line(path, copy)


def add(shell: str, environ: Mapping[str, str]) -> tuple[str, bool]:
    """Add the line, or update it for a new path of awsenv.

    Returns:
        The file, and whether it changed.

    Raises:
        AwsenvError: the file cannot be read or written, or what awsenv put there is damaged.
    """
    path = path_of(shell, environ)
    return path, _add_to(path, line_of(shell, environ))


def add_for_login(shell: str, environ: Mapping[str, str]) -> tuple[str, bool] | None:
    """Do the same in the file that login shells read instead; return None if they read the same file."""
    found = dialects.load_hooked(shell).login_rc(environ, line_of(shell, environ))
    return (found[0], _add_to(*found)) if found else None


def _add_to(path: str, text: str) -> bool:
    old = _read(path)
    line = text.encode("utf-8", "surrogateescape")
    blocks = _find(old or b"", path)
    if old is None:
        new = _block(_BEGIN_OF_FILE, line)
    elif blocks:
        first = blocks[0]
        ours = first[0] if first["line"] == line else _block(first["begin"], line)
        new = old[: first.start()] + ours + _without(blocks[1:], old)[first.end() :]
    elif old and not old.endswith(b"\n"):
        new = old + b"\n" + _block(_BEGIN_AFTER_NEWLINE, line)
    else:
        new = old + _block(_BEGIN, line)
    if new == old:
        return False
    _write(path, new)
    return True


def remove(shell: str, environ: Mapping[str, str]) -> list[str]:
    """Remove the line, which leaves each file as it was before `add`, and return the files that changed.

    Raises:
        AwsenvError: as for `add`.
    """
    return [path for path in dialects.load_hooked(shell).rc_paths(environ) if _remove_from(path, environ)]


def _remove_from(path: str, environ: Mapping[str, str]) -> bool:
    old = _read(path)
    blocks = _find(old or b"", path)
    if old is None or not blocks:
        return False
    new = _without(blocks, old)
    if blocks[0]["begin"] != _BEGIN_OF_FILE or new:
        _write(path, new)
        return True
    files.discard(os.path.realpath(path))
    directory = os.path.dirname(path)
    if not paths.same(directory, paths.home(environ)):
        with suppress(OSError):  # it may contain other files
            os.rmdir(directory)
    return True


def _find(data: bytes, path: str) -> list[re.Match[bytes]]:
    """Return the blocks, in order.

    Raises:
        AwsenvError: a marker is not where `add` puts it; only the user can tell which lines around it are awsenv's.
    """
    blocks = list(_BLOCK.finditer(data))
    for marker in _MARKER.finditer(data):
        if not any(block.start() <= marker.start() < block.end() for block in blocks):
            number = data.count(b"\n", 0, marker.start()) + 1
            raise AwsenvError(
                f"what awsenv install put into {path} is damaged: line {number} is a marker without the rest",
                "delete awsenv's lines there by hand, then try again",
            )
    return blocks


def _without(blocks: Sequence[re.Match[bytes]], data: bytes) -> bytes:
    """Return the data of a file without these blocks."""
    for block in reversed(blocks):
        before, after = data[: block.start()], data[block.end() :]
        if block["begin"] == _BEGIN_AFTER_NEWLINE and not after:
            before = before.removesuffix(block["newline"])
        data = before + after
    return data


def _block(begin: bytes, line: bytes) -> bytes:
    return b"\n".join([begin, line, _END]) + b"\n"


def _read(path: str) -> bytes | None:
    try:
        data = paths.read_regular(path, _LARGEST)
    except paths.MISSING:
        return None
    except OSError as error:
        raise AwsenvError(f"cannot read {path}: {error.strerror}") from None
    if data is None:
        raise AwsenvError(f"cannot edit {path}: it is not a file, or too large", f"look at it: {paths.look_at(path)}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise AwsenvError(f"{path} is UTF-16 (PowerShell's > writes that)", "save it as UTF-8, then try again")
    return data


def _write(path: str, data: bytes) -> None:
    """Write the file atomically, through symbolic links (dotfiles often are), and keep its owner and mode."""
    target = os.path.realpath(path)
    try:
        if os.path.exists(target):
            files.rewrite(target, data)
            return
        files.private_directory(os.path.dirname(target))
        files.write_atomic(target, data, 0o644)
    except OSError as error:
        raise AwsenvError(
            f"cannot write {path}: {error.strerror}", "make it writable, or add the line by hand"
        ) from None
