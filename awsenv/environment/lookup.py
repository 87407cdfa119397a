"""What can be known of exported keys that awsenv did not export, and whose expiration no variable tells: read from the
files of the AWS CLI and of the user, and from the session token. (Done for every new key: nothing heavy is imported
before a file turns out to hold the key.)
"""

from __future__ import annotations

import os

from awsenv import Value, environment
from awsenv.aws import paths
from awsenv.environment import Credentials, expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    from awsenv.aws.config_files import File, Settings
    from awsenv.environment.state import Exported

    #: An expiration (epoch seconds), and the name under which it was found.
    Found: TypeAlias = tuple[int | None, str | None]

__all__ = ["ExportedCredentials", "KeyInfo", "exported_credentials", "in_files", "known_of", "look_up"]

_LARGEST_CACHED = 1 << 20  # bytes; a cached session takes two thousand
_LARGEST_SETTINGS = 1 << 24  # bytes; 10,000 profiles take two million


class KeyInfo(Value):
    """What is known of a set of keys.

    Attributes:
        expiration: epoch seconds, None if it is unknown.
        issued: epoch seconds, None if the session token does not tell.
        profile: the one in which the keys were found, None if they were not.
        estimated: whether the expiration is an estimate: `issued` and the usual duration.
    """

    expiration: int | None = None
    issued: int | None = None
    profile: str | None = None
    estimated: bool = False


def look_up(environ: Mapping[str, str], duration: int) -> KeyInfo:
    """What the files and the token say about the credentials in the environment. It reads files only, and never fails.

    The first that has an expiration is used, even if it has passed: the AWS CLI's cache, the cache of `aws login`, the
    settings of a profile with these keys. The last resort is the token's time and the duration.

    Args:
        environ: the environment.
        duration: estimated validity, in seconds, of a session with a known start only.
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


class ExportedCredentials:
    """The exported credentials, with all that is known of them without a request.

    Attributes:
        exported: what the variables say: name, profile, mode, what is missing.
        credentials: those that AWS tools use, None if a part of them is missing, or no keys are exported. Their
            expiration is what is known, not what is estimated.
        expiration: epoch seconds, None if it is unknown or they do not expire.
        estimated: whether the expiration is the start and the usual duration.
        issued: epoch seconds of the start, None if it is unknown. (Not looked up where a variable has the expiration.)
        profile: the profile in whose name they were exported or in whose settings they were found, None if unknown.
    """

    __slots__ = ("credentials", "estimated", "expiration", "exported", "issued", "profile")

    def __init__(self, exported: Exported, known: KeyInfo, credentials: Credentials | None) -> None:
        self.exported = exported
        self.credentials = credentials
        self.expiration = known.expiration
        self.estimated = known.estimated
        self.issued = known.issued
        self.profile = exported.profile or known.profile


def exported_credentials(environ: Mapping[str, str], lifetime: int | None = None) -> ExportedCredentials:
    """The exported credentials. It reads files only, and never fails.

    Args:
        environ: the environment.
        lifetime: estimated validity, in seconds, of a session with a known start only; None for the setting, 0 for no
            estimate.
    """
    exported = environment.exported(environ)
    known = known_of(exported, environ, lifetime)
    if known.estimated and known.expiration == known.issued:  # a lifetime of 0: no estimate
        known = KeyInfo(issued=known.issued, profile=known.profile)
    if exported.mode != "keys" or not (environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY")):
        return ExportedCredentials(exported, known, None)
    return ExportedCredentials(
        exported,
        known,
        Credentials(
            environ["AWS_ACCESS_KEY_ID"],
            environ["AWS_SECRET_ACCESS_KEY"],
            environment.session_token(environ),
            None if known.estimated else known.expiration,
        ),
    )


def known_of(exported: Exported, environ: Mapping[str, str], lifetime: int | None = None) -> KeyInfo:
    """When what is exported expires: by the variables, else by the files and the session token.

    Args:
        exported: what `environment.exported` gives.
        environ: the environment.
        lifetime: estimated validity, in seconds, of a session with a known start only; None for the setting.
    """
    if exported.expiration is not None or exported.mode != "keys" or not exported.temporary:
        return KeyInfo(expiration=exported.expiration)
    if lifetime is None:
        from awsenv.environment import settings

        lifetime = settings.assumed_lifetime(environ)
    return look_up(environ, lifetime)


# --- the caches -------------------------------------------------------------------------------------------------------


def _in_cli_cache(environ: Mapping[str, str], key: str) -> Found:
    """~/.aws/cli/cache: the answers of AssumeRole and GetRoleCredentials, each under a key made of the settings."""
    expiration, name, content = _cached(paths.cli_cache(environ), key, "Credentials", "AccessKeyId", "Expiration")
    if expiration is None:
        return None, None
    from awsenv.aws import arn, cache_keys

    role = arn.parse(_text(content, "AssumedRoleUser", "Arn"))
    hint = (role and role.role) or _text(content, "Credentials", "AccountId")
    profiles = _profiles(environ, hint)
    return expiration, next((who for who, settings in profiles if cache_keys.role_session(settings) == name), None)


def _in_login_cache(environ: Mapping[str, str], key: str) -> Found:
    """The cache of `aws login`: botocore.utils, generate_login_cache_key."""
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
        key: the access key id.
        outer: the object in a file that has the credentials.
        identifier: the name of the access key id in it.
        expires: the name of the expiration in it.

    Returns:
        The expiration (None if no file has the key), the name of the file without `.json`, and its content.
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


def _text(content: object, *names: str) -> str:
    """The text under these names, one inside the other; empty if it is missing."""
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, str) else ""


# --- the files of the user --------------------------------------------------------------------------------------------


def in_files(environ: Mapping[str, str], key: str) -> bool:
    """Whether the config or the credentials file holds an access key id."""
    return bool(key) and any(paths.holds(path, key, _LARGEST_SETTINGS) for path in _settings_files(environ))


def _in_profiles(environ: Mapping[str, str], key: str, issued: int | None) -> Found:
    """The config and credentials files: a profile with this key, and the expiration that a tool has written there."""
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
    """The profiles with a text in their sections, and their settings, as far as the files can be read.

    No others are parsed: 10,000 take time, and this may be done before each prompt.
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
    """The headers of the sections with a text in them."""
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
