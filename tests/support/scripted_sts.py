"""A scripted STS with what ministack lacks: MFA, duration limits, GetSessionToken. It records its calls.

The codes and texts of its refusals are those of AWS. It checks no signatures; ministack (support/sts.py) does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from support.servers import Handler, Server

ACCOUNT = "123456789012"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/ada"

TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
CHAINED = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
NO_CODE = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
WITH_A_SESSION = "Cannot call GetSessionToken with session credentials"

Call = dict[str, str]


class Refused(Exception):
    """An error response of STS."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class ScriptedSts:
    """The rules of the server, and the calls that it received.

    Attributes:
        url: its URL.
        calls: the parameters of each request, in order, with `Key`, the access key id that signed it.
        max_duration: the maximum session duration of every role, in seconds.
        codes: MFA codes that are accepted, each once; None for any.
        guarded: whether roles require an MFA code, or a session that was obtained with one.
        allows_get_role: whether GetRole is allowed; the server is an IAM as well.
        rejected: the calls that failed, as CloudTrail would record them.
        before: called with each request before it is answered.
    """

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Call] = []
        self.max_duration = 3600
        self.codes: set[str] | None = set()
        self.guarded = self.allows_get_role = False
        self.rejected: list[Call] = []
        self.before: Callable[[Call], None] = lambda call: None
        self._with_mfa: set[str] = set()
        self._roles: set[str] = set()
        self._guard = threading.Lock()

    def count(self, action: str) -> int:
        return sum(call["Action"] == action for call in self.calls)

    def answer(self, call: Call) -> str:
        self.before(call)
        with self._guard:
            self.calls.append(call)
            number = len(self.calls)
            if call["Action"] == "GetRole":
                return self._role(call)
            if call["Action"] not in ("AssumeRole", "GetSessionToken"):
                raise Refused(400, "InvalidAction", "not implemented")
            with_code = self._check_code(call)
            key, duration = f"ASIASCRIPTED{number:08d}", int(call.get("DurationSeconds", "3600"))
            if call["Action"] == "GetSessionToken":
                if call["Key"].startswith("ASIA"):
                    raise Refused(403, "AccessDenied", WITH_A_SESSION)
                rest = ""
            else:
                if self.guarded and not with_code and call["Key"] not in self._with_mfa | self._roles:
                    message = f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: sts:AssumeRole"
                    raise Refused(403, "AccessDenied", f"{message} on resource: {call['RoleArn']}")
                if call["Key"] in self._roles and duration > 3600:
                    raise Refused(400, "ValidationError", CHAINED)
                if duration > self.max_duration:
                    raise Refused(400, "ValidationError", TOO_LONG)
                self._roles.add(key)
                name = call["RoleArn"].rpartition("/")[2]
                arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{call['RoleSessionName']}"
                rest = (
                    f"<AssumedRoleUser><Arn>{escape(arn)}</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>"
                )
            if with_code:
                self._with_mfa.add(key)
        expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + duration))
        credentials = (
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret{number}</SecretAccessKey>"
            f"<SessionToken>token{number}</SessionToken><Expiration>{expiration}</Expiration></Credentials>"
        )
        return f"<{call['Action']}Result>{credentials}{rest}</{call['Action']}Result>"

    def _role(self, call: Call) -> str:
        if call["Key"].startswith("ASIA") and call["Key"] not in self._with_mfa | self._roles:
            raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid")
        if not self.allows_get_role:
            raise Refused(403, "AccessDenied", "is not authorized to perform: iam:GetRole")
        arn = f"arn:aws:iam::{ACCOUNT}:role/{call['RoleName']}"
        texts = {"Path": "/", "RoleName": call["RoleName"], "RoleId": "AROAX", "Arn": arn}
        texts |= {"CreateDate": "2020-01-01T00:00:00Z", "MaxSessionDuration": str(self.max_duration)}
        role = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items())
        return f"<GetRoleResult><Role>{role}</Role></GetRoleResult>"

    def _check_code(self, call: Call) -> bool:
        """Return whether the call has an MFA code; raise Refused for an invalid one."""
        if "SerialNumber" not in call:
            return False
        if "TokenCode" not in call:
            raise Refused(403, "AccessDenied", NO_CODE)
        if self.codes is not None:
            if call["TokenCode"] not in self.codes:
                raise Refused(403, "AccessDenied", WRONG_CODE)
            self.codes.remove(call["TokenCode"])
        return True


class _Handler(Handler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        authorization = self.headers["Authorization"]
        call["Key"] = authorization.partition("Credential=")[2].partition("/")[0]
        try:
            status, inner, kind = 200, self.server.sts.answer(call), f"{call['Action']}Response"  # type: ignore[attr-defined]
        except Refused as refused:
            self.server.sts.rejected.append(call)  # type: ignore[attr-defined]
            status, kind = refused.status, "ErrorResponse"
            inner = f"<Error><Type>Sender</Type><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
        text = f'<{kind} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">{inner}<RequestId>r</RequestId></{kind}>'
        self.reply(status, text)


class _Proxy(Handler):
    """Forwards every request unchanged, so that its signature stays valid, and counts the AssumeRole calls."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.before(body)  # type: ignore[attr-defined]
        if b"Action=AssumeRole" in body:
            self.server.counted.append(body)  # type: ignore[attr-defined]
        upstream = HTTPConnection(urlsplit(self.server.target).netloc, timeout=60)  # type: ignore[attr-defined]
        upstream.request("POST", self.path, body, dict(self.headers.items()))
        answer = upstream.getresponse()
        self.reply(answer.status, answer.read(), answer.headers.get("Content-Type", "text/xml"))
        upstream.close()


@contextmanager
def scripted_sts() -> Iterator[ScriptedSts]:
    """Run such an STS."""
    sts = ScriptedSts()
    server = Server(_Handler)
    server.sts = sts  # type: ignore[attr-defined]
    with server.running() as sts.url:
        yield sts


@contextmanager
def counting(target: str, before: Callable[[bytes], None] = lambda body: None) -> Iterator[tuple[str, list[bytes]]]:
    """Run a counting proxy to another STS; yield its URL, and the bodies of the AssumeRole calls so far."""
    server = Server(_Proxy)
    server.target, server.counted, server.before = target, [], before  # type: ignore[attr-defined]
    with server.running() as url:
        yield url, server.counted  # type: ignore[attr-defined]
