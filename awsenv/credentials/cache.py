"""Write the AWS CLI's session cache, `~/.aws/cli/cache`: one JSON file per session, as the CLI writes it."""

from __future__ import annotations

import os

from awsenv.environment import expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["store", "time_as_text"]


def store(path: str, value: Any) -> None:
    """Write a JSON file, of a session or of awsenv's own, and its directory: with mode 0600, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    import json

    from awsenv.system import files

    files.private_directory(os.path.dirname(path))
    files.write_atomic(path, json.dumps(value, default=time_as_text).encode())


def time_as_text(value: Any) -> str:
    """Format a datetime of botocore as the CLI v1 does, which every reader understands."""
    return expiry.format_utc(int(value.timestamp()))
