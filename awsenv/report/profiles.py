"""The profiles as rows: kind, account, role, source, MFA, region, cached session, and which one is active."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote

from awsenv import environment
from awsenv.aws import arn, cache_keys, providers
from awsenv.aws.config_files import Profiles, Settings
from awsenv.aws.twins import served_by
from awsenv.aws.validity import EXPIRED, validity_of
from awsenv.credentials import backends, sts_options
from awsenv.credentials.max_duration import remembered_max_duration
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import Request
from awsenv.environment import state
from awsenv.environment.settings import assumed_lifetime
from awsenv.result import AwsenvError

__all__ = ["TEMPORARY_KEYS", "Row", "as_json", "kind_of", "lately_first", "role_of", "rows", "session_key"]

#: The kind of a profile with a session token beside its keys.
TEMPORARY_KEYS = "temporary keys"


class Row(NamedTuple):
    """One profile, as the files describe it. (Not a dataclass: 10,000 of those are slow.)

    Attributes:
        name: the profile.
        kind: how it gets its credentials: role, keys, temporary keys, sso, web identity, login, process or none.
        account: twelve digits; None if the files do not name it.
        role: the role's name, or None.
        region: its region, or None.
        expiration: epoch seconds, of its cached session, or of its temporary keys if a setting beside them says so.
        active: whether this shell uses it.
        source: its source_profile, credential_source or sso_session; else botocore's name for its provider.
        mfa: whether it, or one of its source profiles, needs an MFA code.
        expired: whether its temporary keys, or its cached session, have certainly expired.
        obtained: epoch seconds at which its cached session was obtained, or None.
        serves: the profile that it is the twin of (`awsenv profile --live`), or None.
    """

    name: str
    kind: str
    account: str | None
    role: str | None
    region: str | None
    expiration: int | None
    active: bool = False
    source: str | None = None
    mfa: bool = False
    expired: bool = False
    obtained: int | None = None
    serves: str | None = None


def lately_first(found: list[Row], environ: Mapping[str, str]) -> list[Row]:
    """Sort the most recently used first: those of this shell, then by the age of their cached sessions."""
    before = unquote(environ.get("AWSENV_BEFORE", "").partition(" ")[0], errors="surrogateescape")
    return sorted(found, key=lambda row: (not row.active, row.name != before, -(row.obtained or 0)))


def rows(profiles: Profiles, environ: Mapping[str, str], now: int) -> list[Row]:
    """Return a row for each profile, in the order of the files; `now` in epoch seconds.

    Without a keyring, or while it stays locked, the rows have no sessions; it is opened only once.
    """
    found = []
    session_of = _session_lookup(profiles, environ, now)
    active = _active(environ) or ""
    active_ones = (active, served_by(profiles, active))
    mfa_known: dict[str, bool] = {}
    for name in profiles.names():
        provider = providers.provider_of(profiles, name)
        kind, settings = _kind(provider), profiles.settings(name)
        account, role = role_of(settings)
        expiration, obtained = session_of(name)
        expired = expiration is not None and expiration <= now
        if kind == TEMPORARY_KEYS:
            expiration, expired = _expiration_of_keys(settings, environ, now)
        found.append(
            Row(
                name=name,
                kind=kind,
                account=account,
                role=role,
                region=profiles.text(name, "region"),
                expiration=expiration,
                active=name in active_ones,
                source=_source(settings, provider),
                mfa=provider.kind == "role" and _needs_mfa(profiles, name, mfa_known),
                expired=expired,
                obtained=obtained,
                serves=served_by(profiles, name),
            )
        )
    return found


def _active(environ: Mapping[str, str]) -> str | None:
    """Return the profile that this shell uses, as far as the variables name it."""
    exported = state.exported(environ)
    if exported.mode is None:
        return environment.active_profile(environ)
    if exported.profile is None:
        return exported.name
    by_role_alone = environ.get("AWSENV_OPTIONS", "").partition(" ")[0] == "-"
    return None if by_role_alone else exported.profile


def _source(settings: Settings, provider: providers.Provider) -> str | None:
    named: object = None
    if provider.kind == "role":
        named = settings.get("source_profile") or settings.get("credential_source")
    elif provider.kind == "sso":
        named = settings.get("sso_session")
    return named if isinstance(named, str) and named else provider.method


def _needs_mfa(profiles: Profiles, name: str, known: dict[str, bool]) -> bool:
    """Whether a profile with a role, or one of its source profiles, names an MFA device.

    `known` caches the answer for each source profile, which thousands of profiles may share.
    """
    settings = profiles.settings(name)
    source = settings.get("source_profile")
    if settings.get("mfa_serial") or not isinstance(source, str):
        return bool(settings.get("mfa_serial"))
    if source not in known:
        known[source] = any(profiles.text(one, "mfa_serial") for one in profiles.source_chain(source))
    return known[source]


def _expiration_of_keys(settings: Settings, environ: Mapping[str, str], now: int) -> tuple[int | None, bool]:
    """Return the expiration written beside temporary keys, None without a time zone, and whether they have expired."""
    token = providers.session_token(settings)[1] or ""
    validity = validity_of(settings, token, now, assumed_lifetime(environ))
    return validity.expiration if validity.is_exact else None, validity.state == EXPIRED


def _session_lookup(
    profiles: Profiles, environ: Mapping[str, str], now: int
) -> Callable[[str], tuple[int | None, int | None]]:
    """Return a function that gives the expiration of a profile's cached session, and when that was obtained."""
    backend: backends.FileCache | backends.KeyringCache | None = backends.open_cache(environ)
    # the directory is listed once, instead of opened for each of 10,000 profiles; a keyring cannot be listed
    files = None if backend is None or backend.in_keyring else set(backend.keys(()))

    def times(name: str) -> tuple[int | None, int | None]:
        nonlocal backend
        key = None if backend is None or files == set() else session_key(name, profiles, environ, now)
        if backend is None or key is None or (files is not None and key not in files):
            return None, None
        try:
            entry = backend.session(key)
        except AwsenvError:  # the keyring fails: it is not opened again
            backend = None
            return None, None
        return (None, None) if entry is None else (entry.expiration, backend.obtained(key))

    return times


