"""What is wrong where a profile gets its credentials from: static keys, sign-ins, processes, containers."""

from __future__ import annotations
