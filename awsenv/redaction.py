"""What may be shown of an error: the traceback of `--debug`, without secrets."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping

from awsenv.environment import SECRETS

__all__ = ["redact", "traceback_of"]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_KEY_ID = re.compile(r"\b(A(?:KIA|SIA)[A-Z0-9]{8,})([A-Z0-9]{4})\b")
# secret keys have 40 characters of base64, session tokens hundreds
_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}={0,2}(?![A-Za-z0-9/+=])|[A-Za-z0-9/+]{100,}={0,2}")
_ASSIGNED = re.compile(r"(?i)((?:secret_access_key|session_token|security_token|password|secret)['\"]?\s*[=:]\s*)\S+")


def redact(text: str, environ: Mapping[str, str]) -> str:
    """The text without the secrets of the environment, and without all that looks like one."""
    for name in SECRETS:
        if len(environ.get(name, "")) > 3:
            text = text.replace(environ[name], "[redacted]")
    text = _ASSIGNED.sub(r"\1[redacted]", text)
    text = _SECRET.sub("[redacted]", text)
    return _KEY_ID.sub(r"[…]\2", text)


def traceback_of(error: BaseException, environ: Mapping[str, str]) -> str:
    """The error's traceback, redacted. It holds source lines and messages, never the values of variables."""
    return redact("".join(traceback.format_exception(error)), environ)
