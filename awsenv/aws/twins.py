"""The profiles by which SDKs get the credentials of another profile from awsenv: `awsenv profile NAME --live`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsenv.aws.config_files import Profiles

__all__ = ["SUFFIX", "served_by", "without_twins"]

#: What their names end with; a number may follow.
SUFFIX = "-awsenv"

_COMMAND = " credential-process "


def served_by(profiles: Profiles, name: str) -> str | None:
    """The profile that a twin serves; None for a profile that is not a twin, or whose profile is not there."""
    if SUFFIX not in name:
        return None
    _, found, asked = (profiles.text(name, "credential_process") or "").partition(_COMMAND)
    asked = asked.strip()
    if found and asked not in profiles:  # it is quoted, or follows --
        import shlex

        try:
            words = shlex.split(asked)
        except ValueError:
            return None
        asked = words[-1] if len(words) == 1 or (len(words) == 2 and words[0] == "--") else ""
    return asked if found and asked != name and asked in profiles else None


def without_twins(profiles: Profiles, names: Iterable[str]) -> list[str]:
    """The names without those of twins."""
    return [name for name in names if served_by(profiles, name) is None]
