"""The HTTP server: one resource, for one token, on 127.0.0.1. It rejects everything else before doing any work.

Every process on the machine can connect (TCP on loopback has no owner), and so can a page in a browser (with DNS
rebinding even under the name of another host). Only the token, in a file that only the user can read, gives access;
Host and the headers of browsers are checked as well.
"""

from __future__ import annotations

import hmac
import http.server
import io
import json
import os
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
_MAX_REQUEST_BYTES = 16 * 1024
# Seconds for the whole request, and for its first byte.
_TIMEOUT = 5.0
_FIRST_BYTE_TIMEOUT = 2.0
# Connections with an incomplete request: more than a command's SDKs ever have.
_MAX_PENDING = 64


class Endpoint(socketserver.ThreadingTCPServer):
    """Listens at once; responds after `start`, until the process exits.

    Attributes:
        url: the URL of the credentials.
        token: what a request needs in its Authorization header, 256 bits.
        address: where it listens.
        renewer: provides the session.
        hosts: the values of Host that a request may have.
        pending: the connections with an incomplete request, oldest first.
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
        self.pending: dict[socket.socket, None] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start to respond. The thread runs until the process exits, so it need not poll."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 3600}, daemon=True).start()

    def server_bind(self) -> None:
        """Bind exclusively: on Windows another process could otherwise bind the same port and get our requests."""
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super().server_bind()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Reject other users, who could only keep us busy. (Root can read the token.)"""
        user = peers.user_of(client_address, self.address)
        return user is None or user in (0, os.geteuid())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Drop the oldest of too many pending connections, so that none can lock out the others."""
        with self._lock:
            self.pending[request] = None
            oldest = next(iter(self.pending)) if len(self.pending) > _MAX_PENDING else None
        if oldest is not None:
            self.no_longer_pending(oldest)
            with suppress(OSError):  # it has just been closed
                oldest.shutdown(socket.SHUT_RDWR)  # which wakes its thread
        super().process_request(request, client_address)

    def no_longer_pending(self, connection: socket.socket) -> None:
        """Do not drop this connection for others: its request is complete, or it is closed."""
        with self._lock:
            self.pending.pop(connection, None)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.no_longer_pending(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: the terminal belongs to the command, and a traceback may contain secrets."""


class _Request(http.server.BaseHTTPRequestHandler):
    """One connection with one request."""

    server: Endpoint

    def handle(self) -> None:
        self.close_connection = True
        try:
            self.rfile = io.BytesIO(self._read_head())
            self.server.no_longer_pending(self.connection)
            self.raw_requestline = self.rfile.readline()
            if self.parse_request():
                self._respond(*self._response())
        except OSError:  # too slow, too long, or disconnected
            return

    def _read_head(self) -> bytes:
        """Read the request up to the empty line; OSError if it is too long, or takes too long as a whole."""
        begun = time.monotonic()
        head = b""
        while b"\r\n\r\n" not in head and b"\n\n" not in head:
            left = begun + (_TIMEOUT if head else _FIRST_BYTE_TIMEOUT) - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
            received = self.connection.recv(4096)
            head += received
            if not received or len(head) > _MAX_REQUEST_BYTES:
                raise ConnectionAbortedError
        self.connection.settimeout(_TIMEOUT)
        return head

    def _response(self) -> tuple[int, dict[str, str]]:
        """Return the status and the content of the response."""
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0] not in self.server.hosts:
            return 403, _denied("this host is not served here")
        names = [name.lower() for name in self.headers]
        if any(name in ("origin", "referer") or name.startswith("sec-fetch-") for name in names):
            return 403, _denied("browsers are not served here")
        tokens = self.headers.get_all("Authorization", [])
        given = tokens[0] if len(tokens) == 1 else ""
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.server.token.encode()):
            return 403, _denied("the authorization token is missing or wrong")
        if self.command != "GET":
            return 405, _denied("only GET is allowed")
        if "content-length" in names or "transfer-encoding" in names:
            return 400, _denied("a request must have no body")
        # not `path`, in which slashes are joined; a line with two parts is HTTP/0.9, which has no headers
        parts = self.requestline.split()
        if len(parts) != 3:
            return 400, _denied("only HTTP/1 is supported")
        if parts[1] != _PATH:
            return 404, _denied("not found")
        try:
            session, expiration = self.server.renewer.current()
        except AwsenvError as error:
            return 500, {"Code": "CredentialsNotRenewed", "Message": str(error)}
        return 200, {
            "AccessKeyId": session.access_key,
            "SecretAccessKey": session.secret_key,
            "Token": session.token or "",  # the SDK for JavaScript requires a string, and sends none if it is empty
            "Expiration": expiry.format_utc(expiration),
        }

    def _respond(self, status: int, content: dict[str, str]) -> None:
        self.request_version = "HTTP/1.0"  # sends headers even to an HTTP/0.9 request
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
        """Respond to a request that `parse_request` finds invalid."""
        self._respond(code, {"Code": "BadRequest", "Message": "invalid request"})


def _denied(why: str) -> dict[str, str]:
    return {"Code": "AccessDenied", "Message": f"awsenv: {why}"}
