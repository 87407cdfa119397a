"""Check the answers of services. botocore accepts incomplete ones, which then fail later with a KeyError."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from awsenv.environment import expiry

__all__ = ["MAX_BYTES", "AnswerError", "check", "epoch_of"]

#: The limit for an answer and for the output of a credential_process. Answers of AWS have a few thousand bytes.
MAX_BYTES = 1 << 20


class AnswerError(Exception):
    """An invalid answer: the server is not AWS. The message holds nothing that the server sent.

    Attributes:
        why: the flaw, such as `has no SessionToken`.
        operation: the operation, such as `AssumeRole`; empty if unknown.
        endpoint: the URL of the server, empty if unknown.
    """

    def __init__(self, why: str, operation: str = "", endpoint: str = "") -> None:
        from awsenv.system.redaction import without_password  # compiling its patterns takes 10 ms

        super().__init__(why)
        self.why = why
        self.operation = operation
        self.endpoint = without_password(endpoint)

    def __str__(self) -> str:
        """Return a sentence such as `the answer of URL to AssumeRole has no SessionToken`."""
        to = f" to {self.operation}" if self.operation else ""
        return f"the answer of {self.endpoint or 'the server'}{to} {self.why}"


# Each check returns the flaw of a value, with %s for its name, or an empty string.


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value else "has no %s" if not value else "has %s that is not text"


def _number(value: object, below: int = 10**11) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return "" if 0 <= value < below else "has %s out of range"
    return "has no %s" if value is None else "has %s that is not a number"


_seconds = partial(_number, below=10**10)
_milliseconds = partial(_number, below=10**14)


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        return "has no %s"
    return "" if value.tzinfo is not None else "has %s without a time zone"


def _optional(check_value: Callable[[object], str]) -> Callable[[object], str]:
    return lambda value: "" if value is None else check_value(value)


_CREDENTIALS = {
    "Credentials.AccessKeyId": _text,
    "Credentials.SecretAccessKey": _text,
    "Credentials.SessionToken": _text,
    "Credentials.Expiration": _time,
}

# operation -> path of each member that is used -> its check
_REQUIRED: Mapping[str, Mapping[str, Callable[[object], str]]] = {
    "AssumeRole": _CREDENTIALS,
    "AssumeRoleWithWebIdentity": _CREDENTIALS,
    "GetSessionToken": _CREDENTIALS,
    "GetCallerIdentity": {"Arn": _text, "Account": _text, "UserId": _text},
    "GetRoleCredentials": {
        "roleCredentials.accessKeyId": _text,
        "roleCredentials.secretAccessKey": _text,
        "roleCredentials.sessionToken": _text,
        "roleCredentials.expiration": _milliseconds,
    },
    "RegisterClient": {"clientId": _text, "clientSecret": _text, "clientSecretExpiresAt": _number},
    "StartDeviceAuthorization": {
        "deviceCode": _text,
        "userCode": _text,
        "verificationUri": _text,
        "verificationUriComplete": _optional(_text),
        "expiresIn": _seconds,
        "interval": _optional(_seconds),
    },
    "CreateToken": {"accessToken": _text, "expiresIn": _seconds, "refreshToken": _optional(_text)},
}


def check(operation: str, answer: object) -> None:
    """Raise an AnswerError if a member that is used is missing or invalid in an answer, as botocore parsed it."""
    for path, check_value in _REQUIRED.get(operation, {}).items():
        value: Any = answer
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        why = check_value(value)
        if why:
            raise AnswerError(why % path.rpartition(".")[2], operation)


def epoch_of(text: str) -> int | None:
    """Return epoch seconds for a time in any form that dateutil, and so botocore, accepts; None without a time zone.

    Raises:
        ValueError: it is not a time.
    """
    quick = expiry.parse(text)
    if quick is not None:
        return quick
    import warnings

    from dateutil.parser import parse  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about unknown names of time zones
        try:
            time = parse(text)
            return int(time.timestamp()) if time.utcoffset() is not None else None
        except (OverflowError, TypeError) as error:
            raise ValueError(str(error)) from None
