"""POSIX sh, dash, busybox ash, ksh (POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes)."""

from __future__ import annotations

from awsenv.dialects import posix_fail as fail
from awsenv.dialects import posix_quote as quote
from awsenv.dialects import posix_raw_line as raw_line
from awsenv.dialects import posix_success as success
from awsenv.dialects import posix_translate_fix as translate_fix
from awsenv.dialects import posix_unset as unset

__all__ = ["export", "fail", "print_stderr", "quote", "raw_line", "success", "translate_fix", "unset"]


def export(name: str, value: str) -> str:
    """Assign, then export: ksh88 and old dash split the words of `export NAME=…`."""
    return f"{name}={quote(value)}; export {name};"


def print_stderr(text: str) -> str:
    """Show the text on stderr."""
    return f"printf '%s\\n' {quote(text)} >&2;"
