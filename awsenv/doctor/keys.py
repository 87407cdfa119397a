"""What is wrong with the exported keys and tokens themselves."""

from __future__ import annotations
