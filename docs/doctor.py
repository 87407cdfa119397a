"""docs/doctor.md, made of the checks themselves: python docs/doctor.py > docs/doctor.md"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from awsenv.doctor import CHECKS, GROUPS, Group
from awsenv.doctor.check import is_command
from awsenv.explain.meanings import MEANINGS, Meaning

__all__ = ["page"]

_INTRODUCTION = """\
# What awsenv doctor looks for

Every known cause of *The security token included in the request is expired* and related errors. `awsenv doctor` looks
for all of them in this shell, `awsenv doctor PROFILE` also in that profile and in the source profiles of its chain, and
names the most likely one first. An **error** is why AWS, or an SDK, rejects requests now; what a **warning** names
will fail later, fails in some programs, or does not do what the user meant; a **note** is worth knowing. A finding
can be more or less severe than its check usually is. A check that could not be made says so: *not checked*. `awsenv
doctor --offline` leaves out what is marked *contacts AWS*. Each check names the errors that it can cause, as `awsenv
explain` knows them; the table at the end goes from the errors to the causes.

This page is generated from the checks: `python docs/doctor.py > docs/doctor.md`.
"""


def page() -> str:
    """The page, as Markdown."""
    return _INTRODUCTION + "".join((*(part for group in GROUPS for part in _section(group)), *_errors()))


def _section(group: Group) -> Iterator[str]:
    yield f"\n## {group.title}\n"
    for check in group.checks:
        online = ", contacts AWS" if check.online else ""
        yield f"\n### {check.id}\n\n*{check.severity}{online}*: {_prose(check.cause)}\n"
        yield f"\n- fix: {': '.join(_prose(text) for text in (check.remediation, check.fix) if text)}\n"
        if check.causes:
            yield f"- errors: {', '.join(f'[{id}](#by-error)' for id in check.causes)}\n"


def _errors() -> Iterator[str]:
    """Meaning -> the checks that can be its cause, the most likely first."""
    yield "\n## By error\n\n| error | means | may be caused by, most likely first |\n| --- | --- | --- |\n"
    for meaning in sorted(MEANINGS, key=lambda one: one.id):
        causes = [f"[{check.id}](#{check.id})" for check in CHECKS if meaning.id in check.causes]
        if causes:
            yield f"| {_named(meaning)} | {_prose(meaning.means)} | {', '.join(causes)} |\n"


def _named(meaning: Meaning) -> str:
    """The id of a meaning, with its codes and those of its texts that are plain words."""
    plain = [text.source for text in meaning.texts if re.fullmatch(r"[\w ',./:-]+", text.source)]
    known = ", ".join(f"`{text}`" for text in dict.fromkeys((*meaning.codes, *plain)))
    return f"{meaning.id}: {known}" if known else meaning.id


def _prose(text: str) -> str:
    """A text as Markdown shows it unchanged; commands, and names with underscores, are code there."""
    if is_command(text):
        return f"`{text}`"
    escaped = re.sub(r"([\\`*<\[\]|])", r"\\\1", text)
    return re.sub(r"(?<!/)\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b", r"`\g<0>`", escaped)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.stdout.write(page())
