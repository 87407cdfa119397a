"""A complete sign-in: the choice of the grant, what the user sees, what is stored."""

from __future__ import annotations

import time
from collections.abc import Mapping

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

#: Seconds that the user has, as with the AWS CLI.
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
        portal: where to sign in.
        profiles: the files.
        environ: the environment.
        now: epoch seconds.
        dialog: shows the page to open.
        by_device: always use a device code. By default it is used only if no browser is likely, and for legacy
            profiles, as in the AWS CLI.
        open_browser: whether a browser may be started; the page is shown in any case.
        lasting: whether the sign-in must outlive this process; else a failure to store it is only reported.

    Returns:
        The seconds for which the sign-in is valid.

    Raises:
        AwsenvError: it was rejected, is not complete in time, or cannot be stored; or there is no connection.
    """
    require_address(portal, profiles)
    tokens = Tokens(environ, dialog.notify)
    if lasting:
        tokens.check_writable()
    likely = browser.is_likely(environ)
    by_code = likely and portal.session is not None and not by_device
    grants = oidc.CODE_GRANTS if by_code else ()
    center = IdentityCenter(portal.region, portal.profile, profiles, environ)
    screen = _Screen(portal, dialog, environ, opens=open_browser and likely)
    timeout = seconds_of(environ, "AWSENV_LOGIN_TIMEOUT", TIMEOUT)
    started = time.monotonic()
    while True:
        new = True
        try:
            client, new = oidc.registration(center, tokens, portal, grants, now)
            if by_code:
                answer = pkce.sign_in(center, portal, client, screen.show_page, timeout)
            else:
                answer = device.sign_in(center, portal, client, screen.show_code, timeout)
            break
        except RefusedError as refusal:
            if refusal.code in _UNKNOWN_CLIENT and not new:  # the service has dropped it before it expired
                tokens.forget_registration(portal)
                continue
            raise oidc.translate(refusal, portal) from None
        except TimeoutError as late:
            tokens.forget_registration(portal)  # for an unknown client, the page shows an error and never returns
            raise AwsenvError(str(late), f"type {portal.login_command}, or {portal.login_command} --device") from None
    seconds = int(answer["expiresIn"])
    if seconds <= 0:
        raise AwsenvError(
            f"the sign-in to {portal.name} had expired when it arrived", f"type {portal.login_command} again"
        )
    tokens.save(portal, client, answer, now + int(time.monotonic() - started), lasting=lasting)
    return seconds


class _Screen:
    """Shows the user the page to open, and opens it if `opens`."""

    def __init__(self, portal: Portal, dialog: Dialog, environ: Mapping[str, str], *, opens: bool) -> None:
        self._portal = portal
        self._show = dialog.show
        self._environ = environ
        self._opens = opens

    def show_page(self, url: str) -> None:
        opens = "A browser opens; if none does, open" if self._opens else "Open"
        self._show(
            f"awsenv: signing in to {self._portal.name}. {opens} this page in a browser on this machine:",
            url,
            "waiting …",
        )
        self._open(url)

    def show_code(self, url: str, code: str, complete: str) -> None:
        self._show(
            f"awsenv: signing in to {self._portal.name}. Open this page in any browser, on any machine:",
            complete,
            f"It should show this code; or enter it at {url} :",
            code,
            "waiting …",
        )
        self._open(complete)

    def _open(self, url: str) -> None:
        if self._opens:
            browser.open_page(url, self._environ)
