"""What the stored copy of a script (`awsenv.integration.script_copy`) depends on; the dialects write its tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Basis"]


@dataclass(frozen=True)
class Basis:
    """What a copy was made from. Times are of the last change, in seconds since the epoch.

    Attributes:
        program: the path of awsenv.
        real_program: the same without symbolic links.
        program_seconds: its time.
        copy: the path of the copy, which gets the time of the program.
        settings: the path of the settings file.
        settings_seconds: its time, None if it is not there.
        settings_stamp: the path of an empty file, which gets the time of the settings file.
        variables: the settings in the environment, and what else the script depends on there; None: it is not set.
    """

    program: str
    real_program: str
    program_seconds: int
    copy: str
    settings: str
    settings_seconds: int | None
    settings_stamp: str
    variables: Mapping[str, str | None]
