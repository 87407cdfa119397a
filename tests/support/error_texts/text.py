"""An error text, and the form of the tables of error texts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["ErrorText", "from_source"]


class ErrorText(NamedTuple):
    """What a tool prints when something fails.

    Attributes:
        tool: the tool that prints it.
        version: the major version or family of the tool; empty if all print the same.
        meaning: the id of the meaning that `awsenv explain` must put first; None if it must recognise nothing.
        source: the URL of a thread or page that has the message, or a repository and the path in it.
        text: the message as the tool prints it. Names, accounts, ids and paths are examples; keys and tokens are made up
            or from AWS's documentation.
    """

    tool: str
    version: str
    meaning: str | None
    source: str
    text: str


def from_source(tool: str, version: str, base: str, rows: Iterable[tuple[str | None, str, str]]) -> list[ErrorText]:
    """Return the texts of one tool.

    Args:
        tool, version: as in ErrorText.
        base: the beginning of each source that is not a URL.
        rows: meaning, source, text; the common indentation of a text is removed.
    """
    return [
        ErrorText(
            tool,
            version,
            meaning,
            source if source.startswith("https://") else f"{base}{source}",
            textwrap.dedent(text).strip("\n"),
        )
        for meaning, source, text in rows
    ]
