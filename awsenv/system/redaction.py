"""Removing secrets from texts: error messages, URLs, the traceback of `--debug`."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Mapping

from awsenv.environment import SECRETS

__all__ = ["hidden", "redact", "traceback_of", "without_password"]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_KEY_ID = re.compile(r"\b(A(?:KIA|SIA)[A-Z0-9]{8,})([A-Z0-9]{4})\b")
# secret keys have 40 characters of base64, session tokens hundreds; a JWT begins with `{"` in base64
_SECRET = re.compile(
    r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])|[A-Za-z0-9/+]{100,}|(?<![A-Za-z0-9])eyJ[\w-]{8,}[\w.-]*"
)
_IN_PLACE = re.compile(r"(?<![A-Za-z0-9/+_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+_.-])|[A-Za-z0-9/+]{100,}={0,2}")
# up to the last @ before the path, or, if no port follows the colon, up to the last @ of the URL
_PASSWORD = re.compile(r"//(?:[^/\s]*|[^/\s:@]+:(?![0-9]+[/?#])\S*)@")
_NAMES = (
    r"(?:secret[_-]?access[_-]?key|(?:session|security|access|refresh|signin|id)[_-]?token|(?:client|device)[_-]?"
    r"(?:secret|code)|secret[_-]?key|token[_-]?code|password|secret)"
)
# the value of such a name in an assignment, JSON or XML; a truncated value lacks its closing quote
_ASSIGNED = re.compile(rf"""(?i)({_NAMES}\\?['"]?\s*[=:]>?\s*)(?:\\?"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s<>&]+)""")
_OPTION = re.compile(rf"(?i)(--[\w-]*{_NAMES}[\w-]*[= ]+)[^\s'\"]+")
_ELEMENT = re.compile(rf"(?i)(<(?:\w+:)?{_NAMES}(?:\s[^<>]*)?>)[^<]+")


def redact(text: str, environ: Mapping[str, str]) -> str:
    """Remove the secrets of the environment, and everything that looks like a secret."""
    for name in SECRETS:
        if len(environ.get(name, "")) > 3:
            text = text.replace(environ[name], "[redacted]")
    text = without_password(text)
    for named in (_ASSIGNED, _OPTION, _ELEMENT):
        text = named.sub(r"\1[redacted]", text)
    text = _SECRET.sub("[redacted]", text)
    return _KEY_ID.sub(r"[…]\2", text)


def hidden(text: str) -> str:
    """Remove secrets that a user may have put in the wrong place: a secret key as a name, a password in a URL.

    Unlike `redact`, it leaves paths, names and hashes alone.
    """

    def replacement(found: re.Match[str]) -> str:
        return "[redacted]" if _is_random(found[0]) and not _is_path(found[0]) else found[0]

    return _IN_PLACE.sub(replacement, without_password(text))


def _is_random(text: str) -> bool:
    return any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))


def _is_path(text: str) -> bool:
    """Whether the text begins with an existing directory, which is too unlikely for a secret."""
    first, slash, _ = text[1:].partition("/")
    return text[0] == "/" and bool(first and slash) and os.path.isdir(f"/{first}")


def without_password(url: str) -> str:
    """Remove name and password from a URL, even if the password contains an unescaped @ or /."""
    return _PASSWORD.sub("//…@", url)


def traceback_of(error: BaseException, environ: Mapping[str, str]) -> str:
    """Return the error's traceback, redacted. It has source lines and messages, never the values of variables."""
    return redact("".join(traceback.format_exception(error)), environ)
