"""What `awsenv.cmd` reads: cmd's lines, and a last one with the exit code, as `for /f` has none of its own."""

from __future__ import annotations

from awsenv.dialects.cmd import export, quote, say, unset

__all__ = ["done", "export", "fail", "quote", "say", "unset"]


def done() -> str:
    """The exit code 0."""
    return "AWSENV_RC=0"


def fail(code: int) -> str:
    """The exit code, and no change."""
    return f"AWSENV_RC={code}"
