"""The .ini files with the texts of the doctor and of `awsenv explain`."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser

__all__ = ["counted", "parsed", "prose"]


def parsed(*paths: str) -> ConfigParser:
    """Read the sections of these files."""
    file = ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None)
    file.read(paths, encoding="utf-8")
    return file


def prose(section: Mapping[str, str], name: str) -> str:
    """Return a text on one line; empty if it is missing."""
    return " ".join(section.get(name, "").split())


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
