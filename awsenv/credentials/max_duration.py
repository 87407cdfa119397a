"""`--duration max`: how long a session of a role may be valid. IAM says it where that is allowed; else STS, by
rejecting what is longer. Each rejection is an error in CloudTrail, so the answer is remembered for a week."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from awsenv.aws import cache_keys, paths
from awsenv.aws.expiry import ROLE_AT_MOST
from awsenv.credentials import cache

__all__ = ["MaxDurationSearch", "remembered_max_duration"]

_HOUR = 3600

# Every role allows an hour, and none more than twelve; the AWS console offers 1, 2, 4, 8 and 12 hours.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html
_STEPS = (ROLE_AT_MOST, 8 * _HOUR, 4 * _HOUR, 2 * _HOUR, _HOUR)

# A role's limit may be changed: seconds after which it is looked up again.
_REMEMBERED = 7 * 24 * 3600


class MaxDurationSearch:
    """The search for the longest session of a role.

    Attributes:
        seconds: the duration to ask for.
        remembered: whether it is from an earlier search.
        has_begun: whether IAM has been asked.
        lock: the name of the lock that one search at a time holds.
    """

    def __init__(self, role: str, source: str, environ: Mapping[str, str], now: int) -> None:
        """Begin with the result of an earlier search, if that is recent.

        Args:
            role: the ARN.
            source: the profile with whose credentials it is assumed.
            environ: the environment.
            now: epoch seconds.
        """
        self.lock = f"max duration {role} {source}"
        self._path = _path(role, source, environ)
        self._now = now
        self.seconds = ROLE_AT_MOST
        self.remembered = self.has_begun = False
        self.load()

    def load(self) -> bool:
        """Look whether another process knows it by now."""
        seconds = _read(self._path, self._now)
        self.remembered = seconds is not None
        self.seconds = seconds or self.seconds
        return self.remembered

    def rejected(self, message: str) -> bool:
        """Whether STS rejected the duration, and there is a shorter one to ask for.

        Args:
            message: of STS.
        """
        if self.seconds <= _HOUR:
            return False
        if "1 hour session limit" in message:
            self.seconds = _HOUR
        elif "MaxSessionDuration" in message:
            self.seconds = next(step for step in _STEPS if step < self.seconds)
        else:
            return False
        self.remembered = False
        return True

    def granted(self) -> None:
        """Remember the duration: STS has given a session that long."""
        if not self.remembered:
            with suppress(OSError):  # the next search starts over
                cache.store(self._path, {"seconds": self.seconds, "found": self._now})


def remembered_max_duration(role: str, source: str, environ: Mapping[str, str], now: int) -> int | None:
    """The seconds that a search found for a role; None if there was none lately."""
    return _read(_path(role, source, environ), now)


def _path(role: str, source: str, environ: Mapping[str, str]) -> str:
    digest = cache_keys.digest(f"{role}\0{source}")
    return os.path.join(paths.own_cache(environ), f"max-duration-{digest}.json")


def _read(path: str, now: int) -> int | None:
    try:
        found = paths.read_json(path)
        seconds, when = int(found["seconds"]), int(found["found"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return seconds if _HOUR <= seconds <= ROLE_AT_MOST and 0 <= now - when < _REMEMBERED else None
