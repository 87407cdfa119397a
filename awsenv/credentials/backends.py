"""Where sessions are stored: in the AWS CLI's cache, or with AWSENV_CACHE=keyring in the operating system's keyring.

Neither replaces the other: with AWSENV_CACHE=keyring and without a keyring there is an error, and no file.
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

# Characters of one entry; the Windows Credential Manager takes 2560 bytes of UTF-16 (CRED_MAX_CREDENTIAL_BLOB_SIZE).
_LONGEST = 1200 if sys.platform == "win32" else 1 << 20

_FIX = "unlock or start it; or use AWSENV_CACHE=files (~/.aws/cli/cache), or --no-cache"

# Parts of a session that are long, and that nothing reads.
_USELESS = ("ResponseMetadata",)


class FileCache:
    """The AWS CLI's cache, `~/.aws/cli/cache`."""

    in_keyring = False

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = paths.cli_cache(environ)

    def read(self, key: str) -> Any:
        """All that is stored under a key.

        Raises:
            OSError, ValueError: there is nothing.
        """
        return paths.read_json(self._file(key))

    def session(self, key: str) -> Credentials | None:
        """The session that is stored under a key, expired or not; None without one."""
        return read_session(self._path, key)

    def obtained(self, key: str) -> int | None:
        """Epoch seconds at which that session was stored; None if that is unknown."""
        try:
            return int(os.stat(self._file(key)).st_mtime)
        except OSError:
            return None

    def write(self, key: str, value: Any) -> None:
        """Store a session.

        Raises:
            AwsenvError: that cannot be done.
        """
        try:
            cache.store(self._file(key), value)
        except OSError as error:
            path = self._file(key) if os.path.isdir(self._file(key)) else self._path
            raise AwsenvError(
                f"cannot write to the session cache {path}: {error.strerror}",
                "remove that directory" if path != self._path else "make it writable, or use --no-cache",
            ) from None

    def delete(self, key: str) -> None:
        """Remove what is stored under a key.

        Raises:
            AwsenvError: that cannot be done.
        """
        try:
            files.remove(self._file(key))
        except paths.MISSING:
            pass
        except OSError as error:
            raise AwsenvError(f"cannot remove {self._file(key)}: {error.strerror}", "remove it by hand") from None

    def keys(self, likely: Iterable[str]) -> Iterator[str]:
        """All keys; where they cannot be listed, those of the likely ones under which something is stored."""
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
    """The keyring of the operating system, by the library of that name.

    An entry is `TAG COUNT TEXT`; where it would be too long for the keyring the text goes on in others, as `TAG TEXT`.
    """

    in_keyring = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Nothing is opened yet."""
        self._home = paths.home(environ)

    def read(self, key: str) -> Any:
        """As `FileCache.read`; AwsenvError if there is no keyring."""
        tag, count, text = self._head(key)
        for number in range(1, count):
            its_tag, _, more = (self._get(key, number) or "").partition(" ")
            if its_tag != tag:  # another process is writing
                raise ValueError("a part is missing")
            text += more
        return json.loads(text)

    def session(self, key: str) -> Credentials | None:
        """As `FileCache.session`; AwsenvError if there is no keyring."""
        try:
            return credentials_in(self.read(key))
        except (ValueError, RecursionError):
            return None

    def obtained(self, key: str) -> int | None:
        """A keyring does not tell."""
        del key
        return None

    def write(self, key: str, value: Any) -> None:
        """As `FileCache.write`; what makes it whole comes last."""
        useful = {name: part for name, part in value.items() if name not in _USELESS}
        text = json.dumps(useful, default=cache.time_as_text)
        parts = [text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST)]
        tag = os.urandom(4).hex()
        for number in range(len(parts) - 1, 0, -1):
            self._set(key, number, f"{tag} {parts[number]}")
        self._set(key, 0, f"{tag} {len(parts)} {parts[0]}")
        self._remove_from(key, len(parts))

    def delete(self, key: str) -> None:
        """As `FileCache.delete`."""
        self._remove_from(key, 0)

    def keys(self, likely: Iterable[str]) -> Iterator[str]:
        """As `FileCache.keys`: those of a keyring cannot be listed."""
        return (key for key in dict.fromkeys(likely) if self._get(key, 0) is not None)

    def _head(self, key: str) -> tuple[str, int, str]:
        tag, count, text = (self._get(key, 0) or "").split(" ", 2)
        return tag, int(count), text

    def _get(self, key: str, number: int) -> str | None:
        return _ask("get_password", key, number, self._home)

    def _set(self, key: str, number: int, text: str) -> None:
        _ask("set_password", key, number, self._home, text)

    def _remove_from(self, key: str, number: int) -> None:
        """Remove this part and all after it, those of a longer session of before included."""
        while self._get(key, number) is not None:
            _ask("delete_password", key, number, self._home)
            number += 1


def _ask(method: str, key: str, number: int, *more: str) -> str | None:
    """Call the keyring, whose backends have errors of their own; all become AwsenvError."""
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
        given: str | None = getattr(_opened(), method)(service, *more)
    except PasswordDeleteError:  # it is gone
        return None
    except NoKeyringError:
        raise AwsenvError("AWSENV_CACHE is keyring, and there is no keyring on this machine", _FIX) from None
    except Exception as error:
        why = str(error).strip().replace("\n", " ").rstrip(".") if isinstance(error, KeyringError) else ""
        from awsenv.system.redaction import redact

        raise AwsenvError(f"the keyring failed: {redact(why, os.environ) or type(error).__name__}", _FIX) from None
    return given


@lru_cache(maxsize=1)
def _opened() -> KeyringBackend:
    """The keyring that the user has chosen (https://keyring.readthedocs.io), else the best that can be recommended.

    Without that limit it could be a plain file of the package keyrings.alt, if that happens to be installed.
    """
    from keyring import core

    core.init_backend(limit=core.recommended)
    return core.get_keyring()


def open_cache(environ: Mapping[str, str]) -> FileCache | KeyringCache:
    """The one that AWSENV_CACHE names.

    Raises:
        AwsenvError (2): it names none.
    """
    return KeyringCache(environ) if settings.wants_keyring(environ) else FileCache(environ)
