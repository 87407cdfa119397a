"""Checks of web identities, in variables and in profiles."""

from __future__ import annotations

import base64
import errno
import json
import os
from collections.abc import Iterator
from contextlib import suppress

from awsenv.aws import paths
from awsenv.aws.expiry import short
from awsenv.aws.providers import Provider, candidates
from awsenv.doctor.check import WARNING, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.environment import PROFILES

__all__ = ["ROLE", "read_token", "token_file_in_force"]

_TOKEN_FILE, ROLE = "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"

_SETTING = "web_identity_token_file"

_LARGEST_TOKEN = 1 << 20  # bytes; a token has a few thousand


def token_file_in_force(context: Context) -> str:
    """Return the token file that SDKs use; empty if an access key, or the role of the active profile, comes first."""
    path = context.environ.get(_TOKEN_FILE, "")
    if not path or context.environ.get("AWS_ACCESS_KEY_ID"):
        return ""
    sources = _sources(context)
    return path if not sources or sources[0].setting == _TOKEN_FILE else ""


def _sources(context: Context) -> list[Provider]:
    """Return everything that would serve programs in this shell, in order; nothing if the files cannot be read."""
    if context.unreadable is not None:
        return []
    return list(candidates(context.profiles, context.active_profile, context.environ))


@check
def web_identity_without_role(context: Context) -> Iterator[Finding]:
    path = token_file_in_force(context)
    if path and not context.environ.get(ROLE) and context.setting(context.active_profile, "role_arn") is None:
        yield problem(f"{_TOKEN_FILE} is set, {ROLE} is not", f"{_TOKEN_FILE}={path}")


@check
def web_identity_token(context: Context) -> Iterator[Finding]:
    path = token_file_in_force(context)
    if not path or not context.environ.get(ROLE):
        return
    try:
        content = paths.read_regular(path, _LARGEST_TOKEN)
        token = content.decode().strip() if content is not None else None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        yield problem(f"the file that {_TOKEN_FILE} names cannot be read: {why}", path)
        return
    if token is None:
        what = f"{_TOKEN_FILE} does not name a regular file of at most a megabyte: that is not a token"
        yield problem(what, path, severity=WARNING)  # a pipe may have a token for its first reader
        return
    expiration = _expiration_of(token)
    if not token:
        yield problem(f"the file that {_TOKEN_FILE} names is empty", path)
    elif expiration is not None and expiration <= context.now:
        yield problem(f"the token of {_TOKEN_FILE} expired {short(context.now - expiration)} ago", path)


@check
def web_identity_shadows_profile(context: Context) -> Iterator[Finding]:
    path, role = token_file_in_force(context), context.environ.get(ROLE)
    name = next((name for name in PROFILES if context.environ.get(name)), None)
    if path and role and name is not None and any(source.section is not None for source in _sources(context)):
        what = f"the web identity is used, not the profile {context.environ[name]} that {name} names"
        yield problem(what, f"{_TOKEN_FILE}={path}", f"{ROLE}={role}")


@check
def profile_web_identity_file(context: Context) -> Iterator[Finding]:
    for hop, path in context.values_of(_SETTING, "web identity"):
        remediation = ""
        try:
            token = read_token(path)
            flaw = ", which is empty" if token is not None and not token.strip() else ""
        except OSError as error:
            flaw = f": {(error.strerror or 'cannot be read').lower()}"
            remediation = f"write {os.path.expanduser(path)} instead of {path}" if path.startswith("~") else ""
        if flaw:
            yield hop.problem(f"reads its token from {path}{flaw}", _SETTING, remediation=remediation)


@check
def profile_web_identity_expired(context: Context) -> Iterator[Finding]:
    for hop, path in context.values_of(_SETTING, "web identity"):
        with suppress(OSError):  # reported by profile-web-identity-file
            expiration = _expiration_of(read_token(path) or "")
            if expiration is not None and expiration <= context.now:
                ago = short(context.now - expiration)
                yield hop.problem(f"has a token in {path} that expired {ago} ago", _SETTING)


@check
def profile_web_identity_without_role(context: Context) -> Iterator[Finding]:
    for hop, _ in context.values_of(_SETTING, "web identity"):
        if not hop.settings.get("role_arn"):
            yield hop.problem("has web_identity_token_file, and no role_arn", _SETTING)


def read_token(path: str) -> str | None:
    """Return the token in a file; None if it must not be read here, as from a pipe it can be read only once.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        content = paths.read_regular(path, _LARGEST_TOKEN)
    except ValueError:  # not a path: it has a NUL
        return None
    if content is not None:
        return content.decode(errors="replace")
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return None


def _expiration_of(token: str) -> int | None:
    """Return `exp` of a JSON Web Token in epoch seconds (RFC 7519, 4.1.4); None for any other text, or without it."""
    try:
        payload = token.strip().split(".")[1]
        return int(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
