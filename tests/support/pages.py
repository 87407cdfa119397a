"""Parse the Markdown pages: their code blocks, tables, inline code and headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = ROOT / "docs"

#: Pages for developers and pages with tests of their own -> the test that reads them.
READ_ELSEWHERE = {
    "architecture.md": "test_documents.py",
    "direnv.md": "test_direnv.py",
    "doctor.md": "test_doctor.py",
    "prompts.md": "test_other_prompts.py",
    "releasing.md": "test_documents.py",
}

#: All pages.
ALL_PAGES = [README, *sorted(DOCS.glob("*.md"))]

#: The pages whose every code block is run.
PAGES = [page for page in ALL_PAGES if page.name not in READ_ELSEWHERE]


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        place: page and line, for messages.
        language: what follows the fence.
        text: its lines.
        mark: the comment in the line above, without `<!--` and `-->`.
    """

    place: str
    language: str
    text: str
    mark: str


def blocks(page: Path) -> list[Block]:
    """Return the fenced code blocks of a page."""
    found, lines = [], page.read_text(encoding="utf-8").splitlines()
    start = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
            continue
        above = lines[start - 1].strip() if start else ""
        mark = above[4:-3].strip() if above.startswith("<!--") else ""
        text = "\n".join(lines[start + 1 : number])
        found.append(Block(f"{page.name}:{start + 1}", lines[start][3:].strip(), text, mark))
        start = None
    assert start is None, f"{page}:{start}: a block without an end"
    return found


def prose(page: Path) -> str:
    """Return the text of a page without its code blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))


def inline(page: Path) -> list[str]:
    """Return the inline code of a page."""
    return [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", prose(page))]


def section(page: Path, heading: str) -> str:
    """Return the text below a heading of the second level."""
    return page.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def table(text: str, *header: str) -> list[list[str]]:
    """Return the cells of the first table with that header; [] if there is no such table."""
    start = f"| {' | '.join(header)} |".replace("  ", " ")
    lines = iter(text.splitlines())
    if not any(line.startswith(start) for line in lines):
        return []
    rows = []
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a page."""
    slugs: set[str] = set()
    for heading in re.findall(r"(?m)^#+ (.+)$", prose(page)):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        slugs.add(slug if slug not in slugs else f"{slug}-1")
    return slugs
