"""The session that is handed out, and the thread that renews it in time."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

from awsenv.environment import Session, expiry
from awsenv.result import AwsenvError

__all__ = ["Renewer"]

# SDKs want an expiration: credentials without one are served as valid for that long, and then looked up again.
_LOOK_AGAIN = 3600
# With less time left a request waits for the renewal that is under way.
_TOO_LITTLE = 60
_PATIENCE = 30.0
# Seconds that the thread sleeps at most: the clock jumps when a suspended machine wakes up.
_NAP = 30.0
# Seconds to wait after a renewal that failed.
_PAUSE = 5.0


class Renewer:
    """A session and its successors.

    Args:
        session: the first one.
        renew: returns the next one, or raises AwsenvError; called by one thread only.
        clock: epoch seconds.
        report: shows one line when a session cannot be renewed.
        least: renew when that many seconds are left, or at half time if a session is valid for less than twice that.
    """

    def __init__(
        self,
        session: Session,
        renew: Callable[[], Session],
        clock: Callable[[], float],
        report: Callable[[str], None],
        least: int,
    ) -> None:
        self._renew = renew
        self._clock = clock
        self._report = report
        self._least = max(least, expiry.NEAR)
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
        """The session to serve, and its expiration in epoch seconds.

        Raises:
            AwsenvError: it has expired, and could not be renewed.
        """
        with self._changed:
            if self._left() <= self._renew_before:
                self._due.set()
            if self._left() <= _TOO_LITTLE and time.monotonic() >= self._not_before:
                before = self._attempts
                self._changed.wait_for(lambda: self._attempts > before, _PATIENCE)
            if self._left() > 0:
                return self._session, self._end
            raise AwsenvError(
                self._last_failure or f"the session of {self._session.profile} has expired and is being renewed"
            )

    def _left(self) -> float:
        return self._end - self._clock()

    def _take(self, session: Session) -> None:
        now = int(self._clock())
        self._session = session
        self._end = now + _LOOK_AGAIN if session.expiration is None else session.expiration
        self._renew_before = min(self._least, max(self._end - now, 0) // 2)

    def _run(self) -> None:
        while True:
            self._due.wait(_NAP)
            self._due.clear()
            if self._left() <= self._renew_before and time.monotonic() >= self._not_before:
                self._try()

    def _try(self) -> None:
        session, why = None, ""
        try:
            session = self._renew()
        except AwsenvError as refusal:
            why = refusal.what
        except Exception as fault:  # the command runs on, and the next attempt may succeed
            why = f"unexpected {type(fault).__name__}"
        gc.enable()  # the entry turns it off, for the sake of short processes
        gc.collect()
        with self._changed:
            self._attempts += 1
            news, self._last_failure = why != self._last_failure, why
            if session is not None:
                self._take(session)
            else:
                self._not_before = time.monotonic() + _PAUSE
            self._changed.notify_all()
        if why and news:
            left, name = self._left(), self._session.profile
            when = f"has {expiry.short(int(left))} left" if left > 0 else "has expired"
            also = "" if self._session.is_static else f" and uses what awsenv assume {name} obtains in another terminal"
            self._report(f"the session of {name} {when} and cannot be renewed: {why}; awsenv keeps trying{also}")
