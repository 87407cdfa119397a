"""What a person types next, in the words of the shell that asked."""

from __future__ import annotations

import re
import sys

from awsenv.dialects import NAMES

__all__ = ["look_at_clock", "look_at_file", "typed"]

_NAME = "(?:[A-Z][A-Z0-9_]*|[a-z]+_proxy)"  # in capitals, as a cure goes on in words
_UNSET = re.compile(rf"\bunset((?: {_NAME}\b)+)")
_QUOTED = re.compile(r"'([^'\"]*)'")
_EXPORT = re.compile(rf"\bexport ({_NAME})=([^\s;,)&]+)")


def typed(cure: str, shell: str) -> str:
    """A cure, written as for bash, as a person types it in another shell.

    Args:
        cure: with `unset NAME…` or `export NAME=VALUE` somewhere in it, or neither.
        shell: a name that `awsenv.dialects` knows.
    """
    dialect = NAMES[shell]
    if dialect == "fish":
        cure = _UNSET.sub(r"set -e\1", cure)
        return _EXPORT.sub(r"set -gx \1 \2", cure)
    if dialect in ("powershell", "awsenv_ps1"):
        cure = _UNSET.sub(lambda found: "Remove-Item " + ", ".join(f"Env:{name}" for name in found[1].split()), cure)
        return _EXPORT.sub(r"$env:\1 = '\2'", cure)
    if dialect in ("cmd", "awsenv_cmd"):
        cure = _UNSET.sub(lambda found: " & ".join(f'set "{name}="' for name in found[1].split()), cure)
        return _QUOTED.sub(r'"\1"', _EXPORT.sub(r'set "\1=\2"', cure))
    return cure


def look_at_file(path: str) -> str:
    """The command that shows who may do what with a file."""
    if sys.platform == "win32":
        return f"icacls '{path}'"
    import shlex

    return f"ls -ld {shlex.quote(path)}"


def look_at_clock() -> str:
    """The command that shows what time it is for this machine. (`date` of cmd sets it.)"""
    return "w32tm /query /status" if sys.platform == "win32" else "date -u"
