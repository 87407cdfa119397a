"""How to install an optional package. It is named itself: an extra would depend on the name of our distribution."""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
import sys

__all__ = ["how_to_install"]


def how_to_install(requirement: str) -> str:
    """Return the command that installs a package beside awsenv: with pip, or if its environment has none, with uv."""
    if importlib.util.find_spec("pip"):
        args = [sys.executable, "-m", "pip", "install", requirement]
    else:
        args = ["uv", "pip", "install", "--python", sys.executable, requirement]
    return subprocess.list2cmdline(args) if sys.platform == "win32" else shlex.join(args)
