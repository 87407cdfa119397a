"""Tables: in color on a terminal, plain and always the same when piped.

(Written by hand, because rich takes four seconds for 10,000 rows.)
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeAlias

from awsenv import streams
from awsenv.environment import expiry
from awsenv.environment.settings import sgr
from awsenv.result import printable

__all__ = ["EXPIRED", "GOOD", "MARKED", "NEAR", "Cell", "left", "text"]

#: The content of a cell: any text, or None or "" for a missing value; or a pair of that and a color in the syntax of
#: the settings.
Cell: TypeAlias = "str | tuple[str | None, str] | None"

#: The colors with a meaning.
GOOD, NEAR, EXPIRED, MARKED = "green", "yellow", "red", "bold green"

# Prose is not wrapped to fewer columns than this: lines that the terminal breaks are easier to read.
_PROSE = 24

_GAP = "  "

_sgr = cache(sgr)


def text(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, columns: int | None = None) -> str:
    """Return the table, never truncated, with a final newline; `-` stands for a missing value.

    Args:
        headings: one for each column.
        rows: one cell for each column.
        columns: the width of the terminal. The last column, which is prose, is wrapped to it if there is room. None for
            stdout, terminal or not, without wrapping.
    """
    styled = (columns is not None or streams.is_terminal(sys.stdout)) and streams.styles()
    lines = [[(printable(heading), "bold") for heading in headings], *(list(map(_cell, row)) for row in rows)]
    widths = [max([_width(line[column][0]) for line in lines]) for column in range(len(headings) - 1)]
    indent = " " * sum(width + len(_GAP) for width in widths)
    room = 0 if columns is None else columns - len(indent)
    written = []
    for line in lines:
        front = "".join(
            [
                f"{content:<{width}}{_GAP}"  # halves the time of a long table
                if not styled and content.isascii()
                else f"{_styled(content, style, styled)}{' ' * (width - _width(content))}{_GAP}"
                for (content, style), width in zip(line, widths, strict=False)
            ]
        )
        content, style = line[-1]
        for part in _wrapped(content, room) if room >= _PROSE else [content]:
            written.append(f"{front}{_styled(part, style, styled)}".rstrip() + "\n")
            front = indent
    return "".join(written)


def _cell(cell: Cell) -> tuple[str, str]:
    content, style = cell if isinstance(cell, tuple) else (cell, "")
    return printable(content or "-"), style


def _styled(content: str, style: str, styled: bool) -> str:
    return f"\033[{_sgr(style)}m{content}\033[0m" if styled and style and content.strip() else content


def _width(content: str) -> int:
    """Return the number of terminal columns that a text occupies."""
    if content.isascii():
        return len(content)
    from rich.cells import cell_len

    return cell_len(content)


def _wrapped(content: str, room: int) -> list[str]:
    """Split a text into lines of at most `room` columns, inside a word only if it is longer than a line."""
    lines = [""]
    for word in content.split():
        if lines[-1] and _width(f"{lines[-1]} {word}") > room:
            lines.append("")
        for character in f" {word}" if lines[-1] else word:
            if _width(lines[-1] + character) > room:
                lines.append("")
            lines[-1] += character
    return lines


def left(expiration: int | None, now: int) -> tuple[str | None, str]:
    """Return the cell with the time left: `42m`, `expired`."""
    if expiration is None:
        return None, ""
    seconds = expiration - now
    if seconds <= 0:
        return "expired", EXPIRED
    return expiry.short(seconds), NEAR if seconds < expiry.NEAR else GOOD
