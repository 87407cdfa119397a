"""docs/doctor.md, made of the checks themselves: python -m awsenv.doctor.page > docs/doctor.md"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from awsenv.doctor import CHECKS, KINDS
from awsenv.doctor.check import Check

__all__ = ["page"]

_INTRODUCTION = """\
# What awsenv doctor looks for

Every known cause of *The security token included in the request is expired* and its like. `awsenv doctor` looks for
all of them in this shell, `awsenv doctor PROFILE` also in that profile and in those that it draws on, and names the
most likely one first. An **error** is why AWS, or an SDK, refuses requests now; a **warning** will be, or is for some
programs only, or something else is meant than is done; a **note** is worth knowing. `awsenv doctor --offline` leaves
out what is marked *asks AWS*. Errors are named by their codes or texts; `awsenv explain` goes from those to the causes.

This page is generated from the checks: `python -m awsenv.doctor.page > docs/doctor.md`.
"""

_COMMANDS = ("awsenv ", "aws ", "unset ", "export ", "sudo ", "chmod ")


def page() -> str:
    """The page, as Markdown."""
    sections = (part for kind, checks in KINDS.items() if checks for part in _section(kind, checks))
    return _INTRODUCTION + "".join((*sections, *_errors()))


def _section(kind: str, checks: tuple[Check, ...]) -> Iterator[str]:
    yield f"\n## {kind}\n"
    for check in checks:
        asks = ", asks AWS" if check.online else ""
        yield f"\n### {check.id}\n\n*{check.severity}{asks}*: {_prose(check.cause)}\n"
        yield f"\n- cure: {_prose(check.cure)}\n"
        if check.errors:
            yield f"- errors: {', '.join(f'`{error}`' for error in check.errors)}\n"


def _errors() -> Iterator[str]:
    """Error -> the checks that know it, in the order in which they are likely to be the cause."""
    causes: dict[str, list[str]] = {}
    for check in CHECKS:
        for error in check.errors:
            causes.setdefault(error, []).append(f"[{check.id}](#{check.id})")
    yield "\n## By error\n\n| error | may be, most likely first |\n| --- | --- |\n"
    for error in sorted(causes, key=str.casefold):
        named = error.replace("|", "\\|")
        yield f"| `{named}` | {', '.join(causes[error])} |\n"


def _prose(text: str) -> str:
    """A text as Markdown shows it as it is; a command, and names with underscores, are code there."""
    if text.startswith(_COMMANDS) and not set(text) & set(",;(`"):
        return f"`{text}`"
    escaped = re.sub(r"([\\`*<\[\]])", r"\\\1", text)
    return re.sub(r"\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b", r"`\g<0>`", escaped)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(page())
