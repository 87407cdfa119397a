"""The entries of the session cache: which profile they belong to, when they expire, and what is wrong with them.

In `~/.aws/cli/cache` a session is a file named by 40 hexadecimal digits and `.json` (an old AWS CLI named it after
profile and role). Temporary files left by interrupted writes are entries, too; other files, such as the CLI's
`session.db`, are ignored.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from awsenv.aws import arn, cache_keys, paths
from awsenv.aws.config_files import Profiles, Settings
from awsenv.aws.key_id import account_of
from awsenv.credentials import backends, credentials_in
from awsenv.credentials.get_session_token import long_term_keys
from awsenv.credentials.plan import require
from awsenv.report import profiles, session_file
from awsenv.result import AwsenvError
from awsenv.system import files

__all__ = ["CORRUPT", "EXPIRED", "GOOD", "TEMP_FILE", "Cache", "Cached"]

#: The states of an entry: valid; expired; such that the AWS CLI fails; left over from an interrupted write.
GOOD, EXPIRED, CORRUPT, TEMP_FILE = "good", "expired", "corrupt", "temporary"

_KEY = re.compile(r"[0-9a-f]{40}")

# Written by awsenv (system.files.write_atomic), or by botocore and the AWS CLI v1 (tempfile.mkstemp).
_TEMP_FILE = re.compile(r"(?:[0-9a-f]{40}\.json\.[0-9a-f]{8}|tmp[a-z0-9_]{8})\.tmp")

# Seconds after which a temporary file is no longer being written.
_ABANDONED = 600


@dataclass(frozen=True)
class Cached:
    """One entry. It holds no secret.

    Attributes:
        key: its cache key: all that the AWS CLI shows, in quotes, when it cannot read the entry.
        path: its file; None for an entry of the keyring.
        state: GOOD, EXPIRED, CORRUPT or TEMP_FILE.
        why: what is wrong with a CORRUPT or TEMP_FILE entry; empty otherwise.
        profiles: those whose session it is, as far as the AWS files tell.
        role: the name of the role, or None.
        account: twelve digits, or None.
        expiration: epoch seconds; None if it is not a session.
    """

    key: str
    path: str | None
    state: str
    why: str = ""
    profiles: tuple[str, ...] = ()
    role: str | None = None
    account: str | None = None
    expiration: int | None = None


class Cache:
    """The AWS CLI's cache, and the keyring if AWSENV_CACHE names it.

    Attributes:
        directory: the directory of the AWS CLI's cache.
        config_error: why it is unknown which profiles the entries belong to; None if the AWS files can be read.
    """

    def __init__(self, environ: Mapping[str, str], now: int, profiles: Profiles | None = None) -> None:
        """Read the AWS files, but not the cache yet.

        Args:
            environ: the environment.
            now: epoch seconds.
            profiles: the AWS files, if they have been read already.
        """
        self.directory = paths.cli_cache(environ)
        self.config_error: AwsenvError | None = None
        self._environ = environ
        self._now = now
        self._settings: dict[str, Settings] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        try:
            self._profiles = profiles or Profiles(environ)
            self._settings = {name: self._profiles.settings(name) for name in self._profiles.names()}
            self._names = self._profiles_by_key()
        except AwsenvError as error:
            self.config_error = error

    def entries(self) -> Iterator[Cached]:
        """Yield all entries, the files first.

        Raises:
            AwsenvError: the directory cannot be listed, or the keyring fails.
        """
        try:
            names = sorted(os.listdir(self.directory))
        except OSError as error:
            if os.path.lexists(self.directory) and not isinstance(error, FileNotFoundError):
                raise AwsenvError(
                    f"cannot read the session cache {self.directory}: {error.strerror}",
                    f"look at it: {paths.look_at(self.directory)}",
                ) from None
            names = []
        for name in names:
            entry = self._of_file(name)
            if entry is not None:
                yield entry
        backend = backends.open_cache(self._environ)
        if isinstance(backend, backends.KeyringCache):
            for key in backend.keys([*self._names, *self._user_sessions]):
                yield self._of_keyring(key, backend)

    def find(self, key: str) -> Cached | None:
        """Return the entry of a key in the AWS CLI's cache; None without one."""
        return self._of_file(f"{key}.json")

    def remove(self, entry: Cached) -> bool:
        """Remove an entry, unless it has changed meanwhile.

        Returns:
            Whether it was removed.

        Raises:
            AwsenvError: it cannot be removed.
        """
        if entry.path is None:
            backend = backends.KeyringCache(self._environ)
            if self._of_keyring(entry.key, backend) != entry:
                return False
            backend.delete(entry.key)
            return True
        if self._of_file(os.path.basename(entry.path)) != entry:
            return False
        try:
            is_directory = os.path.isdir(entry.path) and not os.path.islink(entry.path)
            (os.rmdir if is_directory else files.remove)(entry.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise AwsenvError(f"cannot remove {entry.path}: {error.strerror}", "remove it by hand") from None
        return True

    def require(self, profile: str) -> None:
        """Raise AwsenvError if there is no such profile, or the AWS files cannot be read."""
        if self.config_error is not None:
            raise self.config_error
        require(self._profiles, profile)

    def is_of(self, entry: Cached, profile: str) -> bool:
        """Whether an entry belongs to a profile: its session, or one of its role with other options."""
        role = profiles.role_of(self._settings[profile])
        of_role = not entry.profiles and None not in role and (entry.account, entry.role) == role
        return profile in entry.profiles or of_role

    # --- one entry --------------------------------------------------------------------------------------------------

    def _of_file(self, name: str) -> Cached | None:
        path = os.path.join(self.directory, name)
        key, suffix = os.path.splitext(name)
        if suffix != ".json":
            return self._temporary_file(name, path)
        if not os.path.lexists(path):  # it has just been removed
            return None
        content, why = session_file.read(path)
        if not _KEY.fullmatch(key) and (why or not isinstance(content, dict) or "Credentials" not in content):
            return None
        return self._entry(key, path, content, why)

    def _of_keyring(self, key: str, backend: backends.KeyringCache) -> Cached:
        try:
            content, why = backend.read(key), ""
        except (ValueError, RecursionError):
            content, why = None, "not JSON, or a part is missing"
        return self._entry(key, None, content, why)

    def _temporary_file(self, name: str, path: str) -> Cached | None:
        if not _TEMP_FILE.fullmatch(name):
            return None
        try:
            status = os.lstat(path)
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode) or self._now - status.st_mtime < _ABANDONED:
            return None
        return Cached(name, path, TEMP_FILE, "left over from an interrupted write")

    def _entry(self, key: str, path: str | None, content: Any, why: str) -> Cached:
        """Describe an entry with this content; `why` says what is wrong with it, if that is known already."""
        session = None if why else credentials_in(content)
        names = self._names.get(key) or self._user_sessions.get(key, ())
        account, role = _actor(content)
        if names:
            by_profile = profiles.role_of(self._settings[names[0]])
            account, role = account or by_profile[0], role or by_profile[1]
        if session is None:
            return Cached(key, path, CORRUPT, why or session_file.why_invalid(content), names, role, account)
        state = EXPIRED if (session.expiration or 0) <= self._now else GOOD
        account = account or account_of(session.access_key)
        return Cached(key, path, state, "", names, role, account, session.expiration)

    # --- which profile it belongs to ----------------------------------------------------------------------------------

    def _profiles_by_key(self) -> dict[str, tuple[str, ...]]:
        """Map the keys under which the AWS CLI and awsenv look up a profile's session to the profiles."""
        names: dict[str, tuple[str, ...]] = {}
        for name, settings in self._settings.items():
            ours = profiles.session_key(name, self._profiles, self._environ, self._now)
            for key in {cache_keys.role_session(settings), ours}:
                if key is not None:
                    names[key] = (*names.get(key, ()), name)
        return names

    @cached_property
    def _user_sessions(self) -> dict[str, tuple[str, ...]]:
        """The same for the sessions of long-term keys (GetSessionToken), with each MFA device that a profile names."""
        names: dict[str, tuple[str, ...]] = {}
        serials = {settings.get("mfa_serial") for settings in self._settings.values()}
        for name, settings in self._settings.items():
            for serial in (None, *(serial for serial in serials if isinstance(serial, str))):
                keys = long_term_keys([(name, settings)], serial)
                if keys is not None:
                    names[keys.key] = (*names.get(keys.key, ()), name)
        return names


def _actor(content: Any) -> tuple[str | None, str | None]:
    """Return the account and the role that STS named in its response."""
    if not isinstance(content, dict):
        return None, None
    user, credentials = content.get("AssumedRoleUser"), content.get("Credentials")
    actor = arn.parse(user.get("Arn")) if isinstance(user, dict) else None
    if actor is not None:
        return actor.account, actor.role
    account = credentials.get("AccountId") if isinstance(credentials, dict) else None
    return account if isinstance(account, str) else None, None
