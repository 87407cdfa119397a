"""What a fix, which is written as for bash, may have in it, for the dialects that write it in another way."""

from __future__ import annotations

import re

__all__ = ["EXPORT", "QUOTED", "UNSET"]

_NAME = "(?:[A-Z][A-Z0-9_]*|[a-z]+_proxy)"  # in capitals, as prose may follow
UNSET = re.compile(rf"\bunset((?: {_NAME}\b)+)")
EXPORT = re.compile(rf"\bexport ({_NAME})=([^\s;,)&]+)")
QUOTED = re.compile(r"(?<!in \()'([^'\"]*)'")  # not cmd's own: for /f … in ('COMMAND')
