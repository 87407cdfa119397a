"""The time in a session token, read from tokens in the format of AWS and from any other text."""

from __future__ import annotations

import base64
import secrets

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.tokens import ISSUED, field, of_the_world, regional, text, varint

from awsenv.aws import session_token

EARLIEST, LATEST = 1293840000, 4102444800  # 2011 and 2100

TOKENS = {
    "33, regional": regional(33),
    "2, regional": regional(2),
    "23, global": of_the_world(23),
    "23, another partition": of_the_world(23, label=b"aws"),
    "21, global": of_the_world(21, label=b"aws"),
    "21, er/aws": of_the_world(21),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_token_contains_its_time_of_issue(token: bytes) -> None:
    assert session_token.issued(text(token)) == ISSUED


@pytest.mark.parametrize(
    ("token", "beginning"),
    [(regional(), "IQoJb3JpZ2luX2Vj"), (of_the_world(), "FwoGZXIvYXdz"), (of_the_world(21, label=b"aws"), "FQoDYXdz")],
)
def test_the_tokens_of_these_tests_start_like_those_of_aws(token: bytes, beginning: str) -> None:
    assert text(token).startswith(beginning)


@given(st.integers(EARLIEST, LATEST - 1), st.integers(0, 2))
def test_both_base64_alphabets_are_read_with_and_without_padding(time: int, more: int) -> None:
    padding = field(15, b"\xff" * more)
    for token in (regional(time=time) + padding, of_the_world(time=time) + padding):
        standard, safe = base64.b64encode(token).decode(), base64.urlsafe_b64encode(token).decode()
        for encoded in (standard, safe, standard.rstrip("="), safe.rstrip("=")):
            assert session_token.issued(encoded) == time


def test_fields_of_other_wire_types_are_skipped() -> None:
    fixed = varint(9 << 3 | 1) + b"\xff" * 8 + varint(10 << 3 | 5) + b"\xff" * 4
    assert session_token.issued(text(regional() + fixed)) == ISSUED
    assert session_token.issued(text(regional() + fixed[:-1])) is None


@pytest.mark.parametrize("time", [0, 1, EARLIEST - 1, LATEST, 2**32 - 1, 2**63, 2**64 - 1, ISSUED * 1000])
def test_an_implausible_time_is_ignored(time: int) -> None:
    assert session_token.issued(text(regional(time=time))) is None
    assert session_token.issued(text(of_the_world(time=time))) is None


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_truncated_token_is_not_read(token: bytes) -> None:
    lengths = [length for length in range(len(token)) if session_token.issued(text(token[:length])) is not None]
    assert len(lengths) == 1  # between two fields: without all of the last one
    encoded = text(token)
    assert session_token.issued(encoded[:200]) is None
    assert session_token.issued(encoded[1:]) is None


OTHERS = {
    "nothing": "",
    "padding": "====",
    "a word": "null",
    "one letter": "I",
    "moto": "FQoGZXIvYXdzEBYaDIXrs8RhHhxxdeFJ9mkK1DXL95dPGA+IaRzhnAz4Mt7aXwtNZU",
    "ministack": "FwoGZX" + "0123456789abcdef" * 8,
    "the label alone": "IQoJb3JpZ2luX2Vj",
    "AWS's example": "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
    "another type": text(regional(34)),
    "the time of the other type": text(bytes([33]) + of_the_world(label=b"origin_ec")[1:]),
    "another's label": text(regional(label=b"origin_gc")),
    "a type with the other's label": text(regional(23)),
    "no label": text(bytes([33]) + field(6, ISSUED)),
    "the label is a number": text(bytes([33]) + field(1, 7) + field(6, ISSUED)),
    "the time is a text": text(bytes([33]) + field(1, b"origin_ec") + field(6, b"1795376367")),
    "a number without an end": text(bytes([33]) + field(1, b"origin_ec") + field(6, ISSUED) + b"\x38" + b"\xff" * 11),
    "a group": text(regional() + b"\x3b"),
    "something between": text(regional())[:100] + " " + text(regional())[100:],
    "a line break at the end": text(regional()) + "\n",
    "padding inside": "IQ==" + text(regional())[4:],
    "other letters": "\u0416" + text(regional()),
    "bytes that are not text": "\udcff" + text(regional()),
    "digits of another script": text(regional()).replace("A", "\u0661"),
}


@pytest.mark.parametrize("token", OTHERS.values(), ids=OTHERS)
def test_text_that_is_not_clearly_an_aws_token_is_not_read(token: str) -> None:
    assert session_token.issued(token) is None


def test_an_enormous_token_is_not_read() -> None:
    longest = regional()
    longest += field(15, b"\0" * (12 * 1024 - len(longest) - 3))
    assert len(text(longest)) == 16 * 1024
    assert session_token.issued(text(longest)) == ISSUED
    assert session_token.issued(text(longest + field(15, b""))) is None
    assert session_token.issued("A" * 10**7) is None


@given(st.text())
@example("\ud800")
@example("\0")
def test_no_text_raises(token: str) -> None:
    time = session_token.issued(token)
    assert time is None or EARLIEST <= time < LATEST


BEGINNINGS = st.sampled_from([b"", b"\x21\n\torigin_ec", b"\x02\n\torigin_ec", b"\x17\n\x06er/aws", b"\x15\n\x03aws"])


@given(BEGINNINGS, st.binary())
def test_no_bytes_raise(beginning: bytes, rest: bytes) -> None:
    for encoded in (text(beginning + rest), base64.urlsafe_b64encode(beginning + rest).decode().rstrip("=")):
        time = session_token.issued(encoded)
        assert time is None or EARLIEST <= time < LATEST


@given(st.sampled_from(list(TOKENS.values())), st.data())
def test_a_damaged_token_is_none_or_a_plausible_time(token: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(token) - 1))
    damaged = (
        token[:position] + bytes([data.draw(st.integers(0, 255))]) + token[position + data.draw(st.integers(0, 2)) :]
    )
    time = session_token.issued(text(damaged))
    assert time is None or EARLIEST <= time < LATEST


