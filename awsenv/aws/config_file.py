"""One of the AWS config and credentials files, read once, as it is.

Only the sections that are needed are parsed: with 10,000 profiles botocore takes half a second for the files alone.
What is parsed is parsed as `configparser` does it for botocore, and the same files are rejected (except for a setting
that is there twice in a section that is not needed).
Rules: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html and botocore/configloader.py.
"""

from __future__ import annotations

import configparser
import os
import re

from awsenv.aws import text_files
from awsenv.result import AwsenvError

__all__ = ["File", "Settings"]

#: The settings of one section: name (lower case) -> text, or a nested block such as `s3 =` as a mapping.
Settings = dict[str, "str | dict[str, str]"]


_FIX = "fix that line; no AWS tool can read the file as it is"

#: Characters with which a line `name = value` does not begin: white space (as str.isspace), and those of a header.
_ODD_STARTS = frozenset(
    "[= \t\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)
_NO_SETTING = "has text that is neither a section nor name = value"


class File:
    """One of the two files: where its sections are, and the settings of those that are needed.

    Attributes:
        path: its path.
        exists: whether it exists.
        passed_over: what is in its place, if that is not a file, such as "a directory"; else empty. AWS tools then go
            on with the other file.
        places: header -> first line of the section and the one after its last, counted from 0, in the file's order.
    """

    def __init__(self, path: str, declared: str | None = None, *, named: bool = True) -> None:
        """Read the file; a missing one is empty.

        Args:
            path: where it is.
            declared: the encoding that AWS_CLI_FILE_ENCODING names.
            named: whether the user has named this path, which may then be a pipe.

        Raises:
            AwsenvError: it cannot be read; with the line, where there is one.
        """
        self.path = path
        self.passed_over = text_files.not_a_file(path, named=named)
        self.exists = not self.passed_over and os.path.exists(path)
        self.places: dict[str, tuple[int, int]] = {}
        text, self._encoding = text_files.read(path, declared) if self.exists else ("", declared)
        self._lines = text.split("\n")
        self._whole: configparser.RawConfigParser | None = None
        self._sections: dict[str, Settings] = {}
        self._index()

    def _index(self) -> None:
        """Find the sections, and reject what configparser would reject, without parsing all of it."""
        headers: list[tuple[str, int]] = []
        for number, line in enumerate(self._lines):
            if "=" in line and line[0] not in _ODD_STARTS:
                continue
            if line[:1] == "[":
                end = line.rfind("]")  # configparser.RawConfigParser.SECTCRE
                if end < 2 and ("=" in line or ":" in line):  # an odd name of a setting
                    continue
                if end < 2:
                    raise self._refuse(number, "has a section header that is not closed")
                if line[1:end] == "DEFAULT":  # configparser gives its settings to every section
                    return self._leave_to_configparser()
                headers.append((line[1:end], number))
            elif line[:1].isspace():
                if line.lstrip().startswith("["):  # a header, or does it continue a value? only configparser knows
                    return self._leave_to_configparser()
            elif line and line[0] not in "#;" and (":" not in line[1:] or line[0] == "="):
                raise self._refuse(number, _NO_SETTING)
        ends = [*(number for _, number in headers), len(self._lines)][1:]
        for (header, number), end in zip(headers, ends, strict=True):
            if header in self.places:
                raise self._refuse(number, f"has the section [{header}] a second time")
            self.places[header] = (number, end)
        self._parse(0, headers[0][1] if headers else len(self._lines))
        return None

    def _leave_to_configparser(self) -> None:
        self._whole = self._parse(0, len(self._lines))
        self.places = {header: (0, len(self._lines)) for header in self._whole.sections()}

    def _refuse(self, number: int, why: str) -> AwsenvError:
        return AwsenvError(f"{self.path}, line {number + 1}, {why}", _FIX)

    def _parse(self, first: int, end: int) -> configparser.RawConfigParser:
        """Parse some lines of the file. The errors of configparser quote the line, which may be a secret."""
        parser = configparser.RawConfigParser()
        try:
            parser.read_string("\n".join(self._lines[first:end]), self.path)
        except configparser.Error as error:
            lines = getattr(error, "errors", None) or [(getattr(error, "lineno", None) or 1, "")]
            why = {
                configparser.DuplicateOptionError: "has a setting for the second time",
                configparser.DuplicateSectionError: "has a section for the second time",
                configparser.MissingSectionHeaderError: "has text before the first section",
            }.get(type(error), _NO_SETTING)
            raise self._refuse(first + lines[0][0] - 1, why) from None
        return parser

    def section(self, header: str) -> Settings:
        """The settings of a section that is in `places`."""
        if header not in self._sections:
            plain = None if self._whole else _plain(self._lines, *self.places[header])
            if plain is None:
                parser = self._whole or self._parse(*self.places[header])
                plain = {name: self._nested(header, name, value) for name, value in parser.items(header)}
            self._sections[header] = plain
        return self._sections[header]

    def line(self, header: str, setting: str | None = None) -> int | None:
        """The line, counted from 1, of a section's header or of one of its settings; None if it is not there."""
        if self._whole is None:
            first, end = self.places.get(header, (-1, -1))
        else:
            starts = self._starts()
            first = starts.get(header, -1)
            end = min((start for start in starts.values() if start > first), default=len(self._lines))
        if first < 0 or setting is None:
            return first + 1 or None
        found = [
            number
            for number in range(first + 1, end)
            if (line := self._lines[number])[:1] not in ("#", ";")
            and re.split("[=:]", line, maxsplit=1)[0].strip().lower() == setting
        ]
        # a line of a nested block, or one that continues a value, may look the same: it is indented more
        return min(found, key=lambda number: _indent(self._lines[number])) + 1 if found else None

    @property
    def encoding(self) -> str:
        """The one that it was read in; for a file of ASCII the one in which boto3 would read more than that."""
        return self._encoding or text_files.sdk_encoding()

    @property
    def text(self) -> str:
        """All of the file."""
        return "\n".join(self._lines)

    def beyond_ascii(self) -> list[int]:
        """The lines, counted from 1, that mean something else in another encoding; comments mean nothing."""
        return [
            number
            for number, line in enumerate(self._lines, 1)
            if not line.isascii() and line.lstrip()[:1] not in ("#", ";")
        ]

    def where(self, header: str, setting: str | None = None) -> str | None:
        """`PATH:LINE` of a section's header or of one of its settings; None if it is not there."""
        number = self.line(header, setting)
        return None if number is None else f"{self.path}:{number}"

    def headers(self) -> list[str]:
        """Every header as written, in the file's order; that of the section DEFAULT, too."""
        return list(self._starts())

    def _starts(self) -> dict[str, int]:
        """Header -> its line, counted from 0."""
        if self._whole is None:
            return {header: first for header, (first, _) in self.places.items()}
        starts: dict[str, int] = {}
        for number, line in enumerate(self._lines):
            match = configparser.RawConfigParser.SECTCRE.match(line.strip())
            if match and (match["header"] in self.places or match["header"] == configparser.DEFAULTSECT):
                starts.setdefault(match["header"], number)
        return starts

    def _nested(self, header: str, setting: str, value: str) -> str | dict[str, str]:
        """The block of a setting such as `s3 =`; what is indented below it has to be `name = value`, too."""
        if not value.startswith("\n"):
            return value
        block = {}
        for line in value.splitlines():
            if line.strip():
                name, equals, inner = line.partition("=")
                if not equals:
                    start = (self.line(header, setting) or 1) - 1
                    number = next(n for n, raw in enumerate(self._lines) if n > start and raw.strip() == line.strip())
                    raise self._refuse(number, f"is indented, so it belongs to {setting} = above, and has no =")
                block[name.strip()] = inner.strip()
        return block


def _plain(lines: list[str], first: int, end: int) -> Settings | None:
    """The settings of a section of nothing but `name = value`, blank lines and comments, as configparser gives them.

    A parser for each of 10,000 sections takes a second. None for everything else: values of several lines, `:` for
    `=`, a setting for the second time.

    Args:
        lines: of the file.
        first: the line of the header, counted from 0.
        end: the line after the last one of the section.
    """
    settings: Settings = {}
    for number in range(first + 1, end):
        line = lines[number]
        if not line or line[0] in "#;":
            continue
        name, equals, value = line.partition("=")
        name = name.rstrip().lower()
        if not equals or not name or line[0].isspace() or ":" in name or name in settings:
            return None
        settings[name] = value.strip()
    return settings


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
