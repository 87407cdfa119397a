"""The profiles as rows: kind, account, role, region and cached session."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from awsenv.aws import arn, cache_keys, providers
from awsenv.aws.config_files import Profiles, Settings
from awsenv.credentials import backends, sts_options
from awsenv.credentials.max_duration import remembered_max_duration
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import Request
from awsenv.result import AwsenvError

__all__ = ["Row", "as_json", "kind_of", "role_of", "rows", "session_key"]


@dataclass(frozen=True)
class Row:
    """One profile, as the files describe it.

    Attributes:
        name: the profile.
        kind: how it gets its credentials: role, keys, temporary keys, sso, web identity, login, process or none.
        account: twelve digits, if the files say it.
        role: the role's name, if there is one.
        region: its region, if it has one.
        expiration: epoch seconds of its cached session, if there is one.
    """

    name: str
    kind: str
    account: str | None
    role: str | None
    region: str | None
    expiration: int | None


def rows(profiles: Profiles, environ: Mapping[str, str], now: int) -> list[Row]:
    """A row for each profile, in the order of the files; `now` in epoch seconds.

    Where there is no keyring, or it stays locked, the rows have no sessions; it is opened once only.
    """
    found = []
    session_of = _sessions(profiles, environ, now)
    for name in profiles.names():
        account, role = role_of(profiles.settings(name))
        region = profiles.text(name, "region")
        found.append(Row(name, kind_of(profiles, name), account, role, region, session_of(name)))
    return found


def _sessions(profiles: Profiles, environ: Mapping[str, str], now: int) -> Callable[[str], int | None]:
    """A function from a profile to the expiration of its cached session, None without one."""
    backend: backends.FileCache | backends.KeyringCache | None = backends.open_cache(environ)
    # one look into the directory, instead of one for each of 10,000 profiles; a keyring has no directory
    files = None if backend is None or backend.in_keyring else set(backend.keys(()))

    def expiration(name: str) -> int | None:
        nonlocal backend
        key = None if backend is None or files == set() else session_key(name, profiles, environ, now)
        if backend is None or key is None or (files is not None and key not in files):
            return None
        try:
            entry = backend.session(key)
        except AwsenvError:
            backend = None
            return None
        return None if entry is None else entry.expiration

    return expiration


def kind_of(profiles: Profiles, name: str) -> str:
    """The kind of a profile, as `Row.kind`."""
    found = providers.provider_of(profiles, name)
    if found.kind == "keys" and found.section is not None:
        file, header = found.section
        if providers.session_token(file.section(header))[1]:
            return "temporary keys"
    return found.kind


def role_of(settings: Settings) -> tuple[str | None, str | None]:
    """The account and the name of the role that a profile acts as, as far as the files say them."""
    account, name = (settings.get(setting) for setting in ("sso_account_id", "sso_role_name"))
    role = arn.parse(settings.get("role_arn"))
    return (
        account if isinstance(account, str) and account else (role.account or None) if role else None,
        name if isinstance(name, str) and name else role.role if role else None,
    )


def session_key(name: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> str | None:
    """The cache key of the session that `awsenv assume NAME` obtains, None if it is not cached."""
    settings = profiles.settings(name)
    if not any(setting in settings for setting in ("duration_seconds", *sts_options.SETTINGS)):
        return cache_keys.role_session(settings)
    plan = Plan(Request(name, name, {}), profiles)
    if name in plan.max_duration_profiles and not plan.chained:
        role, source = str(settings.get("role_arn")), plan.hops[-1][0]
        plan.set_duration(remembered_max_duration(role, source, environ, now))
    key = cache_keys.role_session(plan.last_role)
    with suppress(AwsenvError):
        beyond = sts_options.extra_parameters(name, plan.last_role, os.path.dirname(profiles.config.path))
        return cache_keys.with_parameters(key, beyond) if key is not None else None
    return None


def as_json(found: list[Row], now: int) -> str:
    """The rows as a JSON list; `seconds_left` is null without a cached session and negative after its expiration."""
    # json's encoder in C takes no indent, and the one in Python takes half a second for 10,000 rows
    encode = json.JSONEncoder(separators=(",\n    ", ": ")).encode
    objects = (
        encode({**vars(row), "seconds_left": None if row.expiration is None else row.expiration - now}) for row in found
    )
    listed = ",\n".join(f"  {{\n    {text[1:-1]}\n  }}" for text in objects)
    return f"[\n{listed}\n]\n" if found else "[]\n"
