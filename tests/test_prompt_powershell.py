"""The prompt in PowerShell beside other prompts, modes and line readers."""

from __future__ import annotations

import re
import shlex
import time
from pathlib import Path

import pytest
from support.clock import Clock
from support.environment import assumed
from support.homes import Home
from support.programs import BIN
from support.shells import LOAD, run
from support.terminal import Terminal, terminal
from support.until import without_until

from awsenv import environment
from awsenv.environment import expiry
from awsenv.result import printable

pytestmark = pytest.mark.shell

INIT = LOAD["powershell"]
OFF = "awsenv init powershell --off | Out-String | Invoke-Expression"
CLEAR = "[Console]::Write([char]27 + '[2J' + [char]27 + '[H')"


#: The renewal is loaded, and starts when the test moves the clock.
RENEWING = {"AWSENV_RENEW": "yes", "AWSENV_RENEW_BEFORE": "1m"}


def keys(left: int = 42 * 60 + 30, name: str = "project1") -> dict[str, str]:
    """The variables that `awsenv assume` exports, valid for `left` seconds."""
    return assumed(left, AWSENV_PROFILE=name)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    made = Clock(tmp_path / "clock")
    made.move("+0")
    return made


def messages(tty: Terminal) -> list[str]:
    """The messages of awsenv on the screen."""
    return [line for line in without_until(tty.text).splitlines() if line.startswith("awsenv: ")]


def type_on_empty_screen(tty: Terminal, *lines: str) -> list[str]:
    """Type the lines on an empty screen, each at its prompt; the rows of the screen."""
    tty.ready()
    tty.type(CLEAR)
    tty.prompt()
    for line in lines:
        tty.send(line + "\r")
        tty.settle()
        tty.prompt()
    return tty.text.splitlines()


# --- beside other tools -----------------------------------------------------------------------------------------------

# They save the previous prompt in a variable, as oh-my-posh and mise do, or in a named function, as conda and virtualenv
# do, and show the status that they see.
BY_VARIABLE = (
    "$global:{0} = $function:prompt; "
    'function global:prompt {{ "<{0} $? $global:LASTEXITCODE>" + (& $global:{0}) }}'
)  # fmt: skip
BY_NAME = (
    "Copy-Item Function:prompt Function:{0}; "
    'function global:prompt {{ "<{0} $? $global:LASTEXITCODE>" + ({0}) }}'
)  # fmt: skip
#: As VS Code's shell integration does, which also wraps the line reader.
BY_INVOKE = (
    "$global:{0} = @{{ P = $function:prompt; L = $function:PSConsoleHostReadLine }}; "
    'function global:prompt {{ $ok = $?; $prefix = "<{0} $ok $global:LASTEXITCODE>"; '
    "if (-not $ok) {{ Write-Error 'failure' -ea ignore }}; $prefix + $global:{0}.P.Invoke() }}; "
    "function global:PSConsoleHostReadLine {{ $line = $global:{0}.L.Invoke(); $global:lines += 1; $line }}"
)
TOOLS = {"variable": BY_VARIABLE, "function": BY_NAME, "Invoke": BY_INVOKE}


@pytest.mark.parametrize("second", TOOLS)
@pytest.mark.parametrize("first", TOOLS)
def test_other_tools_can_wrap_the_prompt(first: str, second: str, lone: Home) -> None:
    """One tool before ours, one after it; then the start-up file is read again."""
    with terminal("powershell", lone, setup=TOOLS[first].format("tool1"), **keys()) as tty:
        tty.type(TOOLS[second].format("tool2"))
        for _ in range(2):
            lines = type_on_empty_screen(tty, "& /bin/false", "Get-Item /nope -ErrorAction Ignore", "& /bin/true")
            prompts = [line for line in lines if "READY>" in line]
            statuses = []
            for line in prompts:
                assert line.count("project1 42m") == 1, lines
                match = re.search(r"<tool2 (\w+ \d*)>.*<tool1 \1>", line)
                assert match, lines
                statuses.append(match[1])
            assert "False 1" in statuses[1:3], lines
            assert statuses[-1] == "True 0"
            tty.type(INIT)


