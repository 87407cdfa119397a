"""The output of the function awsenv follows redirections, and it reads pipes."""

from __future__ import annotations

import pytest
from support.homes import Home
from support.shells import INTERACTIVE, run
from support.terminal import terminal

pytestmark = pytest.mark.shell

NO_PROFILE = "there is no profile 'nope'"
TO_A_FILE = {
    "stderr of assume": ("awsenv assume nope 2>it", NO_PROFILE),
    "stderr of refresh": ("awsenv refresh 2>it", "nothing to refresh"),
    "stderr of another command": ("awsenv list --nonsense 2>it", "list has no option"),
    "stdout of check": ("awsenv check >it", "nothing is exported"),
    "stdout of list": ("awsenv list >it", "temporary"),
    "both": ("awsenv assume nope >it 2>&1", NO_PROFILE),
}


@pytest.mark.parametrize("name", TO_A_FILE)
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_redirected_output_is_in_the_file_alone(shell: str, name: str, offline_home: Home) -> None:
    line, text = TO_A_FILE[name]
    result = run(shell, line, offline_home)
    assert text not in result.out + result.err
    assert text in (offline_home.path / "it").read_text()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_change_in_a_pipe_reports_that_it_affects_only_a_subshell(shell: str, offline_home: Home) -> None:
    with terminal(shell, offline_home) as tty:
        for line, notices in {
            "awsenv assume temporary | cat": 1,
            "awsenv assume temporary 2>&1 | tee log": 2,
            'eval "$(awsenv assume temporary)"': 2,
            "(awsenv assume temporary); awsenv clear": 2,
        }.items():
            tty.type(line)
            assert tty.text.count("awsenv: this changed a subshell only") == notices, line
        assert "subshell" in (offline_home.path / "log").read_text()


QUIET = "awsenv assume nope 2>{null}"
DECISIONS = {
    "bash": f"if {QUIET}; then echo WENT ON; fi; {{ {QUIET}; }} || echo stopped",
    "zsh": f"if {QUIET}; then echo WENT ON; fi; {{ {QUIET}; }} || echo stopped",
    "fish": f"{QUIET}; and echo WENT ON; begin\n{QUIET}\nend; or not {QUIET}; and echo stopped",
    "powershell": f"{QUIET} && 'WENT ON'; {QUIET} || 'stopped'",
}


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_silenced_failure_is_still_a_failure(shell: str, offline_home: Home) -> None:
    null = "$null" if shell == "powershell" else "/dev/null"
    result = run(shell, DECISIONS[shell].replace("{null}", null), offline_home)
    assert (result.out, result.err) == ("stopped\n", "")


PIPED = {"powershell": "'An error occurred (ExpiredToken)' | awsenv explain -"}


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_explain_reads_a_pipe(shell: str, offline_home: Home) -> None:
    line = PIPED.get(shell, "echo 'An error occurred (ExpiredToken)' | awsenv explain -")
    assert "has expired" in run(shell, line, offline_home).out


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_output_can_be_captured(shell: str, offline_home: Home) -> None:
    line = {
        "fish": 'set output (awsenv check)\necho "<$output>"',
        "powershell": '$result = awsenv check; "<$result>"',
    }.get(shell, 'output="$(awsenv check)"; echo "<$output>"')
    assert run(shell, line, offline_home).out == "<nothing is exported; start with: awsenv assume PROFILE>\n"


TYPED = {
    "'~'": "[~]",
    "'*.tst'": "[*.tst]",
    "'a  b' '' '*'": "[a  b][][*]",
    "-d -x '--' '$x'": "[-d][-x][--][$x]",
    "-v -Debug -ea x -- -p:Release=1 -c: d": "[-v][-Debug][-ea][x][--][-p:Release=1][-c:][d]",
}


@pytest.mark.parametrize("args", TYPED)
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_arguments_arrive_as_typed(shell: str, args: str, offline_home: Home) -> None:
    """PowerShell on Unix expands * and ~ in the arguments of programs, even in quotes."""
    for name in ("a.tst", "b.tst"):
        (offline_home.path / name).touch()
    line = f"awsenv exec temporary -- printf '[%%s]' {args}".replace("%%", "%")
    assert run(shell, line, offline_home).out == TYPED[args]
    assert "there is no profile '*'" in run(shell, "awsenv assume '*'", offline_home).err


@pytest.mark.slow
@pytest.mark.parametrize("option", ["-v", "-d", "-p", "-o", "-ea", "-Verbose", "-Confirm"])
def test_short_options_of_powershell_reach_the_program(option: str, offline_home: Home) -> None:
    """An advanced function would take them for PowerShell's common parameters."""
    result = run("powershell", f"awsenv list {option}; $LASTEXITCODE", offline_home)
    assert (result.out, result.err) == ("2\n", offline_home.awsenv("list", option).stderr)


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_exec_without_a_profile_uses_the_active_one(shell: str, offline_home: Home) -> None:
    """PowerShell removes the first -- from the arguments of a function."""
    for line in ("awsenv exec -- echo -d it", "awsenv exec --no-cache -- echo -d it"):
        assert run(shell, line, offline_home, AWS_PROFILE="temporary").out == "-d it\n"


@pytest.mark.slow
@pytest.mark.parametrize("line", ["iex (awsenv assume {})", "Invoke-Expression -Command (awsenv assume {})"])
def test_powershell_can_evaluate_the_snippet_in_parentheses(line: str, offline_home: Home) -> None:
    result = run("powershell", f'{line.format("temporary")}; "$? $env:AWSENV_PROFILE"', offline_home)
    assert (result.out, result.code) == ("True temporary\n", 0)
    assert "WENT ON" not in run("powershell", f"{line.format('nope')} && 'WENT ON'", offline_home).out


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_command_has_the_terminal(shell: str, offline_home: Home) -> None:
    with terminal(shell, offline_home) as tty:
        line = "awsenv exec temporary -- sh -c 'test -t 0 && test -t 1 && test -t 2; echo tty=$?'"
        assert "tty=0" in [row.removeprefix("READY> ") for row in tty.type(line).splitlines()]
