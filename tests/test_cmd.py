"""cmd: the exit codes of awsenv.cmd, which a `call` in wine does not show, and the words that it hands on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import BIN, Home, need

from shells import wine_environment


def cmd(home: Home, folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`cmd /c awsenv.cmd WORDS` in wine."""
    unixrun = need("cmd (unixrun.exe, AWSENV_TEST_UNIXRUN)", os.environ.get("AWSENV_TEST_UNIXRUN"))
    wine = need("cmd (wine)", shutil.which("wine"))
    made = subprocess.run([BIN / "awsenv", "init", "cmd"], capture_output=True, check=True)
    (folder / "awsenv.cmd").write_bytes(made.stdout)
    shutil.copy(unixrun, folder / "awsenv-core.exe")
    (folder / "awsenv-core.unix").write_text(f"{BIN / 'awsenv'}\n")
    return subprocess.run(
        [wine, "cmd", "/c", "awsenv.cmd", *words],
        env=home.environment(**more) | wine_environment(),
        cwd=folder, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


CODES = {
    "assume project1": (0, ""),
    "assume nope": (1, "there is no profile 'nope'"),
    "assume --nope": (2, "assume has no option --nope"),
    "refresh": (5, "nothing to refresh"),
    "clear": (0, ""),
    "check": (5, ""),
    "nonsense": (2, "there is no command 'nonsense'"),
}


@pytest.mark.parametrize("words", CODES)
def test_the_exit_code_is_awsenvs_own(words: str, home: Home, tmp_path: Path) -> None:
    said = cmd(home, tmp_path, *words.split())
    code, error = CODES[words]
    assert said.returncode == code, said.stdout + said.stderr
    assert error in said.stderr
    assert "AWS_SECRET_ACCESS_KEY" not in said.stdout


def test_words_that_ask_for_text_get_it(home: Home, tmp_path: Path) -> None:
    assert '"AWS_SECRET_ACCESS_KEY"' in cmd(home, tmp_path, "assume", "project1", "--format", "json").stdout
    assert "--duration" in cmd(home, tmp_path, "assume", "--help").stdout
    assert "project1" in cmd(home, tmp_path, "list").stdout
