"""`awsenv init SHELL --alias NAME`: a short name for `awsenv assume`."""

from __future__ import annotations

import pytest
from support.homes import Home
from support.programs import BIN
from support.shells import INTERACTIVE, run

LOADS = {
    "fish": "{0} init fish --alias aa | source",
    "powershell": "& {0} init powershell --alias aa | Out-String | Invoke-Expression",
}
OFF = {
    "fish": "{0} init fish --off | source",
    "powershell": "& {0} init powershell --off | Out-String | Invoke-Expression",
}


def in_shell(lines: dict[str, str], shell: str, default: str) -> str:
    return lines.get(shell, default).format(BIN / "awsenv", shell)


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_name_stands_for_assume_until_it_is_taken_out(shell: str, home: Home) -> None:
    load = in_shell(LOADS, shell, 'eval "$({0} init {1} --alias aa)"')
    off = in_shell(OFF, shell, 'eval "$({0} init {1} --off)"')
    name = {"powershell": '"$env:AWSENV_PROFILE $env:AWSENV_OPTIONS"'}.get(
        shell, 'echo "$AWSENV_PROFILE $AWSENV_OPTIONS"'
    )
    gone = {
        "powershell": '"gone $(-not (Get-Command aa -ErrorAction Ignore))"',
        "fish": "functions -q aa; or echo gone True",
    }.get(shell, "typeset -f aa >/dev/null || echo gone True")
    result = run(shell, f"{load}\naa project1 -d 15m\n{name}\naa user1\naa -\n{name}\n{off}\n{gone}", home, load=False)
    assert result.out.splitlines() == ["project1 --duration=15m", "project1 --duration=15m", "gone True"], result.err


@pytest.mark.parametrize(
    "name", ["1a", "a b", "a;b", "é", "if", "awsenv", "AWSENVX", "cd", "printf", "precmd", "prompt", "-x", "$(touch x)"]
)
@pytest.mark.parametrize("shell", ["bash", "fish", "clink"])
def test_a_name_that_no_function_has_is_refused(name: str, shell: str, home: Home) -> None:
    shown = home.awsenv("init", shell, f"--alias={name}")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.startswith("awsenv: --alias ") and shown.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--off", "--completion", "--store"])
def test_the_other_forms_take_no_alias(option: str, home: Home) -> None:
    assert home.awsenv("init", "bash", "--alias", "aa", option).returncode == 2


def test_cmd_has_no_place_for_one(home: Home) -> None:
    shown = home.awsenv("init", "cmd", "--alias", "aa")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "doskey aa=awsenv assume $*" in shown.stderr
