"""A real interactive shell in a pty, read through a terminal emulator."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pexpect
import pyte
import pytest

from support.clock import Clock
from support.environment import PATIENCE
from support.homes import Home
from support.shells import LOAD, SHELLS


class Terminal:
    """An interactive shell and its screen.

    Args:
        shell: a name of INTERACTIVE.
        home: the home directory, and the working directory.
        init: options of `awsenv init`, or None to start without the integration.
        clock: the clock of the shell and its children; `move` moves it.
        setup: lines to type before the integration is loaded.
        argv: the command line, instead of the shell's own.
        prompt: the line that sets the prompt, instead of the shell's own.
        more: variables of the environment. NO_COLOR="" turns colors on.
    """

    def __init__(
        self,
        shell: str,
        home: Home,
        *,
        init: str | None = "",
        clock: Clock | None = None,
        setup: str = "",
        argv: Sequence[str] | None = None,
        prompt: str | None = None,
        **more: str,
    ) -> None:
        model = SHELLS[shell]
        argv = argv or model.at_terminal()
        self.shell = shell
        self.screen = pyte.Screen(200, 60)
        self._stream = pyte.ByteStream(self.screen)
        self._cut = b""  # the beginning of an escape sequence
        self._unread = b""  # the last bytes, searched for the marker: rendering the screen takes 5 ms
        environment = home.environment(**{"NO_COLOR": "1"} | (clock.environment if clock else {}) | more)
        self._child = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            env=environment,
            cwd=str(home.path),
            dimensions=(60, 200),
            timeout=PATIENCE,
        )
        # by default pexpect waits 0.05 s before each line, and longer for the child to exit
        self._child.delaybeforesend = None
        for closed in (self._child, self._child.ptyproc):
            closed.delayafterclose = closed.delayafterterminate = 0.01
        # the reply of a terminal to a cursor position request: fzf and .NET wait for it
        self.screen.write_process_input = self.send  # type: ignore[method-assign]
        self._marker = 0
        self._clock = clock
        self.type(model.prompt if prompt is None else prompt)
        if setup:
            self.type(setup)
        if init is not None:
            self.type(LOAD[shell].replace(f"init {shell}", f"init {shell} {init}".rstrip()))

    @property
    def pid(self) -> int:
        """The process id of the shell."""
        return int(self._child.pid)

    def send(self, text: str) -> None:
        """Type a text without waiting."""
        self._child.send(text)

    def type(self, line: str) -> str:
        """Type a line, wait until the shell has run it, and return the text of the screen."""
        self.send(line + "\r")
        return self.settle()

    def settle(self) -> str:
        """Wait until the shell has run all input, and return the text of the screen."""
        self._marker += 1
        marker = f"DONE-{self._marker}:"
        # the marker is typed in two pieces, so that the echo of the input does not match it
        self.send(f"echo DONE'-'{self._marker}:\r")
        self._read(lambda: marker.encode() in self._unread, repr(marker))
        return self.text

    def ready(self) -> str:
        """Wait until the shell has run all input and shows its prompt, and return that line."""
        self.settle()
        return self.prompt()

    def enter(self) -> str:
        """Press Enter, and return the line of the new prompt."""
        self.send("\r")
        return self.ready()

    def enter_until(self, text: str) -> None:
        """Press Enter until a text is on the screen: a renewal that fails is tried again after a minute."""
        end = time.monotonic() + 90
        while text not in self.text:
            assert time.monotonic() < end, self.text
            self.enter()
            time.sleep(0.05)  # lets the other processes run

    def prompt(self) -> str:
        """Wait for the prompt, and return its line."""
        self._read(lambda: self.text.endswith("READY>"), "a prompt")
        return self.text.splitlines()[-1]

    def color_of(self, text: str) -> str:
        """Return the foreground color of a text in the line of the prompt."""
        row = len(self.text.splitlines()) - 1
        cell = self.screen.buffer[row][self.screen.display[row].index(text)]
        return f"{cell.fg}{' reverse' if cell.reverse else ''}"

    def move(self, minutes: float, *, since: float | None = None) -> None:
        """Move the clock to so many minutes from now; this works also while the prompt waits.

        Args:
            minutes: the offset.
            since: the value of `time.monotonic()` from which it counts, so that it does not matter how long the test takes.
        """
        assert self._clock
        elapsed = 0.0 if since is None else time.monotonic() - since
        self._clock.move(f"{round(minutes * 60 - elapsed):+d}")

    def until(self, text: str, seconds: float = PATIENCE) -> None:
        """Read until a text is on the screen."""
        self._read(lambda: text in self.text, repr(text), seconds)

    def until_gone(self, text: str) -> None:
        """Read until the screen has a text, but no longer this one."""
        self._read(lambda: bool(self.text) and text not in self.text, f"a screen without {text!r}")

    def _read(self, done: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                pytest.fail(f"{self.shell}: {what} does not appear:\n{self.text}")
            try:
                read = self._child.read_nonblocking(65536, timeout=0.2)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                pytest.fail(f"{self.shell} ended while waiting for {what}:\n{self.text}")
            self._feed(read)
            self._unread = (self._unread + read)[-4096:]

    def _feed(self, read: bytes) -> None:
        """Feed the screen, without the keyboard protocol of fish 4.0, which pyte would show as text."""
        whole = re.sub(rb"\x1b\[=\d+u", b"", self._cut + read)
        cut = re.search(rb"\x1b(\[(=\d*)?)?$", whole)
        end = cut.start() if cut else len(whole)
        self._cut = whole[end:]
        self._stream.feed(whole[:end])

    def show(self, variable: str) -> str:
        """Return the value of an environment variable."""
        line = {"powershell": f'"VALUE" + "=$env:{variable}."'}.get(self.shell, f"echo VALUE'='\"${variable}.\"")
        self.type(line)
        return self.text.split("VALUE=")[-1].split(".")[0]

    def status(self) -> str:
        """Return the status of the last line."""
        line = {"fish": "echo CODE'='$status.", "powershell": '"CODE" + "=$LASTEXITCODE."'}
        self.send(line.get(self.shell, "echo CODE'='$?.") + "\r")
        self.settle()
        return self.text.split("CODE=")[-1].split(".")[0]

    @property
    def text(self) -> str:
        """The text of the screen, without trailing blanks and empty lines."""
        lines = []
        for number in range(self.screen.lines):
            row = self.screen.buffer.get(number, {})  # only cells that were written; `screen.display` reads each cell
            # a character of two cells has an empty one behind it
            lines.append("".join(row[x].data if x in row else " " for x in range(max(row, default=-1) + 1)).rstrip())
        return "\n".join(lines).rstrip()

    def close(self) -> None:
        with suppress(pexpect.ExceptionPexpect):  # on a busy machine the process may outlast pexpect's wait
            self._child.close(force=True)


@contextmanager
def terminal(shell: str, home: Home, **options: Any) -> Iterator[Terminal]:
    """Open a `Terminal` with these options, and close it at the end."""
    opened = Terminal(shell, home, **options)
    try:
        yield opened
    finally:
        opened.close()


def shows_the_segment(tty: Terminal) -> None:
    """Check that the segment is shown once, at the latest in the third prompt, as a later hook may need another prompt."""
    tty.type("awsenv assume user1")
    tty.enter()
    tty.screen.reset()
    for _ in range(3):
        tty.enter()
    for line in tty.text.splitlines():
        if "READY>" in line:
            assert line.count("user1 ") == 1, tty.text
