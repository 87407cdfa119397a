"""Fixes in the syntax of the user's shell, each command on a line of its own."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from awsenv import dialects, streams
from awsenv.result import printable

__all__ = ["fix_lines", "printed", "shell_of", "typed"]


def typed(fix: str, shell: str) -> str:
    """Translate a fix from bash's syntax to that of another shell.

    Args:
        fix: text that may contain `unset NAME…` or `export NAME=VALUE`.
        shell: a name that `awsenv.dialects` knows.
    """
    return dialects.load(shell).translate_fix(fix)


def shell_of(named: str | None, environ: Mapping[str, str]) -> str:
    """Return the shell in whose syntax fixes are written; sh if none can be detected, as in a job.

    Raises:
        AwsenvError: (2) there is no such shell.
    """
    if named is not None:
        dialects.load(named)
        return named.lower().removesuffix(".exe")
    return dialects.likely(environ)


def fix_lines(remediation: str, fix: str, shell: str, indent: str) -> list[Text]:
    """Return the lines of a fix: the label and the prose, then each command on its own line, to be copied whole."""
    prose = typed(remediation, shell).split("\n") if remediation else []
    commands = typed(fix, shell).split("\n") if fix else []
    if not prose and not commands:
        return []
    first = f" {printable(prose[0])}" if prose else ""
    colon = ":" if prose and commands and not first.endswith(":") else ""
    lines = [Text.assemble(f"{indent}fix:", (f"{first}{colon}", "bold green"))]
    return lines + [Text(f"{indent}  {printable(line)}", style="bold green") for line in [*prose[1:], *commands]]


def printed(lines: Sequence[Text], columns: int | None) -> str:
    """Render lines for a terminal of this width; with None plain, for a pipe."""
    styled = columns is not None and streams.styles()
    console = Console(file=io.StringIO(), force_terminal=styled, width=columns or 10_000, legacy_windows=False)
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
