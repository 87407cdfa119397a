"""The AWS CLI's cache of sessions, `~/.aws/cli/cache`: one JSON file per session, read and written as the CLI does.

(Hot path for reading.)
"""

from __future__ import annotations

import os

from awsenv.aws.paths import read_json
from awsenv.environment import Credentials, expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["credentials_in", "read_session", "store", "time_as_text"]


def read_session(directory: str, key: str) -> Credentials | None:
    """The session that is cached under a key, expired or not; None if there is none or the file is corrupt.

    An empty, truncated or foreign file makes the AWS CLI fail with nothing but the key as its message. Here the next
    session of that key replaces it.
    """
    try:
        return credentials_in(read_json(os.path.join(directory, f"{key}.json")))
    except (OSError, ValueError, RecursionError):
        return None


def credentials_in(content: Any) -> Credentials | None:
    """The credentials in the content of a cache entry, None if there are none."""
    try:
        credentials = content["Credentials"]
        expiration = expiry.parse(credentials["Expiration"])
        parts = [credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    except (LookupError, TypeError, AttributeError):
        return None
    if expiration is None or not all(part and isinstance(part, str) for part in parts):
        return None
    return Credentials(parts[0], parts[1], parts[2], expiration)


def store(directory: str, key: str, value: Any) -> None:
    """Write a session under a key: 0600, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    import json

    from awsenv.system import files

    files.private_directory(directory)
    data = json.dumps(value, default=time_as_text).encode()
    files.write_atomic(os.path.join(directory, f"{key}.json"), data)


def time_as_text(value: Any) -> str:
    """A datetime of botocore as the CLI v1 writes it, and as every reader understands it."""
    return expiry.format_utc(int(value.timestamp()))
