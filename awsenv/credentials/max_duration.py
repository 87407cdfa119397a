"""`--duration max`: the longest session that a role allows.

IAM reveals it where GetRole is allowed; else STS rejects what is too long. Each rejection is an error in CloudTrail, so
the result is remembered for a week.
"""

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

# Seconds for which a result is remembered: a role's limit may change.
_REMEMBERED = 7 * 24 * 3600


class MaxDurationSearch:
    """The search for the longest session of a role.

    Attributes:
        seconds: the duration to request next.
        remembered: whether it is the result of an earlier search.
        has_begun: whether IAM has been asked.
        lock: the name of the lock that a search holds.
    """

    def __init__(self, role: str, source: str, environ: Mapping[str, str], now: int) -> None:
        """Begin with the result of a recent search, if any; see `remembered_max_duration`."""
        self.lock = f"max duration {role} {source}"
        self._path = _path(role, source, environ)
        self._now = now
        self.seconds = ROLE_AT_MOST
        self.remembered = self.has_begun = False
        self.load()

    def load(self) -> bool:
        """Load the result of another search; whether there is one."""
        seconds = _read(self._path, self._now)
        self.remembered = seconds is not None
        self.seconds = seconds or self.seconds
        return self.remembered

    def rejected(self, message: str) -> bool:
        """Whether the message of STS rejects the duration, and a shorter one is left to try."""
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
        """Remember the duration: STS has granted it."""
        if not self.remembered:
            with suppress(OSError):  # costs only another search
                cache.store(self._path, {"seconds": self.seconds, "found": self._now})


def remembered_max_duration(role: str, source: str, environ: Mapping[str, str], now: int) -> int | None:
    """Return the result of a recent search in seconds, or None.

    Args:
        role: the role's ARN.
        source: the profile whose credentials assume it.
        environ: the environment.
        now: epoch seconds.
    """
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
