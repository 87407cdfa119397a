"""The profiles by which SDKs get the credentials of another profile from awsenv: `awsenv profile NAME --live`."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsenv.aws.config_files import Profiles

__all__ = ["SUFFIX", "profile_of_command", "served_by", "without_twins"]

#: What their names end with; a number may follow.
SUFFIX = "-awsenv"


def served_by(profiles: Profiles, name: str) -> str | None:
    """Return the profile that a twin serves; None if `name` is not a twin, or that profile does not exist."""
    return profile_of_command(profiles, name) if SUFFIX in name else None


def profile_of_command(profiles: Profiles, name: str) -> str | None:
    """Return the profile whose credentials the `credential_process` of another asks awsenv for, or None."""
    command, verb, asked = (profiles.text(name, "credential_process") or "").partition(" credential-process ")
    if not verb or "awsenv" not in command.replace("\\", "/").rpartition("/")[2]:
        return None
    args = [asked.strip()]
    if args[0] not in profiles:  # it is quoted, or follows options
        import shlex

        try:
            args = [arg.strip('"') for arg in shlex.split(asked, posix=sys.platform != "win32")]
        except ValueError:
            return None
    return next((arg for arg in reversed(args) if arg in profiles and arg != name), None)


def without_twins(profiles: Profiles, names: Iterable[str]) -> list[str]:
    """Return the names without those of twins."""
    return [name for name in names if served_by(profiles, name) is None]
