"""The version is set in one place, and the changelog, the build, the manual page and the program agree with it."""

from __future__ import annotations

import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from support.programs import BIN

from awsenv import __version__

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
#: Keep a Changelog 1.1.0, "Types of changes".
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def sections() -> dict[str, str]:
    """Heading → text."""
    parts = re.split(r"(?m)^## (.*)\n", CHANGELOG)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    first, *released = sections()
    assert first == "[Unreleased]"
    matches = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)", heading) for heading in released]
    versions = [tuple(map(int, match.groups()[:3])) for match in matches if match]
    dates = [match[4] for match in matches if match]
    assert len(versions) == len(released)
    assert versions == sorted(set(versions), reverse=True)
    assert dates == sorted(dates, reverse=True)


def test_each_section_has_known_kinds_once_and_in_order() -> None:
    for heading, text in sections().items():
        kinds = re.findall(r"(?m)^### (.*)$", text)
        assert kinds == [kind for kind in KINDS if kind in kinds], heading
        assert kinds or heading == "[Unreleased]", heading


def test_the_latest_release_of_the_changelog_is_this_version() -> None:
    assert re.match(r"\[(.*)\] - ", list(sections())[1])[1] == __version__  # type: ignore[index]


def test_the_version_is_written_in_one_file_of_the_program() -> None:
    where = [
        str(path.relative_to(ROOT))
        for pattern in ("pyproject.toml", "*.py", "*.sh", "awsenv/**/*.py", "shells/**/*.j2", "packaging/**/*")
        for path in ROOT.glob(pattern)
        if path.is_file()
        and re.search(rf"(?<![\d.]){re.escape(__version__)}(?![\d.])", path.read_text(encoding="utf-8"))
    ]
    assert where == ["awsenv/__init__.py"]


@pytest.mark.shell
def test_the_program_prints_the_version_of_its_distribution() -> None:
    """The built one: tests/prepare installs a wheel."""
    output = subprocess.run([BIN / "awsenv", "--version"], capture_output=True, text=True, check=True).stdout
    assert output == f"awsenv {metadata.version('awsenv-shell')}\n" == f"awsenv {__version__}\n"
