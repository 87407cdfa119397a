"""The session that the endpoint serves, and the thread that renews it in time."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

from awsenv.environment import Session, expiry
from awsenv.result import AwsenvError

__all__ = ["Renewer"]

# SDKs need an expiration: credentials that do not expire are served as valid for so many seconds, then obtained again.
_STATIC_LIFETIME = 3600
# With fewer seconds left a request waits for the renewal that is under way, at most _MAX_WAIT seconds.
_TOO_LITTLE = 60
_MAX_WAIT = 30.0
# Seconds between two looks at the clock, which jumps when a suspended machine wakes up.
_CHECK_INTERVAL = 30.0
# Seconds to wait after a failed renewal.
_RETRY_DELAY = 5.0


class Renewer:
    """A session and its successors.

    Args:
        session: the first session.
        renew: returns the next session, or raises AwsenvError; called by one thread only.
        clock: returns epoch seconds.
        report: shows one line if a session cannot be renewed.
        min_ttl: renew with so many seconds left, or at half time if a session is valid for less than twice that.
    """

    def __init__(
        self,
        session: Session,
        renew: Callable[[], Session],
        clock: Callable[[], float],
        report: Callable[[str], None],
        min_ttl: int,
    ) -> None:
        self._renew = renew
        self._clock = clock
        self._report = report
        self._min_ttl = max(min_ttl, expiry.NEAR)
        self._changed = threading.Condition()
        self._due = threading.Event()
        self._attempts = 0
        self._last_failure = ""
        self._not_before = 0.0
        self._take(session)

    def start(self) -> None:
        """Start to renew."""
        threading.Thread(target=self._run, daemon=True).start()

    def current(self) -> tuple[Session, int]:
        """Return the session to serve, and its expiration in epoch seconds.

        Raises:
            AwsenvError: it has expired, and could not be renewed.
        """
        with self._changed:
            if self._left() <= self._renew_before:
                self._due.set()
            if self._left() <= _TOO_LITTLE and time.monotonic() >= self._not_before:
                before = self._attempts
                self._changed.wait_for(lambda: self._attempts > before, _MAX_WAIT)
            if self._left() > 0:
                return self._session, self._expiration
            raise AwsenvError(
                self._last_failure or f"the session of {self._session.profile} has expired and is being renewed"
            )

    def _left(self) -> float:
        return self._expiration - self._clock()

    def _take(self, session: Session) -> None:
        now = int(self._clock())
        self._session = session
        self._expiration = now + _STATIC_LIFETIME if session.expiration is None else session.expiration
        self._renew_before = min(self._min_ttl, max(self._expiration - now, 0) // 2)

    def _run(self) -> None:
        while True:
            self._due.wait(_CHECK_INTERVAL)
            self._due.clear()
            if self._left() <= self._renew_before and time.monotonic() >= self._not_before:
                self._try()

    def _try(self) -> None:
        session, why = None, ""
        try:
            session = self._renew()
        except AwsenvError as error:
            why = error.what
        except Exception as error:  # the command runs on, and the next attempt may succeed
            why = f"unexpected {type(error).__name__}"
        gc.enable()  # the entry point disables it, as most processes are short
        gc.collect()
        with self._changed:
            self._attempts += 1
            is_new, self._last_failure = why != self._last_failure, why
            if session is not None:
                self._take(session)
            else:
                self._not_before = time.monotonic() + _RETRY_DELAY
            self._changed.notify_all()
        if why and is_new:
            left, name = self._left(), self._session.profile
            when = f"has {expiry.short(int(left))} left" if left > 0 else "has expired"
            also = "" if self._session.is_static else f" and uses what awsenv assume {name} obtains in another terminal"
            self._report(f"the session of {name} {when} and cannot be renewed: {why}; awsenv keeps trying{also}")
