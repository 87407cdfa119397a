"""Talking to the person: never over stdout, which is for the shell to evaluate, but over the terminal itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from awsenv.outcome import AwsenvError

__all__ = ["NoTerminalError", "ask_mfa_code", "ask_nobody", "conversation"]


class NoTerminalError(Exception):
    """There is nobody to ask."""


@contextmanager
def conversation() -> Iterator[tuple[TextIO, TextIO]]:
    """The terminal to read from and to write to; NoTerminalError if this process has none."""
    names = ("CONIN$", "CONOUT$") if sys.platform == "win32" else ("/dev/tty", "/dev/tty")
    try:
        answers = open(names[0], encoding="utf-8", errors="replace")
        questions = open(names[1], "w", encoding="utf-8")
    except OSError as error:
        raise NoTerminalError from error
    with answers, questions:
        yield answers, questions


def ask_mfa_code(prompt: str) -> str:
    """The code that the person types, for botocore's prompt (which names the device)."""
    try:
        with conversation() as (answers, questions):
            questions.write(prompt)
            questions.flush()
            code = answers.readline().strip()
    except NoTerminalError:
        raise AwsenvError(
            f"an MFA code is needed ({prompt.strip().rstrip(':')}) and there is no terminal to ask on",
            "run it once in a terminal; the session is then cached",
        ) from None
    if len(code) != 6 or not (code.isdigit() and code.isascii()):
        raise AwsenvError("what was typed is not an MFA code of six digits", "try again")
    return code


def ask_nobody(prompt: str) -> str:
    """In place of `ask_mfa_code` when --no-input forbids to ask."""
    raise AwsenvError(
        f"an MFA code is needed ({prompt.strip().rstrip(':')}) and --no-input forbids to ask for it",
        "run it without --no-input; the session is then cached",
    )
