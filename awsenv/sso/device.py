"""Sign-in with a device code (RFC 8628): the user confirms a short code in any browser, on any machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.sso.client import IdentityCenter, RefusedError, UnreachableError
from awsenv.sso.portal import Portal

__all__ = ["sign_in"]

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

# RFC 8628, 3.5: seconds between two requests unless the service says otherwise, and what "slow down" adds.
_INTERVAL = 5
_SLOW_DOWN = 5

# The sign-in survives fewer consecutive failures of the network or service than this.
_MAX_FAILURES = 3
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
    """Sign in with a code that the user confirms.

    Args:
        center: the service.
        portal: where to sign in.
        client: the registration.
        show: shows the page, the code, and the page with the code filled in.
        timeout: seconds to wait; the service may allow less.
        wait: sleeps for a number of seconds.

    Returns:
        The response of CreateToken.

    Raises:
        RefusedError: the service or the user rejected it.
        AwsenvError: no connection, or no confirmation in time.
    """
    identity = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
    started = center.start_device_authorization(**identity, startUrl=portal.start_url)
    page = str(started["verificationUri"])
    show(page, str(started["userCode"]), str(started.get("verificationUriComplete") or page))
    interval = started.get("interval", _INTERVAL)
    left, failures = min(timeout, started["expiresIn"]), 0
    while left > 0:
        wait(min(interval, left))  # a service may demand any interval
        left -= max(interval, 1)
        try:
            return center.create_token(**identity, grantType=_GRANT, deviceCode=started["deviceCode"])
        except (RefusedError, UnreachableError) as error:
            if isinstance(error, UnreachableError) or error.code in _FAULTS:
                failures += 1
                if failures == _MAX_FAILURES:
                    raise
                continue
            failures = 0
            if error.code == "SlowDownException":
                interval += _SLOW_DOWN
            elif error.code != "AuthorizationPendingException":
                raise
    raise AwsenvError(
        f"the code for {portal.name} was not confirmed within {expiry.short(int(timeout))}",
        f"type {portal.login_command}",
    )
