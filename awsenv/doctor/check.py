"""What a check of the doctor is, and what it finds.

The texts of the checks are in `checks/MODULE.ini`, a section for each, named after the check:

    [keys-expired]
    severity = error, warning or note
    cause = …           why it matters: one or two sentences
    fix = …             the command that fixes it in general, in bash's syntax
    remediation = …     what to do, or what to do before the command, in prose without a full stop
    causes = …          the ids of the meanings in `awsenv.explain` that it can be the cause of
    online = yes        it needs an answer from AWS
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from awsenv.report.prose import parsed, prose
from awsenv.system.redaction import hidden

if TYPE_CHECKING:
    from awsenv.doctor.context import Context
    from awsenv.report.session_cache import Cached

__all__ = [
    "ERROR",
    "NOTE",
    "WARNING",
    "AutoFix",
    "Check",
    "Finding",
    "check",
    "correction",
    "instructions",
    "is_command",
    "leftover",
    "prepared",
    "problem",
]

#: AWS or an SDK rejects requests because of it, now.
ERROR = "error"
#: Will fail later, fails in some programs, or does not do what the user meant.
WARNING = "warning"
#: Worth knowing; nothing fails because of it.
NOTE = "note"

_COMMANDS = (
    *("awsenv ", "aws ", "unset ", "export ", "sudo ", "chmod "),
    *("nslookup ", "curl ", "date ", "printf ", "w32tm "),
)


Prepare: TypeAlias = "Callable[[Context], Callable[[], None]]"


@dataclass(frozen=True)
class AutoFix:
    """A harmless fix that `--fix` applies.

    Attributes:
        unset: variables to unset in the shell.
        remove: cache entries to remove, unless another program has renewed them meanwhile.
        by_time: whether it is harmless only if this machine's clock is right.
    """

    unset: tuple[str, ...] = ()
    remove: tuple[Cached, ...] = ()
    by_time: bool = False


@dataclass(frozen=True)
class Check:
    """One cause, and how it is detected.

    Attributes:
        id: stable: scripts and the documentation name it.
        severity: ERROR, WARNING or NOTE.
        cause: why it matters, for the documentation and for a finding: one or two sentences.
        fix: the command that fixes it in general, in bash's syntax; may be empty.
        remediation: what to do, or what to do before the command, in prose without a full stop; may be empty.
        causes: the ids of the meanings in `awsenv.explain.meanings` that it can be the cause of.
        online: whether it needs an answer from AWS.
        find: yields a `problem` for each thing that is wrong.
        prepare: starts what takes long before all checks, and returns what ends it after them; None if nothing does.
    """

    id: str
    severity: str
    cause: str
    fix: str
    remediation: str
    causes: tuple[str, ...]
    online: bool
    find: Callable[[Context], Iterator[Finding]]
    prepare: Prepare | None = None

    def look(self, context: Context) -> Iterator[Finding]:
        """What is wrong, without secrets, and with the check's own severity, fix and remediation where it has none."""
        for one in self.find(context):
            own = bool(one.fix or one.remediation)
            yield replace(
                one,
                check=self,
                what=hidden(one.what),
                evidence=tuple(map(hidden, one.evidence)),
                fix=hidden(one.fix if own else self.fix),
                remediation=hidden(one.remediation if own else self.remediation),
                severity=one.severity or self.severity,
            )


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or worth knowing.

    Attributes:
        check: which check found it.
        what: one sentence without a full stop: what is wrong, with which variable, profile or file. Never a secret.
        evidence: where it was seen, masked: `AWS_SESSION_TOKEN=…kQ3x`, `/home/ada/.aws/config:12`.
        fix: the one command that fixes it. A change of the shell itself is written as for bash, `unset NAME…` and
            `export NAME=VALUE`: it is shown in the syntax of the shell in question.
        remediation: what to do, or what to do before the command, in prose without a full stop.
        severity: the check's own, unless this case is different.
        auto_fix: what `--fix` would do.
        fault: why the check could not be made, if it could not: then nothing was found.
    """

    check: Check
    what: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    remediation: str = ""
    severity: str = ""
    auto_fix: AutoFix | None = None
    fault: Exception | None = None

    @property
    def instructions(self) -> str:
        """What to do, as one text: the remediation and the command."""
        return instructions(self.remediation, self.fix)


def instructions(remediation: str, fix: str) -> str:
    """What to do, as one text."""
    return ": ".join(filter(None, (remediation, fix)))


def is_command(text: str) -> bool:
    """Whether what an error advises is a command alone, and so can be copied whole."""
    return text.startswith(_COMMANDS) and not set(text) & set(",;:(`")


def check(find: Callable[[Context], Iterator[Finding]]) -> Check:
    """Make a check of a function: its id is that name, and its texts are in the section of that id in `MODULE.ini`."""
    id = find.__name__.replace("_", "-")
    module = str(sys.modules[find.__module__].__file__)
    texts = dict(_texts(f"{os.path.splitext(module)[0]}.ini").items(id))
    cause, fix, remediation = (prose(texts, name) for name in ("cause", "fix", "remediation"))
    return Check(
        id, texts["severity"], cause, fix, remediation, tuple(texts.get("causes", "").split()), "online" in texts, find
    )


def prepared(prepare: Prepare) -> Callable[[Callable[[Context], Iterator[Finding]]], Check]:
    """Make a check of a function for which something is prepared; see Check."""
    return lambda find: replace(check(find), prepare=prepare)


@cache
def _texts(path: str) -> ConfigParser:
    return parsed(path)


def problem(
    what: str,
    *evidence: str,
    fix: str = "",
    remediation: str = "",
    advice: str = "",
    severity: str = "",
    auto_fix: AutoFix | None = None,
) -> Finding:
    """What a check yields, see Finding; where neither fix nor remediation is given, the check's own are used.

    `advice` is in place of those two: what an error advises, a command or prose.
    """
    if advice:
        fix, remediation = (advice, "") if is_command(advice) else ("", advice)
    return Finding(_UNKNOWN, what, evidence, fix, remediation, severity, auto_fix)


def correction(setting: str, *right: str) -> str:
    """What to do about a wrong value: write the first of those that may be meant; empty without any."""
    return f"write {setting} = {right[0]} in that line" if any(right) else ""


def leftover(what: str, names: tuple[str, ...], *evidence: str, severity: str = "", by_time: bool = False) -> Finding:
    """What a check yields of variables that are to be unset, and that `--fix` may unset. See Finding and AutoFix."""
    fix = AutoFix(unset=names, by_time=by_time)
    return problem(what, *evidence, fix=f"unset {' '.join(names)}", severity=severity, auto_fix=fix)


#: The check of a finding that its check has not passed on yet.
_UNKNOWN = Check("", NOTE, "", "", "", (), False, lambda context: iter(()))
