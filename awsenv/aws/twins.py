"""Twins: profiles by which SDKs obtain the credentials of another one from awsenv (`awsenv profile NAME --live`)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from awsenv.aws.config_files import Profiles

__all__ = ["SUFFIX", "served_by", "without_twins"]

#: The end of their names; a number may follow.
SUFFIX = "-awsenv"

_COMMAND = " credential-process "


def served_by(profiles: Profiles, name: str) -> str | None:
    """Return the profile that a twin serves; None for a profile that is not a twin, or serves an unknown one."""
    if SUFFIX not in name:
        return None
    _, is_twin, served = (profiles.text(name, "credential_process") or "").partition(_COMMAND)
    served = served.strip()
    if is_twin and served not in profiles:  # quoted, or after --
        import shlex

        try:
            args = shlex.split(served)
        except ValueError:
            return None
        served = args[-1] if len(args) == 1 or (len(args) == 2 and args[0] == "--") else ""
    return served if is_twin and served != name and served in profiles else None


def without_twins(profiles: Profiles, names: Iterable[str]) -> list[str]:
    """Return the names of profiles that are not twins."""
    return [name for name in names if served_by(profiles, name) is None]
