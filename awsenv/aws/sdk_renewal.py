"""Which profiles every current SDK renews by itself, and when a person is needed for it next.

Reads files only. The SDKs and tools that are meant: boto3, the AWS CLI 1 and 2, and those of
https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html; the tests try boto3, both versions of the
AWS CLI and the SDK for JavaScript.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from awsenv.aws import cache_keys, expiry, paths
from awsenv.aws.config_files import Profiles
from awsenv.aws.providers import KEYS, Provider, provider_of
from awsenv.aws.renewal import json_object, sign_in_expiration

__all__ = ["ONLY_AWSENV", "SOURCES", "Need", "hops_of", "need_of", "only_awsenv", "takes_mfa_code"]

_GUIDE = "https://docs.aws.amazon.com/sdkref/latest/guide/feature"

#: Kind of a provider -> whether every SDK renews what it gives, without a person, and where that is documented.
SOURCES = {
    "role": (True, f"{_GUIDE}-assume-role-credentials.html"),
    "web identity": (True, f"{_GUIDE}-assume-role-credentials.html"),
    "sso": (True, f"{_GUIDE}-sso-credentials.html"),
    "process": (True, f"{_GUIDE}-process-credentials.html"),
    "container": (True, f"{_GUIDE}-container-credentials.html"),
    # long-term keys: there is nothing to renew
    "keys": (True, f"{_GUIDE}-static-credentials.html"),
    # boto3 without botocore[crt] and the AWS CLI before 2.32 cannot read it
    "login": (False, f"{_GUIDE}-login-credentials.html"),
    "none": (False, ""),
}

#: Settings of a role that awsenv knows and SDKs pass over, so that their session is another one:
#: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html does not have them.
ONLY_AWSENV = ("policy", "policy_arns", "session_tags", "source_identity", "transitive_session_tags")


class Need:
    """What a person has to do for a profile that is renewed silently otherwise.

    Attributes:
        expiration: epoch seconds from which on it is needed; None: now.
        fix: the command.
    """

    __slots__ = ("expiration", "fix")

    def __init__(self, expiration: int | None, fix: str) -> None:
        self.expiration = expiration
        self.fix = fix

    def is_near(self, now: int) -> bool:
        """Whether it is needed now or in the next 15 minutes."""
        return self.expiration is None or self.expiration - now < expiry.NEAR


def only_awsenv(profiles: Profiles, name: str) -> str:
    """Why SDKs cannot renew the credentials of a profile by themselves, as a clause; empty if every one can."""
    for hop, found in hops_of(profiles, name):
        whose = f"{hop} " if hop == name else f"{hop}, a source profile of {name}, "
        settings = profiles.texts(hop)
        if found.kind == "role":
            if settings.get("mfa_serial"):  # boto3: RefreshWithMFAUnsupportedError; the SDK for JavaScript cannot ask
                return f"{whose}requires an MFA code, for which no SDK asks again"
            duration = settings.get("duration_seconds", "")
            if duration and not duration.isdecimal():
                return f"{whose}has duration_seconds = {duration}, which awsenv alone knows"
            setting = next((setting for setting in ONLY_AWSENV if profiles.settings(hop).get(setting)), None)
            if setting:
                return f"{whose}has {setting}, which awsenv alone knows"
        if not SOURCES[found.kind][0]:
            return f"{whose}has {found.setting or 'no credentials'}, which not every SDK knows"
    return ""


def takes_mfa_code(profiles: Profiles, name: str) -> bool:
    """Whether a role on the way to the credentials of a profile requires an MFA code."""
    return any(
        found.kind == "role" and profiles.text(hop, "mfa_serial") is not None for hop, found in hops_of(profiles, name)
    )


def need_of(profiles: Profiles, name: str, environ: Mapping[str, str]) -> Need | None:
    """When a person is needed next for the credentials of a profile, and for what.

    Args:
        profiles: the AWS files.
        name: the profile.
        environ: says where the caches are.

    Returns:
        None if no person is needed, or it is unknown when.
    """
    needs = [need for need in (_sign_in(profiles, name, environ), _mfa_session(profiles, name, environ)) if need]
    return min(needs, key=lambda need: need.expiration or 0, default=None)


def hops_of(profiles: Profiles, name: str) -> Iterator[tuple[str, Provider]]:
    """The profile and its source profiles, each with its provider."""
    seen: list[tuple[str, bool]] = []
    hop: str | None = name
    while hop is not None and hop in profiles and (hop, bool(seen)) not in seen:
        found = provider_of(profiles, hop, is_source=bool(seen))
        seen.append((hop, bool(seen)))
        yield hop, found
        hop = profiles.text(hop, "source_profile") if found.kind == "role" else None


def _sign_in(profiles: Profiles, name: str, environ: Mapping[str, str]) -> Need | None:
    """The sign-in to IAM Identity Center: SDKs renew it for as long as the registration of its client is valid."""
    import shlex

    for hop, found in hops_of(profiles, name):
        if found.kind != "sso":
            continue
        return Need(sign_in_expiration(profiles, hop, environ), f"awsenv login {shlex.quote(hop)}")
    return None


def _mfa_session(profiles: Profiles, name: str, environ: Mapping[str, str]) -> Need | None:
    """The session that was obtained with an MFA code: the user's, which several roles share, or else the role's."""
    hops = list(hops_of(profiles, name))
    serials = (profiles.text(hop, "mfa_serial") for hop, found in hops if found.kind == "role")
    serial = next(filter(None, serials), None)
    if serial is None:
        return None
    keys = [cache_keys.role_session(profiles.settings(hop)) for hop, found in hops if found.kind == "role"][:1]
    key = profiles.text(hops[-1][0], KEYS[0])
    if hops[-1][1].kind == "keys" and key is not None:
        keys.append(cache_keys.user_session(key, serial))
    ends = []
    for cached in filter(None, keys):
        entry = json_object(os.path.join(paths.cli_cache(environ), f"{cached}.json")).get("Credentials")
        ends.append(expiry.parse(str(entry.get("Expiration", ""))) if isinstance(entry, dict) else None)
    known = [end for end in ends if end is not None]
    return Need(max(known), "awsenv refresh") if known else None
