"""What the PowerShell function and Clink's script read: lines `NAME=VALUE`, percent-encoded, `NAME=` to unset.

Data, not code: that would appear in the transcripts of `Set-PSDebug -Trace` and in Windows' script block log, secrets
included.
"""

from __future__ import annotations

from awsenv.dialects import powershell
from awsenv.dialects.cmd import Cmd

__all__ = ["DIALECT", "Data"]


class Data(Cmd):
    """What is evaluated, that is messages and fixes, is PowerShell's."""

    has_state = True

    def quote(self, value: str) -> str:
        """What `[Uri]::UnescapeDataString` turns back; ValueError for what PowerShell cannot hold."""
        powershell.DIALECT.quote(value)
        return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"%{byte:02X}" for byte in value.encode())

    def assign(self, name: str, value: str) -> str:
        """The name says that it is a variable of the script's own."""
        return self.export(name, value)

    def print_stderr(self, text: str) -> str:
        return powershell.DIALECT.print_stderr(text)

    def translate_fix(self, fix: str) -> str:
        return powershell.DIALECT.translate_fix(fix)


DIALECT = Data()
