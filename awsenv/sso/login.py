"""A sign-in from the beginning to the end: which way it goes, what the person is told, what is kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from awsenv.aws.config_files import Profiles
from awsenv.credentials.identity_center import IdentityCenter, RefusedError
from awsenv.credentials.resolve import seconds_of
from awsenv.result import AwsenvError, printable
from awsenv.sso import device, oidc, pkce
from awsenv.sso.portal import Portal
from awsenv.sso.tokens import Tokens
from awsenv.system import browser, streams
from awsenv.system.terminal import NoTerminalError, conversation

__all__ = ["sign_in"]

#: Seconds that the person has; the AWS CLI gives as many.
TIMEOUT = 600.0

_UNKNOWN_CLIENT = ("InvalidClientException", "UnauthorizedClientException")


def sign_in(
    portal: Portal,
    profiles: Profiles,
    environ: Mapping[str, str],
    now: int,
    *,
    by_device: bool = False,
    open_browser: bool = True,
    lasting: bool = True,
) -> int:
    """Have the person sign in, and keep the token; gives for how many seconds it is good.

    Args:
        portal: where.
        profiles: the files.
        environ: the environment.
        now: epoch seconds.
        by_device: whether to do it with a device code in any case. Without, that is done where no browser is likely,
            and for legacy profiles, as the AWS CLI does.
        open_browser: whether a browser may be started; its page stands on the terminal in any case.
        lasting: whether it is for later; else it need not be possible to store it.

    Raises:
        AwsenvError: refused, not reached, not done in time, or nothing can be kept.
    """
    tokens = Tokens(environ)
    if lasting:
        tokens.check_writable()
    likely = browser.is_likely(environ)
    way = _Way(
        portal,
        IdentityCenter(portal.region, portal.profile, profiles, environ),
        environ,
        by_code=likely and portal.session is not None and not by_device,
        opens=open_browser and likely,
    )
    started = time.monotonic()
    while True:
        client, new = oidc.registration(way.center, tokens, portal, oidc.CODE_GRANTS if way.by_code else (), now)
        try:
            answer = way.go(client)
            break
        except RefusedError as refusal:
            if refusal.code in _UNKNOWN_CLIENT and not new:  # the service has forgotten it before its time
                tokens.forget_registration(portal)
                continue
            raise oidc.explain(refusal, portal) from None
        except TimeoutError as late:
            tokens.forget_registration(portal)  # the page of a client that the service does not know is a dead end
            raise AwsenvError(str(late), f"type {portal.login_command}, or {portal.login_command} --device") from None
    tokens.save(portal, client, answer, now + int(time.monotonic() - started), lasting=lasting)
    return int(answer["expiresIn"])


class _Way:
    """One of the two ways, and what the person is told on it."""

    def __init__(
        self, portal: Portal, center: IdentityCenter, environ: Mapping[str, str], *, by_code: bool, opens: bool
    ) -> None:
        self.center = center
        self.by_code = by_code
        self._portal = portal
        self._environ = environ
        self._opens = opens

    def go(self, client: Mapping[str, Any]) -> dict[str, Any]:
        timeout = seconds_of(self._environ, "AWSENV_LOGIN_TIMEOUT", TIMEOUT)
        if self.by_code:
            return pkce.sign_in(self.center, self._portal, client, self._show_page, timeout)
        return device.sign_in(self.center, self._portal, client, self._show_code, timeout)

    def _show_page(self, url: str) -> None:
        opens = "A browser opens; if none does, open" if self._opens else "Open"
        _tell(
            f"awsenv: signing in to {self._portal.name}. {opens} this page in a browser of this machine:",
            url,
            "waiting …",
        )
        if self._opens:
            browser.open_page(url, self._environ)

    def _show_code(self, url: str, code: str, complete: str) -> None:
        _tell(
            f"awsenv: signing in to {self._portal.name}. Open this page in any browser, on any machine:",
            complete,
            f"It should show this code; or enter it at {url} :",
            code,
            "waiting …",
        )
        if self._opens:
            browser.open_page(complete, self._environ)


def _tell(*lines: str) -> None:
    """Show something right now: on the terminal, or on stderr where there is none. stdout is for the shell."""
    text = "".join(f"{printable(line)}\n" for line in lines)
    try:
        with conversation() as (_, terminal):
            terminal.write(text)
    except NoTerminalError:
        streams.say(text)
