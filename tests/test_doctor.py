"""The command doctor: its output, what --fix does in each shell, and its robustness."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.aws_files import KEY, KEYS, NOW, SECRET
from support.homes import Home
from support.programs import BIN, need
from support.servers import silent_server
from support.shells import INTERACTIVE, POSIX, run
from support.terminal import terminal
from support.wine import cmd, put, wine

from awsenv import dialects, doctor, environment
from awsenv.commands import doctor as command
from awsenv.doctor import inventory, report
from awsenv.doctor.check import ERROR, NOTE, WARNING, AutoFix, Check, Finding, problem
from awsenv.doctor.context import Context, UnreadableError
from awsenv.report import fixes, session_cache
from awsenv.report.prose import parsed
from awsenv.report.variables import MEANINGS
from awsenv.system import redaction

ROOT = Path(__file__).parent.parent
MIXED = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # with the characters of a real secret
LONG_TERM = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
STALE = {**LONG_TERM, "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}


def context(offline: bool = True, **environ: str) -> Context:
    return Context(environ, NOW, offline=offline)


def check(id: str, severity: str, *, cause: str, fix: str = "", remediation: str = "", online: bool = False) -> Any:
    """Replace the decorator of the doctor: the texts are arguments instead of sections of a file."""
    return lambda find: Check(id, severity, cause, fix, remediation, (), online, find)


@check("stale-note", NOTE, cause="It is only a note.", remediation="nothing")
def noted(context: Context) -> Iterator[Finding]:
    yield problem("a note")


@check("stale-thing", ERROR, cause="A thing that is old makes AWS refuse every request.", fix="unset AWS_THING")
def stale(context: Context) -> Iterator[Finding]:
    if "AWS_THING" in context.environ:
        yield problem(
            "AWS_THING is old", "AWS_THING=…abcd", "/home/ada/.aws/config:12", auto_fix=AutoFix(unset=("AWS_THING",))
        )


@check("two-things", WARNING, cause="There must be only one.", remediation="look at it")
def two(context: Context) -> Iterator[Finding]:
    yield problem("there are two", fix="awsenv assume project1", severity=ERROR)
    yield problem("and a half")


@check("unreadable", ERROR, cause="It cannot be read.", remediation="repair it")
def unreadable(context: Context) -> Iterator[Finding]:
    raise UnreadableError
    yield


@check("broken", NOTE, cause="This is a bug in awsenv.", remediation="never shown")
def broken(context: Context) -> Iterator[Finding]:
    yield problem("seen before it broke")
    raise KeyError(SECRET)


@check("rejected", ERROR, cause="AWS rejects it.", remediation="wait", online=True)
def rejected(context: Context) -> Iterator[Finding]:
    yield problem("AWS rejected it")


def summary(findings: list[Finding]) -> list[str]:
    return [f"{one.severity} {one.check.id}" for one in findings]


# --- running the checks -------------------------------------------------------------------------------------------------


def test_findings_are_sorted_by_severity_then_by_likelihood() -> None:
    findings = doctor.examine(context(AWS_THING="x"), [noted, two, stale])
    assert summary(findings) == ["error two-things", "error stale-thing", "warning two-things", "note stale-note"]
    assert findings[1].check.cause == "A thing that is old makes AWS refuse every request."
    assert findings[0].instructions == "awsenv assume project1"
    assert findings[2].instructions == "look at it"


def test_offline_skips_the_online_checks() -> None:
    assert doctor.examine(context(), [rejected]) == []


def test_a_failing_check_is_reported_and_does_not_stop_the_others() -> None:
    findings = doctor.examine(context(AWS_THING="x"), [unreadable, broken, stale])
    assert summary(findings) == ["error stale-thing", "warning broken", "note broken", "note unreadable"]
    assert findings[3].what == "not checked: the AWS files cannot be read"
    assert "why:" not in report.as_text(findings[3:], [], "bash", columns=None, end="")  # it is not the cause
    assert findings[1].what == "not checked: unexpected KeyError"
    assert isinstance(findings[1].fault, KeyError)
    assert SECRET not in report.as_text(findings, [], "bash", columns=None, end="")


def test_offline_checks_run_even_if_the_online_checks_fail() -> None:
    class Lost(Context):
        def probe(self) -> None:
            raise RuntimeError

    findings = doctor.examine(Lost({"AWS_THING": "x"}, NOW), [rejected, stale])
    assert summary(findings) == ["error stale-thing", "warning rejected"]


def test_progress_names_each_check() -> None:
    progress: list[str] = []
    doctor.examine(context(), [stale, two], progress.append)
    assert progress == ["checking stale-thing", "checking two-things"]


# --- the report ---------------------------------------------------------------------------------------------------------


def test_each_finding_is_one_paragraph() -> None:
    seen = context(AWS_THING="x", AWS_PROFILE="ada")
    findings = doctor.examine(seen, [stale, noted])
    text = report.as_text(
        findings, inventory.variables(seen.environ, NOW), "bash", columns=None, end=report.count(findings)
    )
    assert text == (
        "error stale-thing: AWS_THING is old\n"
        "  AWS_THING=…abcd\n"
        "  /home/ada/.aws/config:12\n"
        "  why: A thing that is old makes AWS refuse every request.\n"
        "  fix:\n"
        "    unset AWS_THING\n"
        "\n"
        "note stale-note: a note\n"
        "  why: It is only a note.\n"
        "  fix: nothing\n"
        "\n"
        "VARIABLE     VALUE  WHAT IT DOES\n"
        "AWS_PROFILE  ada    the active profile\n"
        "AWS_THING    …      not known to awsenv\n"
        "\n"
        "1 error, 1 note\n"
    )


def test_a_terminal_wraps_prose_but_not_commands_and_places() -> None:
    @check(
        "long",
        WARNING,
        cause="Word after word after word after word after word after word after word.",
        fix="awsenv " + "x" * 60,
    )
    def long(context: Context) -> Iterator[Finding]:
        yield problem("something " * 8, "/" + "y" * 60 + ":1")

    text = report.as_text(doctor.examine(context(), [long]), [], "bash", columns=40, end="")
    lines = [line.strip() for line in plain(text).splitlines()]
    assert "\x1b[" in text
    assert "awsenv " + "x" * 60 in lines
    assert "/" + "y" * 60 + ":1" in lines
    assert max(len(line) for line in plain(text).splitlines() if "x" not in line and "y:" not in line) <= 40


def plain(text: str) -> str:
    """Remove the escape sequences of colors."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_control_characters_never_reach_the_terminal() -> None:
    @check("odd", WARNING, cause="Odd.", remediation="repair it")
    def odd(context: Context) -> Iterator[Finding]:
        yield problem("the profile a\x1b[31mb", "x\ry", fix="awsenv assume 'a\x07'")

    seen = context(AWS_PROFILE="a\x1b[31mb", **{"AWS_X\x1b": "1"})
    text = report.as_text(
        doctor.examine(seen, [odd]), inventory.variables(seen.environ, NOW), "bash", columns=None, end=""
    )
    assert all(character.isprintable() or character == "\n" for character in text)


