"""What is wrong with the caches of sessions."""

from __future__ import annotations
