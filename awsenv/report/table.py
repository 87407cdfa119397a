"""A table as every command shows one: in color on a terminal, plain and always the same when it is piped.

(Made by hand: for 10,000 rows rich takes four seconds.)
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

#: The content of a cell: a text from wherever, None or an empty one for nothing, or either with a color as in the
#: settings.
Cell: TypeAlias = "str | tuple[str | None, str] | None"

#: The colors that mean something.
GOOD, NEAR, EXPIRED, MARKED = "green", "yellow", "red", "bold green"

# A narrower column of prose is worse than lines that the terminal breaks.
_PROSE = 24

_GAP = "  "


def text(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, columns: int | None = None) -> str:
    """The table, never truncated, with a newline at its end; `-` for what is not there.

    Args:
        headings: of the columns.
        rows: a cell for each of them.
        columns: the width of the terminal that it is for, in which the last column, which is prose, is wrapped if there
            is room for that; None for stdout, whatever that is, and lines as long as they are.
    """
    styled = (columns is not None or streams.is_terminal(sys.stdout)) and streams.styles()
    lines = [[(printable(heading), "bold") for heading in headings], *(list(map(_cell, row)) for row in rows)]
    widths = [max([_width(line[column][0]) for line in lines]) for column in range(len(headings) - 1)]
    room = 0 if columns is None else columns - sum(width + len(_GAP) for width in widths)
    indent = " " * sum(width + len(_GAP) for width in widths)
    written = []
    for line in lines:
        front = "".join(
            [
                f"{content:<{width}}{_GAP}"  # half of the time of a long table
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
    return f"\033[{_parameters(style)}m{content}\033[0m" if styled and style and content.strip() else content


@cache
def _parameters(style: str) -> str:
    return sgr(style) or ""


def _width(content: str) -> int:
    """The columns that a text takes on a terminal."""
    if content.isascii():
        return len(content)
    from rich.cells import cell_len

    return cell_len(content)


def _wrapped(content: str, room: int) -> list[str]:
    """The text in lines of so many columns, broken between words; inside of one that is too long for a line."""
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
    """The cell with the time left: `42m`, `expired`."""
    if expiration is None:
        return None, ""
    seconds = expiration - now
    if seconds <= 0:
        return "expired", EXPIRED
    return expiry.short(seconds), NEAR if seconds < expiry.NEAR else GOOD
