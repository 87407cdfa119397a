"""The doctor: every known cause of an expired or invalid token, each looked for by a small function of its own.

A check is a function with a stable id (`doctor.check`). To add one: write it in the module of its kind, the most likely
causes first, and it is in CHECKS; `docs/doctor.md` is generated from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from awsenv.doctor.check import ERROR, NOTE, WARNING, Check, Finding
from awsenv.doctor.checks import caches, chains, clock, files, keys, network, sources, tools, variables
from awsenv.doctor.context import Scene, UnreadableError
from awsenv.result import AwsenvError

__all__ = ["CHECKS", "KINDS", "examine"]

#: What the checks are about -> those checks, in the order in which they are likely to be the cause.
KINDS: dict[str, tuple[Check, ...]] = {
    kind: tuple(value for value in vars(module).values() if isinstance(value, Check))
    for kind, module in {
        "The variables of this shell": variables,
        "The exported keys": keys,
        "The AWS files": files,
        "The caches": caches,
        "Roles and the profiles that they draw on": chains,
        "Other sources of credentials": sources,
        "The clock": clock,
        "The network, and what AWS says": network,
        "The AWS CLI and the SDKs": tools,
    }.items()
}

#: Every check, in that order.
CHECKS: tuple[Check, ...] = tuple(check for checks in KINDS.values() for check in checks)

_SEVERITIES = (ERROR, WARNING, NOTE)


def examine(
    scene: Scene, checks: Sequence[Check] = CHECKS, tell: Callable[[str], None] = lambda text: None
) -> list[Finding]:
    """What is wrong, the most likely cause first.

    A check that fails is a finding, too, with its `fault`, and keeps none of the others from looking.

    Args:
        scene: what to look at.
        checks: those to make.
        tell: is given what is being done, for a person who waits.
    """
    findings: list[Finding] = []
    online = [check for check in checks if check.online]
    if scene.offline:
        checks = [check for check in checks if not check.online]
    elif online:
        tell("asking AWS")
        try:
            scene.ask()
        except UnreadableError:  # a check of its own says so
            pass
        except Exception as error:
            findings.append(_fault(online[0], error))
            checks = [check for check in checks if not check.online]
    for check in checks:
        tell(f"looking for {check.id}")
        try:
            findings += check.look(scene)
        except UnreadableError:
            continue
        except Exception as error:
            findings.append(_fault(check, error))
    of_clock = {id(one) for one in findings if one.check in KINDS["The clock"] and one.severity != NOTE}
    if of_clock:  # then nobody knows what has expired
        findings = [replace(one, fix=None) if one.fix and one.fix.by_time else one for one in findings]
        findings.sort(key=lambda one: id(one) not in of_clock)
    return sorted(findings, key=lambda one: _SEVERITIES.index(one.severity))


def _fault(check: Check, error: Exception) -> Finding:
    """What a check ends with that should not: nobody knows then whether there is something wrong."""
    if isinstance(error, AwsenvError):
        return Finding(check, f"could not be looked for: {error.what}", error.cure, (), WARNING, None, error)
    what = f"could not be looked for: unexpected {type(error).__name__}"
    cure = "run awsenv doctor again with --debug and tell us: it is a fault of awsenv"
    return Finding(check, what, cure, (), WARNING, None, error)
