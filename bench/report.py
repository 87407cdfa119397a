"""The table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

__all__ = ["Line", "as_text", "verdict"]


@dataclass(frozen=True)
class Line:
    """A line of the table, as text; "" for an empty cell.

    Attributes:
        row: what was measured.
        median: the time, with its unit.
        measure: the quantity that has the limit: a ratio, or a number of processes.
        limit: the limit in DESIGN.md.
        verdict: within, over, or why it was not measured.
    """

    row: str
    median: str = ""
    measure: str = ""
    limit: str = ""
    verdict: str = ""


def verdict(value: float, limit: float) -> str:
    """Compare the value, as it is shown, with the limit."""
    return "within" if round(value, 2) <= limit else "over"


def as_text(lines: Iterable[Line]) -> str:
    """Return the table in plain columns."""
    rows = [("row", "median", "measure", "limit", "verdict"), *(tuple(asdict(line).values()) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    shown = []
    for row in rows:
        numbers = (text.rjust(width) for text, width in zip(row[1:4], widths[1:], strict=True))
        shown.append("  ".join((row[0].ljust(widths[0]), *numbers, row[4])).rstrip())
    shown.insert(1, "-" * len(shown[0]))
    return "\n".join(shown) + "\n"
