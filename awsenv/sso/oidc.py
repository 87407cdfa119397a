"""The client registration at IAM Identity Center and its error codes, which both grants share."""

from __future__ import annotations

from typing import Any

from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.sso.client import IdentityCenter, RefusedError
from awsenv.sso.portal import Portal
from awsenv.sso.tokens import Tokens

__all__ = ["CODE_GRANTS", "REDIRECT", "registration", "translate"]

#: The grants of a sign-in by authorization code; a client for device codes registers none, like the AWS CLI's.
CODE_GRANTS = ("authorization_code", "refresh_token")

#: The redirect URI. It is registered without a port; then any port is valid (RFC 8252, 7.3).
REDIRECT = "http://127.0.0.1{port}/oauth/callback"

_DEFAULT_SCOPE = "sso:account:access"


def registration(
    center: IdentityCenter, tokens: Tokens, portal: Portal, grants: tuple[str, ...], now: int
) -> tuple[dict[str, Any], bool]:
    """Return the stored client for these grants, or register one as the AWS CLI does.

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
    shared: dict[str, Any] = {}  # in the request and in the stored file
    redirect: dict[str, Any] = {}
    if grants:
        shared["grantTypes"] = list(grants)
        redirect = {"redirectUris": [REDIRECT.format(port="")], "issuerUrl": portal.start_url}
    scopes = list(portal.scopes) or ([_DEFAULT_SCOPE] if grants else [])
    if scopes:
        shared["scopes"] = scopes
    name = f"botocore-client-{portal.session or now}"
    answer = center.register_client(clientName=name, clientType="public", **shared, **redirect)
    client = {
        "clientId": answer["clientId"],
        "clientSecret": answer["clientSecret"],
        "expiresAt": expiry.format_utc(int(answer["clientSecretExpiresAt"])),
        **shared,
    }
    tokens.save_registration(portal, client)
    return client, True


def translate(error: RefusedError, portal: Portal) -> AwsenvError:
    """Translate an error of the service into one sentence."""
    login = portal.login_command
    rejected = f"rejected with {error}"
    denied = ("access was denied in the browser", f"agree to it in the browser: {login}")
    what, fix = {
        "AccessDeniedException": denied,
        "access_denied": denied,
        "ExpiredTokenException": ("the code was not confirmed in time", f"type {login} again"),
        "InvalidRequestException": (rejected, f"check sso_start_url and sso_region of {portal.name}"),
        "InvalidScopeException": (rejected, f"check sso_registration_scopes of {portal.name}"),
        "InvalidRequestRegionException": (rejected, f"check sso_region of {portal.name}"),
        "InvalidGrantException": (rejected, f"type {login} again"),
        "UnsupportedGrantTypeException": (rejected, f"type {login} --device"),
        "SlowDownException": (rejected, f"wait a minute, then type {login}"),
        "InternalServerException": (rejected, f"wait a minute, then type {login}"),
    }.get(error.code, (rejected, f"type {login}"))
    return AwsenvError(f"the sign-in to {portal.name} failed: {what}", fix)
