"""Signing out: the service is told, and what came of the sign-in is removed from the AWS CLI's two caches."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from awsenv import listing, places
from awsenv.credentials import cache
from awsenv.credentials.sso import IdentityCenter, RefusedError
from awsenv.outcome import AwsenvError
from awsenv.profiles import Profiles
from awsenv.signin.portal import Portal, of_profile
from awsenv.signin.tokens import Tokens

__all__ = ["sign_out"]


def sign_out(
    portal: Portal | None, profiles: Profiles, environ: Mapping[str, str]
) -> tuple[int, int, AwsenvError | None]:
    """How many sign-ins and role sessions were removed, and why the service could not be told, if so.

    Args:
        portal: of which; None for all.
        profiles: the files.
        environ: the environment.

    Raises:
        AwsenvError: a file cannot be removed.
    """
    tokens = Tokens(environ)
    untold = None
    paths = []
    for path, token in tokens.all():
        if portal is not None and os.path.basename(path) != f"{portal.key}.json":
            continue
        paths.append(path)
        region = token.get("region") or (portal.region if portal else None)
        if not isinstance(region, str):
            continue
        try:
            IdentityCenter(region, portal.profile if portal else None, profiles, environ).log_out(token["accessToken"])
        except RefusedError as refusal:
            if refusal.code != "UnauthorizedException":  # that one was over already
                untold = AwsenvError(f"it refused with {refusal}")
        except AwsenvError as error:
            untold = error
    sessions = list(_role_sessions(portal, profiles, environ))
    for path in (*paths, *sessions):
        _remove(path)
    return len(paths), len(sessions), untold


def _role_sessions(portal: Portal | None, profiles: Profiles, environ: Mapping[str, str]) -> Iterator[str]:
    """The cached sessions that were obtained with a sign-in. A session does not tell with which one; profiles do."""
    folder = places.cli_cache(environ)
    keys = None if portal is None else set(_keys(portal, profiles))
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        key, suffix = os.path.splitext(name)
        if suffix != ".json" or (keys is not None and key not in keys):
            continue
        try:
            content = cache.read_json(os.path.join(folder, name))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(content, dict) and content.get("ProviderType") == "sso":
            yield os.path.join(folder, name)


def _keys(portal: Portal, profiles: Profiles) -> Iterator[str]:
    for name in profiles.names():
        settings = profiles.settings(name)
        key = listing.cache_key(settings)
        if key is None or not (settings.get("sso_session") or settings.get("sso_start_url")):
            continue
        try:
            if of_profile(profiles, name).key == portal.key:
                yield key
        except AwsenvError:
            continue


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise AwsenvError(f"cannot remove {path}: {error.strerror}", "remove it by hand") from None
