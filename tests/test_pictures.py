"""docs/*.svg: the pictures show the current output, are readable anywhere, and contain no secret."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.clock import Clock
from support.sts import Sts

DOCS = Path(__file__).resolve().parent.parent / "docs"
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("demo", "doctor", "list", "whoami")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pictures are made in a bash, in a pty")
each_picture = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def generator() -> Iterator[dict[str, Any]]:
    """The names in docs/pictures.py."""
    sys.path.insert(0, str(DOCS))
    yield runpy.run_path(str(DOCS / "pictures.py"))
    sys.path.remove(str(DOCS))


def parsed(name: str) -> ElementTree.Element:
    return ElementTree.fromstring((DOCS / f"{name}.svg").read_text(encoding="utf-8"))


def texts(drawn: str) -> list[str]:
    """The texts of a picture, in order of appearance."""
    return [element.text or "" for element in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


@pytest.mark.shell
@each_picture
def test_a_picture_shows_the_current_output(name: str, generator: dict[str, Any], sts: Sts, clock: Clock) -> None:
    del clock  # the fixture resets the clock
    drawn = texts((DOCS / f"{name}.svg").read_text(encoding="utf-8"))
    assert drawn == texts(generator["picture"](name, sts)), "draw the pictures anew: just docs"


def test_the_animation_shows_the_whole_story_in_its_colors(generator: dict[str, Any]) -> None:
    colors = {element.text: element.get("fill") for element in parsed("demo").iter(f"{SVG}text")}
    palette = generator["COLORS"]
    for segment, color in {
        "project1 1h00m": "green",
        "project1 14m": "brown",
        "project1 expired": "red",
        "$ awsenv refresh": "default",
        "$ awsenv clear": "default",
        "awsenv: project1: 14m left, until 10:00; renew with: awsenv refresh": "default",
    }.items():
        assert colors[segment] == palette[color]
    assert any(text and text.endswith("did you mean project1?") for text in colors)


@each_picture
def test_a_picture_is_self_contained(name: str) -> None:
    allowed = {f"{SVG}{tag}" for tag in ("svg", "title", "style", "rect", "circle", "g", "text")}
    for element in parsed(name).iter():
        assert element.tag in allowed
        assert not [key for key in element.attrib if key.startswith("on") or key.endswith("href")]
    text = (DOCS / f"{name}.svg").read_text(encoding="utf-8")
    assert re.findall(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)(?=[^<]*\{)", text) == []
    assert len(text) < 150_000


@each_picture
def test_a_picture_has_a_title_and_a_size(name: str, generator: dict[str, Any]) -> None:
    root = parsed(name)
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == generator["PICTURES"][name].title
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


@each_picture
def test_no_text_leaves_the_picture(name: str) -> None:
    root = parsed(name)
    for text in root.iter(f"{SVG}text"):
        assert float(text.get("x", "")) + float(text.get("textLength", "")) < float(root.get("width", ""))
        assert float(text.get("y", "")) < float(root.get("height", ""))


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@each_picture
def test_a_picture_can_be_read_on_any_page(name: str) -> None:
    """It has its own background, on which text has a contrast of at least 4.5 (WCAG 2.2, 1.4.3)."""
    panel = parsed(name).find(f"{SVG}rect")
    assert panel is not None
    background = luminance(panel.get("fill", ""))
    for color in {text.get("fill", "") for text in parsed(name).iter(f"{SVG}text")}:
        assert (luminance(color) + 0.05) / (background + 0.05) >= 4.5, color


@each_picture
def test_a_picture_holds_no_secret(name: str, generator: dict[str, Any]) -> None:
    text = (DOCS / f"{name}.svg").read_text(encoding="utf-8")
    key, secret = generator["EXAMPLE"]
    assert generator["SECRET"].search(f" {key} ")
    assert generator["SECRET"].search(f" {secret} ")
    assert generator["SECRET"].findall(text) == []
    assert not re.search(r"/(root|tmp|work|Users)/|/home/(?!ada)", text)


def test_every_picture_of_the_docs_is_made_by_the_command(generator: dict[str, Any]) -> None:
    assert {path.stem for path in DOCS.glob("*.svg")} == set(generator["PICTURES"]) == set(NAMES)


@pytest.mark.shell
def test_a_picture_with_a_secret_is_refused(generator: dict[str, Any], sts: Sts, clock: Clock) -> None:
    del clock
    leak = generator["Picture"](lambda bash: bash.type("echo $AWS_SECRET_ACCESS_KEY"), "a leak")
    pictures = generator["picture"].__globals__["PICTURES"]
    pictures["doctor"], before = leak, pictures["doctor"]
    try:
        with pytest.raises(RuntimeError, match=r"doctor\.svg would show a secret"):
            generator["picture"]("doctor", sts)
    finally:
        pictures["doctor"] = before
