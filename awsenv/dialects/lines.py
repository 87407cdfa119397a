"""Lines that people type: their words, and what a fix, which is written as for bash, may have in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

__all__ = ["EXPORT", "QUOTED", "UNSET", "typed"]

_NAME = "(?:[A-Z][A-Z0-9_]*|[a-z]+_proxy)"  # in capitals, as prose may follow
UNSET = re.compile(rf"\bunset((?: {_NAME}\b)+)")
EXPORT = re.compile(rf"\bexport ({_NAME})=([^\s;,)&]+)")
QUOTED = re.compile(r"(?<!in \()'([^'\"]*)'")  # not cmd's own: for /f … in ('COMMAND')
_PLAIN = re.compile(r"[A-Za-z0-9./:_-]+")


def typed(words: Sequence[str], quote: Callable[[str], str]) -> str:
    """Words as people type them: in quotes only where it has to be."""
    return " ".join(word if _PLAIN.fullmatch(word) else quote(word) for word in words)
