"""The AWS CLI's cache of sessions, `~/.aws/cli/cache`: one JSON file per session, read and written as the CLI does.

(Hot path for reading.)
"""

from __future__ import annotations

import os

from awsenv.aws.paths import read_json
from awsenv.environment import expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Entry", "entry_of", "read_json", "read_session", "store", "time_as_text"]


class Entry:
    """A cached session. Its repr holds no secret.

    Attributes:
        access_key, secret_key, token: the credentials.
        expiration: epoch seconds.
    """

    __slots__ = ("access_key", "expiration", "secret_key", "token")

    def __init__(self, access_key: str, secret_key: str, token: str, expiration: int) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.expiration = expiration

    def __repr__(self) -> str:
        return f"Entry(…{self.access_key[-4:]}, expiration={self.expiration})"


def read_session(folder: str, key: str) -> Entry | None:
    """The session that is cached under a key, expired or not; None if there is none or the file is corrupt.

    An empty, cut off or foreign file makes the AWS CLI fail with nothing but the key as its message; here it is
    as good as none, and the next session of that key takes its place.
    """
    try:
        return entry_of(read_json(os.path.join(folder, f"{key}.json")))
    except (OSError, ValueError, RecursionError):
        return None


def entry_of(content: Any) -> Entry | None:
    """The session in what is kept under a key, None if there is none in it."""
    try:
        credentials = content["Credentials"]
        expiration = expiry.parse(credentials["Expiration"])
        parts = [credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    except (LookupError, TypeError, AttributeError):
        return None
    if expiration is None or not all(part and isinstance(part, str) for part in parts):
        return None
    return Entry(parts[0], parts[1], parts[2], expiration)


def store(folder: str, key: str, value: Any) -> None:
    """Write a session under a key: 0600, whole or not at all. OSError if it cannot be written."""
    import json

    from awsenv.system import files

    files.private_directory(folder)
    data = json.dumps(value, default=time_as_text).encode()
    files.write_atomic(os.path.join(folder, f"{key}.json"), data)


def time_as_text(value: Any) -> str:
    """A datetime of botocore's as the CLI v1 writes it, and as every reader understands it."""
    return expiry.format_utc(int(value.timestamp()))
