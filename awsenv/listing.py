"""The profiles as a table of answers: what kind each is, its account, role, region and cached session."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from awsenv import places
from awsenv.credentials import cache
from awsenv.profiles import Profiles, Settings

__all__ = ["Row", "as_json", "cache_key", "rows"]


@dataclass(frozen=True)
class Row:
    """What the files say of one profile.

    Attributes:
        name: the profile.
        kind: role, keys, temporary keys, sso, web identity, login, process or none: how it gets its credentials.
        account: twelve digits, if the files say it.
        role: the role's name, if there is one.
        region: its region, if it has one.
        expiration: epoch seconds of its session in the AWS CLI's cache, if there is one.
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


def rows(profiles: Profiles, environ: Mapping[str, str]) -> list[Row]:
    """A row for each profile, in the order of the files."""
    return [_row(name, profiles.settings(name), places.cli_cache(environ)) for name in profiles.names()]


def _row(name: str, settings: Settings, folder: str) -> Row:
    texts = _texts(settings)
    kind = next((kind for setting, kind in _KINDS if setting in texts), "none")
    arn = texts.get("role_arn", "").split(":", 5)
    account = texts.get("sso_account_id") or (arn[4] if len(arn) == 6 else None)
    role = texts.get("sso_role_name") or (arn[5].rpartition("/")[2] if len(arn) == 6 else None)
    key = cache_key(settings)
    entry = cache.read_session(folder, key) if key is not None else None
    return Row(name, kind, account, role, texts.get("region"), entry.expiration if entry else None)


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
