"""The paths of the user's AWS files, the AWS CLI's cache and awsenv's own files, and how to read a file safely.

(Hot path. The tests compare awsenv's own paths with platformdirs, which takes 18 ms to import.)
"""

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


#: Raised for a missing file. The second: HOME is /dev/null, as for services and users without a login.
MISSING = (FileNotFoundError, NotADirectoryError)

# Only Windows refuses to open, replace or remove a file that another process has open.
_FILES_CAN_BE_BUSY = sys.platform == "win32"

# Seconds to wait for such a file. Reading a session keeps it open for a millisecond, a virus scan for longer.
_PATIENCE_READING = 0.5
PATIENCE_WRITING = 2.0
_PAUSE = 0.01

# Bytes. A cached session takes about 2,000, a sign-in 5,000.
_MAX_SIZE = 1 << 20


def home(environ: "Mapping[str, str]") -> str:
    """Return the home directory, as `os.path.expanduser` and therefore botocore find it."""
    if sys.platform == "win32":
        return environ.get("USERPROFILE") or os.path.expanduser("~")
    return environ.get("HOME") or os.path.expanduser("~")


def _aws_file(environ: "Mapping[str, str]", variable: str, name: str) -> str:
    path = environ.get(variable)
    if path is None:  # botocore and the AWS CLI treat an empty variable as a missing file
        return os.path.join(home(environ), ".aws", name)
    return os.path.expanduser(os.path.expandvars(path))


def config_file(environ: "Mapping[str, str]") -> str:
    """Return the path of the AWS config file: AWS_CONFIG_FILE or ~/.aws/config."""
    return _aws_file(environ, "AWS_CONFIG_FILE", "config")


def credentials_file(environ: "Mapping[str, str]") -> str:
    """Return the path of the AWS credentials file: AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials."""
    return _aws_file(environ, "AWS_SHARED_CREDENTIALS_FILE", "credentials")


def cli_cache(environ: "Mapping[str, str]") -> str:
    """Return the AWS CLI's session cache (CACHE_DIR in awscli/customizations/assumerole.py); no variable moves it."""
    return os.path.join(home(environ), ".aws", "cli", "cache")


def sso_cache(environ: "Mapping[str, str]") -> str:
    """Return the directory of the IAM Identity Center sign-ins, which the AWS CLI and the SDKs share."""
    return os.path.join(home(environ), ".aws", "sso", "cache")


def login_cache(environ: "Mapping[str, str]") -> str:
    """Return the directory of `aws login` (botocore.utils, get_login_token_cache_directory)."""
    return _aws_file(environ, "AWS_LOGIN_CACHE_DIRECTORY", os.path.join("login", "cache"))


def own_cache(environ: "Mapping[str, str]") -> str:
    """Return the directory of awsenv's cache, which may be deleted at any time: platformdirs' user_cache_dir."""
    directory = _own_directory(environ, "Caches", "XDG_CACHE_HOME", ".cache")
    return os.path.join(directory, "Cache") if sys.platform == "win32" else directory


def own_config(environ: "Mapping[str, str]") -> str:
    """Return the directory of awsenv's settings: platformdirs' user_config_dir."""
    return _own_directory(environ, "Application Support", "XDG_CONFIG_HOME", ".config")


def settings_file(environ: "Mapping[str, str]") -> str:
    """Return the path of awsenv's settings file."""
    return os.path.join(own_config(environ), "settings")


def own_data(environ: "Mapping[str, str]") -> str:
    """Return the directory of what awsenv installs for the user: platformdirs' user_data_dir."""
    return _own_directory(environ, "Application Support", "XDG_DATA_HOME", ".local/share")


def _own_directory(environ: "Mapping[str, str]", library: str, variable: str, default: str) -> str:
    """Return awsenv's directory in %LOCALAPPDATA%, in ~/Library/LIBRARY (macOS), or in an XDG base directory.

    A relative path in an XDG variable is ignored (XDG Base Directory Specification 0.8).
    """
    if sys.platform == "win32":
        return os.path.join(environ.get("LOCALAPPDATA") or home(environ), "awsenv")
    if sys.platform == "darwin":
        return os.path.join(home(environ), "Library", library, "awsenv")
    base = environ.get(variable, "")
    return os.path.join(base if os.path.isabs(base) else os.path.join(home(environ), default), "awsenv")


def same(one: str, other: str) -> bool:
    """Whether two paths are equal but for slashes, and for case where the system ignores it."""
    return os.path.normcase(os.path.normpath(one)) == os.path.normcase(os.path.normpath(other))


def patiently(do: "Callable[[str], T]", path: str, seconds: float) -> "T":
    """Do something with a file; on Windows, retry for so many seconds while another process has it open.

    Python raises PermissionError both for that (ERROR_SHARING_VIOLATION) and for a file that the user may not access.
    """
    try:
        return do(path)
    except PermissionError:
        if not _FILES_CAN_BE_BUSY or os.path.isdir(path):
            raise
    import time

    deadline = time.monotonic() + seconds
    while True:
        time.sleep(_PAUSE)
        try:
            return do(path)
        except PermissionError:
            if time.monotonic() >= deadline:
                raise


def read(path: str) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: it cannot be read.
    """
    return patiently(_content, path, _PATIENCE_READING)


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def holds(path: str, text: str, limit: int) -> bool:
    """Whether a regular file of at most `limit` bytes contains a text."""
    try:
        return text.encode(errors="surrogatepass") in (read_regular(path, limit) or b"")
    except OSError:
        return False


def fits(path: str, limit: int) -> bool:
    """Whether this is a regular file (opening a pipe would block) of at most `limit` bytes."""
    try:
        return os.path.isfile(path) and os.path.getsize(path) <= limit
    except OSError:
        return False


def read_regular(path: str, limit: int = _MAX_SIZE) -> bytes | None:
    """Return the content of a regular file; None for anything else, and for more than `limit` bytes.

    It never blocks, unlike opening a pipe, and never reads endlessly from a device.

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
        content = b""  # the file may grow meanwhile; files in /proc report no size
        while len(content) <= limit and (more := os.read(handle, status.st_size + 4096)):
            content += more
    finally:
        os.close(handle)
    return content if len(content) <= limit else None


def read_json(path: str) -> "Any":
    """Return the value in a JSON file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not JSON in UTF-8, not a regular file, or larger than any cache or token file.
        RecursionError: it is nested too deeply.
    """
    content = read_regular(path)
    if content is None:
        raise ValueError("not a regular file, or too large")
    return parse_json(content.decode("utf-8").strip())


def parse_json(text: str) -> "Any":
    """Return the value of a JSON text without surrounding blanks, by the C scanner alone: `json` imports `re`.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        from _json import make_scanner
    except ImportError:  # not CPython
        import json

        return json.loads(text)
    try:
        value, end = make_scanner(_Scanner)(text, 0)  # type: ignore[arg-type]  # json passes its decoder
    except (StopIteration, SystemError):  # SystemError: the scanner cannot raise json's own error without `json`
        raise ValueError("not JSON") from None
    if end != len(text):
        raise ValueError("more than one JSON value")
    return value


class _Scanner:
    """The attributes of json.JSONDecoder() that the scanner reads."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    array_hook = None


def look_at(path: str) -> str:
    """Return the command that shows the owner and permissions of a file or directory."""
    if sys.platform == "win32":
        return f"icacls '{path}'"
    import shlex

    return f"ls -ld {shlex.quote(path)}"
