"""Draws screens of a terminal as SVG: a still, or an animation by CSS. No script, no font or file from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

__all__ = ["BACKGROUND", "COLORS", "Frame", "Run", "animation", "still"]

#: The panel has a background of its own, so that it can be read on a light page and on a dark one.
BACKGROUND = "#161b22"
COLORS = {
    "default": "#d8dee6",
    "black": "#8b949e",
    "red": "#ff7b72",
    "green": "#56d364",
    "brown": "#e3b341",  # what pyte calls yellow
    "yellow": "#e3b341",
    "blue": "#79c0ff",
    "magenta": "#d2a8ff",
    "cyan": "#76e3ea",
    "white": "#f0f6fc",
}
_WIDTH, _HEIGHT, _MARGIN, _BAR = 8.4, 19, 14, 26


class Run(NamedTuple):
    """Characters of a row that look the same; `color` is a name in COLORS."""

    column: int
    text: str
    color: str
    bold: bool


Row = tuple[Run, ...]


class Frame(NamedTuple):
    """What a terminal shows, and for how many seconds."""

    rows: tuple[Row, ...]
    seconds: float


def still(rows: Sequence[Row], columns: int, title: str) -> str:
    """One screen."""
    return _document((_row(number, row) for number, row in enumerate(rows) if row), "", columns, len(rows), title)


def animation(frames: Sequence[Frame], columns: int, title: str) -> str:
    """Screens one after another, for ever. Who asks for reduced motion is shown the last one with the most text."""
    whole = sum(frame.seconds for frame in frames)
    lines = max(len(frame.rows) for frame in frames)
    rules: list[str] = []
    shapes: list[str] = []
    fullest = max(range(len(frames)), key=lambda number: (sum(map(bool, frames[number].rows)), number))
    for line in range(lines):
        for row, first, last in _spans(frames, line):
            start = sum(frame.seconds for frame in frames[:first]) / whole * 100
            end = sum(frame.seconds for frame in frames[: last + 1]) / whole * 100
            name = f"r{len(shapes)}"
            before = "" if first == 0 else f"0%{{visibility:hidden}}{start:.2f}%{{visibility:visible}}"
            after = "" if last == len(frames) - 1 else f"{end:.2f}%,100%{{visibility:hidden}}"
            rules.append(
                f"@keyframes {name}{{{before or '0%{visibility:visible}'}{after}}}.{name}{{animation-name:{name}}}"
            )
            kind = f"{name} s" if first <= fullest <= last else name
            shapes.append(_row(line, row, kind))
    style = "\n".join(
        [
            f"g[class]{{visibility:hidden;animation:{whole:.2f}s step-end infinite}}",
            *rules,
            "@media (prefers-reduced-motion:reduce){g[class]{animation:none}g.s{visibility:visible}}",
        ]
    )
    return _document(shapes, style, columns, lines, title)


def _spans(frames: Sequence[Frame], line: int) -> Iterator[tuple[Row, int, int]]:
    """What one line shows, and from which frame to which."""
    rows = [frame.rows[line] if line < len(frame.rows) else () for frame in frames]
    first = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or rows[number] != rows[first]:
            if rows[first]:
                yield rows[first], first, number - 1
            first = number


def _row(number: int, row: Row, kind: str = "") -> str:
    y = _BAR + _MARGIN + number * _HEIGHT + 9
    texts = "".join(
        # the length is given, as fonts differ in width
        f'<text x="{_MARGIN + run.column * _WIDTH:.1f}" y="{y}" textLength="{len(run.text) * _WIDTH:.1f}"'
        f' fill="{COLORS[run.color]}"{" font-weight=" + chr(34) + "bold" + chr(34) if run.bold else ""}>'
        f"{escape(run.text)}</text>"
        for run in row
    )
    return f'<g class="{kind}">{texts}</g>' if kind else texts


def _document(shapes: Iterator[str] | Sequence[str], style: str, columns: int, lines: int, title: str) -> str:
    width, height = round(columns * _WIDTH + 2 * _MARGIN), _BAR + 2 * _MARGIN + lines * _HEIGHT
    font = "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}"
    dots = "".join(
        f'<circle cx="{20 + 18 * number}" cy="18" r="5.5" fill="{color}"/>'
        for number, color in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' role="img" aria-labelledby="title">',
        f'<title id="title">{escape(title)}</title>',
        f"<style>{font}{style}</style>",
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" fill="{BACKGROUND}" stroke="#6e7681"/>',
        dots,
        *shapes,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
