"""Why a request came to nothing: the error of a service, or a failed connection and how far it got."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from awsenv.credentials.answers import AnswerError
from awsenv.system.redaction import redact

__all__ = ["NOT_AWS", "ConnectionFailure", "ServiceError", "classify", "in_words"]

#: What to do where something else than AWS answers.
NOT_AWS = (
    "check AWS_ENDPOINT_URL, endpoint_url and the proxy; if it is the sign-in page of a network, open any page in a "
    "browser"
)

# AWS names its errors; a number is the answer of another server: a proxy, the sign-in page of a hotel.
_NO_CODE = re.compile(r"\d{3}|Unknown|")


@dataclass(frozen=True)
class ServiceError:
    """An error of an AWS service.

    Attributes:
        operation: GetCallerIdentity, AssumeRole, …
        code, message: the error; the message has no secret in it.
    """

    operation: str
    code: str
    message: str


@dataclass(frozen=True)
class ConnectionFailure:
    """Why AWS did not answer.

    Attributes:
        stage: DNS, TCP, proxy, TLS or answer: how far it got.
        why: a few words.
    """

    stage: str
    why: str


def classify(
    error: BaseException | None, proxy: str | None = None
) -> tuple[ServiceError | None, ConnectionFailure | None]:
    """Tell an error of a service from a failed connection.

    Args:
        error: an exception of botocore, or an AnswerError.
        proxy: the proxy that the request went through, if there is one.

    Returns:
        One of the two; neither for every other exception.
    """
    from botocore import exceptions as raised

    if isinstance(error, raised.ClientError):
        answer = error.response.get("Error", {})
        code, message = str(answer.get("Code") or ""), redact(str(answer.get("Message") or ""), os.environ).strip()
        if not _NO_CODE.fullmatch(code):
            return ServiceError(str(error.operation_name), code, message), None
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or code
        if proxy is not None:
            return None, ConnectionFailure("proxy", f"{proxy} answers {status} itself")
        return None, ConnectionFailure("answer", f"the answer is not from AWS: status {status}")
    if isinstance(error, AnswerError):
        return None, ConnectionFailure("answer", f"the answer is not from AWS: it {error.why}")
    cause = getattr(error, "kwargs", {}).get("error") if isinstance(error, raised.BotoCoreError) else None
    why = _reason(cause)
    if isinstance(error, raised.ProxyConnectionError):
        return None, ConnectionFailure("proxy", f"{proxy or 'the proxy'}: {why}")
    if isinstance(error, raised.SSLError):
        return None, ConnectionFailure("TLS", why)
    if isinstance(error, raised.EndpointConnectionError):
        stage = "DNS" if type(cause).__name__ in ("NameResolutionError", "gaierror") else "TCP"
        return None, ConnectionFailure(stage, "the name cannot be resolved" if stage == "DNS" else why)
    if isinstance(error, raised.ConnectTimeoutError):
        return None, ConnectionFailure("TCP", "no connection in time")
    if isinstance(error, raised.ReadTimeoutError):
        return None, ConnectionFailure("answer", "connected, but no answer in time")
    if isinstance(error, raised.HTTPClientError):
        closed = "Closed" in type(error).__name__
        return None, ConnectionFailure("answer", "the connection was closed without an answer" if closed else why)
    return None, None


def in_words(error: BaseException) -> str:
    """The message of an exception of botocore's or Python's on one line, without secrets and the words of Python."""
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
    """The words of the operating system or OpenSSL inside of what urllib3 raises."""
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
