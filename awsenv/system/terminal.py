"""Talking to the person: never over stdout, which is for the shell to evaluate, but over the terminal itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from awsenv.result import printable
from awsenv.system import streams

__all__ = ["NoTerminalError", "ask", "columns", "conversation", "progress", "tell"]


class NoTerminalError(Exception):
    """There is nobody to ask."""


@contextmanager
def conversation() -> Iterator[tuple[TextIO, TextIO]]:
    """The terminal to read from and to write to; NoTerminalError if this process has none, or is in its background."""
    names = ("CONIN$", "CONOUT$") if sys.platform == "win32" else ("/dev/tty", "/dev/tty")
    try:
        answers = open(names[0], encoding="utf-8", errors="replace")
        questions = open(names[1], "w", encoding="utf-8")
    except OSError as error:
        raise NoTerminalError from error
    with answers, questions:
        if _in_background(answers):
            raise NoTerminalError
        yield answers, questions


def _in_background(terminal: TextIO) -> bool:
    """Whether to read from it would stop this process, and whoever waits for it would wait for ever."""
    if sys.platform == "win32":
        return False
    try:
        return os.tcgetpgrp(terminal.fileno()) != os.getpgrp()
    except OSError:
        return False


def ask(question: str) -> str:
    """What the person types, without the blanks around it; NoTerminalError if there is nobody."""
    with conversation() as (answers, questions):
        questions.write(question)
        questions.flush()
        return answers.readline().strip()


def tell(line: str) -> None:
    """One line on stderr while something takes its time."""
    streams.say(f"awsenv: {printable(line)}\n")


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done, on one line of stderr that is taken away at the end.

    Without a terminal it shows nothing. The cursor waits at the line's beginning, so that what is said after a Ctrl-C,
    which takes nothing away, stands there alone: it is as long.
    """
    width = 0

    def show(text: str) -> None:
        nonlocal width
        text = printable(text)[: len("awsenv: interrupted, nothing was changed")]
        streams.say(f"{text:<{width}}\r")
        width = len(text)

    if not streams.is_terminal(sys.stderr):
        yield lambda text: None
        return
    try:
        yield show
    finally:
        show("")


def columns(stream: TextIO | None) -> int | None:
    """The width of a terminal, None for what is none."""
    if stream is None or not streams.is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
