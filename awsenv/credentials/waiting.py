"""Report what this process waits for, a request or a configured command, to a listener.

Nothing here prints or prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["QUIET", "listen", "report"]

#: Seconds after which to report a wait.
QUIET = 2.0

_listener: ContextVar[Callable[[str], object]] = ContextVar("listener")


@contextmanager
def listen(listener: Callable[[str], object]) -> Iterator[None]:
    """Call the listener with what this thread waits for, such as `STS of eu-west-1 (HOST)`; once each.

    Threads that are started in this context have no listener. Within another such context it changes nothing.
    """
    if _listener.get(None) is not None:
        yield
        return
    reported = set[str]()

    def once(what: str) -> None:
        if what not in reported:
            reported.add(what)
            listener(what)

    token = _listener.set(once)
    try:
        yield
    finally:
        _listener.reset(token)


def report(what: str) -> None:
    """Report something that has taken longer than QUIET."""
    listener = _listener.get(None)
    if listener is not None:
        listener(what)
