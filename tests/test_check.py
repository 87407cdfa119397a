"""`awsenv check` in its other forms: --json, --quiet, --vars, and the time of day."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.homes import Home
from support.programs import BIN
from support.shells import INTERACTIVE, run
from support.until import UNTIL

from awsenv.aws import expiry
from awsenv.report import variables
from awsenv.system.redaction import redact

KEYS = {
    "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH",
    "AWS_SECRET_ACCESS_KEY": "TOPSECRET" * 4,
    "AWS_SESSION_TOKEN": "t" * 99,
}
OURS = {**KEYS, "AWSENV_PROFILE": "p", "AWSENV_KEY": "OPASDFGH"}


def left(seconds: int) -> dict[str, str]:
    """Return the variables of a session that expires in so many seconds."""
    return {**OURS, "AWSENV_EXPIRATION": str(int(time.time()) + seconds)}


@pytest.mark.parametrize(
    ("exported", "code", "state"),
    [
        (5400, 0, "valid"),
        (300, 3, "near expiry"),
        (-60, 4, "expired"),
        ({}, 5, "nothing exported"),
        (KEYS, 6, "unknown expiry"),
        ({"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH"}, 1, "incomplete"),
        ({**OURS, "AWS_SESSION_TOKEN": "", "AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH"}, 0, "valid"),
    ],
)
def test_every_form_has_the_same_exit_code(exported: int | dict[str, str], code: int, state: str, home: Home) -> None:
    """The first cases are seconds, as the time of the collection may be minutes ago."""
    environ = left(exported) if isinstance(exported, int) else exported
    for form in ((), ("--json",), ("-j",), ("--quiet",), ("-q",), ("--vars",)):
        assert home.awsenv("check", *form, **environ).returncode == code, form
    quiet = home.awsenv("check", "-q", **environ)
    assert (quiet.stdout, quiet.stderr) == ("", "")
    answer = json.loads(home.awsenv("check", "--json", **environ).stdout)
    assert list(answer) == ["name", "profile", "state", "seconds_left", "expiration"]
    assert answer["state"] == state
    expires = environ.get("AWSENV_EXPIRATION")
    assert (answer["expiration"] or None) == (expiry.format_utc(int(expires)) if expires else None)


@pytest.fixture
def tokyo() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("tokyo")
def test_the_expiration_is_a_local_time_with_the_day_unless_it_is_today() -> None:
    noon = 1795662000  # 2026-11-26 12:00 in Tokyo
    assert expiry.clock(noon + 9120, noon) == "14:32"
    assert expiry.clock(noon + 13 * 3600, noon) == "Fri 01:00"
    assert expiry.clock(noon + 8 * 86400, noon) == "2026-12-04 12:00"
    assert expiry.clock(10**18, noon) == ""


def test_check_prints_the_time_of_the_expiration(home: Home) -> None:
    for seconds in (5400, 300):
        environ = left(seconds)
        line = home.awsenv("check", **environ).stdout
        expected = expiry.clock(int(environ["AWSENV_EXPIRATION"]), int(time.time()))
        assert line.startswith("p: ") and f" left, until {expected}" in line
    assert not UNTIL.search(home.awsenv("check", **left(-60)).stdout)


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_shell_formats_a_duration_as_the_program_does(shell: str, home: Home) -> None:
    for hours in (99.5, 147.7):
        environ = left(int(-3600 * hours))
        assert run(shell, "awsenv check", home, **environ).out == home.awsenv("check", **environ).stdout


def test_the_variables_are_shown_without_secrets(home: Home) -> None:
    more = {"AWS_REGION": "eu-west-1", "AWS_CA_BUNDLE": "/ca.pem", "AWS_NEW_THING": "x" * 30, "HTTPS_PROXY": "http://p"}
    shown = home.awsenv("check", "--vars", **left(5400), **more).stdout
    lines = dict(line.split("=", 1) for line in shown.splitlines())
    assert lines["AWS_ACCESS_KEY_ID"] == "ASIA…DFGH"
    assert lines["AWS_REGION"] == "eu-west-1" and lines["AWS_CA_BUNDLE"] == "/ca.pem"
    assert lines["AWS_NEW_THING"] == "…xxxx"
    assert "HTTPS_PROXY" not in lines
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in shown and KEYS["AWS_SESSION_TOKEN"] not in shown


PIECES = st.sampled_from(
    [
        "--region=eu-west-1",
        "secret=abc",
        "SecretAccessKey: x",
        "AKIAQWERTYUIOPASDFGH",
        "Ab1/" * 10,
        "Ab1" * 40,
        "eyJhbGciOiJIUzI1NiJ9.x",
        "http://u:p@h/",
        "/a/long/path/" * 5,
        " ",
        "\t",
        "password=1",
        "é",
        "token",
        "<Secret>a<",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5)).map("".join))
def test_values_are_shown_as_redact_would_show_them(value: str) -> None:
    """The redaction is imported only for values that it may change; this shortcut must not change the result."""
    if value:
        shown = variables.shown("AWSENV_OPTIONS", value)
        assert shown == variables.printable(redact(value, {}))


@pytest.mark.parametrize("forms", [("--json", "--vars"), ("-q", "--json"), ("--quiet", "--vars")])
def test_two_forms_exclude_each_other(forms: tuple[str, ...], home: Home) -> None:
    result = home.awsenv("check", *forms)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_check_vars_imports_no_slow_module(home: Home) -> None:
    program = "import sys; sys.argv[1:] = ['check', '--vars']; from awsenv.cli import Invocation; import os\n"
    program += "Invocation(sys.argv[1:], dict(os.environ)).answer(); print(sorted({'re', 'enum', 'json', 'rich'} & {*sys.modules}))"
    python = BIN / ("python.exe" if sys.platform == "win32" else "python")
    environ = {**left(5400), "HOME": str(home.path), "PATH": "", "AWS_REGION": "eu-west-1"}
    lines = subprocess.run(
        [python, "-SE", "-c", f"import site; site.main(); {program}"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert lines.splitlines()[-1] == "[]"