@pytest.mark.parametrize(
    ("severities", "line"),
    [
        ((), "nothing is wrong"),
        ((NOTE,), "nothing is wrong, 1 note"),
        ((ERROR, WARNING, ERROR), "2 errors, 1 warning"),
        ((WARNING, WARNING, NOTE, NOTE), "2 warnings, 2 notes"),
    ],
)
def test_the_last_line_has_the_counts(severities: tuple[str, ...], line: str) -> None:
    assert report.count([Finding(noted, "", severity=severity) for severity in severities]) == line


def test_json_has_the_findings_and_the_variables() -> None:
    findings = doctor.examine(context(AWS_THING="x"), [stale, noted])
    answer = json.loads(report.as_json(findings, inventory.variables({"AWS_PROFILE": "ada"}, NOW), "fish"))
    assert answer == {
        "findings": [
            {
                "id": "stale-thing",
                "severity": "error",
                "what": "AWS_THING is old",
                "evidence": ["AWS_THING=…abcd", "/home/ada/.aws/config:12"],
                "cause": "A thing that is old makes AWS refuse every request.",
                "fix": "set -e AWS_THING",
                "fixable": True,
            },
            {
                "id": "stale-note",
                "severity": "note",
                "what": "a note",
                "evidence": [],
                "cause": "It is only a note.",
                "fix": "nothing",
                "fixable": False,
            },
        ],
        "variables": [{"name": "AWS_PROFILE", "value": "ada", "does": "the active profile", "origin": ""}],
    }


