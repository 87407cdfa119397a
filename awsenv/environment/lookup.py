"""Look up exported keys whose expiration no variable has: in the files of AWS CLI and user, and in the session token.

(Runs for every new key, so nothing heavy is imported until a file turns out to hold the key.)
"""

from __future__ import annotations

import os

from awsenv import Value, environment
from awsenv.aws import paths
from awsenv.environment import Credentials, expiry, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    from awsenv.aws.config_files import File, Settings
    from awsenv.environment.state import Exported

    #: An expiration (epoch seconds), and the profile in which it was found.
    Found: TypeAlias = tuple[int | None, str | None]

__all__ = ["ExportedCredentials", "KeyInfo", "exported_credentials", "in_files", "known_of", "look_up"]

_LARGEST_CACHED = 1 << 20  # bytes; a cached session has 2,000
_LARGEST_SETTINGS = 1 << 24  # bytes; 10,000 profiles have 2,000,000


class KeyInfo(Value):
    """What is known about a set of keys.

    Attributes:
        expiration: epoch seconds, None if unknown.
        issued: epoch seconds, None if the session token does not tell.
        profile: the profile that has the keys, None if none was found.
        estimated: whether the expiration is an estimate: `issued` plus the usual duration.
    """

    expiration: int | None = None
    issued: int | None = None
    profile: str | None = None
    estimated: bool = False


def look_up(environ: Mapping[str, str], duration: int) -> KeyInfo:
    """Look up the exported credentials in the AWS files and in their token. Never fails.

    The first source with an expiration counts, even if that has passed: the AWS CLI's cache, the cache of `aws login`,
    the settings of a profile with these keys. The last resort is the token's time of issue plus the duration.

    Args:
        environ: the environment.
        duration: estimated validity, in seconds, of a session of which only the time of issue is known.
    """
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    token = environment.session_token(environ)
    if not key:
        return KeyInfo()
    if not token:  # long-term keys never expire; ignore any expiration variable
        return KeyInfo(profile=_in_profiles(environ, key, None)[1])
    from awsenv.aws import session_token

    issued = session_token.issued(token)
    profile = None
    for source in (_in_cli_cache, _in_login_cache, lambda files, of: _in_profiles(files, of, issued)):
        expiration, name = source(environ, key)
        profile = profile or name
        if expiration is not None:
            return KeyInfo(expiration, issued, profile)
    if issued is None:
        return KeyInfo(profile=profile)
    return KeyInfo(issued + duration, issued, profile, estimated=True)


class ExportedCredentials(Value):
    """The exported credentials, with everything that is known about them without a request.

    Attributes:
        exported: what the variables say: name, profile, mode, the missing variable.
        credentials: those that AWS tools use, None if they are incomplete or no keys are exported. They have no
            expiration if that is an estimate.
        expiration: epoch seconds, None if unknown or if they do not expire.
        estimated: whether the expiration is an estimate.
        issued: epoch seconds, None if unknown. (Not looked up if a variable has the expiration.)
        profile: the profile that was assumed or that has these keys, None if unknown.
    """

    exported: Exported
    credentials: Credentials | None
    expiration: int | None
    estimated: bool
    issued: int | None
    profile: str | None


def exported_credentials(environ: Mapping[str, str], lifetime: int | None = None) -> ExportedCredentials:
    """Return the exported credentials. Reads only files, and never fails.

    Args:
        environ: the environment.
        lifetime: as the duration of `look_up`; None for the setting, 0 for no estimate.
    """
    exported = state.exported(environ)
    known = known_of(exported, environ, lifetime)
    if known.estimated and known.expiration == known.issued:  # a lifetime of 0: no estimate
        known = KeyInfo(issued=known.issued, profile=known.profile)
    key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    credentials = None
    if exported.mode == "keys" and key and secret:
        expiration = None if known.estimated else known.expiration
        credentials = Credentials(key, secret, environment.session_token(environ), expiration)
    return ExportedCredentials(
        exported,
        credentials,
        expiration=known.expiration,
        estimated=known.estimated,
        issued=known.issued,
        profile=exported.profile or known.profile,
    )


def known_of(exported: Exported, environ: Mapping[str, str], lifetime: int | None = None) -> KeyInfo:
    """Return what is known about the exported keys: by the variables, else by the files and the session token.

    Args:
        exported: from `state.exported`.
        environ: the environment.
        lifetime: as the duration of `look_up`; None for the setting.
    """
    if exported.expiration is not None or exported.mode != "keys" or not exported.temporary:
        return KeyInfo(expiration=exported.expiration)
    if lifetime is None:
        from awsenv.environment import settings

        lifetime = settings.assumed_lifetime(environ)
    return look_up(environ, lifetime)


