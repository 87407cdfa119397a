"""wine's cmd, and Unix programs that run in it as Windows programs."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from support.environment import PATIENCE
from support.homes import Home
from support.programs import BIN, need, unixrun


@cache
def environment() -> dict[str, str]:
    """Return the environment of wine: a prefix of its own, which takes seconds to make, and no log output."""
    prefix = os.environ.get("AWSENV_TEST_WINEPREFIX")
    if prefix is None:
        prefix = tempfile.mkdtemp(prefix="awsenv-wine-")
        atexit.register(shutil.rmtree, prefix, ignore_errors=True)
    found = {"WINEPREFIX": prefix, "WINEDEBUG": "-all", "DISPLAY": ""}
    if shutil.which("wine"):
        subprocess.run(
            ["wine", "cmd", "/c", "exit"], env=os.environ | found, capture_output=True, timeout=300, check=False
        )
    return found


@cache
def awsenv_cmd() -> bytes:
    """Return the script awsenv.cmd."""
    return subprocess.run([BIN / "awsenv", "init", "cmd"], capture_output=True, check=True).stdout


def put_programs(directory: Path, unixrun: str, programs: Mapping[str, list[str]]) -> None:
    """Write awsenv.cmd, and for each name an .exe that starts a Unix program.

    Args:
        directory: gets the files.
        unixrun: the Windows program that starts a Unix program.
        programs: name -> command.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "awsenv.cmd").write_bytes(awsenv_cmd())
    for name, command in programs.items():
        shutil.copy(unixrun, directory / f"{name}.exe")
        (directory / f"{name}.unix").write_text("".join(f"{arg}\n" for arg in command))


def put(directory: Path, program: Path = BIN / "awsenv") -> None:
    """Write awsenv.cmd, and an awsenv-core.exe that starts a Unix program."""
    put_programs(directory, unixrun(), {"awsenv-core": [str(program)]})


def wine(home: Home, directory: Path, *args: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run wine's cmd with these arguments; `typed` is its input."""
    program = need("cmd (wine)", shutil.which("wine"), "cmd")
    (directory / "typed").write_bytes("".join(f"{line}\r\n" for line in typed.splitlines()).encode())
    with open(directory / "typed", "rb") as keyboard:
        return subprocess.run(
            [program, "cmd", *args],
            env=home.environment(**more) | environment(),
            cwd=directory, capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=keyboard,
        )  # fmt: skip


def cmd(home: Home, directory: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `cmd /c awsenv.cmd ARGS`."""
    put(directory)
    return wine(home, directory, "/c", "awsenv.cmd", *args, **more)
