"""A sign-in from beginning to end: by which grant, what the user sees, what is stored."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from awsenv.aws.config_files import Profiles
from awsenv.credentials.dialog import Dialog
from awsenv.credentials.timeouts import seconds_of
from awsenv.result import AwsenvError
from awsenv.sso import device, oidc, pkce
from awsenv.sso.client import IdentityCenter, RefusedError
from awsenv.sso.portal import Portal, require_address
from awsenv.sso.tokens import Tokens
from awsenv.system import browser

__all__ = ["sign_in"]

#: Seconds that the user has; the AWS CLI gives as many.
TIMEOUT = 600.0

_UNKNOWN_CLIENT = ("InvalidClientException", "UnauthorizedClientException")


def sign_in(
    portal: Portal,
    profiles: Profiles,
    environ: Mapping[str, str],
    now: int,
    dialog: Dialog,
    *,
    by_device: bool = False,
    open_browser: bool = True,
    lasting: bool = True,
) -> int:
    """Have the user sign in, and store the token.

    Args:
        portal: where.
        profiles: the files.
        environ: the environment.
        now: epoch seconds.
        dialog: shows the page to open.
        by_device: whether to use a device code in any case. By default that is done where no browser is likely, and for
            legacy profiles, as the AWS CLI does.
        open_browser: whether a browser may be started; the page is shown in any case.
        lasting: whether it is for later; else it need not be possible to store it.

    Returns:
        The seconds for which the sign-in is valid.

    Raises:
        AwsenvError: rejected, not reached, not done in time, or it cannot be stored.
    """
    require_address(portal, profiles)
    tokens = Tokens(environ, dialog.notify)
    if lasting:
        tokens.check_writable()
    likely = browser.is_likely(environ)
    flow = LoginFlow(
        portal,
        IdentityCenter(portal.region, portal.profile, profiles, environ),
        environ,
        dialog,
        by_code=likely and portal.session is not None and not by_device,
        opens=open_browser and likely,
    )
    started = time.monotonic()
    while True:
        new = True
        try:
            client, new = oidc.registration(flow.center, tokens, portal, oidc.CODE_GRANTS if flow.by_code else (), now)
            answer = flow.go(client)
            break
        except RefusedError as refusal:
            if refusal.code in _UNKNOWN_CLIENT and not new:  # the service has forgotten it early
                tokens.forget_registration(portal)
                continue
            raise oidc.translate(refusal, portal) from None
        except TimeoutError as late:
            tokens.forget_registration(portal)  # the page of a client that the service does not know leads nowhere
            raise AwsenvError(str(late), f"type {portal.login_command}, or {portal.login_command} --device") from None
    seconds = int(answer["expiresIn"])
    if seconds <= 0:
        raise AwsenvError(
            f"the sign-in to {portal.name} had expired when it came", f"type {portal.login_command} again"
        )
    tokens.save(portal, client, answer, now + int(time.monotonic() - started), lasting=lasting)
    return seconds


class LoginFlow:
    """One of the two grants, and what the user sees."""

    def __init__(
        self,
        portal: Portal,
        center: IdentityCenter,
        environ: Mapping[str, str],
        dialog: Dialog,
        *,
        by_code: bool,
        opens: bool,
    ) -> None:
        self.center = center
        self.by_code = by_code
        self._portal = portal
        self._environ = environ
        self._opens = opens
        self._show = dialog.show

    def go(self, client: Mapping[str, Any]) -> dict[str, Any]:
        timeout = seconds_of(self._environ, "AWSENV_LOGIN_TIMEOUT", TIMEOUT)
        if self.by_code:
            return pkce.sign_in(self.center, self._portal, client, self._show_page, timeout)
        return device.sign_in(self.center, self._portal, client, self._show_code, timeout)

    def _show_page(self, url: str) -> None:
        opens = "A browser opens; if none does, open" if self._opens else "Open"
        self._show(
            f"awsenv: signing in to {self._portal.name}. {opens} this page in a browser of this machine:",
            url,
            "waiting …",
        )
        if self._opens:
            browser.open_page(url, self._environ)

    def _show_code(self, url: str, code: str, complete: str) -> None:
        self._show(
            f"awsenv: signing in to {self._portal.name}. Open this page in any browser, on any machine:",
            complete,
            f"It should show this code; or enter it at {url} :",
            code,
            "waiting …",
        )
        if self._opens:
            browser.open_page(complete, self._environ)
