"""A change of the shell is made whole, or it fails and names the variable, whatever the caller did to its variables.

The table is generated: situations of one variable or of all, x shells x variables x verbs, raw and integrated.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.homes import CONFIG, Home
from support.programs import BIN
from support.shells import CMD, FISH, POWERSHELL, PROBE, Shell

from awsenv import environment

pytestmark = pytest.mark.shell


@dataclass(frozen=True)
class Situation:
    """The caller's code around the line that changes the shell.

    Attributes:
        around: the lines, with {name} of a variable, the {line} and the {probe} after it.
        undo: reverts it.
        refused: whether the shell cannot make the change, so that the line must fail and name the variable.
        first: the lines before the integration is loaded.
    """

    around: str
    undo: str = ""
    refused: bool = False
    first: str = ""


PLAIN = Situation("{line}\n{probe}")
IN_FUNCTION = "function caller\n{0}\n{{line}}\n{{probe}}\nend\ncaller"
HANDLER = (
    "function handler --on-variable {name}\nset -q busy; and return\nset -g busy\nset -gx {name} other\nset -eg busy\nend\n"
    "set -gx {name} old\n{line}\n{probe}"
)
OF_FISH = {
    "a global": Situation("set -gx {name} old\n{line}\n{probe}"),
    "not exported": Situation("set -g {name} old\n{line}\n{probe}"),
    "a list": Situation("set -gx {name} old older\n{line}\n{probe}"),
    "a path": Situation("set -gx --path {name} old older\n{line}\n{probe}"),
    "a caller's exported local": Situation(IN_FUNCTION.format("set -lx {name} old")),
    "a caller's local": Situation(IN_FUNCTION.format("set -l {name} old")),
    "a caller's empty local": Situation(IN_FUNCTION.format("set -lx {name}")),
    "locals in blocks": Situation(
        IN_FUNCTION.format("set -lx {name} old\nif true\nbegin\nset -lx {name} older").replace(
            "{probe}", "end\nend\n{probe}"
        )
    ),
    "before the command": Situation("{name}=old {line}\n{probe}"),
    "an unexported universal": Situation("set -U {name} old\n{line}\n{probe}", undo="set -eU {name}"),
    "a universal": Situation("set -Ux {name} old\n{line}\n{probe}", undo="set -eU {name}", refused=True),
    "an event handler": Situation(HANDLER, undo="functions -e handler", refused=True),
    "functions named like builtins": Situation(
        "for each in printf echo source contains count path math\n"
        "function $each\ncommand echo LOG $argv >&2\nend\nend\n{line}\n{probe}",
        undo="functions -e printf echo contains count path math source",
    ),
}
CMDLETS = "'Set-Item', 'Remove-Item', 'Get-Content', 'Set-Variable', 'Get-Variable', 'Write-Warning', 'Select-Object', 'Where-Object'"
OF_POWERSHELL = {
    "a value": Situation("$env:{name} = 'old'\n{line}\n{probe}"),
    "-WhatIf": Situation("$WhatIfPreference = $true\n{line}\n$WhatIfPreference = $false\n{probe}"),
    "-Confirm": Situation("$ConfirmPreference = 'Low'\n{line}\n$ConfirmPreference = 'High'\n{probe}"),
    "-Verbose -Debug": Situation("$VerbosePreference = $DebugPreference = 'Continue'\n{line}\n{probe}"),
    "default parameters": Situation(
        "$PSDefaultParameterValues = @{{'*:WhatIf' = $true; '*:Verbose' = $true; '*:ErrorAction' = 'Stop'}}\n"
        "{line}\n$PSDefaultParameterValues = @{{}}\n{probe}"
    ),
    "functions named like cmdlets": Situation(
        f'foreach ($each in {CMDLETS}) {{{{ New-Item "Function:global:$each" -Value {{{{ "LOG $args" }}}} -Force | Out-Null }}}}\n'
        "{line}\n{probe}",
        undo=f'foreach ($each in {CMDLETS}) {{{{ Microsoft.PowerShell.Management\\Remove-Item "Function:$each" }}}}',
    ),
    "read-only variables": Situation(
        "foreach ($each in 'name', 'value', 'line', 'code', 'change') {{ "
        "New-Variable $each old -Option ReadOnly -Scope Global -Force }}\n{line}\n{probe}"
    ),
    "constrained language": Situation(
        "{line}\n{probe}", first="$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'"
    ),
    "Stop": Situation("$ErrorActionPreference = 'Stop'\n{line}\n$ErrorActionPreference = 'Continue'\n{probe}"),
}
OF_CMD = {
    "a value": Situation("set {name}=old\n{line}\n{probe}"),
    "another case": Situation('set "{name}="\nset "aWs_ProFile=old"\n{line}\n{probe}'),
    "an odd value": Situation('set "{name}=a&b^c (x) =;,"\n{line}\n{probe}'),
    "in a block": Situation("set {name}=old\nif 1==1 (\n{line}\n)\n{probe}"),
    "with echo on": Situation("@echo on\n{line}\n@echo off\n{probe}"),
}
SITUATIONS = [
    pytest.param(
        shell,
        label,
        situation,
        integrated,
        id=f"{shell.name}-{label}-{'integrated' if integrated else 'raw'}",
        marks=() if shell is FISH else pytest.mark.slow,
    )
    for shell, table in ((FISH, OF_FISH), (POWERSHELL, OF_POWERSHELL), (CMD, OF_CMD))
    for label, situation in table.items()
    for integrated in (False, True)
]
#: A variable that assume unsets, a secret that it sets, and one that displaces the user's.
NAMES = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION")
VERBS = ("assume temporary", "refresh", "clear")
UNSET_BY_CLEAR = (*environment.CREDENTIALS, *environment.STALE_VARIABLES, *environment.OWN)
SECRETS = ("abcdefghijklmnopqrstuvwxyz0123456789ABCD", "FwoGtemporary/token+of==")


@pytest.mark.parametrize(("shell", "label", "situation", "integrated"), SITUATIONS)
def test_a_change_is_whole_or_fails(
    shell: Shell, label: str, situation: Situation, integrated: bool, lone: Home, tmp_path: Path
) -> None:
    lone.write(CONFIG.replace("[profile temporary]", "[profile temporary]\nregion = eu-north-1"))
    if not integrated:  # the raw line itself is `… | source`
        situation = replace(situation, around=situation.around.replace("echo source ", "echo "))
    lines = [situation.first, *shell.prologue(integrated)]
    names = NAMES if shell is FISH else NAMES[::2]  # the other shells take seconds for each line
    cases = [(name, verb) for name in names for verb in VERBS]
    for name, verb in cases:
        if verb != "assume temporary":
            lines.append(shell.line("assume temporary", integrated))
        snapshot = f"{name}-{verb.partition(' ')[0]}"
        probe = shell.probe.format(probe=_probe(shell), name=snapshot, rest="-")
        around = situation.around.format(name=name, line=shell.line(verb, integrated), probe=probe)
        lines += [*around.splitlines(), situation.undo.format(name=name), shell.line("clear", integrated)]
    one = _with_universals(shell)
    programs = {"awsenv-core" if integrated else "awsenv": [str(BIN / "awsenv")]}
    snapshots, output = one.record(tmp_path / "work", lines, lone.environment(NO_COLOR="1"), programs)
    for secret in SECRETS:
        assert secret not in output.out + output.err, "a secret is shown"
    for name, verb in cases:
        after = snapshots[f"{name}-{verb.partition(' ')[0]}"]
        case = f"{name} {label} {verb}: {output.err}"
        sets = verb != "clear" and name != "AWS_PROFILE"
        refused = (
            situation.refused and not (label == "a universal" and sets) and not (verb == "clear" and name in USERS)
        )
        if shell is not CMD or integrated:  # `for /f` has no status
            assert after.failed == refused, case
        if refused:
            assert f"{name} " in output.err, case
        elif verb == "clear":
            assert not set(UNSET_BY_CLEAR) & set(after.aws), case
        else:
            assert after.aws["AWS_ACCESS_KEY_ID"] == "ASIAQWERTYUIOPASDFGH", case
            assert after.aws["AWS_SESSION_TOKEN"] == SECRETS[1], case
            assert after.aws["AWS_REGION"] == after.aws["AWS_DEFAULT_REGION"] == "eu-north-1", case
            assert after.aws["AWSENV_PROFILE"] == "temporary", case
            assert not {"AWS_PROFILE", *environment.STALE_VARIABLES} & set(after.aws), case


USER_VARIABLES = {
    "nothing": ("", ""),
    "the user's": ("set -gx AWS_PROFILE mine; set -gx AWS_REGION home", "mine home"),
}


@pytest.mark.parametrize("line", ["AWS_PROFILE=other awsenv assume temporary", "callers"])
@pytest.mark.parametrize("before", USER_VARIABLES)
def test_clear_restores_no_profile_of_one_command_alone(before: str, line: str, lone: Home) -> None:
    lone.config.parent.mkdir()
    lone.config.write_text(CONFIG)
    setup, expected = USER_VARIABLES[before]
    callers = "function callers; set -lx AWS_PROFILE other; awsenv assume temporary; end"
    script = (
        f"{callers}\n{setup}\n{line}\necho $AWSENV_PROFILE $AWS_PROFILE\nawsenv clear\necho $AWS_PROFILE $AWS_REGION"
    )
    assert FISH.run(script, lone).out == f"temporary\n{expected}\n"


def test_a_snippet_that_fish_does_not_read_whole_is_a_failure(lone: Home) -> None:
    lone.config.parent.mkdir()
    lone.config.write_text(CONFIG)
    script = "set -g fish_read_limit 300\nawsenv assume temporary\necho $status $AWSENV_PROFILE\nawsenv assume temporary | source\necho $status"
    assert FISH.run(script, lone).out == "122\n1\n"


#: `clear` leaves these alone if they have been changed since.
USERS = ("AWS_PROFILE", "AWS_REGION")


def _probe(shell: Shell) -> str:
    return "probe" if shell is CMD else f"{sys.executable} {PROBE}"


def _with_universals(shell: Shell) -> Shell:
    """fish has universal variables only if it reads its configuration, which the homes of the tests lack."""
    return replace(shell, argv=["fish"]) if shell is FISH else shell
