"""Check of the hooks of the integration in this shell."""

from __future__ import annotations

from collections.abc import Iterator

from awsenv import dialects
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.context import Context

#: The shell function sets it for the doctor alone: only the shell itself can see its hooks. See shells/.
LOST = "_AWSENV_HOOKS_LOST"


@check
def prompt_hooks_lost(context: Context) -> Iterator[Finding]:
    shell = context.environ.get(LOST, "")
    if shell in dialects.hooked():
        yield problem(f"awsenv's hooks had been removed from this {shell}; this command has put them back")
