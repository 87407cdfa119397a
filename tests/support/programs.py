"""The programs that tests run; a test whose program is missing is skipped, or fails in strict mode."""

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

#: Parts that may be missing even in strict mode, as no package has them: powershell, check51, cmd, winpython, terraform.
WITHOUT = os.environ.get("AWSENV_TEST_WITHOUT", "").split()


def need(what: str, path: str | os.PathLike[str] | None, part: str = "") -> str:
    """Return the path of a program that a test needs; skip the test without it, or fail it in strict mode.

    Args:
        what: its name in messages, and its package.
        path: a path, or a name on PATH; None if it was not found.
        part: its name in AWSENV_TEST_WITHOUT.
    """
    if path and (shutil.which(path) or Path(path).exists()):
        return str(path)
    message = f"{what} is not on this machine"
    if STRICT and part not in WITHOUT:
        pytest.fail(message)
    pytest.skip(message)


def pwsh() -> str:
    """Return PowerShell: the one that AWSENV_TEST_PWSH names, or the installed one."""
    return need(
        "PowerShell (AWSENV_TEST_PWSH or pwsh)",
        os.environ.get("AWSENV_TEST_PWSH") or shutil.which("pwsh"),
        "powershell",
    )


def unixrun() -> str:
    """Return the Windows program that starts a Unix program from wine's cmd."""
    return need("cmd (unixrun.exe, AWSENV_TEST_UNIXRUN)", os.environ.get("AWSENV_TEST_UNIXRUN"), "cmd")
