"""The AWS CLI's cache of sessions, `~/.aws/cli/cache`: one JSON file per session, read and written as the CLI does.

(Hot path for reading: `json` imports `re`, so its C scanner is used directly.)
"""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.environment import Credentials, expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["credentials_in", "parse_json", "read_json", "read_session", "store", "time_as_text"]


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


def read_json(path: str) -> Any:
    """The content of a JSON file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not JSON.
    """
    return parse_json(paths.read(path).decode("utf-8").strip())


def parse_json(text: str) -> Any:
    """The value of a JSON text without blanks around it; ValueError for other text."""
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


def store(directory: str, key: str, value: Any) -> None:
    """Write a session under a key: 0600, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    import json

    from awsenv.system import files

    files.private_folder(directory)
    data = json.dumps(value, default=time_as_text).encode()
    files.write_whole(os.path.join(directory, f"{key}.json"), data)


def time_as_text(value: Any) -> str:
    """A datetime of botocore as the CLI v1 writes it, and as every reader understands it."""
    return expiry.format_utc(int(value.timestamp()))
