"""explain: the texts of tests/support/error_texts, each with its meaning, and texts without one."""

from __future__ import annotations

import time

import pytest
from support.error_texts import NEGATIVES, TEXTS, ErrorText

from awsenv.explain import is_success, last_words, recognise
from awsenv.explain.meanings import MEANINGS


def named(text: ErrorText) -> str:
    words = "".join(letter if letter.isascii() and letter.isprintable() else " " for letter in text.text).split()
    return f"{text.tool} {text.version} {' '.join(words)[-50:]}"


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_text_is_unique_and_has_a_source_and_a_known_meaning() -> None:
    known = {meaning.id for meaning in MEANINGS}
    assert len(TEXTS) >= 300
    assert len(NEGATIVES) >= 60
    assert len({one.text for one in [*TEXTS, *NEGATIVES]}) == len(TEXTS) + len(NEGATIVES)
    for one in TEXTS:
        assert one.tool and one.meaning in known, one
        assert one.source.startswith("https://") or "/" in one.source.partition(" ")[0], one
        assert one.source == one.source.strip(), one
    for one in NEGATIVES:
        assert one.meaning is None and one.source, one


def test_every_meaning_has_a_text() -> None:
    assert {meaning.id for meaning in MEANINGS} == {one.meaning for one in TEXTS}


# --- the answer of explain --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", TEXTS, ids=named)
def test_the_meaning_of_the_text_comes_first(one: ErrorText) -> None:
    found = recognise(one.text)
    assert [error.meaning.id for error in found[:1]] == [one.meaning]
    assert found[0].said in " ".join(one.text.replace("│", " ").split()) or "\x1b" in one.text


@pytest.mark.parametrize("one", TEXTS[::7], ids=named)
@pytest.mark.parametrize(
    "around",
    ["2026-11-26T10:15:00.123Z [app-1] {}", "\x1b[31m{}\x1b[0m", "$ ./deploy.sh\nstarting\n{}\nexit status 1\n"],
    ids=["a log", "colors", "a terminal"],
)
def test_surrounding_text_does_not_matter(around: str, one: ErrorText) -> None:
    if one.text.startswith(("'", "aws: [ERROR]: '", "[SSL: ")):  # the CLI prints nothing else, so it has to be alone
        return
    text = around.format(one.text)
    assert [error.meaning.id for error in recognise(text)[:1]] == [one.meaning]
    assert [error.meaning.id for error in recognise(text.replace("\n", "\r\n"))[:1]] == [one.meaning]


@pytest.mark.parametrize("one", NEGATIVES, ids=named)
def test_meaningless_text_is_not_recognised(one: ErrorText) -> None:
    assert recognise(one.text) == []


@pytest.mark.parametrize("one", [one for one in NEGATIVES if one.tool == "success"], ids=named)
def test_the_output_of_a_successful_command_is_not_an_error(one: ErrorText) -> None:
    assert is_success(one.text)


@pytest.mark.parametrize("one", [*TEXTS, *(one for one in NEGATIVES if one.tool == "other errors")], ids=named)
def test_an_error_is_not_taken_for_output_of_a_successful_command(one: ErrorText) -> None:
    assert recognise(one.text) or not is_success(one.text)


@pytest.mark.parametrize("word", ["ExpiredToken ", "git-codecommit", "ecr ", "profile ", "'", "AWS calls for account "])
def test_a_long_line_is_quick_to_read(word: str) -> None:
    """In seconds; a pattern that is quadratic in the line's length takes minutes."""
    start = time.monotonic()
    recognise(word * (300_000 // len(word)))
    assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("com.example.BrokenException: no such thing\n\tat com.example.Main.main(Main.java:3)", "com.example.BrokenException: no such thing"),
        ("Error: no such thing\n    at main (/srv/app/index.js:3:7)\n\nNode.js v20.11.1", "Error: no such thing"),
        ('Traceback (most recent call last):\n  File "error.py", line 3\nBrokenError: no such thing\n', "BrokenError: no such thing"),
        ("starting\nthe sky is blue\n", "the sky is blue"),
        ("", ""),
    ],
    ids=["Java", "JavaScript", "Python", "no error", "nothing"],
)  # fmt: skip
def test_an_unknown_error_is_shown_by_its_message_not_by_a_stack_frame(text: str, message: str) -> None:
    assert last_words(text) == message
