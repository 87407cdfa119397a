"""The time of day behind the time left, in what awsenv says: `42m left, until 14:32`."""

from __future__ import annotations

import re

__all__ = ["UNTIL", "without_until"]

UNTIL = re.compile(r", until (?:[A-Z][a-z]{2} |\d{4}-\d\d-\d\d )?\d\d:\d\d")


def without_until(text: str) -> str:
    """A text for tests that are not about the time of day, which differs with each run."""
    return UNTIL.sub("", text)
