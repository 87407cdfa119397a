"""Where the program is that runs, for others to call it."""

from __future__ import annotations

import os
import sys

__all__ = ["installed", "program"]


def program() -> str:
    """The path under which awsenv was started, for the scripts to call it by, whatever PATH becomes."""
    path = os.path.abspath(sys.argv[0])
    if sys.platform == "win32" and not path.endswith(".exe"):  # the wrapper takes that off argv[0]
        path += ".exe"
    if os.access(path, os.X_OK) and not path.endswith((".py", ".py.exe")):
        return path
    return installed("awsenv") or "awsenv"


def installed(name: str) -> str | None:
    """A console script of this Python that is not on PATH, as where awsenv was started by `py -m awsenv`."""
    import shutil
    import sysconfig

    if shutil.which(name):
        return None
    schemes = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")]
    return next((found for scheme in schemes if (found := shutil.which(name, path=scheme))), None)
