"""`awsenv init SHELL --alias NAME`: a short name for `awsenv assume`."""

from __future__ import annotations

import pytest
from support.homes import Home
from support.shells import INTERACTIVE, LOAD, run


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_alias_runs_assume_until_init_off(shell: str, home: Home) -> None:
    load, off = (LOAD[shell].replace(f"init {shell}", f"init {shell} {option}") for option in ("--alias aa", "--off"))
    show = {"powershell": '"$env:AWSENV_PROFILE $env:AWSENV_OPTIONS"'}.get(
        shell, 'echo "$AWSENV_PROFILE $AWSENV_OPTIONS"'
    )
    gone = {
        "powershell": '"gone $(-not (Get-Command aa -ErrorAction Ignore))"',
        "fish": "functions -q aa; or echo gone True",
    }.get(shell, "typeset -f aa >/dev/null || echo gone True")
    result = run(shell, f"{load}\naa project1 -d 15m\n{show}\naa user1\naa -\n{show}\n{off}\n{gone}", home, load=False)
    assert result.out.splitlines() == ["project1 --duration=15m", "project1 --duration=15m", "gone True"], result.err


@pytest.mark.parametrize(
    "name", ["1a", "a b", "a;b", "é", "if", "awsenv", "AWSENVX", "cd", "printf", "precmd", "prompt", "-x", "$(touch x)"]
)
@pytest.mark.parametrize("shell", ["bash", "fish", "clink"])
def test_an_invalid_alias_is_rejected(name: str, shell: str, home: Home) -> None:
    result = home.awsenv("init", shell, f"--alias={name}")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("awsenv: --alias ") and result.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--off", "--completion", "--store"])
def test_other_forms_of_init_reject_an_alias(option: str, home: Home) -> None:
    assert home.awsenv("init", "bash", "--alias", "aa", option).returncode == 2


def test_cmd_rejects_an_alias_and_names_doskey(home: Home) -> None:
    result = home.awsenv("init", "cmd", "--alias", "aa")
    assert (result.returncode, result.stdout) == (2, "")
    assert "doskey aa=awsenv assume $*" in result.stderr
