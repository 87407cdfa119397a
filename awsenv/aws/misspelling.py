"""Misspelled settings: those that resemble another setting, which the profile lacks."""

from __future__ import annotations

from collections.abc import Set

from awsenv.aws import expiry
from awsenv.aws.config_files import Profiles
from awsenv.aws.providers import KEYS, SETTINGS

__all__ = ["misspelled"]

# The names that other tools, or people, give to settings: letters and digits only.
_ALIASES = {
    "accesskey": KEYS[0],
    "accesskeyid": KEYS[0],
    "keyid": KEYS[0],
    "secretkey": KEYS[1],
    "secretaccesskey": KEYS[1],
    "secretaccesskeyid": KEYS[1],
    "secret": KEYS[1],
    "role": "role_arn",
    "arn": "role_arn",
    "assumerolearn": "role_arn",
    "process": "credential_process",
    "source": "source_profile",
    "ssorole": "sso_role_name",
    "ssourl": "sso_start_url",
    "ssosessionname": "sso_session",
}

# Settings of SDKs that resemble those of credentials.
_SIMILAR = ("sso_registration_scopes", "role_session_name", "aws_account_id", "region", "output", "mfa_serial")


def misspelled(profiles: Profiles, name: str, kind: str) -> tuple[str, str, str] | None:
    """Find the first setting of a profile that resembles one of `providers.SETTINGS`, which the profile lacks.

    Args:
        profiles: the AWS files.
        name: the profile.
        kind: the kind of its provider.

    Returns:
        The setting as it is written, its `PATH:LINE`, and what it should be; None if there is none.
    """
    settings = profiles.settings(name)
    for setting in settings:
        right = _intended(setting)
        if right is not None and right not in settings and _needs(kind, right, settings.keys()):
            return setting, profiles.where(name, setting) or profiles.config.path, right
    return None


def _needs(kind: str, setting: str, settings: Set[str]) -> bool:
    """Whether a profile with these settings and this kind of provider also needs `setting`."""
    if kind == "role":
        sources = {"source_profile", "credential_source"}
        return setting in sources and not sources & settings
    return kind == "none" or setting.startswith({"sso": "sso_", "keys": "aws_"}.get(kind, " "))


def _intended(setting: str) -> str | None:
    from difflib import get_close_matches

    if setting in SETTINGS or setting in _SIMILAR or setting in expiry.SETTINGS:
        return None
    folded = {"".join(filter(str.isalnum, known)): known for known in SETTINGS}
    text = "".join(filter(str.isalnum, setting.casefold().removeprefix("export ").removeprefix("set ")))
    alias = folded.get(text) or _ALIASES.get(text.removeprefix("aws"))
    close = [] if alias else get_close_matches(text, folded, n=1, cutoff=0.86)
    return alias or (folded[close[0]] if close else None)
