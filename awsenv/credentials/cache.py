"""Writing the AWS CLI's session cache, `~/.aws/cli/cache`: one JSON file per session, as the CLI writes it."""

from __future__ import annotations

import os

from awsenv.environment import expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["store", "time_as_text"]


def store(path: str, value: Any) -> None:
    """Write a JSON file, of a session or of what awsenv remembers, and its directory: 0600, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    import json

    from awsenv.system import files

    files.private_directory(os.path.dirname(path))
    files.write_atomic(path, json.dumps(value, default=time_as_text).encode())


def time_as_text(value: Any) -> str:
    """A datetime of botocore as the CLI v1 writes it, and as every reader understands it."""
    return expiry.format_utc(int(value.timestamp()))
