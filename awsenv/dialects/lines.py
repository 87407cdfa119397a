"""Command lines to type: quoting of args, and the patterns for translating a fix, which is in the syntax of bash."""

import re
from collections.abc import Callable, Sequence

__all__ = ["EXPORT", "QUOTED", "UNSET", "typed"]

_NAME = "(?:[A-Z][A-Z0-9_]*|[a-z]+_proxy)"  # in capitals, as prose may follow
UNSET = re.compile(rf"\bunset((?: {_NAME}\b)+)")
EXPORT = re.compile(rf"\bexport ({_NAME})=([^\s;,)&]+)")
QUOTED = re.compile(r"(?<!in \()'([^'\"]*)'")  # not cmd's own: for /f … in ('COMMAND')
_PLAIN = re.compile(r"[A-Za-z0-9./:_-]+")


def typed(args: Sequence[str], quote: Callable[[str], str]) -> str:
    """Return a command line with quotes only where they are needed."""
    return " ".join(arg if _PLAIN.fullmatch(arg) else quote(arg) for arg in args)