def test_the_prompt_preserves_the_users_status(lone: Home, clock: Clock) -> None:
    """Neither a change of keys nor a warning changes it, for the prompt or for the next line."""
    with terminal("powershell", lone, clock=clock, **keys()) as tty:
        tty.type('function prompt { "[$? $global:LASTEXITCODE] READY> " }')
        tty.ready()
        tty.send("$env:AWSENV_EXPIRATION -= 2000; & /bin/sh -c 'exit 7'\r")
        tty.until("m [False 7] READY>")
        assert re.fullmatch(r"awsenv: project1: [89]m left; renew with: awsenv refresh", *messages(tty))
        tty.move(60)
        tty.send('"seen $? $LASTEXITCODE"\r')
        tty.until("seen False 7")
        assert messages(tty)[1:] == ["awsenv: project1: expired; renew with: awsenv refresh"]
        assert "errors: 0." in tty.type('"errors: $($Error.Count)."')


STARSHIP = """\
format = "ship$status READY>"
add_newline = false
[status]
disabled = false
format = "$int"
"""


@pytest.mark.parametrize("order", ["before", "after"])
def test_starship_shows_the_segment(order: str, lone: Home, starship: str) -> None:
    (lone.path / ".config").mkdir()
    (lone.path / ".config" / "starship.toml").write_text(STARSHIP)
    # stubs for what the console host of the tests lacks
    stubs = (
        "class ReadLine { static [bool] InViCommandMode() { return $false } }; "
        "[psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')"
        "::Add('Microsoft.PowerShell.PSConsoleReadLine', [ReadLine]); "
        "function Set-PSReadLineOption {}; function Get-PSReadLineOption { @{ PredictionViewStyle = 0 } }; "
        "function Get-Random { $input }"
    )
    load = f"& '{starship}' init powershell --print-full-init | Out-String | Invoke-Expression"
    setup = f"{stubs}; {load}" if order == "before" else stubs
    with terminal("powershell", lone, setup=setup, **keys()) as tty:
        if order == "after":
            tty.type(load)
        tty.ready()
        lines = type_on_empty_screen(tty, "& /bin/sh -c 'exit 7'")
        prompts = [line for line in lines if "READY>" in line]
        assert all(line.startswith("project1 42m ship") for line in prompts), lines
        tty.send("& /bin/sh -c 'exit 7'\r")
        tty.until("project1 42m ship7 READY>")


def test_the_segment_returns_after_a_new_prompt(lone: Home) -> None:
    with terminal("powershell", lone, **keys()) as tty:
        for number in range(8):  # any number of times
            tty.type(f"function prompt {{ 'NEW{number} READY> ' }}")
        assert tty.ready() == "project1 42m NEW7 READY>"


def test_two_tools_that_both_wrap_the_prompt_do_not_loop(lone: Home) -> None:
    insist = (
        "function global:insist { if (\"$function:prompt\" -notlike '*insist*') { $held = $function:prompt; "
        "$function:global:prompt = { insist; '+' + (& $held) }.GetNewClosure() } }; insist"
    )
    with terminal("powershell", lone, setup=insist, **keys()) as tty:
        for _ in range(10):
            tty.enter()
        assert re.fullmatch(r"\+{1,5}project1 42m \+{1,5}READY>", tty.ready())


def test_a_prompt_that_wraps_itself_ends(lone: Home) -> None:
    """As that of conda when the start-up file is read again: it saves the previous prompt under a fixed name."""
    conda = "Copy-Item Function:prompt Function:CondaBackup; function global:prompt { '(base) ' + (CondaBackup) + ' READY>' }"
    with terminal("powershell", lone, setup=conda, **keys()) as tty:
        tty.type(conda)
        tty.type(INIT)
        line = tty.ready()
        assert line.count("project1 42m") == 1
        assert line.startswith("(base) ")


def test_only_the_first_output_of_a_prompt_is_shown(lone: Home) -> None:
    with terminal("powershell", lone, **keys()) as tty:
        tty.type("function prompt { 'FIRST READY> '; 'SECOND' }")
        assert tty.ready() == "project1 42m FIRST READY>"
        tty.type("function prompt { }; 'x'")
        tty.settle()
        tty.until("project1 42m PS>")


def test_an_error_in_the_hook_leaves_the_prompt_unchanged(lone: Home) -> None:
    with terminal("powershell", lone, **keys()) as tty:
        tty.type("$global:__awsenv_thresholds = 'nonsense'")
        assert tty.ready() == "READY>"
        assert "PS>" not in tty.text


# --- modes, names, colors ---------------------------------------------------------------------------------------------


