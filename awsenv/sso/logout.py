"""Sign-out: the sign-in is revoked, and it and its role sessions are removed from the caches."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from awsenv.aws.config_files import Profiles
from awsenv.aws.paths import MISSING
from awsenv.credentials import backends
from awsenv.report import profiles as profile_list
from awsenv.result import AwsenvError
from awsenv.sso.client import IdentityCenter, RefusedError
from awsenv.sso.portal import Portal, of_profile, uses_sso
from awsenv.sso.tokens import Tokens
from awsenv.system import files

__all__ = ["sign_out"]


def sign_out(
    portal: Portal | None, profiles: Profiles, environ: Mapping[str, str], now: int
) -> tuple[int, int, AwsenvError | None]:
    """Sign out.

    Args:
        portal: where to sign out; None for all.
        profiles: the files.
        environ: the environment.
        now: epoch seconds.

    Returns:
        How many sign-ins and role sessions were removed, and why a sign-in could not be revoked, or None.

    Raises:
        AwsenvError: a file cannot be removed, or the keyring fails.
    """
    unrevoked = None
    paths = []
    for path, token in Tokens(environ).all():
        if portal is not None and os.path.basename(path) != f"{portal.key}.json":
            continue
        paths.append(path)
        region = token.get("region") or (portal.region if portal else None)
        if not isinstance(region, str):
            continue
        try:
            IdentityCenter(region, portal.profile if portal else None, profiles, environ).log_out(token["accessToken"])
        except RefusedError as refusal:
            if refusal.code != "UnauthorizedException":  # it had expired already
                unrevoked = AwsenvError(f"it was rejected with {refusal}")
        except AwsenvError as error:
            unrevoked = error
    for path in paths:
        _remove(path)
    of_profiles = set(_keys(portal, profiles, environ, now))
    count = 0
    own = backends.open_cache(environ)
    for store in (backends.FileCache(environ), own) if own.in_keyring else (own,):
        for key in list(_role_sessions(portal, of_profiles, store)):
            store.delete(key)
            count += 1
    return len(paths), count, unrevoked


def _role_sessions(
    portal: Portal | None, of_profiles: set[str], store: backends.FileCache | backends.KeyringCache
) -> Iterator[str]:
    """Yield the keys of sessions that were obtained with a sign-in. Only the profiles tell with which one."""
    for key in store.keys(of_profiles):
        if key not in of_profiles and portal is not None:
            continue
        try:
            content = store.read(key)
        except (OSError, ValueError, RecursionError):
            continue
        if key in of_profiles or (isinstance(content, dict) and content.get("ProviderType") == "sso"):
            yield key


def _keys(portal: Portal | None, profiles: Profiles, environ: Mapping[str, str], now: int) -> Iterator[str]:
    """Yield the keys of the sessions of all profiles whose source is a sign-in, including roles assumed with it."""
    for name in profiles.names():
        try:
            if not uses_sso(profiles, name) or (portal and of_profile(profiles, name).key != portal.key):
                continue
        except AwsenvError:
            continue
        key = profile_list.session_key(name, profiles, environ, now)
        if key is not None:
            yield key


def _remove(path: str) -> None:
    try:
        files.remove(path)
    except MISSING:
        pass
    except OSError as error:
        raise AwsenvError(f"cannot remove {path}: {error.strerror}", "remove it by hand") from None
