"""What a request came to the last time: the entry of the AWS CLI's cache that answers it, while the files stay.

Which entry answers a request follows from the AWS config and credentials files and awsenv's settings. To find it anew,
botocore takes fifteen times as long as Python takes to start; so the finding is kept, stamped with the files that it
was made from. A recipe holds no secret. It is narrow, never different in its answer: any doubt sends the request to
botocore.
(Hot path.)
"""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.credentials import Request, cache
from awsenv.environment import Session, expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fingerprint", "lookup", "remember"]

# Changes whenever what is written in a recipe changes.
_FORMAT = "2"


def lookup(request: Request, environ: Mapping[str, str], now: int) -> Session | None:
    """The cached session that answers a request, or None if botocore has to be asked.

    A session near its end is left to botocore, which renews it at the same mark.
    """
    try:
        kept = cache.read_json(_path(request, environ))
        stamps, key, region = kept["stamps"], kept["key"], kept["region"]
        in_keyring = kept["keyring"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if stamps != fingerprint(environ) or not isinstance(key, str) or not isinstance(region, str | None):
        return None
    if in_keyring:
        from awsenv.credentials.backends import KeyringCache

        entry = KeyringCache(environ).session(key)
    else:
        entry = cache.read_session(paths.cli_cache(environ), key)
    if entry is None or entry.expiration - now < max(request.min_ttl, expiry.NEAR):
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
    stamps: list[list[int]],
    key: str,
    region: str | None,
    *,
    in_keyring: bool,
) -> None:
    """Keep what a request came to.

    Args:
        request: the request.
        environ: the environment.
        stamps: of the files, from before they were read.
        key: the entry of the AWS CLI's cache.
        region: the profile's own region.
        in_keyring: whether the entry is in the keyring instead.
    """
    import json
    from contextlib import suppress

    from awsenv.system import files

    with suppress(OSError):  # without a recipe the next call is slower, not wrong
        files.private_directory(paths.own_cache(environ))
        recipe = {"stamps": stamps, "key": key, "region": region, "keyring": in_keyring}
        files.write_atomic(_path(request, environ), json.dumps(recipe).encode())


def fingerprint(environ: Mapping[str, str]) -> list[list[int]]:
    """What changes when the AWS config or credentials file does, or awsenv's settings (where sessions are kept).

    An empty list for a file that is not there.
    """
    stamps: list[list[int]] = []
    for path in (paths.config_file(environ), paths.credentials_file(environ), paths.settings_file(environ)):
        try:
            status = os.stat(path)
        except OSError:
            stamps.append([])
        else:
            stamps.append([status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev])
    return stamps


def _path(request: Request, environ: Mapping[str, str]) -> str:
    """Where the recipe of a request is: named after all that it depends on but the content of the files."""
    try:
        from _sha1 import sha1  # type: ignore[import-not-found]  # hashlib takes 3 ms more: it loads OpenSSL
    except ImportError:
        from hashlib import sha1
    parts = [_FORMAT, request.profile or "", paths.config_file(environ), paths.credentials_file(environ)]
    parts += [paths.cli_cache(environ), environ.get("AWSENV_CACHE", "")]
    parts += [f"{name}={value}" for name, value in sorted(request.settings.items())]
    if request.user_session:
        parts.append("user session")
    name = sha1("\0".join(parts).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return os.path.join(paths.own_cache(environ), f"recipe-{name}.json")
