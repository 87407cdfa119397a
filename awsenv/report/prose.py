"""Texts for people that are data: the .ini files of the doctor and of `awsenv explain`."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser

__all__ = ["counted", "parsed", "prose"]


def parsed(*paths: str) -> ConfigParser:
    """The sections of some files."""
    file = ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None)
    file.read(paths, encoding="utf-8")
    return file


def prose(section: Mapping[str, str], name: str) -> str:
    """A text on one line, empty without one."""
    return " ".join(section.get(name, "").split())


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
