"""The tables of all commands: plain in a pipe, colored and wrapped on a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from awsenv.report import profiles, table

HEADINGS = ("A", "LONG", "PROSE")


def test_columns_are_two_blanks_apart_without_trailing_blanks() -> None:
    rows = [("a", ("b", "green"), "x"), ("longer", None, ""), ("日本", "é", "y")]
    assert table.text(HEADINGS, rows) == ("A       LONG  PROSE\na       b     x\nlonger  -     -\n日本    é     y\n")


def test_a_table_without_rows_prints_its_headings() -> None:
    assert table.text(HEADINGS, []) == "A  LONG  PROSE\n"


def test_on_a_terminal_colors_are_sgr_sequences() -> None:
    text = table.text(HEADINGS, [("a", ("b", "bold green"), ("", "red"))], columns=80)
    assert text.splitlines()[0] == "\033[1mA\033[0m  \033[1mLONG\033[0m  \033[1mPROSE\033[0m"
    assert text.splitlines()[1] == "a  \033[1;32mb\033[0m     \033[31m-\033[0m"


def test_control_characters_are_escaped() -> None:
    assert "\033" not in table.text(("A",), [("x\033[31m\n",)])


def test_no_color_removes_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in table.text(HEADINGS, [("a", ("b", "red"), "x")], columns=80)


def test_the_last_column_is_wrapped_where_there_is_room_for_prose() -> None:
    prose = "some prose that goes on and on, with a word " + "x" * 40
    lines = table.text(HEADINGS, [("a", "b", prose)], columns=40).splitlines()
    plain = [line.replace("\033[1m", "").replace("\033[0m", "") for line in lines]
    assert all(len(line) <= 40 for line in plain)
    assert "".join("".join(plain[1:]).split()) == "ab" + "".join(prose.split())
    assert all(line.startswith(" " * 9) for line in plain[2:])
    narrow = table.text(HEADINGS, [("a", "b", prose)], columns=30)
    assert f"b     {prose}\n" in narrow


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.integers(24, 40))
def test_wrapped_prose_is_complete_and_fits(prose: str, room: int) -> None:
    lines = table._wrapped(prose, room)
    assert "".join(lines).replace(" ", "") == "".join(prose.split())
    assert all(cell_len(line) <= room for line in lines)


ROW = profiles.Row("größe", "role", "123456789012", 'a"b', None, 1000)


def test_the_json_of_a_list_has_the_layout_of_json_dumps() -> None:
    rows = [ROW, profiles.Row("b", "none", None, None, "eu-west-1", None)]
    objects: list[dict[str, Any]] = [
        {**row._asdict(), "seconds_left": None if row.expiration is None else row.expiration - 400} for row in rows
    ]
    assert profiles.as_json(rows, 400) == json.dumps(objects, indent=2) + "\n"
    assert profiles.as_json([], 400) == "[]\n"


@pytest.mark.shell
def test_a_plain_table_needs_no_rich() -> None:
    """Importing rich takes a tenth of a second, and 10,000 rows take four."""
    program = (
        "import sys; from awsenv.report import table; table.text(('A',), [('x',)]); "
        "print([name for name in sys.modules if name.partition('.')[0] == 'rich'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
