"""POSIX sh, dash, busybox ash, ksh, yash, posh (POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes)."""

from awsenv.dialects.bash import Posix, posix_quote

__all__ = ["DIALECT", "Sh"]


class Sh(Posix):
    """No function can hide a special builtin (POSIX.1-2017, 2.9.1), only an alias can."""

    BUILTIN = "\\"
    COMMAND = "\\command "
    CAN_REMOVE_ITSELF = False  # ksh 2020 crashes

    def quote(self, value: str) -> str:
        return posix_quote(value)


DIALECT = Sh()
