"""What is wrong with a profile that assumes a role, and with those that it draws on."""

from __future__ import annotations
