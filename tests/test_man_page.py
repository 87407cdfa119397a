"""docs/awsenv.1: docs/man.py generates the manual page from the commands, and man can show it."""

from __future__ import annotations

import re
import runpy
import subprocess
from pathlib import Path

import pytest
from support.programs import need

from awsenv import load
from awsenv.commands import COMMANDS, EXIT_CODES
from awsenv.environment import settings

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "awsenv.1"


def test_the_manual_page_is_generated_from_the_commands() -> None:
    generated = runpy.run_path(str(ROOT / "docs" / "man.py"))["page"]()
    assert PAGE.read_text(encoding="ascii") == generated, "python docs/man.py > docs/awsenv.1"


@pytest.mark.shell
def test_groff_accepts_the_manual_page_without_a_warning() -> None:
    groff = need("groff", "groff")
    done = subprocess.run(
        [groff, "-man", "-ww", "-Tutf8", "-z", str(PAGE)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""


@pytest.mark.shell
def test_man_shows_every_command_option_example_setting_and_exit_code() -> None:
    """Byte for byte: no quote, hyphen or backslash becomes another character."""
    man = need("man", "man")
    done = subprocess.run(
        [man, "-l", str(PAGE)],
        env={
            "PATH": "/usr/bin:/bin",
            "MANWIDTH": "1000",
            "LC_ALL": "C.UTF-8",
            "MANPAGER": "cat",
            "MAN_KEEP_FORMATTING": "",
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    page = " ".join(re.sub(".\b", "", done.stdout).split())
    for name in COMMANDS:
        command = load("commands", name.replace("-", "_")).COMMAND
        texts = [command.usage, *re.split(r"\n\s*\n", command.description), *command.examples.splitlines()]
        texts += [does for _, does in command.options.values()]
        for text in texts:
            assert " ".join(text.split()) in page
    for setting in (*settings.TABLE, *settings.OTHERS):
        assert setting in page
    for code, means in EXIT_CODES.items():
        assert f"{code} {means}" in page
