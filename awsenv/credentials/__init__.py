"""Obtaining credentials: `obtain` looks into the cache first and asks botocore for the rest.

Which entry of the AWS CLI's cache serves a request follows from the AWS config and credentials files and awsenv's
settings. To find it again takes botocore fifteen times as long as Python takes to start, so a hint is stored, with a
fingerprint of these files. A hint holds no secret. It never changes the answer: in doubt, botocore decides.

Nothing here prints or prompts: see `credentials.dialog`. Where a sign-in is missing it raises `LoginRequired`.
(Hot path.)
"""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.environment import Credentials, Session, expiry
from awsenv.result import EXPIRED, NEAR_EXPIRY, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from awsenv.credentials.dialog import Dialog
    from awsenv.credentials.request import Request

__all__ = [
    "LoginRequired",
    "clock_is_wrong",
    "credentials_in",
    "fingerprint",
    "lookup",
    "obtain",
    "read_session",
    "remember",
    "session_of",
]

# Changes whenever the content of a hint changes.
_FORMAT = "3"

# A prime, chosen at random: the remainder names a hint. (Loading the module of a hash takes a tenth of a millisecond.)
_PRIME = 0xD5FD555F83C50B6721981BDC4ACCDA49


class LoginRequired(AwsenvError):  # noqa: N818  # the name that DESIGN gives it
    """The credentials can be obtained only after a sign-in to IAM Identity Center.

    Attributes:
        profile: the profile to sign in with.
        rejected: whether the service has rejected a sign-in that still looks valid.
    """

    def __init__(self, what: str, fix: str, profile: str, *, rejected: bool) -> None:
        super().__init__(what, fix)
        self.profile = profile
        self.rejected = rejected


def obtain(request: Request, environ: Mapping[str, str], now: int, dialog: Dialog | None = None) -> Session:
    """Credentials for a request.

    Args:
        request: what is asked for.
        environ: the environment, without what an earlier `assume` put there. The credentials in it are ignored, except
            for `credential_source = Environment`.
        now: epoch seconds.
        dialog: how to reach the user; None if that is not to be done.

    Returns:
        The session, valid for `request.min_ttl` at least.

    Raises:
        LoginRequired: a sign-in is missing, expired or rejected.
        AwsenvError: one sentence: no such profile, a broken chain, an error of STS, no network, a session too short.
    """
    session = lookup(request, environ, now)
    if session is None:
        from awsenv.credentials.resolve import resolve

        session = resolve(request, environ, now, dialog)
    left = None if session.expiration is None else session.expiration - now
    if left is None or left >= max(request.min_ttl, 1):
        return session

    if left <= 0:
        raise clock_is_wrong(request.name, left)
    raise AwsenvError(
        f"the session of {request.name} has {expiry.short(left)} left, less than --min-ttl asks for "
        f"({expiry.short(request.min_ttl)})",
        "ask for a longer one with --duration, as far as the role allows",
        NEAR_EXPIRY,
    )


def clock_is_wrong(name: str, left: int | None = None) -> AwsenvError:
    """The error for a session that is new and expired; `left` in seconds, if that is known."""
    when = "has expired" if left is None else f"expired {expiry.short(left)} ago"
    return AwsenvError(
        f"by this machine's clock the new session of {name} {when}",
        f"check the clock: {expiry.look_at_clock()}",
        EXPIRED,
    )


# --- the fast path --------------------------------------------------------------------------------------------------


