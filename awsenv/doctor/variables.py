"""What is wrong with the variables of this shell."""

from __future__ import annotations
