"""What a check is, and what it finds: the words in which every cause of an expired or invalid token is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsenv.system.redaction import hidden

if TYPE_CHECKING:
    from awsenv.doctor.context import Scene
    from awsenv.report.session_cache import Cached

__all__ = ["ERROR", "NOTE", "WARNING", "Check", "Finding", "Fix", "check", "found"]

#: AWS refuses requests because of it, now.
ERROR = "error"
#: It will, or it does for some programs, or something else is meant than is done.
WARNING = "warning"
#: Worth knowing; nothing fails by it.
NOTE = "note"


@dataclass(frozen=True)
class Fix:
    """A harmless cure that `--fix` applies.

    Attributes:
        unset: variables to take out of the shell's environment.
        remove: entries of the cache to remove, unless somebody renews them before.
        by_time: whether it is harmless only if this machine's clock is right.
    """

    unset: tuple[str, ...] = ()
    remove: tuple[Cached, ...] = ()
    by_time: bool = False


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or worth knowing.

    Attributes:
        check: which check has found it.
        what: one sentence without a full stop: what is so, which variable, profile or file. Never a secret.
        cure: the one command that cures it, or else what to do; without a full stop. What only the shell itself can do
            is written as for bash, `unset NAME…` and `export NAME=VALUE`: it is shown as the shell in question has it.
        evidence: where it was seen, masked: `AWS_SESSION_TOKEN=…kQ3x`, `/home/ada/.aws/config:12`.
        severity: the check's own, unless this case is another.
        fix: what `--fix` would do.
        fault: why the check could not look, if that is what is said here: nothing was found then.
    """

    check: Check
    what: str
    cure: str
    evidence: tuple[str, ...]
    severity: str
    fix: Fix | None
    fault: Exception | None = None


@dataclass(frozen=True)
class Check:
    """One cause, and how it is looked for.

    Attributes:
        id: stable: scripts and the documentation name it.
        severity: ERROR, WARNING or NOTE.
        cause: why it hurts, for the documentation and for a finding: one or two sentences.
        cure: what cures it, in general.
        errors: the codes and texts of the errors that it causes, as `awsenv explain` knows them.
        online: whether AWS is asked for it.
        look: looks for it.
    """

    id: str
    severity: str
    cause: str
    cure: str
    errors: tuple[str, ...]
    online: bool
    look: Callable[[Scene], Iterator[Finding]]


def check(
    id: str, severity: str, *, cure: str, errors: tuple[str, ...] = (), online: bool = False
) -> Callable[[Callable[[Scene], Iterator[Found]]], Check]:
    """Make a check of a function that is given the scene and yields what it has `found`. Its docstring is the cause."""

    def made(look: Callable[[Scene], Iterator[Found]]) -> Check:
        def findings(scene: Scene) -> Iterator[Finding]:
            for one in look(scene):
                what, remedy, evidence = hidden(one.what), hidden(one.cure or cure), tuple(map(hidden, one.evidence))
                yield Finding(this, what, remedy, evidence, one.severity or severity, one.fix)

        cause = " ".join((look.__doc__ or "").split())
        this = Check(id, severity, cause, cure, errors, online, findings)
        return this

    return made


@dataclass(frozen=True)
class Found:
    """What a check yields; where it says nothing, the check's own words hold. See Finding."""

    what: str
    evidence: tuple[str, ...]
    cure: str
    severity: str
    fix: Fix | None


def found(what: str, *evidence: str, cure: str = "", severity: str = "", fix: Fix | None = None) -> Found:
    """What a check yields."""
    return Found(what, evidence, cure, severity, fix)
