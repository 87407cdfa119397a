"""cmd: the exit codes of awsenv.cmd, which a `call` in wine hides, the arguments it passes on, and PROMPT."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pexpect
import pytest
from support.homes import Home
from support.programs import BIN, unixrun
from support.wine import cmd, put, put_programs, wine

CODES = {
    "assume project1": (0, ""),
    "assume nope": (1, "there is no profile 'nope'"),
    "assume --nope": (2, "assume has no option --nope"),
    "refresh": (5, "this shell has no credentials of awsenv, so there is nothing to refresh"),
    "clear": (0, ""),
    "check": (5, ""),
    "nonsense": (2, "there is no command 'nonsense'"),
    "uninstall --nope": (2, "uninstall has no option --nope"),
}


@pytest.mark.slow
@pytest.mark.parametrize("args", CODES)
def test_awsenv_cmd_returns_the_exit_code_of_awsenv(args: str, home: Home, tmp_path: Path) -> None:
    result = cmd(home, tmp_path, *args.split())
    code, error = CODES[args]
    assert result.returncode == code, result.stdout + result.stderr
    assert error in result.stderr
    assert "AWS_SECRET_ACCESS_KEY" not in result.stdout


@pytest.mark.slow
def test_options_that_print_text_print_it(home: Home, tmp_path: Path) -> None:
    assert '"AWS_SECRET_ACCESS_KEY"' in cmd(home, tmp_path, "assume", "project1", "--format", "json").stdout
    assert "--duration" in cmd(home, tmp_path, "assume", "--help").stdout
    assert "project1" in cmd(home, tmp_path, "list").stdout


@pytest.mark.slow
@pytest.mark.parametrize("echo", ["on", "off"])
def test_echo_stays_as_it_was_and_shows_no_secret(echo: str, home: Home, tmp_path: Path) -> None:
    put(tmp_path)
    calls = "call awsenv.cmd assume project1\r\ncall awsenv.cmd check\r\n"
    script = f"@echo {echo}\r\n{calls}@echo\r\nset AWS_S\r\n"
    (tmp_path / "script.cmd").write_text(script, newline="")
    result = wine(home, tmp_path, "/c", "script.cmd")
    output, _, values = result.stdout.partition(f"is {echo.upper()}")
    secrets = [line.partition("=")[2] for line in values.splitlines() if line.startswith("AWS_S")]
    assert [len(secret) >= 40 for secret in secrets] == [True, True], result.stdout + result.stderr
    assert not [secret for secret in secrets if secret in output]
    assert "set " not in output


@pytest.mark.slow
def test_the_line_printed_on_a_terminal_works(home: Home, tmp_path: Path) -> None:
    window = home.environment(PROMPT="$P$G", ComSpec="C:\\windows\\system32\\cmd.exe", COLUMNS="400")
    output = pexpect.run("sh -c 'awsenv assume project1; :'", env=window, timeout=60, encoding="utf-8")
    line = output.partition("type: ")[2].partition("   (or")[0]
    assert line == """for /f "delims=" %i in ('awsenv assume project1') do @set "%i\""""
    put_programs(tmp_path, unixrun(), {"awsenv": [str(BIN / "awsenv")]})
    (tmp_path / "awsenv.cmd").unlink()
    result = wine(home, tmp_path, typed=f"{line}\necho [%AWSENV_PROFILE%]\nexit\n")
    assert "[project1]" in result.stdout, result.stdout + result.stderr


# --- PROMPT -----------------------------------------------------------------------------------------------------------


def variables(home: Home, args: str, **more: str) -> dict[str, str]:
    """Return the variables that awsenv.cmd sets; "" for those that it unsets."""
    result = home.awsenv(*args.split(" "), "--shell", "awsenv.cmd", **more)
    assert result.returncode == 0, result.stderr
    *lines, last = result.stdout.splitlines()
    assert last == "AWSENV_RC=0"
    return dict(line.split("=", 1) for line in lines)


def zone(hour: int) -> str:
    """Return a time zone in which it is about that hour now, so that no test crosses midnight by chance."""
    east = hour * 60 - int(time.time()) // 60 % 1440
    return f"XYZ{'-' if east >= 0 else '+'}{abs(east) // 60}:{abs(east) % 60:02d}"


