"""The AWS CLI's sign-ins as botocore sees them: `~/.aws/sso/cache` and `~/.aws/login/cache`, one JSON file each."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any

from awsenv.aws import cache_keys, paths
from awsenv.aws.config_files import Settings
from awsenv.aws.renewal import SIGN_IN_RENEWAL
from awsenv.credentials import cache
from awsenv.credentials.answers import epoch_of
from awsenv.credentials.lock import Locks
from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.system import files

__all__ = ["Logins", "SignIns", "TokenFiles", "open_sign_ins", "renewal_lock"]

_NAME = re.compile(r"[0-9a-f]{40}\.json")

# Sign-ins that could not be written, for the rest of this process or until the file changes:
# path -> status of the file at the time, content of the sign-in
_unwritten: dict[str, tuple[object, Any]] = {}


class TokenFiles(MutableMapping[str, Any]):
    """A directory of sign-ins, in the form of botocore's token cache: key -> content.

    A sign-in that cannot be written is not lost: a refresh token works once, and the user has just signed in.
    """

    def __init__(self, directory: str, notify: Callable[[str], object]) -> None:
        self.directory = directory
        self._notify = notify

    def path(self, key: str) -> str:
        """Return the path of a key's file."""
        return os.path.join(self.directory, f"{key}.json")

    def __getitem__(self, key: str) -> Any:
        path = self.path(key)
        if path in _unwritten and _unwritten[path][0] == _status(path):
            return _unwritten[path][1]
        try:
            return paths.read_json(path)
        except (OSError, ValueError, RecursionError):
            raise KeyError(key) from None

    def __setitem__(self, key: str, value: Any) -> None:
        try:
            self.write(key, value)
        except OSError as error:
            self._notify(f"the sign-in is valid, but was not stored: {self.refusal(error)}")

    def write(self, key: str, value: Any) -> None:
        """Store a sign-in; OSError if it cannot be written, though this process can read it nevertheless."""
        try:
            cache.store(self.path(key), value)
        except OSError:
            content = json.loads(json.dumps(value, default=cache.time_as_text))
            _unwritten[self.path(key)] = _status(self.path(key)), content
            raise

    def is_valid(self, key: str, now: int) -> bool:
        """Whether there is a sign-in that has not expired according to its file; `now` in epoch seconds."""
        content = self.get(key)
        expiration = expiry.parse(str(content.get("expiresAt", ""))) if isinstance(content, dict) else None
        return expiration is not None and expiration > now

    def refusal(self, error: OSError) -> AwsenvError:
        """Return the error for a sign-in that cannot be stored here."""
        fix = "remove that file" if os.path.isfile(self.directory) else "make that directory writable"
        return AwsenvError(f"cannot write to {self.directory}: {error.strerror}", f"{fix}, then sign in again")

    def __delitem__(self, key: str) -> None:
        _unwritten.pop(self.path(key), None)
        with suppress(OSError):
            files.remove(self.path(key))

    def __iter__(self) -> Iterator[str]:
        try:
            names = sorted(name for name in os.listdir(self.directory) if _NAME.fullmatch(name))
        except OSError:
            names = []
        return (name.removesuffix(".json") for name in names)

    def __len__(self) -> int:
        return len(list(iter(self)))


class SignIns(TokenFiles):
    """The sign-ins of IAM Identity Center, without those, or their renewal, that botocore could not use.

    botocore checks no types: a time without a zone, for example, would raise a TypeError.
    """

    def __getitem__(self, key: str) -> Any:
        content = super().__getitem__(key)
        if not isinstance(content, dict) or not _is_text(content, "accessToken") or not _is_time(content, "expiresAt"):
            raise KeyError(key)
        if all(_is_text(content, name) for name in SIGN_IN_RENEWAL[:-1]) and _is_time(content, SIGN_IN_RENEWAL[-1]):
            return content
        return {name: value for name, value in content.items() if name not in SIGN_IN_RENEWAL}


class Logins(TokenFiles):
    """The sign-ins of `aws login`, without those that botocore could not use."""

    def __getitem__(self, key: str) -> Any:
        content = super().__getitem__(key)
        token = content.get("accessToken") if isinstance(content, dict) else None
        names = ("accessKeyId", "secretAccessKey", "sessionToken")
        if not isinstance(token, dict) or not all(_is_text(token, name) for name in names):
            raise KeyError(key)
        if not _is_time(token, "expiresAt"):
            raise KeyError(key)
        return content


def _is_text(content: dict[str, Any], name: str) -> bool:
    """Whether a member is text that can be sent in a header."""
    value = content.get(name)
    return isinstance(value, str) and value != "" and value.isascii() and value.isprintable()


def _is_time(content: dict[str, Any], name: str) -> bool:
    if not _is_text(content, name):
        return False
    try:
        return epoch_of(content[name]) is not None
    except ValueError:
        return False


def open_sign_ins(environ: Mapping[str, str], notify: Callable[[str], object]) -> tuple[SignIns, Logins]:
    """Return the sign-ins of both kinds."""
    return SignIns(paths.sso_cache(environ), notify), Logins(paths.login_cache(environ), notify)


@contextmanager
def renewal_lock(settings: Settings, environ: Mapping[str, str], until: int, locks: Locks) -> Iterator[None]:
    """Hold the lock of a sign-in that botocore may renew: its refresh token works once, for all profiles together.

    Later processes find the renewed sign-in in the file.

    Args:
        settings: the settings of the profile that uses the sign-in.
        environ: the environment.
        until: epoch seconds; botocore renews a sign-in that expires before.
        locks: takes the lock.
    """
    session = settings.get("sso_session")
    if isinstance(session, str):
        key = cache_keys.sso_token(session)
        if not SignIns(paths.sso_cache(environ), lambda line: None).is_valid(key, until):
            locks.take(f"sign-in {key}")
    try:
        yield
    finally:
        locks.release_all()


def _status(path: str) -> object:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
