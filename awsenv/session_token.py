"""When a session token was issued, read from the token itself. (Asked of every new key: no imports but `binascii`.)

AWS documents nothing of this. T. Be'ery took tokens apart ("Revealing the Inner Structure of AWS Session Tokens", 2024,
unofficial): base64 of one byte, the type, and a protobuf message (https://protobuf.dev/programming-guides/encoding/)
whose field 1 says whose token it is, and which carries the time of creation in clear. The lifetime is encrypted.
"""

from __future__ import annotations

import binascii

__all__ = ["issued"]

# type -> what field 1 says, or ends in, and the number of the field with the time
_TYPES = {33: (b"origin_ec", 6), 2: (b"origin_ec", 6), 23: (b"aws", 5), 21: (b"aws", 5)}

_LONGEST = 16 * 1024  # characters; AWS says that tokens are "typically" shorter than 4 KiB
_EARLIEST, _LATEST = 1293840000, 4102444800  # 2011, the year of STS, and 2100


def issued(token: str) -> int | None:
    """Epoch seconds (UTC) at which AWS STS issued a session token; None for all that is not clearly such a token.

    Nothing signs this time for us: it will do for a warning, and for nothing that has to be safe.
    """
    if len(token) > _LONGEST:
        return None
    text = token.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = binascii.a2b_base64(text + "=" * (-len(text) % 4))
        if binascii.b2a_base64(data, newline=False).rstrip(b"=") != text.encode():
            return None  # a2b_base64 passes over what is not base64
        label, number = _TYPES[data[0]]
        fields = _fields(data)
        said, time = fields[1], fields[number]
    except (ValueError, LookupError):
        return None
    if isinstance(time, int) and isinstance(said, bytes) and said.endswith(label) and _EARLIEST <= time < _LATEST:
        return time
    return None


def _fields(data: bytes) -> dict[int, int | bytes]:
    """The fields of the message after the first byte, by their numbers; ValueError or IndexError if it is none."""
    fields: dict[int, int | bytes] = {}
    at = 1
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
            raise ValueError("cut off")
        fields[tag >> 3] = data[at : at + length]
        at += length
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of at most ten bytes, and the place after it."""
    number = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
    raise ValueError("no end")
