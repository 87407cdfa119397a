"""zsh 5: bash's statements mean the same there, also under KSH_ARRAYS, SH_WORD_SPLIT, RC_QUOTES and `emulate sh`."""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.dialects import bash
from awsenv.dialects.bash import (
    DEMO_OPTIONS,
    assign,
    demo_step,
    export,
    fail,
    guarded,
    header,
    print_stderr,
    quote,
    raw_line,
    success,
    translate_fix,
    unset,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "DEMO_OPTIONS",
    "DEMO_PROMPT",
    "PROGRAMS",
    "assign",
    "demo_command",
    "demo_step",
    "export",
    "fail",
    "guarded",
    "header",
    "print_stderr",
    "quote",
    "raw_line",
    "rc_line",
    "rc_path",
    "success",
    "translate_fix",
    "unset",
]

PROGRAMS = ("zsh",)
DEMO_PROMPT = "PROMPT='demo %% '"


def rc_path(environ: Mapping[str, str]) -> str:
    """$ZDOTDIR/.zshrc (zshall, STARTUP/SHUTDOWN FILES)."""
    return os.path.join(environ.get("ZDOTDIR") or paths.home(environ), ".zshrc")


def rc_line(program: str, copy: str | None) -> str:
    """See `awsenv.dialects.Dialect`."""
    return bash.rc_line(program, copy, "zsh")


def demo_command(program: str, rc_path: str, load: str) -> list[str]:
    """The demo's home has the file that it reads."""
    del rc_path, load
    return [program, "-i"]
