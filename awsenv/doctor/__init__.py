"""The doctor: every known cause of an expired or invalid token, each looked for by a small function of its own.

A check is a function with a stable id (`doctor.check`). To add one: write it in the module of its kind, the most likely
causes first, and it is in CHECKS; `docs/doctor.md` is generated from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from awsenv.doctor import caches, chains, clock, files, keys, network, sources, tools, variables
from awsenv.doctor.check import ERROR, NOTE, WARNING, Check, Finding
from awsenv.doctor.scene import Scene, UnreadableError

__all__ = ["CHECKS", "examine"]

#: Every check, in the order in which they are likely to be the cause.
CHECKS: tuple[Check, ...] = tuple(
    value
    for module in (variables, keys, files, caches, chains, sources, clock, network, tools)
    for value in vars(module).values()
    if isinstance(value, Check)
)

_SEVERITIES = (ERROR, WARNING, NOTE)


def examine(
    scene: Scene, checks: Sequence[Check] = CHECKS, tell: Callable[[str], None] = lambda text: None
) -> list[Finding]:
    """What is wrong, the most likely cause first.

    Args:
        scene: what to look at.
        checks: those to make.
        tell: is given what is being done, for a person who waits.
    """
    if not scene.offline and any(check.online for check in checks):
        tell("asking AWS")
        scene.ask()
    findings: list[Finding] = []
    for check in checks:
        if check.online and scene.offline:
            continue
        try:
            findings += check.look(scene)
        except UnreadableError:  # a check of its own says so
            continue
    return sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))
