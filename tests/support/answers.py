"""A scripted STS and IAM for the online checks of the doctor."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

from awsenv.doctor import examine
from awsenv.doctor.check import Finding
from awsenv.doctor.context import Context
from support.aws_files import checks_of
from support.homes import Home
from support.servers import Handler, Server

CHECKS = checks_of("network", "sts-answers", "sts-chain")
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
UNKNOWN = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "FwoGx"}


def look(home: Home, named: str | None = None, **more: str) -> list[Finding]:
    """Return the findings of the online checks."""
    return examine(Context(home.environment() | more, int(time.time()), named), CHECKS)


class Scripted(Server):
    """An STS and an IAM that accept any access key.

    Attributes:
        refusals: the actions that fail: action -> status, code and message.
        actions: those that were called, in order.
    """

    arn = "arn:aws:iam::123456789012:user/ada"

    def __init__(self, scheme: str) -> None:
        super().__init__(_Handler, scheme)
        self.refusals: dict[str, tuple[int, str, str]] = {}
        self.actions: list[str] = []


class _Handler(Handler):
    server: Scripted

    def do_POST(self) -> None:
        call = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        action = call["Action"][0]
        self.server.actions.append(action)
        refusal = self.server.refusals.get(action)
        if self.headers["Authorization"] is None:
            refusal = (403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        if refusal is not None:
            status, code, message = refusal
            self.reply(
                status, f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            )
            return
        inner = f"<Arn>{self.server.arn}</Arn><Account>123456789012</Account><UserId>AIDA</UserId>"
        if action == "AssumeRole":
            inner = (
                "<Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            )
        self.reply(200, f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>")

    def do_CONNECT(self) -> None:
        self.reply(403, "this proxy refuses every connection")


@contextmanager
def running(certificate: Path | None = None) -> Iterator[tuple[Scripted, str]]:
    """Run such a server, with TLS if there is a certificate; yield it, and its URL."""
    server = Scripted("https" if certificate else "http")
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with server.running() as url:
        yield server, url
