"""POSIX sh, dash, busybox ash, ksh, yash, posh (POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes)."""

from __future__ import annotations

from awsenv.dialects import bash
from awsenv.dialects.bash import fail, raw_line, success, translate_fix
from awsenv.dialects.bash import posix_quote as quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsenv.environment import Change

__all__ = ["export", "fail", "print_stderr", "quote", "raw_line", "success", "translate_fix", "unset", "verified"]


def export(name: str, value: str) -> str:
    """No function can hide a special builtin (POSIX.1-2017, 2.9.1), only an alias can."""
    return f"\\export {name}={quote(value)};"


def unset(name: str) -> str:
    """As `export`."""
    return f"\\unset {name};"


def verified(change: Change, state: Sequence[str], *, whole: bool) -> list[str]:
    """See `awsenv.dialects.Dialect`. (It is ksh 2020 that crashes when a function removes itself.)"""
    more = {"unset": "\\unset", "builtin": "\\", "command": "\\command "}
    return bash.function(change, state, export, whole=whole, removes_itself=False, **more)


def print_stderr(text: str) -> str:
    """Show the text on stderr."""
    return f"printf '%s\\n' {quote(text)} >&2;"
