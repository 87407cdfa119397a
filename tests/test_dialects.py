"""Any text passes through any real shell byte for byte, and nothing in it runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.environment import clean_environment
from support.programs import BIN, need, pwsh
from support.shells import BASH, CMD, DASH, FISH, POWERSHELL, ZSH, Cmd, Shell, tried

from awsenv import dialects, environment
from awsenv.result import USAGE, AwsenvError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="on Linux wine replaces Windows")

STRICT_ZSH = ["zsh", "-f", "-o", "KSH_ARRAYS", "-o", "SH_WORD_SPLIT", "-o", "RC_QUOTES", "-o", "EXTENDED_GLOB"]
OF_C = {"LC_ALL": "C"}

EVALUATORS = [
    BASH,
    replace(BASH, name="bash in the C locale", variables=OF_C),
    replace(BASH, name="bash --posix", argv=["bash", "--posix"]),
    replace(
        BASH,
        name="bash, strict",
        argv=[*BASH.argv, "-euo", "pipefail", "-O", "nullglob", "-O", "extglob", "-C"],
        fails=":",
    ),
    ZSH,
    replace(ZSH, name="zsh in the C locale", variables=OF_C),
    replace(ZSH, name="zsh with other options", argv=[*STRICT_ZSH, "-o", "MAGIC_EQUAL_SUBST", "-o", "NULL_GLOB"]),
    replace(ZSH, name="zsh --emulate sh", argv=["zsh", "--emulate", "sh", "-f"]),
    FISH,
    replace(FISH, name="fish in the C locale", variables=OF_C),
    DASH,
    replace(DASH, name="bash as sh", argv=["bash", "--posix"]),
    replace(DASH, name="zsh as sh", argv=["zsh", "--emulate", "sh", "-f"]),
    POWERSHELL,
    replace(
        POWERSHELL,
        name="powershell from a file, strict",
        evaluate="Set-StrictMode -Version Latest; " + tried("Get-Content -Raw '{file}' | Invoke-Expression"),
    ),
    CMD,
    replace(CMD, name="cmd with delayed expansion", argv=["setlocal EnableDelayedExpansion"]),
]
#: The functions of the integration, with a program in place of awsenv that prints the snippet.
POSIX_FUNCTION = "{load}; __awsenv_program={{printer}}; awsenv assume x"
INTEGRATED = [
    replace(BASH, name="bash, integrated", evaluate=POSIX_FUNCTION.format(load=BASH.load)),
    replace(ZSH, name="zsh, integrated", evaluate=POSIX_FUNCTION.format(load=ZSH.load)),
    replace(
        ZSH,
        name="zsh with other options, integrated",
        argv=STRICT_ZSH,
        evaluate=POSIX_FUNCTION.format(load=ZSH.load),
    ),
    replace(
        FISH, name="fish, integrated", evaluate=f"{FISH.load}; set -g __awsenv_program {{printer}}; awsenv assume x"
    ),
    replace(
        POWERSHELL,
        name="powershell, integrated",
        dialect="awsenv.ps1",
        evaluate=f"{POWERSHELL.load}; $global:__awsenv_program = '{{printer}}'; {tried('awsenv assume x')}",
    ),
    replace(CMD, name="cmd, integrated", dialect="awsenv.cmd", evaluate="call awsenv.cmd assume x"),
]
every_evaluator = pytest.mark.parametrize("evaluator", [*EVALUATORS, *INTEGRATED], ids=lambda evaluator: evaluator.name)
each_shell = pytest.mark.parametrize(
    "evaluator", [BASH, ZSH, FISH, DASH, POWERSHELL, CMD], ids=lambda evaluator: evaluator.name
)


# --- values -----------------------------------------------------------------------------------------------------------

QUOTES = "'\"`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00b4\u00ab\u00bb\uff07\uff02"
NASTY = [
    *QUOTES,
    *(f"{quote}; canary; {quote}" for quote in QUOTES),
    *(f"{quote} & canary & {quote}" for quote in QUOTES),
    *"%!^&$|<>()[]{}*?~#;,=+@\\/:- ",
    "\n", "\r", "\r\n", "\t", "\x1b", "\x1b[31m", "\x7f", "\x01", "\x0b", "\x0c", "\x85", "\u2028", "\ufeff", "\u00a0",
    "a\n", "\na", "a\nb", "a\r\nb\r\n", "a\rb", "\n\n", "a\n1", "\n0", "\x011", "\x1b7", " ", "  ", " a", "a ", "a  b", "\ta\t",
    "$HOME", "${HOME}", "$(canary)", "`canary`", "$((1+1))", "$[1+1]", "$'a'", '$"a"', "$$", "$?", "$!", "$", "a$", "$ok",
    "\ncanary\n", ";canary", "&canary", "&&canary", "|canary", "||canary", "a;canary;", "(canary)", "{canary;}", "\rcanary",
    "$(canary", "`canary", "';canary;'", "\";canary;\"", "'$(canary)'", "\"$(canary)\"", "''", '""', "'\\''", "\\'", "'\\'",
    "%PATH%", "%%", "%a", "%%i", "%~dp0", "!PATH!", "!!", "!canary", "^", "^^", "^&canary", "a^", "%COMSPEC:~0,1%", "%CD%",
    "-n", "-e", "-", "--", "-x", "--help", "+x", "=", "==", "=ls", "a:=ls", "~", "~root", "a:~", "~/x", "~+", "#a", "a #b", "#",
    "*", "?", "[a]", "/*", "**/*", "{a,b}", "{1..9}", "a{b}", "^a", "*(N)", "(#i)a", "<1-9>", "a=b", "a=(b c)", "()", "[[", "]]",
    "\\", "\\\\", "a\\", "\\n", "\\x41", "\\101", "\\u0041", "\\0", "\\c", "\\'", "\\\"", "\\\n", "C:\\new\\table\\", "\\$HOME",
    "@", "@'\na\n'@", "@\"\n$(canary)\n\"@", "@(canary)", "$env:PATH", "$(&canary)", "`n", "`$", "--%", "& canary", "; canary #",
    "end", "fi", "done", "esac", "}", ")", "(", "if", "exit 1", "return", "true;", "rem", "::", ":canary", "@canary",
    "\u00e9", "e\u0301", "\u65e5\u672c\u8a9e", "\U0001f600", "\u05d0\u202e\u05d1", "\u0130", "\udcff"[:0] + "\ud7ff", "\ue000", "\uf600",
    "\uf8ff", "\ufffd", "\uffff", "\U0010ffff", "\u00e9" * 300, "x" * 1021, "x" * 5_000, "'" * 500, "\\" * 501, "\n" * 300,
    "x" * 8_000, "\u65e5" * 2_700, "IQoJb3JpZ2luX2VjEHsaCXVzLWVhc3QtMSJGMEQCIF+/w==",
]  # fmt: skip
UNDECODABLE = [
    b"\xff",
    b"\xe9t\xe9",
    b"\xc3",
    b"\xc3a",
    b"a\xc3",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"'\xff'\n\xfe1",
    bytes(range(1, 256)),
]

PIECES = st.lists(
    st.sampled_from([*"abc019 '\"\\$`%!^&|;<>()\n\r\t\x1b\x7f~=-#*{}[]?@:,", *QUOTES, "canary", "\u00e9", "\U0001f600"])
)
TEXTS = st.one_of(
    PIECES.map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    st.binary().map(lambda data: data.replace(b"\0", b"").decode("utf-8", "surrogateescape")),
)


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def accepted_values(evaluator: Shell, values: list[str]) -> list[str]:
    """Return the values that the dialect accepts, except the empty one, which a shell may treat as unset."""
    quote = dialects.load(evaluator.dialect).quote
    accepted = []
    for value in filter(None, values):
        try:
            quote(value)
        except ValueError:
            continue
        # unlike that of Windows, wine's cmd expands the variable of `for` again in the expanded text
        if not isinstance(evaluator, Cmd) or not ("%i" in value or "%L" in value):
            accepted.append(value)
    return accepted


def chunks(values: list[str]) -> Iterator[list[str]]:
    """Split values so that the environment is no larger than a process accepts."""
    for start in range(0, len(values), 400):
        yield values[start : start + 400]


def check_exported(evaluator: Shell, values: list[str], directory: Path) -> None:
    """Export values, and check that they reach a child process unchanged."""
    change = {f"V{number}": value for number, value in enumerate(values)}
    seen, output = evaluator.evaluation(directory, dialects.write(dialects.load(evaluator.dialect), change), {})
    arrived = {name: seen.environment.get(name) for name in change}
    assert arrived == {name: value.encode("utf-8", "surrogateescape") for name, value in change.items()}
    assert (output.out, output.err) == ("", "")


@pytest.mark.shell
@every_evaluator
def test_every_nasty_value_is_exported_unchanged(evaluator: Shell, tmp_path: Path) -> None:
    values = accepted_values(evaluator, [*NASTY, *map(decoded, UNDECODABLE)])
    assert len(values) > (120 if isinstance(evaluator, Cmd) else len(NASTY) - 10)
    for chunk in chunks(values):
        check_exported(evaluator, chunk, tmp_path)


def generated(texts: st.SearchStrategy[str], count: int) -> list[str]:
    """Return texts that hypothesis generates, as a shell for each of them would take minutes."""
    values: list[str] = []

    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(texts)
    def collect(value: str) -> None:
        values.append(value)

    collect()
    return values


@pytest.mark.shell
@every_evaluator
def test_any_text_is_exported_unchanged(evaluator: Shell, tmp_path: Path) -> None:
    printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"!'), min_size=1)
    values = accepted_values(evaluator, generated(printable if isinstance(evaluator, Cmd) else TEXTS, 300))
    assert len(values) > 40
    for chunk in chunks(values):
        check_exported(evaluator, chunk, tmp_path)


@pytest.mark.shell
@pytest.mark.parametrize("evaluator", [BASH, ZSH, FISH, DASH, POWERSHELL], ids=lambda evaluator: evaluator.name)
@pytest.mark.parametrize(("statement", "complaint"), [("canary", "ran a part"), ("echo x > y", "wrote a file")])
def test_an_executed_value_is_detected(evaluator: Shell, statement: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=complaint):
        evaluator.evaluation(tmp_path, f"{statement};\n", {})


# --- unsupported values -----------------------------------------------------------------------------------------------

DIALECTS = [*dialects.REGISTRY, "awsenv.cmd", "awsenv.ps1"]
DATA = [name for name in DIALECTS if name in ("cmd", "awsenv.cmd", "awsenv.ps1")]  # lines NAME=VALUE, not code
every_dialect = pytest.mark.parametrize("name", DIALECTS)


@every_dialect
@pytest.mark.parametrize("value", ["\0", "a\0b", "\ud800", "a\udfffb"], ids=ascii)
def test_values_no_environment_can_hold_are_refused(name: str, value: str) -> None:
    for change in ({"V": value}, {"GOOD": "x", "V": value}, {"AWS_PROFILE": None, "V": value}):
        with pytest.raises(AwsenvError) as refused:
            dialects.write(dialects.load(name), change)
        assert "V" in str(refused.value)
        assert "nothing was changed" in str(refused.value)


CMD_CANNOT = [
    "",
    "\n",
    "\r\n",
    "a\nb",
    "\r",
    "\t",
    "\x1b",
    "\x7f",
    '"',
    'a"b',
    "!",
    "a!b",
    "\u00e9",
    "\u2019",
    "\U0001f600",
    "\udcff",
]


@pytest.mark.parametrize("value", [*CMD_CANNOT, "x" * 8_001, "x" * 8_190], ids=lambda value: ascii(value)[:20])
@pytest.mark.parametrize("name", ["cmd", "awsenv.cmd"])
def test_values_that_cmd_cannot_hold_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|contains) "):
        dialects.load(name).quote(value)
    with pytest.raises(AwsenvError, match="AWSENV_PROFILE"):
        dialects.write(dialects.load(name), {"AWS_PROFILE": None, "AWSENV_PROFILE": value})


def test_the_refusal_of_a_secret_does_not_show_it() -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"):
        with pytest.raises(AwsenvError) as refused:
            dialects.write(dialects.load("cmd"), {name: "wJalrXUtnFEMI\n"})
        assert "wJalr" not in str(refused.value)


@pytest.mark.parametrize("value", [decoded(data) for data in UNDECODABLE], ids=ascii)
def test_powershell_refuses_bytes_that_are_not_text(value: str) -> None:
    """PowerShell's variables are UTF-16, so every such byte would become U+FFFD."""
    with pytest.raises(AwsenvError, match="AWSENV_PROFILE"):
        dialects.write(dialects.load("powershell"), {"AWSENV_PROFILE": value})


