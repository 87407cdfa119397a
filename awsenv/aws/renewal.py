"""What obtaining the credentials of a profile can yield: decided here alone, from files and the environment alone, so
that no fix says `assume`, `refresh` or `login` where that cannot yield anything new.

    renewal = renewal_of(profiles, "project1", environ, now)
    renewal.yields(other_than=KEY_ID)   # can `awsenv assume project1 --refresh` help?
    renewal.remedy                      # if not: what to do instead (awsenv.aws.remedy)
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from awsenv import Value
from awsenv.aws import cache_keys, expiry, paths
from awsenv.aws.config_files import File, Profiles
from awsenv.aws.key_id import LONG_TERM as LONG_TERM_PREFIX
from awsenv.aws.key_id import TEMPORARY as TEMPORARY_PREFIX
from awsenv.aws.providers import KEYS, SETTINGS, TOKENS, Fault, Provider, candidates, fallback, provider_of
from awsenv.aws.providers import session_token as token_in
from awsenv.aws.validity import EXPIRED, HOUR, UNKNOWN, VALID, Validity, validity_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from awsenv.aws.remedy import Remedy

__all__ = [
    "BROKEN",
    "LONG_TERM",
    "MISSING",
    "NEW",
    "NONE",
    "SIGN_IN",
    "SIGN_IN_RENEWAL",
    "TEMPORARY",
    "Renewal",
    "json_object",
    "renewal_of",
    "sign_in_expiration",
]

#: The members of a cached sign-in that SDKs need to renew it (botocore.tokens, SSOTokenProvider).
SIGN_IN_RENEWAL = ("refreshToken", "clientId", "clientSecret", "registrationExpiresAt")

#: The kinds of a Renewal. A new session can be obtained: by AssumeRole, an existing sign-in, a process, …
NEW = "new"
#: A new session can be obtained after a sign-in, which is missing or has expired.
SIGN_IN = "sign-in"
#: Long-term keys in a file: obtaining them always yields the same.
LONG_TERM = "long-term keys"
#: Temporary keys in a file: obtaining them always yields the same, and nothing renews them.
TEMPORARY = "temporary keys"
#: The profile has no credentials.
NONE = "none"
#: Every call fails because of the files or variables.
BROKEN = "broken"
#: There is no such profile.
MISSING = "missing"


class Renewal(Value):
    """What obtaining the credentials of a profile can yield.

    Attributes:
        profiles: the AWS files.
        profile: the profile.
        kind: NEW, SIGN_IN, LONG_TERM, TEMPORARY, NONE, BROKEN or MISSING.
        source: the profile that determines the kind: this one, or one of its source profiles.
        provider: the provider of `source`; its `section` is the file and header with the keys.
        fault: of BROKEN, and of some NONE: why.
        access_key: the access key id of LONG_TERM and TEMPORARY; else empty.
        validity: of TEMPORARY, else None.
        hidden: the provider that would serve `source` if its keys were removed (credential_process, login_session), or
            None.
    """

    profiles: Profiles
    profile: str
    kind: str
    source: str
    provider: Provider
    fault: Fault | None = None
    access_key: str = ""
    validity: Validity | None = None
    hidden: Provider | None = None

    def yields(self, other_than: str = "") -> bool:
        """Whether `awsenv assume PROFILE --refresh` yields usable credentials without any other step before.

        Args:
            other_than: the id of an access key that has expired or was rejected: obtaining it again does not help.
        """
        if self.validity is not None and self.validity.state not in (VALID, UNKNOWN):
            return False
        return self.kind == NEW or (self.static and self.access_key != other_than)

    @property
    def place(self) -> str:
        """`PATH:LINE` of the decisive setting or of the profile, or the decisive variable; empty for MISSING."""
        setting = self.fault and self.fault.setting
        return (
            (setting and self.profiles.where(self.source, setting))
            or self.provider.place
            or self.profiles.where(self.source)
            or ""
        )

    @property
    def expired(self) -> bool:
        """Whether the temporary keys it starts from have certainly expired."""
        return self.validity is not None and self.validity.state == EXPIRED

    @property
    def static(self) -> bool:
        """Whether it has only keys in a file, so that no new ones can be obtained."""
        return self.kind in (LONG_TERM, TEMPORARY)

    @property
    def misspelled(self) -> tuple[str, str, str] | None:
        """Of NONE and BROKEN, a setting that looks misspelled: itself, its `PATH:LINE`, and what it should be."""
        if self.kind not in (NONE, BROKEN):
            return None
        from awsenv.aws import misspelling

        return misspelling.misspelled(self.profiles, self.source, self.provider.kind)

    @property
    def remedy(self) -> Remedy:
        """What is wrong, and what to do instead of `assume`; see `awsenv.aws.remedy`."""
        from awsenv.aws.remedy import remedy_of

        return remedy_of(self)


def renewal_of(
    profiles: Profiles,
    name: str,
    environ: Mapping[str, str],
    now: int,
    *,
    lifetime: int = HOUR,
    assumes: bool = False,
    is_source: bool = False,
) -> Renewal:
    """Determine what obtaining the credentials of a profile can yield.

    Args:
        profiles: the AWS files.
        name: the profile.
        environ: the environment, for `credential_source` and the directories of sign-ins.
        now: epoch seconds.
        lifetime: seconds for which most sessions are valid: `settings.assumed_lifetime`.
        assumes: whether the profile's credentials are then used to obtain a session, as by `--role-arn`, `--chain` and
            `--session-token`, so that valid static keys yield something new.
        is_source: whether the profile is the source_profile of another, so that its keys take precedence over its role.
    """
    if name not in profiles:
        return Renewal(profiles, name, MISSING, name, Provider("none"))
    return _Search(profiles, name, environ, now, lifetime).find(name, assumes=assumes, is_source=is_source)


class _Search(Value):
    """Follows the source profiles of one profile, in botocore's order."""

    profiles: Profiles
    profile: str
    environ: Mapping[str, str]
    now: int
    lifetime: int

    def find(self, name: str, *, assumes: bool, is_source: bool) -> Renewal:
        provider = provider_of(self.profiles, name, is_source=is_source)
        if provider.kind == "none" and not is_source:
            provider = fallback(self.environ)
        if provider.kind == "none":
            return self._none(name, provider)
        fault = provider.fault
        if fault is not None:
            of_source = None
            if provider.kind == "role" and not fault.is_loop:  # a loop would be followed endlessly
                of_source = self._broken_source(name)
            return of_source or self._renewal(BROKEN, name, provider, fault=fault)
        if provider.kind == "role":
            return self._role(name, provider)
        if provider.kind == "keys" and provider.section is not None:
            return self._keys(name, provider, *provider.section, assumes=assumes)
        signed_out = (provider.kind == "sso" and not self._has_sso_sign_in(name)) or (
            provider.kind == "login" and not self._has_login(name)
        )
        return self._renewal(SIGN_IN if signed_out else NEW, name, provider)

    def _renewal(self, kind: str, name: str, provider: Provider, **more: Any) -> Renewal:
        return Renewal(self.profiles, self.profile, kind, name, provider, **more)

    def _broken_source(self, name: str) -> Renewal | None:
        """Return what is wrong with the source profile of a role that cannot be assumed; None if the role is wrong."""
        settings, source = self.profiles.settings(name), self.profiles.text(name, "source_profile")
        if source is None or source == name or source not in self.profiles or "credential_source" in settings:
            return None
        renewal = self.find(source, assumes=True, is_source=True)
        return renewal if renewal.kind in (NONE, BROKEN) else None

    def _role(self, name: str, provider: Provider) -> Renewal:
        source = self.profiles.text(name, "source_profile")
        if source is not None:
            renewal = self.find(source, assumes=True, is_source=True)
            return self._renewal(NEW, name, provider) if renewal.kind == NEW else renewal
        from_environment = self.profiles.text(name, "credential_source") == "Environment"
        if from_environment and not all(self.environ.get(key.upper()) for key in KEYS):
            fault = Fault("its credential_source is Environment, and no keys are exported", "credential_source")
            return self._renewal(BROKEN, name, provider, fault=fault)
        return self._renewal(NEW, name, provider)

    def _keys(self, name: str, provider: Provider, file: File, header: str, *, assumes: bool) -> Renewal:
        section = file.section(header)
        key, secret = (str(section.get(setting, "")) for setting in KEYS)
        token = token_in(section)[1]
        others = candidates(self.profiles, name, is_source=True)
        hidden = next((other for other in others if other.kind in ("login", "process")), None)
        if not key or not secret:
            fault = Fault(f"its {KEYS[1] if key else KEYS[0]} is empty")
            return self._renewal(BROKEN, name, provider, fault=fault, hidden=hidden)
        if token is None and key.startswith(TEMPORARY_PREFIX):
            fault = Fault(f"its access key is a temporary one, and its {TOKENS[1]} is missing")
            return self._renewal(BROKEN, name, provider, fault=fault, hidden=hidden)
        if token is None or key.startswith(LONG_TERM_PREFIX):
            if assumes:
                return self._renewal(NEW, name, provider)
            return self._renewal(LONG_TERM, name, provider, access_key=key, hidden=hidden)
        validity = validity_of(self.profiles.settings(name), token, self.now, self.lifetime)
        if assumes and validity.state in (VALID, UNKNOWN):
            return self._renewal(NEW, name, provider)
        return self._renewal(TEMPORARY, name, provider, access_key=key, validity=validity, hidden=hidden)

    def _none(self, name: str, provider: Provider) -> Renewal:
        settings = self.profiles.settings(name)
        for setting, kind, why in (
            (KEYS[1], BROKEN, f"it has {KEYS[1]} but no {KEYS[0]}"),
            ("source_profile", NONE, "it has a source_profile, but no role_arn to use it for"),
            ("sso_session", NONE, "it has an sso_session, but no sso_account_id and no sso_role_name"),
            ("sso_start_url", NONE, "it has an sso_start_url, but no sso_account_id and no sso_role_name"),
        ):
            if setting in settings:
                return self._renewal(kind, name, provider, fault=Fault(why, setting))
        for outer, block in settings.items():
            nested = block if isinstance(block, dict) else {}
            inner = next((setting for setting in nested if setting in SETTINGS), None)
            if inner is not None:
                fault = Fault(f"{inner} is indented, so it belongs to {outer} above it", outer)
                return self._renewal(NONE, name, provider, fault=fault)
        return self._renewal(NONE, name, provider)

    def _has_sso_sign_in(self, name: str) -> bool:
        return (sign_in_expiration(self.profiles, name, self.environ) or 0) > self.now

    def _has_login(self, name: str) -> bool:
        """Whether there is a sign-in by `aws login` that is valid, or may be renewed."""
        session = cache_keys.login_session(self.profiles.text(name, "login_session") or "")
        token = json_object(os.path.join(paths.login_cache(self.environ), f"{session}.json"))
        keys = token.get("accessToken")
        if not isinstance(keys, dict):
            return False
        expiration = expiry.parse(str(keys.get("expiresAt", ""))) or 0
        return expiration > self.now or bool(token.get("refreshToken"))


def sign_in_expiration(profiles: Profiles, name: str, environ: Mapping[str, str]) -> int | None:
    """Return when a person has to sign in again to the IAM Identity Center of a profile.

    Until then the sign-in is valid or SDKs renew it, which they can for as long as the registration of its client is
    valid.

    Returns:
        Epoch seconds, which may have passed; None without a sign-in.
    """
    session = profiles.text(name, "sso_session") or profiles.text(name, "sso_start_url") or ""
    token = json_object(os.path.join(paths.sso_cache(environ), f"{cache_keys.sso_token(session)}.json"))
    if not token.get("accessToken") or not isinstance(token["accessToken"], str):
        return None
    times = [token.get("expiresAt")]
    if "sso_session" in profiles.settings(name) and all(map(token.get, SIGN_IN_RENEWAL)):
        times.append(token["registrationExpiresAt"])
    return max(expiry.parse(str(time)) or 0 for time in times) or None


def json_object(path: str) -> Mapping[str, object]:
    """Return the object in a JSON file; an empty one for anything else, such as a missing file."""
    try:
        content = paths.read_json(path)
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
