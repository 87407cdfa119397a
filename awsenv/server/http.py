"""The HTTP server: one resource, for one token, on 127.0.0.1. It rejects everything else before it does any work.

Every process on the machine can connect (TCP on loopback has no owner), and so can a page in a browser (by DNS
rebinding even with the name of another host). Only the token gives access, and it is in a file that only the user can
read. Host and the headers of browsers are checked all the same.
"""

from __future__ import annotations

import hmac
import http.server
import io
import json
import secrets
import socket
import socketserver
import threading
import time
from contextlib import suppress
from typing import Any

from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.server import peers
from awsenv.server.renewer import Renewer

__all__ = ["Endpoint"]

_PATH = "/credentials"
# A request has one line and a handful of headers.
_MOST_BYTES = 16 * 1024
_SECONDS = 5.0
_SECONDS_TO_FIRST_BYTE = 2.0
# Connections without a whole request: more than a command's SDKs ever have.
_MOST_WAITING = 64


class Endpoint(socketserver.ThreadingTCPServer):
    """Listens at once, answers after `start`, until the process exits.

    Attributes:
        url: of the credentials.
        token: what a request needs in its Authorization header, 256 bits.
        address: on which it listens.
        renewer: has the session.
        hosts: the names that a request may use.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, renewer: Renewer) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        port = self.server_address[1]
        self.address = ("127.0.0.1", port)
        self.renewer = renewer
        self.token = secrets.token_urlsafe(32)
        self.url = f"http://127.0.0.1:{port}{_PATH}"
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        #: connections whose request is not complete, oldest first
        self.waiting: dict[socket.socket, None] = {}
        self.lock = threading.Lock()

    def start(self) -> None:
        """Start to answer. It runs until the process exits, so it need not poll."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 3600}, daemon=True).start()

    def server_bind(self) -> None:
        """On Windows another process could else bind the same port and be asked in our place."""
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super().server_bind()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Not for other users: they could only keep us busy. (Root can read the token.)"""
        return peers.user_of(client_address, self.address) in (None, 0, peers.own_user())

    def process_request(self, request: Any, client_address: Any) -> None:
        """So many may wait; then the oldest makes room, so that nobody can keep the others out."""
        with self.lock:
            self.waiting[request] = None
            oldest = next(iter(self.waiting)) if len(self.waiting) > _MOST_WAITING else None
        if oldest is not None:
            self.has_request(oldest)
            with suppress(OSError):  # it has just gone by itself
                oldest.shutdown(socket.SHUT_RDWR)  # which wakes its thread
        super().process_request(request, client_address)

    def has_request(self, connection: socket.socket) -> None:
        """It need no longer make room for others."""
        with self.lock:
            self.waiting.pop(connection, None)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.has_request(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is printed: the terminal is the command's, and a traceback may hold what is secret."""


class _Request(http.server.BaseHTTPRequestHandler):
    """One connection with one request."""

    server: Endpoint

    def handle(self) -> None:
        self.close_connection = True
        try:
            self.rfile = io.BytesIO(self._head())
            self.server.has_request(self.connection)
            self.raw_requestline = self.rfile.readline()
            if self.parse_request():
                self._answer(*self._judged())
        except OSError:  # too slow, too long, or gone
            return

    def _head(self) -> bytes:
        """The request up to the empty line; OSError if it is too long, or takes too long as a whole."""
        begun = time.monotonic()
        head = b""
        while b"\r\n\r\n" not in head and b"\n\n" not in head:
            left = begun + (_SECONDS if head else _SECONDS_TO_FIRST_BYTE) - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
            piece = self.connection.recv(4096)
            head += piece
            if not piece or len(head) > _MOST_BYTES:
                raise ConnectionAbortedError
        self.connection.settimeout(_SECONDS)
        return head

    def _judged(self) -> tuple[int, dict[str, str]]:
        """Status and content of the answer."""
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0] not in self.server.hosts:
            return 403, _refusal("this host is not served here")
        names = [name.lower() for name in self.headers]
        if any(name in ("origin", "referer") or name.startswith("sec-fetch-") for name in names):
            return 403, _refusal("browsers are not served here")
        tokens = self.headers.get_all("Authorization", [])
        given = tokens[0] if len(tokens) == 1 else ""
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.server.token.encode()):
            return 403, _refusal("the authorization token is missing or wrong")
        if self.command != "GET":
            return 405, _refusal("there is GET only")
        if "content-length" in names or "transfer-encoding" in names:
            return 400, _refusal("a request has no body here")
        # not `path`, in which slashes are joined; two words are HTTP/0.9, which has no headers
        words = self.requestline.split()
        if len(words) != 3:
            return 400, _refusal("this is HTTP/1 only")
        if words[1] != _PATH:
            return 404, _refusal("not found")
        try:
            session, end = self.server.renewer.current()
        except AwsenvError as error:
            return 500, {"Code": "CredentialsNotRenewed", "Message": str(error)}
        return 200, {
            "AccessKeyId": session.access_key,
            "SecretAccessKey": session.secret_key,
            "Token": session.token or "",  # the SDK for JavaScript wants a text, and sends none that is empty
            "Expiration": expiry.format_utc(end),
        }

    def _answer(self, status: int, content: dict[str, str]) -> None:
        self.request_version = "HTTP/1.0"  # an answer has a head, also that to HTTP/0.9
        body = json.dumps(content).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The answer of `parse_request` to an invalid request."""
        self._answer(code, {"Code": "BadRequest", "Message": "invalid request"})


def _refusal(why: str) -> dict[str, str]:
    return {"Code": "AccessDenied", "Message": f"awsenv: {why}"}
