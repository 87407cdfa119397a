"""Traces and traps get no secret, and functions and aliases named like builtins have no effect."""

from __future__ import annotations

import pytest
from support.homes import Home
from support.shells import LOAD, run

pytestmark = pytest.mark.shell

LINES = """
awsenv assume project1
awsenv refresh
awsenv check
(eval "$(awsenv assume chained)")
env | grep '^AWS_S[ES]' >secrets
awsenv clear
"""

#: They log each command, some also those inside our functions, whose text must not contain a secret.
LOGS = {
    "bash": {
        "set -x": "set -x",
        "set -xv": "set -xv",
        "a trace in a file": "exec 9>&2; BASH_XTRACEFD=9; set -x",
        "a DEBUG trap": "trap 'echo \"LOG $BASH_COMMAND\" >&2' DEBUG",
        "functrace": "set -T; trap 'echo \"LOG $BASH_COMMAND\" >&2' DEBUG",
        "traced functions": "declare -ft $(compgen -A function); trap 'echo \"LOG $BASH_COMMAND\" >&2' DEBUG",
        "one traced function": "declare -ft awsenv __awsenv_change; trap 'echo \"LOG $BASH_COMMAND\" >&2' DEBUG",
        "extdebug": "shopt -s extdebug; trap 'echo \"LOG $BASH_COMMAND\" >&2' DEBUG",
        "a RETURN trap": "set -T; trap 'echo \"LOG $BASH_COMMAND $(declare -f)\" >&2' RETURN",
        "an ERR trap": "set -E; trap 'echo \"LOG $BASH_COMMAND\" >&2' ERR; false",
        "all of it": "set -xvTE; shopt -s extdebug; trap 'echo \"LOG $BASH_COMMAND\" >&2' DEBUG RETURN ERR",
    },
    "zsh": {
        "set -x": "set -x",
        "set -xv": "set -xv",
        "a DEBUG trap": "trap 'print -r \"LOG $ZSH_DEBUG_CMD\" >&2' DEBUG",
        "before": "setopt debug_before_cmd; trap 'print -r \"LOG $ZSH_DEBUG_CMD\" >&2' DEBUG",
        "TRAPDEBUG": 'setopt debug_before_cmd; TRAPDEBUG() { print -r "LOG $ZSH_DEBUG_CMD" >&2; }',
        "traced functions": "functions -T awsenv __awsenv_change; set -x",
        "TRAPZERR": 'TRAPZERR() { print -r "LOG $ZSH_DEBUG_CMD" >&2; }; false',
    },
}


@pytest.mark.parametrize(("shell", "log"), [(shell, log) for shell, logs in LOGS.items() for log in logs])
def test_no_log_of_commands_has_a_secret(shell: str, log: str, home: Home) -> None:
    result = run(shell, f"{LOGS[shell][log]}\n{LINES}", home)
    secrets = [line.partition("=")[2] for line in (home.path / "secrets").read_text().splitlines()]
    assert len(secrets) == 2
    assert "awsenv check" in result.err or "LOG" in result.err, "it logs"
    for secret in secrets:
        assert secret not in result.err + result.out, log


@pytest.mark.parametrize("trap", ["DEBUG", "RETURN", "ERR"])
def test_a_trap_of_bash_gets_no_secret_of_a_raw_line(trap: str, home: Home) -> None:
    lines = f"trap 'echo \"LOG $BASH_COMMAND\" >&2' {trap}\neval \"$(awsenv assume project1)\"\nenv | grep '^AWS_S[ES]'"
    result = run("bash", lines, home, load=False)
    secrets = [line.partition("=")[2] for line in result.out.splitlines()]
    assert len(secrets) == 2
    assert not [secret for secret in secrets if secret in result.err]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_failing_log_does_not_stop_a_change(shell: str, home: Home) -> None:
    trap = "shopt -s extdebug; trap false DEBUG" if shell == "bash" else "TRAPDEBUG() { return 0; }"
    result = run(
        shell, f"{trap.replace('trap false', 'trap true')}\nawsenv assume project1\necho $? $AWSENV_PROFILE", home
    )
    assert result.out == "0 project1\n"


