"""Servers on the loopback: one with scripted answers, one that never answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


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

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answer(Request(self))
            body = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


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
