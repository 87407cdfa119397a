"""What a sign-in gives access to: every account and role of IAM Identity Center that the user may use.

API: https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference (ListAccounts, ListAccountRoles).
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from awsenv.aws.config_files import Profiles
from awsenv.credentials.dialog import Dialog
from awsenv.result import AwsenvError
from awsenv.sso.client import IdentityCenter, RefusedError
from awsenv.sso.portal import Portal
from awsenv.sso.tokens import Tokens

__all__ = ["Role", "roles_of"]

# Concurrent requests: the portal answers about 20 a second.
_CONCURRENCY = 8


@dataclass(frozen=True, order=True)
class Role:
    """A role in an account that the user may use.

    Attributes:
        account_name: as in IAM Identity Center; the account's id if it has no name.
        account_id: twelve digits.
        name: the role's name (that of the permission set).
    """

    account_name: str
    account_id: str
    name: str


def roles_of(portal: Portal, profiles: Profiles, environ: Mapping[str, str], now: int, dialog: Dialog) -> list[Role]:
    """List the roles of the sign-in, sorted by account and name.

    Args:
        portal: where the user has signed in.
        profiles: the files.
        environ: the environment.
        now: epoch seconds.
        dialog: shows progress.

    Raises:
        AwsenvError: there is no valid sign-in; the portal rejects it or cannot be reached.
    """
    tokens = Tokens(environ, dialog.notify)
    center = IdentityCenter(portal.region, portal.profile, profiles, environ)
    try:
        access = _access_token(portal, center, tokens, now)
        accounts = center.accounts(access)
        if len(accounts) > _CONCURRENCY:
            dialog.notify(f"reading the roles of {len(accounts)} accounts of {portal.name}")
        with ThreadPoolExecutor(_CONCURRENCY) as pool:
            names = list(pool.map(lambda account: center.roles(access, str(account["accountId"])), accounts))
    except RefusedError as refusal:
        what = f"IAM Identity Center rejected the sign-in to {portal.name} with {refusal}"
        raise AwsenvError(what, f"type {portal.login_command}") from None
    return sorted(
        Role(str(account.get("accountName") or account["accountId"]), str(account["accountId"]), name)
        for account, roles in zip(accounts, names, strict=True)
        for name in roles
    )


def _access_token(portal: Portal, center: IdentityCenter, tokens: Tokens, now: int) -> str:
    """Return the access token of the stored sign-in, renewed if it has expired."""
    token = tokens.load(portal)
    if token is None:
        raise AwsenvError(f"there is no sign-in to {portal.name}", f"type {portal.login_command}")
    if not tokens.is_good(portal, now):
        token = _renew(portal, center, tokens, token, now)
    return str(token["accessToken"])


def _renew(
    portal: Portal, center: IdentityCenter, tokens: Tokens, token: Mapping[str, Any], now: int
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html"""
    if not token.get("refreshToken"):
        raise AwsenvError(f"the sign-in to {portal.name} has expired", f"type {portal.login_command}")
    client = {"clientId": token.get("clientId", ""), "clientSecret": token.get("clientSecret", "")}
    answer = center.create_token(**client, grantType="refresh_token", refreshToken=token["refreshToken"])
    registration = {**client, "expiresAt": token.get("registrationExpiresAt", "")}
    tokens.save(portal, registration, answer, now, lasting=False)
    return answer
