"""Where things are: the user's AWS files, the AWS CLI's cache, awsenv's own; and writing a file whole or not at all.

(Hot path. The tests hold awsenv's own places against platformdirs, which takes 18 ms to import.)
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` itself imports enum: 5 ms
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "cli_cache",
    "config_file",
    "credentials_file",
    "home",
    "login_cache",
    "make_room",
    "own_cache",
    "own_config",
    "own_data",
    "private_folder",
    "read_regular",
    "settings_file",
    "write_whole",
]


def home(environ: Mapping[str, str]) -> str:
    """The home folder, as `os.path.expanduser` and so botocore finds it."""
    if sys.platform == "win32":
        return environ.get("USERPROFILE") or os.path.expanduser("~")
    return environ.get("HOME") or os.path.expanduser("~")


def _aws_file(environ: Mapping[str, str], variable: str, name: str) -> str:
    named = environ.get(variable)
    if named is None:  # set but empty is a file that is not there, for botocore and the AWS CLI
        return os.path.join(home(environ), ".aws", name)
    return os.path.expanduser(os.path.expandvars(named))


def config_file(environ: Mapping[str, str]) -> str:
    """The AWS config file: AWS_CONFIG_FILE or ~/.aws/config."""
    return _aws_file(environ, "AWS_CONFIG_FILE", "config")


def credentials_file(environ: Mapping[str, str]) -> str:
    """The AWS credentials file: AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials."""
    return _aws_file(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials")


def cli_cache(environ: Mapping[str, str]) -> str:
    """The AWS CLI's cache of sessions (awscli/customizations/assumerole.py CACHE_DIR); no variable moves it."""
    return os.path.join(home(environ), ".aws", "cli", "cache")


def login_cache(environ: Mapping[str, str]) -> str:
    """The folder of the AWS CLI's `aws login`: botocore.utils, get_login_token_cache_directory."""
    folder = environ.get("AWS_LOGIN_CACHE_DIRECTORY")
    if folder is None:
        return os.path.join(home(environ), ".aws", "login", "cache")
    return os.path.expanduser(os.path.expandvars(folder))


def own_cache(environ: Mapping[str, str]) -> str:
    """What awsenv may lose at any time: platformdirs' user_cache_dir."""
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or home(environ), "awsenv", "Cache")
    if sys.platform == "darwin":
        return os.path.join(home(environ), "Library", "Caches", "awsenv")
    return os.path.join(_xdg(environ, "XDG_CACHE_HOME", ".cache"), "awsenv")


def own_config(environ: Mapping[str, str]) -> str:
    """Where the user keeps settings for awsenv: platformdirs' user_config_dir."""
    if sys.platform in ("win32", "darwin"):
        return own_data(environ)
    return os.path.join(_xdg(environ, "XDG_CONFIG_HOME", ".config"), "awsenv")


def settings_file(environ: Mapping[str, str]) -> str:
    """The user's settings for awsenv."""
    return os.path.join(own_config(environ), "settings")


def own_data(environ: Mapping[str, str]) -> str:
    """What awsenv installs for the user: platformdirs' user_data_dir."""
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or home(environ), "awsenv")
    if sys.platform == "darwin":
        return os.path.join(home(environ), "Library", "Application Support", "awsenv")
    return os.path.join(_xdg(environ, "XDG_DATA_HOME", ".local/share"), "awsenv")


def _xdg(environ: Mapping[str, str], variable: str, default: str) -> str:
    """An XDG base directory; a relative path is invalid and is ignored (XDG Base Directory Specification 0.8)."""
    named = environ.get(variable, "")
    return named if os.path.isabs(named) else os.path.join(home(environ), default)


def read_regular(path: str, limit: int) -> bytes | None:
    """The content of a regular file; None for anything else, and for one of more than `limit` bytes. It never waits.

    (To open a pipe waits for its other end, and a device may never end.)

    Raises:
        OSError: if it cannot be read, or is not there.
        ValueError: if that is no path, as with a NUL in it.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        return None
    with open(path, "rb") as file:
        content = file.read(limit + 1)
    return content if len(content) <= limit else None


def private_folder(path: str) -> None:
    """Make a folder and the missing ones above it, 0700 whatever the umask. Folders that exist are left alone."""
    path = os.path.abspath(path)
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        above = os.path.dirname(path)
        if above == path:
            break
        path = above
    for folder in reversed(missing):
        try:
            os.mkdir(folder, 0o700)
            os.chmod(folder, 0o700)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise


def make_room(folder: str) -> None:
    """See to it that files can be written into a folder of our own, before anybody goes to trouble for one; OSError."""
    private_folder(folder)
    probe = os.path.join(folder, f"{os.urandom(4).hex()}.tmp")
    os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.unlink(probe)


def write_whole(path: str, data: bytes, mode: int = 0o600) -> None:
    """Write a file whole or not at all: a new file beside it, synced to disk, then renamed over it.

    A reader sees the old content or the new one, also after a crash, with a full disk, or beside a second writer.

    Args:
        path: the file; its folder must exist.
        data: all of its content.
        mode: its permissions, whatever the umask.

    Raises:
        OSError: if it cannot be written; then nothing is left behind.
    """
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    with _uninterrupted():  # what is half written may be a secret, and a Ctrl-C ends awsenv on the spot
        _write_beside(temporary, path, data, mode)


class _uninterrupted:  # noqa: N801  # a context manager, without contextlib's 3 ms
    """A Ctrl-C that comes meanwhile counts afterwards."""

    def __enter__(self) -> None:
        if hasattr(_signal, "pthread_sigmask"):
            _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGINT,))
        else:  # Windows
            try:
                self._before = _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
            except ValueError:  # in another thread than the main one, which Ctrl-C does not interrupt
                self._before = None

    def __exit__(self, *error: object) -> None:
        if hasattr(_signal, "pthread_sigmask"):
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, (_signal.SIGINT,))
        elif self._before is not None:
            _signal.signal(_signal.SIGINT, self._before)


def _write_beside(temporary: str, path: str, data: bytes, mode: int) -> None:
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
            rest = data
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
