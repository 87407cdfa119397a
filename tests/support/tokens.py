"""Session tokens and access key ids in the format of AWS."""

from __future__ import annotations

import base64
import json
import secrets

ISSUED = 1795376367  # 2026-11-22T19:39:27Z


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes([*encoded, number])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def regional(kind: int = 33, time: int = ISSUED, label: bytes = b"origin_ec") -> bytes:
    """Make a token of a regional endpoint: issuer, key id, region, signature, account, time, the rest."""
    account = field(2, 0) + field(3, b"123456789012")
    fields = (label, 76, b"us-east-1", secrets.token_bytes(71), account, time, secrets.token_bytes(158))
    return bytes([kind]) + b"".join(field(number, value) for number, value in enumerate(fields, 1))


def of_the_world(kind: int = 23, time: int = ISSUED, label: bytes = b"er/aws") -> bytes:
    """Make a token of sts.amazonaws.com: issuer, key id (negative, hence ten bytes), key, ciphertext, time, the rest."""
    fields = (label, 2**64 - 8, secrets.token_bytes(12), secrets.token_bytes(192), time, secrets.token_bytes(45))
    return bytes([kind]) + b"".join(field(number, value) for number, value in enumerate(fields, 1))


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def jwt(expiration: object) -> str:
    """Make a web identity token; None for one without an expiration."""
    parts = ({"alg": "RS256"}, {} if expiration is None else {"exp": expiration})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2lnbmVk"])


def key_of(account: str, prefix: str = "ASIA", rest: bytes = b"\x2a" * 4) -> str:
    """Make an access key id of an account."""
    number = 1 << 47 | int(account) << 7 | 42
    return prefix + base64.b32encode(number.to_bytes(6, "big") + rest).decode()
