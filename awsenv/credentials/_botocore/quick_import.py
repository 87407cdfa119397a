"""Import botocore without the parts that are rarely or never used: they take a quarter of that time.

| left out | replacement |
| --- | --- |
| the modules of `LATE`, which other calls need | a `_Late`, which imports the module on first use |
| botocore's documentation with its HTML parser, and docstrings of clients | `_NoDocstring` |
| `importlib.metadata`, which urllib3 needs for HTTP/2 | a function that imports it on first use |
| `dateutil.parser` | `parse_time`, which imports it for formats that STS and botocore do not write |
| `dateutil.tz`, from which botocore takes the time zone of its times | UTC |
| compiling regular expressions | `_LazyPattern` |

A later import finds the real modules. tests/test_botocore.py compares the results.
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

#: Modules that botocore and its dependencies need only for calls that awsenv does not make.
LATE = ("calendar", "inspect", "jmespath", "locale", "mimetypes", "shutil", "signal", "traceback")


class _Late(ModuleType):
    """A module that is imported on first use."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


class _NoDocstring(str):
    """Replaces the generated docstring of a client's method."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> _NoDocstring:  # typing.Self came with Python 3.11
        return super().__new__(cls)


_compile = re.compile


class _LazyPattern:
    """A regular expression that is compiled on first use."""

    __slots__ = ("_arguments", "_pattern")

    def __init__(self, pattern: Any, flags: int = 0) -> None:
        self._arguments = pattern, flags
        self._pattern: re.Pattern[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._pattern is None:
            self._pattern = _compile(*self._arguments)
        return getattr(self._pattern, name)


def quick_time(text: Any) -> datetime | None:
    """Parse a time in the format that STS and botocore write; None for others."""
    if isinstance(text, str) and len(text) in (20, 25) and text.endswith(("Z", "+00:00")):
        try:
            return datetime.fromisoformat(f"{text[:19]}+00:00")
        except ValueError:
            pass
    return None


def parse_time(text: Any, **more: Any) -> datetime:
    """Replace `dateutil.parser.parse`, whose import takes 6 ms."""
    quick = quick_time(text)
    if quick is not None:
        return quick
    from dateutil.parser import parse  # type: ignore[import-untyped]

    time: datetime = parse(text, **more)
    return time


def _utc() -> timezone:
    return timezone.utc


def _module(name: str, **attributes: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(attributes)
    return module


def _when_called(module: str, name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*arguments, **named)

    return call


@contextmanager
def stand_ins() -> Iterator[None]:
    """Have imports find these replacements instead of the real modules."""
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
