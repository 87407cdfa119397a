"""Check of the hooks of the integration in this shell."""

from __future__ import annotations

from collections.abc import Iterator

from awsenv import dialects
from awsenv.doctor.check import WARNING, Finding, check, problem
from awsenv.doctor.context import Context

__all__: list[str] = []

#: The shell function sets it for the doctor alone: only the shell itself can see its hooks. See shells/.
LOST = "_AWSENV_HOOKS_LOST"


@check(
    "prompt-hooks-lost",
    WARNING,
    cause=(
        "A later line of a start-up file assigns PROMPT_COMMAND or precmd_functions anew, and with them awsenv's hook "
        "is gone: no segment in the prompt, no warning before the credentials expire."
    ),
    remediation="move awsenv's line to the end of the start-up file",
)
def prompt_hooks_lost(context: Context) -> Iterator[Finding]:
    shell = context.environ.get(LOST, "")
    if shell in dialects.hooked():
        yield problem(f"awsenv's hooks had been removed from this {shell}; this command has put them back")
