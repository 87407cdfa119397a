"""An error text, and how a table of them is written."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["ErrorText", "from_source"]


class ErrorText(NamedTuple):
    """What a tool prints when something fails.

    Attributes:
        tool: who prints it.
        version: its major version or family; empty where all print the same.
        meaning: the id of what `awsenv explain` has to say first; None if it must not recognise anything.
        source: the URL of a thread or page, or the repository and the path in it, where the message is found.
        text: the message as the tool prints it. Names, accounts, ids and paths are examples; keys and tokens are those
            of AWS's documentation or made up.
    """

    tool: str
    version: str
    meaning: str | None
    source: str
    text: str


def from_source(tool: str, version: str, base: str, rows: Iterable[tuple[str | None, str, str]]) -> list[ErrorText]:
    """The texts of one tool.

    Args:
        tool: as in ErrorText.
        version: as in ErrorText.
        base: what each source starts with, unless it is a URL.
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
