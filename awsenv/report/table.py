"""A table as every command shows one: in colour on a terminal, plain and always the same when it is piped."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from awsenv import streams
from awsenv.environment import expiry
from awsenv.result import printable

__all__ = ["EXPIRED", "GOOD", "MARKED", "NEAR", "Cell", "left", "text"]

#: What stands in a cell: a text from wherever, None or an empty one for nothing, or either with a style of rich's.
Cell: TypeAlias = "str | tuple[str | None, str] | None"

#: The styles that mean something.
GOOD, NEAR, EXPIRED, MARKED = "green", "yellow", "red", "bold green"

# A column of prose that is narrower is worse than lines that the terminal breaks.
_PROSE = 24


def text(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, columns: int | None = None) -> str:
    """The table, never cut short, with a newline at its end; `-` for what is not there.

    Args:
        headings: of the columns.
        rows: a cell for each of them.
        columns: the width of the terminal that it is for, in which the last column, which is prose, is wrapped if there
            is room for that; None for stdout, whatever that is, and lines as long as they are.
    """
    cells = [list(map(_cell, row)) for row in rows]
    before = sum(max(cell.cell_len for cell in column) + 1 for column in list(zip(*cells, strict=True))[:-1])
    wraps = columns is not None and columns - before >= _PROSE
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        last = wraps and heading == headings[-1]
        table.add_column(Text(printable(heading)), no_wrap=not last, overflow="fold" if last else "ignore")
    for row in cells:
        table.add_row(*row)
    styled = (columns is not None or streams.is_terminal(sys.stdout)) and streams.styles()
    width = columns if wraps and columns else 10_000
    console = Console(file=io.StringIO(), force_terminal=styled, width=width, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _cell(cell: Cell) -> Text:
    content, style = cell if isinstance(cell, tuple) else (cell, "")
    return Text(printable(content or "-"), style=style)


def left(expiration: int | None, now: int) -> tuple[str | None, str]:
    """The cell that says how long something still lives: `42m`, `expired`."""
    if expiration is None:
        return None, ""
    seconds = expiration - now
    if seconds <= 0:
        return "expired", EXPIRED
    return expiry.short(seconds), NEAR if seconds < expiry.NEAR else GOOD
