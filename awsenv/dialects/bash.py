"""bash 3.2 and later (Bash Reference Manual, 3.1.2.4 ANSI-C Quoting)."""

from __future__ import annotations

from awsenv.dialects.sh import done, fail, unset
from awsenv.dialects.sh import quote as quote_plain

__all__ = ["done", "export", "fail", "quote", "say", "unset"]


def quote(value: str) -> str:
    """Always quoted: zsh would expand a bare `=ls`, and both a bare `~`.

    With control characters the ANSI-C form keeps the statement on one line. Its octal escapes have three digits,
    so that a digit that follows is never taken for part of one.
    """
    if "\0" in value or not any(character < " " or character == "\x7f" for character in value):
        return quote_plain(value)
    written = []
    for byte in value.encode("utf-8", "surrogateescape"):
        if byte in b"'\\":
            written.append("\\" + chr(byte))
        elif 0x20 <= byte < 0x7F:
            written.append(chr(byte))
        else:
            written.append(f"\\{byte:03o}")
    return "$'" + "".join(written) + "'"


def export(name: str, value: str) -> str:
    """Exports also from inside a function."""
    return f"export {name}={quote(value)};"


def say(text: str) -> str:
    """Show the text, of any number of lines, on stderr. It stays readable as it stands: it is help, not data."""
    return f"printf '%s\\n' {quote_plain(text)} >&2;"
