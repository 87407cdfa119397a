"""Wheels for real installs of awsenv, downloaded once, so that tests of installers need no index."""

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

#: The tools that build the wheel of awsenv, and those of a virtual environment.
TOOLS = ["hatchling", "jinja2", "pip", "setuptools", "wheel"]


@cache
def wheelhouse() -> str:
    """Return the URL of a directory with the wheels of all dependencies of awsenv[demo], and of its build tools.

    It is in the environment of the tests, and is rebuilt when pyproject.toml has changed.
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
            pip = [sys.executable, "-m", "pip", "wheel", "-q"]
            command = [*pip, "--wheel-dir", unfinished, f"{CHECKOUT}[demo]", *TOOLS]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=os.environ | {"HOME": USERS_HOME})
            for own in unfinished.glob("awsenv*.whl"):  # always built from the checkout
                own.unlink()
            unfinished.rename(directory)
    return directory.as_uri()
