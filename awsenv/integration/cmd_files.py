"""The files of cmd, which has no start-up file: awsenv.cmd in a directory to put on Path, and a script for Clink."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from awsenv.aws import paths
from awsenv.result import AwsenvError
from awsenv.system import files

__all__ = ["EDIT_PATH", "paths_of", "remove", "write"]

#: Opens the user's variables, to edit Path. awsenv does not: setx, too, would cut it at 1,024 characters.
EDIT_PATH = "rundll32 sysdm.cpl,EditEnvironmentVariables"


def paths_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Return script, as `awsenv init` names it -> its file.

    awsenv.cmd needs a directory without an awsenv.exe, which cmd would prefer. Clink loads the scripts in the directory
    of its settings ("Location of Lua Scripts" in its documentation).
    """
    found = {"cmd": os.path.join(paths.own_data(environ), "cmd", "awsenv.cmd")}
    clink = os.path.join(environ.get("LOCALAPPDATA", ""), "clink")
    if environ.get("LOCALAPPDATA") and os.path.isdir(clink):
        found["clink"] = os.path.join(clink, "awsenv.lua")
    return found


def write(path: str, text: str) -> None:
    """Write a script; AwsenvError if that fails."""
    try:
        files.private_directory(os.path.dirname(path))
        files.write_atomic(path, text.encode("ascii"), 0o755)
    except OSError as error:
        raise AwsenvError(f"cannot write {path}: {error.strerror}") from None


def remove(environ: Mapping[str, str]) -> list[str]:
    """Remove the scripts, and return the files that existed; AwsenvError if that fails."""
    scripts = paths_of(environ)
    removed = [path for path in scripts.values() if files.discard(path)]
    with suppress(OSError):  # the user may have other files there
        os.rmdir(os.path.dirname(scripts["cmd"]))
    return removed
