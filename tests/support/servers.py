"""Servers on the loopback: one whose answers are scripted, one that never answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Asked:
    """One request to a scripted server: its method, path, query (each name once) and headers (in lower case)."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        self.method = handler.command
        self.path = url.path
        self.query = {name: value for name, [value] in parse_qs(url.query, strict_parsing=bool(url.query)).items()}
        self.headers = {name.lower(): value for name, value in handler.headers.items()}


@contextmanager
def answering(answer: Callable[[Asked], tuple[int, object]]) -> Iterator[str]:
    """A server on the loopback whose answers are scripted: the status, and a text or what is sent as JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answer(Asked(self))
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
    """An endpoint that takes the connection and never answers.

    Args:
        connected: is set when there is a connection.
    """
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        stop = threading.Event()
        taken: list[socket.socket] = []

        def accept() -> None:
            server.settimeout(0.1)
            while not stop.is_set():
                try:
                    taken.append(server.accept()[0])
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
            for connection in taken:
                connection.close()