@every_dialect
@settings(deadline=None, max_examples=100)
@given(value=st.text())
def test_a_value_is_accepted_or_refused_with_a_reason(name: str, value: str) -> None:
    try:
        dialects.load(name).export("V", value)
    except ValueError as error:
        assert name in ("cmd", "awsenv.cmd") or "\0" in value
        assert str(error)


@pytest.mark.parametrize("name", [name for name in DIALECTS if name != "sh"])
@settings(deadline=None, max_examples=100)
@given(values=st.lists(TEXTS, max_size=5))
def test_a_statement_is_one_line_without_control_characters(name: str, values: list[str]) -> None:
    dialect = dialects.load(name)
    change: dict[str, str | None] = {"GONE": None}
    for number, value in enumerate(values):
        try:
            dialect.quote(value)
        except ValueError:
            continue
        change[f"V{number}"] = value
    written = dialects.write(dialect, change)
    lines = written.split("\n")
    assert lines.pop() == ""
    verified = name in ("bash", "zsh")  # their statements are part of a function
    extra = 2 if name in ("fish", "powershell") else bool(dialect.success())
    assert verified or len(lines) == len(change) + extra
    assert not [character for line in lines for character in line if character < " " or character == "\x7f"]
    assert name in DATA or verified or all(line.endswith(";") for line in lines)
    assert name not in ("powershell", *DATA) or written.isascii()


