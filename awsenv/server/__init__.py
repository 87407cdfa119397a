"""Credentials for a command that outlives its session: an endpoint on loopback, as in a container.

Protocol: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from awsenv.aws import paths
from awsenv.environment import SERVER
from awsenv.result import AwsenvError
from awsenv.server import child_environment
from awsenv.server.http import Endpoint
from awsenv.server.renewer import Renewer
from awsenv.system import files

__all__ = ["Renewer", "served"]


@contextmanager
def served(renewer: Renewer, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Serve sessions while the context lasts.

    Args:
        renewer: provides the session.
        environment: the environment of the command that uses it.

    Yields:
        That environment, with the endpoint and without what SDKs would prefer to it.

    Raises:
        AwsenvError: the AWS config or credentials file cannot be read, or the token cannot be stored.
    """
    with _private_directory(environment) as directory:
        try:
            endpoint = Endpoint(renewer)
            token_file = os.path.join(directory, "token")
            files.write_atomic(token_file, endpoint.token.encode())  # no newline: botocore would reject it
            ready = child_environment.child_environment(environment, directory)
        except OSError as error:
            raise AwsenvError(f"cannot serve on 127.0.0.1 with a token in {directory}: {error.strerror}") from None
        ready |= dict(zip(SERVER, (endpoint.url, token_file), strict=True))
        ready["AWSENV_SERVER"] = endpoint.url  # tells `clear` in the command what to unset
        renewer.start()
        endpoint.start()
        yield ready


def _private_directory(environment: Mapping[str, str]) -> tempfile.TemporaryDirectory[str]:
    """Make a temporary directory that only the user can read (0700)."""
    try:
        parent = _parent_directory(environment)
        return tempfile.TemporaryDirectory(prefix="awsenv-", dir=parent, ignore_cleanup_errors=True)
    except OSError as error:
        raise AwsenvError(
            f"cannot make a directory for the token in {error.filename}: {error.strerror}",
            "set TMPDIR or XDG_RUNTIME_DIR to another directory",
        ) from None


def _parent_directory(environment: Mapping[str, str]) -> str:
    """Return the first directory in which no other user can replace a directory of ours.

    XDG_RUNTIME_DIR is in memory, and removed at log-out. After su and sudo -E the variables name another user's.
    """
    candidates = [environment.get("XDG_RUNTIME_DIR", "")]
    with suppress(FileNotFoundError):  # no directory for temporary files is writable
        candidates.append(tempfile.gettempdir())
    if hasattr(os, "geteuid"):  # Windows has one for each user, with its own access rights
        candidates = [path for path in (*candidates, "/tmp", "/var/tmp") if _is_safe(path, os.geteuid())]  # noqa: S108
    else:
        candidates = [path for path in candidates if os.path.isabs(path) and os.access(path, os.W_OK)]
    if candidates:
        return candidates[0]
    files.private_directory(paths.own_cache(environment))
    return paths.own_cache(environment)


def _is_safe(directory: str, user: int) -> bool:
    """Whether other users can rename neither what this user makes there, nor the directory or one above it."""
    if not os.path.isabs(directory) or not os.access(directory, os.W_OK | os.X_OK):
        return False
    resolved = Path(directory).resolve()
    for path in (resolved, *resolved.parents):
        status = path.stat()
        others_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX
        if status.st_uid not in (0, user) or others_write:
            return False
    return True
