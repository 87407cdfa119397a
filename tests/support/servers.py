"""Servers on the loopback: one with scripted answers, one that never answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    """Sends whole answers, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def reply(self, status: int, body: str | bytes, content_type: str = "text/xml", **headers: str) -> None:
        """Send an answer; `_` in the name of a header stands for `-`."""
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server on a port of its own.

    Attributes:
        url: its URL.
    """

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], scheme: str = "http") -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Ignore clients that were killed, and browsers that close the connection."""

    @contextmanager
    def running(self) -> Iterator[str]:
        """Answer requests meanwhile; yield the URL."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self.url
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class Request:
    """One request to a scripted server: its method, path, query (each name once) and headers (in lower case)."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        self.method = handler.command
        self.path = url.path
        self.query = {name: value for name, [value] in parse_qs(url.query, strict_parsing=bool(url.query)).items()}
        self.headers = {name.lower(): value for name, value in handler.headers.items()}


@contextmanager
def answering(answer: Callable[[Request], tuple[int, object]]) -> Iterator[str]:
    """Run a server with scripted answers; yield its URL.

    Args:
        answer: returns the status and the body of an answer: a text, or an object that is sent as JSON.
    """

    class Scripted(Handler):
        protocol_version = "HTTP/1.0"  # the body of a request is not read

        def do_GET(self) -> None:
            status, content = answer(Request(self))
            self.reply(status, content if isinstance(content, str) else json.dumps(content))

        do_PUT = do_POST = do_GET

    with Server(Scripted).running() as url:
        yield url


@contextmanager
def silent_server(connected: threading.Event | None = None) -> Iterator[str]:
    """Run a server that accepts connections and never answers; yield its URL.

    Args:
        connected: set as soon as there is a connection.
    """
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        stop = threading.Event()
        connections: list[socket.socket] = []

        def accept() -> None:
            server.settimeout(0.1)
            while not stop.is_set():
                try:
                    connections.append(server.accept()[0])
                    if connected:
                        connected.set()
                except OSError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()
            for connection in connections:
                connection.close()