@pytest.mark.parametrize("name", ["cmd", "powershell", "bash"])
def test_an_unsupported_value_is_unset_where_the_change_must_succeed(name: str) -> None:
    """`clear` must not fail because of a value that it restores."""
    change = {"AWS_SECRET_ACCESS_KEY": None, "AWS_PROFILE": "a\ud800b", "AWS_REGION": "x"}
    dialect = dialects.load(name)
    unset = {"AWS_SECRET_ACCESS_KEY": None, "AWS_PROFILE": None, "AWS_REGION": "x"}
    expected = dialects.write(dialect, unset, whole=False)
    assert dialects.write(dialect, change, whole=False) == expected


SESSION = environment.Session("p", "ASIAQWERTYUIOPASDFGH", "x", token="y", expiration=1_800_000_000, region="eu-west-1")


def test_unset_statements_precede_exports() -> None:
    for name in DIALECTS:
        written = dialects.write(dialects.load(name), {"NEW": "new", "OLD": None, "NEWER": "x"})
        assert written.index("OLD") < written.index("NEW")


@pytest.mark.parametrize("name", ["bash", "zsh", "sh"])
def test_a_change_is_a_list_of_exports_with_few_other_lines(name: str) -> None:
    """Users read what `assume` prints."""
    change = environment.assume_keys({}, SESSION, "")
    lines = dialects.write(dialects.load(name), change).splitlines()
    exports = [line for line in lines if re.search(r"\bexport [A-Z_]+='", line)]
    assert len(exports) == len([value for value in change.values() if value is not None])
    assert len(lines) - len(exports) <= 10


