"""What a person types next, in the words of the shell that asked."""

from __future__ import annotations

import re

from awsenv.dialects import NAMES

__all__ = ["typed"]

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
