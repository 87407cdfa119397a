"""Texts without secrets: error messages, URLs, the traceback of `--debug`."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Mapping

from awsenv.environment import SECRETS

__all__ = ["hidden", "redact", "traceback_of", "without_password"]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_KEY_ID = re.compile(r"\b(A(?:KIA|SIA)[A-Z0-9]{8,})([A-Z0-9]{4})\b")
# secret keys have 40 characters of base64, session tokens hundreds; a JWT begins with base64 of `{"`
_SECRET = re.compile(
    r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])|[A-Za-z0-9/+]{100,}|(?<![A-Za-z0-9])eyJ[\w-]{8,}[\w.-]*"
)
_IN_PLACE = re.compile(r"(?<![A-Za-z0-9/+_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+_.-])|[A-Za-z0-9/+]{100,}={0,2}")
# up to the last @ before the path, or, where the part after the colon is not a port, to the last one at all
_PASSWORD = re.compile(r"//(?:[^/\s]*|[^/\s:@]+:(?![0-9]+[/?#])\S*)@")
_NAMES = (
    r"(?:secret[_-]?access[_-]?key|(?:session|security|access|refresh|signin|id)[_-]?token|(?:client|device)[_-]?"
    r"(?:secret|code)|secret[_-]?key|token[_-]?code|password|secret)"
)
# what an assignment, JSON or XML gives such a name; a value that is cut off has no quote at its end
_ASSIGNED = re.compile(rf"""(?i)({_NAMES}\\?['"]?\s*[=:]>?\s*)(?:\\?"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s<>&]+)""")
_OPTION = re.compile(rf"(?i)(--[\w-]*{_NAMES}[\w-]*[= ]+)[^\s'\"]+")
_ELEMENT = re.compile(rf"(?i)(<(?:\w+:)?{_NAMES}(?:\s[^<>]*)?>)[^<]+")


def redact(text: str, environ: Mapping[str, str]) -> str:
    """The text without the secrets of the environment, and without everything that looks like one."""
    for name in SECRETS:
        if len(environ.get(name, "")) > 3:
            text = text.replace(environ[name], "[redacted]")
    text = without_password(text)
    for named in (_ASSIGNED, _OPTION, _ELEMENT):
        text = named.sub(r"\1[redacted]", text)
    text = _SECRET.sub("[redacted]", text)
    return _KEY_ID.sub(r"[…]\2", text)


def hidden(text: str) -> str:
    """A text without what may have got into it by mistake: a secret key in place of a name, a password in a URL.

    Narrower than `redact`: it leaves paths, names and hashes alone.
    """
    text = without_password(text)
    return _IN_PLACE.sub(
        lambda found: "[redacted]" if _is_random(found[0]) and not _is_path(found[0]) else found[0], text
    )


def _is_random(text: str) -> bool:
    return any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))


def _is_path(text: str) -> bool:
    """Whether it begins with a directory that exists, as no secret does by chance."""
    first, slash, _ = text[1:].partition("/")
    return text[0] == "/" and bool(first and slash) and os.path.isdir(f"/{first}")


def without_password(url: str) -> str:
    """A URL without the name and the password in it, even if the password has an unescaped @ or /."""
    return _PASSWORD.sub("//…@", url)


def traceback_of(error: BaseException, environ: Mapping[str, str]) -> str:
    """The error's traceback, redacted. It holds source lines and messages, never the values of variables."""
    return redact("".join(traceback.format_exception(error)), environ)
