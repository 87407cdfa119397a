"""One AWS config or credentials file, read once.

Only the sections that are needed are parsed: with 10,000 profiles botocore takes half a second for the files alone.
They are parsed as botocore's `configparser` does, and the same files are rejected (except for a duplicate setting in a
section that is not needed).
Rules: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html and botocore/configloader.py.
"""

from __future__ import annotations

import configparser
import os
import re
from itertools import pairwise

from awsenv.aws import text_files
from awsenv.result import AwsenvError

__all__ = ["File", "Settings"]

#: The settings of one section: name (lower case) -> text, or a nested block such as `s3 =` as a mapping.
Settings = dict[str, "str | dict[str, str]"]


_FIX = "fix that line; no AWS tool can read the file as it is"

#: A line `name = value` does not begin with these: white space (as str.isspace), and what begins a header.
_ODD_STARTS = frozenset(
    "[= \t\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)
_NO_SETTING = "has text that is neither a section nor name = value"


class File:
    """One of the two files: where its sections are, and the settings of those that are needed.

    Attributes:
        path: its path.
        exists: whether it exists.
        passed_over: what its path leads to, if that is not a file, such as "a directory"; else empty. AWS tools then
            use the other file alone.
        places: header -> the lines with its settings, as a first line and one after the last, counted from 0; in the
            file's order.
    """

    def __init__(self, path: str, declared: str | None = None, *, named: bool = True) -> None:
        """Read the file; a missing one is empty.

        Args:
            path: its path.
            declared: the encoding in AWS_CLI_FILE_ENCODING.
            named: whether the user has named this path, which may then be a pipe.

        Raises:
            AwsenvError: it cannot be read; names the line, if one is the cause.
        """
        self.path = path
        self.passed_over = text_files.not_a_file(path, named=named)
        self.exists = not self.passed_over and os.path.exists(path)
        text, self._encoding = text_files.read(path, declared) if self.exists else ("", declared)
        self._lines = text.split("\n")
        self._whole: configparser.RawConfigParser | None = None
        self._sections: dict[str, Settings] = {}
        self._spans = self._index()
        self.places = self._spans
        if self._whole is not None:  # the settings of DEFAULT belong to every section
            self.places = dict.fromkeys(self._whole.sections(), (0, len(self._lines)))

    def _index(self) -> dict[str, tuple[int, int]]:
        """Find the lines of the sections, and reject what configparser would reject, without parsing everything."""
        starts: dict[str, int] = {}
        for number, line in enumerate(self._lines):
            if "=" in line and line[0] not in _ODD_STARTS:
                continue
            if line[:1] == "[":
                end = line.rfind("]")  # configparser.RawConfigParser.SECTCRE
                if end < 2 and ("=" in line or ":" in line):  # the odd name of a setting
                    continue
                if end < 2:
                    raise self._error(number, "has a section header that is not closed")
                header = line[1:end]
                if header == configparser.DEFAULTSECT:
                    return self._index_with_configparser()
                if header in starts:
                    raise self._error(number, f"has the section [{header}] a second time")
                starts[header] = number
            elif line[:1].isspace():
                if line.lstrip().startswith("["):  # either a header or the continuation of a value
                    return self._index_with_configparser()
            elif line and line[0] not in "#;" and (":" not in line[1:] or line[0] == "="):
                raise self._error(number, _NO_SETTING)
        self._parse(0, next(iter(starts.values()), len(self._lines)))
        return self._spans_from(starts)

    def _index_with_configparser(self) -> dict[str, tuple[int, int]]:
        """Parse everything, then find the lines of the sections, and of DEFAULT."""
        self._whole = self._parse(0, len(self._lines))
        starts: dict[str, int] = {}
        for number, line in enumerate(self._lines):
            match = configparser.RawConfigParser.SECTCRE.match(line.strip())
            if match and (self._whole.has_section(match["header"]) or match["header"] == configparser.DEFAULTSECT):
                starts.setdefault(match["header"], number)
        return self._spans_from(starts)

    def _spans_from(self, starts: dict[str, int]) -> dict[str, tuple[int, int]]:
        """Let each section end where the next one starts."""
        return dict(zip(starts, pairwise([*starts.values(), len(self._lines)]), strict=True))

    def _error(self, number: int, why: str) -> AwsenvError:
        return AwsenvError(f"{self.path}, line {number + 1}, {why}", _FIX)

    def _parse(self, first: int, end: int) -> configparser.RawConfigParser:
        """Parse some lines. The errors of configparser quote a line, which may be a secret: they are replaced."""
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
            raise self._error(first + lines[0][0] - 1, why) from None
        return parser

    def section(self, header: str) -> Settings:
        """Return the settings of a section in `places`."""
        if header not in self._sections:
            settings = None if self._whole else _plain_settings(self._lines, *self.places[header])
            if settings is None:
                parser = self._whole or self._parse(*self.places[header])
                settings = {name: self._nested(header, name, value) for name, value in parser.items(header)}
            self._sections[header] = settings
        return self._sections[header]

    def line(self, header: str, setting: str | None = None) -> int | None:
        """Return the line, counted from 1, of a section's header or of one of its settings; None if it is missing."""
        if header not in self._spans:
            return None
        first, end = self._spans[header]
        if setting is None:
            return first + 1
        found = [
            (len(line) - len(line.lstrip()), number)
            for number, line in enumerate(self._lines[first + 1 : end], first + 2)
            if line[:1] not in ("#", ";") and re.split("[=:]", line, maxsplit=1)[0].strip().lower() == setting
        ]
        # a line of a nested block, or one that continues a value, may look the same: it is indented more
        return min(found)[1] if found else None

    @property
    def encoding(self) -> str:
        """The file's encoding; for a file of ASCII the one in which boto3 would read other characters."""
        return self._encoding or text_files.sdk_encoding()

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(self._lines)

    def beyond_ascii(self) -> list[int]:
        """Return the lines, counted from 1, that would mean something else in another encoding: not comments."""
        return [
            number
            for number, line in enumerate(self._lines, 1)
            if not line.isascii() and line.lstrip()[:1] not in ("#", ";")
        ]

    def where(self, header: str, setting: str | None = None) -> str | None:
        """Return `PATH:LINE` of a section's header or of one of its settings; None if it is missing."""
        number = self.line(header, setting)
        return None if number is None else f"{self.path}:{number}"

    def headers(self) -> list[str]:
        """Return every header as written, in the file's order, including DEFAULT."""
        return list(self._spans)

    def _nested(self, header: str, setting: str, value: str) -> str | dict[str, str]:
        """Return a value, or the block of a setting such as `s3 =`: lines of `name = value`, indented below it."""
        if not value.startswith("\n"):
            return value
        block = {}
        for line in value.splitlines():
            if line.strip():
                name, equals, inner = line.partition("=")
                if not equals:
                    start = (self.line(header, setting) or 1) - 1
                    number = next(n for n, raw in enumerate(self._lines) if n > start and raw.strip() == line.strip())
                    raise self._error(number, f"is indented, so it belongs to {setting} = above, and has no =")
                block[name.strip()] = inner.strip()
        return block


def _plain_settings(lines: list[str], first: int, end: int) -> Settings | None:
    """Parse a section that consists of `name = value`, blank lines and comments: 10,000 configparsers take a second.

    Args:
        lines: the file's.
        first: the line of the header, counted from 0.
        end: the line after the section's last one.

    Returns:
        None if configparser is needed: for values of several lines, `:` instead of `=`, a duplicate setting.
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
