"""Variables that a shell does not let change: a change is made whole, or it fails and names the variable.

The tables of `support.changes` have the obstacles; every verb is tried with every kind of variable.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest
from support.changes import VARIABLES, VERBS, Attempt, attempts, fault_of, situations
from support.environment import PATIENCE
from support.homes import Home
from support.shells import BASH, DASH, ZSH, Shell

from awsenv import environment

READONLY = ("readonly", "readonly, not exported", "a readonly local")
#: zsh restores a variable that a local hides.
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
    faults: list[tuple[str, Attempt]] = []
    seen = 0
    for attempt in attempts(shell, home, directory, table, integrated=integrated):
        seen += 1
        session = sessions["chained" if attempt.verb == "assume chained" else "project1"]
        if fault := fault_of(attempt, session, refused):
            faults.append((fault, attempt))
    assert seen == len(table) * len(VARIABLES) * len(VERBS)
    assert not faults, "\n".join(f"{fault}: {attempt}" for fault, attempt in faults)


@pytest.mark.shell
@pytest.mark.parametrize("integrated", [False, True], ids=["raw", "integrated"])
@pytest.mark.parametrize(
    "shell",
    [BASH, replace(BASH, name="bash --posix", argv=["bash", "--posix", "--norc"]), ZSH],
    ids=lambda shell: shell.name,
)
def test_a_change_is_whole_or_names_the_variable(shell: Shell, integrated: bool, home: Home, tmp_path: Path) -> None:
    refused = OF_ZSH if shell.dialect == "zsh" else READONLY
    check(shell, home, tmp_path, refused, integrated=integrated)


@pytest.mark.shell
@pytest.mark.parametrize("shell", POSIX_SHELLS, ids=lambda shell: shell.name)
def test_a_change_in_sh_is_whole_or_names_the_variable(shell: Shell, home: Home, tmp_path: Path) -> None:
    check(shell, home, tmp_path, READONLY)


@pytest.mark.slow
@pytest.mark.parametrize("shell", MORE_SHELLS, ids=lambda shell: shell.name)
def test_a_change_in_other_shells_is_whole_or_names_the_variable(shell: Shell, home: Home, tmp_path: Path) -> None:
    check(shell, home, tmp_path, READONLY)


@pytest.mark.shell
@pytest.mark.parametrize("shell", [BASH, ZSH, *POSIX_SHELLS], ids=lambda shell: shell.name)
def test_a_readonly_variable_with_the_right_value_is_no_obstacle(shell: Shell, home: Home) -> None:
    """As on a host that fixes the region; children inherit it afterwards."""
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
def test_a_raw_line_beside_the_function_names_the_variable_once(shell: Shell, before: str, home: Home) -> None:
    line = shell.evaluate.format(command="awsenv assume project1")
    result = shell.run(f'{before}\n{line} && echo WENT ON\necho "$? <${{AWS_ACCESS_KEY_ID-}}>"', home)
    assert result.out == "1 <>\n"
    assert result.err.count(" cannot be changed in this shell") == 1


#: Prevents exports, but no other command.
NO_EXPORTS = {
    "bash: set -k": (BASH, "set -k"),
    "bash: a disabled builtin": (BASH, "enable -n export"),
    "bash: two disabled builtins": (BASH, "enable -n export return"),
    "zsh: a disabled builtin": (ZSH, "disable export"),
    "zsh: two disabled builtins": (ZSH, "disable export return"),
    "sh: set -k": (POSIX_SHELLS[1], "set -k"),
}


@pytest.mark.shell
@pytest.mark.parametrize("kind", NO_EXPORTS)
def test_a_change_that_exports_nothing_fails(kind: str, home: Home) -> None:
    shell, before = NO_EXPORTS[kind]
    loads = (False,) if "return" in before else (False, True)  # the functions of the integration need it
    lines = {f"raw {load}": (shell.evaluate.format(command="awsenv assume project1"), load) for load in loads}
    if shell in (BASH, ZSH) and True in loads:
        lines["integrated"] = ("awsenv assume project1", True)
    secrets = [home.exported("project1")[name] for name in environment.SECRETS[:2]]
    for label, (line, load) in lines.items():
        result = shell.run(
            f"{before}\n{line}; test $? -eq 0; echo status $?; env | grep -c ^AWS_SECRET", home, load=load
        )
        assert result.out.endswith(("status 1\n0\n", "status 0\n1\n")), (label, result)
        assert label == "integrated" or "AWS_ACCESS_KEY_ID be changed" in result.err, (label, result)
        assert not [secret for secret in secrets if secret in result.out + result.err], label


@pytest.mark.slow
@pytest.mark.parametrize("shell", [*POSIX_SHELLS, *MORE_SHELLS], ids=lambda shell: shell.name)
def test_sh_reports_a_change_at_a_terminal_after_it_is_made(shell: Shell, home: Home) -> None:
    """ksh93 reads the output of a command from a file without a name, the other shells from a pipe."""
    line = shell.evaluate.format(command="awsenv assume project1")
    for before, expected in (("", "awsenv: project1: "), ("readonly AWS_SESSION_TOKEN=q", " cannot be changed in")):
        command = shlex.join([*shell.inline(), f"{before}\n{line}; echo $?"])
        environment = {**home.environment(), **shell.variables}
        text = pexpect.run(command, env=environment, cwd=str(home.path), timeout=PATIENCE, encoding="utf-8")
        assert text.splitlines()[-1] == ("1" if before else "0"), text
        assert expected in text
        assert text.count("awsenv: ") == 1, text


#: They split numbers, names, or nothing.
SEPARATORS = ("IFS=0123456789", "IFS=AW_", "IFS=", "unset IFS", "IFS=; readonly IFS")


@pytest.mark.shell
@pytest.mark.parametrize("shell", [BASH, ZSH, *POSIX_SHELLS], ids=lambda shell: shell.name)
def test_a_change_does_not_depend_on_ifs(shell: Shell, home: Home) -> None:
    raw = shell.evaluate.format(command="awsenv assume project1")
    for before in SEPARATORS:
        for load in (False, True) if shell in (BASH, ZSH) else (False,):
            lines = [raw, "awsenv assume project1", "awsenv check >/dev/null"] if load else [raw]
            for line in lines:
                after = f'{line}; test "$?" -eq 0 && echo good "$AWSENV_PROFILE"'
                script = f"{raw if line.endswith('null') else ''}\n{before}\n{after}"
                result = shell.run(script, home, load=load)
                assert (result.out, result.err) == ("good project1\n", ""), (before, line)


@pytest.mark.shell
@pytest.mark.parametrize("shell", [BASH, ZSH], ids=lambda shell: shell.name)
def test_a_script_may_have_readonly_variables_of_plain_names(shell: Shell, home: Home) -> None:
    names = "name names value text left level color rest front item parent fd minutes seconds stays foreign note threshold last"
    result = shell.run(
        f"readonly {names}\nawsenv assume project1; awsenv check >/dev/null; echo $?\n"
        f'eval "$(awsenv assume chained)"; echo $? $AWSENV_PROFILE\nawsenv clear; echo $? $AWSENV_PROFILE',
        home,
    )
    assert (result.out, result.err) == ("0\n0 chained\n0\n", "")


@pytest.mark.shell
@pytest.mark.parametrize("shell", [BASH, ZSH], ids=lambda shell: shell.name)
def test_a_raw_line_beside_the_function_fails_without_the_program(shell: Shell, lone: Home) -> None:
    result = shell.run('__awsenv_program=/nowhere\neval "$(awsenv assume project1)" && echo WENT ON; echo $?', lone)
    assert result.out in ("126\n", "127\n")
