"""Where things are: the user's AWS files, the AWS CLI's cache, awsenv's own.

(Hot path. The tests compare awsenv's own paths with platformdirs, which takes 18 ms to import.)
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")

__all__ = [
    "MISSING",
    "cli_cache",
    "config_file",
    "credentials_file",
    "fits",
    "holds",
    "home",
    "login_cache",
    "look_at",
    "own_cache",
    "own_config",
    "own_data",
    "parse_json",
    "patiently",
    "read",
    "read_json",
    "read_regular",
    "same",
    "settings_file",
    "sso_cache",
]


#: A file that is not there. The second: HOME is /dev/null, as services and users without a login have it.
MISSING = (FileNotFoundError, NotADirectoryError)

# Windows alone refuses to open, replace or remove a file that another process has open.
_FILES_CAN_BE_BUSY = sys.platform == "win32"

# Seconds to wait for such a file. A reader of a session has it open for a millisecond, a virus scanner for longer.
_PATIENCE_READING = 0.5
PATIENCE_WRITING = 2.0
_PAUSE = 0.01

#: Bytes. A cached session has two thousand, a sign-in five thousand.
LARGEST = 1 << 20


def home(environ: Mapping[str, str]) -> str:
    """The home directory, as `os.path.expanduser` and so botocore finds it."""
    if sys.platform == "win32":
        return environ.get("USERPROFILE") or os.path.expanduser("~")
    return environ.get("HOME") or os.path.expanduser("~")


def _aws_file(environ: Mapping[str, str], variable: str, name: str) -> str:
    named = environ.get(variable)
    if named is None:  # set but empty is a missing file for botocore and the AWS CLI
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


def sso_cache(environ: Mapping[str, str]) -> str:
    """The directory of the sign-ins of IAM Identity Center, which the AWS CLI and the SDKs share."""
    return os.path.join(home(environ), ".aws", "sso", "cache")


def login_cache(environ: Mapping[str, str]) -> str:
    """The directory of the AWS CLI's `aws login`: botocore.utils, get_login_token_cache_directory."""
    return _aws_file(environ, "AWS_LOGIN_CACHE_DIRECTORY", os.path.join("login", "cache"))


def own_cache(environ: Mapping[str, str]) -> str:
    """Awsenv's cache, which may be deleted at any time: platformdirs' user_cache_dir."""
    own = _own(environ, "Caches", "XDG_CACHE_HOME", ".cache")
    return os.path.join(own, "Cache") if sys.platform == "win32" else own


def own_config(environ: Mapping[str, str]) -> str:
    """The directory of the user's settings for awsenv: platformdirs' user_config_dir."""
    return _own(environ, "Application Support", "XDG_CONFIG_HOME", ".config")


def settings_file(environ: Mapping[str, str]) -> str:
    """The file of the user's settings for awsenv."""
    return os.path.join(own_config(environ), "settings")


def own_data(environ: Mapping[str, str]) -> str:
    """What awsenv installs for the user: platformdirs' user_data_dir."""
    return _own(environ, "Application Support", "XDG_DATA_HOME", ".local/share")


def _own(environ: Mapping[str, str], library: str, variable: str, default: str) -> str:
    """Awsenv's directory in %LOCALAPPDATA%, in that one of macOS' Library, or in an XDG base directory, whose variable
    is ignored if it is a relative path (XDG Base Directory Specification 0.8)."""
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or home(environ), "awsenv")
    if sys.platform == "darwin":
        return os.path.join(home(environ), "Library", library, "awsenv")
    named = environ.get(variable, "")
    return os.path.join(named if os.path.isabs(named) else os.path.join(home(environ), default), "awsenv")


def same(one: str, other: str) -> bool:
    """Whether two texts are the same path, however they were joined: other slashes, a slash at the end, and letters in
    the other case where the system ignores case, make no difference."""
    return os.path.normcase(os.path.normpath(one)) == os.path.normcase(os.path.normpath(other))


def patiently(do: Callable[[str], T], path: str, seconds: float) -> T:
    """Do something with a file; on Windows, try again for so many seconds while another process has it open.

    That is a PermissionError, for ERROR_ACCESS_DENIED as for ERROR_SHARING_VIOLATION, and looks like a file that the
    user may not access.
    """
    try:
        return do(path)
    except PermissionError:
        if not _FILES_CAN_BE_BUSY or os.path.isdir(path):
            raise
    import time

    end = time.monotonic() + seconds
    while True:
        time.sleep(_PAUSE)
        try:
            return do(path)
        except PermissionError:
            if time.monotonic() >= end:
                raise


def read(path: str) -> bytes:
    """The content of a file; OSError."""
    return patiently(_content, path, _PATIENCE_READING)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def holds(path: str, key: str, largest: int) -> bool:
    """Whether a file holds a text; False for what is no file, or is too large."""
    try:
        return key.encode(errors="surrogatepass") in (read_regular(path, largest) or b"")
    except OSError:
        return False


def fits(path: str, largest: int) -> bool:
    """Whether it is a file (opening a pipe would block) of no more than so many bytes."""
    try:
        return os.path.isfile(path) and os.path.getsize(path) <= largest
    except OSError:
        return False


def read_regular(path: str, limit: int = LARGEST) -> bytes | None:
    """The content of a regular file; None for anything else, and for one of more than `limit` bytes. It never blocks.

    (Opening a pipe does, and a device may never end.)

    Raises:
        OSError: it cannot be read, or does not exist.
        ValueError: the path is invalid, such as one with a NUL in it.
    """
    try:
        return patiently(lambda regular: _regular_content(regular, limit), path, _PATIENCE_READING)
    except PermissionError:
        if os.path.isdir(path):  # which Windows does not open
            return None
        raise


def _regular_content(path: str, limit: int) -> bytes | None:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        content = b""  # it may grow meanwhile; files in /proc have no size
        while len(content) <= limit and (more := os.read(handle, status.st_size + 4096)):
            content += more
    finally:
        os.close(handle)
    return content if len(content) <= limit else None


def read_json(path: str) -> Any:
    """The content of a JSON file. (`json` imports `re`, so its C scanner is used directly.)

    Raises:
        OSError: it cannot be read.
        ValueError: it is not JSON in UTF-8, not a regular file, or larger than a cache or token file can be.
        RecursionError: it is nested too deeply.
    """
    content = read_regular(path)
    if content is None:
        raise ValueError("not a regular file of such a size")
    return parse_json(content.decode("utf-8").strip())


def parse_json(text: str) -> Any:
    """The value of a JSON text without blanks around it; ValueError for other text, RecursionError as above."""
    try:
        from _json import make_scanner
    except ImportError:  # another Python than CPython
        import json

        return json.loads(text)
    try:
        value, end = make_scanner(_Scanner)(text, 0)  # type: ignore[arg-type]  # json gives its decoder
    except (StopIteration, SystemError):  # SystemError: it wants to raise an error of `json`, which is not imported
        raise ValueError("not JSON") from None
    if end != len(text):
        raise ValueError("more than one JSON value")
    return value


class _Scanner:
    """The settings that json.JSONDecoder() gives to its scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    array_hook = None


def look_at(path: str) -> str:
    """The command that shows who may do what with a file or directory."""
    if sys.platform == "win32":
        return f"icacls '{path}'"
    import shlex

    return f"ls -ld {shlex.quote(path)}"
