"""The rendered scripts pass the parsers, linters and formatters of their shells."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from support.programs import BIN, need, pwsh

from awsenv import __version__, dialects
from awsenv.environment import messages
from awsenv.integration import scripts

RENDERED = Path(scripts.__file__).parent.parent / "shells" / "rendered"


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def printed(shell: str, directory: Path, *options: str) -> Path:
    """The output of `awsenv init`, in a file."""
    script = directory / scripts.SCRIPTS[shell]
    command = [BIN / "awsenv", "init", shell, *options]
    script.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    return script


@pytest.mark.shell
def test_shellcheck_finds_nothing_in_the_bash_script(tmp_path: Path) -> None:
    run(need("shellcheck", shutil.which("shellcheck")), "-s", "bash", "-o", "all", printed("bash", tmp_path, "--renew"))


PARTS = ("awsenv", "completion", "off")


FORMATTERS = {"bash": ("shfmt", "-ln", "bash", "-i", "2", "-ci", "-d"), "fish": ("fish_indent", "--check")}


@pytest.mark.shell
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("shell", FORMATTERS)
def test_the_script_is_formatted(shell: str, part: str) -> None:
    program, *options = FORMATTERS[shell]
    run(need(program, shutil.which(program)), *options, RENDERED / f"{part}.{shell}")


@pytest.mark.shell
@pytest.mark.parametrize("shell", [*dialects.hooked(), "clink"])
def test_a_script_without_its_lazy_parts_is_short(shell: str, tmp_path: Path) -> None:
    options = ["--renew"] if shell in dialects.hooked() else []
    assert len(printed(shell, tmp_path, *options).read_text().splitlines()) < 450


@pytest.mark.shell
@pytest.mark.parametrize("shell", dialects.hooked())
def test_renewal_is_loaded_only_if_it_is_enabled(shell: str, tmp_path: Path) -> None:
    assert "refresh --if-needed" not in printed(shell, tmp_path).read_text()
    assert "refresh --if-needed" in printed(shell, tmp_path, "--renew").read_text()


@pytest.mark.shell
@pytest.mark.parametrize("shell", scripts.SCRIPTS)
def test_the_first_line_names_the_awsenv_version(shell: str) -> None:
    first = subprocess.run([BIN / "awsenv", "init", shell], capture_output=True, text=True, check=True).stdout
    directory = "cmd" if shell == "clink" else shell
    assert f"awsenv {__version__}, from shells/{directory}" in first.splitlines()[0]


def test_no_message_contains_shell_syntax() -> None:
    """The scripts contain the messages between all kinds of quotes."""
    for text in messages.table().values():
        assert not set(text) & set("\"'$`\\!%"), text


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_parses_its_script_silently(shell: str, tmp_path: Path) -> None:
    assert run(need(f"the shell {shell}", shutil.which(shell)), "-n", printed(shell, tmp_path, "--renew")) == ""


@pytest.mark.shell
def test_powershell_7_and_5_parse_the_script(tmp_path: Path) -> None:
    program = pwsh()
    script = printed("powershell", tmp_path, "--renew")
    parse = f"$e = $null; [void][Management.Automation.Language.Parser]::ParseFile('{script}', [ref]$null, [ref]$e); $e.Count"
    assert run(program, "-NoProfile", "-Command", parse).strip() == "0"
    beside = Path(program).parent / "check51.ps1"
    check = need("check51.ps1 (beside AWSENV_TEST_PWSH)", beside, "check51")
    assert run(program, "-NoProfile", "-File", check, script) == ""


@pytest.mark.shell
def test_the_cmd_script_is_ascii_with_windows_line_ends(tmp_path: Path) -> None:
    script = printed("cmd", tmp_path).read_bytes()
    assert script.isascii()
    assert script.count(b"\n") == script.count(b"\r\n") > 10


@pytest.mark.parametrize("shell", dialects.hooked())
def test_a_script_is_ascii_with_unix_line_ends(shell: str) -> None:
    script = (RENDERED / dialects.INTEGRATED[shell]).read_bytes()
    assert b"\r" not in script
    assert script.isascii()


@pytest.mark.shell
def test_an_unquoted_eval_of_the_script_fails_visibly(tmp_path: Path) -> None:
    """`eval $(awsenv init bash)` joins the lines, so that a comment would hide the rest, with status 0."""
    for shell in ("bash", "zsh"):
        script = shlex.quote(str(printed(shell, tmp_path)))
        line = f"eval $(cat {script}) && type awsenv"
        done = subprocess.run([shell, "-c", line], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode != 0
        assert done.stderr
