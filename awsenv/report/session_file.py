"""A file of the session cache: its content, and what is wrong with it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Any

from awsenv.aws import paths
from awsenv.credentials import credentials_in

__all__ = ["read", "why_corrupt", "why_invalid"]

_MAX_BYTES = 1 << 20  # a session has two thousand


def why_corrupt(path: str) -> str:
    """Return why the AWS CLI fails on a file; empty if it is a session, or does not exist."""
    if not os.path.lexists(path):
        return ""
    content, why = read(path)
    return why or ("" if credentials_in(content) else why_invalid(content))


def read(path: str) -> tuple[Any, str]:
    """Return the content of a file, or why it is unknown."""
    why = _why_unusable(path)
    if why:
        return None, why
    try:
        return paths.read_json(path), ""
    except RecursionError:
        return None, "JSON that is nested too deeply"
    except ValueError:
        return None, "not JSON; it may be truncated"
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"


def _why_unusable(path: str) -> str:
    """Return why the AWS CLI could not read and renew a file; empty if it could."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return "a link to a file that does not exist"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if stat.S_ISDIR(status.st_mode):
        return "a directory, not a file"
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would block
        return "not a file"
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid() and not os.access(path, os.R_OK | os.W_OK):
        return f"belongs to {_owner(status.st_uid)}, and you may not read and write it"
    if not status.st_size:
        return "empty"
    return "" if status.st_size <= _MAX_BYTES else "too large for a session"


def _owner(user: int) -> str:
    with suppress(ImportError, KeyError):
        import pwd

        return pwd.getpwuid(user).pw_name
    return f"user {user}"


def why_invalid(content: Any) -> str:
    """Return why a JSON value is not a session."""
    credentials = content.get("Credentials") if isinstance(content, dict) else None
    if not isinstance(credentials, dict):
        return "no Credentials in it"
    for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"):
        if not isinstance(credentials.get(name), str) or not credentials[name]:
            return f"no {name} in it"
    return "its Expiration is not a time with a zone"