def test_a_segment_placed_by_the_user_is_current(lone: Home) -> None:
    with terminal("powershell", lone, init="--no-segment") as tty:
        tty.type('function prompt { "[$AWSENV_SEGMENT] READY> " }')
        tty.ready()
        tty.send("; ".join(f"$env:{name} = '{value}'" for name, value in keys().items()) + "\r")
        tty.until("[project1 42m] READY>")
        assert tty.ready() == "[project1 42m] READY>"


@pytest.mark.parametrize("strict", ["Set-StrictMode -Version Latest", "$ErrorActionPreference = 'Stop'"])
def test_the_prompt_works_in_strict_modes(strict: str, lone: Home, clock: Clock) -> None:
    with terminal("powershell", lone, clock=clock, setup=f"{strict}; $Error.Clear()") as tty:
        start = time.monotonic()
        tty.type("; ".join(f"$env:{name} = '{value}'" for name, value in keys(left=1000).items()))
        for minutes, line in ((5, "project1 11m READY>"), (60, "project1 expired READY>")):
            tty.ready()
            tty.move(minutes, since=start)
            tty.send("\r")
            assert tty.enter() == line
        tty.type("awsenv clear")
        assert tty.ready() == "READY>"
        assert messages(tty) == [
            "awsenv: project1: 11m left; renew with: awsenv refresh",
            "awsenv: project1: expired 43m ago; renew with: awsenv refresh",
        ]
        tty.type(OFF)
        assert "errors: 0." in tty.type('"errors: $($Error.Count)."')


def test_a_profile_name_is_data(lone: Home) -> None:
    name = "a\x1b[2J\x07b\u2019; New-Item pwned; \u2018 $(New-Item pwned) `$x {0} [c]"
    with terminal("powershell", lone, **keys(left=-10, name=name)) as tty:
        plain = printable(name)
        assert tty.ready() == f"{plain} expired READY>"
        assert f"awsenv: {plain}: expired <1m ago; renew with: awsenv refresh" in tty.text
        assert not (lone.path / "pwned").exists()


def test_colors_follow_no_color(lone: Home) -> None:
    with terminal("powershell", lone, NO_COLOR="", **keys()) as tty:
        tty.ready()
        assert tty.color_of("project1") == "green"
        tty.type("$env:NO_COLOR = 1")
        tty.ready()
        assert tty.color_of("project1") == "default"


def test_a_host_without_colors_gets_plain_text(lone: Home) -> None:
    with terminal("powershell", lone, NO_COLOR="", TERM="dumb", **keys()) as tty:
        assert "<project1 42m READY> >" in tty.type('"<$(prompt)>"')


# --- before a command -------------------------------------------------------------------------------------------------

READERS = {
    "by a function, as with PSReadLine": "",
    # the console host of the tests needs a command of that name; an alias will do
    "by the host itself": (
        "Copy-Item Function:PSConsoleHostReadLine Function:reads; "
        "Set-Alias PSConsoleHostReadLine reads -Scope Global; Remove-Item Function:PSConsoleHostReadLine"
    ),
}
every_reader = pytest.mark.parametrize("reader", READERS)


@every_reader
def test_commands_other_than_awsenv_are_warned_about(reader: str, lone: Home, clock: Clock) -> None:
    with terminal("powershell", lone, clock=clock, setup=READERS[reader], **keys()) as tty:
        tty.ready()
        tty.move(120)
        tty.send("awsenv check\r")
        tty.until("project1: expired 1h17m ago; renew with: awsenv refresh")
        tty.ready()
        assert messages(tty) == ["awsenv: project1: expired 1h17m ago; renew with: awsenv refresh"]
        tty.move(132)
        tty.send("\r")
        tty.send("   \r")
        tty.prompt()
        tty.send("awsenv check\r")
        tty.until("project1: expired 1h29m ago; renew with: awsenv refresh")
        assert len(messages(tty)) == 1
        tty.send("Get-Item /nope -ErrorAction Ignore\r")
        tty.send('Write-Output "status $?"\r')
        tty.until("status False")
        assert messages(tty)[1:] == ["awsenv: project1: expired; renew with: awsenv refresh"]


