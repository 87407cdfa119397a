"""What a person types next, in the words of the shell that asked."""

from __future__ import annotations

import re

from awsenv.dialects import NAMES

__all__ = ["typed"]

_NAME = "(?:[A-Z][A-Z0-9_]*|[a-z]+_proxy)"  # in capitals, as prose may follow
_UNSET = re.compile(rf"\bunset((?: {_NAME}\b)+)")
_QUOTED = re.compile(r"'([^'\"]*)'")
_EXPORT = re.compile(rf"\bexport ({_NAME})=([^\s;,)&]+)")


def typed(fix: str, shell: str) -> str:
    """A fix in bash's syntax, as it is typed in another shell.

    Args:
        fix: with `unset NAME…` or `export NAME=VALUE` somewhere in it, or neither.
        shell: a name that `awsenv.dialects` knows.
    """
    dialect = NAMES[shell]
    if dialect == "fish":
        fix = _UNSET.sub(r"set -e\1", fix)
        return _EXPORT.sub(r"set -gx \1 \2", fix)
    if dialect in ("powershell", "awsenv_ps1"):
        fix = _UNSET.sub(lambda found: "Remove-Item " + ", ".join(f"Env:{name}" for name in found[1].split()), fix)
        return _EXPORT.sub(r"$env:\1 = '\2'", fix)
    if dialect in ("cmd", "awsenv_cmd"):
        fix = _UNSET.sub(lambda found: " & ".join(f'set "{name}="' for name in found[1].split()), fix)
        return _QUOTED.sub(r'"\1"', _EXPORT.sub(r'set "\1=\2"', fix))
    return fix
