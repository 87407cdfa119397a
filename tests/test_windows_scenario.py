"""The main job on a real Windows Python: assume, act as the role, check, expire, refresh, clear; in each shell."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.clock import Clock
from support.programs import pwsh
from support.sts import ACCOUNT, ROLE_SESSION, Sts
from support.windows import (
    WHO,
    Done,
    Windows,
    WindowsHome,
    assignments,
    home_of,
    windows_installation,
    windows_path,
    windows_prefix,
    windows_with_clock,
)

pytestmark = pytest.mark.slow

__all__ = ["windows_installation", "windows_prefix", "windows_with_clock"]


@pytest.fixture(scope="module")
def home(windows_with_clock: Windows, sts: Sts, request: pytest.FixtureRequest) -> WindowsHome:
    made = home_of(windows_with_clock, sts, request)
    (made.path / "who.py").write_text(WHO)
    return made


@pytest.fixture(autouse=True)
def clock(windows_with_clock: Windows) -> Iterator[Clock]:
    assert windows_with_clock.clock
    windows_with_clock.clock.move("+0")
    yield windows_with_clock.clock
    windows_with_clock.clock.move("+0")


@pytest.fixture(autouse=True)
def nothing_cached(home: WindowsHome) -> None:
    for path in home.cache.glob("*"):
        path.unlink()


def test_direct_calls_do_the_main_job(home: WindowsHome, clock: Clock) -> None:
    exported = assignments(home.awsenv("assume", "project1", "--shell", "cmd"))
    assert home.python(WHO, **exported).out.startswith(ROLE_SESSION)
    assert home.awsenv("check", **exported).code == 0
    clock.move("+2h")
    assert home.awsenv("check", **exported).code == 4
    renewed = exported | assignments(home.awsenv("refresh", "--shell", "cmd", **exported))
    assert renewed["AWS_ACCESS_KEY_ID"] != exported["AWS_ACCESS_KEY_ID"]
    assert home.python(WHO, **renewed).out.startswith(ROLE_SESSION)
    cleared = renewed | assignments(home.awsenv("clear", "--shell", "cmd", **renewed))
    assert {name for name, value in cleared.items() if value} <= {"PROMPT"}


# --- cmd --------------------------------------------------------------------------------------------------------------


def raw(args: str) -> str:
    """The raw line, as in a script."""
    return f'for /f "delims=" %%i in (\'awsenv {args}\') do @set "%%i"'


def integrated(args: str) -> str:
    return f"call awsenv.cmd {args}"


@pytest.mark.parametrize("line", [raw, integrated])
def test_cmd_does_the_main_job(line: object, home: WindowsHome, clock: Clock) -> None:
    assert callable(line)
    if line is integrated:
        installed = home.awsenv("install", "--shell", "cmd")
        assert installed.code == 0, installed.err
    later = clock.path.with_suffix(".later")
    later.write_text("+2h\n")
    done = home.script(
        'set "PATH=%LOCALAPPDATA%\\awsenv\\cmd;%PATH%"',
        "set AWS_PROFILE=mine",
        "set AWS_REGION=eu-west-3",
        line("assume project1"),
        "echo profile [%AWS_PROFILE%] [%AWSENV_PROFILE%] %AWS_REGION% %PROMPT%",
        "python who.py",
        line("check") if line is integrated else "awsenv check",
        "echo check %ERRORLEVEL%",
        "echo key %AWS_ACCESS_KEY_ID%",
        f"copy /y {windows_path(later)} {windows_path(clock.path)} >nul",
        "awsenv-core check",
        "echo check %ERRORLEVEL%",
        line("assume nope"),
        "echo key %AWS_ACCESS_KEY_ID%",
        line("refresh"),
        "echo key %AWS_ACCESS_KEY_ID%",
        "python who.py",
        line("clear"),
        "echo cleared [%AWS_ACCESS_KEY_ID%] [%AWS_SESSION_TOKEN%] [%AWSENV_PROFILE%] [%AWS_PROFILE%] [%AWS_REGION%]",
        "awsenv-core check",
        "echo check %ERRORLEVEL%",
        PROMPT="$P$G",
    )
    lines = done.out.splitlines()
    assert lines[0].startswith("profile [] [project1] eu-central-1 "), done
    if line is integrated:
        assert re.search(r" project1 until \d\d:\d\d \$P\$G$", lines[0])
    output = [text.split("/")[0] for text in lines if text.startswith(("arn:", "check "))]
    assert output == [
        ROLE_SESSION.split("/", maxsplit=1)[0],
        "check 0",
        "check 4",
        ROLE_SESSION.split("/", maxsplit=1)[0],
        "check 5",
    ], done
    keys = [text for text in lines if text.startswith("key ")]
    assert keys[0] == keys[1] != keys[2]  # a failure changes nothing
    assert "cleared [] [] [] [mine] [eu-west-3]" in lines
    assert "there is no profile 'nope'" in done.err
    assert "secret" not in done.err


@pytest.fixture
def in_cmd(home: WindowsHome) -> Iterator[Callable[..., Done]]:
    """Run a script of cmd with awsenv.cmd, AWS_PROFILE=mine and AWS_REGION=eu-west-3; then the config file is restored."""
    assert home.awsenv("install", "--shell", "cmd").code == 0
    start = ['set "PATH=%LOCALAPPDATA%\\awsenv\\cmd;%PATH%"', "set AWS_PROFILE=mine", "set AWS_REGION=eu-west-3"]
    config = home.config.read_bytes()
    yield lambda *lines: home.script(*start, *lines, PROMPT="$P$G")
    home.config.write_bytes(config)


SHOW = "echo profile [%AWS_PROFILE%] [%AWSENV_PROFILE%] [%AWS_ACCESS_KEY_ID%%AWS_SESSION_TOKEN%] %AWS_REGION%"


def test_cmd_assumes_live_returns_to_the_previous_profile_and_clears(in_cmd: Callable[..., Done], sts: Sts) -> None:
    done = in_cmd(
        integrated("assume user1"),
        integrated("assume --live project1"),
        SHOW,
        "echo prompt %PROMPT%",
        integrated("check"),
        "echo check %ERRORLEVEL%",
        integrated("assume -"),
        SHOW,
        integrated("assume -"),
        SHOW,
        integrated("clear"),
        SHOW,
    )
    lines = done.out.splitlines()
    live = "profile [project1] [project1] [] eu-central-1"
    assert [text for text in lines if text.startswith("profile ")] == [
        live, f"profile [] [user1] [{sts.key_id}] eu-west-3", live, "profile [mine] [] [] eu-west-3",
    ], done  # fmt: skip
    assert "prompt project1 $P$G" in lines
    assert "check 0" in lines
    assert any("the SDKs renew by themselves" in line for line in lines)


def test_nothing_expires_in_a_live_cmd(in_cmd: Callable[..., Done], home: WindowsHome, clock: Clock) -> None:
    # only awsenv accepts 1h, so SDKs need a twin
    long = ("[profile long]", f"role_arn = arn:aws:iam::{ACCOUNT}:role/project1", "source_profile = user1")
    with home.config.open("a", newline="\r\n") as config:
        config.write("\n".join([*long, "region = us-east-1", "duration_seconds = 1h", ""]))
    later = clock.path.with_suffix(".later")
    later.write_text("+3h\n")
    done = in_cmd(
        integrated("assume --live long"),
        SHOW,
        "awsenv-core profile long --live --append",
        integrated("assume --live long"),
        SHOW,
        "awsenv-core credential-process long >nul",  # caches the session that the SDK below finds expired
        f"copy /y {windows_path(later)} {windows_path(clock.path)} >nul",
        "python who.py",
        integrated("refresh"),
        SHOW,
    )
    lines = done.out.splitlines()
    assert [text for text in lines if text.startswith("profile ")] == [
        "profile [mine] [] [] eu-west-3", *["profile [long-awsenv] [long] [] us-east-1"] * 2,
    ], done  # fmt: skip
    assert [text.startswith(ROLE_SESSION) for text in lines if text.startswith("arn:")] == [True], done
    assert "make it: awsenv profile long --live --append" in done.err


# --- PowerShell: its engine on Linux, and awsenv.exe ------------------------------------------------------------------

POWERSHELL = """
$ErrorActionPreference = 'Stop'
$env:AWS_PROFILE = 'mine'
{load}
{assume}
"profile [$env:AWS_PROFILE] [$env:AWSENV_PROFILE] $env:AWS_REGION"
who
{check}
"check $LASTEXITCODE"
"key $env:AWS_ACCESS_KEY_ID"
Copy-Item {later} {clock} -Force
{check}
"check $LASTEXITCODE"
try {{ {nope}; 'no failure' }} catch {{ 'failed' }}
"key $env:AWS_ACCESS_KEY_ID"
{refresh}
"key $env:AWS_ACCESS_KEY_ID"
{clear}
"cleared [$env:AWS_ACCESS_KEY_ID] [$env:AWS_SESSION_TOKEN] [$env:AWSENV_PROFILE] [$env:AWS_PROFILE]"
{check}
"check $LASTEXITCODE"
exit 0
"""


def in_powershell(args: str) -> str:
    return f"awsenv {args} --shell powershell | Out-String | Invoke-Expression"


@pytest.mark.parametrize("integration", [False, True], ids=["raw", "integrated"])
def test_powershell_does_the_main_job(integration: bool, home: WindowsHome, clock: Clock, tmp_path: Path) -> None:
    program = home.wrapper(tmp_path)
    who = tmp_path / "who"
    who.write_text(program.read_text().replace(f"[{home.windows.awsenv!r},", f"[{home.windows.python!r}, 'who.py',"))
    who.chmod(0o755)
    later = tmp_path / "later"
    later.write_text("+2h\n")
    load, line = "", in_powershell
    if integration:
        script = home.awsenv("init", "powershell")
        assert script.code == 0, script.err
        setting = f"$global:__awsenv_program = '{home.windows.awsenv}';"
        assert setting in script.out
        (tmp_path / "init.ps1").write_text(script.out.replace(setting, f"$global:__awsenv_program = '{program}';"))
        load = f"Get-Content -Raw {tmp_path / 'init.ps1'} | Invoke-Expression"
        line = "awsenv {}".format
    text = POWERSHELL.format(
        load=load,
        later=later,
        clock=clock.path,
        check=f"{program} check | Out-Null",  # the function reads the clock of Linux
        nope=f"{line('assume nope')}{'; if (-not $?) { throw 1 }' if integration else ''}",
        **{args.split()[0]: line(args) for args in ("assume project1", "refresh", "clear")},
    )
    (tmp_path / "try.ps1").write_text(text)
    done = subprocess.run(
        [pwsh(), "-NoProfile", "-NonInteractive", "-File", tmp_path / "try.ps1"],
        env={"HOME": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin", "TERM": "dumb", "NO_COLOR": "1",
             "LANG": "C.UTF-8", "POWERSHELL_TELEMETRY_OPTOUT": "1", "TMPDIR": os.environ.get("TMPDIR", "/tmp")},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="backslashreplace", timeout=120, check=False,
    )  # fmt: skip
    lines = [text for text in done.stdout.splitlines() if text]
    assert lines[0] == "profile [] [project1] eu-central-1", done
    keys = [text for text in lines if text.startswith("key ")]
    assert keys[0] == keys[1] != keys[2], done
    arn = ROLE_SESSION.split("/", 1)[0]
    assert [text.split("/", 1)[0] for text in lines if text.startswith(("arn:", "check ", "failed", "no "))] == [
        arn, "check 0", "check 4", "failed", "check 5",
    ], done  # fmt: skip
    assert "cleared [] [] [] [mine]" in lines
