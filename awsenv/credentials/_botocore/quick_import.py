"""Import botocore without what takes a quarter of that time, and is hardly used, or not at all.

| left out | in its place |
| --- | --- |
| the modules of `LATE`, which are for other calls | a `_Late`, which imports the module when it is used |
| the documentation of botocore with its HTML parser, and docstrings of clients | `_NoDocstring` |
| `importlib.metadata`, which urllib3 asks about HTTP/2 | the same, when it is asked |
| `dateutil.parser` | `parse_time`, which leaves to it what STS and botocore do not write |
| `dateutil.tz`, by which botocore makes its times aware | UTC |
| compiling regular expressions | `_LazyPattern` |

A later import finds the real modules. tests/test_botocore.py compares all of it.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from types import ModuleType
from typing import Any

__all__ = ["LATE", "parse_time", "quick_time", "stand_ins"]

#: Modules that botocore, or what it imports, has for other calls than those that are made here.
LATE = ("calendar", "inspect", "jmespath", "locale", "mimetypes", "shutil", "signal", "traceback")


class _Late(ModuleType):
    """A module that is imported when it is used first."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


class _NoDocstring(str):
    """Replaces the generator of the documentation of a client's method."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> _NoDocstring:  # typing.Self came with Python 3.11
        return super().__new__(cls)


_compile = re.compile


class _LazyPattern:
    """A regular expression that is compiled when it is used first."""

    __slots__ = ("_arguments", "_pattern")

    def __init__(self, pattern: Any, flags: int = 0) -> None:
        self._arguments = pattern, flags
        self._pattern: re.Pattern[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._pattern is None:
            self._pattern = _compile(*self._arguments)
        return getattr(self._pattern, name)


def quick_time(text: Any) -> datetime | None:
    """A time as STS and botocore write it; None for everything else."""
    if isinstance(text, str) and len(text) in (20, 25) and text.endswith(("Z", "+00:00")):
        try:
            return datetime.fromisoformat(f"{text[:19]}+00:00")
        except ValueError:
            pass
    return None


def parse_time(text: Any, **more: Any) -> datetime:
    """In place of `dateutil.parser.parse`, which takes 6 ms to import."""
    quick = quick_time(text)
    if quick is not None:
        return quick
    from dateutil.parser import parse  # type: ignore[import-untyped]

    found: datetime = parse(text, **more)
    return found


def _utc() -> timezone:
    return timezone.utc


def _module(name: str, **attributes: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(attributes)
    return made


def _when_called(module: str, name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*arguments, **named)

    return call


@contextmanager
def stand_ins() -> Iterator[None]:
    """While this lasts, an import finds these instead of the real modules."""
    modules = [
        *map(_Late, LATE),
        _module("botocore.docs.docstring", __getattr__=lambda name: _NoDocstring),
        _module("botocore.docs.service", ServiceDocumenter=_when_called("botocore.docs.service", "ServiceDocumenter")),
        _module("dateutil.parser", parse=parse_time),
        _module("dateutil.tz", tzlocal=_utc, tzutc=_utc),
        _module("importlib.metadata", version=_when_called("importlib.metadata", "version")),
    ]
    for module in modules:
        sys.modules.setdefault(module.__name__, module)
    re.compile = _LazyPattern  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = _compile
        for module in modules:
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]
