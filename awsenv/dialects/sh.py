"""POSIX sh, dash, busybox ash, ksh, yash, posh (POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes)."""

from __future__ import annotations

from awsenv.dialects.bash import Posix, posix_quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from awsenv.environment import Change

__all__ = ["DIALECT", "Sh"]


class Sh(Posix):
    """No function can hide a special builtin (POSIX.1-2017, 2.9.1), only an alias can."""

    BUILTIN = "\\"
    COMMAND = "\\command "

    def quote(self, value: str) -> str:
        return posix_quote(value)

    def made(self, change: Change, statements: Sequence[str], state: Sequence[str], *, whole: bool) -> Sequence[str]:
        """(It is ksh 2020 that crashes when a function removes itself.)"""
        return self.function(change, state, whole=whole, unset="\\unset", crashes=True)


DIALECT = Sh()
