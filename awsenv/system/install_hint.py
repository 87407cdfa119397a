"""How to install what only some need. By its own name, not by an extra: awsenv on PyPI is another author's package."""

from __future__ import annotations

import importlib.util
import shlex
import subprocess
import sys

__all__ = ["how_to_install"]


def how_to_install(requirement: str) -> str:
    """The line that installs a package beside awsenv: with its own pip, which only those of uv lack."""
    if importlib.util.find_spec("pip"):
        words = [sys.executable, "-m", "pip", "install", requirement]
    else:
        words = ["uv", "pip", "install", "--python", sys.executable, requirement]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
