"""Credentials for a command that outlives its session: an endpoint on loopback, as in a container.

The protocol: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from awsenv.environment import SERVER
from awsenv.result import AwsenvError
from awsenv.server import child_environment
from awsenv.server.http import Endpoint
from awsenv.server.renewer import Renewer
from awsenv.system import files

__all__ = ["Renewer", "served"]


@contextmanager
def served(renewer: Renewer, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Serve sessions while this lasts.

    Args:
        renewer: has the session.
        environment: of the command that uses it.

    Yields:
        That environment, with the endpoint and without what SDKs would prefer to it.

    Raises:
        AwsenvError: the AWS config or credentials file cannot be read; the token cannot be stored.
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
        ready["AWSENV_SERVER"] = endpoint.url  # so that `clear` in there knows what to unset
        renewer.start()
        endpoint.start()
        yield ready


@contextmanager
def _private_directory(environment: Mapping[str, str]) -> Iterator[str]:
    """A directory that only the user can read, while this lasts."""
    try:
        directory = tempfile.mkdtemp(prefix="awsenv-", dir=_runtime_directory(environment))  # 0700
    except OSError as error:
        raise AwsenvError(
            f"cannot make a directory for the token in {error.filename}: {error.strerror}",
            "set TMPDIR or XDG_RUNTIME_DIR to another directory",
        ) from None
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _runtime_directory(environment: Mapping[str, str]) -> str | None:
    """The directory in memory that only the user can read and that is removed at log-out, if there is one."""
    directory = environment.get("XDG_RUNTIME_DIR", "")
    return directory if os.path.isabs(directory) and os.access(directory, os.W_OK | os.X_OK) else None
