"""The settings of the prompt: from the environment and their file into every shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pexpect
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.homes import Home
from support.shells import INTERACTIVE, SHELLS

from awsenv.commands import _templates
from awsenv.environment import settings
from awsenv.integration import scripts

DEFAULTS = {
    "AWSENV_NO_SEGMENT": "",
    "AWSENV_THRESHOLDS": "900 300",
    "AWSENV_REMIND": "600",
    "AWSENV_RENEW": "",
    "AWSENV_RENEW_BEFORE": "300",
    "AWSENV_RENEW_EVERY": "60",
    "AWSENV_DURATION": "3600",
    "AWSENV_PRODUCTION": "",
    "AWSENV_COLOR_GOOD": "32",
    "AWSENV_COLOR_NEAR": "33",
    "AWSENV_COLOR_EXPIRED": "31",
    "AWSENV_COLOR_UNKNOWN": "33",
    "AWSENV_COLOR_PRODUCTION": "1;7",
    "AWSENV_SYMBOL_EXPIRED": "expired",
    "AWSENV_SYMBOL_UNKNOWN": "?",
    "AWSENV_SYMBOL_ESTIMATE": "~",
    "AWSENV_SYMBOL_PRODUCTION": "!",
}


def file_of(home: Home) -> Path:
    path = Path(settings.path_of(home.environment()))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def read(home: Home, **variables: str) -> dict[str, str]:
    """The settings, without any complaint."""
    values, complaints = settings.read(home.environment(**variables))
    assert complaints == []
    return dict(values)


def test_without_settings_the_defaults_are_used(lone: Home) -> None:
    assert read(lone) == DEFAULTS
    assert list(settings.TABLE) == list(DEFAULTS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        *[("AWSENV_RENEW", text, "1") for text in ("yes", "1", "true", "on", "Yes", " TRUE ")],
        *[("AWSENV_RENEW", text, "") for text in ("no", "0", "false", "off", "", "No")],
        ("AWSENV_REMIND", "90", "90"),
        ("AWSENV_REMIND", "90s", "90"),
        ("AWSENV_REMIND", "1h30m", "5400"),
        ("AWSENV_REMIND", "0", "0"),
        ("AWSENV_THRESHOLDS", "5m, 1h 600", "3600 600 300"),
        ("AWSENV_THRESHOLDS", "9m,10m", "600 540"),
        ("AWSENV_THRESHOLDS", "", ""),
        ("AWSENV_PRODUCTION", "prod*, *-live  a?c", "prod* *-live a?c"),
        ("AWSENV_PRODUCTION", "Prod_1.x:y/z@q+w= Größe", "Prod_1.x:y/z@q+w= Größe"),
        ("AWSENV_COLOR_GOOD", "black", "30"),
        ("AWSENV_COLOR_GOOD", "bright-white", "97"),
        ("AWSENV_COLOR_GOOD", "Red on bright-yellow", "31;103"),
        ("AWSENV_COLOR_GOOD", "255", "38;5;255"),
        ("AWSENV_COLOR_GOOD", "bold dim italic underline reverse 0 on 12", "1;2;3;4;7;38;5;0;48;5;12"),
        ("AWSENV_COLOR_GOOD", "none", ""),
        ("AWSENV_COLOR_GOOD", "", ""),
        ("AWSENV_SYMBOL_EXPIRED", "💀", "💀"),
        ("AWSENV_SYMBOL_EXPIRED", "\uf071 \U000f0026", "\uf071 \U000f0026"),
        ("AWSENV_SYMBOL_ESTIMATE", "about ", "about "),
        ("AWSENV_SYMBOL_EXPIRED", "", ""),
    ],
)
def test_a_value_is_read_from_the_environment_and_from_the_file(name: str, text: str, value: str, lone: Home) -> None:
    expected = DEFAULTS | {name: value}
    assert read(lone, **{name: text}) == expected
    for line in (f"{name}='{text}'", f'export {name}="{text}"', f"  {name} = '{text}'  "):
        file_of(lone).write_text(line, encoding="utf-8")
        assert read(lone) == expected
    if text == text.strip():
        file_of(lone).write_text(f"# mine\r\n\r\n  # yes\r\n{name}={text}\r\n", encoding="utf-8-sig")
        assert read(lone) == expected


def test_the_environment_takes_precedence_over_the_file(lone: Home) -> None:
    file_of(lone).write_text("AWSENV_REMIND=1h\nAWSENV_RENEW=yes\nAWSENV_RENEW=no\nAWSENV_COLOR_GOOD=blue\n")
    assert read(lone) == DEFAULTS | {"AWSENV_REMIND": "3600", "AWSENV_COLOR_GOOD": "34"}
    assert read(lone, AWSENV_REMIND="2h")["AWSENV_REMIND"] == "7200"
    assert read(lone, AWSENV_COLOR_GOOD="")["AWSENV_COLOR_GOOD"] == ""


def test_no_color_turns_all_colors_off(lone: Home) -> None:
    colors = {name for name in DEFAULTS if "COLOR" in name}
    assert {name for name, value in read(lone, NO_COLOR="1", AWSENV_COLOR_GOOD="blue").items() if value == ""} >= colors
    assert read(lone, NO_COLOR="") == DEFAULTS


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("AWSENV_RENEW", "maybe", "is 'maybe', which is not yes or no; using no"),
        ("AWSENV_REMIND", "soon", "is 'soon', which is not a time like 90s, 15m or 1h; using 10m"),
        ("AWSENV_REMIND", "", "is '', which is not a time like"),
        ("AWSENV_REMIND", "9999999999d", "which is not a time like"),
        ("AWSENV_REMIND", "\uff11m", "which is not a time like"),
        ("AWSENV_THRESHOLDS", "15m;5m", "which is not a list of times like 15m,5m; using 15m,5m"),
        ("AWSENV_PRODUCTION", "prod[1]", "which is not a list of patterns like prod* *-live; using nothing"),
        ("AWSENV_PRODUCTION", "$(touch CANARY)", "which is not a list of patterns"),
        (
            "AWSENV_COLOR_GOOD",
            "256",
            "which is not a color like green, bright-red, 208 or bold white on red; using green",
        ),
        ("AWSENV_COLOR_GOOD", "#ff0000", "which is not a color"),
        ("AWSENV_COLOR_PRODUCTION", "1;7", "using bold reverse"),
        ("AWSENV_SYMBOL_UNKNOWN", "\033[31m", "which is not printable text; using ?"),
        ("AWSENV_SYMBOL_UNKNOWN", "a\x9bb", "which is not printable text"),
        ("AWSENV_SYMBOL_ESTIMATE", "", "which is not printable text, which cannot be empty; using ~"),
    ],
)
def test_an_invalid_setting_is_reported_in_one_sentence(name: str, text: str, reason: str, lone: Home) -> None:
    values, complaints = settings.read(lone.environment(**{name: text}))
    assert values == DEFAULTS
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{name} is ")
    assert reason in complaints[0]
    file_of(lone).write_text(f"AWSENV_RENEW=1\n{name}='{text}'\n", encoding="utf-8")
    values, complaints = settings.read(lone.environment())
    assert values == DEFAULTS | ({"AWSENV_RENEW": "1"} if name != "AWSENV_RENEW" else {})
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{name} in {file_of(lone)} is ")
    assert reason in complaints[0]


def test_bytes_that_are_not_text_are_rejected(lone: Home) -> None:
    values, complaints = settings.read(lone.environment(AWSENV_SYMBOL_UNKNOWN="\udcff"))
    assert values == DEFAULTS
    assert len(complaints) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"AWSENV_REMIND 1h\n", "line 1 of {file} is not a setting; see awsenv help settings"),
        (b"\n# x\nAWSENV_REMINDER=1h\n", "line 3 of {file} is not a setting; see awsenv help settings"),
        (b"AWS_PROFILE=x\n", "line 1 of {file} is not a setting; see awsenv help settings"),
        ("AWSENV_REMIND=1h\n".encode("utf-16"), "cannot read {file}: it is not UTF-8"),
        (b"AWSENV_REMIND=\xff\n", "cannot read {file}: it is not UTF-8"),
        (None, "{file} is not a file"),
    ],
)
def test_a_settings_file_that_is_not_a_file_is_named(content: bytes | None, complaint: str, lone: Home) -> None:
    file = file_of(lone)
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    assert settings.read(lone.environment()) == (DEFAULTS, [complaint.format(file=file)])


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: f"AWSENV_REMIND={text}".encode("utf-8", "replace"))
)
def test_no_settings_file_raises(content: bytes, lone: Home) -> None:
    file_of(lone).write_bytes(content)
    values, complaints = settings.read(lone.environment())
    assert values.keys() == DEFAULTS.keys()
    assert all("\n" not in complaint for complaint in complaints)


# --- `awsenv help settings` -------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_the_help_is_a_valid_settings_file(lone: Home) -> None:
    result = lone.awsenv("help", "settings")
    assert (result.returncode, result.stderr) == (0, "")
    assert str(file_of(lone)) in result.stdout
    assert all(len(line) <= 120 for line in result.stdout.splitlines() if str(lone.path) not in line)
    for name, (_, default, does) in settings.TABLE.items():
        assert f"\n# {does}\n#{name}={default}\n" in result.stdout
    file_of(lone).write_text(result.stdout)
    assert read(lone) == DEFAULTS
    file_of(lone).write_text(result.stdout.replace("\n#AWSENV_", "\nAWSENV_"))
    assert read(lone) == DEFAULTS


# --- into the shells --------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_init_reports_an_invalid_setting_on_a_terminal_and_continues(lone: Home) -> None:
    bad = {"AWSENV_REMIND": "soon", "AWSENV_COLOR_GOOD": "greenish"}
    quiet = lone.awsenv("init", "bash", **bad)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    loud = pexpect.run(
        "bash -c 'awsenv init bash | tail -n 1'", env=lone.environment(**bad), cwd=str(lone.path), encoding="utf-8"
    )
    assert "awsenv: AWSENV_REMIND is 'soon'" in loud
    assert "; AWSENV_COLOR_GOOD is 'greenish'" in loud


@pytest.mark.shell
def test_the_options_of_init_take_precedence_over_the_settings(lone: Home) -> None:
    for args, variables, values in (
        ([], {}, ("''", "''")),
        (["--no-segment"], {}, ("'1'", "''")),
        (["--renew"], {"AWSENV_RENEW": "no", "AWSENV_NO_SEGMENT": "yes"}, ("'1'", "'1'")),
    ):
        printed = lone.awsenv("init", "bash", *args, **variables).stdout
        assert f"__awsenv_no_segment={values[0]};" in printed
        assert f"__awsenv_renew={values[1]};" in printed


ODD = (
    "'; touch CANARY; '",
    '"; touch CANARY; "',
    "$(touch CANARY)`touch CANARY`",
    "\u2018\u2019\u201a\u201b; touch CANARY",
    "\\\\ \\' \\n \\",
    "%n %% !! ^a^b ~ * ? [x] {a,b}",
    "-n -e --",
    " blanks ",
    "é 日本 😀 \uf071 \U000f0026",
    "# {% «x» %} @ = : ;",
    "=ls",
)


def settings_in(script: str, shell: str) -> str:
    """The settings before the rendered part of a script."""
    return script.partition(_templates.rendered(scripts.SCRIPTS[shell]))[0]


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_every_shell_reads_odd_values_back(shell: str, lone: Home) -> None:
    texts = [name for name, (kind, _, _) in settings.TABLE.items() if kind in ("text", "sign")]
    for start in range(0, len(ODD), len(texts)):
        variables = dict(zip(texts, ODD[start:], strict=False))
        variables |= {
            "AWSENV_COLOR_GOOD": "bold 208 on red",
            "AWSENV_THRESHOLDS": "1h 5",
        }
        lines = settings_in(lone.awsenv("init", shell, LC_ALL="C.UTF-8", **variables).stdout, shell).splitlines()
        show = '[Console]::Out.Write("$global:{}|")' if shell == "powershell" else 'printf "%s|" "${}"'
        lines += [show.format(f"__{name.lower()}") for name in variables]
        result = subprocess.run(
            [*SHELLS[shell].inline(), "\n".join(lines)],
            env=lone.environment(LC_ALL="C.UTF-8"),
            cwd=lone.path,
            capture_output=True,
            check=False,
        )
        read_back = read(lone, **variables)
        assert result.stderr == b""
        assert result.stdout.decode() == "".join(f"{read_back[name]}|" for name in variables)
    assert not (lone.path / "CANARY").exists()


def test_every_setting_of_the_hooks_is_printed_for_every_shell(lone: Home) -> None:
    """Other settings are in the state of the prompt, which the program computes."""
    for shell in INTERACTIVE:
        first = settings_in(scripts.script(shell, _templates.rendered(scripts.SCRIPTS[shell]), read(lone)), shell)
        missing = {name for name in settings.TABLE if f"__{name.lower()}" not in first}
        assert missing == {"AWSENV_DURATION", "AWSENV_PRODUCTION"}


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_every_shell_reads_an_odd_name_back_from_the_state(shell: str, lone: Home) -> None:
    show = {"powershell": '[Console]::Out.Write("$global:__awsenv_name|")'}.get(shell, 'printf "%s|" "$__awsenv_name"')
    for name in ODD:
        exported = {"AWSENV_PROFILE": name, "AWS_PROFILE": name, "LC_ALL": "C.UTF-8"}
        state = lone.awsenv("prompt", "--state", "--shell", shell, **exported).stdout
        result = subprocess.run(
            [*SHELLS[shell].inline(), f"{state}{show}"],
            env=lone.environment(LC_ALL="C.UTF-8"),
            cwd=lone.path,
            capture_output=True,
            check=False,
        )
        assert (result.stdout.decode(), result.stderr) == (f"{name}|", b"")
    assert not (lone.path / "CANARY").exists()
