"""What a session token tells: when it was issued, where and for which account, and whether it is truncated.
(Read for every new key: no imports but `binascii`.)

AWS documents nothing of this. T. Be'ery took tokens apart ("Revealing the Inner Structure of AWS Session Tokens", 2024,
unofficial): base64 of one byte, the type, and a protobuf message (https://protobuf.dev/programming-guides/encoding/)
whose field 1 says what kind of token it is, and which has the time of creation in plain text. The lifetime is
encrypted.
"""

from __future__ import annotations

import binascii

__all__ = ["TokenClaims", "is_truncated", "issued", "read"]

# type -> what field 1 ends in, and the number of the field with the time
_TYPES = {33: (b"origin_ec", 6), 2: (b"origin_ec", 6), 23: (b"aws", 5), 21: (b"aws", 5)}

# The types of the regional endpoints ("version 2"); the others come from sts.amazonaws.com, and have neither of these.
_REGIONAL = (33, 2)
_LABEL_TAG = 1 << 3 | 2  # field 1, and that it is a text
_REGION, _ACCOUNT = 3, 5  # the number of the field; in the second, a message, the account is field 3 again

_LONGEST = 16 * 1024  # characters; AWS says that tokens are "typically" shorter than 4 KiB
_EARLIEST, _LATEST = 1293840000, 4102444800  # 2011, the year of STS, and 2100


class TokenClaims:
    """What a token tells. Unauthenticated: good enough for warnings, never for security decisions.

    Attributes:
        issued: epoch seconds (UTC) at which AWS STS issued it.
        version_2: whether it is valid in every region, or only in those that are enabled by default (version 1).
        region: the one whose endpoint issued it, None if it does not tell.
        account: twelve digits, None if it does not tell.
    """

    __slots__ = ("account", "issued", "region", "version_2")

    def __init__(self, issued: int, region: str | None, account: str | None, *, version_2: bool) -> None:
        self.issued = issued
        self.version_2 = version_2
        self.region = region
        self.account = account


def issued(token: str) -> int | None:
    """Epoch seconds (UTC) at which STS issued a session token; None for what is not clearly such a token."""
    claims = read(token)
    return None if claims is None else claims.issued


def read(token: str) -> TokenClaims | None:
    """What a session token tells; None for everything that is not clearly a token of AWS, or too truncated to read."""
    if len(token) > _LONGEST:
        return None
    text = token.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = binascii.a2b_base64(text + "=" * (-len(text) % 4))
        if binascii.b2a_base64(data, newline=False).rstrip(b"=") != text.encode():
            return None  # a2b_base64 ignores what is not base64
        label, number = _TYPES[data[0]]
        fields = _fields(data, 1)
        kind, time = fields[1], fields[number]
    except (ValueError, LookupError):
        return None
    if isinstance(time, int) and isinstance(kind, bytes) and kind.endswith(label) and _EARLIEST <= time < _LATEST:
        regional = data[0] in _REGIONAL
        return TokenClaims(
            time,
            _region(fields.get(_REGION)) if regional else None,
            _account(fields.get(_ACCOUNT)) if regional else None,
            version_2=regional,
        )
    return None


def _region(field: int | bytes | None) -> str | None:
    text = field.decode("ascii", "replace") if isinstance(field, bytes) else ""
    return text if text[:2].isalpha() and all(c.isascii() and (c.isalnum() or c == "-") for c in text) else None


def _account(field: int | bytes | None) -> str | None:
    try:
        inner = _fields(field, 0).get(3) if isinstance(field, bytes) else None
    except (ValueError, LookupError):
        return None
    return inner.decode() if isinstance(inner, bytes) and len(inner) == 12 and inner.isdigit() else None


def is_truncated(token: str) -> bool:
    """Whether it starts as AWS's tokens do, and stops in the middle of a character, of a number or of a field.

    A token that is cut between two fields looks complete, unless the time is missing.
    """
    text = token.replace("-", "+").replace("_", "/").rstrip("=")
    if len(token) > _LONGEST:
        return False
    whole = text[: len(text) - 1] if len(text) % 4 == 1 else text
    try:
        data = binascii.a2b_base64(whole + "=" * (-len(whole) % 4))
        if binascii.b2a_base64(data, newline=False).rstrip(b"=")[: len(whole) - 1] != whole[:-1].encode():
            return False
        label, number = _TYPES[data[0]]
        size = data[2]
        if data[1] != _LABEL_TAG or not data[3 : 3 + size].endswith(label) or len(data) < 3 + size:
            return False
    except (ValueError, LookupError):
        return False
    if len(whole) < len(text):
        return True
    try:
        return number not in _fields(data, 1)
    except _CutOffError:
        return True
    except ValueError:
        return False


class _CutOffError(ValueError):
    """The message ends too early."""


def _fields(data: bytes, at: int) -> dict[int, int | bytes]:
    """The fields of the message that begins there, by their numbers; ValueError if it is not a message."""
    fields: dict[int, int | bytes] = {}
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            fields[tag >> 3], at = _varint(data, at)
            continue
        if kind == 2:
            length, at = _varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError("no such wire type")
        if at + length > len(data):
            raise _CutOffError
        fields[tag >> 3] = data[at : at + length]
        at += length
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of at most ten bytes, and the offset after it."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise _CutOffError
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise ValueError("no end")