# --- the caches -------------------------------------------------------------------------------------------------------


def _in_cli_cache(environ: Mapping[str, str], key: str) -> Found:
    """~/.aws/cli/cache: responses of AssumeRole and GetRoleCredentials, each named by a hash of the settings."""
    expiration, name, content = _cached(paths.cli_cache(environ), key, "Credentials", "AccessKeyId", "Expiration")
    if expiration is None:
        return None, None
    from awsenv.aws import arn, cache_keys

    role = arn.parse(_text(content, "AssumedRoleUser", "Arn"))
    hint = (role and role.role) or _text(content, "Credentials", "AccountId")
    for profile, settings in _profiles(environ, hint):
        if cache_keys.role_session(settings) == name:
            return expiration, profile
    return expiration, None


def _in_login_cache(environ: Mapping[str, str], key: str) -> Found:
    """Look in the cache of `aws login` (botocore.utils, generate_login_cache_key)."""
    expiration, name, _ = _cached(paths.login_cache(environ), key, "accessToken", "accessKeyId", "expiresAt")
    if expiration is None:
        return None, None
    from awsenv.aws import cache_keys

    for profile, settings in _profiles(environ, ""):
        session = _text(settings, "login_session")
        if session and cache_keys.login_session(session) == name:
            return expiration, profile
    return expiration, None


def _cached(directory: str, key: str, outer: str, identifier: str, expires: str) -> tuple[int | None, str, object]:
    """Look for an access key in a directory of JSON files.

    Args:
        directory: the directory.
        key: the access key ID.
        outer: the member of the file that has the credentials.
        identifier: its member that has the access key ID.
        expires: its member that has the expiration.

    Returns:
        The expiration (None if no file has the key), the file name without `.json`, and the content.
    """
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".json"))
    except (OSError, ValueError):
        names = []
    for name in names:
        path = os.path.join(directory, name)
        if not paths.holds(path, key, _LARGEST_CACHED):
            continue
        try:
            content: object = paths.read_json(path)
        except (OSError, ValueError, RecursionError):
            continue
        expiration = expiry.parse(_text(content, outer, expires))
        if expiration is not None and _text(content, outer, identifier) == key:
            return expiration, name.removesuffix(".json"), content
    return None, "", None


def _text(content: object, *path: str) -> str:
    """Return the text at a path of member names; empty if it is missing."""
    for name in path:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, str) else ""


# --- the files of the user --------------------------------------------------------------------------------------------


def in_files(environ: Mapping[str, str], key: str) -> bool:
    """Whether the config file or the credentials file contains an access key ID."""
    return bool(key) and any(paths.holds(path, key, _LARGEST_SETTINGS) for path in _settings_files(environ))


def _in_profiles(environ: Mapping[str, str], key: str, issued: int | None) -> Found:
    """Look in the config and credentials files for a profile with this key, and the expiration that a tool added."""
    if not in_files(environ, key):
        return None, None
    named = None
    for profile, settings in _profiles(environ, key):
        if settings.get("aws_access_key_id") != key:
            continue
        expiration, _, is_exact = expiry.written(settings, issued)
        if expiration is not None and is_exact:
            return expiration, profile
        named = named or profile
    return None, named


def _profiles(environ: Mapping[str, str], hint: str) -> Iterator[tuple[str, Settings]]:
    """Return the profiles whose sections contain a text, and their settings; none if the files cannot be read.

    The others are not parsed, as 10,000 take time and this may run before a prompt.
    """
    if any(os.path.exists(path) and not paths.fits(path, _LARGEST_SETTINGS) for path in _settings_files(environ)):
        return
    from awsenv.aws.config_files import Profiles
    from awsenv.result import AwsenvError

    try:
        profiles = Profiles(environ)
    except AwsenvError:
        return
    config, credentials = _sections_with(profiles.config, hint), _sections_with(profiles.credentials, hint)
    for name in profiles.names():
        if profiles.header(name) not in config and name not in credentials:
            continue
        try:
            settings = profiles.settings(name)
        except AwsenvError:
            continue
        yield name, settings


def _sections_with(file: File, text: str) -> set[str]:
    """Return the headers of the sections that contain a text."""
    from bisect import bisect_left

    wanted = text.encode(errors="surrogatepass")
    try:
        with open(file.path, "rb") as opened:
            lines = opened.read().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    except OSError:
        return set()
    numbers = [number for number, line in enumerate(lines) if wanted in line]
    sections = file.places.items()
    return {header for header, (first, end) in sections if bisect_left(numbers, first) < bisect_left(numbers, end)}


def _settings_files(environ: Mapping[str, str]) -> tuple[str, str]:
    return paths.config_file(environ), paths.credentials_file(environ)
