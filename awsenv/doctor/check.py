"""A check of the doctor, and its findings.

The texts of the checks are in `checks/MODULE.ini`, in a section per check that has its id:

    [keys-expired]
    severity = error, warning or note
    cause = …           why it matters: one or two sentences
    fix = …             the command that fixes it in general, in bash's syntax
    remediation = …     what to do, or what to do before the command, in prose without a full stop
    causes = …          the ids of the meanings in `awsenv.explain` that it can cause
    online = yes        if it needs an answer from AWS
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
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

#: AWS or an SDK rejects requests now because of it.
ERROR = "error"
#: Will fail later, fails in some programs, or does not do what the user meant.
WARNING = "warning"
#: Worth knowing; nothing fails because of it.
NOTE = "note"

_COMMANDS = (
    *("awsenv ", "aws ", "unset ", "export ", "sudo ", "chmod "),
    *("nslookup ", "curl ", "date ", "printf ", "w32tm "),
)

_texts = cache(parsed)

Find: TypeAlias = "Callable[[Context], Iterator[Finding]]"
Prepare: TypeAlias = "Callable[[Context], Callable[[], None]]"


@dataclass(frozen=True)
class AutoFix:
    """A harmless fix that `--fix` applies.

    Attributes:
        unset: variables to unset in the shell.
        remove: cache entries to remove, unless another program has renewed them meanwhile.
        by_time: whether it is harmless only while this machine's clock is right.
    """

    unset: tuple[str, ...] = ()
    remove: tuple[Cached, ...] = ()
    by_time: bool = False


@dataclass(frozen=True)
class Check:
    """One cause, and how to detect it.

    Attributes:
        id: stable, as scripts and the documentation name it.
        severity: ERROR, WARNING or NOTE.
        cause: why it matters, for the documentation and for a finding: one or two sentences.
        fix: the command that fixes it in general, in bash's syntax; may be empty.
        remediation: what to do, or what to do before the command, in prose without a full stop; may be empty.
        causes: the ids of the meanings in `awsenv.explain.meanings` that it can cause.
        online: whether it needs an answer from AWS.
        find: yields a `problem` for each thing that is wrong.
        prepare: starts slow work before the first check, and returns a function that stops it after the last one.
    """

    id: str
    severity: str
    cause: str
    fix: str
    remediation: str
    causes: tuple[str, ...]
    online: bool
    find: Find
    prepare: Prepare | None = None

    def look(self, context: Context) -> Iterator[Finding]:
        """Yield the findings, without secrets; what they do not say themselves is taken from the check."""
        for finding in self.find(context):
            own = bool(finding.fix or finding.remediation)
            yield replace(
                finding,
                check=self,
                what=hidden(finding.what),
                evidence=tuple(map(hidden, finding.evidence)),
                fix=hidden(finding.fix if own else self.fix),
                remediation=hidden(finding.remediation if own else self.remediation),
                severity=finding.severity or self.severity,
            )


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or worth knowing.

    Attributes:
        check: the check that found it.
        what: one sentence without a full stop: what is wrong, with which variable, profile or file. Never a secret.
        evidence: where it was seen, masked: `AWS_SESSION_TOKEN=…kQ3x`, `/home/ada/.aws/config:12`.
        fix: the one command that fixes it. A change of the shell itself is written for bash, as `unset NAME…` or
            `export NAME=VALUE`, and shown in the syntax of the user's shell.
        remediation: what to do, or what to do before the command, in prose without a full stop.
        severity: ERROR, WARNING or NOTE; empty for that of the check.
        auto_fix: what `--fix` does.
        fault: the error that kept the check from being made; then nothing was found.
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
        """The remediation and the command as one text."""
        return instructions(self.remediation, self.fix)


def instructions(remediation: str, fix: str) -> str:
    """Return a remediation and a command as one text."""
    return ": ".join(filter(None, (remediation, fix)))


def is_command(text: str) -> bool:
    """Whether a piece of advice is a command alone, and so can be copied whole."""
    return text.startswith(_COMMANDS) and not set(text) & set(",;:(`")


def check(find: Find) -> Check:
    """Make a check of a function. Its name gives the id, which is the section of its texts in `MODULE.ini`."""
    id = find.__name__.replace("_", "-")
    module = str(sys.modules[find.__module__].__file__)
    texts = dict(_texts(f"{os.path.splitext(module)[0]}.ini").items(id))
    cause, fix, remediation = (prose(texts, name) for name in ("cause", "fix", "remediation"))
    return Check(
        id, texts["severity"], cause, fix, remediation, tuple(texts.get("causes", "").split()), "online" in texts, find
    )


def prepared(prepare: Prepare) -> Callable[[Find], Check]:
    """Make a check of a function, with the preparation that it needs; see Check."""
    return lambda find: replace(check(find), prepare=prepare)


def problem(
    what: str,
    *evidence: str,
    fix: str = "",
    remediation: str = "",
    advice: str = "",
    severity: str = "",
    auto_fix: AutoFix | None = None,
) -> Finding:
    """Return a finding, for a check to yield. Without fix and remediation it gets those of the check.

    `advice` replaces these two: a command or prose, such as the advice of an error. For the rest see Finding.
    """
    if advice:
        fix, remediation = (advice, "") if is_command(advice) else ("", advice)
    return Finding(_UNKNOWN, what, evidence, fix, remediation, severity, auto_fix)


def correction(setting: str, *right: str) -> str:
    """Return the remediation for a wrong value: to write the first of these candidates; empty without one."""
    return f"write {setting} = {right[0]} in that line" if any(right) else ""


def leftover(what: str, names: tuple[str, ...], *evidence: str, severity: str = "", by_time: bool = False) -> Finding:
    """Return a finding about variables to unset, which `--fix` unsets. See Finding and AutoFix."""
    fix = AutoFix(unset=names, by_time=by_time)
    return problem(what, *evidence, fix=f"unset {' '.join(names)}", severity=severity, auto_fix=fix)


#: The check of a finding that `Check.look` has not yielded yet.
_UNKNOWN = Check("", NOTE, "", "", "", (), False, lambda context: iter(()))
