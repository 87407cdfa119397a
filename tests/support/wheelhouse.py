"""The wheels that a real install of awsenv takes, fetched once, so that tests of installers need no index."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from filelock import FileLock

from support.environment import USERS_HOME

CHECKOUT = Path(__file__).resolve().parents[2]

#: What builds awsenv's wheel, and what makes environments.
TOOLS = ["hatchling", "jinja2", "pip", "setuptools", "wheel"]


@cache
def wheelhouse() -> str:
    """The URL of a directory with the wheels of all that awsenv and its extra `demo` depend on, and of what builds it.

    It is beside the packages of the tests, and made anew when pyproject.toml has changed.
    """
    wanted = hashlib.sha256((CHECKOUT / "pyproject.toml").read_bytes()).hexdigest()[:16]
    directory = Path(sys.prefix) / "wheelhouse" / wanted
    directory.parent.mkdir(exist_ok=True)
    with FileLock(directory.parent / "lock"):
        if not directory.exists():
            for old in directory.parent.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            unfinished = directory.with_suffix(".new")
            command = [
                sys.executable,
                "-m",
                "pip",
                "wheel",
                "-q",
                "--wheel-dir",
                unfinished,
                f"{CHECKOUT}[demo]",
                *TOOLS,
            ]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=os.environ | {"HOME": USERS_HOME})
            for own in unfinished.glob("awsenv*.whl"):  # always built from the checkout
                own.unlink()
            unfinished.rename(directory)
    return directory.as_uri()
