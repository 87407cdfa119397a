"""Which profiles every current SDK renews by itself, and when a person has to act next. It only reads files.

The SDKs are boto3, the AWS CLI 1 and 2, and those of
https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html. The tests use boto3, both versions of the
AWS CLI and the SDK for JavaScript.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping

from awsenv import Value
from awsenv.aws import cache_keys, expiry, paths
from awsenv.aws.config_files import Profiles
from awsenv.aws.providers import KEYS, Provider, provider_of
from awsenv.aws.renewal import json_object, sign_in_expiration

__all__ = ["ONLY_AWSENV", "SOURCES", "Need", "hops_of", "need_of", "only_awsenv", "takes_mfa_code"]

_GUIDE = "https://docs.aws.amazon.com/sdkref/latest/guide/feature"

#: Kind of a provider -> whether every SDK renews its credentials without a person, and where that is documented.
SOURCES = {
    "role": (True, f"{_GUIDE}-assume-role-credentials.html"),
    "web identity": (True, f"{_GUIDE}-assume-role-credentials.html"),
    "sso": (True, f"{_GUIDE}-sso-credentials.html"),
    "process": (True, f"{_GUIDE}-process-credentials.html"),
    "container": (True, f"{_GUIDE}-container-credentials.html"),
    # long-term keys need no renewal
    "keys": (True, f"{_GUIDE}-static-credentials.html"),
    # boto3 without botocore[crt] and the AWS CLI before 2.32 cannot read it
    "login": (False, f"{_GUIDE}-login-credentials.html"),
    "none": (False, ""),
}

#: Settings of a role that only awsenv knows: the session of SDKs, which ignore them, is a different one.
#: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html does not list them.
ONLY_AWSENV = ("policy", "policy_arns", "session_tags", "source_identity", "transitive_session_tags")


class Need(Value):
    """What a person has to do for a profile that is otherwise renewed silently.

    Attributes:
        expiration: epoch seconds at which it becomes necessary; None: now.
        fix: the command.
    """

    expiration: int | None
    fix: str

    def is_near(self, now: int) -> bool:
        """Whether it is necessary now or in the next 15 minutes."""
        return self.expiration is None or self.expiration - now < expiry.NEAR


def only_awsenv(profiles: Profiles, name: str) -> str:
    """Return why SDKs cannot renew the credentials of a profile by themselves, as a clause; empty if all can."""
    for hop, provider in hops_of(profiles, name):
        whose = f"{hop} " if hop == name else f"{hop}, a source profile of {name}, "
        settings = profiles.texts(hop)
        if provider.kind == "role":
            if settings.get("mfa_serial"):  # boto3: RefreshWithMFAUnsupportedError; JavaScript cannot prompt
                return f"{whose}requires an MFA code, which SDKs do not ask for again"
            duration = settings.get("duration_seconds", "")
            if duration and not duration.isdecimal():
                return f"{whose}has duration_seconds = {duration}, which only awsenv supports"
            setting = next((setting for setting in ONLY_AWSENV if profiles.settings(hop).get(setting)), None)
            if setting:
                return f"{whose}has {setting}, which only awsenv supports"
        if not SOURCES[provider.kind][0]:
            return f"{whose}has {provider.setting or 'no credentials'}, which not every SDK supports"
    return ""


def takes_mfa_code(profiles: Profiles, name: str) -> bool:
    """Whether a role in the source profile chain of a profile requires an MFA code."""
    return any(
        provider.kind == "role" and profiles.text(hop, "mfa_serial") is not None
        for hop, provider in hops_of(profiles, name)
    )


def need_of(profiles: Profiles, name: str, environ: Mapping[str, str]) -> Need | None:
    """Return when a person has to act next for the credentials of a profile, and how.

    Args:
        profiles: the AWS files.
        name: the profile.
        environ: the environment, for the directories of the caches.

    Returns:
        None if never, or if it is unknown when.
    """
    needs = [need for need in (_sign_in(profiles, name, environ), _mfa_session(profiles, name, environ)) if need]
    return min(needs, key=lambda need: need.expiration or 0, default=None)


def hops_of(profiles: Profiles, name: str) -> Iterator[tuple[str, Provider]]:
    """Yield the profile and its source profiles, each with its provider."""
    seen: set[tuple[str, bool]] = set()
    hop: str | None = name
    while hop is not None and hop in profiles and (hop, bool(seen)) not in seen:
        provider = provider_of(profiles, hop, is_source=bool(seen))
        seen.add((hop, bool(seen)))
        yield hop, provider
        hop = profiles.text(hop, "source_profile") if provider.kind == "role" else None


def _sign_in(profiles: Profiles, name: str, environ: Mapping[str, str]) -> Need | None:
    """Return when a person has to sign in again to IAM Identity Center."""
    hop = next((hop for hop, provider in hops_of(profiles, name) if provider.kind == "sso"), None)
    return None if hop is None else Need(sign_in_expiration(profiles, hop, environ), f"awsenv login {shlex.quote(hop)}")


def _mfa_session(profiles: Profiles, name: str, environ: Mapping[str, str]) -> Need | None:
    """Return when the session that an MFA code gave expires: that of the user, which roles share, or of the role."""
    hops = list(hops_of(profiles, name))
    roles = [hop for hop, provider in hops if provider.kind == "role"]
    serial = next(filter(None, (profiles.text(role, "mfa_serial") for role in roles)), None)
    if serial is None:
        return None
    cache_names = [cache_keys.role_session(profiles.settings(roles[0]))]
    source, provider = hops[-1]
    access_key = profiles.text(source, KEYS[0])
    if provider.kind == "keys" and access_key is not None:
        cache_names.append(cache_keys.user_session(access_key, serial))
    expirations = []
    for cache_name in filter(None, cache_names):
        session = json_object(os.path.join(paths.cli_cache(environ), f"{cache_name}.json")).get("Credentials")
        if isinstance(session, dict):
            expirations.append(expiry.parse(str(session.get("Expiration", ""))))
    known = [expiration for expiration in expirations if expiration is not None]
    return Need(max(known), "awsenv refresh") if known else None