def test_the_variables_are_grouped_by_what_set_them() -> None:
    environ = {
        **LONG_TERM, "AWSENV_PROFILE": "p", "AWSENV_KEY": KEY[-8:], "AWS_CONFIG_FILE": "/c", "AWS_REGION": "eu-west-1",
    }  # fmt: skip
    lines = report.variables_as_text(inventory.variables(environ, NOW), columns=None).splitlines()
    ours, others = lines.index("set by awsenv assume p:"), lines.index("set by you, or inherited:")
    assert ours == 0
    assert [line.split()[0] for line in lines[ours + 2 : others - 1]] == [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWSENV_PROFILE", "AWSENV_KEY",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[others + 2 :]] == ["AWS_REGION", "AWS_CONFIG_FILE"]


def test_variables_of_another_tool_come_first() -> None:
    environ = {**LONG_TERM, "AWS_VAULT": "p"}
    text = report.variables_as_text(inventory.variables(environ, NOW), columns=None)
    assert text.index("set by aws-vault:") < text.index("AWS_ACCESS_KEY_ID") < text.index("set by you, or inherited:")


def test_missing_variables_are_reported() -> None:
    assert report.variables_as_text([], columns=None) == "no AWS variable is set in this shell\n"


@pytest.mark.parametrize(
    ("remediation", "fix", "lines"),
    [
        ("", "unset AWS_A", ["fix:", "  unset AWS_A"]),
        ("write x = 1 in that line", "", ["fix: write x = 1 in that line"]),
        ("put new keys there", "aws configure", ["fix: put new keys there:", "  aws configure"]),
        ("", "unset AWS_A\nawsenv refresh", ["fix:", "  unset AWS_A", "  awsenv refresh"]),
        ("add this:\n[profile a]\nregion = x", "", ["fix: add this:", "  [profile a]", "  region = x"]),
        ("", "", []),
    ],
)
def test_a_command_is_on_a_line_of_its_own(remediation: str, fix: str, lines: list[str]) -> None:
    assert [line.plain for line in fixes.fix_lines(remediation, fix, "bash", "")] == lines


# --- the variables ------------------------------------------------------------------------------------------------------


def test_every_variable_of_the_table_has_a_meaning() -> None:
    assert set(environment.TABLE) | set(environment.PROFILE_HINTS) <= set(MEANINGS)


def test_no_secret_is_shown() -> None:
    token = "FwoGZXIvYXdzEDEaDKsessiontokensessiontoken"
    environ = dict.fromkeys((*environment.SECRETS, "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_SECRET_KEY"), SECRET)
    environ |= {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SESSION_TOKEN": token,
        "AWS_PROFILE": SECRET,
        "HTTPS_PROXY": "http://ada:hunter2@proxy:8080",
        "AWS_ENDPOINT_URL_S3": "https://ada:hunter2@s3.example",
    }
    shown = {row.name: row.value for row in inventory.variables(environ, NOW)}
    assert set(shown) == set(environ)
    for secret in (SECRET, token, KEY, "hunter2"):
        assert not any(secret in value for value in shown.values())
    assert shown["AWS_ACCESS_KEY_ID"] == "AKIA…7WML"
    assert shown["AWS_SECRET_ACCESS_KEY"] == "…ABCD"
    assert shown["HTTPS_PROXY"] == "http://…@proxy:8080"
    assert shown["AWS_PROFILE"] == redaction.redact(SECRET, {})


def test_a_variable_is_shown_with_its_meaning_and_its_time_left() -> None:
    rows = {
        row.name: row
        for row in inventory.variables(
            {
                "AWS_CREDENTIAL_EXPIRATION": "2026-11-22T20:09:27Z",
                "AWSENV_EXPIRATION": str(NOW - 7200),
                "AWS_PROFILE": "",
                "AWS_ENDPOINT_URL_STS": "http://localhost:4566",
                "PATH": "/bin",
            },
            NOW,
        )
    }
    assert rows["AWS_CREDENTIAL_EXPIRATION"].does.endswith(": 30m left")
    assert rows["AWSENV_EXPIRATION"].does.endswith(": 2h00m ago")
    assert rows["AWS_PROFILE"].value == "(empty)"
    assert rows["AWS_ENDPOINT_URL_STS"].does == "sts requests go there, instead of to AWS"
    assert "PATH" not in rows


def test_a_variable_is_shown_with_what_set_it(home: Home) -> None:
    assert home.sts is not None
    keys = {"AWS_ACCESS_KEY_ID": home.sts.key_id, "AWS_SECRET_ACCESS_KEY": home.sts.secret}
    ours = {"AWSENV_PROFILE": "p", "AWSENV_KEY": KEY[-8:], "AWS_REGION": "r", "AWSENV_REGION": "r", **LONG_TERM}
    for environ, origins in (
        (ours, {"awsenv assume p"}),
        ({"AWSENV_PROFILE": "p", "AWS_PROFILE": "p"}, {"awsenv assume p"}),
        ({**LONG_TERM, "AWS_VAULT": "p"}, {"aws-vault", ""}),
        (home.environment(**keys), {"profile user1", ""}),
        (LONG_TERM, {""}),
    ):
        assert {row.origin for row in inventory.variables(environ, NOW)} == origins
    assert inventory.variables({**ours, "AWS_REGION": "mine"}, NOW)[2].origin == ""


# --- the fix in this shell ----------------------------------------------------------------------------------------------

FIXES = {
    "bash": ("unset AWS_A AWS_B", "export AWS_C=x"),
    "zsh": ("unset AWS_A AWS_B", "export AWS_C=x"),
    "sh": ("unset AWS_A AWS_B", "export AWS_C=x"),
    "fish": ("set -e AWS_A AWS_B", "set -gx AWS_C x"),
    "powershell": ("Remove-Item Env:AWS_A, Env:AWS_B", "$env:AWS_C = 'x'"),
    "pwsh": ("Remove-Item Env:AWS_A, Env:AWS_B", "$env:AWS_C = 'x'"),
    "cmd": ('set "AWS_A=" & set "AWS_B="', 'set "AWS_C=x"'),
}


@pytest.mark.parametrize("shell", FIXES)
def test_a_fix_is_written_in_the_syntax_of_the_shell(shell: str) -> None:
    unset, export = FIXES[shell]
    assert fixes.typed("unset AWS_A AWS_B", shell) == unset
    assert fixes.typed("export AWS_C=x", shell) == export
    assert fixes.typed("unset AWS_A AWS_B, or: export AWS_C=x", shell) == f"{unset}, or: {export}"
    assert fixes.typed("unset AWS_A AWS_B and start anew", shell) == f"{unset} and start anew"
    for other in ("awsenv assume project1", "leave it unset", "repair /home/ada/.aws/config"):
        assert fixes.typed(other, shell) == other


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_fix_in_the_syntax_of_the_shell_works(shell: str, home: Home) -> None:
    show = "/usr/bin/env | /usr/bin/grep '^AWS_[ABC]='"
    result = run(shell, "\n".join((*FIXES[shell], show)), home, load=False, AWS_A="1", AWS_B="2")
    assert (result.out.strip(), result.err) == ("AWS_C=x", "")


# --- the command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def quiet(tmp_path: Path) -> Home:
    """A healthy home, and a PATH with only awsenv."""
    made = Home(tmp_path / "home")
    made.config.parent.mkdir(parents=True)
    made.config.write_text(
        "[profile project1]\nrole_arn = arn:aws:iam::123456789012:role/project1\nsource_profile = user1\nregion = eu-west-1\n"
    )
    made.credentials.write_text(f"[user1]\n{KEYS}")
    made.credentials.chmod(0o600)
    made.config.chmod(0o600)
    return made


def only_awsenv(home: Home) -> str:
    """Return a directory for PATH with only awsenv: checking the AWS CLIs of this machine would take a second."""
    directory = home.path / "bin"
    directory.mkdir(exist_ok=True)
    (directory / "awsenv").symlink_to(BIN / "awsenv")
    for tool in ("dirname", "readlink"):  # for a pwsh that is a script
        (directory / tool).symlink_to(need(tool, shutil.which(tool)))
    return str(directory)


@pytest.mark.shell
def test_a_healthy_home_exits_with_0(quiet: Home) -> None:
    path = only_awsenv(quiet)
    result = quiet.awsenv("doctor", "--offline", PATH=path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1].startswith("nothing is wrong")
    result = quiet.awsenv("doctor", "project1", "--offline", "--json", PATH=path, **LONG_TERM)
    assert result.returncode == 0
    assert {one["severity"] for one in json.loads(result.stdout)["findings"]} <= {"note"}


@pytest.mark.shell
def test_an_error_exits_with_1_in_text_and_json(quiet: Home) -> None:
    path = only_awsenv(quiet)
    result = quiet.awsenv("doctor", "--offline", "--shell", "fish", PATH=path, **STALE)
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith("error stale-expiration: AWS_CREDENTIAL_EXPIRATION is ")
    assert "\n  fix:\n    set -e AWS_CREDENTIAL_EXPIRATION\n" in result.stdout
    assert result.stdout.splitlines()[-1] == "1 error"
    assert SECRET not in result.stdout
    assert KEY not in result.stdout
    assert "\x1b" not in result.stdout
    answer = json.loads(quiet.awsenv("doctor", "--offline", "--json", PATH=path, **STALE).stdout)
    assert [one["id"] for one in answer["findings"] if one["severity"] == "error"] == ["stale-expiration"]
    assert answer["findings"][0]["fixable"]


@pytest.mark.shell
def test_vars_shows_the_variables_alone(quiet: Home) -> None:
    result = quiet.awsenv("doctor", "--vars", AWS_PROFILE="", **STALE)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0] == "with the credentials of profile user1:"
    assert result.stdout.splitlines()[1].split() == ["VARIABLE", "VALUE", "WHAT", "IT", "DOES"]
    assert "stale-expiration" not in result.stdout
    assert SECRET not in result.stdout
    answer = json.loads(quiet.awsenv("doctor", "--vars", "--json", **STALE).stdout)
    assert list(answer) == ["variables"]
    assert [row["name"] for row in answer["variables"]][:3] == [*LONG_TERM, "AWS_CREDENTIAL_EXPIRATION"]
    result = quiet.awsenv("doctor", "--vars", "--fix", **STALE)
    assert result.returncode == 2
    assert "--fix does not go with --vars" in result.stderr


