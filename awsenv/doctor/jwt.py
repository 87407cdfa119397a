"""When a web identity expires, according to its token."""

from __future__ import annotations

import base64
import json

__all__ = ["expiration_of"]


def expiration_of(token: str) -> int | None:
    """`exp` of a JSON Web Token, epoch seconds (RFC 7519, 4.1.4); None if it is not one, or has no expiration."""
    try:
        payload = token.strip().split(".")[1]
        return int(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"])
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
