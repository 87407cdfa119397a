"""Sign-in by authorization code with PKCE (RFC 7636).

The browser of this machine returns to a loopback address (RFC 8252) with a code that is worthless without a secret
that only this process and the service know.
"""

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
    "Referrer-Policy": "no-referrer",  # the URL contains the code
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


class _Listener(socketserver.ThreadingTCPServer):
    """Waits on loopback for the browser to return. Has threads, as browsers open connections and leave them idle."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.state = state
        self.shown = threading.Event()
        self._query: Mapping[str, str] | None = None
        self._page = ("Not signed in", "The terminal says more.")
        self._first = threading.Lock()
        self._received, self._finished = threading.Event(), threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def wait(self, timeout: float) -> Mapping[str, str] | None:
        """Return the parameters that the browser brings; None if it does not return in time."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        deadline = time.monotonic() + timeout
        while not self._received.is_set() and time.monotonic() < deadline:
            # in short waits: on Windows a Ctrl-C is noticed only between them
            self._received.wait(min(0.2, max(deadline - time.monotonic(), 0)))
        return self._query

    def finish(self, title: str, text: str) -> None:
        """Show the result in the browser."""
        self._page = (title, text)
        self._finished.set()
        self.shown.wait(2)

    def receive(self, query: Mapping[str, str]) -> tuple[str, str] | None:
        """Hand over the parameters and wait for the page to show; None for any but the first request."""
        if not self._first.acquire(blocking=False):
            return None
        self._query = query
        self._received.set()
        self._finished.wait(60)
        return self._page

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing if a browser disconnects."""


class _Request(BaseHTTPRequestHandler):
    """One request of a browser."""

    server: _Listener
    timeout = 10
    server_version = "awsenv"
    sys_version = ""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        own_host = self.headers.get("Host") == f"127.0.0.1:{self.server.port}"  # not a rebound DNS name
        if not own_host or f"http://127.0.0.1{url.path}" != REDIRECT.format(port=""):
            return self._show(404, "Not found", "awsenv waits for a sign-in at another address.")
        if not hmac.compare_digest(query.get("state", "").encode(), self.server.state.encode()):
            return self._show(400, "Wrong sign-in", "This page does not belong to the sign-in that awsenv waits for.")
        page = self.server.receive(query)
        if page is None:
            return self._show(409, "Already done", "awsenv has received this sign-in already.")
        self._show(200, *page)
        return self.server.shown.set()

    def _show(self, status: int, title: str, text: str) -> None:
        body = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the URL contains the code."""


def sign_in(
    center: IdentityCenter, portal: Portal, client: Mapping[str, Any], show: Callable[[str], None], timeout: float
) -> dict[str, Any]:
    """Sign in with the code that the browser brings back.

    Args:
        center: the service.
        portal: where to sign in.
        client: the registration.
        show: shows the page to open in a browser on this machine.
        timeout: seconds to wait.

    Returns:
        The response of CreateToken.

    Raises:
        RefusedError: the service or the user rejected it.
        TimeoutError: the browser did not return in time.
        AwsenvError: the service cannot be reached, or nothing can listen on loopback.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    try:
        listener = _Listener(state)
    except OSError as error:
        raise AwsenvError(
            f"cannot listen on 127.0.0.1 for the browser to return: {error.strerror}",
            f"type {portal.login_command} --device",
        ) from None
    with listener:
        redirect = REDIRECT.format(port=f":{listener.port}")
        parameters = {
            "response_type": "code",
            "client_id": client["clientId"],
            "redirect_uri": redirect,
            "state": state,
            "code_challenge_method": "S256",
            "code_challenge": challenge,
            "scopes": " ".join(client.get("scopes") or ()),  # as the AWS CLI names it; OAuth has `scope`
        }
        show(f"{center.authorization_url}?{urlencode(parameters)}")
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
            listener.finish("Not signed in", "The sign-in failed; the terminal says why.")
            raise
        finally:
            listener.shutdown()
        listener.finish(f"Signed in to {portal.name}", "You can close this page and go back to the terminal.")
        return answer
