"""Access key ids: their prefix distinguishes long-term keys from temporary ones, and they encode an account.

AWS documents only the prefixes (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html). The rest
was found by A. Steele ("AWS Access Key ID formats", 2020) and T. Be'ery ("A short note on AWS KEY ID", 2023): base32 of
ten bytes, of which bits 1 to 40 are the account.
"""

from __future__ import annotations

import base64

__all__ = ["LONG_TERM", "TEMPORARY", "account_of"]

#: The prefix of IAM users' access keys, which are valid until they are removed.
LONG_TERM = "AKIA"
#: The prefix of sessions' access keys; AWS accepts them only together with their session token.
TEMPORARY = "ASIA"

_LENGTH, _BYTES = 20, 10  # characters of an id; bytes that follow its prefix


def account_of(key_id: str) -> str | None:
    """Return the twelve digits of a key's account; None if the id does not contain it.

    Ids from before 2019 (`AKIAI…`, `AKIAJ…`), whose first bit is not set, do not, nor do those of servers other than
    AWS. An id is neither secret nor authenticated.
    """
    if len(key_id) != _LENGTH or not key_id.startswith((LONG_TERM, TEMPORARY)):
        return None
    try:
        data = base64.b32decode(key_id[4:])
    except ValueError:  # binascii.Error, or characters beyond ASCII
        return None
    if len(data) != _BYTES:  # padded with =
        return None
    number = int.from_bytes(data[:6], "big")
    account = (number & 0x7FFFFFFFFF80) >> 7
    return f"{account:012}" if number >> 47 and account < 10**12 else None
