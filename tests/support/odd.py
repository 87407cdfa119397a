"""Malformed answers, files and settings, derived from valid ones, and the form that errors about them must have."""

from __future__ import annotations

import builtins
import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.loaders
import botocore.session

from awsenv.credentials import _botocore, obtain
from awsenv.credentials.dialog import Silent
from awsenv.credentials.request import Request
from awsenv.environment import Session
from awsenv.result import AwsenvError
from support.environment import clean_environment
from support.homes import AwsPaths, write

#: Values that must never be shown.
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYSECRETKEYS"
TOKEN = "min-io_session.token~with-odd.characters"
NEVER = (SECRET, SECRET[:25], TOKEN, TOKEN[:25])

KEY = "AKIAQWERTYUIOPASDFGH"
KEYS = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"

FAR = "2099-01-01T00:00:00Z"

#: Replacements of a valid value; `...` removes it.
VALUES: tuple[Any, ...] = (..., None, "", 0, -1, 10**30, True, [], {"x": 1}, "\0", "é", "\ud800")
TIMES = ("soon", "2099-01-01", "2099-01-01T00:00:00", "2099-13-01T00:00:00Z", "2001-01-01T00:00:00Z", "9" * 400, "0")


def variants(good: Mapping[str, Any], times: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a label and a copy of the object for each replacement of each of its members.

    Args:
        good: a valid object.
        times: its members that are times.
    """
    for name in good:
        for value in (*VALUES, *(TIMES if name in times else ())):
            changed = {key: one for key, one in good.items() if key != name}
            if value is not ...:
                changed[name] = value
            yield f"{name}={value!r:.30}".encode("ascii", "backslashreplace").decode(), changed


def texts(good: str) -> Iterator[tuple[str, bytes]]:
    """Yield labels and contents that may come instead of valid JSON or XML."""
    for part in range(0, len(good), max(len(good) // 7, 1)):
        yield f"the first {part}", good[:part].encode()
    yield from {
        "a mark first": b"\xef\xbb\xbf" + good.encode(),
        "a banner first": b"Welcome!\n" + good.encode(),
        "more behind it": good.encode() + b" {}",
        "UTF-16": good.encode("utf-16"),
        "Latin-1": b"\xe9" + good.encode(),
        "NUL": b"\0" * 200,
        "HTML": b"<!doctype html><html><head><title>Sign in</title></head><body><form action=/login></body></html>",
        "XHTML": b"<html><body><p>Sign in</p></body></html>",
        "null": b"null",
        "a number": b"1",
        "a text": b'"x"',
        "a list": b"[1, 2]",
        "an object": b"{}",
        "an element": b"<a/>",
        "deep JSON": b"[" * 100_000,
        "deep XML": b"<a>" * 5000,
        "a secret": SECRET.encode(),
        "a named secret": f"SecretAccessKey={SECRET} SessionToken={TOKEN}".encode(),
        "two megabytes": b"x" * (2 << 20),
    }.items()


_PYTHON = {
    name
    for module in (builtins, botocore.exceptions)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, BaseException)
} | {"ResponseParserError", "ParserError", "JSONDecodeError", "ParseError"}
_NOT_PLAIN = re.compile(
    r"Traceback|--debug for more|object at 0x|<class|NoneType|bytearray|b'|expecting value|codec", re.I
)


def complaints(error: BaseException, *named: str) -> list[str]:
    """Return what is wrong with the error of a command: it must be a sentence with a fix, without Python terms and secrets.

    Args:
        error: the error that was raised.
        named: texts that it must contain.
    """
    if not isinstance(error, AwsenvError):
        return [f"{type(error).__name__} is not translated: {error}"]
    text = str(error)
    found = [f"contains {word}" for word in re.findall(r"\w+", text) if word in _PYTHON]
    found += [f"contains {match[0]!r}" for match in [_NOT_PLAIN.search(text)] if match]
    found += [f"shows {secret}" for secret in NEVER if secret in text]
    found += [f"does not name {name}" for name in named if name not in text]
    if not error.fix:
        found.append("has no fix")
    if "\n" in text or len(text) > 4500:
        found.append(f"is {len(text)} characters long, or two lines")
    return [f"{one}: {text}" for one in found]


class Answers:
    """A server that sends one fixed answer to every request, or one for each path.

    Attributes:
        url: its URL.
        answers: how a path ends, or "" for all others -> status, content type and body.
    """

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as file:
                path = file.readline().split()[1].decode().partition("?")[0]
                length = 0
                while (line := file.readline().strip()) and line:
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                file.read(length)
                status, kind, body = next(answer for end, answer in self.answers.items() if path.endswith(end))
                head = (
                    f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close"
                )
                connection.sendall(f"{head}\r\n\r\n".encode() + body)
        except (OSError, ValueError, IndexError, StopIteration):
            pass

    def close(self) -> None:
        """Stop the server."""
        self._server.close()


@contextmanager
def answering() -> Iterator[Answers]:
    """Run such a server."""
    server = Answers()
    try:
        yield server
    finally:
        server.close()


def xml(action: str, members: Mapping[str, Any]) -> bytes:
    """Return an answer of STS with these credentials; a list repeats an element, an object nests one."""

    def element(name: str, value: Any) -> str:
        if isinstance(value, list):
            return "".join(element(name, one) for one in (value * 2 or [""]))
        inner = (
            "".join(element(*item) for item in value.items())
            if isinstance(value, dict)
            else ""
            if value is None
            else value
        )
        return f"<{name}>{inner}</{name}>"

    credentials = element("Credentials", dict(members))
    return f"<{action}Response><{action}Result>{credentials}</{action}Result></{action}Response>".encode(
        "utf-8", "surrogatepass"
    )


def dumps(value: object) -> bytes:
    """Return a value as JSON, with lone surrogates escaped."""
    return json.dumps(value).encode()


#: The credentials of a valid answer of STS.
STS = {"AccessKeyId": "ASIANEW", "SecretAccessKey": SECRET, "SessionToken": TOKEN, "Expiration": FAR}


class Place(AwsPaths):
    """A home directory, and a server in the role of AWS.

    Attributes:
        notices: the lines shown to the user.
    """

    def __init__(self, path: Path, server: Answers) -> None:
        self.path, self.server = path, server
        self.notices: list[str] = []
        write(self.credentials, f"[u]\n{KEYS}")

    def environment(self, **more: str) -> dict[str, str]:
        short = {"AWSENV_CONNECT_TIMEOUT": "2", "AWSENV_READ_TIMEOUT": "3", "AWSENV_LOGIN_TIMEOUT": "0.05"}
        return clean_environment(self.path, **{"AWS_ENDPOINT_URL": self.server.url, **short, **more})

    def of_boto3(
        self, profile: str, loader: botocore.loaders.Loader | None = None, **more: str
    ) -> tuple[str, ...] | None:
        """Return the credentials that boto3 finds with the same files and variables; None if it fails or finds none."""
        with _botocore.environment_set_to(self.environment(**more)):
            try:
                session = botocore.session.Session(profile=profile)
                if loader is not None:
                    session.register_component("data_loader", loader)
                found = session.get_credentials().get_frozen_credentials()
            except Exception:
                return None
        return found.access_key, found.secret_key, found.token

    def result(self, request: Request | None = None, **more: str) -> Session | BaseException:
        """Return the session, or the error that was raised."""
        dialog = Silent()
        dialog.notify = self.notices.append  # type: ignore[assignment,method-assign]
        try:
            return obtain(
                request or Request("p", "p", cached=False), self.environment(**more), int(time.time()), dialog
            )
        except Exception as error:
            return error
