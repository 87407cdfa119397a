"""The programs that tests run, and what happens to a test whose program is missing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

#: Where the awsenv under test is installed, and the Python packages of the tests.
BIN = Path(sys.executable).parent

#: Whether a missing program is a failure, as in CI.
STRICT = bool(os.environ.get("AWSENV_TEST_STRICT"))

#: Debian's AWS CLI, version 2.
AWS_CLI_V2 = "/usr/bin/aws"


#: Parts that are left out on purpose, because no package has them: powershell, check51, cmd, winpython, terraform.
WITHOUT = os.environ.get("AWSENV_TEST_WITHOUT", "").split()


def need(what: str, path: str | os.PathLike[str] | None, part: str = "") -> str:
    """A program that a test needs; without it the test is skipped, or fails in strict mode.

    Args:
        what: its name in messages, and its package.
        path: a path or a name on PATH; None if it was not found.
        part: its name in AWSENV_TEST_WITHOUT.
    """
    if path and (shutil.which(path) or Path(path).exists()):
        return str(path)
    message = f"{what} is not on this machine"
    if STRICT and part not in WITHOUT:
        pytest.fail(message)
    pytest.skip(message)


def pwsh() -> str:
    """PowerShell: the user's, else the one that AWSENV_TEST_PWSH names."""
    return need(
        "PowerShell (AWSENV_TEST_PWSH or pwsh)",
        os.environ.get("AWSENV_TEST_PWSH") or shutil.which("pwsh"),
        "powershell",
    )


def unixrun() -> str:
    """The Windows program that starts a Unix program from wine's cmd."""
    return need("cmd (unixrun.exe, AWSENV_TEST_UNIXRUN)", os.environ.get("AWSENV_TEST_UNIXRUN"), "cmd")