# --- the region, the account, truncation ------------------------------------------------------------------------------


def test_a_token_of_a_regional_endpoint_contains_region_and_account() -> None:
    claims = session_token.read(text(regional()))
    assert claims is not None
    assert (claims.issued, claims.region, claims.account, claims.version_2) == (
        ISSUED,
        "us-east-1",
        "123456789012",
        True,
    )


def test_a_token_of_the_global_endpoint_is_not_version_2() -> None:
    claims = session_token.read(text(of_the_world()))
    assert claims is not None
    assert (claims.issued, claims.region, claims.account, claims.version_2) == (ISSUED, None, None, False)


@pytest.mark.parametrize(
    ("region", "account"),
    [
        (7, 7),
        (b"", b""),
        (b"us east", field(3, b"12345678901")),
        (b"\xff\xfe", field(3, "\u0661".encode() * 6)),
        (b"1", field(3, 123456789012)),
        (b"US_EAST", b"\x1a\xff"),
    ],
)
def test_an_invalid_region_or_account_is_ignored(region: int | bytes, account: int | bytes) -> None:
    fields = (b"origin_ec", 76, region, secrets.token_bytes(71), account, ISSUED)
    claims = session_token.read(text(bytes([33]) + b"".join(field(n, value) for n, value in enumerate(fields, 1))))
    assert claims is not None
    assert (claims.issued, claims.region, claims.account) == (ISSUED, None, None)


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_truncated_token_is_recognized(token: bytes) -> None:
    encoded = text(token)
    assert not session_token.is_truncated(encoded)
    assert not session_token.is_truncated(encoded.rstrip("="))
    beginning = 16  # the characters that identify a token of AWS
    unrecognised = [
        length
        for length in range(beginning, len(encoded.rstrip("=")))
        if not session_token.is_truncated(encoded[:length])
    ]
    assert len(unrecognised) <= 2  # between two fields, or in the padding bits


@pytest.mark.parametrize("name", OTHERS)
def test_text_that_is_not_an_aws_token_is_not_called_truncated(name: str) -> None:
    assert session_token.is_truncated(OTHERS[name]) is (name == "the label alone")


@given(BEGINNINGS, st.binary())
def test_is_truncated_never_raises_for_bytes(beginning: bytes, rest: bytes) -> None:
    encoded = text(beginning + rest)
    for length in (len(encoded), len(encoded) - 1, len(encoded) // 2):
        session_token.is_truncated(encoded[:length])
        session_token.read(encoded[:length])


@given(st.text())
@example("\ud800")
def test_is_truncated_never_raises_for_text(token: str) -> None:
    assert session_token.is_truncated(token) in (True, False)
