"""What asking for the credentials of a profile can yield: the one place that decides it, from files and the environment
alone. So no fix says `assume`, `refresh` or `login` where that cannot give anything new.

    renewal = renewal_of(profiles, "project1", environ, now)
    renewal.yields(other_than=KEY_ID)   # is `awsenv assume project1 --refresh` worth typing?
    renewal.remedy                      # if not: what to do instead (awsenv.aws.remedy)
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from awsenv.aws import cache_keys, expiry, paths
from awsenv.aws.config_files import File, Profiles
from awsenv.aws.key_id import LONG_TERM as LONG_TERM_PREFIX
from awsenv.aws.key_id import TEMPORARY as TEMPORARY_PREFIX
from awsenv.aws.providers import KEYS, SETTINGS, TOKENS, Provider, candidates, fallback, provider_of
from awsenv.aws.providers import session_token as token_in
from awsenv.aws.validity import EXPIRED, HOUR, UNKNOWN, VALID, Validity, validity_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awsenv.aws.remedy import Remedy

__all__ = [
    "BROKEN",
    "LONG_TERM",
    "MISSING",
    "NEW",
    "NONE",
    "SIGN_IN",
    "TEMPORARY",
    "Renewal",
    "json_object",
    "renewal_of",
    "sign_in_expiration",
]

#: The kinds of a Renewal. A new session can be obtained: by AssumeRole, a sign-in that is there, a process, …
NEW = "new"
#: A new session can be obtained after a sign-in, which is missing or has expired.
SIGN_IN = "sign-in"
#: Long-term keys in a file: asking yields these, always.
LONG_TERM = "long-term keys"
#: Temporary keys in a file: asking yields these, and nothing renews them.
TEMPORARY = "temporary keys"
#: The profile has no credentials.
NONE = "none"
#: Every call fails, because of what the files or variables say.
BROKEN = "broken"
#: There is no such profile.
MISSING = "missing"


class Renewal:
    """What asking for the credentials of a profile can yield. It does not change.

    Attributes:
        profile: the profile.
        kind: NEW, SIGN_IN, LONG_TERM, TEMPORARY, NONE, BROKEN or MISSING.
        source: the profile that decides that: this one, or one of its source profiles.
        provider: what serves that profile; its `section` is the file and header with the keys.
        place: `PATH:LINE` of what decides, the variable, or the path of the file; empty for MISSING.
        access_key: the access key id of LONG_TERM and TEMPORARY; else empty.
        validity: of TEMPORARY, else None.
        why: of BROKEN and NONE: one clause without a full stop, with "it" or "its" for the profile; may be empty.
        hidden: the provider that would serve `source` if its keys were removed (credential_process, login_session),
            None if there is none.
        misspelled: of NONE and BROKEN, a setting that looks like a misspelled one: itself, its `PATH:LINE`, and what it
            should be.
    """

    __slots__ = (
        "access_key",
        "hidden",
        "kind",
        "misspelled",
        "place",
        "profile",
        "profiles",
        "provider",
        "source",
        "validity",
        "why",
    )

    def __init__(
        self,
        profiles: Profiles,
        profile: str,
        kind: str,
        source: str,
        provider: Provider,
        *,
        place: str = "",
        access_key: str = "",
        validity: Validity | None = None,
        why: str = "",
        hidden: Provider | None = None,
        misspelled: tuple[str, str, str] | None = None,
    ) -> None:
        self.profiles = profiles
        self.profile = profile
        self.kind = kind
        self.source = source
        self.provider = provider
        self.place = place
        self.access_key = access_key
        self.validity = validity
        self.why = why
        self.hidden = hidden
        self.misspelled = misspelled

    def yields(self, other_than: str = "") -> bool:
        """Whether `awsenv assume PROFILE --refresh` gives usable credentials without anything else to be done first.

        Args:
            other_than: the id of an access key that has expired or was rejected: to get that one again is no help.
        """
        if self.validity is not None and self.validity.state not in (VALID, UNKNOWN):
            return False
        return self.kind == NEW or (self.static and self.access_key != other_than)

    @property
    def expired(self) -> bool:
        """Whether the temporary keys that it starts from have certainly expired."""
        return self.validity is not None and self.validity.state == EXPIRED

    @property
    def static(self) -> bool:
        """Whether the keys of a file are all that there is, so that no new ones can be obtained."""
        return self.kind in (LONG_TERM, TEMPORARY)

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
    """What asking for the credentials of a profile can yield.

    Args:
        profiles: the AWS files.
        name: the profile.
        environ: the environment, for `credential_source` and the directories of sign-ins.
        now: epoch seconds.
        lifetime: seconds for which most sessions are valid: `settings.assumed_lifetime`.
        assumes: whether a session is then obtained with the credentials of the profile, as by `--role-arn`, `--chain`
            and `--session-token`: then valid static keys yield something new.
        is_source: whether the profile is the source_profile of another, whose own keys then count before its role.
    """
    if name not in profiles:
        return Renewal(profiles, name, MISSING, name, Provider("none"))
    return _Search(profiles, name, environ, now, lifetime).find(name, assumes=assumes, is_source=is_source)


class _Search:
    """Goes through the source profiles of one profile, in botocore's order."""

    def __init__(self, profiles: Profiles, profile: str, environ: Mapping[str, str], now: int, lifetime: int) -> None:
        self._profiles = profiles
        self._profile = profile
        self._environ = environ
        self._now = now
        self._lifetime = lifetime

    def find(self, name: str, *, assumes: bool, is_source: bool) -> Renewal:
        found = provider_of(self._profiles, name, is_source=is_source)
        if found.kind == "none" and not is_source:
            found = fallback(self._environ) if fallback(self._environ).kind != "none" else found
        if found.kind == "none":
            return self._none(name, found)
        if found.error:
            deeper = self._of_source(name) if found.kind == "role" and " loop" not in found.error else None
            return deeper or self._renewal(BROKEN, name, found, why=found.error)
        if found.kind == "role":
            return self._role(name, found)
        if found.kind == "keys" and found.section is not None:
            return self._keys(name, found, *found.section, assumes=assumes)
        if (found.kind == "sso" and not self._is_signed_in(name)) or (found.kind == "login" and not self._login(name)):
            return self._renewal(SIGN_IN, name, found)
        return self._renewal(NEW, name, found)

    def _renewal(self, kind: str, name: str, found: Provider, **more: object) -> Renewal:
        place = found.place or self._profiles.where(name) or ""
        if kind in (NONE, BROKEN):
            from awsenv.aws.misspelling import misspelled

            more["misspelled"] = misspelled(self._profiles, name, found.kind)
        return Renewal(self._profiles, self._profile, kind, name, found, **{"place": place, **more})  # type: ignore[arg-type]

    def _of_source(self, name: str) -> Renewal | None:
        """What is wrong with the source profile of a role that cannot be assumed; None if it is the role's own."""
        settings, source = self._profiles.settings(name), self._profiles.text(name, "source_profile")
        if source is None or source == name or source not in self._profiles or "credential_source" in settings:
            return None
        found = self.find(source, assumes=True, is_source=True)
        return found if found.kind in (NONE, BROKEN) else None

    def _role(self, name: str, found: Provider) -> Renewal:
        source = self._profiles.text(name, "source_profile")
        if source is not None:
            renewal = self.find(source, assumes=True, is_source=True)
            return self._renewal(NEW, name, found) if renewal.kind == NEW else renewal
        of_environment = self._profiles.text(name, "credential_source") == "Environment"
        if of_environment and not all(self._environ.get(key.upper()) for key in KEYS):
            why = "its credential_source is Environment, and no keys are exported"
            return self._renewal(BROKEN, name, found, why=why)
        return self._renewal(NEW, name, found)

    def _keys(self, name: str, found: Provider, file: File, header: str, *, assumes: bool) -> Renewal:
        section = file.section(header)
        key, secret = (str(section.get(setting, "")) for setting in KEYS)
        token = token_in(section)[1]
        others = candidates(self._profiles, name, is_source=True)
        hidden = next((one for one in others if one.kind in ("login", "process")), None)
        if not key or not secret:
            return self._renewal(BROKEN, name, found, why=f"its {KEYS[1] if key else KEYS[0]} is empty", hidden=hidden)
        if token is None and key.startswith(TEMPORARY_PREFIX):
            why = f"its access key is a temporary one, and its {TOKENS[1]} is missing"
            return self._renewal(BROKEN, name, found, why=why, hidden=hidden)
        if token is None or key.startswith(LONG_TERM_PREFIX):
            if assumes:
                return self._renewal(NEW, name, found)
            return self._renewal(LONG_TERM, name, found, access_key=key, hidden=hidden)
        validity = validity_of(self._profiles.settings(name), token, self._now, self._lifetime)
        if assumes and validity.state in (VALID, UNKNOWN):
            return self._renewal(NEW, name, found)
        return self._renewal(TEMPORARY, name, found, access_key=key, validity=validity, hidden=hidden)

    def _none(self, name: str, found: Provider) -> Renewal:
        settings = self._profiles.settings(name)
        for setting, kind, why in (
            (KEYS[1], BROKEN, f"it has {KEYS[1]} but no {KEYS[0]}"),
            ("source_profile", NONE, "it has a source_profile, but no role_arn to use it for"),
            ("sso_session", NONE, "it has an sso_session, but no sso_account_id and no sso_role_name"),
            ("sso_start_url", NONE, "it has an sso_start_url, but no sso_account_id and no sso_role_name"),
        ):
            if setting in settings:
                return self._renewal(kind, name, found, why=why, place=self._profiles.where(name, setting) or "")
        for outer, block in settings.items():
            inner = next((one for one in block if one in SETTINGS), None) if isinstance(block, dict) else None
            if inner is not None:
                why = f"{inner} is indented, so it belongs to {outer} above it"
                return self._renewal(NONE, name, found, why=why, place=self._profiles.where(name, outer) or "")
        return self._renewal(NONE, name, found)

    def _is_signed_in(self, name: str) -> bool:
        return (sign_in_expiration(self._profiles, name, self._environ) or 0) > self._now

    def _login(self, name: str) -> bool:
        """Whether there is a sign-in by `aws login` that is valid, or may be renewed."""
        session = cache_keys.login_session(self._profiles.text(name, "login_session") or "")
        token = json_object(os.path.join(paths.login_cache(self._environ), f"{session}.json"))
        keys = token.get("accessToken")
        is_ahead = isinstance(keys, dict) and (expiry.parse(str(keys.get("expiresAt", ""))) or 0) > self._now
        return isinstance(keys, dict) and (is_ahead or bool(token.get("refreshToken")))


def sign_in_expiration(profiles: Profiles, name: str, environ: Mapping[str, str]) -> int | None:
    """Until when the sign-in to IAM Identity Center of a profile is valid, or can be renewed without a person: for as
    long as the registration of its client is.

    Returns:
        Epoch seconds, which may have passed; None without a sign-in.
    """
    signs = profiles.text(name, "sso_session") or profiles.text(name, "sso_start_url") or ""
    token = json_object(os.path.join(paths.sso_cache(environ), f"{cache_keys.sso_token(signs)}.json"))
    if not token.get("accessToken") or not isinstance(token["accessToken"], str):
        return None
    names = ["expiresAt"]
    if "sso_session" in profiles.settings(name) and token.get("refreshToken"):
        names.append("registrationExpiresAt")
    return max((expiry.parse(str(token.get(name, ""))) or 0 for name in names), default=0) or None


def json_object(path: str) -> Mapping[str, object]:
    """The object in a JSON file; an empty one if there is none, or the file cannot be used."""
    try:
        content = paths.read_json(path)
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
