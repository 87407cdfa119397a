"""Limit the time and size of the answer to every request of botocore, and check its content."""

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
from awsenv.credentials.answers import MAX_BYTES, AnswerError, check

__all__ = ["Bounded", "ParserFactory", "bound"]


class Bounded:
    """An HTTP session of botocore with a time limit for each request as a whole, and a size limit for its answer.

    botocore's own timeouts apply to each read from the socket: it would wait forever for a server that sends a byte a
    second, in the headers or the body.
    """

    def __init__(self, session: Any, seconds: float, server: str) -> None:
        """Send nothing yet; `seconds` is the time limit, `server` a name for `waiting`."""
        self._session = session
        self._seconds = seconds
        self._server = server
        self.has_answered = False
        self._waited = 0.0  # seconds, including those of earlier attempts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def send(self, request: Any) -> Any:
        """Send a request, as botocore's session does.

        Raises:
            ReadTimeoutError: the time limit is exceeded.
            AnswerError: the answer is too large.
        """
        request.stream_output = True  # the body is read here
        self.has_answered = False
        results: list[Any] = []
        has_timed_out = threading.Event()

        def work() -> None:
            try:
                results.append(_read(self._session.send(request), has_timed_out, request.url))
            except BaseException as error:
                results.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        end, start = time.monotonic() + self._seconds, time.monotonic() - self._waited
        while thread.is_alive() and (left := end - time.monotonic()) > 0:
            thread.join(min(left, 0.2))  # on Windows a Ctrl-C is seen only in between
            self._waited = time.monotonic() - start
            if self._waited >= waiting.QUIET and thread.is_alive():
                waiting.report(self._server)
        if not results:
            has_timed_out.set()
            raise botocore.exceptions.ReadTimeoutError(
                endpoint_url=request.url, error="the whole answer takes too long"
            )
        if isinstance(results[0], BaseException):
            raise results[0]
        self.has_answered, self._waited = True, 0.0
        return results[0]


def _read(answer: Any, has_timed_out: threading.Event, url: str) -> Any:
    """Return the answer with its body read, as botocore would have read it."""
    parts, size = [], 0
    try:
        for part in answer.raw.stream():
            size += len(part)
            if size > MAX_BYTES or has_timed_out.is_set():
                raise AnswerError(f"is larger than {MAX_BYTES >> 20} MB")
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


_UNEXPECTED = "has a form that AWS does not use"


class ParserFactory(botocore.parsers.ResponseParserFactory):  # type: ignore[misc]  # botocore has no types
    """Parsers that raise an AnswerError for an invalid answer; botocore's quote the body, or raise a TypeError."""

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
            raise AnswerError(_UNEXPECTED) from None
        if not isinstance(found, dict):
            raise AnswerError(_UNEXPECTED)
        return found

    return parsed


#: botocore's name of a service -> its usual name, where that differs
_SERVICES = {"sso": "IAM Identity Center", "sso-oidc": "IAM Identity Center", "signin": "AWS sign-in"}


def _server_of(client: Any) -> str:
    """Return the name of a client's server: `STS of eu-west-1 (sts.eu-west-1.amazonaws.com)`."""
    service = client.meta.service_model.service_name
    region = f" of {client.meta.region_name}" if client.meta.region_name else ""
    host = client.meta.endpoint_url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return f"{_SERVICES.get(service, service.upper())}{region} ({host})"


def bound(client: Any) -> Any:
    """Limit and check the answers to a client; return it."""
    config, endpoint, url = client.meta.config, client._endpoint, client.meta.endpoint_url
    seconds = config.connect_timeout + config.read_timeout
    http = endpoint.http_session = Bounded(endpoint.http_session, seconds, _server_of(client))

    def after_call(http_response: Any, parsed: Any, model: Any, **_: Any) -> None:
        if http_response.status_code < 300:
            try:
                check(model.name, parsed)
            except AnswerError as error:
                raise AnswerError(error.why, model.name, url) from None

    def after_call_error(exception: Exception, event_name: str, **_: Any) -> None:
        operation = event_name.rpartition(".")[2]
        if isinstance(exception, AnswerError):
            raise AnswerError(exception.why, operation, url) from None
        if http.has_answered and not isinstance(exception, botocore.exceptions.BotoCoreError):
            raise AnswerError(_UNEXPECTED, operation, url) from None  # the parser stumbled over a type

    client.meta.events.register("after-call", after_call)
    client.meta.events.register("after-call-error", after_call_error)
    return client
