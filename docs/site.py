"""What mkdocs calls when it builds the site: pages that are not in docs/ become pages of it, README the first."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent

#: The page of the repository -> that of the site.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "SECURITY.md": "SECURITY.md",
    "bench/README.md": "bench.md",
}


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are not in docs/."""
    file = import_module("mkdocs.structure.files").File  # mypy runs without mkdocs
    for source, name in PAGES.items():
        files.append(file.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Make links of the repository links of the site, and write `|` in the code of tables as mkdocs reads it."""

    def moved(link: re.Match[str]) -> str:
        path = link[1].removeprefix("../").removeprefix("docs/")
        return f"]({PAGES.get(path, path)}"

    markdown = re.sub(r"`[^`\n]+`", lambda code: code[0].replace("\\|", "|"), markdown)
    return re.sub(r"\]\(((?:\.\./|docs/)?[\w./-]+\.(?:md|svg|1))", moved, markdown)
