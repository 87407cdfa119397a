"""POSIX sh, dash, busybox ash, ksh (POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes)."""

from __future__ import annotations

from awsenv.dialects import typed_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["export", "fail", "print_stderr", "quote", "raw_line", "success", "translate_fix", "unset"]


def quote(value: str) -> str:
    """Single quotes, in which only the quote itself is special."""
    if "\0" in value:
        raise ValueError("contains a NUL byte, which no environment variable can hold")
    return "'" + value.replace("'", "'\\''") + "'"


def export(name: str, value: str) -> str:
    """Assign, then export: ksh88 and old dash split the words of `export NAME=…`."""
    return f"{name}={quote(value)}; export {name};"


def unset(name: str) -> str:
    """Remove the variable; fine when it is not there."""
    return f"unset {name};"


def success() -> str:
    """`:` so that the status is 0, whatever the last `unset` said."""
    return ":;"


def fail(code: int) -> str:
    """A subshell's exit: `eval` of nothing would be a success."""
    return f"(exit {code});"


def print_stderr(text: str) -> str:
    """Show the text on stderr."""
    return f"printf '%s\\n' {quote(text)} >&2;"


def raw_line(words: Sequence[str]) -> str:
    """`eval` in quotes: without them the lines would be joined."""
    return f'eval "$({typed_words(words, quote)})"'


def translate_fix(fix: str) -> str:
    """Unchanged: it is written for POSIX shells."""
    return fix