@every_reader
def test_the_status_survives_the_warning(reader: str, lone: Home, clock: Clock) -> None:
    setup = f'{READERS[reader]}; function status {{ "status $? $LASTEXITCODE" }}'.lstrip("; ")
    with terminal("powershell", lone, clock=clock, setup=setup, **keys()) as tty:
        tty.ready()
        tty.send("& /bin/sh -c 'exit 7'\r")
        tty.until("exit 7'\nproject1 42m READY>")
        tty.move(120)
        tty.send("status\r")
        tty.until("status False 7")
        assert messages(tty) == ["awsenv: project1: expired; renew with: awsenv refresh"]


def test_the_line_reader_of_the_host_stays(lone: Home) -> None:
    """A script that is run from the prompt is not slowed down either."""
    listens = 'function listens { "listens $($null -ne $ExecutionContext.InvokeCommand.PreCommandLookupAction)." }'
    with terminal("powershell", lone, setup=f"{READERS['by the host itself']}; {listens}", **keys()) as tty:
        tty.ready()
        assert "listens False." in tty.type("listens")
        assert "function False." in tty.type('"function $(Test-Path Function:PSConsoleHostReadLine)."')


# --- renewal ----------------------------------------------------------------------------------------------------------


def replace_program(home: Home, script: str) -> str:
    """Write a program that renews in place of awsenv, timed by the test; the line that installs it."""
    program = home.path / "renewing program"
    real = f'case "$1" in prompt) exec {shlex.quote(str(BIN / "awsenv"))} "$@" ;; esac'
    program.write_text(f"#!/bin/sh\n{real}\n{script}\n")
    program.chmod(0o755)
    return f"$global:__awsenv_program = '{program}'; $global:__awsenv_renew_before = '300'"


#: Printed at a later prompt.
RENEWED = "awsenv: project1: renewed automatically, 59m left"


def snippet(token: str = "new") -> str:
    return f"printf 'AWS_SESSION_TOKEN=%s\\nAWSENV_EXPIRATION=%s\\n' {token} {int(time.time()) + 3599}"


def test_a_long_answer_is_read_and_errors_are_hidden(lone: Home) -> None:
    """Both are longer than the buffer of a pipe."""
    token = "$(head -c 100000 /dev/zero | tr '\\0' y)"
    script = f"head -c 300000 /dev/zero | tr '\\0' x >&2; {snippet(token)}"
    with terminal("powershell", lone, **RENEWING, **keys(left=200)) as tty:
        tty.type(replace_program(lone, script))
        tty.enter_until(RENEWED)
        assert "xxx" not in tty.text
        assert "length 100000." in tty.type('"length $($env:AWS_SESSION_TOKEN.Length)."')


def test_ctrl_c_does_not_end_a_renewal(lone: Home) -> None:
    script = f"touch begun; while test ! -e go; do sleep 0.05; done; {snippet()}"
    with terminal("powershell", lone, **RENEWING, **keys(left=200)) as tty:
        tty.type(replace_program(lone, script))
        tty.ready()
        tty.send("& /bin/sh -c 'while test ! -e begun; do sleep 0.1; done; echo \"running\"it; exec sleep 60'\r")
        tty.until("runningit")
        tty.send("\x03")
        tty.ready()
        (lone.path / "go").touch()
        tty.enter_until(RENEWED)
        assert "automatic renewal failed" not in tty.text


def test_a_renewal_does_not_replace_changed_keys(lone: Home) -> None:
    script = f"touch begun; while test ! -e go; do sleep 0.05; done; {snippet()}; touch done"
    with terminal("powershell", lone, **RENEWING, **keys(left=200)) as tty:
        tty.type(replace_program(lone, script))
        tty.type("while (-not (Test-Path begun)) { Start-Sleep -Milliseconds 50 }")
        tty.type("$global:__awsenv_renew = ''; $env:AWSENV_PROFILE = 'project2'; 'x' > go")
        tty.type(
            "while ($global:__awsenv_renewal -and -not $global:__awsenv_renewal.process.HasExited) { Start-Sleep -Milliseconds 50 }"
        )
        assert tty.enter() == "project2 3m READY>"
        assert "renewed" not in tty.text
        assert tty.show("AWS_SESSION_TOKEN") == "t"


def test_a_missing_program_is_reported_once(lone: Home, clock: Clock) -> None:
    start = time.monotonic()
    with terminal("powershell", lone, clock=clock, **RENEWING, **keys(left=290)) as tty:
        tty.type("$global:__awsenv_program = '/nowhere/awsenv'; $global:__awsenv_renew_before = '300'")
        for minutes in (1.1, 2.2, 3.3, 4.4):
            tty.ready()
            tty.move(minutes, since=start)
            tty.send("\r")
        assert tty.enter() == "project1 <1m READY>"
        assert len([line for line in messages(tty) if "automatic renewal failed" in line]) == 1


