"""The AWS CLI's own cache of sign-ins, `~/.aws/sso/cache`: its file names and its format, so that the CLI, the SDKs and
awsenv share them (botocore.utils.SSOTokenLoader, SSOTokenFetcher and SSOTokenFetcherAuth of the AWS CLI)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from awsenv.aws import cache_keys, paths
from awsenv.credentials import cache
from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.sso.portal import Portal
from awsenv.system import files, terminal

__all__ = ["TokenFiles", "Tokens"]

_NAME = re.compile(r"[0-9a-f]{40}\.json")

# What could not be written is valid for as long as this process runs, or until the file changes: path -> what the file
# was then, and the content that it lacks.
_unwritten: dict[str, tuple[object, Any]] = {}


class TokenFiles(MutableMapping[str, Any]):
    """A directory of sign-ins as botocore uses it, key -> content.

    A sign-in that cannot be written is not lost: a refresh token works once, and the person has just signed in.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def path(self, key: str) -> str:
        """The file of a key."""
        return os.path.join(self.directory, f"{key}.json")

    def __getitem__(self, key: str) -> Any:
        path = self.path(key)
        if path in _unwritten and _unwritten[path][0] == _status(path):
            return _unwritten[path][1]
        try:
            return cache.read_json(path)
        except (OSError, ValueError, RecursionError):
            raise KeyError(key) from None

    def __setitem__(self, key: str, value: Any) -> None:
        try:
            self.write(key, value)
        except OSError as error:
            terminal.tell(f"the sign-in is valid, but was not stored: {self.refusal(error)}")

    def write(self, key: str, value: Any) -> None:
        """Store a sign-in; OSError if that cannot be done, and then it is kept for this process."""
        try:
            cache.store(self.directory, key, value)
        except OSError:
            content = json.loads(json.dumps(value, default=cache.time_as_text))
            _unwritten[self.path(key)] = _status(self.path(key)), content
            raise

    def refusal(self, error: OSError) -> AwsenvError:
        """Why nothing can be stored here."""
        return AwsenvError(
            f"cannot write to {self.directory}: {error.strerror}", "make that directory writable, then sign in again"
        )

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


def _status(path: str) -> object:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


class Tokens:
    """The folder."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.files = TokenFiles(os.path.join(paths.home(environ), ".aws", "sso", "cache"))

    def load(self, portal: Portal) -> dict[str, Any] | None:
        """What is kept of a sign-in, over or not; None if there is none."""
        return self._read(portal.key, "accessToken")

    def is_good(self, portal: Portal, now: int) -> bool:
        """Whether there is a sign-in that is not over, as far as the file tells."""
        expiration = expiry.parse(str((self.load(portal) or {}).get("expiresAt", "")))
        return expiration is not None and expiration > now

    def save(
        self,
        portal: Portal,
        registration: Mapping[str, Any],
        answer: Mapping[str, Any],
        now: int,
        *,
        lasting: bool = True,
    ) -> None:
        """Store a sign-in.

        Args:
            portal: where.
            registration: of the client that it belongs to; the refresh token is good with that one alone.
            answer: what CreateToken gave.
            now: epoch seconds.
            lasting: whether it is for later: then it is an AwsenvError that it cannot be stored. Else this process goes
                on with it, and says so.
        """
        token = {
            "startUrl": portal.start_url,
            "region": portal.region,
            "accessToken": answer["accessToken"],
            "expiresAt": expiry.format_utc(now + int(answer["expiresIn"])),
            "clientId": registration["clientId"],
            "clientSecret": registration["clientSecret"],
            "registrationExpiresAt": registration["expiresAt"],
        }
        if answer.get("refreshToken"):
            token["refreshToken"] = answer["refreshToken"]
        if not lasting:
            self.files[portal.key] = token
            return
        try:
            self.files.write(portal.key, token)
        except OSError as error:
            raise self.files.refusal(error) from None

    def load_registration(self, portal: Portal, grants: tuple[str, ...], now: int) -> dict[str, Any] | None:
        """The client that was registered for these grants and is still good, if there is one."""
        kept = self._read(_registration_key(portal), "clientSecret")
        if kept is None or ("authorization_code" in (kept.get("grantTypes") or ())) != bool(grants):
            return None
        expiration = expiry.parse(str(kept.get("expiresAt", "")))
        return kept if expiration is not None and expiration - now >= expiry.NEAR else None

    def save_registration(self, portal: Portal, registration: Mapping[str, Any]) -> None:
        """Store a client where the AWS CLI looks for it, if that can be done: another one is soon registered."""
        with suppress(OSError):
            self.files.write(_registration_key(portal), registration)

    def forget_registration(self, portal: Portal) -> None:
        """Have the next sign-in register a client anew."""
        del self.files[_registration_key(portal)]

    def check_writable(self) -> None:
        """Find out before anybody signs in that it can be kept."""
        try:
            files.check_writable(self.files.directory)
        except OSError as error:
            raise self.files.refusal(error) from None

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Path and content of every sign-in. Registrations are passed over, and the tokens of other programs
        (editors keep theirs in this folder, too, under names of their own)."""
        read = ((self.files.path(key), self._read(key, "accessToken")) for key in self.files)
        return [(path, token) for path, token in read if token is not None]

    def _read(self, key: str, needed: str) -> dict[str, Any] | None:
        content = self.files.get(key)
        return content if isinstance(content, dict) and isinstance(content.get(needed), str) else None


def _registration_key(portal: Portal) -> str:
    return cache_keys.sso_registration(portal.start_url, portal.region, portal.scopes, portal.session)
