"""README, CONTRIBUTING, SECURITY and docs/: their links, and what they say of commands and modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support import pages

import awsenv
from awsenv.commands import COMMANDS, EXIT_CODES

PACKAGE = Path(awsenv.__file__).parent
PAGES = [*(pages.ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")), *pages.ALL_PAGES]
ARCHITECTURE = pages.DOCS / "architecture.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_is_valid(page: Path) -> None:
    prose = re.sub(r"(?ms)^```.*?^```$|^    [^\n]*|`[^`\n]*`", "", page.read_text(encoding="utf-8"))  # without code
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_heading_is_valid(page: Path) -> None:
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
    listed = re.findall(r": ([\w/-]+\.md)$", (pages.ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert {path.name for path in pages.DOCS.glob("*.md")} - set(listed) == set()
    assert len(listed) == len(set(listed))


def test_the_readme_links_to_every_page_for_users() -> None:
    readme = pages.README.read_text(encoding="utf-8")
    linked = {
        link
        for page in (pages.README, pages.DOCS / "options.md")
        for link in re.findall(r"\]\((?:docs/)?([\w-]+\.md)", page.read_text(encoding="utf-8"))
    }
    linked |= set(re.findall(r"docs/([\w-]+\.md)", readme))
    assert {path.name for path in pages.DOCS.glob("*.md")} - linked - {"releasing.md"} == set()


def test_the_architecture_page_has_each_command_and_exit_code() -> None:
    rows = " ".join(line for line in pages.section(ARCHITECTURE, "Commands").splitlines() if line.startswith("| `"))
    assert [name for name in COMMANDS if not re.search(rf"`{name}[` ]", rows)] == []
    codes = " · ".join(f"{code} {means.replace(' but', ',')}" for code, means in EXIT_CODES.items())
    assert codes in " ".join(pages.section(ARCHITECTURE, "Commands").split())


def test_the_modules_in_the_flow_of_assume_exist() -> None:
    rows = [
        line.rsplit("|", 2)[1]
        for line in pages.section(ARCHITECTURE, "How `assume` flows").splitlines()
        if re.match(r"\| \d", line)
    ]
    assert len(rows) == 12
    for row in rows:
        directory = ""
        for name in re.findall(r"`([\w/]+)`", row):
            if name in ("lookup", "assume_keys"):  # functions of the module before them
                continue
            found = [
                path
                for path in (PACKAGE / name, PACKAGE / directory / name)
                if path.with_suffix(".py").exists() or path.is_dir()
            ]
            assert found, name
            directory = name.rpartition("/")[0] or directory


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_paths_in_the_pages_for_developers_exist(page: str) -> None:
    text = (pages.ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:awsenv|tests|docs|shells|bench|\.ci)/[\w./-]+)`", text)
    assert [path for path in paths if "NAME" not in path and not (pages.ROOT / path).exists()] == []
