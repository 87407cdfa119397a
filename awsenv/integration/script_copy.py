"""The copy of an integration script that the line of `awsenv install` loads: reading it takes a millisecond, starting
Python ten.

The copy begins with tests that the shell itself runs: the program, the settings file and the settings in variables must
be those it was made from. A file is the same only if its time is equal, and not if it is older: an older version may
have been installed, and packages keep the time of their build. Otherwise the program prints the script and stores it
again.
"""

from __future__ import annotations

import os

from awsenv import dialects, program
from awsenv.aws import paths
from awsenv.dialects.basis import Basis
from awsenv.environment import settings
from awsenv.integration import scripts
from awsenv.system import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["path_of", "remove", "store"]

_NANOSECONDS = 1_000_000_000


def path_of(shell: str, environ: Mapping[str, str]) -> str:
    """Return the path of the copy, in awsenv's data directory."""
    return os.path.join(paths.own_data(environ), "init", dialects.INTEGRATED[shell])


def store(shell: str, text: str, environ: Mapping[str, str]) -> None:
    """Store the copy, for this user alone (0600 in a 0700 directory), if the path of awsenv is known.

    Args:
        shell: a shell with a start-up file.
        text: its rendered template.
        environ: the environment.

    Raises:
        OSError: the copy cannot be written.
        ValueError: the shell cannot hold a path or a setting.
    """
    path = program.program()
    if not os.path.isabs(path):
        return
    copy, settings_file = path_of(shell, environ), settings.path_of(environ)
    program_time = os.stat(path).st_mtime_ns
    settings_time = os.stat(settings_file).st_mtime_ns if os.path.exists(settings_file) else None
    basis = Basis(
        program=path,
        real_program=os.path.realpath(path),
        program_seconds=program_time // _NANOSECONDS,
        copy=copy,
        settings=settings_file,
        settings_seconds=None if settings_time is None else settings_time // _NANOSECONDS,
        settings_stamp=f"{copy}.settings",
        variables={name: environ.get(name) for name in (*settings.TABLE, "NO_COLOR", "XDG_CONFIG_HOME")},
    )
    text = dialects.load_hooked(shell).guarded(scripts.script(shell, text, settings.read(environ)[0]), basis)
    files.private_directory(os.path.dirname(copy))
    if settings_time is not None:
        _write(basis.settings_stamp, "", settings_time)
    _write(copy, text, program_time)


def _write(path: str, text: str, time: int) -> None:
    """Write a file and set its time, unless both are the same already."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        if os.stat(path).st_mtime_ns == time and paths.read_regular(path) == data:
            return
    except OSError:
        pass
    files.write_atomic(path, data)
    os.utime(path, ns=(time, time))


def remove(shell: str, environ: Mapping[str, str]) -> None:
    """Remove the copy; AwsenvError if that fails."""
    copy = path_of(shell, environ)
    for path in (copy, f"{copy}.settings"):
        files.discard(path)
    for directory in (os.path.dirname(copy), paths.own_data(environ)):
        try:
            os.rmdir(directory)
        except OSError:  # it is not empty, or was never made
            break
