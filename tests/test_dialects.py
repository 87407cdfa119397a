"""Any text through any real shell: it comes back byte for byte, and nothing in it runs."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import BIN, clean_environment, need
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from awsenv import dialects
from awsenv.result import USAGE, AwsenvError
from shells import wine_environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="wine stands for Windows here")

#: Writes down the environment it finds itself in, and what the shell hands it as its last status.
WITNESS = """\
import json, os, sys
environment = {name.decode("latin-1"): value.decode("latin-1") for name, value in os.environb.items()}
with open(os.environ["SEEN"], "w") as file:
    json.dump({"status": sys.argv[1], "environment": environment}, file)
"""


@dataclass
class Seen:
    """What came of a snippet: the shell's status after it, and the environment of a child."""

    status: str
    environment: dict[str, bytes]
    stdout: str
    stderr: str

    @property
    def failed(self) -> bool:
        return self.status not in ("0", "True")


@dataclass
class Evaluator:
    """A shell, and the documented line with which it evaluates what awsenv prints.

    In `line`, {snippet} is a command that prints the snippet, and {printer} a program that does so whatever its words
    are; in `witness`, {witness} is the program above.
    """

    name: str
    dialect: str
    program: list[str]
    line: str = 'eval "$({snippet})"'
    fails: str = "false"
    witness: str = "{witness} $?"
    suffix: str = "sh"
    examples: int = 8
    more: dict[str, str] = field(default_factory=dict)

    def run(self, folder: Path, snippet: str, environment: dict[str, str]) -> Seen:
        """Evaluate a snippet right after a command that failed, in a folder that is empty and has to stay so."""
        work, seen = folder / "work", folder / "seen"
        for path in (folder / "bin", work):
            path.mkdir(parents=True, exist_ok=True)
        seen.unlink(missing_ok=True)
        (folder / "snippet").write_bytes(snippet.encode("utf-8", "surrogateescape"))
        (folder / "witness.py").write_text(WITNESS)
        canary = folder / "canary-sang"
        programs = {
            "canary": f": > {shlex.quote(str(canary))}",
            "printer": f"cat {shlex.quote(str(folder / 'snippet'))}",
        }
        for name, does in programs.items():
            (folder / "bin" / name).write_text(f"#!/bin/sh\n{does}\n")
            (folder / "bin" / name).chmod(0o755)
        command = self.prepare(folder)
        basis = clean_environment(folder, SEEN=str(seen), NO_COLOR="1", **self.more)
        basis["PATH"] = f"{folder / 'bin'}:{basis['PATH']}"
        done = subprocess.run(
            command,
            env=basis | environment,
            cwd=work,
            capture_output=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        stdout, stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        assert seen.exists(), f"{self.name} did not come to its end:\n{stdout}\n{stderr}"
        told = json.loads(seen.read_text())
        assert not canary.exists(), f"{self.name} ran a piece of a value"
        assert not list(work.iterdir()), f"{self.name} left something behind"
        here = {name: value.encode("latin-1") for name, value in told["environment"].items()}
        return Seen(told["status"], here, stdout, stderr)

    def prepare(self, folder: Path) -> list[str]:
        """Write the script; the command that runs it."""
        program = need(f"the shell {self.program[0]}", shutil.which(self.program[0]))
        snippet, witness = f"cat {folder / 'snippet'}", f"{sys.executable} {folder / 'witness.py'}"
        line = self.line.format(snippet=snippet, printer=folder / "bin" / "printer")
        lines = [self.fails, line, self.witness.format(witness=witness)]
        script = folder / f"script.{self.suffix}"
        script.write_text("\n".join(lines) + "\n")
        return [program, *self.program[1:], str(script)]


class PowerShell(Evaluator):
    def prepare(self, folder: Path) -> list[str]:
        named = os.environ.get("AWSENV_TEST_PWSH") or shutil.which("pwsh")
        self.program[0] = need("PowerShell (AWSENV_TEST_PWSH or pwsh)", named)
        return super().prepare(folder)


class Cmd(Evaluator):
    """wine's cmd, in which unixrun.exe stands for the Unix programs."""

    def prepare(self, folder: Path) -> list[str]:
        wine = need("cmd (wine)", shutil.which("wine"))
        unixrun = need("cmd (unixrun.exe, AWSENV_TEST_UNIXRUN)", os.environ.get("AWSENV_TEST_UNIXRUN"))
        programs = {
            "printer": [str(folder / "bin" / "printer")],
            "awsenv-core": [str(folder / "bin" / "printer")],
            "witness": [sys.executable, str(folder / "witness.py")],
            "canary": [str(folder / "bin" / "canary")],
        }
        script = subprocess.run([BIN / "awsenv", "init", "cmd"], capture_output=True, check=True).stdout
        (folder / "bin" / "awsenv.cmd").write_bytes(script)
        for name, words in programs.items():
            shutil.copy(unixrun, folder / "bin" / f"{name}.exe")
            (folder / "bin" / f"{name}.unix").write_text("".join(f"{word}\n" for word in words))
        lines = ["@echo off", *self.program, 'set "PATH=%~dp0;%PATH%"', self.line, self.witness]
        (folder / "bin" / "script.cmd").write_bytes("\r\n".join([*lines, ""]).encode())
        return [wine, "cmd", "/c", "..\\bin\\script.cmd"]


def tried(line: str) -> str:
    """A line of PowerShell, with what became of it in $ok: `throw` would end the script."""
    return f"try {{{{ {line}; $ok = $? }}}} catch {{{{ $ok = $false }}}}"


STRICT_ZSH = ["zsh", "-f", "-o", "KSH_ARRAYS", "-o", "SH_WORD_SPLIT", "-o", "RC_QUOTES", "-o", "EXTENDED_GLOB"]
PIPE = "{snippet} | Out-String | Invoke-Expression"
FILE = "Get-Content -Raw ('{snippet}' -replace '^cat ', '') | Invoke-Expression"
FOR = 'for /f "delims=" %%i in (\'printer\') do @set "%%i"'

BASH = Evaluator("bash", "bash", ["bash", "--noprofile", "--norc"])
ZSH = Evaluator("zsh", "zsh", ["zsh", "-f"])
FISH = Evaluator("fish", "fish", ["fish", "--no-config"], "{snippet} | source", witness="{witness} $status")
DASH = Evaluator("dash", "sh", ["dash"])
POWERSHELL = PowerShell(
    "powershell",
    "powershell",
    ["pwsh", "-NoProfile", "-File"],
    tried(PIPE),
    fails="Get-Item nowhere -ErrorAction Ignore",
    witness="& {witness} $ok",
    suffix="ps1",
    examples=5,
)
CMD = Cmd("cmd", "cmd", [], FOR, witness="witness %ERRORLEVEL%", examples=2)

EVALUATORS = [
    BASH,
    Evaluator("bash in the C locale", "bash", BASH.program, more={"LC_ALL": "C"}),
    Evaluator("bash --posix", "bash", ["bash", "--posix"], examples=3),
    Evaluator(
        "bash, strict",
        "bash",
        [*BASH.program, "-euo", "pipefail", "-O", "nullglob", "-O", "extglob", "-C"],
        fails=":",
        examples=3,
    ),
    ZSH,
    Evaluator("zsh in the C locale", "zsh", ZSH.program, more={"LC_ALL": "C"}),
    Evaluator("zsh with other options", "zsh", [*STRICT_ZSH, "-o", "MAGIC_EQUAL_SUBST", "-o", "NULL_GLOB"]),
    Evaluator("zsh --emulate sh", "zsh", ["zsh", "--emulate", "sh", "-f"]),
    FISH,
    Evaluator("fish in the C locale", "fish", FISH.program, FISH.line, witness=FISH.witness, more={"LC_ALL": "C"}),
    DASH,
    Evaluator("bash as sh", "sh", ["bash", "--posix"], examples=3),
    Evaluator("zsh as sh", "sh", ["zsh", "--emulate", "sh", "-f"], examples=3),
    POWERSHELL,
    PowerShell(
        "powershell from a file, strict",
        "powershell",
        POWERSHELL.program,
        f"Set-StrictMode -Version Latest; {tried(FILE)}",
        fails=POWERSHELL.fails,
        witness=POWERSHELL.witness,
        suffix="ps1",
        examples=3,
    ),
    CMD,
    Cmd("cmd with delayed expansion", "cmd", ["setlocal EnableDelayedExpansion"], FOR, witness=CMD.witness, examples=1),
]
#: The functions of the integration, which get the snippet from a program that stands for awsenv.
POSIX_INTEGRATED = 'eval "$(awsenv init {shell})"; __awsenv_program={{printer}}; awsenv assume x'
INTEGRATED = [
    Evaluator("bash, integrated", "bash", BASH.program, POSIX_INTEGRATED.format(shell="bash")),
    Evaluator("zsh, integrated", "zsh", ZSH.program, POSIX_INTEGRATED.format(shell="zsh")),
    Evaluator(
        "zsh with other options, integrated", "zsh", STRICT_ZSH, POSIX_INTEGRATED.format(shell="zsh"), examples=3
    ),
    Evaluator(
        "fish, integrated",
        "fish",
        FISH.program,
        "awsenv init fish | source; set -g __awsenv_program {printer}; awsenv assume x",
        witness=FISH.witness,
    ),
    PowerShell(
        "powershell, integrated",
        "awsenv.ps1",
        POWERSHELL.program,
        "awsenv init powershell | Out-String | Invoke-Expression; $global:__awsenv_program = '{printer}'; "
        + tried("awsenv assume x"),
        fails=POWERSHELL.fails,
        witness=POWERSHELL.witness,
        suffix="ps1",
        examples=3,
    ),
    Cmd("cmd, integrated", "awsenv.cmd", [], "call awsenv.cmd assume x", witness=CMD.witness, examples=1),
]
every_evaluator = pytest.mark.parametrize("evaluator", [*EVALUATORS, *INTEGRATED], ids=lambda evaluator: evaluator.name)
each_shell = pytest.mark.parametrize(
    "evaluator", [BASH, ZSH, FISH, DASH, POWERSHELL, CMD], ids=lambda evaluator: evaluator.name
)


Run = Callable[[Evaluator, str, dict[str, str]], Seen]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(evaluator: Evaluator, snippet: str, environment: dict[str, str]) -> Seen:
        if isinstance(evaluator, Cmd):
            environment = wine_environment() | environment
        return evaluator.run(tmp_path, snippet, environment)

    return run


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


def held(evaluator: Evaluator, values: list[str]) -> list[str]:
    """The values that the dialect takes; an empty one is left out, as a shell may take it for none."""
    quote = dialects.load(evaluator.dialect).quote
    taken = []
    for value in filter(None, values):
        try:
            quote(value)
        except ValueError:
            continue
        # wine's cmd, unlike Windows', looks for the variable of `for` also in what has taken its place
        if not isinstance(evaluator, Cmd) or not ("%i" in value or "%L" in value):
            taken.append(value)
    return taken


def chunks(values: list[str], size: int) -> Iterator[list[str]]:
    """Pieces of at most so many values, and not more text than a process can be given."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def come_through(evaluator: Evaluator, values: list[str], run: Run) -> None:
    change = {f"V{number}": value for number, value in enumerate(values)}
    seen = run(evaluator, dialects.write(dialects.load(evaluator.dialect), change), {})
    arrived = {name: seen.environment.get(name) for name in change}
    assert arrived == {name: value.encode("utf-8", "surrogateescape") for name, value in change.items()}
    assert (seen.stdout, seen.stderr) == ("", "")


@every_evaluator
def test_every_nasty_value_comes_through(evaluator: Evaluator, run: Run) -> None:
    values = held(evaluator, [*NASTY, *map(decoded, UNDECODABLE)])
    assert len(values) > (120 if isinstance(evaluator, Cmd) else len(NASTY) - 10)
    for chunk in chunks(values, 400):
        come_through(evaluator, chunk, run)


@every_evaluator
def test_any_text_comes_through(evaluator: Evaluator, run: Run) -> None:
    printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"!'), min_size=1)
    texts = printable if isinstance(evaluator, Cmd) else TEXTS

    @settings(
        max_examples=evaluator.examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # to shrink would take minutes, and the difference is easy to see
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(texts, min_size=20, max_size=40))
    def property_of(values: list[str]) -> None:
        come_through(evaluator, held(evaluator, values), run)

    property_of()


@pytest.mark.parametrize("evaluator", [BASH, ZSH, FISH, DASH, POWERSHELL], ids=lambda evaluator: evaluator.name)
@pytest.mark.parametrize(("statement", "complaint"), [("canary", "ran a piece"), ("echo x > y", "left something")])
def test_what_runs_would_be_noticed(evaluator: Evaluator, statement: str, complaint: str, run: Run) -> None:
    with pytest.raises(AssertionError, match=complaint):
        run(evaluator, f"{statement};\n", {})


# --- what cannot be held ----------------------------------------------------------------------------------------------

DIALECTS = [name for name, module in dialects.NAMES.items() if module == name.replace(".", "_")]
DATA = [name for name in DIALECTS if name in ("cmd", "awsenv.cmd", "awsenv.ps1")]  # lines NAME=VALUE, not code
every_dialect = pytest.mark.parametrize("name", DIALECTS)


@every_dialect
@pytest.mark.parametrize("value", ["\0", "a\0b", "\ud800", "a\udfffb"], ids=ascii)
def test_what_no_environment_can_hold_is_refused(name: str, value: str) -> None:
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
def test_what_cmd_cannot_hold_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|contains) "):
        dialects.load(name).quote(value)
    with pytest.raises(AwsenvError, match="AWSENV_PROFILE"):
        dialects.write(dialects.load(name), {"AWS_PROFILE": None, "AWSENV_PROFILE": value})


def test_a_refused_secret_is_not_shown() -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"):
        with pytest.raises(AwsenvError) as refused:
            dialects.write(dialects.load("cmd"), {name: "wJalrXUtnFEMI\n"})
        assert "wJalr" not in str(refused.value)


@pytest.mark.parametrize("value", [decoded(data) for data in UNDECODABLE], ids=ascii)
def test_powershell_refuses_bytes_that_are_no_text(value: str) -> None:
    """Its variables are UTF-16: every such byte would arrive as U+FFFD."""
    with pytest.raises(AwsenvError, match="AWSENV_PROFILE"):
        dialects.write(dialects.load("powershell"), {"AWSENV_PROFILE": value})


@every_dialect
@settings(deadline=None, max_examples=100)
@given(value=st.text())
def test_a_value_is_taken_or_refused_with_a_reason(name: str, value: str) -> None:
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
    assert len(lines) == len(change) + bool(dialect.done())
    assert not [character for line in lines for character in line if character < " " or character == "\x7f"]
    assert name in DATA or all(line.endswith(";") for line in lines)
    assert name not in ("powershell", *DATA) or written.isascii()


@pytest.mark.parametrize("name", ["cmd", "powershell", "bash"])
def test_what_cannot_be_held_is_unset_where_the_rest_must_go_on(name: str) -> None:
    """`clear` must not fail over a value that the user had before."""
    change = {"AWS_SECRET_ACCESS_KEY": None, "AWS_PROFILE": "a\ud800b", "AWS_REGION": "x"}
    dialect = dialects.load(name)
    expected = dialects.write(dialect, {"AWS_SECRET_ACCESS_KEY": None, "AWS_PROFILE": None, "AWS_REGION": "x"})
    assert dialects.write(dialect, change, whole=False) == expected


def test_what_goes_is_written_before_what_comes() -> None:
    """A value that the shell already has, and that is to go, is gone before a new one is there."""
    for name in DIALECTS:
        written = dialects.write(dialects.load(name), {"NEW": "new", "OLD": None, "NEWER": "x"})
        assert written.index("OLD") < written.index("NEW")


# --- unset, done, fail, say -------------------------------------------------------------------------------------------

OLD = {"V0": "old", "V1": "", "AWS_PROFILE": "mine", "KEPT": "a b"}


@every_evaluator
def test_unset_is_unset_and_not_empty(evaluator: Evaluator, run: Run) -> None:
    change = {"V0": None, "V1": None, "AWS_PROFILE": None, "NEVER_THERE": None, "NEW": "x"}
    seen = run(evaluator, dialects.write(dialects.load(evaluator.dialect), change), OLD)
    assert not {"V0", "V1", "AWS_PROFILE", "NEVER_THERE"} & set(seen.environment)
    assert (seen.environment["KEPT"], seen.environment["NEW"]) == (b"a b", b"x")
    assert (seen.stdout, seen.stderr) == ("", "")


@pytest.mark.parametrize(
    "evaluator",
    [evaluator for evaluator in [*EVALUATORS, *INTEGRATED] if not isinstance(evaluator, Cmd)],
    ids=lambda evaluator: evaluator.name,
)
@pytest.mark.parametrize("change", [{}, {"NEW": "x", "NEVER_THERE": None}], ids=["nothing", "something"])
def test_after_a_change_the_status_is_good_whatever_it_was_before(
    evaluator: Evaluator, change: dict[str, str | None], run: Run
) -> None:
    seen = run(evaluator, dialects.write(dialects.load(evaluator.dialect), change), {})
    assert not seen.failed, seen


@pytest.mark.parametrize(
    ("evaluator", "code"),
    [*((shell, code) for shell in (BASH, ZSH, DASH) for code in (1, 3, 130)), (FISH, 3), (POWERSHELL, 3), (CMD, 3)],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_after_a_failure_the_status_is_bad_and_nothing_has_changed(evaluator: Evaluator, code: int, run: Run) -> None:
    seen = run(evaluator, dialects.fail(dialects.load(evaluator.dialect), code), OLD)
    assert seen.failed or evaluator.dialect == "cmd"  # `for /f` has no status that a line could set; awsenv.cmd has
    assert seen.status == str(code) or evaluator.dialect in ("fish", "powershell", "cmd")
    old = {name: value.encode() for name, value in OLD.items() if value}
    assert {
        name: value for name, value in seen.environment.items() if name.startswith(("V", "AWS", "KEPT")) and value
    } == (old | {"AWS_EC2_METADATA_DISABLED": b"true"})


HELP = 'usage: awsenv assume [PROFILE] [options]\n\nPuts \'em "in"; $(canary) `canary` %PATH% !x! \\n \\\\ \u2026\n  --x  y\n'


@each_shell
@pytest.mark.parametrize(
    "text",
    [HELP, "it\u2019s; canary; \u2018x\u201b", "-n", "\\c", "%s %d", "\ttab\n"],
    ids=lambda text: ascii(text)[:12],
)
def test_what_is_said_stands_on_stderr_and_changes_nothing(evaluator: Evaluator, text: str, run: Run) -> None:
    statement = dialects.load(evaluator.dialect).say(text)
    if evaluator.dialect == "cmd":
        assert statement == ""
        return
    seen = run(evaluator, f"{statement}\n", OLD)
    assert seen.stdout == ""
    assert seen.stderr.rstrip("\n") == text.rstrip("\n")
    assert seen.environment["KEPT"] == b"a b"


# --- which shell is asking --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*dialects.NAMES, "BASH", "bash.exe", "PowerShell.exe", "CMD.EXE"])
def test_every_name_has_a_dialect(name: str) -> None:
    dialect = dialects.load(name)
    for function in ("export", "unset", "done", "fail", "say", "quote"):
        assert callable(getattr(dialect, function))


@pytest.mark.parametrize("name", ["", "tcsh", "csh", "nu", "xonsh", "../bash", "bash ", "awsenv_cmd"])
def test_another_name_is_wrong_usage(name: str) -> None:
    with pytest.raises(AwsenvError) as refused:
        dialects.load(name)
    assert refused.value.code == USAGE
    assert "fish" in str(refused.value), "it says which there are"


#: In this environment `awsenv clear` gives AWS_PROFILE back, which each dialect writes in its own way.
ASSUMED = {"AWSENV_PROFILE": "project1", "AWSENV_PREVIOUS_AWS_PROFILE": "mine", "SHELL": "/bin/tcsh"}
WRITTEN = {
    "export AWS_PROFILE='mine';": "bash or zsh",
    "AWS_PROFILE='mine'; export AWS_PROFILE;": "sh",
    "set -gx AWS_PROFILE 'mine';": "fish",
    "$env:AWS_PROFILE = 'mine';": "powershell",
    "AWS_PROFILE=mine": "cmd",
}
PWSH = "PWSH"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["bash", "--norc", "-c", "awsenv clear | cat"], "bash or zsh"),
        (["bash", "--norc", "-c", 'x="$(awsenv clear)"; echo "$x"'], "bash or zsh"),
        (["bash", "--norc", "-c", "(awsenv clear); true"], "bash or zsh"),
        (["bash", "--posix", "-c", "awsenv clear; true"], "bash or zsh"),
        (["bash", "--norc", "-c", "timeout 60 awsenv clear | cat"], "bash or zsh"),
        (["bash", "--norc", "-c", "env X=y nice awsenv clear | cat"], "bash or zsh"),
        (["-bash", "--noprofile", "--norc", "-c", "awsenv clear | cat"], "bash or zsh"),
        (["bash", "{script}"], "bash or zsh"),
        (["{script}"], "bash or zsh"),
        (["zsh", "-f", "-c", "awsenv clear | cat"], "bash or zsh"),
        (["-zsh", "-f", "-c", 'x="$(awsenv clear)"; echo "$x"'], "bash or zsh"),
        (["zsh", "-f", "-c", "timeout 60 awsenv clear | cat"], "bash or zsh"),
        (["sh", "-c", "awsenv clear | cat"], "sh"),
        (["/bin/sh", "-c", 'x="$(awsenv clear)"; echo "$x"'], "sh"),
        (["dash", "-c", "awsenv clear | cat"], "sh"),
        (["dash", "-c", 'eval "x=\\"\\$(awsenv clear)\\""; echo "$x"'], "sh"),
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
def test_the_shell_that_asks_is_answered_in_its_own_language(command: list[str], expected: str, tmp_path: Path) -> None:
    script = tmp_path / "a script"
    script.write_text("#!/bin/bash\nawsenv clear | cat\n")
    script.chmod(0o755)
    quoted = shlex.quote(str(script)) if len(command) > 2 else str(script)
    words = [word.replace("{script}", quoted) for word in command]
    if any(PWSH in word for word in words):
        pwsh = need("PowerShell (AWSENV_TEST_PWSH or pwsh)", os.environ.get("AWSENV_TEST_PWSH") or shutil.which("pwsh"))
        words = [word.replace(PWSH, pwsh) for word in words]
    environment = clean_environment(tmp_path, **ASSUMED, NO_COLOR="1")
    program = need(f"the shell {words[0]}", shutil.which(words[0].lstrip("-")))
    done = subprocess.run(
        words,
        executable=program,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    answers = {WRITTEN[line] for line in done.stdout.splitlines() if line in WRITTEN}
    assert answers == {expected}, done


def test_cmd_is_answered_in_its_own_language(run: Run, tmp_path: Path) -> None:
    class Asking(Cmd):
        def prepare(self, folder: Path) -> list[str]:
            command = super().prepare(folder)
            (folder / "bin" / "printer.unix").write_text(f"{BIN / 'awsenv'}\nclear\n")
            return command

    asking = Asking("cmd", "cmd", [], FOR, witness="witness %ERRORLEVEL%")
    seen = run(asking, "", ASSUMED)
    assert seen.environment["AWS_PROFILE"] == b"mine"
    assert not {"AWSENV_PROFILE", "AWSENV_PREVIOUS_AWS_PROFILE"} & set(seen.environment)