@pytest.mark.shell
def test_a_python_without_docstrings_prints_the_same(quiet: Home) -> None:
    """python -OO removes docstrings; causes, fixes and meanings are values. (tests/test_cli.py compares the help.)"""
    environ = quiet.environment(PATH=only_awsenv(quiet), AWS_PROFILE="", **STALE)
    error = "An error occurred (ExpiredToken) when calling the ListBuckets operation"
    for args in (("doctor", "--offline"), ("explain", error)):
        output = [
            subprocess.run(
                [sys.executable, *options, "-m", "awsenv", *args],
                env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )
            for options in ([], ["-OO"])
        ]  # fmt: skip
        assert output[0].stdout == output[1].stdout != "", args
        assert output[0].returncode == output[1].returncode


@pytest.mark.shell
def test_an_unknown_profile_is_refused_with_the_nearest_name(quiet: Home) -> None:
    result = quiet.awsenv("doctor", "projct1", "--offline")
    assert (result.returncode, result.stdout) == (1, "")
    assert "there is no profile 'projct1' in " in result.stderr
    assert result.stderr.endswith("; did you mean project1?\n")


@pytest.mark.shell
def test_unreadable_files_are_a_finding_even_with_a_profile(quiet: Home) -> None:
    quiet.config.write_text("[profile project1\nregion = eu-west-1\n")
    result = quiet.awsenv("doctor", "project1", "--offline", PATH=only_awsenv(quiet))
    assert result.returncode == 1
    assert f"{quiet.config}, line 1" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 error")


