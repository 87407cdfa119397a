"""What AWS says, or why it cannot be asked."""

from __future__ import annotations
