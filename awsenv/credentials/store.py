"""The AWS CLI's cache as botocore uses it while a chain resolves: what it may find there, and where new sessions go."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from typing import Any

from awsenv import expiry, places
from awsenv.credentials import Request, cache
from awsenv.outcome import AwsenvError

__all__ = ["SessionStore"]


class SessionStore(MutableMapping[str, Any]):
    """A mapping from cache key to session, over the folder of the AWS CLI.

    botocore asks for the session of the last role of a chain first; that one has to satisfy the request, the sessions
    of the roles before it only have to be good.

    Attributes:
        key: of the session that was found or stored last, which at the end is the one that was asked for.
    """

    def __init__(self, folder: str, request: Request, now: int) -> None:
        self._folder = folder
        self._request = request
        self._now = now
        self._first: str | None = None
        self._new: dict[str, Any] = {}
        self.key: str | None = None

    def __contains__(self, key: object) -> bool:
        """Whether there is a session under that key that will do; if not, there must be a place for a new one."""
        if key in self._new:
            return True
        if self._first is None:
            self._first = str(key)
        if self._request.cached:
            asked_for = key == self._first
            entry = cache.read_session(self._folder, str(key))
            least = max(self._request.min_ttl if asked_for else 0, expiry.NEAR)
            if entry is not None and entry.expiration - self._now >= least and not (asked_for and self._request.fresh):
                return True
            self._make_room()
        return False

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            raise KeyError(key)
        self.key = key
        return self._new[key] if key in self._new else cache.read_json(os.path.join(self._folder, f"{key}.json"))

    def __setitem__(self, key: str, value: Any) -> None:
        self._new[key] = value
        self.key = key
        if self._request.cached:
            try:
                cache.store(self._folder, key, value)
            except OSError as error:
                raise self._no_room(error) from None

    def _make_room(self) -> None:
        """Find out before STS is asked, and before anyone types an MFA code, that the session can be kept."""
        try:
            places.private_folder(self._folder)
            if not os.access(self._folder, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied")
        except OSError as error:
            raise self._no_room(error) from None

    def _no_room(self, error: OSError) -> AwsenvError:
        return AwsenvError(
            f"cannot write to the session cache {self._folder}: {error.strerror}",
            "make it writable, or do without it: --no-cache",
        )

    def __delitem__(self, key: str) -> None:
        self._new.pop(key, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._new)

    def __len__(self) -> int:
        return len(self._new)
