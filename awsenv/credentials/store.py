"""The cache of sessions as botocore uses it while a chain resolves: what it may find there, and where new ones go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from awsenv.aws import cache_keys
from awsenv.credentials import Request, backends, cache
from awsenv.credentials.lock import Locks
from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.system import terminal

__all__ = ["JustObtained", "SessionStore"]


class JustObtained(Exception):  # noqa: N818  # not an error
    """The session that was asked for came from another process while this one waited, and is too short for botocore.

    botocore takes no session from a cache that has less than 15 minutes left, so that one of 15 minutes is always old.
    """

    def __init__(self, entry: cache.Entry) -> None:
        super().__init__()
        self.entry = entry


class SessionStore(MutableMapping[str, Any]):
    """A mapping from cache key to session, over the place where they are kept.

    botocore asks for the session of the last role of a chain first; that one has to satisfy the request, the sessions
    of the roles before it only have to be good. Whoever asks for one that is not there holds its lock until it is.

    Attributes:
        kept: where sessions are kept.
        key: of the session that was found or stored last, which at the end is the one that was asked for.
        patience: for how many seconds the lock of another process is waited for.
    """

    def __init__(self, environ: Mapping[str, str], request: Request, now: int, patience: float) -> None:
        self.kept = backends.open_cache(environ)
        self._request = request
        self._now = now
        self._locks = Locks(environ, request.name, patience)
        self.patience = patience
        self._roles: Sequence[Mapping[str, Any]] = ()
        self._order: list[str] = []
        self._new: dict[str, Any] = {}
        self._missing: list[str] = []
        self._told = False
        self.key: str | None = None

    def expect(self, roles: Sequence[Mapping[str, Any]]) -> None:
        """Before botocore starts, or starts over: for each role of the chain, the last first, what it is asked beyond.

        What has been obtained on the way is kept, and so are the locks.
        """
        self._roles, self._order, self._missing = roles, [], []

    def close(self) -> None:
        """Nothing more will be obtained."""
        self._locks.give_all()

    def _own(self, key: str) -> str:
        """The key under which a session is kept, for one of botocore's."""
        if key not in self._order:
            self._order.append(key)
        return cache_keys.with_parameters(key, self._beyond(self._order.index(key)))

    def _beyond(self, place: int) -> Mapping[str, Any]:
        return self._roles[place] if place < len(self._roles) else {}

    @property
    def place(self) -> int:
        """For which role of the chain a session is being obtained: 0 is the last."""
        return self._order.index(self._missing[-1]) if self._missing else 0

    @property
    def beyond(self) -> Mapping[str, Any]:
        """What AssumeRole is to be asked for it, beyond what botocore knows."""
        return self._beyond(self.place)

    def __contains__(self, key: object) -> bool:
        """Whether there is a session under that key that will do; if not, there is a place and a lock for a new one."""
        own = self._own(str(key))
        if self.await_session(own, asked_for=key == self._order[0]):
            return True
        self._missing.append(str(key))
        return False

    def await_session(self, key: str, *, asked_for: bool) -> bool:
        """The same for a key of our own.

        Args:
            key: the session's.
            asked_for: whether this is the session that was asked for, not one on the way to it.

        Raises:
            JustObtained: there is one that botocore would not take.
        """
        if key in self._new:
            return True
        if not self._request.cached:
            return False
        before = self._stored(key)
        fresh = asked_for and self._request.fresh
        if not fresh and self._will_do(before, asked_for):
            return True
        if key in self._locks:
            return False
        self._locks.take(key)
        now = self._stored(key)
        if asked_for and now is not None and self._is_new_but_short(now, before):
            self.key = key
            self._locks.give(key)
            raise JustObtained(now)
        if not self._will_do(now, asked_for) or (fresh and _same(before, now)):
            return False
        self._new[key] = self.kept.read(key)  # another process has just obtained it, so it is fresh, too
        self._locks.give(key)
        return True

    def _stored(self, key: str) -> cache.Entry | None:
        """What is stored under a key of our own; AwsenvError if there is no keyring, unless it is there no more: what
        STS has given in this call is not lost by that."""
        try:
            return self.kept.session(key)
        except AwsenvError:
            if not self._new:
                raise
            return None

    def _will_do(self, entry: cache.Entry | None, asked_for: bool) -> bool:
        least = max(self._request.min_ttl if asked_for else 0, expiry.NEAR)
        return entry is not None and entry.expiration - self._now >= least

    def _is_new_but_short(self, entry: cache.Entry, before: cache.Entry | None) -> bool:
        left = entry.expiration - self._now
        return not _same(before, entry) and max(self._request.min_ttl, 1) <= left < expiry.NEAR + self.patience

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            raise KeyError(key)
        self.key = own = self._own(key)
        return self._new[own] if own in self._new else self.kept.read(own)

    def entry(self, key: str) -> cache.Entry | None:
        """The session under a key of our own."""
        self.key = key
        return self._stored(key)

    def is_stored(self, access_key: str) -> bool:
        """Whether the session that was asked for can be found in the cache from now on.

        Args:
            access_key: that session's.
        """
        if self.key is None or not self._request.cached:
            return False
        entry = self._stored(self.key)
        return entry is not None and entry.access_key == access_key

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self._missing:
            self._missing.remove(key)
        self.keep(self._own(key), value)

    def keep(self, key: str, value: Any) -> None:
        """Store a new session under a key of our own, and let those have it who wait for it.

        One that cannot be stored is good all the same: the person is told, and will be asked again the next time.
        """
        self._new[key] = value
        self.key = key
        if not self._request.cached:
            return
        try:
            self.kept.write(key, value)
        except AwsenvError as error:
            if not self._told:
                terminal.tell(f"the session of {self._request.name} is valid, but was not cached: {error}")
            self._told = True
        finally:
            self._locks.give(key)

    def __delitem__(self, key: str) -> None:
        self._new.pop(self._own(key), None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._new)

    def __len__(self) -> int:
        return len(self._new)


def _same(before: cache.Entry | None, now: cache.Entry | None) -> bool:
    return before is not None and now is not None and before.access_key == now.access_key
