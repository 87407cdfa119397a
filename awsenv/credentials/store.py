"""The session cache as botocore sees it while it resolves a chain of roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any

from awsenv.aws import cache_keys
from awsenv.credentials import backends, cache, clock_is_wrong, credentials_in
from awsenv.credentials.answers import AnswerError
from awsenv.credentials.lock import Locks
from awsenv.credentials.request import Request
from awsenv.environment import Credentials, expiry
from awsenv.result import AwsenvError

__all__ = ["SessionStore"]


class SessionStore(MutableMapping[str, Any]):
    """A mapping from cache key to session, on top of the backend that stores them.

    It implements botocore's cache protocol, and its `in` has a side effect: if the session is missing, it takes the
    session's lock and holds it until the session is stored. botocore looks up the last role of a chain first. That
    session has to satisfy the request; those of the roles before it only have to be valid.

    Attributes:
        environ, now: of the request; `now` in epoch seconds.
        notify: shows a line to the user.
        stored: cache key and access key of the session that was found or stored last, which after the last role is the
            requested one. None if that session is not in the cache.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        request: Request,
        now: int,
        patience: float,
        notify: Callable[[str], object],
    ) -> None:
        """Read nothing yet; `patience` is how many seconds to wait for the lock of another process."""
        self.environ = environ
        self.now = now
        self.notify = notify
        self.stored: tuple[str, str] | None = None
        self._backend = backends.open_cache(environ)
        self._request = request
        self._patience = patience
        self._locks = self.other_locks()
        self._parameters: Sequence[Mapping[str, Any]] = ()
        self._order: list[str] = []
        self._new: dict[str, Any] = {}
        self._missing: list[str] = []
        self._has_notified = False

    def expect(self, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Prepare for a run of botocore; sessions that were obtained before stay, and so do the locks.

        Args:
            parameters: extra parameters of AssumeRole for each role, the last first.
        """
        self._parameters, self._order, self._missing = parameters, [], []

    @property
    def in_keyring(self) -> bool:
        """Whether sessions are stored in the operating system's keyring."""
        return self._backend.in_keyring

    def other_locks(self) -> Locks:
        """Return locks for other things than sessions, which the caller releases."""
        return Locks(self.environ, self._request.name, self._patience, self.notify)

    def cached_user_session(self, key: str) -> Credentials | None:
        """Return a valid session of long-term keys, or None; it takes no lock."""
        session = self._backend.session(key)
        return session if session is not None and self._left(session) >= expiry.NEAR else None

    def close(self) -> None:
        """Release all locks: nothing more will be obtained."""
        self._locks.release_all()

    @property
    def place(self) -> int:
        """The place in the chain of the role whose session is being obtained: 0 is the last."""
        return self._order.index(self._missing[-1]) if self._missing else 0

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The extra parameters of AssumeRole for that role."""
        return self._parameters_of(self.place)

    def _parameters_of(self, place: int) -> Mapping[str, Any]:
        return self._parameters[place] if place < len(self._parameters) else {}

    def _own(self, key: str) -> str:
        """Return the key under which a session is stored, for botocore's key."""
        if key not in self._order:
            self._order.append(key)
        return cache_keys.with_parameters(key, self._parameters_of(self._order.index(key)))

    def find(self, key: str, *, requested: bool) -> Credentials | None:
        """Return a session that is valid for long enough; else take its lock and return None.

        A session that another process stores meanwhile counts even if it is valid for less than the 15 minutes that
        botocore wants: sessions of 15 minutes would never be found otherwise.

        Args:
            key: the key under which it is stored.
            requested: whether this is the requested session, not that of a role before the last.
        """
        if not self._request.cached or key in self._locks:
            return None
        before = self._read(key)
        fresh = requested and self._request.fresh
        if before is not None and not fresh and self._is_sufficient(before, requested):
            return self._found(key, before)
        self._locks.take(key)
        now = self._read(key)
        if now is None or (fresh and _is_same(before, now)):
            return None
        if not self._is_sufficient(now, requested) and not (requested and self._is_new_but_short(now, before)):
            return None
        self._locks.release(key)
        return self._found(key, now)

    def _found(self, key: str, session: Credentials) -> Credentials:
        self.stored = key, session.access_key
        return session

    def _read(self, key: str) -> Credentials | None:
        """Return what is stored under a key.

        Raises:
            AwsenvError: the keyring fails; not if a session has been obtained already, which must not be lost.
        """
        try:
            return self._backend.session(key)
        except AwsenvError:
            if not self._new:
                raise
            return None

    def _is_sufficient(self, session: Credentials, requested: bool) -> bool:
        return self._left(session) >= max(self._request.min_ttl if requested else 0, expiry.NEAR)

    def _is_new_but_short(self, session: Credentials, before: Credentials | None) -> bool:
        least, most = max(self._request.min_ttl, 1), expiry.NEAR + self._patience
        return not _is_same(before, session) and least <= self._left(session) < most

    def _left(self, session: Credentials) -> int:
        return (session.expiration or 0) - self.now

    def __contains__(self, key: object) -> bool:
        """Whether there is a session for botocore's key; if not, its lock is held afterwards."""
        own = self._own(str(key))
        if own in self._new or self.find(own, requested=key == self._order[0]) is not None:
            return True
        self._missing.append(str(key))
        return False

    def __getitem__(self, key: str) -> Any:
        own = self._own(key)
        if own in self._new:
            return self._new[own]
        try:
            return self._backend.read(own)
        except (OSError, ValueError, RecursionError):
            raise KeyError(key) from None

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self._missing:
            self._missing.remove(key)
        self.add(self._own(key), value)

    def add(self, key: str, value: Any) -> Credentials:
        """Store a new session and release its lock.

        A session that cannot be stored is still valid: the user gets a notice, and the next call obtains another.

        Returns:
            The credentials of the session.

        Raises:
            AnswerError: it is incomplete.
            AwsenvError (4): by this machine's clock it has expired.
        """
        expiration = value["Credentials"]["Expiration"]
        if isinstance(expiration, datetime):
            expiration = cache.time_as_text(expiration)
        entry = credentials_in({"Credentials": {**value["Credentials"], "Expiration": expiration}})
        if entry is None:
            raise AnswerError("has no complete session")
        if self._left(entry) <= 0:
            raise clock_is_wrong(self._request.name, self._left(entry))
        self._new[key] = value
        self.stored = None
        if not self._request.cached:
            return entry
        try:
            self._backend.write(key, value)
            self.stored = key, entry.access_key
        except AwsenvError as error:
            if not self._has_notified:
                self.notify(f"the session of {self._request.name} is valid, but was not cached: {error}")
            self._has_notified = True
        finally:
            self._locks.release(key)
        return entry

    def __delitem__(self, key: str) -> None:
        self._new.pop(self._own(key), None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._new)

    def __len__(self) -> int:
        return len(self._new)


def _is_same(before: Credentials | None, now: Credentials) -> bool:
    return before is not None and before.access_key == now.access_key
