"""The preferences of a caller in PowerShell: stop at errors, -WhatIf and -Confirm, the constrained language."""

from __future__ import annotations

import time

import pytest
from support.environment import assumed
from support.homes import Home
from support.shells import LOAD, Output, run

pytestmark = pytest.mark.slow

CONSTRAINED = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'\n"
LOADED = f"{LOAD['powershell']}\n"
EXPIRED = assumed(0, AWSENV_PROFILE="temporary", AWSENV_EXPIRATION="1700000000")


@pytest.mark.parametrize(
    ("line", "stops"),
    [
        ("awsenv assume nope", True),
        ("awsenv refresh", True),
        ("awsenv assume nope | Out-String | Invoke-Expression", True),
        ("awsenv assume nope 2>$null", True),
        ("awsenv check", False),  # like a program
        ("awsenv exec temporary -- /bin/false", False),
        ("$PSNativeCommandUseErrorActionPreference = $true; awsenv check", True),
        ("awsenv list --nonsense -ErrorAction Stop", True),
        ("awsenv assume nope -ErrorAction SilentlyContinue", False),
        ("try { awsenv assume nope } catch { 'caught' }", False),
    ],
)
def test_the_error_preference_of_the_caller_is_respected(line: str, stops: bool, offline_home: Home) -> None:
    result = run("powershell", f"$ErrorActionPreference = 'Stop'; {line}; 'WENT ON'", offline_home)
    assert ("WENT ON" not in result.out, result.code) == (stops, int(stops))


@pytest.mark.parametrize("preference", ["-WhatIf", "-Confirm", "-Verbose", "-WhatIf -Verbose -Debug"])
def test_common_parameters_of_a_script_show_no_secret(preference: str, offline_home: Home) -> None:
    (offline_home.path / "script.ps1").write_text(
        "[CmdletBinding(SupportsShouldProcess)] param()\n"
        'awsenv assume temporary; "$? $env:AWSENV_PROFILE"; awsenv clear; "$? $env:AWSENV_PROFILE"\n'
        'awsenv assume temporary | Out-String | Invoke-Expression; "$? $env:AWSENV_PROFILE"\n'
    )
    for load in (True, False):
        (offline_home.path / "raw.ps1").write_text(
            "[CmdletBinding(SupportsShouldProcess)] param()\n"
            'awsenv assume temporary --shell powershell | Out-String | Invoke-Expression; "$? $env:AWSENV_PROFILE"\n'
            'awsenv clear --shell powershell | Out-String | Invoke-Expression; "$? $env:AWSENV_PROFILE"\n'
        )
        name, expected = (
            ("script", "True temporary\nTrue \nTrue temporary\n") if load else ("raw", "True temporary\nTrue \n")
        )
        result = run("powershell", f"./{name}.ps1 {preference}", offline_home, load=load)
        assert (result.out, result.err) == (expected, "")


def constrained(script: str, home: Home, **more: str) -> Output:
    return run("powershell", CONSTRAINED + LOADED + script, home, load=False, **more)


def test_a_failure_is_a_failure_in_constrained_language(offline_home: Home) -> None:
    script = "awsenv check && 'WENT ON'; awsenv assume nope && 'WENT ON'; \"$? $LASTEXITCODE\""
    result = run(
        "powershell",
        f'{CONSTRAINED}{LOADED}try {{ awsenv check }} catch {{ "$LASTEXITCODE" }}\n{script}',
        offline_home,
        load=False,
        **EXPIRED,
    )
    assert "WENT ON" not in result.out
    assert "4" in result.out.splitlines()
    assert "expired" in result.out
    assert "Cannot invoke method" not in result.err


def test_a_valid_session_is_checked_in_constrained_language(offline_home: Home) -> None:
    valid = EXPIRED | {"AWSENV_EXPIRATION": "4102444800"}
    result = constrained(
        'awsenv check; "$? $LASTEXITCODE"; awsenv clear --stale; "$env:AWSENV_PROFILE"', offline_home, **valid
    )
    assert result.err == ""
    first, status, profile = result.out.splitlines()
    assert first.startswith("temporary: ")
    assert (status, profile) == ("True 0", "temporary")


def test_stale_credentials_are_cleared_in_constrained_language(offline_home: Home) -> None:
    result = constrained('awsenv clear --stale; "$? <$env:AWS_ACCESS_KEY_ID>"', offline_home, **EXPIRED)
    assert (result.out, result.err) == ("True <>\n", "")


@pytest.mark.parametrize("culture", ["th-TH", "ar-SA", "fa-IR", "de-DE"])
def test_the_time_left_does_not_depend_on_the_calendar(culture: str, offline_home: Home) -> None:
    script = (
        f"[CultureInfo]::CurrentCulture = [CultureInfo]::GetCultureInfo('{culture}'); $null = prompt; $AWSENV_SEGMENT"
    )
    valid = EXPIRED | {"AWSENV_EXPIRATION": str(int(time.time()) + 3930)}
    assert run("powershell", script, offline_home, **valid).out == "temporary 1h05m\n"


def test_a_change_without_the_drive_fails_and_names_the_variables(offline_home: Home) -> None:
    remove = "$ExecutionContext.SessionState.Drive.Remove('Env', $true, 'global')"
    for load in (True, False):
        line = "awsenv assume temporary" if load else "awsenv assume temporary | Out-String | Invoke-Expression"
        result = run("powershell", f'{remove}; {line}; "went on: $?"', offline_home, load=load)
        assert "True" not in result.out
        assert ("AWS_ACCESS_KEY_ID" if load else "drive") in result.err
        assert "abcdefghijklmnopqrstuvwxyz" not in result.out + result.err


def test_a_readonly_prompt_is_named_once(offline_home: Home) -> None:
    fixed = "function global:prompt { 'X> ' }; (Get-Item function:prompt).Options = 'ReadOnly'\n"
    script = f"{fixed}{LOADED}awsenv assume temporary; awsenv check; prompt; awsenv clear; prompt"
    result = run("powershell", script, offline_home, load=False)
    assert result.out.count("X> ") == 2
    assert result.err.count("the prompt is readonly here") == 1
    assert "Cannot write" not in result.err


def test_a_failure_has_a_status_even_without_the_internals_of_the_engine(offline_home: Home) -> None:
    """They set $?. Without them a failing change is an error, and other commands set $LASTEXITCODE."""
    load = "(awsenv init powershell | Out-String).Replace('ExecutionFailed', 'Missing') | Invoke-Expression\n"
    script = f"{load}awsenv check; $LASTEXITCODE; try {{ awsenv assume nope; 'WENT ON' }} catch {{ 'caught' }}"
    result = run("powershell", script, offline_home, load=False)
    assert result.out.splitlines()[1:] == ["5", "caught"]
    assert "ended with" not in result.err
