"""The account in an access key id: published pairs, and key ids without an account."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.tokens import key_of

from awsenv.aws.key_id import account_of


@pytest.mark.parametrize(
    ("key_id", "account"),
    [  # published by A. Steele, T. Be'ery
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
        ("ASIAQNZGKIQY56JQ7WML", "029608264753"),
    ],
)
def test_the_account_of_published_key_ids_is_right(key_id: str, account: str) -> None:
    assert account_of(key_id) == account


@given(st.integers(0, 10**12 - 1), st.sampled_from(["AKIA", "ASIA"]), st.binary(min_size=4, max_size=4))
@example(0, "AKIA", b"\0\0\0\0")
@example(10**12 - 1, "ASIA", b"\xff\xff\xff\xff")
def test_an_account_keeps_its_leading_zeros(number: int, prefix: str, rest: bytes) -> None:
    assert account_of(key_of(f"{number:012}", prefix, rest)) == f"{number:012}"


@pytest.mark.parametrize(
    "key_id",
    [
        "",
        "AKIAIOSFODNN7EXAMPLE",  # AWS's example, and the form of before 2019: the first bit is not set
        "AKIAI44QH8DHBEXAMPLE",
        "AKIA0123456789ABCDEF",  # ministack: hexadecimal
        "ASIAY34FZKBOKMUTVV7",
        "ASIAY34FZKBOKMUTVV7AA",
        "asiaY34FZKBOKMUTVV7A",
        "ASIAy34fzkbokmutvv7a",
        "AROAY34FZKBOKMUTVV7A",
        "ASIAY34FZKBOKMUTVV7=",
        "ASIA\u017d34FZKBOKMUTVV7A",
        "ASIA" + "7" * 16,  # a number of 13 digits
    ],
)
def test_other_key_ids_have_no_account(key_id: str) -> None:
    assert account_of(key_id) is None


@given(st.text())
@example("ASIA" + "\ud800" * 16)
def test_no_text_raises(key_id: str) -> None:
    assert account_of(key_id) is None
    assert account_of("ASIA" + key_id[:16]) is None or len(key_id) >= 16
