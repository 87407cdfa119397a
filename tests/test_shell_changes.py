"""What a shell does not let change: the change is made whole, or it fails and names the variable.

The tables of `support.changes` say what can be in its way; every verb is tried with every kind of variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.changes import VARIABLES, VERBS, Outcome, outcomes, situations, wrong
from support.homes import Home
from support.shells import BASH, DASH, ZSH, Shell

READONLY = ("readonly", "readonly, not exported", "a readonly local")
#: zsh brings back what a local hides.
OF_ZSH = (*READONLY, "a local", "a local of a caller")

POSIX_SHELLS = [
    DASH,
    replace(DASH, name="bash as sh", argv=["bash", "--posix"]),
    replace(DASH, name="zsh as sh", argv=["zsh", "--emulate", "sh", "-f"]),
]
MORE_SHELLS = [
    replace(DASH, name="busybox", argv=["busybox", "sh"]),
    replace(DASH, name="mksh", argv=["mksh"]),
    replace(DASH, name="ksh93", argv=["ksh93"]),
    replace(DASH, name="yash", argv=["yash"]),
    replace(DASH, name="posh", argv=["posh"]),
]


def check(shell: Shell, home: Home, directory: Path, refused: Sequence[str], *, integrated: bool = False) -> None:
    """Try the whole table in a shell."""
    sessions = {name: home.exported(name) for name in ("project1", "chained")}
    table = situations(shell, ksh=shell.name in ("mksh", "ksh93"))
    faults: list[tuple[str, Outcome]] = []
    seen = 0
    for outcome in outcomes(shell, home, directory, table, integrated=integrated):
        seen += 1
        session = sessions["chained" if outcome.verb == "assume chained" else "project1"]
        if fault := wrong(outcome, session, refused):
            faults.append((fault, outcome))
    assert seen == len(table) * len(VARIABLES) * len(VERBS)
    assert not faults, "\n".join(f"{fault}: {outcome}" for fault, outcome in faults)


@pytest.mark.shell
@pytest.mark.parametrize("integrated", [False, True], ids=["raw", "integrated"])
@pytest.mark.parametrize(
    "shell",
    [BASH, replace(BASH, name="bash --posix", argv=["bash", "--posix", "--norc"]), ZSH],
    ids=lambda shell: shell.name,
)
def test_a_change_is_whole_or_names_what_refuses(shell: Shell, integrated: bool, home: Home, tmp_path: Path) -> None:
    refused = OF_ZSH if shell.dialect == "zsh" else READONLY
    check(shell, home, tmp_path, refused, integrated=integrated)


@pytest.mark.shell
@pytest.mark.parametrize("shell", POSIX_SHELLS, ids=lambda shell: shell.name)
def test_a_change_in_sh_is_whole_or_names_what_refuses(shell: Shell, home: Home, tmp_path: Path) -> None:
    check(shell, home, tmp_path, READONLY)


@pytest.mark.slow
@pytest.mark.parametrize("shell", MORE_SHELLS, ids=lambda shell: shell.name)
def test_a_change_in_other_shells_is_whole_or_names_what_refuses(shell: Shell, home: Home, tmp_path: Path) -> None:
    check(shell, home, tmp_path, READONLY)


@pytest.mark.shell
@pytest.mark.parametrize("shell", [BASH, ZSH, *POSIX_SHELLS], ids=lambda shell: shell.name)
def test_a_readonly_variable_that_is_right_already_refuses_nothing(shell: Shell, home: Home) -> None:
    """A host that fixes the region is no obstacle to a profile of that region; children see it afterwards."""
    script = f"""
AWS_REGION=eu-central-1; readonly AWS_REGION
{shell.evaluate.format(command="awsenv assume project1")}; echo $?
env | grep '^AWS.*REGION=' | sort
{shell.evaluate.format(command="awsenv assume chained")}; echo $? $AWSENV_PROFILE
"""
    result = shell.run(script, home, load=False)
    region = "eu-central-1"
    names = ("AWSENV_REGION", "AWS_DEFAULT_REGION", "AWS_REGION")
    assert result.out.splitlines() == ["0", *(f"{name}={region}" for name in names), "1 project1"]
    assert result.err.count("AWS_REGION cannot be changed in this shell") == 1


@pytest.mark.shell
@pytest.mark.parametrize("shell", [BASH, ZSH], ids=lambda shell: shell.name)
@pytest.mark.parametrize("before", ["readonly AWS_REGION=q", "readonly AWS_PROFILE=q", "readonly AWSENV_KEY=q"])
def test_a_raw_line_beside_the_function_names_what_refuses_once(shell: Shell, before: str, home: Home) -> None:
    line = shell.evaluate.format(command="awsenv assume project1")
    result = shell.run(f'{before}\n{line} && echo WENT ON\necho "$? <${{AWS_ACCESS_KEY_ID-}}>"', home)
    assert result.out == "1 <>\n"
    assert result.err.count(" cannot be changed in this shell") == 1
