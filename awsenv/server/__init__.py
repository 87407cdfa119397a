"""Credentials for one command that outlives its session: an endpoint on loopback, as containers have it.

The protocol: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from awsenv.result import AwsenvError
from awsenv.server import child_environment
from awsenv.server.http import Endpoint
from awsenv.server.renewer import Renewer
from awsenv.system import files

__all__ = ["Renewer", "served"]


@contextmanager
def served(supply: Renewer, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Serve the supply while this lasts.

    Args:
        supply: what is handed out.
        environment: of the command that is to use it.

    Yields:
        That environment, with the endpoint and without all that SDKs would prefer to it.

    Raises:
        AwsenvError: the AWS config or credentials file cannot be read; no place for the token.
    """
    with _private_folder(environment) as folder:
        try:
            endpoint = Endpoint(supply)
            token_file = os.path.join(folder, "token")
            files.write_atomic(token_file, endpoint.token.encode())  # no newline: botocore would refuse it
            ready = child_environment.child_environment(environment, folder)
        except OSError as error:
            raise AwsenvError(f"cannot serve on 127.0.0.1 with a token in {folder}: {error.strerror}") from None
        ready["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url
        ready["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = token_file
        supply.start()
        endpoint.start()
        yield ready


@contextmanager
def _private_folder(environment: Mapping[str, str]) -> Iterator[str]:
    """A folder of the user's alone, while this lasts."""
    try:
        folder = tempfile.mkdtemp(prefix="awsenv-", dir=_runtime_folder(environment))  # 0700
    except OSError as error:
        raise AwsenvError(
            f"cannot make a folder for the token in {error.filename}: {error.strerror}",
            "name another place: TMPDIR, or XDG_RUNTIME_DIR",
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _runtime_folder(environment: Mapping[str, str]) -> str | None:
    """The folder in memory that is the user's alone and ends with the log-in, where there is one."""
    folder = environment.get("XDG_RUNTIME_DIR", "")
    return folder if os.path.isabs(folder) and os.access(folder, os.W_OK | os.X_OK) else None