def local(epoch: str, form: str, timezone: str) -> str:
    """Return a time in that time zone, as `date` formats it."""
    command = ["date", "-d", f"@{epoch}", f"+{form}"]
    environment = {"PATH": "/usr/bin:/bin", "TZ": timezone, "LC_ALL": "C"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.shell
@pytest.mark.parametrize(("hour", "form"), [(12, "%H:%M"), (23, "%a %H:%M")], ids=["today", "tomorrow"])
def test_the_prompt_shows_when_the_session_expires(hour: int, form: str, home: Home) -> None:
    timezone = zone(hour)
    answer = variables(home, "assume project1 --duration 2h" if hour == 23 else "assume project1", TZ=timezone)
    assert answer["PROMPT"] == f"project1 until {local(answer['AWSENV_EXPIRATION'], form, timezone)} $P$G"
    assert answer["PROMPT"] == f"{answer['AWSENV_PROMPT']} $P$G"


@pytest.mark.shell
def test_the_prompt_marks_an_unknown_expiry_with_a_question_mark(home: Home) -> None:
    assert variables(home, "assume project1 --mode profile", PROMPT="$G")["PROMPT"] == "project1 $G"
    assert variables(home, "assume temporary", PROMPT="$G")["PROMPT"] == "temporary ? $G"


@pytest.mark.shell
def test_clear_restores_the_prompt_after_several_assumes(home: Home) -> None:
    first = variables(home, "assume user1", PROMPT="$D $P$G")
    assert first["PROMPT"] == "user1 $D $P$G"
    second = variables(home, "assume project1 --mode profile", **first)
    assert second["PROMPT"] == "project1 $D $P$G"
    again = variables(home, "assume project1 --mode profile", **{**first, **second})
    assert not {"PROMPT", "AWSENV_PROMPT"} & set(again)  # nothing to change
    cleared = variables(home, "clear", **{**first, **second})
    assert (cleared["PROMPT"], cleared["AWSENV_PROMPT"]) == ("$D $P$G", "")
    assert not {"PROMPT", "AWSENV_PROMPT"} & set(variables(home, "clear", PROMPT="$P$G"))


@pytest.mark.shell
@pytest.mark.parametrize(
    ("changed", "cleared"),
    [
        ("user1 $P$G", "$P$G"),
        ("(venv) user1 $P$G", "(venv) $P$G"),  # activate.bat prepends its name
        ("user1 user1 $G", "user1 $G"),  # the second one is the user's
        ("mine$G", None),
        ("a user1 b user1 $G", None),  # ambiguous: either may be the segment
        ("user1 5!$G", None),  # cmd cannot set the rest again
    ],
)
def test_clear_keeps_a_prompt_that_the_user_has_changed(changed: str, cleared: str | None, home: Home) -> None:
    before = variables(home, "assume user1")
    assert variables(home, "clear", **{**before, "PROMPT": changed}).get("PROMPT") == cleared


@pytest.mark.shell
@pytest.mark.parametrize("prompt", ["a!b$G", 'a"b$G', "\N{LATIN SMALL LETTER E WITH ACUTE}$G", "C\bL\b$P$G"])
def test_a_prompt_that_cmd_cannot_restore_is_left_alone(prompt: str, home: Home) -> None:
    """The last one has the mark of Clink, under which another script shows the segment."""
    answer = variables(home, "assume project1", PROMPT=prompt)
    assert answer["AWS_ACCESS_KEY_ID"]
    assert not {"PROMPT", "AWSENV_PROMPT"} & set(answer)


@pytest.mark.shell
def test_no_segment_leaves_the_prompt_alone(home: Home) -> None:
    assert "PROMPT" not in variables(home, "assume user1", AWSENV_NO_SEGMENT="yes")
    with_segment = home.awsenv("init", "cmd").stdout.splitlines()
    (first,) = (
        line for line in home.awsenv("init", "cmd", "--no-segment").stdout.splitlines() if line not in with_segment
    )
    name, value = first.strip().removeprefix('@set "').removesuffix('"').split("=")
    assert "PROMPT" not in variables(home, "assume user1", **{name: value})
    before = variables(home, "assume user1")
    assert variables(home, "clear", **{**before, name: value})["PROMPT"] == "$P$G"


@pytest.mark.shell
def test_a_production_profile_is_marked_with_supported_characters(home: Home) -> None:
    settings = {"AWSENV_PRODUCTION": "use*"}
    assert variables(home, "assume user1", **settings)["PROMPT"] == "*user1 $P$G"  # by default it is a !
    assert variables(home, "assume user1", AWSENV_SYMBOL_PRODUCTION="#", **settings)["PROMPT"] == "#user1 $P$G"


@pytest.mark.shell
def test_clear_stale_leaves_the_prompt_of_a_valid_session(home: Home) -> None:
    before = variables(home, "assume project1")
    assert variables(home, "clear --stale", **before) == {}


@pytest.mark.slow
def test_cmd_shows_the_prompt_and_runs_no_profile_name(home: Home, tmp_path: Path) -> None:
    """In wine's cmd, as a user sees it. Unlike that of Windows, it gives `for /f` a new PROMPT, so the program gets the real
    one in another variable.
    """
    name = "a&b|c<d>e^f$g%h (x)"
    home.config.write_text(f'[profile "{name}"]\naws_access_key_id = AKIAQWERTYUIOPASDFGH\naws_secret_access_key = s\n')
    core = tmp_path / "core"
    core.write_text(f'#!/bin/sh\nPROMPT=$SHOWN exec {BIN / "awsenv"} "$@"\n')
    core.chmod(0o755)
    put(tmp_path, core)
    typed = """set PROMPT=READY$G
set SHOWN=%PROMPT%
awsenv.cmd refresh
set SHOWN=%PROMPT%
awsenv.cmd refresh
awsenv.cmd clear
exit
"""
    ours = {"AWSENV_PROFILE": name, "AWSENV_KEY": "OPASDFGH", "AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH"}
    result = wine(home, tmp_path, typed=typed, AWS_SECRET_ACCESS_KEY="s", **ours)
    shown = [line for line in result.stdout.splitlines() if "READY" in line]
    assert shown == ["READY>"] * 2 + [f"{name} READY>"] * 3 + ["READY>"], result.stdout + result.stderr


def install(home: Home, tmp_path: Path) -> tuple[dict[str, str], Path]:
    """Install awsenv for cmd; return the variables of the installation, and the directory of awsenv.cmd."""
    data = {"XDG_DATA_HOME": str(tmp_path)}
    assert home.awsenv("install", "--shell", "cmd", **data).returncode == 0
    directory = tmp_path / "awsenv" / "cmd"
    put(directory)
    return data, directory


@pytest.mark.slow
def test_uninstall_succeeds_while_it_removes_its_own_script(home: Home, tmp_path: Path) -> None:
    data, directory = install(home, tmp_path)
    result = wine(home, directory, typed="awsenv.cmd uninstall --shell cmd\necho [%ERRORLEVEL%]\nexit\n", **data)
    assert not (directory / "awsenv.cmd").exists()
    assert "[0]" in result.stdout, result.stdout + result.stderr


@pytest.mark.slow
def test_uninstall_clears_the_window_that_it_is_typed_in(home: Home, tmp_path: Path) -> None:
    data, directory = install(home, tmp_path)
    show = "echo [%AWSENV_PROFILE%] [%AWS_PROFILE%]\n"
    typed = f"awsenv.cmd assume project1\nawsenv.cmd uninstall --shell fish\n{show}awsenv.cmd uninstall\n{show}exit\n"
    result = wine(home, directory, typed=typed, AWS_PROFILE="mine", **data)
    shown = [line.rpartition(">")[2] for line in result.stdout.splitlines() if "] [" in line]
    assert shown == ["[project1] [%AWS_PROFILE%]", "[%AWSENV_PROFILE%] [mine]"], result.stdout + result.stderr
    assert result.stderr.count("awsenv: this shell is cleared of what awsenv had exported") == 1
    assert "still exports" not in result.stdout


@pytest.mark.slow
def test_awsenv_cmd_reports_a_missing_program(home: Home, tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "awsenv-core.exe").unlink()
    result = wine(home, tmp_path, "/c", "awsenv.cmd", "assume", "project1")
    assert result.returncode == 9009 % 256
    assert result.stderr.startswith("awsenv: awsenv-core.exe is gone; install awsenv again, or delete ")
    assert result.stderr.count("\n") == 1
