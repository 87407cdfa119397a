"""What the stored copy of a script (`awsenv.integration.script_copy`) depends on, for the tests that it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Basis"]


@dataclass(frozen=True)
class Basis:
    """What a copy was made from. Times are modification times, in seconds since the epoch.

    Attributes:
        program: the path of awsenv.
        real_program: the same without symbolic links.
        program_seconds: its time.
        copy: the path of the copy, which is given the time of the program.
        settings: the path of the settings file.
        settings_seconds: its time, None if it does not exist.
        settings_stamp: the path of an empty file, which is given the time of the settings file.
        variables: the environment variables that the script depends on; None if not set.
    """

    program: str
    real_program: str
    program_seconds: int
    copy: str
    settings: str
    settings_seconds: int | None
    settings_stamp: str
    variables: Mapping[str, str | None]
