"""README, CONTRIBUTING, SECURITY and docs/: what they say of commands, modules and each other is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import pages

import awsenv
from awsenv.commands import COMMANDS, EXIT_CODES

ROOT = Path(__file__).parent.parent
PACKAGE = Path(awsenv.__file__).parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What is below a heading of docs/architecture.md."""
    return ARCHITECTURE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    prose = re.sub(r"(?ms)^```.*?^```$|^    [^\n]*|`[^`\n]*`", "", page.read_text(encoding="utf-8"))  # not in code
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    prose = re.sub(r"`[^`\n]*`", "", pages.prose(page))
    links = re.findall(r"\]\(([^)#:]*)#([^)]*)\)", prose)
    wrong = [
        f"{file}#{anchor}"
        for file, anchor in links
        if anchor not in pages.anchors((page.parent / file) if file else page)
    ]
    assert wrong == []


def test_the_site_has_every_page_of_docs() -> None:
    """mkdocs.yml lists them; CONTRIBUTING and the like are added by docs/site.py."""
    listed = re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - set(listed) == set()
    assert len(listed) == len(set(listed))


def test_the_readme_leads_to_every_page_for_users() -> None:
    readme = pages.README.read_text(encoding="utf-8")
    linked = {
        link
        for page in (pages.README, pages.DOCS / "options.md")
        for link in re.findall(r"\]\((?:docs/)?([\w-]+\.md)", page.read_text(encoding="utf-8"))
    }
    linked |= set(re.findall(r"docs/([\w-]+\.md)", readme))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - linked - {"releasing.md"} == set()


def test_the_architecture_page_has_each_command_and_exit_code() -> None:
    rows = " ".join(line for line in section("Commands").splitlines() if line.startswith("| `"))
    assert [name for name in COMMANDS if not re.search(rf"`{name}[` ]", rows)] == []
    codes = " · ".join(f"{code} {means.replace(' but', ',')}" for code, means in EXIT_CODES.items())
    assert codes in " ".join(section("Commands").split())


def test_the_modules_of_the_flow_of_assume_are_there() -> None:
    rows = [line.rsplit("|", 2)[1] for line in section("How `assume` flows").splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == 12
    for row in rows:
        directory = ""
        for name in re.findall(r"`([\w/]+)`", row):
            if name in ("lookup", "assume_keys"):  # functions of the module before them
                continue
            here = [
                path
                for path in (PACKAGE / name, PACKAGE / directory / name)
                if path.with_suffix(".py").exists() or path.is_dir()
            ]
            assert here, name
            directory = name.rpartition("/")[0] or directory


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_paths_in_the_pages_for_developers_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:awsenv|tests|docs|shells|bench|\.ci)/[\w./-]+)`", text)
    assert [path for path in paths if "NAME" not in path and not (ROOT / path).exists()] == []
