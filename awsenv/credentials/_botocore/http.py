"""How long an answer may take, how large it may be, and what has to be in it, for every request of botocore's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import botocore.exceptions
import botocore.httpsession
import botocore.parsers
from botocore.utils import parse_timestamp

from awsenv.credentials import waiting
from awsenv.credentials._botocore.quick_import import quick_time
from awsenv.credentials.answers import LARGEST, AnswerError, check

__all__ = ["Bounded", "ParserFactory", "bound"]


class Bounded:
    """An HTTP session of botocore's with one limit of time for the whole of a request, and one of size for the answer.

    Its own timeouts are for each read from the socket: for a server that sends a byte a second, in the headers or the
    body, it would wait without end.
    """

    def __init__(self, session: Any, seconds: float, whom: str) -> None:
        """Send nothing yet.

        Args:
            session: botocore's.
            seconds: for the whole of a request.
            whom: who answers, for `waiting`.
        """
        self._session = session
        self._seconds = seconds
        self._whom = whom
        self.has_answered = False
        self._waited = 0.0  # also by the attempts before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def send(self, request: Any) -> Any:
        """As botocore's; a ReadTimeoutError if the time is over, an AnswerError if the answer is too large."""
        request.stream_output = True  # the body is read here
        self.has_answered = False
        done: list[Any] = []
        is_over = threading.Event()

        def work() -> None:
            try:
                done.append(_read(self._session.send(request), is_over, request.url))
            except BaseException as error:
                done.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        end, start = time.monotonic() + self._seconds, time.monotonic() - self._waited
        while thread.is_alive() and (left := end - time.monotonic()) > 0:
            thread.join(min(left, 0.2))  # a Ctrl-C on Windows comes only in between
            self._waited = time.monotonic() - start
            if self._waited >= waiting.SILENT and thread.is_alive():
                waiting.waits_for(self._whom)
        if not done:
            is_over.set()
            raise botocore.exceptions.ReadTimeoutError(
                endpoint_url=request.url, error="the whole answer takes too long"
            )
        if isinstance(done[0], BaseException):
            raise done[0]
        self.has_answered, self._waited = True, 0.0
        return done[0]


def _read(answer: Any, is_over: threading.Event, url: str) -> Any:
    """The answer with its body, as botocore would have read it."""
    parts, size = [], 0
    try:
        for part in answer.raw.stream():
            size += len(part)
            if size > LARGEST or is_over.is_set():
                raise AnswerError(f"is larger than {LARGEST >> 20} MB")
            parts.append(part)
    except AnswerError:
        answer.raw.close()
        raise
    except Exception as error:
        kind = botocore.exceptions.ConnectionClosedError
        if isinstance(error, botocore.httpsession.URLLib3ReadTimeoutError):
            kind = botocore.exceptions.ReadTimeoutError
        raise kind(endpoint_url=url, error=error) from error
    answer._content = b"".join(parts)
    return answer


_ODD = "has another form than AWS gives it"


class ParserFactory(botocore.parsers.ResponseParserFactory):  # type: ignore[misc]  # botocore has no types
    """Parsers that raise an AnswerError for what is not an answer; botocore's show the body, or raise a TypeError."""

    def __init__(self) -> None:
        super().__init__()
        self.set_parser_defaults(timestamp_parser=lambda value: quick_time(value) or parse_timestamp(value))

    def create_parser(self, protocol_name: str) -> Any:
        parser = super().create_parser(protocol_name)
        parser.parse = _without_body(parser.parse)
        return parser


def _without_body(parse: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def parsed(response: Any, shape: Any) -> Any:
        try:
            found = parse(response, shape)
        except botocore.parsers.ResponseParserError:
            raise AnswerError(f"is malformed (status {response['status_code']})") from None
        except Exception:
            raise AnswerError(_ODD) from None
        if not isinstance(found, dict):
            raise AnswerError(_ODD)
        return found

    return parsed


#: botocore's name of a service -> what people call it, where that is something else.
_SERVICES = {"sso": "IAM Identity Center", "sso-oidc": "IAM Identity Center", "signin": "AWS sign-in"}


def _name_of(client: Any) -> str:
    """What a client asks: `STS of eu-west-1 (sts.eu-west-1.amazonaws.com)`."""
    service = client.meta.service_model.service_name
    region = f" of {client.meta.region_name}" if client.meta.region_name else ""
    host = client.meta.endpoint_url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return f"{_SERVICES.get(service, service.upper())}{region} ({host})"


def bound(client: Any) -> Any:
    """A client whose answers are limited and checked."""
    config, endpoint, url = client.meta.config, client._endpoint, client.meta.endpoint_url
    seconds = config.connect_timeout + config.read_timeout
    http = endpoint.http_session = Bounded(endpoint.http_session, seconds, _name_of(client))

    def answered(http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
        if http_response.status_code < 300:
            try:
                check(model.name, parsed)
            except AnswerError as error:
                raise AnswerError(error.why, model.name, url) from None

    def failed(exception: Exception, event_name: str, **_: Any) -> None:
        operation = event_name.rpartition(".")[2]
        if isinstance(exception, AnswerError):
            raise AnswerError(exception.why, operation, url) from None
        if http.has_answered and not isinstance(exception, botocore.exceptions.BotoCoreError):
            raise AnswerError(_ODD, operation, url) from None  # of a type that no parser expects

    client.meta.events.register("after-call", answered)
    client.meta.events.register("after-call-error", failed)
    return client
