"""What both grants share: awsenv's client registration at IAM Identity Center, and what its errors mean."""

from __future__ import annotations

from typing import Any

from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.sso.client import IdentityCenter, RefusedError
from awsenv.sso.portal import Portal
from awsenv.sso.tokens import Tokens

__all__ = ["CODE_GRANTS", "REDIRECT", "registration", "translate"]

#: The grants of a sign-in by authorization code; a client for device codes names none, as the AWS CLI's does not.
CODE_GRANTS = ("authorization_code", "refresh_token")

#: Where the browser returns to. It is registered without a port, and any port is then valid (RFC 8252, 7.3).
REDIRECT = "http://127.0.0.1{port}/oauth/callback"

_DEFAULT_SCOPE = "sso:account:access"


def registration(
    center: IdentityCenter, tokens: Tokens, portal: Portal, grants: tuple[str, ...], now: int
) -> tuple[dict[str, Any], bool]:
    """The client that is registered for these grants, as the AWS CLI registers it.

    Args:
        center: the service.
        tokens: where registrations are stored.
        portal: where to sign in.
        grants: CODE_GRANTS, or none for device codes.
        now: epoch seconds.

    Returns:
        The registration, and whether it is new.
    """
    stored = tokens.load_registration(portal, grants, now)
    if stored is not None:
        return stored, False
    asked: dict[str, Any] = {"clientName": f"botocore-client-{portal.session or now}", "clientType": "public"}
    scopes = list(portal.scopes)
    if grants:
        scopes = scopes or [_DEFAULT_SCOPE]
        asked.update(grantTypes=list(grants), redirectUris=[REDIRECT.format(port="")], issuerUrl=portal.start_url)
    if scopes:
        asked["scopes"] = scopes
    answer = center.register_client(**asked)
    made: dict[str, Any] = {
        "clientId": answer["clientId"],
        "clientSecret": answer["clientSecret"],
        "expiresAt": expiry.format_utc(int(answer["clientSecretExpiresAt"])),
    }
    if scopes:
        made["scopes"] = scopes
    if grants:
        made["grantTypes"] = list(grants)
    tokens.save_registration(portal, made)
    return made, True


def translate(error: RefusedError, portal: Portal) -> AwsenvError:
    """One sentence for an error of the service."""
    fixes = {
        "AccessDeniedException": f"agree to it in the browser: {portal.login_command}",
        "access_denied": f"agree to it in the browser: {portal.login_command}",
        "ExpiredTokenException": f"type {portal.login_command} again",
        "InvalidRequestException": f"check sso_start_url and sso_region of {portal.name}",
        "InvalidScopeException": f"check sso_registration_scopes of {portal.name}",
        "InvalidRequestRegionException": f"check sso_region of {portal.name}",
        "InvalidGrantException": f"type {portal.login_command} again",
        "UnsupportedGrantTypeException": f"type {portal.login_command} --device",
        "SlowDownException": f"wait a minute, then type {portal.login_command}",
        "InternalServerException": f"wait a minute, then type {portal.login_command}",
    }
    what = {
        "AccessDeniedException": "access was denied in the browser",
        "access_denied": "access was denied in the browser",
        "ExpiredTokenException": "the code was not confirmed in time",
    }.get(error.code, f"rejected with {error}")
    return AwsenvError(
        f"the sign-in to {portal.name} failed: {what}", fixes.get(error.code, f"type {portal.login_command}")
    )
