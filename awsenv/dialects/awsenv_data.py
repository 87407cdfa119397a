"""What the PowerShell function and Clink's script read: lines `NAME=VALUE`, percent-encoded, `NAME=` to unset.

Data, not code: that would appear in the transcripts of `Set-PSDebug -Trace` and in Windows' script block log, secrets
included.
"""

from __future__ import annotations

from awsenv.dialects import powershell
from awsenv.dialects.cmd import fail, success, unset
from awsenv.dialects.powershell import print_stderr, translate_fix

__all__ = ["assign", "export", "fail", "print_stderr", "quote", "success", "translate_fix", "unset"]


def quote(value: str) -> str:
    """What `[Uri]::UnescapeDataString` turns back; ValueError for what PowerShell cannot hold."""
    powershell.quote(value)
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"%{byte:02X}" for byte in value.encode())


def export(name: str, value: str) -> str:
    """A line with a value."""
    return f"{name}={quote(value)}"


def assign(name: str, value: str) -> str:
    """The name says that it is a variable of the script's own."""
    return f"{name}={quote(value)}"
