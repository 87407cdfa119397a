"""How to install an optional package, by its own name: an extra would need the name of the installed distribution."""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
import sys

__all__ = ["how_to_install"]


def how_to_install(requirement: str) -> str:
    """The command that installs a package beside awsenv: with its own pip, or uv without a pip."""
    if importlib.util.find_spec("pip"):
        words = [sys.executable, "-m", "pip", "install", requirement]
    else:
        words = ["uv", "pip", "install", "--python", sys.executable, requirement]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
