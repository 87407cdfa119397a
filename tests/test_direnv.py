"""The function of docs/direnv.md, with the real direnv."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.homes import Home
from support.programs import need

pytestmark = pytest.mark.shell

PAGE = Path(__file__).parent.parent / "docs" / "direnv.md"
BLOCKS = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SHOWN = "AWS_PROFILE AWS_REGION AWSENV_PROFILE AWSENV_OPTIONS AWSENV_KEY"


def walk(home: Home, envrc: str, *, before: str = "", inside: str = ":") -> tuple[list[str], str]:
    """Enter a directory with that .envrc and leave it again; return what is exported before, inside and after, and stderr."""
    direnv = need("direnv (Debian: direnv)", shutil.which("direnv"))
    project = home.path / "work"
    project.mkdir(exist_ok=True)
    settings = home.path / ".config" / "direnv"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "direnvrc").write_text(BLOCKS[0])
    (project / ".envrc").write_text(envrc)
    environ = home.environment(XDG_CONFIG_HOME=str(home.path / ".config"))
    subprocess.run([direnv, "allow", project], env=environ, check=True)
    show = f'for name in {SHOWN}; do printf "%s=%s " "$name" "${{!name-unset}}"; done'
    show += '; printf "%s" "$AWS_ACCESS_KEY_ID|$AWS_SECRET_ACCESS_KEY|$AWS_SESSION_TOKEN" | cksum'
    script = f"""
    {before}
    {show}
    cd work; eval "$(direnv export bash)"; {inside}; {show}
    cd ..; eval "$(direnv export bash)"; {show}
    """
    done = subprocess.run(
        ["bash", "-c", script], env=environ, cwd=home.path, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines(), done.stderr


def test_entering_loads_the_profile_and_leaving_restores_the_environment(home: Home) -> None:
    (before, inside, after), _ = walk(
        home, "use awsenv project1\n", before="export AWS_PROFILE=mine AWS_REGION=us-west-2"
    )
    assert "AWS_PROFILE=mine" in before
    assert "AWSENV_PROFILE=project1" in inside
    assert "AWS_REGION=eu-central-1" in inside
    assert "AWS_PROFILE=unset" in inside
    assert after == before


def test_leaving_restores_an_assumed_profile(home: Home) -> None:
    assume = 'eval "$(awsenv assume chained --shell bash)"'
    (before, inside, after), _ = walk(home, "use awsenv project1 --duration 30m\n", before=assume)
    assert "AWSENV_PROFILE=chained" in before
    assert "AWSENV_OPTIONS=--duration=30m" in inside
    assert after == before


def test_clear_in_the_directory_unsets_what_it_loaded(home: Home) -> None:
    (before, inside, after), _ = walk(home, "use awsenv project1\n", inside='eval "$(awsenv clear --shell bash)"')
    assert before == inside == after


def test_a_missing_profile_changes_nothing(home: Home) -> None:
    (before, inside, after), stderr = walk(home, "use awsenv projct1\n")
    assert before == inside == after
    assert "did you mean project1?" in stderr


@pytest.mark.parametrize("line, name", list(zip(BLOCKS[1].splitlines(), ["project1", "user1"], strict=True)))
def test_each_line_of_the_page_is_accepted(line: str, name: str, home: Home) -> None:
    line = re.sub(r"arn:\S+", "arn:aws:iam::000000000000:role/project1", line)
    (_, inside, _), stderr = walk(home, line, before="export AWS_REGION=us-east-1")
    assert f"AWSENV_PROFILE={name}" in inside, stderr