def kind_of(profiles: Profiles, name: str) -> str:
    """Return the kind of a profile, as in `Row.kind`."""
    return _kind(providers.provider_of(profiles, name))


def _kind(provider: providers.Provider) -> str:
    if provider.kind == "keys" and provider.section is not None:
        file, header = provider.section
        if providers.session_token(file.section(header))[1]:
            return TEMPORARY_KEYS
    return provider.kind


def role_of(settings: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Return the account and the name of the role that a profile acts as, as far as the files name them.

    A role comes before IAM Identity Center, unless an empty token file leaves no provider for it: see
    `providers.candidates`.
    """
    role = None if settings.get("web_identity_token_file") == "" else arn.parse(settings.get("role_arn"))
    if role is not None:
        return role.account or None, role.role
    account, name = (settings.get(setting) for setting in ("sso_account_id", "sso_role_name"))
    return (
        account if isinstance(account, str) and account else None,
        name if isinstance(name, str) and name else None,
    )


def session_key(name: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> str | None:
    """Return the cache key of the session that `awsenv assume NAME` obtains; None if that is not cached."""
    settings = profiles.settings(name)
    if not any(setting in settings for setting in ("duration_seconds", *sts_options.SETTINGS)):
        return cache_keys.role_session(settings)
    plan = Plan(Request(name, name, {}), profiles)
    if name in plan.max_duration_profiles and not plan.chained:
        role, source = str(settings.get("role_arn")), plan.hops[-1][0]
        plan.set_duration(remembered_max_duration(role, source, environ, now))
    key = cache_keys.role_session(plan.last_role)
    with suppress(AwsenvError):
        extra = sts_options.extra_parameters(name, plan.last_role, os.path.dirname(profiles.config.path))
        return cache_keys.with_parameters(key, extra) if key is not None else None
    return None


def as_json(found: list[Row], now: int) -> str:
    """Return the rows as a JSON list; `seconds_left` is null without a cached session, negative if it has expired."""
    # json's encoder in C supports no indentation, and the one in Python takes half a second for 10,000 rows
    encode = json.JSONEncoder(separators=(",\n    ", ": ")).encode
    objects = (
        encode({**row._asdict(), "seconds_left": None if row.expiration is None else row.expiration - now})
        for row in found
    )
    listed = ",\n".join(f"  {{\n    {text[1:-1]}\n  }}" for text in objects)
    return f"[\n{listed}\n]\n" if found else "[]\n"
