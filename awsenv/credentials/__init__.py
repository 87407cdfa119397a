"""Obtain credentials: `obtain` looks in the cache first and asks botocore for the rest.

The AWS config and credentials files and awsenv's settings determine which entry of the AWS CLI's cache serves a
request. botocore takes fifteen times as long as Python's start to work that out, so a hint is stored with a fingerprint
of these files. A hint holds no secret and never changes the answer: in doubt, botocore decides.

Nothing here prints or prompts (see `credentials.dialog`); a missing sign-in raises `LoginRequired`. (Hot path.)
"""

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

# A random prime: the remainder names a hint. (Importing a hash function takes a tenth of a millisecond.)
_PRIME = 0xD5FD555F83C50B6721981BDC4ACCDA49


class LoginRequired(AwsenvError):  # noqa: N818  # what the user has to do, not what went wrong
    """The credentials can be obtained only after a sign-in to IAM Identity Center.

    Attributes:
        profile: the profile to sign in with.
        rejected: whether the service has rejected a sign-in that still looks valid.
    """

    def __init__(self, what: str, fix: str, profile: str, *, rejected: bool) -> None:
        super().__init__(what, fix)
        self.profile = profile
        self.rejected = rejected


def obtain(request: "Request", environ: "Mapping[str, str]", now: int, dialog: "Dialog | None" = None) -> Session:
    """Return a session for a request, cached or new.

    Args:
        request: the request.
        environ: the environment, without what an earlier `assume` exported. Credentials in it are ignored, except for
            `credential_source = Environment`.
        now: epoch seconds.
        dialog: how to reach the user; None to stay silent.

    Returns:
        The session, valid for at least `request.min_ttl`.

    Raises:
        LoginRequired: a sign-in is missing, expired or rejected.
        AwsenvError: unknown profile, broken chain, STS error, no network, or a session that is too short.
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
    """Return the error for a new session that has already expired; `left` in seconds, if known."""
    when = "has expired" if left is None else f"expired {expiry.short(left)} ago"
    return AwsenvError(
        f"by this machine's clock the new session of {name} {when}",
        f"check the clock: {expiry.look_at_clock()}",
        EXPIRED,
    )


# --- the fast path --------------------------------------------------------------------------------------------------


def lookup(request: "Request", environ: "Mapping[str, str]", now: int) -> Session | None:
    """Return the cached session that a hint names; None if there is no hint, or it does not apply.

    A session near expiry is left to `resolve`, which renews it at the same threshold.
    """
    if request.fresh or not request.cached:
        return None
    try:
        hint = paths.read_json(_hint_path(request, environ))
        files, key, region, in_keyring = hint["fingerprint"], hint["key"], hint["region"], hint["keyring"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    is_valid = isinstance(key, str) and isinstance(region, str | None) and isinstance(in_keyring, bool)
    if not is_valid or files != fingerprint(environ):
        return None
    if in_keyring:
        from awsenv.credentials.backends import KeyringCache

        try:
            entry = KeyringCache(environ).session(key)
        except AwsenvError:
            return None  # `resolve` reports it if the keyring is needed
    else:
        entry = read_session(paths.cli_cache(environ), key)
    if entry is None or (entry.expiration or 0) - now < max(request.min_ttl, expiry.NEAR):
        return None
    return session_of(request.name, entry, request.region or region)


def session_of(profile: str, found: Credentials, region: str | None = None) -> Session:
    """Return credentials as the session of a profile, or of another source, such as a variable."""
    return Session(
        profile,
        found.access_key,
        found.secret_key,
        token=found.token or None,
        expiration=found.expiration,
        region=region,
    )


def remember(
    request: "Request",
    environ: "Mapping[str, str]",
    files: list[list[int]],
    key: str,
    region: str | None,
    *,
    in_keyring: bool,
) -> None:
    """Store a hint: which cache entry serves a request.

    Args:
        request: the request.
        environ: the environment.
        files: their fingerprint, taken before they were read.
        key: the key of the cache entry.
        region: the profile's own region.
        in_keyring: whether the entry is in the keyring, not in the AWS CLI's cache.
    """
    from contextlib import suppress

    from awsenv.credentials import cache

    path = _hint_path(request, environ)
    hint = {"fingerprint": files, "key": key, "region": region, "keyring": in_keyring}
    with suppress(OSError, ValueError, RecursionError):
        if paths.read_json(path) == hint:
            return
    with suppress(OSError):  # without a hint the next call is slower, not wrong
        cache.store(path, hint)


def fingerprint(environ: "Mapping[str, str]") -> list[list[int]]:
    """Return a value that changes with the AWS config or credentials file or awsenv's settings file.

    Returns:
        Size, time, inode and device of each file; an empty list for a missing one.
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


def _hint_path(request: "Request", environ: "Mapping[str, str]") -> str:
    """Return the path of a hint, named after everything that it depends on except the content of the files."""
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
    """Return the session that is cached under a key, expired or not; None if it is missing or corrupt.

    An empty, truncated or foreign file makes the AWS CLI fail with nothing but the key as its message. awsenv replaces
    it with the next session.
    """
    try:
        return credentials_in(paths.read_json(os.path.join(directory, f"{key}.json")))
    except (OSError, ValueError, RecursionError):
        return None


def credentials_in(content: "Any") -> Credentials | None:
    """Return the credentials in the content of a cache entry; None if any part is missing."""
    try:
        credentials = content["Credentials"]
        expiration = expiry.parse(credentials["Expiration"])
        parts = [credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    except (LookupError, TypeError, AttributeError):
        return None
    if expiration is None or not all(part and isinstance(part, str) for part in parts):
        return None
    return Credentials(parts[0], parts[1], parts[2], expiration)
