"""What `awsenv.cmd` reads: cmd's lines, and a last one with the exit code, as `for /f` has none of its own."""

from __future__ import annotations

from awsenv.dialects.cmd import export, print_stderr, quote, translate_fix, unset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.environment import Change

__all__ = ["amend", "export", "fail", "print_stderr", "quote", "success", "translate_fix", "unset"]


def amend(change: Change, environ: Mapping[str, str], now: int) -> Change:
    """The change that this shell is to make, which is its prompt, too; see `awsenv.integration.cmd_prompt`."""
    from awsenv.integration.cmd_prompt import with_prompt

    return with_prompt(change, environ, now)


def success() -> str:
    """The exit code 0."""
    return "AWSENV_RC=0"


def fail(code: int) -> str:
    """The exit code, and no change."""
    return f"AWSENV_RC={code}"
