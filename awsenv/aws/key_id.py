"""What an access key id tells: whether it is a long-term key, and the account that it belongs to.

AWS documents the prefixes (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html), not the rest.
That the account is encoded in it was found by A. Steele ("AWS Access Key ID formats", 2020) and T. Be'ery ("A short
note on AWS KEY ID", 2023): base32 of ten bytes, and the account is bits 1 to 40.
"""

from __future__ import annotations

import base64

__all__ = ["LONG_TERM", "TEMPORARY", "account_of"]

#: The prefix of the access keys of IAM users, which are valid until they are removed.
LONG_TERM = "AKIA"
#: The prefix of those of sessions; AWS accepts them only together with their session token.
TEMPORARY = "ASIA"

_LENGTH, _BYTES = 20, 10  # characters of the whole; bytes after the prefix


def account_of(key_id: str) -> str | None:
    """The twelve digits of the account that a key belongs to; None if the id does not tell.

    Those from before 2019 (`AKIAI…`, `AKIAJ…`) do not: their first bit is not set. Nor do those of other servers than
    AWS. An id holds no secret, and is not authenticated.
    """
    if len(key_id) != _LENGTH or not key_id.startswith((LONG_TERM, TEMPORARY)):
        return None
    try:
        data = base64.b32decode(key_id[4:])
    except ValueError:  # binascii.Error, or characters beyond ASCII
        return None
    if len(data) != _BYTES:
        return None
    number = int.from_bytes(data[:6], "big")
    account = (number & 0x7FFFFFFFFF80) >> 7
    return f"{account:012}" if number >> 47 and account < 10**12 else None
