"""POSIX sh, dash, busybox ash, ksh, yash, posh (POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes)."""

from __future__ import annotations

from awsenv.dialects import bash
from awsenv.dialects.bash import fail, raw_line, success, translate_fix, unset
from awsenv.dialects.bash import posix_quote as quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["export", "fail", "print_stderr", "quote", "raw_line", "success", "translate_fix", "unset", "verified"]


def export(name: str, value: str) -> str:
    """A statement for `verified`."""
    return f'"$1" {name} {quote(value)} &&'


def verified(statements: Sequence[str], state: Sequence[str], *, whole: bool) -> list[str]:
    """No function can hide a special builtin here (POSIX.1-2017, 2.9.1), only an alias can. In ksh and mksh a name may
    refer to another variable; in mksh a plain `typeset` would make a local one.
    """
    own_name = 'case ${KSH_VERSION-} in *MIRBSD* | *LEGACY*) \\typeset -g +n "$1";; Version*) \\typeset +n "$1";; esac;'
    return bash.verified(statements, state, whole=whole, builtin="\\", command="\\command ", before_put=own_name)


def print_stderr(text: str) -> str:
    """Show the text on stderr."""
    return f"printf '%s\\n' {quote(text)} >&2;"