# --- unset, success, fail, print_stderr -------------------------------------------------------------------------------

OLD = {"V0": "old", "V1": "", "AWS_PROFILE": "mine", "OTHER": "a b"}


@pytest.mark.shell
@every_evaluator
def test_an_unset_variable_is_not_empty(evaluator: Shell, tmp_path: Path) -> None:
    change = {"V0": None, "V1": None, "AWS_PROFILE": None, "NEVER_THERE": None, "NEW": "x"}
    seen, output = evaluator.evaluation(tmp_path, dialects.write(dialects.load(evaluator.dialect), change), OLD)
    assert not {"V0", "V1", "AWS_PROFILE", "NEVER_THERE"} & set(seen.environment)
    assert (seen.environment["OTHER"], seen.environment["NEW"]) == (b"a b", b"x")
    assert (output.out, output.err) == ("", "")


@pytest.mark.shell
@pytest.mark.parametrize(
    "evaluator",
    [evaluator for evaluator in [*EVALUATORS, *INTEGRATED] if not isinstance(evaluator, Cmd)],
    ids=lambda evaluator: evaluator.name,
)
@pytest.mark.parametrize("change", [{}, {"NEW": "x", "NEVER_THERE": None}], ids=["nothing", "something"])
def test_a_change_sets_the_status_to_success(evaluator: Shell, change: dict[str, str | None], tmp_path: Path) -> None:
    seen, output = evaluator.evaluation(tmp_path, dialects.write(dialects.load(evaluator.dialect), change), {})
    assert not seen.failed, output


