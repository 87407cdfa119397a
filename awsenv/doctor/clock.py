"""What is wrong with this machine's clock."""

from __future__ import annotations