def test_a_trace_shows_no_secret(home: Home) -> None:
    prompt = "$null = prompt; __awsenv_on_line 'x'"
    renew = "while ($null -ne $global:__awsenv_renewal) { $null = prompt }"
    lines = (
        '$show = { "secret $env:AWS_SECRET_ACCESS_KEY $env:AWS_SESSION_TOKEN" }',
        "Set-PSDebug -Trace 2",
        "awsenv assume project1",
        prompt,
        "[Console]::Out.WriteLine((& $show))",
        # as if it expired soon
        "$global:__awsenv_renew_before = '9999'",
        prompt,
        renew,
        "[Console]::Out.WriteLine((& $show))",
    )
    done = run("powershell", "\n".join(lines), home, AWSENV_RENEW="yes")
    assert "automatic renewal failed" in done.err  # it brought the same session
    values = [value for line in done.out.splitlines() if line.startswith("secret ") for value in line.split()[1:]]
    assert [len(value) > 30 for value in values] == [True] * 4
    trace = "".join(line for line in done.out.splitlines() if not line.startswith("secret "))
    assert "awsenv assume project1" in trace
    assert [value for value in values if value in trace + done.err] == []


# --- off and uninstall ------------------------------------------------------------------------------------------------


def test_off_restores_the_earlier_prompt(lone: Home) -> None:
    show = '"<$function:prompt><$function:PSConsoleHostReadLine>"'
    with terminal("powershell", lone, init=None, **keys()) as tty:
        assert "< 'READY> ' >< $Host.UI.ReadLine() >" in tty.type(show)
        tty.type(INIT)
        tty.type(INIT)
        assert tty.ready() == "project1 42m READY>"
        tty.type(OFF)
        assert "< 'READY> ' >< $Host.UI.ReadLine() >" in "".join(type_on_empty_screen(tty, show))
        complete = "(TabExpansion2 'awsenv ass' 10).CompletionMatches; \"errors: $($Error.Count).\""
        assert "errors: 0." in tty.type(complete)


@pytest.mark.parametrize("tool", TOOLS)
def test_off_works_while_other_tools_wrap_the_prompt(tool: str, lone: Home, clock: Clock) -> None:
    with terminal("powershell", lone, clock=clock, **keys()) as tty:
        tty.type(TOOLS[tool].format("tool1"))
        tty.ready()
        tty.type(OFF)
        tty.ready()
        tty.move(120)
        lines = type_on_empty_screen(tty, "& /bin/true")
        assert lines[-1] == "<tool1 True 0>READY>"
        assert not any("project1" in line for line in lines), lines
        tty.type(INIT)
        assert re.fullmatch(r"(project1 expired )?<tool1 True 0>(project1 expired )?READY>", tty.ready())
        assert tty.prompt().count("project1 expired") == 1


@pytest.mark.parametrize("args", ["--shell powershell", "--shell=pwsh"])
def test_uninstall_removes_the_hooks_in_strict_mode(args: str, lone: Home) -> None:
    with terminal("powershell", lone, setup="Set-StrictMode -Version Latest; $Error.Clear()", **keys()) as tty:
        tty.type("awsenv uninstall --shell bash")
        assert tty.ready() == "project1 42m READY>"
        tty.type(f"awsenv uninstall {args}")
        assert tty.ready() == "READY>"
        assert "errors: 0." in tty.type('"errors: $($Error.Count)."')


@pytest.mark.parametrize("variable", environment.EXPIRATIONS)
def test_our_stale_expiration_does_not_apply_to_foreign_keys(variable: str, lone: Home) -> None:
    foreign = keys(left=1000) | {"AWSENV_KEY": "SOMEELSE", "AWS_VAULT": "theirs", "AWSUME_PROFILE": "project1"}
    foreign["AWS_CREDENTIAL_EXPIRATION"] = expiry.format_utc(int(foreign["AWSENV_EXPIRATION"]))
    foreign[variable] = expiry.format_utc(int(time.time()) + 2570)
    exports = [f"$env:{name} = '{value}'" for name, value in foreign.items()]
    script = "\n".join([*exports, "$null = prompt", "$AWSENV_SEGMENT"])
    assert run("powershell", script, lone).out == "theirs 42m\n"
