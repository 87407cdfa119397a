r"""fish 3.1 and later: inside single quotes only `\\` and `\'` are escapes (fish documentation, "Quotes")."""

from __future__ import annotations

__all__ = ["done", "export", "fail", "quote", "say", "unset"]


def quote(value: str) -> str:
    r"""Single quotes; control characters stand outside them as `\x0a`, bytes that are not UTF-8 as `\Xff`."""
    if "\0" in value:
        raise ValueError("contains a NUL byte, which no environment variable can hold")
    written = []
    for character in value:
        if character in "\\'":
            written.append("\\" + character)
        elif character < " " or character == "\x7f":
            written.append(f"'\\x{ord(character):02x}'")
        elif "\udc80" <= character <= "\udcff":  # how Python holds a byte that it could not decode
            written.append(f"'\\X{ord(character) - 0xDC00:02x}'")
        else:
            written.append(character)
    return "'" + "".join(written) + "'"


def export(name: str, value: str) -> str:
    """`-g`: without it a function's variable dies with the function, and a universal one is overwritten on disk."""
    return f"set -gx {name} {quote(value)};"


def unset(name: str) -> str:
    """`-g`: without it a universal variable of that name is deleted in every session.

    Nothing can hide one from the programs of this session alone. So it stays, is named, and `done` fails.
    """
    cure = f"awsenv: {name} stays set, as a universal variable; set -eU {name} removes it for good"
    return f"set -eg {name}; if set -q {name}; set -g __awsenv_kept; echo '{cure}' >&2; end;"


def done() -> str:
    """`set` leaves $status alone: without this an older failure would look like ours."""
    return "if set -q __awsenv_kept; set -e __awsenv_kept; false; else; true; end;"


def fail(code: int) -> str:
    """Status 1: in fish 3.1 nothing sourced can set another one (`return 3` is a syntax error outside a function)."""
    del code
    return "false;"


def say(text: str) -> str:
    """Show the text, of any number of lines, on stderr."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"printf '%s\\n' '{escaped}' >&2;"