@pytest.mark.shell
def test_json_and_fix_are_refused_together(quiet: Home) -> None:
    result = quiet.awsenv("doctor", "--json", "--fix", "--shell", "bash")
    assert (result.returncode, result.stdout) == (2, "(exit 2);\n")


@pytest.mark.shell
def test_debug_shows_where_a_check_failed_without_secrets(quiet: Home) -> None:
    program = (
        "import sys, test_doctor; from awsenv import cli, doctor\n"
        "doctor.examine.__defaults__ = ((test_doctor.broken,), lambda text: None)\n"
        "sys.argv = ['awsenv', 'doctor', '--offline', *sys.argv[1:]]; cli.main()"
    )
    for options in ([], ["--debug"]):
        result = subprocess.run(
            [sys.executable, "-c", program, *options],
            env=quiet.environment(PYTHONPATH=str(Path(__file__).parent)), cwd=quiet.path,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 1
        assert "warning broken: not checked: unexpected KeyError" in result.stdout
        assert ("Traceback" in result.stderr) == bool(options)
        assert SECRET not in result.stdout + result.stderr


# --- --fix --------------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_fix_writes_the_snippet_to_stdout_and_the_report_to_stderr(quiet: Home) -> None:
    result = quiet.awsenv("doctor", "--fix", "--offline", "--shell", "bash", PATH=only_awsenv(quiet), **STALE)
    change = dialects.write(dialects.load("bash"), {"AWS_CREDENTIAL_EXPIRATION": None}, whole=False)
    assert (result.returncode, result.stdout) == (0, change)
    assert "error stale-expiration: " in result.stderr
    assert result.stderr.endswith("\n1 error\nunset AWS_CREDENTIAL_EXPIRATION\nnothing else is wrong\n")


#: whether all problems are fixed -> the environment, and the status; a key without its secret has no safe fix
FIXED = {
    "all": (STALE, 0),
    "not all": ({name: value for name, value in STALE.items() if name != "AWS_SECRET_ACCESS_KEY"}, 1),
}

RAW = {
    "fish": "awsenv doctor --fix --offline | source",
    "powershell": "$code = 0; try { awsenv doctor --fix --offline | Out-String | Invoke-Expression } catch { $code = 1 }",
}
STATUS = {
    "fish": 'echo "$status [$AWS_CREDENTIAL_EXPIRATION] $AWS_ACCESS_KEY_ID"',
    "powershell": '"$code [$env:AWS_CREDENTIAL_EXPIRATION] $env:AWS_ACCESS_KEY_ID"',
}


@pytest.mark.shell
@pytest.mark.parametrize("mode", ["raw", "raw with the function", "integrated"])
@pytest.mark.parametrize("fixed", FIXED)
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_fix_changes_the_shell_and_its_status_reports_whether_problems_remain(
    shell: str, fixed: str, mode: str, quiet: Home
) -> None:
    environ, code = FIXED[fixed]
    line = RAW.get(shell, 'eval "$(awsenv doctor --fix --offline)"')
    if mode == "integrated":
        line = "awsenv doctor --fix --offline" + ("; $code = $LASTEXITCODE" if shell == "powershell" else "")
    status = STATUS.get(shell, 'echo "$? [${AWS_CREDENTIAL_EXPIRATION-}] $AWS_ACCESS_KEY_ID"')
    result = run(shell, f"{line}\n{status}", quiet, load=mode != "raw", PATH=only_awsenv(quiet), **environ)
    assert result.out == f"{code} [] {KEY}\n", result.err
    assert "unset AWS_CREDENTIAL_EXPIRATION\n" in result.err


@pytest.mark.shell
@pytest.mark.parametrize("args", ["--offline", "--fix --offline --shell zsh", "-- --fix", "--fix --help"])
@pytest.mark.parametrize("shell", [*POSIX, "fish"])
def test_without_fix_the_shell_evaluates_nothing(shell: str, args: str, quiet: Home) -> None:
    quiet.config.write_text('[profile --fix]\nregion = eu-west-1\n[profile "$(touch pwned)"]\n')
    path = only_awsenv(quiet)
    result = run(shell, f'awsenv doctor {args}\necho "[$AWS_CREDENTIAL_EXPIRATION]"', quiet, PATH=path, **STALE)
    assert result.out.splitlines()[-1] == "[2020-01-01T00:00:00Z]"
    assert not (quiet.path / "pwned").exists()
    assert "not found" not in result.err


@pytest.mark.shell
def test_fix_unsets_all_that_belongs_to_stale_keys_and_restores_what_assume_displaced(quiet: Home) -> None:
    session = {
        "AWS_ACCESS_KEY_ID": "ASIAQNZGKIQY56JQ7WML", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "t" * 300,
        "AWSENV_PROFILE": "project1", "AWSENV_KEY": "56JQ7WML", "AWSENV_EXPIRATION": "1500000000",
        "AWSENV_PREVIOUS_AWS_PROFILE": "user1",
    }  # fmt: skip
    result = quiet.awsenv("doctor", "--fix", "--offline", "--shell", "awsenv.cmd", PATH=only_awsenv(quiet), **session)
    lines = result.stdout.splitlines()
    assert "AWS_ACCESS_KEY_ID=" in lines
    assert "AWSENV_PROFILE=" in lines
    assert "AWS_PROFILE=user1" in lines
    assert lines[-1] == f"AWSENV_RC={result.returncode}"


def test_fix_removes_only_entries_that_have_not_changed(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    directory = tmp_path / ".aws" / "cli" / "cache"
    directory.mkdir(parents=True)
    corrupt, gone, renewed = (directory / f"{letter * 40}.json" for letter in "abc")
    for path in (corrupt, gone, renewed):
        path.write_text("{")
    entries = {str(entry.path): entry for entry in session_cache.Cache(environ, NOW).entries()}
    fixes = [
        Finding(stale, "", severity=ERROR, auto_fix=AutoFix(remove=(entries[str(path)],)))
        for path in (corrupt, gone, renewed)
    ]
    gone.unlink()
    keys = {"AccessKeyId": KEY, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"}
    renewed.write_text(json.dumps({"Credentials": keys}))
    result = command.fixed(fixes, environ, NOW)
    assert not corrupt.exists()
    assert renewed.exists()
    assert (result.change, result.code) == ({}, 0)
    assert f"removed {corrupt}\n" in result.report
    assert str(renewed) not in result.report
    assert command.fixed([Finding(noted, "", severity=NOTE)], environ, NOW).code == 0


def test_a_restored_variable_is_not_unset_by_fix() -> None:
    environ = {**LONG_TERM, "AWS_PROFILE": "", "AWSENV_PROFILE": "p", "AWSENV_PREVIOUS_AWS_PROFILE": "work"}
    fix = AutoFix(unset=("AWS_PROFILE", *LONG_TERM))
    change = command.fixed([Finding(stale, "", severity=ERROR, auto_fix=fix)], environ, NOW).change
    assert change is not None
    assert change["AWS_PROFILE"] == "work"
    assert change["AWS_ACCESS_KEY_ID"] is None


def test_fix_changes_nothing_that_depends_on_a_wrong_clock(tmp_path: Path) -> None:
    """A clock before the time of existing files is certainly wrong, without a request."""
    environ = {**STALE, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PATH": ""}
    now, wrong = int(time.time()), 86400
    findings = doctor.examine(Context(environ, now, offline=True))
    assert [one.check.id for one in findings if one.auto_fix] == ["stale-expiration"]
    environ["AWS_CREDENTIAL_EXPIRATION"] = "1970-01-01T00:00:00Z"
    findings = doctor.examine(Context(environ, wrong, offline=True))
    assert findings[0].check.id == "clock-implausible"
    assert "stale-expiration" in [one.check.id for one in findings]
    assert not [one for one in findings if one.auto_fix]


@pytest.mark.shell
@pytest.mark.parametrize(
    ("config", "credentials", "found"),
    [
        ("[prod]\nregion = eu-central-1\n", "", "profile-prefix-missing"),
        ("", "[profile prod]\naws_access_key_id = x\n", "profile-prefix-in-credentials"),
    ],
)
def test_a_misplaced_profile_is_a_finding_not_a_usage_error(
    config: str, credentials: str, found: str, quiet: Home
) -> None:
    quiet.config.write_text(config)
    quiet.credentials.write_text(credentials)
    quiet.credentials.chmod(0o600)
    path = only_awsenv(quiet)
    result = quiet.awsenv("doctor", "prod", "--offline", PATH=path)
    assert result.returncode == 1
    assert f"error {found}: " in result.stdout
    result = quiet.awsenv("doctor", "prd", "--offline", PATH=path)
    assert "there is no profile 'prd'" in result.stderr


def test_a_secret_in_the_wrong_variable_is_not_shown() -> None:
    @check("slip", ERROR, cause="A slip.", fix="unset AWS_PROFILE")
    def slip(context: Context) -> Iterator[Finding]:
        yield problem(
            f"AWS_PROFILE is {MIXED}",
            f"AWS_PROFILE={MIXED}",
            "http://ada:hunter2@localhost:1/x",
            remediation=f"drop {MIXED}",
        )
        yield problem("a path", f"/home/ada/.aws/cli/cache/{'2497385133e95c1a' * 3}.json".replace("1a.", "."), "a" * 40)

    first, second = doctor.examine(context(), [slip])
    assert MIXED not in repr(first)
    assert "hunter2" not in repr(first)
    assert "redacted" not in repr(second)


def test_a_path_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    path = "/tmp/" + "Team42/projects/" * 8
    assert redaction.hidden(f"cannot read {path[:40]}") == f"cannot read {path[:40]}"
    assert redaction.hidden(path) == path
    assert redaction.hidden("/Tmp1/" + path[6:40]) == "[redacted]"  # no such directory exists, so it may be a secret


@pytest.mark.shell
@pytest.mark.parametrize("value", ['"{config}"', "file://{config}", ""])
def test_the_finding_that_explains_a_missing_profile_is_shown_for_it(value: str, quiet: Home) -> None:
    environ = {"AWS_CONFIG_FILE": value.format(config=quiet.config), "PATH": only_awsenv(quiet)}
    result = quiet.awsenv("doctor", "project1", "--offline", **environ)
    assert result.returncode == 1
    assert "error config-file-missing: AWS_CONFIG_FILE is " in result.stdout
    result = quiet.awsenv("doctor", "project1", "--offline", "--json", **environ)
    assert result.returncode == 1
    assert "config-file-missing" in [one["id"] for one in json.loads(result.stdout)["findings"]]


@pytest.mark.shell
@pytest.mark.parametrize("name", ["projct1", "nothing like it", "-"])
def test_json_is_printed_for_a_profile_that_does_not_exist(name: str, quiet: Home) -> None:
    result = quiet.awsenv("doctor", "--offline", "--json", "--", name, PATH=only_awsenv(quiet))
    assert (result.returncode, result.stderr) == (1, "")
    first = json.loads(result.stdout)["findings"][0]
    assert (first["id"], first["severity"]) == ("unknown-profile", "error")
    assert f"there is no profile {name!r}" in first["what"]


@pytest.mark.shell
def test_a_link_to_nothing_explains_a_missing_profile(quiet: Home) -> None:
    quiet.config.unlink()
    quiet.config.symlink_to("/mnt/c/Users/ada/.aws/config")
    result = quiet.awsenv("doctor", "project1", "--offline", PATH=only_awsenv(quiet))
    assert result.returncode == 1
    assert f"error config-file-unusable: {quiet.config} is a link to /mnt/c/Users/ada/.aws/config" in result.stdout


@pytest.mark.shell
def test_fix_removes_a_corrupt_session(quiet: Home) -> None:
    quiet.cache.mkdir(parents=True)
    entry = quiet.cache / f"{'a' * 40}.json"
    entry.write_text("{")
    path = only_awsenv(quiet)
    assert "warning cache-corrupt: " in quiet.awsenv("doctor", "--offline", PATH=path).stdout
    result = quiet.awsenv("doctor", "--fix", "--offline", "--shell", "bash", PATH=path)
    assert (result.returncode, result.stdout) == (0, ":;\n")
    assert f"\nremoved {entry}\nnothing else is wrong" in result.stderr
    assert not entry.exists()
    assert quiet.awsenv("doctor", "--offline", PATH=path).returncode == 0


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_the_bare_program_on_a_terminal_prints_the_line_to_type(shell: str, quiet: Home) -> None:
    with terminal(shell, quiet) as tty:
        line = {"fish": "awsenv doctor --fix | source"}.get(shell, 'eval "$(awsenv doctor --fix)"')
        text = tty.type("command awsenv doctor --fix")
        assert f"type: {line}" in text
        assert "secret" not in text


@pytest.mark.slow
def test_cmd_evaluates_the_fix(quiet: Home, tmp_path: Path) -> None:
    put(tmp_path)
    typed = "call awsenv.cmd doctor --fix --offline\necho [%AWS_CREDENTIAL_EXPIRATION%] [%ERRORLEVEL%]\nexit\n"
    result = wine(quiet, tmp_path, typed=typed, **STALE)
    assert ">[%AWS_CREDENTIAL_EXPIRATION%] [0]" in result.stdout, result.stdout + result.stderr
    assert "error stale-expiration: " in result.stderr
    shown = cmd(quiet, tmp_path, "doctor", "--offline", **STALE)
    assert shown.returncode == 1
    assert "error stale-expiration: " in shown.stdout
    assert '    set "AWS_CREDENTIAL_EXPIRATION="' in shown.stdout.replace("\r", "")


# --- on a terminal ------------------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_progress_disappears_from_the_terminal(shell: str, quiet: Home) -> None:
    with terminal(shell, quiet, PATH=f"{only_awsenv(quiet)}:/usr/bin:/bin") as tty:
        text = tty.type("awsenv doctor --offline")
        assert "nothing is wrong" in text
        assert "checking" not in text


@pytest.mark.shell
@pytest.mark.parametrize("args", ["doctor", "doctor --fix"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_ctrl_c_ends_the_doctor_at_once(shell: str, args: str, quiet: Home) -> None:
    with silent_server() as url:
        more = {"AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1", "PATH": f"{only_awsenv(quiet)}:/usr/bin:/bin"}
        with terminal(shell, quiet, **more, **LONG_TERM) as tty:
            tty.send(f"awsenv {args}\r")
            tty.until("asking AWS")
            tty.send("\x03")
            tty.until("awsenv: interrupted, nothing was changed")
            assert tty.status() == "130"
            assert "asking AWS" not in tty.text
            assert "Traceback" not in tty.text


# --- docs/doctor.md -----------------------------------------------------------------------------------------------------


def generated_page() -> str:
    return str(runpy.run_path(str(ROOT / "docs" / "doctor.py"))["page"]())


def test_the_docs_page_is_generated_from_the_checks() -> None:
    committed = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    assert committed == generated_page(), "python docs/doctor.py > docs/doctor.md"


def test_every_check_has_a_unique_id_a_cause_and_a_fix() -> None:
    ids = [one.id for one in doctor.CHECKS]
    assert len(set(ids)) == len(ids)
    for one in doctor.CHECKS:
        assert one.id == one.id.lower().replace("_", "-").replace(" ", "-")
        assert one.severity in (ERROR, WARNING, NOTE)
        assert one.cause.endswith(".") or one.cause.rpartition(" ")[2].startswith("https://"), one.id
        assert one.fix or one.remediation, one.id
        assert not (one.remediation or one.fix).endswith("."), one.id


def test_every_text_belongs_to_a_check() -> None:
    for file in (Path(doctor.__file__).parent / "checks").glob("*.ini"):
        checks = doctor.group(file.stem.replace("_", "-")).checks
        assert parsed(str(file)).sections() == [check.id for check in checks]


def test_every_check_is_in_the_page_with_its_errors() -> None:
    text = generated_page()
    for one in doctor.CHECKS:
        assert f"\n### {one.id}\n" in text
        assert all(f"\n| {id}" in text for id in one.causes)
