"""`--duration max`: how long a session of a role may live, which only STS says, and only by refusing what is longer."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress

from awsenv.aws import cache_keys, paths
from awsenv.credentials import cache
from awsenv.system import files

__all__ = ["Longest", "known"]

_HOUR = 3600

# Every role grants an hour, and none more than twelve.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html
_ALWAYS, _NEVER = 1, 13

# A role's limit may be raised: after so many seconds the twelve hours are asked for anew.
_REMEMBERED = 7 * 24 * 3600


class Longest:
    """The search for the most whole hours that a role grants: the twelve that are the most, then halving the rest.

    Attributes:
        seconds: what to ask for next; in the end what is granted.
    """

    def __init__(self, role: str, source: str, environ: Mapping[str, str], now: int) -> None:
        """Begin with what was found the last time, if that is not long ago.

        Args:
            role: the ARN.
            source: the profile with whose credentials it is assumed.
            environ: the environment.
            now: epoch seconds.
        """
        self.name = f"longest {role} {source}"
        self._path = _path(role, source, environ)
        self._now = now
        self._granted, self._refused = _ALWAYS, _NEVER
        self.remembered = False
        self.seconds = 12 * _HOUR
        self.recall()

    def recall(self) -> bool:
        """Look whether it is known by now."""
        seconds = _read(self._path, self._now)
        self.remembered = seconds is not None
        self.seconds = seconds or self.seconds
        return self.remembered

    def refused(self, message: str) -> bool:
        """Whether STS said that this was too long, and what is to be asked for next."""
        if "1 hour session limit" in message and self.seconds > _HOUR:
            self._refused = 2
        elif "MaxSessionDuration" in message and self.seconds > _HOUR:
            self._refused = self.seconds // _HOUR
        else:
            return False
        self._next()
        return True

    def granted(self) -> bool:
        """STS has given a session that long. Whether a longer one is to be asked for."""
        self._granted = self.seconds // _HOUR
        if self.remembered or self.seconds == 12 * _HOUR or self._refused - self._granted <= 1:
            self._remember()
            return False
        self._next()
        return self.seconds != self._granted * _HOUR

    def _next(self) -> None:
        self.remembered = False
        self.seconds = max((self._granted + self._refused) // 2, self._granted) * _HOUR

    def _remember(self) -> None:
        if not self.remembered:
            with suppress(OSError):  # it is searched for again
                files.private_directory(os.path.dirname(self._path))
                files.write_atomic(self._path, json.dumps({"seconds": self.seconds, "found": self._now}).encode())


def known(role: str, source: str, environ: Mapping[str, str], now: int) -> int | None:
    """The seconds that were found for a role, None if nobody has searched yet."""
    return _read(_path(role, source, environ), now)


def _path(role: str, source: str, environ: Mapping[str, str]) -> str:
    digest = cache_keys.digest(f"{role}\0{source}")
    return os.path.join(paths.own_cache(environ), f"longest-{digest}.json")


def _read(path: str, now: int) -> int | None:
    try:
        kept = cache.read_json(path)
        seconds, found = int(kept["seconds"]), int(kept["found"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return seconds if _HOUR <= seconds <= 12 * _HOUR and 0 <= now - found < _REMEMBERED else None
