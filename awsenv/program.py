"""Locate the running awsenv, for scripts and config files that call it."""

import os
import sys

__all__ = ["installed", "program"]


def program() -> str:
    """Return the path by which awsenv was started, so that scripts can call it whatever PATH becomes."""
    path = os.path.abspath(sys.argv[0])
    if sys.platform == "win32" and not path.endswith(".exe"):  # the wrapper strips it from argv[0]
        path += ".exe"
    if os.access(path, os.X_OK) and not path.endswith((".py", ".py.exe")):
        return path
    return installed("awsenv") or "awsenv"


def installed(name: str) -> str | None:
    """Return a console script of this Python that is not on PATH, for example after `py -m awsenv`; else None."""
    import shutil
    import sysconfig

    if shutil.which(name):
        return None
    schemes = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")]
    return next((found for scheme in schemes if (found := shutil.which(name, path=scheme))), None)
