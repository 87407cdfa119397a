"""The profiles as a table of answers: what kind each is, its account, role, region and cached session. And as sections
for the config file in which awsenv answers for them."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from awsenv.aws import cache_keys
from awsenv.aws.config_files import Profiles, Settings
from awsenv.credentials import backends, sts_options
from awsenv.credentials.max_duration import remembered_max_duration
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import Request
from awsenv.environment import Credentials
from awsenv.result import AwsenvError

__all__ = ["Row", "as_json", "cache_key", "process_line", "process_sections", "role_of", "rows", "session_key"]


@dataclass(frozen=True)
class Row:
    """What the files say of one profile.

    Attributes:
        name: the profile.
        kind: role, keys, temporary keys, sso, web identity, login, process or none: how it gets its credentials.
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


# in the order in which botocore asks its providers (botocore.credentials.create_credential_resolver)
_KINDS = (
    ("web_identity_token_file", "web identity"),
    ("role_arn", "role"),
    ("sso_role_name", "sso"),
    ("aws_session_token", "temporary keys"),
    ("aws_security_token", "temporary keys"),
    ("aws_access_key_id", "keys"),
    ("login_session", "login"),
    ("credential_process", "process"),
)

# Whose credentials end, and can be obtained anew.
_RENEWABLE = ("role", "sso", "web identity", "login")


def rows(profiles: Profiles, environ: Mapping[str, str], now: int) -> list[Row]:
    """A row for each profile, in the order of the files; `now` in epoch seconds.

    Where there is no keyring, or it stays locked, nothing is said of sessions; it is asked once only.
    """
    kept: backends.FileCache | backends.KeyringCache | None = backends.open_cache(environ)
    found = []
    for name in profiles.names():
        settings, entry = profiles.settings(name), None
        key = session_key(name, profiles, environ, now)
        if kept is not None and key is not None:
            try:
                entry = kept.session(key)
            except AwsenvError:
                kept = None
        found.append(_row(name, settings, entry))
    return found


def _row(name: str, settings: Settings, entry: Credentials | None) -> Row:
    texts = _texts(settings)
    account, role = role_of(settings)
    return Row(name, _kind(texts), account, role, texts.get("region"), entry.expiration if entry else None)


def role_of(settings: Settings) -> tuple[str | None, str | None]:
    """The account and the name of the role that a profile acts as, as far as the files say them."""
    texts = _texts(settings)
    arn = texts.get("role_arn", "").split(":", 5)
    account = texts.get("sso_account_id") or (arn[4] if len(arn) == 6 else None)
    role = texts.get("sso_role_name") or (arn[5].rpartition("/")[2] if len(arn) == 6 else None)
    return account, role


def session_key(name: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> str | None:
    """Under which key the session that `awsenv assume NAME` obtains is kept, None if none is."""
    settings = profiles.settings(name)
    if not any(setting in settings for setting in ("duration_seconds", *sts_options.SETTINGS)):
        return cache_key(settings)
    plan = Plan(Request(name, name, {}), profiles)
    if name in plan.max_duration_profiles and not plan.chained:
        role, source = str(settings.get("role_arn")), plan.hops[-1][0]
        plan.set_duration(remembered_max_duration(role, source, environ, now))
    key = cache_key(plan.last_role)
    with suppress(AwsenvError):
        beyond = sts_options.extra_parameters(name, plan.last_role, os.path.dirname(profiles.config.path))
        return cache_keys.with_parameters(key, beyond) if key is not None else None
    return None


def _kind(texts: Mapping[str, str]) -> str:
    return next((kind for setting, kind in _KINDS if setting in texts), "none")


def _texts(settings: Settings) -> dict[str, str]:
    return {key: value for key, value in settings.items() if isinstance(value, str) and value}


def cache_key(settings: Settings) -> str | None:
    """The AWS CLI's name for the session of a profile, None if it keeps none.

    See `_create_cache_key` of BaseAssumeRoleCredentialFetcher and SSOCredentialFetcher in botocore.credentials.
    """
    texts = _texts(settings)
    if "role_arn" in texts:
        arguments: dict[str, str | int] = {"RoleArn": texts["role_arn"]}
        names = {"role_session_name": "RoleSessionName"}
        if "web_identity_token_file" not in texts:
            names |= {"external_id": "ExternalId", "mfa_serial": "SerialNumber"}
            with suppress(ValueError):  # botocore passes over what is no number, too
                arguments["DurationSeconds"] = int(texts.get("duration_seconds", ""))
        arguments |= {name: texts[setting] for setting, name in names.items() if setting in texts}
        return _sha1(json.dumps(arguments, sort_keys=True))
    if "sso_role_name" in texts and "sso_account_id" in texts:
        sso = {"roleName": texts["sso_role_name"], "accountId": texts["sso_account_id"]}
        if "sso_session" in texts:
            sso["sessionName"] = texts["sso_session"]
        else:
            sso["startUrl"] = texts.get("sso_start_url", "")
        return _sha1(json.dumps(sso, sort_keys=True, separators=(",", ":")))
    return None


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def as_json(found: list[Row], now: int) -> str:
    """The rows as a JSON list; `seconds_left` is null without a cached session and negative after its end."""
    listed = [
        {**asdict(row), "seconds_left": None if row.expiration is None else row.expiration - now} for row in found
    ]
    return json.dumps(listed, indent=2) + "\n"


def process_sections(profiles: Profiles, program: str) -> str:
    """Sections to paste into the config file: for each profile that has to be renewed, one that calls awsenv for it.

    The new profile is called as the old one with `-awsenv` behind, in characters that every SDK takes for a name (the
    one for JavaScript knows but few). Where there is such a profile already, none is written.

    Args:
        profiles: the files.
        program: awsenv's own path.
    """
    existing, made = profiles.names(), set[str]()
    text = ""
    for name in existing:
        texts = _texts(profiles.settings(name))
        new = "".join(c if c.isascii() and (c.isalnum() or c in "-_@+.%:/") else "-" for c in name) + "-awsenv"
        if _kind(texts) not in _RENEWABLE or new in existing:
            continue
        while new in made:  # two names that differ in nothing but such characters
            new += "-2"
        words = (program, "credential-process", *(["--"] if name.startswith("-") else []), name)
        command = None if any(c < " " or c == "\x7f" for c in name) else process_line(words)
        if command is None:
            text += f"\n# {name!a} has characters that no credential_process can hold\n"
            continue
        made.add(new)
        text += f"\n[profile {new}]\ncredential_process = {command}\n"
        if "\n" not in texts.get("region", "\n"):
            text += f"region = {texts['region']}\n"
    return text


def process_line(words: tuple[str, ...], platform: str = sys.platform) -> str | None:
    """A command as the value of `credential_process`; None for words that it cannot hold.

    botocore and the AWS CLI split it themselves, as `shlex` or, on Windows, as C does; the other SDKs hand it to sh or
    cmd. And some take blank and # for a comment, in quotes or not: so the quotes are closed and opened again there.
    """
    if platform != "win32":
        quoted = (shlex.quote(word) for word in words)
        return " ".join(word.replace("#", "''#").replace(";", "'';") for word in quoted)
    if any(character in word for word in words for character in '"%#;') or any(word.endswith("\\") for word in words):
        return None
    return " ".join(
        word if word and all(c.isalnum() or c in "-_./:\\" for c in word) else f'"{word}"' for word in words
    )
