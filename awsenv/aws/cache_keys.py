"""The keys under which the AWS CLI, botocore and awsenv cache sessions and sign-ins: hashes of their parameters.

(The key of a hint is made in `credentials`: that path is hot, and hashlib alone takes 3 ms.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

__all__ = [
    "digest",
    "login_session",
    "role_session",
    "sso_registration",
    "sso_token",
    "user_session",
    "with_parameters",
]

# The AWS CLI writes the parameters of AssumeRole in one form, those of IAM Identity Center in the other.
_spaced = json.JSONEncoder(sort_keys=True).encode
_compact = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def digest(text: str) -> str:
    """Return the SHA-1 of a text in hexadecimal, for names on which no security depends."""
    return hashlib.sha1(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def role_session(settings: Mapping[str, object]) -> str | None:
    """Return the AWS CLI's key for the session of a profile; None if it does not cache one.

    See `_create_cache_key` of BaseAssumeRoleCredentialFetcher and SSOCredentialFetcher in botocore.credentials.
    """
    if role_arn := _text(settings, "role_arn"):
        arguments: dict[str, str | int] = {"RoleArn": role_arn}
        names = {"role_session_name": "RoleSessionName"}
        if not _text(settings, "web_identity_token_file"):
            names |= {"external_id": "ExternalId", "mfa_serial": "SerialNumber"}
            with suppress(ValueError):  # botocore also ignores it unless it is a number
                arguments["DurationSeconds"] = int(_text(settings, "duration_seconds"))
        arguments |= {name: text for setting, name in names.items() if (text := _text(settings, setting))}
        return digest(_spaced(arguments))
    role, account = _text(settings, "sso_role_name"), _text(settings, "sso_account_id")
    if role and account:
        sso: dict[str, str | int] = {"roleName": role, "accountId": account}
        if session := _text(settings, "sso_session"):
            sso["sessionName"] = session
        else:
            sso["startUrl"] = _text(settings, "sso_start_url")
        return digest(_compact(sso))
    return None


def _text(settings: Mapping[str, object], setting: str) -> str:
    value = settings.get(setting)
    return value if isinstance(value, str) else ""


def with_parameters(key: str, parameters: Mapping[str, Any]) -> str:
    """Return the key of a session that the AWS CLI cannot request: it must not find one that a policy restricts.

    Args:
        key: the AWS CLI's.
        parameters: those of AssumeRole that the AWS CLI does not have; without any, the key stays the same.
    """
    return digest(f"{key} {_spaced(parameters)}") if parameters else key


def user_session(access_key: str, serial: str | None) -> str:
    """Return awsenv's key for a session of long-term keys (GetSessionToken) obtained with this MFA device, if any."""
    return digest(_spaced({"GetSessionToken": access_key, "SerialNumber": serial}))


def sso_token(name: str) -> str:
    """Return the AWS CLI's key for a sign-in to IAM Identity Center (SSOTokenLoader in botocore.utils).

    Args:
        name: that of the `[sso-session]`; in the legacy form the start URL.
    """
    return digest(name)


def sso_registration(start_url: str, region: str, scopes: Sequence[str], session: str | None) -> str:
    """Return the AWS CLI's key for the client that signs in there (BaseSSOTokenFetcher._registration_cache_key)."""
    arguments = {
        "tool": "botocore",
        "startUrl": start_url,
        "region": region,
        "scopes": list(scopes) or None,
        "session_name": session,
    }
    return digest(_spaced(arguments))


def login_session(session: str) -> str:
    """Return the AWS CLI's key for a session of `aws login` (generate_login_cache_key in botocore.utils)."""
    return hashlib.sha256(session.encode()).hexdigest()
