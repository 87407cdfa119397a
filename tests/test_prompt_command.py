"""`awsenv prompt`: the segment for other prompts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.homes import Home
from support.programs import need
from support.shells import LOAD, SHELLS
from support.tokens import regional, text
from support.until import UNTIL

from awsenv import environment
from awsenv.args import parse
from awsenv.commands import prompt
from awsenv.environment.settings import TABLE
from awsenv.result import printable

NOW = 1795376367  # 2026-11-22T19:39:27Z
KEYS = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
LONG_TERM = {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s"}
OURS = {"AWSENV_PROFILE": "project1", "AWSENV_KEY": "OPASDFGH"}


ROLE_ARN = "arn:aws:iam::123456789012:role/"


def ours(left: int | None = 42 * 60 + 5, **more: str) -> dict[str, str]:
    """The variables that awsenv exports, with `left` seconds until expiry, or without an expiration."""
    expiration = {} if left is None else {"AWSENV_EXPIRATION": str(NOW + left)}
    return KEYS | OURS | expiration | more


def output(home: Home, variables: dict[str, str], *args: str) -> str:
    """The output of `awsenv prompt` for these variables, without the newline."""
    result = prompt.run(
        parse("prompt", args, prompt.COMMAND.options, prompt.COMMAND.max_positionals),
        {"HOME": str(home.path), **variables},
        NOW,
    )
    assert result.code == 0
    assert result.out == "" or result.out.endswith("\n")
    return result.out.removesuffix("\n")


def state(home: Home, variables: dict[str, str]) -> dict[str, str]:
    """The state, as the hooks of PowerShell read it: name -> value."""
    lines = output(home, variables, "--state", "--shell", "awsenv.ps1").splitlines()
    pairs = (line.removeprefix("__awsenv_").split("=", 1) for line in lines)
    return {name: unquote(value) for name, value in pairs}


TEXTS = {
    "nothing": ({}, ""),
    "the user's AWS_PROFILE": ({"AWS_PROFILE": "mine"}, ""),
    "profile mode": ({"AWSENV_PROFILE": "project1", "AWS_PROFILE": "project1"}, "project1"),
    "one whose AWS_PROFILE was changed": ({"AWSENV_PROFILE": "project1", "AWS_PROFILE": "mine"}, ""),
    "minutes": (ours(), "project1 42m"),
    "hours": (ours(3900), "project1 1h05m"),
    "days": (ours(90000), "project1 25h00m"),
    "seconds": (ours(59), "project1 <1m"),
    "the last second": (ours(1), "project1 <1m"),
    "expired": (ours(0), "project1 expired"),
    "expired long ago": (ours(-99999), "project1 expired"),
    "long-term keys": (LONG_TERM | OURS, "project1"),
    "an unknown expiration": (ours(None), "project1 ?"),
    "an expiration that is not a number": (ours(None, AWSENV_EXPIRATION="x[$(touch CANARY)]"), "project1 ?"),
    "other keys beside our name": (ours() | {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPZXCVBN"}, "****CVBN ?"),
    "keys of another tool": (
        {**KEYS, "AWS_VAULT": "vaulted", "AWS_CREDENTIAL_EXPIRATION": "2026-11-22T20:00:00Z"},
        "vaulted 20m",
    ),
    "a role": (ours() | {"AWSENV_OPTIONS": f"--role-arn={ROLE_ARN}admin"}, "project1>admin 42m"),
    "a role with a path": (ours() | {"AWSENV_OPTIONS": f"--role-arn={ROLE_ARN}team/admin"}, "project1>admin 42m"),
    "a chain": (ours() | {"AWSENV_OPTIONS": f"--duration=1h --chain={ROLE_ARN}audit"}, "project1>audit 42m"),
    "a role and a chain": (
        ours() | {"AWSENV_OPTIONS": f"--chain={ROLE_ARN}audit --role-arn={ROLE_ARN}admin"},
        "project1>admin>audit 42m",
    ),
    "a role with the keys of another profile": (
        ours() | {"AWSENV_OPTIONS": f"--role-arn={ROLE_ARN}admin --source-profile=user%201"},
        "user 1>admin 42m",
    ),
    "a role that no profile names": (ours() | {"AWSENV_OPTIONS": f"- --role-arn={ROLE_ARN}admin"}, "default>admin 42m"),
    "a session name that looks like a role": (
        ours() | {"AWSENV_OPTIONS": f"--session-name=--role-arn%3D{ROLE_ARN}admin"},
        "project1 42m",
    ),
    "a key without its secret": ({"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH"}, "****DFGH ?"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_prompt_prints_the_segment(name: str, lone: Home) -> None:
    variables, expected = TEXTS[name]
    assert output(lone, variables) == expected
    plain = {name: "none" for name, (kind, _, _) in TABLE.items() if kind == "color"}
    for form in ("plain", "ansi", "tmux"):
        assert output(lone, variables | plain, "--format", form) == expected


@pytest.mark.parametrize(
    ("variables", "ansi", "tmux"),
    [
        (ours(), "32", "fg=colour2"),
        (ours(899), "33", "fg=colour3"),
        (ours(0), "31", "fg=colour1"),
        (ours(None), "33", "fg=colour3"),
        (LONG_TERM | OURS, "32", "fg=colour2"),
        (ours(AWSENV_THRESHOLDS="1h,5m"), "33", "fg=colour3"),
        (ours(5, AWSENV_THRESHOLDS=""), "32", "fg=colour2"),
        (ours(AWSENV_COLOR_GOOD="bright-blue"), "94", "fg=colour12"),
        (ours(AWSENV_COLOR_GOOD="208"), "38;5;208", "fg=colour208"),
        (ours(AWSENV_COLOR_GOOD="bold white on red"), "1;37;41", "bold,fg=colour7,bg=colour1"),
        (
            ours(AWSENV_COLOR_GOOD="dim italic underline black on bright-white"),
            "2;3;4;30;107",
            "dim,italics,underscore,fg=colour0,bg=colour15",
        ),
        (ours(AWSENV_COLOR_GOOD="on 208"), "48;5;208", "bg=colour208"),
        (ours(AWSENV_COLOR_GOOD="none"), "", ""),
        (ours(NO_COLOR="1"), "", ""),
        (ours(NO_COLOR=""), "32", "fg=colour2"),
    ],
)
def test_prompt_prints_colors(variables: dict[str, str], ansi: str, tmux: str, lone: Home) -> None:
    plain = output(lone, variables)
    assert plain.startswith("project1")
    assert output(lone, variables, "--format", "plain") == plain
    assert output(lone, variables, "--format", "ansi") == (f"\033[{ansi}m{plain}\033[0m" if ansi else plain)
    assert output(lone, variables, "--format=tmux") == (f"#[{tmux}]{plain}#[default]" if tmux else plain)


def test_a_production_profile_is_marked(lone: Home) -> None:
    role = {"AWSENV_OPTIONS": f"--role-arn={ROLE_ARN}prod-admin"}
    for pattern in ("prod-*", "*admin", "project1", "project1?prod*"):
        assert output(lone, ours(AWSENV_PRODUCTION=pattern) | role) == "!project1>prod-admin 42m"
    assert output(lone, ours(AWSENV_PRODUCTION="admin prod") | role) == "project1>prod-admin 42m"
    for pattern, marked in (
        ("project1", True),
        ("prod* pro*1", True),
        ("*ject?", True),
        ("prod* PROJECT1 project", False),
        ("?", False),
    ):
        variables = ours(AWSENV_PRODUCTION=pattern)
        assert output(lone, variables) == ("!project1 42m" if marked else "project1 42m")
        assert output(lone, variables, "--format", "ansi").startswith("\033[32;1;7m!" if marked else "\033[32mp")
    symbol = ours(AWSENV_PRODUCTION="*", AWSENV_SYMBOL_PRODUCTION="\uf071 ", AWSENV_COLOR_PRODUCTION="on red")
    assert output(lone, symbol, "--format", "ansi") == "\033[32;41m\uf071 project1 42m\033[0m"


def test_the_symbols_are_configurable(lone: Home) -> None:
    symbols = {"AWSENV_SYMBOL_EXPIRED": "\U0001f480", "AWSENV_SYMBOL_UNKNOWN": "(unknown)"}
    assert output(lone, ours(0, **symbols)) == "project1 \U0001f480"
    assert output(lone, ours(None, **symbols)) == "project1 (unknown)"


def test_an_estimated_expiration_is_marked(lone: Home) -> None:
    issued = {**KEYS, "AWS_SESSION_TOKEN": text(regional(time=NOW - 40 * 60))}
    assert output(lone, issued) == "****DFGH ~20m"
    assert state(lone, issued)["expiration"] == str(NOW + 20 * 60)
    assert state(lone, issued)["estimated"] == "1"
    assert output(lone, issued | {"AWSENV_DURATION": "2h"}) == "****DFGH ~1h20m"
    assert output(lone, issued | {"AWSENV_DURATION": "30m"}) == "****DFGH ~expired"
    assert output(lone, issued | {"AWSENV_SYMBOL_ESTIMATE": "about "}) == "****DFGH about 20m"


def test_keys_in_a_profile_have_its_name_and_expiration(lone: Home) -> None:
    lone.credentials.parent.mkdir()
    secrets = "aws_secret_access_key = s\naws_session_token = t\naws_expiration = 2026-11-22T20:00:00Z\n"
    lone.credentials.write_text(f"[theirs\a]\naws_access_key_id = {KEYS['AWS_ACCESS_KEY_ID']}\n{secrets}")
    assert output(lone, KEYS) == "theirs\\x07 20m"
    assert state(lone, KEYS)["expiration"] == "1795377600"
    assert state(lone, KEYS)["name"] == "theirs\\x07"


STATES = {
    "nothing": ({}, {"kind": "none"}),
    "the user's AWS_PROFILE": ({"AWS_PROFILE": "mine"}, {"kind": "none"}),
    "profile mode": (
        {"AWSENV_PROFILE": "p", "AWS_PROFILE": "p"},
        {"kind": "permanent", "name": "p", "fix": "renew with: awsenv refresh",
         "check_text": "p: no keys are exported, the SDKs renew by themselves"},
    ),
    "ours": (
        ours(),
        {"kind": "expires", "name": "project1", "expiration": str(NOW + 42 * 60 + 5), "fix": "renew with: awsenv refresh",
         "renewable": "1"},
    ),
    "ours, expired": (
        ours(-9),
        {"kind": "expires", "name": "project1", "expiration": str(NOW - 9), "fix": "renew with: awsenv refresh", "renewable": "1"},
    ),
    "ours, without an expiration": (ours(None), {"kind": "unknown", "name": "project1", "fix": "renew with: awsenv refresh"}),
    "ours, in production": (
        ours(AWSENV_PRODUCTION="proj*"),
        {"kind": "expires", "name": "project1", "expiration": str(NOW + 42 * 60 + 5), "fix": "renew with: awsenv refresh",
         "renewable": "1", "is_production": "1"},
    ),
    "of another tool": (
        {**KEYS, "AWS_VAULT": "vaulted", "AWS_CREDENTIAL_EXPIRATION": "2026-11-22T20:00:00Z"},
        {"kind": "expires", "name": "vaulted", "expiration": "1795377600", "fix": "renew with: awsenv assume PROFILE"},
    ),
    "long-term": (
        LONG_TERM,
        {"kind": "permanent", "name": "****DFGH", "fix": "renew with: awsenv assume PROFILE",
         "check_text": "****DFGH: long-term keys, they do not expire"},
    ),
    "a key without its secret": (
        {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH"},
        {"kind": "unknown", "name": "****DFGH", "fix": "renew with: awsenv assume PROFILE"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_state_prints_the_state(name: str, lone: Home) -> None:
    variables, expected = STATES[name]
    printed = {key: value for key, value in state(lone, variables).items() if value}
    until = printed.pop("until_clause", "")
    assert printed == expected
    exact = "expiration" in printed and "estimated" not in printed
    assert UNTIL.fullmatch(until) if exact else until == ""


@pytest.mark.parametrize("form", ["bash", "awsenv.bash", "zsh", "fish", "powershell", "awsenv.ps1", "awsenv.lua"])
def test_the_state_has_no_secret_and_exports_nothing(form: str, lone: Home) -> None:
    secrets = {
        "AWS_SECRET_ACCESS_KEY": "SECRET" * 7,
        "AWS_SESSION_TOKEN": "TOKEN" * 40,
        "AWS_SECURITY_TOKEN": "OLD" * 9,
    }
    printed = output(lone, ours(**secrets), "--state", "--shell", form)
    assert "project1" in printed
    assert not [value for value in secrets.values() if value[-8:] in printed]
    assert "export" not in printed
    assert "-gx" not in printed
    assert "$env:" not in printed
    assert all("__awsenv_" in line for line in printed.splitlines())


@pytest.mark.shell
@pytest.mark.parametrize("form", ["sh", "cmd", "awsenv.cmd"])
def test_state_is_rejected_for_a_shell_without_hooks(form: str, lone: Home) -> None:
    result = lone.awsenv("prompt", "--state", "--shell", form)
    assert (result.stdout, result.returncode) == ("", 2)
    assert result.stderr == "awsenv: --state is for a shell with an integration; one of bash, zsh, fish, powershell\n"


@pytest.mark.parametrize("form", ["plain", "ansi", "tmux"])
def test_names_contain_no_terminal_or_tmux_sequences(form: str, lone: Home) -> None:
    odd = "a\033]2;b\a\r\nc\x9b\x7f\u202e"
    assert output(lone, ours(AWSENV_PROFILE=odd), "--format", form).count(f"{printable(odd)} 42m") == 1
    name = output(lone, ours(AWSENV_PROFILE="#[fg=red]#(touch CANARY)#{host}"), "--format", form)
    assert ("##[fg=red]##(touch CANARY)##{host} 42m" in name) == (form == "tmux")
    assert "\\udcff\u65e5\u672c\uf071 42m" in output(
        lone, ours(AWSENV_PROFILE="\udcff\u65e5\u672c\uf071"), "--format", form
    )


values = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
times = st.sampled_from(["2026-11-22T20:00:00Z", "2026-11-22 20:00:00", str(NOW + 60), "1" * 12, "9" * 13, "-1"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    variables=st.dictionaries(
        st.sampled_from([*environment.TABLE, *environment.PROFILE_HINTS, *TABLE, "NO_COLOR"]),
        values | times | st.sampled_from([*KEYS.values(), "project1"]),
    ),
    form=st.sampled_from(["plain", "ansi", "tmux"]),
)
def test_any_environment_gives_one_line_and_exit_code_0(variables: dict[str, str], form: str, lone: Home) -> None:
    line = output(lone, variables, "--format", form)
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in line.replace("\033", ""))
    assert line.count("\033") in ((0, 2) if form == "ansi" else (0,))
    assert set(state(lone, variables)) == set(state(lone, {}))


@pytest.mark.shell
def test_the_segment_is_printed_only_on_stdout(lone: Home) -> None:
    for args, variables, out in (
        ([], {}, ""),
        ([], {**KEYS, **OURS}, "project1 ?\n"),
        (["--format", "tmux"], {**KEYS, **OURS}, "#[fg=colour3]project1 ?#[default]\n"),
        ([], {**KEYS, **OURS, "AWSENV_THRESHOLDS": "soon"}, "project1 ?\n"),
        ([], {**KEYS, "AWSENV_PROFILE": "\udcff", "AWSENV_KEY": "OPASDFGH"}, "\\udcff ?\n"),
    ):
        result = subprocess.run(
            [need("awsenv", shutil.which("awsenv", path=lone.environment()["PATH"])), "prompt", *args],
            env=lone.environment(**variables),
            capture_output=True,
            check=False,
        )
        assert (result.stdout, result.stderr, result.returncode) == (os.fsencode(out), b"", 0)


@pytest.mark.shell
def test_an_unknown_format_is_rejected(lone: Home) -> None:
    result = lone.awsenv("prompt", "--format", "zsh")
    assert (result.stdout, result.returncode) == ("", 2)
    assert result.stderr == "awsenv: there is no --format zsh; use --format plain, ansi or tmux\n"


# --- the same in the shells -------------------------------------------------------------------------------------------

RUN_HOOK = {
    "bash": '__awsenv_hook; printf %s "$AWSENV_SEGMENT"',
    "zsh": '__awsenv_hook; printf %s "$AWSENV_SEGMENT"',
    "fish": '__awsenv_hook; printf %s "$AWSENV_SEGMENT"',
    "powershell": "__awsenv_update; [Console]::Out.Write($AWSENV_SEGMENT)",
}


@pytest.mark.shell
@pytest.mark.parametrize("shell", RUN_HOOK)
def test_the_shells_show_the_same_segment(shell: str, lone: Home) -> None:
    """For expirations long ago, so that the time of the run does not matter."""
    model = SHELLS[shell]
    interactive = model.inline() if shell == "powershell" else [*model.at_terminal(), model.command]
    far = "2000-01-01T00:00:00Z"
    odd = {"AWSENV_PRODUCTION": "mar* x", "AWSENV_SYMBOL_UNKNOWN": "(\uf071 $x `y` 'z')", "LC_ALL": "C.UTF-8"}
    for variables in (
        *(variables for variables, _ in TEXTS.values() if "AWS_CREDENTIAL_EXPIRATION" not in variables),
        {**KEYS, "AWS_CREDENTIAL_EXPIRATION": far, "AWS_SSO_PROFILE": "marked"},
        {**KEYS, "AWSUME_PROFILE": "marked", "AWS_PROFILE": "not this"},
        {**KEYS, "AWS_SESSION_TOKEN": text(regional(time=1300000000))},
        ours(None, AWSENV_PROFILE="a\033]2;b\a\r\tc\x7f \u65e5\u672c $(touch CANARY) %n \\u"),
    ):
        environ = lone.environment(**{**odd, **variables, "AWSENV_EXPIRATION": "1000000000"})
        if "AWSENV_EXPIRATION" not in variables:
            del environ["AWSENV_EXPIRATION"]
        program = subprocess.run(["awsenv", "prompt"], env=environ, capture_output=True, text=True, check=True)
        hook = subprocess.run(
            [*interactive, f"{LOAD[shell]}\n{RUN_HOOK[shell]}"],
            env=environ,
            cwd=lone.path,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        assert hook.stdout == program.stdout.removesuffix("\n"), (variables, hook.stderr)


# --- the cost ---------------------------------------------------------------------------------------------------------

HEAVY = (
    *("re", "json", "argparse", "botocore", "boto3", "jinja2", "rich", "shellingham", "configparser", "logging"),
    *("filelock", "keyring"),
)


@pytest.mark.shell
@pytest.mark.parametrize(
    "variables",
    [{}, ours(), KEYS, {**KEYS, "AWS_SESSION_TOKEN": text(regional())}, ours(AWSENV_COLOR_GOOD="208", NO_COLOR="")],
    ids=["nothing", "ours", "of another tool", "with the time in the token", "in color"],
)
@pytest.mark.parametrize("args", [["--format", "tmux"], ["--state", "--shell", "bash"]], ids=" ".join)
def test_prompt_imports_no_heavy_module(args: list[str], variables: dict[str, str], lone: Home) -> None:
    program = (
        "import sys, os; sys.argv = ['awsenv', *sys.argv[1:]]\n"
        "leave = os._exit\n"
        f"os._exit = lambda code: (sys.stderr.write(' '.join(m for m in {HEAVY!r} if m in sys.modules)), leave(code))\n"
        "from awsenv.cli import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path += {sys.path!r}\n{program}", "prompt", *args],
        env=lone.environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stderr, result.returncode) == ("", 0)
