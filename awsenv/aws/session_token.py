"""The contents of session tokens: when, where and for which account STS issued one, and whether it is truncated.
(Read for every new key: it imports only `binascii`.)

AWS documents none of this. T. Be'ery took tokens apart ("Revealing the Inner Structure of AWS Session Tokens", 2024,
unofficial): base64 of one byte, the type, and a protobuf message (https://protobuf.dev/programming-guides/encoding/)
whose field 1 is the kind of token, and which contains the time of creation in plain text. The lifetime is encrypted.
"""

from __future__ import annotations

import binascii

from awsenv import Value

__all__ = ["TokenClaims", "is_truncated", "issued", "read"]

# type -> the end of field 1, and the number of the field with the time
_TYPES = {33: (b"origin_ec", 6), 2: (b"origin_ec", 6), 23: (b"aws", 5), 21: (b"aws", 5)}

# The types from regional endpoints ("version 2"); the others come from sts.amazonaws.com and lack these two fields.
_REGIONAL = (33, 2)
_KIND_TAG = 1 << 3 | 2  # of field 1, a text
_REGION, _ACCOUNT = 3, 5  # the number of the field; the second is a message, whose field 3 is the account

_MAX_LENGTH = 16 * 1024  # characters; AWS says that tokens are "typically" shorter than 4 KiB
_EARLIEST, _LATEST = 1293840000, 4102444800  # 2011, the year of STS, and 2100


class TokenClaims(Value):
    """The contents of a token. Unauthenticated: good enough for warnings, never for security decisions.

    Attributes:
        issued: epoch seconds (UTC) at which AWS STS issued it.
        region: the region whose endpoint issued it; None if it is not in the token.
        account: twelve digits; None if it is not in the token.
        version_2: whether it is valid in every region, or only in those that are enabled by default (version 1).
    """

    issued: int
    region: str | None
    account: str | None
    version_2: bool


def issued(token: str) -> int | None:
    """Return epoch seconds (UTC) at which STS issued a session token; None if this is not clearly a token of AWS."""
    claims = read(token)
    return None if claims is None else claims.issued


def read(token: str) -> TokenClaims | None:
    """Return the contents of a session token; None if this is not clearly a token of AWS, or too truncated to read."""
    if len(token) > _MAX_LENGTH:
        return None
    text = _unpadded(token)
    try:
        data = _decoded(text)
        suffix, number = _TYPES[data[0]]
        fields = _fields(data, 1)
        kind, time = fields[1], fields[number]
    except (ValueError, LookupError):
        return None
    if not isinstance(time, int) or not _EARLIEST <= time < _LATEST:
        return None
    if not isinstance(kind, bytes) or not kind.endswith(suffix):
        return None
    if data[0] not in _REGIONAL:
        return TokenClaims(time, None, None, version_2=False)
    return TokenClaims(time, _region(fields.get(_REGION)), _account(fields.get(_ACCOUNT)), version_2=True)


def _unpadded(token: str) -> str:
    return token.replace("-", "+").replace("_", "/").rstrip("=")


def _decoded(text: str, *, is_whole: bool = True) -> bytes:
    """Decode base64. The last character of a text that is not whole may contain bits of a missing byte."""
    data = binascii.a2b_base64(text + "=" * (-len(text) % 4))
    end = len(text) if is_whole else len(text) - 1
    if binascii.b2a_base64(data, newline=False).rstrip(b"=")[:end] != text[:end].encode():
        raise ValueError("not base64")  # a2b_base64 ignores other characters
    return data


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
    """Whether a text starts like AWS's tokens and stops in the middle of a character, a number or a field.

    A token that is cut between two fields looks complete, unless the time is missing.
    """
    if len(token) > _MAX_LENGTH:
        return False
    text = _unpadded(token)
    whole = text[: len(text) - 1] if len(text) % 4 == 1 else text  # one character of four encodes nothing
    try:
        data = _decoded(whole, is_whole=False)
        suffix, number = _TYPES[data[0]]
        size = data[2]
        if data[1] != _KIND_TAG or not data[3 : 3 + size].endswith(suffix) or len(data) < 3 + size:
            return False
    except (ValueError, LookupError):
        return False
    if len(whole) < len(text):
        return True
    try:
        return number not in _fields(data, 1)
    except _TruncatedError:
        return True
    except ValueError:
        return False


class _TruncatedError(ValueError):
    """The message stops in the middle of a field."""


def _fields(data: bytes, offset: int) -> dict[int, int | bytes]:
    """Return field number -> value of the protobuf message from an offset on.

    Raises:
        ValueError: it is not a message; _TruncatedError if it is cut off.
    """
    fields: dict[int, int | bytes] = {}
    while offset < len(data):
        tag, offset = _varint(data, offset)
        kind = tag & 7
        if kind == 0:
            fields[tag >> 3], offset = _varint(data, offset)
            continue
        if kind == 2:
            length, offset = _varint(data, offset)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError("unknown wire type")
        if offset + length > len(data):
            raise _TruncatedError
        fields[tag >> 3] = data[offset : offset + length]
        offset += length
    return fields


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    """Return an unsigned number of at most ten bytes, and the offset after it."""
    number = 0
    for shift in range(0, 70, 7):
        if offset >= len(data):
            raise _TruncatedError
        byte = data[offset]
        offset += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, offset
    raise ValueError("unterminated number")
