"""What this process waits for: a request, or a command of the user's. Whoever wants to say it sets a listener.

Nothing here prints or prompts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["SILENT", "listen", "waits_for"]

#: Seconds after which to say what takes so long.
SILENT = 2.0

_listener: ContextVar[Callable[[str], object]] = ContextVar("listener")


@contextmanager
def listen(listener: Callable[[str], object]) -> Iterator[None]:
    """A context in which the listener is called with what this thread waits for, `STS of eu-west-1 (HOST)`, once each.

    Threads that are started in it have none. Within another such context it changes nothing.
    """
    if _listener.get(None) is not None:
        yield
        return
    heard = set[str]()

    def once(what: str) -> None:
        if what not in heard:
            heard.add(what)
            listener(what)

    token = _listener.set(once)
    try:
        yield
    finally:
        _listener.reset(token)


def waits_for(what: str) -> None:
    """Something has taken longer than SILENT."""
    listener = _listener.get(None)
    if listener is not None:
        listener(what)
