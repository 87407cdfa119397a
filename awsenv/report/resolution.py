"""The credentials that a profile, or this shell, resolves to, and where each part is set, like `aws configure list`.

It reads files and caches and makes no network request. The types are botocore's (`METHOD` of its providers); the order
is that of `aws.providers`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from awsenv import dialects, environment
from awsenv.aws import cache_keys, paths, providers
from awsenv.aws.config_files import File, Profiles, Settings
from awsenv.aws.key_id import TEMPORARY, account_of
from awsenv.aws.renewal import renewal_of
from awsenv.credentials import backends
from awsenv.credentials.plan import require
from awsenv.environment import expiry, lookup, settings
from awsenv.report import profiles, session_file
from awsenv.result import AwsenvError

__all__ = ["CACHED", "NOTHING", "SHELL", "Part", "Resolved", "in_force", "of"]

#: In place of a profile: the credentials that this shell has exported, or its active profile.
SHELL = "-"

#: The types whose credentials are a cached session, which a call obtains if it is missing.
CACHED = ("assume-role", "assume-role-with-web-identity", "sso")


@dataclass(frozen=True)
class Part:
    """One part of the credentials, and where it is set. Its repr holds no secret.

    Attributes:
        value: None if it is missing or unknown. May be a secret.
        type: as the AWS CLI names it: `env`, `shared-credentials-file`, `assume-role`, …
        place: the variable, or FILE:LINE; None if there is neither.
    """

    value: str | None = field(default=None, repr=False)
    type: str | None = None
    place: str | None = None


#: A missing part.
NOTHING = Part()


@dataclass(frozen=True)
class Resolved:
    """What a profile or this shell resolves to.

    Attributes:
        name: the profile, or SHELL.
        source: the type of the credentials, None if there are none, and the place that decides it; no value.
        access_key, secret_key, token: the credentials, as far as they are known.
        region: the region.
        account: twelve digits; its type is what they were read from.
        expiration: epoch seconds; None if the credentials do not expire, or their expiry is unknown.
        estimated: whether the expiration is an estimate.
        missing: why the credentials are unknown or unusable; empty if they are neither.
        key: the cache key of the session; None if it is not cached.
        invalid: whether the profile is misconfigured, so that every call fails.
        obtainable: whether a call obtains credentials that are unknown here.
    """

    name: str
    source: Part = NOTHING
    access_key: Part = NOTHING
    secret_key: Part = NOTHING
    token: Part = NOTHING
    region: Part = NOTHING
    account: Part = NOTHING
    expiration: int | None = None
    estimated: bool = False
    missing: str = ""
    key: str | None = None
    invalid: bool = False
    obtainable: bool = False

    @property
    def label(self) -> str:
        """The name for people."""
        return "this shell" if self.name == SHELL else self.name

    @property
    def known(self) -> bool:
        """Whether the access key is known."""
        return bool(self.access_key.value and self.secret_key.value)

    @property
    def none(self) -> bool:
        """Whether there are no credentials, and no call would obtain any."""
        written_by_hand = self.source.type in (None, "env", "shared-credentials-file", "config-file")
        return not self.known and (self.invalid or written_by_hand)

    @property
    def lasting(self) -> bool:
        """Whether the credentials are long-term keys."""
        return self.known and not self.token.value and not str(self.access_key.value).startswith(TEMPORARY)


def of(name: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> Resolved:
    """Resolve a profile; with SHELL, the credentials of programs in this shell that name no profile.

    Args:
        name: the profile, or SHELL.
        profiles: the AWS files.
        environ: the environment.
        now: epoch seconds.

    Raises:
        AwsenvError: there is no such profile, AWS_PROFILE is empty, or the keyring fails.
    """
    if name != SHELL:
        require(profiles, name)
    profile = in_force(profiles, environ) if name == SHELL else name
    return _Resolver(name, profile, profiles, environ, now).resolve()


def in_force(profiles: Profiles, environ: Mapping[str, str]) -> str:
    """Return the profile of programs that name none.

    Raises:
        AwsenvError: it does not exist, or its name is empty; such programs fail then, even if keys are exported.
    """
    for variable in environment.PROFILES:
        if environ.get(variable) == "":
            fix = dialects.load(dialects.likely(environ)).translate_fix(f"unset {variable}")
            raise AwsenvError(
                f"{variable} is set, but empty, so AWS tools look for a profile without a name and fail", f"type {fix}"
            )
    named_by = next(filter(environ.get, environment.PROFILES), None)
    if named_by is None:
        return "default"
    try:
        require(profiles, environ[named_by])
    except AwsenvError as error:
        what = f"{named_by} is wrong, so AWS tools fail: {error.what}"
        raise AwsenvError(what, error.fix, error.code) from None
    return environ[named_by]


class _Resolver:
    """Resolves one side by the provider that serves it."""

    def __init__(self, name: str, profile: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> None:
        self._name = name
        self._profile = profile
        self._profiles = profiles
        self._environ = environ
        self._now = now
        self._settings: Settings = profiles.settings(profile)

    def resolve(self) -> Resolved:
        """Return the credentials of the provider."""
        environ = self._environ if self._name == SHELL else None
        provider = providers.provider_of(self._profiles, self._profile, environ)
        if provider.kind == "none":
            provider = providers.fallback(self._environ)
        source = Part(None, provider.method, provider.place)
        if provider.kind == "none":
            return self._resolved(missing="no credentials, except those of an EC2 instance")
        if provider.kind == "container":
            return self._resolved(source, missing="the container's endpoint is not contacted")
        fault = "" if provider.fault is None else provider.fault.why
        if provider.method == "env":
            return self._exported(source, fault)
        if provider.kind == "keys" and provider.section is not None:
            return self._in_file(*provider.section, source, fault)
        if fault:
            return self._resolved(source, missing=fault, invalid=True)
        if provider.kind == "login":
            return self._login(source, str(self._settings["login_session"]))
        if provider.kind == "process":
            return self._resolved(source, missing="its credential_process is not run")
        return self._cached(source, self._web_identity_settings() if provider.section is None else self._settings)

    def _resolved(self, source: Part = NOTHING, keys: Sequence[Part] = (), **more: Any) -> Resolved:
        """Build the result from access key, secret key and token, if they are known, and other attributes."""
        if keys:
            more |= dict(zip(("access_key", "secret_key", "token"), keys, strict=True))
            account = account_of(keys[0].value or "")
            more["account"] = Part(account, "key id") if account else more.get("account", NOTHING)
        return Resolved(self._name, source=source, region=self._region(), **more)

    def _region(self) -> Part:
        for variable in environment.REGIONS:  # the AWS CLI 1 and boto3 read the second alone
            if self._environ.get(variable):
                return Part(self._environ[variable], "env", variable)
        region = self._profiles.text(self._profile, "region")
        return Part(region, "config-file", self._profiles.where(self._profile, "region")) if region else NOTHING

    # --- keys in variables and files --------------------------------------------------------------------------------

    def _exported(self, source: Part, fault: str) -> Resolved:
        def part(*variables: str) -> Part:
            name = next((variable for variable in variables if self._environ.get(variable)), None)
            return NOTHING if name is None else Part(self._environ[name], "env", name)

        found = lookup.exported_credentials(self._environ)
        token = part("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")  # in botocore's order
        return self._resolved(
            source,
            (part("AWS_ACCESS_KEY_ID"), part("AWS_SECRET_ACCESS_KEY"), token),
            expiration=found.expiration,
            estimated=found.estimated,
            missing=fault or (f"{found.exported.missing} is missing" if found.exported.missing else ""),
        )

    def _in_file(self, file: File, header: str, source: Part, fault: str) -> Resolved:
        section = file.section(header)

        def part(setting: str) -> Part:
            value = section.get(setting)
            place = file.where(header, setting)
            return Part(value, source.type, place) if isinstance(value, str) and value else NOTHING

        keys = [part(setting) for setting in (*providers.KEYS, providers.session_token(section)[0])]
        known = self._expiry(keys[0].value or "", keys[2].value)
        missing = [setting for setting, key in zip(providers.KEYS, keys, strict=False) if not key.value]
        return self._resolved(
            replace(source, place=file.where(header)),
            keys,
            expiration=known.expiration,
            estimated=known.estimated,
            missing=fault or (f"its {missing[0]} is empty" if missing else ""),
        )

    def _expiry(self, key: str, token: str | None) -> lookup.KeyInfo:
        """Look up the expiration of keys in a file as if they were exported."""
        if not token:
            return lookup.KeyInfo()
        environ = {name: value for name, value in self._environ.items() if name != "AWS_SECURITY_TOKEN"}
        environ |= {"AWS_ACCESS_KEY_ID": key, "AWS_SESSION_TOKEN": token}
        return lookup.look_up(environ, settings.assumed_lifetime(self._environ))

    # --- sessions in the caches -------------------------------------------------------------------------------------

    def _web_identity_settings(self) -> Settings:
        """Return the settings of a role by web identity; each variable overrides the setting of the profile."""
        variables = {
            "web_identity_token_file": "AWS_WEB_IDENTITY_TOKEN_FILE",
            "role_arn": "AWS_ROLE_ARN",
            "role_session_name": "AWS_ROLE_SESSION_NAME",
        }
        found = {setting: self._environ.get(name) or self._settings.get(setting) for setting, name in variables.items()}
        return {setting: value for setting, value in found.items() if value}

    def _cached(self, source: Part, role: Settings) -> Resolved:
        """Return a cached session, as awsenv or the AWS CLI stores it; without one, why there is none."""
        theirs = ours = cache_keys.role_session(role)
        if role is self._settings:
            ours = profiles.session_key(self._profile, self._profiles, self._environ, self._now)
        account, _ = profiles.role_of(role)
        by_settings = Part(account, "sso_account_id" if source.type == "sso" else "role_arn") if account else NOTHING
        sessions = backends.open_cache(self._environ)
        for key in filter(None, (ours, theirs)):
            entry = sessions.session(key)
            if entry is not None:
                path = None if sessions.in_keyring else self._file(key)
                parts = [Part(value, source.type, path) for value in (entry.access_key, entry.secret_key, entry.token)]
                return self._resolved(source, parts, account=by_settings, expiration=entry.expiration, key=key)
        first = ours or theirs
        corrupt = "" if first is None or sessions.in_keyring else session_file.why_corrupt(self._file(first))
        why = f"its cached session is corrupt ({corrupt})" if corrupt else "no session is cached"
        renewal = renewal_of(self._profiles, self._profile, self._environ, self._now)
        obtainable = renewal.yields() or self._profile not in self._profiles  # by variables alone
        if not obtainable:
            why = f"{why}, and {renewal.remedy.what}: {renewal.remedy.instruction}"
        return self._resolved(source, account=by_settings, key=first, missing=why, obtainable=obtainable)

    def _file(self, key: str) -> str:
        return os.path.join(paths.cli_cache(self._environ), f"{key}.json")

    def _login(self, source: Part, session: str) -> Resolved:
        """Return the session of `aws login`, read as botocore.utils.LoginTokenLoader does."""
        path = os.path.join(paths.login_cache(self._environ), f"{cache_keys.login_session(session)}.json")
        try:
            content = paths.read_json(path)
            keys = content["accessToken"]
            parts = [keys[name] for name in ("accessKeyId", "secretAccessKey", "sessionToken", "expiresAt")]
            account = keys.get("accountId")
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            parts, account = [None], None
        if not all(isinstance(part, str) and part for part in parts):
            return self._resolved(source, missing="not signed in with aws login")
        found = self._resolved(
            source, [Part(value, "login", path) for value in parts[:3]], expiration=expiry.parse(parts[3])
        )
        return replace(found, account=Part(account, "login")) if isinstance(account, str) else found
