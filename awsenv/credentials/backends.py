"""Where sessions are stored: in the AWS CLI's cache, or with AWSENV_CACHE=keyring in the operating system's keyring.

Neither is a fallback for the other: AWSENV_CACHE=keyring without a keyring is an error and writes no file.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from awsenv.aws import paths
from awsenv.credentials import cache, credentials_in, read_session
from awsenv.environment import Credentials, settings
from awsenv.result import AwsenvError
from awsenv.system import files

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["FileCache", "KeyringCache", "open_cache"]

# Characters of one entry; the Windows Credential Manager limits it to 2560 bytes of UTF-16
# (CRED_MAX_CREDENTIAL_BLOB_SIZE).
_MAX_CHARACTERS = 1200 if sys.platform == "win32" else 1 << 20

_FIX = "unlock or start it; or use AWSENV_CACHE=files (~/.aws/cli/cache), or --no-cache"


class FileCache:
    """The AWS CLI's cache, `~/.aws/cli/cache`."""

    in_keyring = False

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = paths.cli_cache(environ)

    def read(self, key: str) -> Any:
        """Return everything that is stored under a key.

        Raises:
            OSError, ValueError: nothing valid is stored.
        """
        return paths.read_json(self._file(key))

    def session(self, key: str) -> Credentials | None:
        """Return the session that is stored under a key, expired or not; None without one."""
        return read_session(self._path, key)

    def obtained(self, key: str) -> int | None:
        """Return the time at which that session was stored, in epoch seconds; None if unknown."""
        try:
            return int(os.stat(self._file(key)).st_mtime)
        except OSError:
            return None

    def write(self, key: str, value: Any) -> None:
        """Store a session.

        Raises:
            AwsenvError: it cannot be written.
        """
        path = self._file(key)
        try:
            cache.store(path, value)
        except OSError as error:
            is_directory = os.path.isdir(path)
            raise AwsenvError(
                f"cannot write to the session cache {path if is_directory else self._path}: {error.strerror}",
                "remove that directory" if is_directory else "make it writable, or use --no-cache",
            ) from None

    def delete(self, key: str) -> None:
        """Remove what is stored under a key.

        Raises:
            AwsenvError: it cannot be removed.
        """
        path = self._file(key)
        try:
            files.remove(path)
        except paths.MISSING:
            pass
        except OSError as error:
            raise AwsenvError(f"cannot remove {path}: {error.strerror}", "remove it by hand") from None

    def keys(self, likely: Iterable[str]) -> Iterator[str]:
        """Yield all keys; a backend that cannot list them yields those of the likely ones that it has."""
        del likely
        try:
            names = sorted(os.listdir(self._path))
        except OSError:
            return
        for name in names:
            key, suffix = os.path.splitext(name)
            if suffix == ".json":
                yield key

    def _file(self, key: str) -> str:
        return os.path.join(self._path, f"{key}.json")


class KeyringCache:
    """The operating system's keyring, through the Python package of that name.

    An entry is `TAG COUNT TEXT`; a text that is too long for the keyring continues in other entries, as `TAG TEXT`.
    """

    in_keyring = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Open nothing yet."""
        self._user = paths.home(environ)

    def read(self, key: str) -> Any:
        """See `FileCache.read`; AwsenvError without a keyring."""
        tag, count, text = (self._get(key, 0) or "").split(" ", 2)
        for number in range(1, int(count)):
            its_tag, _, more = (self._get(key, number) or "").partition(" ")
            if its_tag != tag:  # another process is writing
                raise ValueError("a part is missing")
            text += more
        return json.loads(text)

    def session(self, key: str) -> Credentials | None:
        """See `FileCache.session`; AwsenvError without a keyring."""
        try:
            return credentials_in(self.read(key))
        except (ValueError, RecursionError):
            return None

    def obtained(self, key: str) -> int | None:
        """Return None: a keyring does not record that."""
        del key
        return None

    def write(self, key: str, value: Any) -> None:
        """See `FileCache.write`; the first entry is written last and makes the others valid."""
        used = {name: part for name, part in value.items() if name != "ResponseMetadata"}  # long, and never read
        text = json.dumps(used, default=cache.time_as_text)
        parts = [text[start : start + _MAX_CHARACTERS] for start in range(0, len(text), _MAX_CHARACTERS)]
        tag = os.urandom(4).hex()
        for number in range(len(parts) - 1, 0, -1):
            self._set(key, number, f"{tag} {parts[number]}")
        self._set(key, 0, f"{tag} {len(parts)} {parts[0]}")
        self._remove_from(key, len(parts))

    def delete(self, key: str) -> None:
        """See `FileCache.delete`."""
        self._remove_from(key, 0)

    def keys(self, likely: Iterable[str]) -> Iterator[str]:
        """See `FileCache.keys`: a keyring cannot list them."""
        return (key for key in dict.fromkeys(likely) if self._get(key, 0) is not None)

    def _get(self, key: str, number: int) -> str | None:
        return _call("get_password", key, number, self._user)

    def _set(self, key: str, number: int, text: str) -> None:
        _call("set_password", key, number, self._user, text)

    def _remove_from(self, key: str, number: int) -> None:
        """Remove this entry and all after it, also those of an earlier, longer session."""
        while self._get(key, number) is not None:
            _call("delete_password", key, number, self._user)
            number += 1


def _call(method: str, key: str, number: int, *arguments: str) -> str | None:
    """Call the keyring, whose backends raise errors of their own; each becomes an AwsenvError."""
    try:
        from keyring.errors import KeyringError, NoKeyringError, PasswordDeleteError
    except ImportError:
        from awsenv.system.install_hint import how_to_install

        raise AwsenvError(
            "AWSENV_CACHE is keyring, and the Python package keyring is not installed beside awsenv",
            f"install it: {how_to_install('keyring')}",
        ) from None
    service = f"awsenv {key}" if number == 0 else f"awsenv {key} {number}"
    try:
        result: str | None = getattr(_keyring(), method)(service, *arguments)
    except PasswordDeleteError:  # it is already gone
        return None
    except NoKeyringError:
        raise AwsenvError("AWSENV_CACHE is keyring, and there is no keyring on this machine", _FIX) from None
    except Exception as error:
        why = str(error).strip().replace("\n", " ").rstrip(".") if isinstance(error, KeyringError) else ""
        from awsenv.system.redaction import redact

        raise AwsenvError(f"the keyring failed: {redact(why, os.environ) or type(error).__name__}", _FIX) from None
    return result


@lru_cache(maxsize=1)
def _keyring() -> KeyringBackend:
    """Return the keyring that the user has configured (https://keyring.readthedocs.io), else a recommended one.

    Without that limit it could be a plain file of the package keyrings.alt, if that happens to be installed.
    """
    from keyring import core

    core.init_backend(limit=core.recommended)
    return core.get_keyring()


def open_cache(environ: Mapping[str, str]) -> FileCache | KeyringCache:
    """Return the backend that AWSENV_CACHE selects.

    Raises:
        AwsenvError (2): its value is invalid.
    """
    return KeyringCache(environ) if settings.wants_keyring(environ) else FileCache(environ)
