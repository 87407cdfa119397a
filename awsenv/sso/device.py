"""Signing in with a device code (RFC 8628): the person confirms a short code in a browser that may be anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from awsenv.credentials.identity_center import IdentityCenter, RefusedError, UnreachableError
from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.sso.portal import Portal

__all__ = ["sign_in"]

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

# RFC 8628, 3.5: what is waited between two questions when the service does not say, and what is added at its wish.
_INTERVAL = 5
_SLOWER = 5

# A network, or a service, that fails for a moment while the person is in the browser must not cost the sign-in.
_FAILURES = 3
_FAULTS = ("InternalServerException", "ServiceUnavailableException", "ThrottlingException", "TooManyRequestsException")


def sign_in(
    center: IdentityCenter,
    portal: Portal,
    client: Mapping[str, Any],
    show: Callable[[str, str, str], None],
    timeout: float,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """What CreateToken gives once the person has confirmed the code.

    Args:
        center: the service.
        portal: where to sign in.
        client: the registration.
        show: is given the page, the code, and the page that has the code filled in already.
        timeout: seconds after which nobody is waited for any more; the service may say less.
        wait: waits so many seconds.

    Raises:
        RefusedError: the service said no, or the person did.
        AwsenvError: it could not be asked, or nobody confirmed in time.
    """
    identity = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
    started = center.start_device_authorization(**identity, startUrl=portal.start_url)
    page = str(started["verificationUri"])
    show(page, str(started["userCode"]), str(started.get("verificationUriComplete") or page))
    interval = started.get("interval", _INTERVAL)
    left, failures = min(timeout, started["expiresIn"]), 0
    while left > 0:
        wait(interval)
        left -= max(interval, 1)
        try:
            return center.create_token(**identity, grantType=_GRANT, deviceCode=started["deviceCode"])
        except UnreachableError:
            failures += 1
            if failures == _FAILURES:
                raise
        except RefusedError as refusal:
            if refusal.code in _FAULTS:
                failures += 1
                if failures == _FAILURES:
                    raise
                continue
            failures = 0
            if refusal.code == "SlowDownException":
                interval += _SLOWER
            elif refusal.code != "AuthorizationPendingException":
                raise
    raise AwsenvError(
        f"nobody confirmed the code for {portal.name} within {expiry.short(int(timeout))}",
        f"type {portal.login_command}",
    )
