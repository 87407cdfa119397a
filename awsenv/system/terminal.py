"""Prompts and progress: never on stdout, which a shell evaluates, but on the terminal itself."""

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
    """The terminal to read from and to write to.

    Raises:
        NoTerminalError: this process has none, or is in its background.
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
    """Whether reading from it would stop this process, and its caller would wait forever."""
    if sys.platform == "win32":
        return False
    try:
        return os.tcgetpgrp(terminal.fileno()) != os.getpgrp()
    except OSError:
        return False


def ask(question: str) -> str:
    """The line that the user types, stripped; NoTerminalError without a terminal."""
    with conversation() as (answers, questions):
        questions.write(printable(question))
        questions.flush()
        return read_line(answers).strip()


def read_line(answers: TextIO) -> str:
    """The line that the user types, empty at the end of input.

    A Ctrl-C between the question and the read would be lost until Enter is pressed, as it ends no read to come.
    https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
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
    """Write one line to stderr, while something takes time."""
    streams.say(f"awsenv: {printable(line)}\n")


def show(*lines: str) -> None:
    """Lines for the user right now: on the terminal, or on stderr without one. stdout is for the shell."""
    text = "".join(f"{printable(line)}\n" for line in lines)
    try:
        with conversation() as (_, questions):
            questions.write(text)
    except NoTerminalError:
        streams.say(text)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done, on one line of stderr that is removed at the end.

    Without a terminal it shows nothing. The cursor stays at the start of the line, so that the message after a Ctrl-C,
    which removes nothing, overwrites it: it is as long.
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
    """The width of a terminal; None for anything else."""
    if stream is None or not streams.is_terminal(stream):
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
