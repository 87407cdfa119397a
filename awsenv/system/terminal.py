"""Prompts and progress, on the terminal itself, as a shell may evaluate stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from awsenv import streams
from awsenv.result import printable

__all__ = ["NoTerminalError", "ask", "columns", "conversation", "progress", "read_line", "show", "tell"]


class NoTerminalError(Exception):
    """There is no terminal to prompt on."""


@contextmanager
def conversation() -> Iterator[tuple[TextIO, TextIO]]:
    """Open the terminal to read from and to write to.

    Raises:
        NoTerminalError: this process has none, or is in the background.
    """
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
    """Whether reading from the terminal would stop this process, so that its caller would wait forever."""
    if sys.platform == "win32":
        return False
    try:
        return os.tcgetpgrp(terminal.fileno()) != os.getpgrp()
    except OSError:
        return False


def ask(question: str) -> str:
    """Prompt for a line and return it, stripped; raise NoTerminalError without a terminal."""
    with conversation() as (answers, questions):
        questions.write(printable(question))
        questions.flush()
        return read_line(answers).strip()


def read_line(answers: TextIO) -> str:
    """Return the line that the user types; empty at the end of input.

    `readline` alone would not notice a Ctrl-C that comes just before it until Enter is pressed:
    https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd.
    """
    if sys.platform != "win32":
        import select
        import signal

        ends = os.pipe()
        os.set_blocking(ends[1], False)
        before = signal.set_wakeup_fd(ends[1])
        try:
            select.select([answers.fileno(), ends[0]], [], [])
        finally:
            signal.set_wakeup_fd(before)
            for end in ends:
                os.close(end)
    return answers.readline()


def tell(line: str) -> None:
    """Write a line to stderr, while something takes time."""
    streams.say(f"awsenv: {printable(line)}\n")


def show(*lines: str) -> None:
    """Show lines at once: on the terminal, or without one on stderr. stdout is for the shell."""
    text = "".join(f"{printable(line)}\n" for line in lines)
    try:
        with conversation() as (_, questions):
            questions.write(text)
    except NoTerminalError:
        streams.say(text)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Give a function that shows what is being done, on one line of stderr that is erased at the end.

    Without a terminal it shows nothing. The cursor stays at the start of the line, which is no longer than the message
    after a Ctrl-C, so that this overwrites it.
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
    """Return the width of a terminal; None for anything else."""
    if stream is None or not streams.is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
