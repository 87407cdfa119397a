"""The fast path: a hint says which entry of the AWS CLI's cache served a request the last time.

Which entry serves a request follows from the AWS config and credentials files and awsenv's settings. To find it anew
takes botocore fifteen times as long as Python takes to start, so it is stored with a fingerprint of these files. A hint
holds no secret. It never changes the answer: whatever is in doubt goes the ordinary way.
(Hot path.)
"""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.credentials import cache
from awsenv.environment import Session, expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.credentials.request import Request

__all__ = ["fingerprint", "lookup", "remember"]

# Changes whenever the content of a hint changes.
_FORMAT = "3"


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
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if expected != fingerprint(environ) or not isinstance(key, str) or not isinstance(region, str | None):
        return None
    if in_keyring:
        from awsenv.credentials.backends import KeyringCache

        entry = KeyringCache(environ).session(key)
    else:
        entry = cache.read_session(paths.cli_cache(environ), key)
    if entry is None or (entry.expiration or 0) - now < max(request.min_ttl, expiry.NEAR):
        return None
    return Session(
        request.name,
        entry.access_key,
        entry.secret_key,
        token=entry.token,
        expiration=entry.expiration,
        region=request.region or region,
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

    from awsenv.system.files import private_directory, write_atomic

    with suppress(OSError):  # without a hint the next call is slower, not wrong
        private_directory(paths.own_cache(environ))
        hint = {"fingerprint": files, "key": key, "region": region, "keyring": in_keyring}
        write_atomic(_path(request, environ), json.dumps(hint).encode())


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
    try:
        from _sha1 import sha1  # type: ignore[import-not-found]  # hashlib takes 3 ms more: it loads OpenSSL
    except ImportError:
        from hashlib import sha1
    parts = [_FORMAT, request.profile or "", paths.config_file(environ), paths.credentials_file(environ)]
    parts += [paths.cli_cache(environ), environ.get("AWSENV_CACHE", "")]
    parts += [f"{name}={value}" for name, value in sorted(request.settings.items())]
    if request.policy is not None:
        parts.append(f"policy={request.policy.text}")
    if request.user_session:
        parts.append("user session")
    name = sha1("\0".join(parts).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return os.path.join(paths.own_cache(environ), f"hint-{name}.json")
