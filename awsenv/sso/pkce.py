"""Signing in by authorization code with PKCE (RFC 7636): the browser of this machine returns to a loopback address
(RFC 8252) with a code that is worthless without a secret that never leaves this process."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import secrets
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.sso.client import IdentityCenter, RefusedError
from awsenv.sso.oidc import REDIRECT
from awsenv.sso.portal import Portal

__all__ = ["sign_in"]

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>awsenv</title>
<body style="font: 1.1em/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 32em; padding: 0 1em">
<h1>{title}</h1>
<p>{text}</p>
</body></html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",  # the address has the code in it
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


class _Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Waits on the loopback for the browser to come back. In threads: browsers open connections and leave them idle."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.state = state
        self.query: Mapping[str, str] | None = None
        self.page: tuple[str, str] | None = None
        self._first = threading.Lock()
        self._came, self._ended, self._shown = threading.Event(), threading.Event(), threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def wait(self, timeout: float) -> Mapping[str, str] | None:
        """What the browser brought, None if it did not come in time."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        end = time.monotonic() + timeout
        while not self._came.is_set() and time.monotonic() < end:
            self._came.wait(min(0.2, max(end - time.monotonic(), 0)))  # a Ctrl-C on Windows comes only in between
        return self.query

    def end(self, title: str, text: str) -> None:
        """Say in the browser how it went."""
        self.page = (title, text)
        self._ended.set()
        self._shown.wait(2)

    def come(self, query: Mapping[str, str]) -> tuple[str, str] | None:
        """The browser is there: the page to show once it is known how it went; None for any but the first visit."""
        if not self._first.acquire(blocking=False):
            return None
        self.query = query
        self._came.set()
        self._ended.wait(60)
        return self.page or ("Not signed in", "The terminal says more.")

    def shown(self) -> None:
        self._shown.set()

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that disconnects is not worth a message."""


class _Visit(BaseHTTPRequestHandler):
    """One request of a browser."""

    server: _Listener
    timeout = 10
    server_version = "awsenv"
    sys_version = ""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        at_home = self.headers.get("Host") == f"127.0.0.1:{self.server.port}"  # not a rebound DNS name
        if not at_home or f"http://127.0.0.1{address.path}" != REDIRECT.format(port=""):
            return self._show(404, "Nothing here", "awsenv waits for a sign-in at another address.")
        if not hmac.compare_digest(query.get("state", "").encode(), self.server.state.encode()):
            return self._show(400, "Not this one", "This answer does not belong to the sign-in that awsenv waits for.")
        page = self.server.come(query)
        if page is None:
            return self._show(409, "Done already", "This sign-in was answered before.")
        self._show(200, *page)
        return self.server.shown()

    def _show(self, status: int, title: str, text: str) -> None:
        body = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """The address has the code in it: it is not logged."""


def sign_in(
    center: IdentityCenter, portal: Portal, client: Mapping[str, Any], show: Callable[[str], None], timeout: float
) -> dict[str, Any]:
    """Sign in, once the browser has returned.

    Args:
        center: the service.
        portal: where to sign in.
        client: the registration.
        show: is given the page to open in a browser on this machine.
        timeout: seconds to wait.

    Raises:
        RefusedError: the service said no, or the person did.
        TimeoutError: the browser did not return in time.
        AwsenvError: the service could not be reached; there is no loopback.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    try:
        listener = _Listener(state)
    except OSError as error:
        raise AwsenvError(
            f"cannot listen on 127.0.0.1 for the browser to come back: {error.strerror}",
            f"type {portal.login_command} --device",
        ) from None
    with listener:
        redirect = REDIRECT.format(port=f":{listener.port}")
        asked = {
            "response_type": "code",
            "client_id": client["clientId"],
            "redirect_uri": redirect,
            "state": state,
            "code_challenge_method": "S256",
            "code_challenge": challenge,
            "scopes": " ".join(client.get("scopes") or ()),  # not OAuth's `scope`: as the AWS CLI asks
        }
        show(f"{center.authorization_url}?{urlencode(asked)}")
        query = listener.wait(timeout)
        if query is None:
            listener.shutdown()
            raise TimeoutError(f"no sign-in to {portal.name} within {expiry.short(int(timeout))}")
        try:
            if not query.get("code"):
                raise RefusedError(query.get("error", "no code"), query.get("error_description", ""))
            answer = center.create_token(
                clientId=client["clientId"],
                clientSecret=client["clientSecret"],
                grantType="authorization_code",
                code=query["code"],
                codeVerifier=verifier,
                redirectUri=redirect,
            )
        except Exception:
            listener.end("Not signed in", "The sign-in failed; the terminal says why.")
            raise
        finally:
            listener.shutdown()
        listener.end(f"Signed in to {portal.name}", "You can close this page and go back to the terminal.")
        return answer