@pytest.mark.shell
@pytest.mark.parametrize(
    ("evaluator", "code"),
    [*((shell, code) for shell in (BASH, ZSH, DASH) for code in (1, 3, 130)), (FISH, 3), (POWERSHELL, 3), (CMD, 3)],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_a_failure_sets_the_status_and_changes_nothing(evaluator: Shell, code: int, tmp_path: Path) -> None:
    seen, _ = evaluator.evaluation(tmp_path, dialects.fail(dialects.load(evaluator.dialect), code), OLD)
    assert seen.failed or evaluator.dialect == "cmd"  # a line cannot set the status of `for /f`; awsenv.cmd can
    assert seen.status == str(code) or evaluator.dialect in ("fish", "powershell", "cmd")
    old = {name: value.encode() for name, value in OLD.items() if value}
    assert {
        name: value for name, value in seen.environment.items() if name.startswith(("V", "AWS", "OTHER")) and value
    } == (old | {"AWS_EC2_METADATA_DISABLED": b"true"})


HELP = 'usage: awsenv assume [PROFILE | -] [options]\n\nPuts \'em "in"; $(canary) `canary` %PATH% !x! \\n \\\\ \u2026\n  --x  y\n'


@pytest.mark.shell
@each_shell
@pytest.mark.parametrize(
    "text",
    [HELP, "it\u2019s; canary; \u2018x\u201b", "-n", "\\c", "%s %d", "\ttab\n"],
    ids=lambda text: ascii(text)[:12],
)
def test_a_message_goes_to_stderr_and_changes_nothing(evaluator: Shell, text: str, tmp_path: Path) -> None:
    statement = dialects.load(evaluator.dialect).print_stderr(text)
    if evaluator.dialect == "cmd":
        assert statement == ""
        return
    seen, output = evaluator.evaluation(tmp_path, f"{statement}\n", OLD)
    assert output.out == ""
    assert output.err.rstrip("\n") == text.rstrip("\n")
    assert seen.environment["OTHER"] == b"a b"


# --- the calling shell ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*dialects.NAMES, "BASH", "bash.exe", "PowerShell.exe", "CMD.EXE"])
def test_every_shell_name_has_a_dialect(name: str) -> None:
    dialect = dialects.load(name)
    for function in ("export", "unset", "success", "fail", "print_stderr", "quote"):
        assert callable(getattr(dialect, function))


@pytest.mark.parametrize("name", ["", "tcsh", "csh", "nu", "xonsh", "../bash", "bash ", "awsenv_cmd"])
def test_an_unknown_shell_name_is_a_usage_error(name: str) -> None:
    with pytest.raises(AwsenvError) as refused:
        dialects.load(name)
    assert refused.value.code == USAGE
    assert "fish" in str(refused.value), "it lists the supported shells"


#: In this environment `awsenv clear` restores AWS_PROFILE, which each dialect writes in its own way.
ASSUMED = {"AWSENV_PROFILE": "project1", "AWSENV_PREVIOUS_AWS_PROFILE": "mine", "SHELL": "/bin/tcsh"}
WRITTEN = {
    "\\builtin ": "bash or zsh",
    "then \\unset -f ": "sh",
    "set -gx AWS_PROFILE 'mine';": "fish",
    "$env:AWS_PROFILE = 'mine';": "powershell",
    "\nAWS_PROFILE=mine\n": "cmd",
}
PWSH = "PWSH"


@pytest.mark.shell
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["bash", "--norc", "-c", "awsenv clear | cat"], "bash or zsh"),
        (["bash", "--norc", "-c", 'x="$(awsenv clear)"; printf %s "$x"'], "bash or zsh"),
        (["bash", "--norc", "-c", "(awsenv clear); true"], "bash or zsh"),
        (["bash", "--posix", "-c", "awsenv clear; true"], "bash or zsh"),
        (["bash", "--norc", "-c", "timeout 60 awsenv clear | cat"], "bash or zsh"),
        (["bash", "--norc", "-c", "env X=y nice awsenv clear | cat"], "bash or zsh"),
        (["-bash", "--noprofile", "--norc", "-c", "awsenv clear | cat"], "bash or zsh"),
        (["bash", "{script}"], "bash or zsh"),
        (["{script}"], "bash or zsh"),
        (["zsh", "-f", "-c", "awsenv clear | cat"], "bash or zsh"),
        (["-zsh", "-f", "-c", 'x="$(awsenv clear)"; printf %s "$x"'], "bash or zsh"),
        (["zsh", "-f", "-c", "timeout 60 awsenv clear | cat"], "bash or zsh"),
        (["sh", "-c", "awsenv clear | cat"], "sh"),
        (["/bin/sh", "-c", 'x="$(awsenv clear)"; printf %s "$x"'], "sh"),
        (["dash", "-c", "awsenv clear | cat"], "sh"),
        (["dash", "-c", 'eval "x=\\"\\$(awsenv clear)\\""; printf %s "$x"'], "sh"),
        (["dash", "-c", "timeout 60 awsenv clear | cat"], "sh"),
        (["fish", "--no-config", "-c", "awsenv clear | cat"], "fish"),
        (["fish", "--no-config", "-c", "awsenv clear; true"], "fish"),
        (["fish", "--no-config", "-c", "set x (awsenv clear); printf '%s\\n' $x"], "fish"),
        (["fish", "--no-config", "-c", "timeout 60 awsenv clear | cat"], "fish"),
        (["-fish", "--no-config", "-c", "awsenv clear | cat"], "fish"),
        (["fish", "--no-config", "-c", "bash {script}; true"], "bash or zsh"),
        (["fish", "--no-config", "-c", "sh -c 'awsenv clear | cat'; true"], "sh"),
        (["bash", "--norc", "-c", "fish --no-config -c 'awsenv clear | cat'; true"], "fish"),
        (["zsh", "-f", "-c", "dash -c 'awsenv clear | cat'; true"], "sh"),
        ([PWSH, "-NoProfile", "-Command", "awsenv clear | Out-String"], "powershell"),
        ([PWSH, "-NoProfile", "-Command", "$x = awsenv clear; $x"], "powershell"),
        ([PWSH, "-NoProfile", "-Command", "bash -c 'awsenv clear | cat'"], "bash or zsh"),
        (["bash", "--norc", "-c", "PWSH -NoProfile -Command 'awsenv clear | Out-String'; true"], "powershell"),
        (["dash", "-c", "awsenv clear --shell fish | cat"], "fish"),
        (["fish", "--no-config", "-c", "awsenv clear --shell=pwsh; true"], "powershell"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_the_calling_shell_is_detected(command: list[str], expected: str, tmp_path: Path) -> None:
    script = tmp_path / "a script"
    script.write_text("#!/bin/bash\nawsenv clear | cat\n")
    script.chmod(0o755)
    quoted = shlex.quote(str(script)) if len(command) > 2 else str(script)
    args = [arg.replace("{script}", quoted) for arg in command]
    if any(PWSH in arg for arg in args):
        args = [arg.replace(PWSH, pwsh()) for arg in args]
    environment = clean_environment(tmp_path, **ASSUMED, NO_COLOR="1")
    program = need(f"the shell {args[0]}", shutil.which(args[0].lstrip("-")))
    done = subprocess.run(
        args,
        executable=program,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert {shell for mark, shell in WRITTEN.items() if mark in done.stdout} == {expected}, done


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["ksh93", "mksh", "yash", "posh", "busybox sh", "busybox ash"])
def test_other_shells_are_detected(shell: str, tmp_path: Path) -> None:
    program, *applet = shell.split()
    command = [
        need(f"the shell {program}", shutil.which(program)),
        *applet,
        "-c",
        'x="$(awsenv clear)"; printf %s "$x"',
    ]
    environment = clean_environment(tmp_path, **ASSUMED)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "\\unset -f " in done.stdout


@pytest.mark.slow
def test_cmd_is_detected_as_the_calling_shell(tmp_path: Path) -> None:
    programs = {"awsenv": [str(BIN / "awsenv")]}
    lines = [CMD.evaluate.format(command="awsenv clear"), CMD.probe.format(name="after", rest="")]
    snapshots, _ = CMD.record(tmp_path, lines, clean_environment(tmp_path, **ASSUMED), programs)
    seen = snapshots["after"].aws
    assert seen["AWS_PROFILE"] == "mine"
    assert not {"AWSENV_PROFILE", "AWSENV_PREVIOUS_AWS_PROFILE"} & set(seen)
