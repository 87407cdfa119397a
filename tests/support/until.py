"""The time of day after the time left in the output of awsenv: `42m left, until 14:32`."""

from __future__ import annotations

import re

__all__ = ["UNTIL", "without_until"]

UNTIL = re.compile(r", until (?:[A-Z][a-z]{2} |\d{4}-\d\d-\d\d )?\d\d:\d\d")


def without_until(text: str) -> str:
    """Remove the time of day, which differs in each run."""
    return UNTIL.sub("", text)