def lookup(request: Request, environ: Mapping[str, str], now: int) -> Session | None:
    """The cached session that serves a request; None if there is no hint, or it does not apply.

    A session near expiry is left to the ordinary way, which renews it at the same mark.
    """
    if request.fresh or not request.cached:
        return None
    try:
        hint = paths.read_json(_path(request, environ))
        expected, key, region = hint["fingerprint"], hint["key"], hint["region"]
        in_keyring = hint["keyring"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    if expected != fingerprint(environ) or not isinstance(key, str) or not isinstance(region, str | None):
        return None
    if not isinstance(in_keyring, bool):
        return None
    if in_keyring:
        from awsenv.credentials.backends import KeyringCache

        try:
            entry = KeyringCache(environ).session(key)
        except AwsenvError:
            return None  # if it is needed, the ordinary way says so
    else:
        entry = read_session(paths.cli_cache(environ), key)
    if entry is None or (entry.expiration or 0) - now < max(request.min_ttl, expiry.NEAR):
        return None
    return session_of(request.name, entry, request.region or region)


def session_of(profile: str, found: Credentials, region: str | None = None) -> Session:
    """Credentials as a session of a profile, or of what else they are asked for by."""
    return Session(
        profile,
        found.access_key,
        found.secret_key,
        token=found.token or None,
        expiration=found.expiration,
        region=region,
    )


def remember(
    request: Request,
    environ: Mapping[str, str],
    files: list[list[int]],
    key: str,
    region: str | None,
    *,
    in_keyring: bool,
) -> None:
    """Store which entry serves a request.

    Args:
        request: the request.
        environ: the environment.
        files: the fingerprint from before the files were read.
        key: the entry of the AWS CLI's cache.
        region: the profile's own region.
        in_keyring: whether the entry is in the keyring instead.
    """
    import json
    from contextlib import suppress

    from awsenv.credentials import cache

    path = _path(request, environ)
    hint = {"fingerprint": files, "key": key, "region": region, "keyring": in_keyring}
    with suppress(OSError, ValueError, RecursionError):
        if json.loads(paths.read_regular(path) or b"") == hint:
            return
    with suppress(OSError):  # without a hint the next call is slower, not wrong
        cache.store(path, hint)


def fingerprint(environ: Mapping[str, str]) -> list[list[int]]:
    """What changes when the AWS config or credentials file changes, or awsenv's settings (where sessions are cached).

    Returns:
        For each file its size, time, inode and device; an empty list for one that does not exist.
    """
    found: list[list[int]] = []
    for path in (paths.config_file(environ), paths.credentials_file(environ), paths.settings_file(environ)):
        try:
            status = os.stat(path)
        except OSError:
            found.append([])
        else:
            found.append([status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev])
    return found


def _path(request: Request, environ: Mapping[str, str]) -> str:
    """The file of a hint, named after all that the hint depends on except the content of the files."""
    parts = [_FORMAT, request.profile or "", paths.config_file(environ), paths.credentials_file(environ)]
    parts += [paths.cli_cache(environ), environ.get("AWSENV_CACHE", "")]
    parts += [f"{name}={value}" for name, value in sorted(request.settings.items())]
    if request.policy is not None:
        parts.append(f"policy={request.policy.text}")
    if request.user_session:
        parts.append("user session")
    name = int.from_bytes("\0".join(parts).encode("utf-8", "surrogateescape"), "big") % _PRIME
    return os.path.join(paths.own_cache(environ), f"hint-{name:032x}.json")


# --- a cached session -----------------------------------------------------------------------------------------------


def read_session(directory: str, key: str) -> Credentials | None:
    """The session that is cached under a key, expired or not; None if it does not exist or the file is corrupt.

    An empty, truncated or foreign file makes the AWS CLI fail with nothing but the key as its message. Here the next
    session of that key replaces it.
    """
    try:
        return credentials_in(paths.read_json(os.path.join(directory, f"{key}.json")))
    except (OSError, ValueError, RecursionError):
        return None


def credentials_in(content: Any) -> Credentials | None:
    """The credentials in the content of a cache entry, None if there are none."""
    try:
        credentials = content["Credentials"]
        expiration = expiry.parse(credentials["Expiration"])
        parts = [credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    except (LookupError, TypeError, AttributeError):
        return None
    if expiration is None or not all(part and isinstance(part, str) for part in parts):
        return None
    return Credentials(parts[0], parts[1], parts[2], expiration)
