"""Data for the PowerShell function and Clink's script: lines `NAME=VALUE`, percent-encoded, `NAME=` to unset.

Not code, which `Set-PSDebug -Trace` and the script block log of Windows would record, secrets included.
"""

from awsenv.dialects import powershell
from awsenv.dialects.cmd import Cmd

__all__ = ["DIALECT", "Data"]


class Data(Cmd):
    """Messages and fixes are those of PowerShell."""

    has_state = True

    def quote(self, value: str) -> str:
        """Encode for `[Uri]::UnescapeDataString`; ValueError if PowerShell cannot hold the value."""
        powershell.DIALECT.quote(value)
        return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"%{byte:02X}" for byte in value.encode())

    def assign(self, name: str, value: str) -> str:
        """The script tells it by the prefix `__awsenv_` of the name."""
        return self.export(name, value)

    def print_stderr(self, text: str) -> str:
        return powershell.DIALECT.print_stderr(text)

    def translate_fix(self, fix: str) -> str:
        return powershell.DIALECT.translate_fix(fix)


DIALECT = Data()
