"""The only module that writes to stdout and stderr."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.homes import Home
from support.programs import BIN

import awsenv
from awsenv import streams

PACKAGE = Path(awsenv.__file__).parent


def test_only_streams_writes_to_stdout_or_stderr() -> None:
    """Another writer could use another encoding."""
    writes = re.compile(
        r"\bos\.write\((?:1|2)\b|\bsys\.(?:stdout|stderr)\.(?:write|buffer)|(?<![\w.])print\(|\.isatty\("
    )
    allowed = {
        "streams.py",
        "__main__.py",  # a Ctrl-C before anything is imported; ASCII
        "demo/sandbox.py",  # the text of a program
    }
    writers = {
        str(path.relative_to(PACKAGE)): match.group()
        for path in PACKAGE.rglob("*.py")
        if str(path.relative_to(PACKAGE)) not in allowed and (match := writes.search(path.read_text(encoding="utf-8")))
    }
    assert writers == {}


@pytest.mark.shell
def test_a_pipe_gets_utf8_whatever_the_locale(home: Home) -> None:
    for args, code in ((("assume", "größe…", "--format", "json"), 1), (("list",), 0)):
        home.credentials.write_text(home.credentials.read_text() + ("[größe]\n" if code == 0 else ""))
        done = subprocess.run(
            [BIN / "awsenv", *args],
            env={**home.environment(PYTHONIOENCODING="latin-1"), "LC_ALL": "C.UTF-8"},
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == code
        assert "größe" in (done.stderr if code else done.stdout).decode("utf-8")


class Console(io.TextIOWrapper):
    """A Windows console in Python: a text stream that writes UTF-16."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8", newline="\n")

    def isatty(self) -> bool:
        return True


def on_windows(monkeypatch: pytest.MonkeyPatch) -> Console:
    """Not a fixture: pytest sets its own stderr after fixtures."""
    console = Console()
    monkeypatch.setattr(streams, "_WINDOWS", True)
    monkeypatch.setattr(sys, "stderr", console)
    monkeypatch.setattr(streams, "_mode_of", lambda stream: 3 if stream is console else None)
    return console


def test_a_windows_console_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    console = on_windows(monkeypatch)
    streams.say("größe…\udc80\n")
    assert console.buffer.getvalue().decode() == "größe…\\udc80\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize("supported", [True, False])
def test_colors_require_a_console_that_supports_them(supported: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    on_windows(monkeypatch)
    modes: list[int] = []
    monkeypatch.setattr(streams, "_set_mode", lambda stream, mode: modes.append(mode) or supported)
    assert streams.styles() is supported
    assert modes == [7]  # the previous mode and ENABLE_VIRTUAL_TERMINAL_PROCESSING
    monkeypatch.setenv("NO_COLOR", "1")
    assert not streams.styles()
    assert modes == [7]


def test_the_windows_nul_device_is_not_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    on_windows(monkeypatch)
    assert streams.is_terminal(sys.stderr)
    monkeypatch.setattr(streams, "_mode_of", lambda stream: None)
    assert not streams.is_terminal(sys.stderr)
    assert not streams.is_terminal(None)
