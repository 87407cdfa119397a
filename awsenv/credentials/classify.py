"""Classify a failed request: an error of the service, or a connection that failed, and at which stage."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from awsenv.credentials.answers import AnswerError
from awsenv.system.redaction import redact

__all__ = ["NOT_AWS", "ConnectionFailure", "ServiceError", "classify", "in_words"]

#: The fix where the server is not AWS.
NOT_AWS = (
    "check AWS_ENDPOINT_URL, endpoint_url and the proxy; if it is the sign-in page of a network, open any page in a "
    "browser"
)

# The errors of AWS have names; a number comes from another server: a proxy, the sign-in page of a hotel.
_NO_CODE = re.compile(r"\d{3}|Unknown|")


@dataclass(frozen=True)
class ServiceError:
    """An error of an AWS service.

    Attributes:
        operation: GetCallerIdentity, AssumeRole, …
        code, message: the error; the message holds no secret.
    """

    operation: str
    code: str
    message: str


@dataclass(frozen=True)
class ConnectionFailure:
    """The reason that AWS did not answer.

    Attributes:
        stage: where it failed: DNS, TCP, proxy, TLS or answer.
        why: the reason in a few words.
    """

    stage: str
    why: str


def classify(
    error: BaseException | None, proxy: str | None = None
) -> tuple[ServiceError | None, ConnectionFailure | None]:
    """Distinguish an error of a service from a failed connection.

    Args:
        error: an exception of botocore, or an AnswerError.
        proxy: the proxy that the request went through, or None.

    Returns:
        One of the two, or neither for other exceptions.
    """
    from botocore import exceptions as raised

    if not isinstance(error, raised.ClientError):
        return None, _connection_failure(error, proxy)
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code") or ""), redact(str(answer.get("Message") or ""), os.environ).strip()
    if not _NO_CODE.fullmatch(code):
        return ServiceError(str(error.operation_name), code, message), None
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or code
    if proxy is not None:
        return None, ConnectionFailure("proxy", f"{proxy} answers {status} itself")
    return None, ConnectionFailure("answer", f"the answer is not from AWS: status {status}")


def _connection_failure(error: BaseException | None, proxy: str | None) -> ConnectionFailure | None:
    from botocore import exceptions as raised

    if isinstance(error, AnswerError):
        return ConnectionFailure("answer", f"the answer is not from AWS: it {error.why}")
    cause = getattr(error, "kwargs", {}).get("error") if isinstance(error, raised.BotoCoreError) else None
    why = _reason(cause)
    if isinstance(error, raised.ProxyConnectionError):
        return ConnectionFailure("proxy", f"{proxy or 'the proxy'}: {why}")
    if isinstance(error, raised.SSLError):
        return ConnectionFailure("TLS", why)
    if isinstance(error, raised.EndpointConnectionError):
        is_name = type(cause).__name__ in ("NameResolutionError", "gaierror")
        return ConnectionFailure("DNS", "the name cannot be resolved") if is_name else ConnectionFailure("TCP", why)
    if isinstance(error, raised.ConnectTimeoutError):
        return ConnectionFailure("TCP", "no connection in time")
    if isinstance(error, raised.ReadTimeoutError):
        return ConnectionFailure("answer", "connected, but no answer in time")
    if isinstance(error, raised.HTTPClientError):
        is_closed = "Closed" in type(error).__name__
        return ConnectionFailure("answer", "the connection was closed without an answer" if is_closed else why)
    return None


def in_words(error: BaseException) -> str:
    """Return the message of an exception on one line, without secrets and Python's jargon."""
    text = redact(str(error), os.environ)
    text = re.sub(r"\.? Received <class '\w+'> instead", "", text)
    text = re.sub(r"invalid literal for int\(\) with base 10: ('[^']*')", r"\1 is not a number", text)
    if isinstance(error, RecursionError):
        text = "it is nested too deeply"
    if isinstance(error, UnicodeError):
        text = "it is not plain text"
    if isinstance(error, KeyError):
        text = f"{text} is missing"
    if isinstance(error, OSError):
        text = redact(f"{error.filename}: {error.strerror}", {}) if error.filename else error.strerror or text
    return " ".join(text.split()).rstrip(" .:;") or "no reason given"


def _reason(error: object) -> str:
    """Return the reason that the operating system or OpenSSL gives, inside an exception of urllib3."""
    inner: object = error
    for name in ("reason", "original_error", "__cause__"):
        inner = getattr(inner, name, None) or inner
    text = redact(str(inner), os.environ)
    for pattern in (
        r"certificate verify failed: [^()\]]+",
        r"Tunnel connection failed: [^'\")]+",
        r"\[Errno -?\d+\] [^'\")]+",
    ):
        found = re.search(pattern, text)
        if found:
            return re.sub(r"^\[Errno -?\d+\] ", "", found[0]).strip().lower()
    return text.strip() or type(inner).__name__