LINE_OF_THE_PAGE = 'eval "$(awsenv assume project1)"'

#: Builtins and reserved words in our scripts and snippets.
NAMES = (
    "export",
    "unset",
    "printf",
    "test",
    "[",
    "local",
    "eval",
    "return",
    "set",
    "shopt",
    "declare",
    "typeset",
    "print",
    "trap",
)
HIJACKED = {
    "bash": {
        "an alias": "shopt -s expand_aliases; alias '{name}'='echo HIJACKED'",
        "a function": '{name}() {{ command echo HIJACKED "$@"; }}',
    },
    "zsh": {
        "an alias": "alias '{name}'='echo HIJACKED'",
        "a global alias": "alias -g '{name}'='echo HIJACKED'",
        "a function": 'function {name} {{ command echo HIJACKED "$@"; }}',
    },
}


@pytest.mark.parametrize(("shell", "kind"), [(shell, kind) for shell, kinds in HIJACKED.items() for kind in kinds])
def test_a_raw_line_uses_the_builtins_themselves(shell: str, kind: str, home: Home) -> None:
    """A redefined `export`, as in `alias export='echo'`, would show the secrets. (A redefined `eval` gets all of them.)"""
    for name in set(NAMES) - {"eval"}:
        before = HIJACKED[shell][kind].format(name=name)
        count = "env | grep -c '^AWS_S[ES]'"
        lines = "eval 'eval \"$(awsenv assume project1)\"'\n" + count + "\neval 'eval \"$(awsenv clear)\"'\n" + count
        script = f"{before}\n{lines}"
        result = run(shell, script, home, load=False)
        assert (result.out, result.err) == ("2\n0\n", ""), name


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_integration_shows_no_secret_to_an_alias(shell: str, home: Home) -> None:
    for name in ("export", "unset", "local", "printf", "return", "set"):
        before = HIJACKED[shell]["an alias"].format(name=name)
        script = f"{before}\neval '{LOAD[shell]}'\neval 'awsenv assume project1'\nenv | grep '^AWS_S[ES]' >secrets; eval 'awsenv clear'"
        result = run(shell, script, home, load=False)
        secrets = [line.partition("=")[2] for line in (home.path / "secrets").read_text().splitlines()]
        assert not [secret for secret in secrets if secret in result.out + result.err], name
        if shell == "bash":
            assert (len(secrets), result.out, result.err) == (2, "", ""), name


@pytest.mark.parametrize("kind", ["an alias", "a global alias"])
def test_an_alias_made_after_init_does_not_affect_a_change_in_zsh(kind: str, home: Home) -> None:
    for name in set(NAMES) - {"eval"}:
        before = HIJACKED["zsh"][kind].format(name=name)
        result = run("zsh", f"{before}\neval 'awsenv assume project1'\nenv | grep -c '^AWS_S[ES]'", home)
        assert (result.out, result.err) == ("2\n", ""), name


@pytest.mark.parametrize(
    "name", ["export", "unset", "printf", "test", "[", "local", "set", "eval", "shopt", "trap", "read", "command"]
)
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_integration_works_beside_functions_named_as_builtins(shell: str, name: str, home: Home) -> None:
    before = HIJACKED[shell]["a function"].format(name=name)
    if name == "command":
        before = "command() { builtin echo HIJACKED; }"
    if name == "local" and shell == "zsh":  # a reserved word in zsh
        before = ""
    lines = ["awsenv assume project1"] + ([LINE_OF_THE_PAGE] if name != "eval" else [])
    for line in lines:
        script = (
            f"{before}\n{line}\nawsenv check >out\nenv | grep -c '^AWS_S[ES]'\nawsenv clear\nenv | grep -c '^AWS_S[ES]'"
        )
        result = run(shell, script, home)
        assert (result.out, result.err) == ("2\n0\n", "")
