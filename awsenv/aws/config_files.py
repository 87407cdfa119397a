"""The AWS config and credentials files, read once, as they are.

Only the sections that are needed are parsed: with 10,000 profiles botocore takes half a second for the files alone.
What is parsed is parsed as `configparser` does it for botocore, and the same files are rejected (except for a setting
that is there twice in a section that is not needed).
Rules: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html and botocore/configloader.py.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from awsenv.aws import paths
from awsenv.result import AwsenvError

__all__ = ["File", "Profiles", "Settings", "header_of", "is_utf8", "sdk_encoding"]

#: The settings of one section: name (lower case) -> text, or a nested block such as `s3 =` as a mapping.
Settings = dict[str, "str | dict[str, str]"]


_FIX = "fix that line; no AWS tool can read the file as it is"

#: What means something to shlex.
QUOTING = "\"'\\"

#: Characters with which a line `name = value` does not begin: white space (as str.isspace), and those of a header.
_ODD_STARTS = frozenset(
    "[= \t\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)


class File:
    """One of the two files: where its sections are, and the settings of those that are needed.

    Attributes:
        path: its path.
        exists: whether it exists.
        places: header -> first line of the section and the one after its last, counted from 0, in the file's order.
    """

    def __init__(self, path: str, declared: str | None = None) -> None:
        """Read the file; a missing one is empty.

        Args:
            path: where it is.
            declared: the encoding that AWS_CLI_FILE_ENCODING names.

        Raises:
            AwsenvError: it cannot be read; with the line, where there is one.
        """
        self.path = path
        self.exists = os.path.exists(path)
        self.places: dict[str, tuple[int, int]] = {}
        text, self._encoding = _read(path, declared)
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
                raise self._refuse(number, "has text that is neither a section nor name = value")
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
        except configparser.DuplicateOptionError as error:
            raise self._refuse(first + (error.lineno or 1) - 1, "has a setting for the second time") from None
        except configparser.DuplicateSectionError as error:
            raise self._refuse(first + (error.lineno or 1) - 1, "has a section for the second time") from None
        except configparser.MissingSectionHeaderError as error:
            raise self._refuse(first + error.lineno - 1, "has text before the first section") from None
        except configparser.ParsingError as error:
            number = error.errors[0][0] if error.errors else 1
            raise self._refuse(first + number - 1, "has text that is neither a section nor name = value") from None
        return parser

    def section(self, header: str) -> Settings:
        """The settings of a section that is in `places`."""
        if header not in self._sections:
            plain = None if self._whole else _plain(self._lines, *self.places[header])
            if plain is None:
                parser = self._whole or self._parse(*self.places[header])
                plain = {name: self._nested(value) for name, value in parser.items(header)}
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
        return self._encoding or sdk_encoding()

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

    def _nested(self, value: str) -> str | dict[str, str]:
        if not value.startswith("\n"):
            return value
        block = {}
        for line in value.splitlines():
            if line.strip():
                name, equals, inner = line.partition("=")
                if not equals:
                    raise AwsenvError(
                        f"{self.path} has an indented line without = in a nested setting",
                        _FIX,
                    )
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


class Profiles:
    """Both files together."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Read both files.

        Raises:
            AwsenvError: one of them cannot be read.
        """
        declared = _declared(environ)
        self.config = File(paths.config_file(environ), declared)
        self.credentials = File(paths.credentials_file(environ), declared)
        self._config_headers = dict(_profile_headers(self.config.places))
        self._settings: dict[str, Settings] = {}

    def names(self) -> list[str]:
        """Every profile's name, in the order of the files: the config file first."""
        return list(dict.fromkeys([*self._config_headers, *self.credentials.places]))

    def __contains__(self, name: str) -> bool:
        return name in self._config_headers or name in self.credentials.places

    def header(self, name: str) -> str:
        """The header under which the config file has, or would have, a profile."""
        return self._config_headers.get(name) or header_of(name)

    def settings(self, name: str) -> Settings:
        """The settings of a profile in both files; the credentials file wins, as in botocore's full_config.

        The answer is not to be changed.
        """
        if name not in self._settings:
            settings: Settings = {}
            if name in self._config_headers:
                settings.update(self.config.section(self._config_headers[name]))
            if name in self.credentials.places:
                settings.update(self.credentials.section(name))
            self._settings[name] = settings
        return self._settings[name]

    def text(self, name: str, setting: str) -> str | None:
        """One setting of a profile; None if it is missing, empty or not text."""
        value = self.settings(name).get(setting) if name in self else None
        return value if isinstance(value, str) and value else None

    def texts(self, name: str) -> dict[str, str]:
        """The settings of a profile that are text, empty ones included; none if there is no such profile."""
        settings = self.settings(name) if name in self else {}
        return {setting: value for setting, value in settings.items() if isinstance(value, str)}

    def places(self, name: str, setting: str | None = None) -> list[str]:
        """`PATH:LINE` of each line that sets a setting of a profile, or of its headers; the first one counts."""
        found = (file.where(header, setting) for file, header in self.sections(name))
        return [place for place in found if place is not None]

    def where(self, name: str, setting: str | None = None) -> str | None:
        """`PATH:LINE` of a setting of a profile, or of its section; None if it is not in the files."""
        return next(iter(self.places(name, setting)), None)

    def sections(self, name: str) -> tuple[tuple[File, str], ...]:
        """File and header of each section that a profile has, or would have; the first one counts."""
        return (self.credentials, name), (self.config, self.header(name))

    def named_sections(self, kind: str) -> dict[str, Settings]:
        """Name -> settings of every section `[kind name]` of the config file: `sso-session`, `services`."""
        return {name: self.config.section(header) for header, name in _named_headers(self.config.places, kind)}

    def source_chain(self, name: str) -> list[str]:
        """The profile and its source profiles, as far as they exist, each once."""
        chain: list[str] = []
        following: str | None = name
        while following is not None and following in self and following not in chain:
            chain.append(following)
            following = self.text(following, "source_profile")
        return chain

    def config_sections(self, names: Iterable[str]) -> dict[str, Settings]:
        """The config file cut to these profiles and to the sso-session and services sections that they name."""
        cut: dict[str, Settings] = {}
        for name in names:
            if name in self._config_headers:
                header = self._config_headers[name]
                cut[header] = self.config.section(header)
            for kind, setting in (("sso-session", "sso_session"), ("services", "services")):
                named = self.text(name, setting)
                if named is None:
                    continue
                for header, section_name in _named_headers(self.config.places, kind):
                    if section_name == named:
                        cut[header] = self.config.section(header)
        return cut

    def credentials_sections(self, names: Iterable[str]) -> dict[str, Settings]:
        """The credentials file cut to these profiles."""
        return {name: self.credentials.section(name) for name in names if name in self.credentials.places}


def header_of(name: str) -> str:
    """The header of a profile in the config file. In quotes only where it has to be, as few SDKs expect them."""
    if name == "default":
        return name
    plain = name and not any(character.isspace() or character in QUOTING for character in name)
    return f"profile {name if plain else shlex.quote(name)}"


def _profile_headers(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Profile name -> header, for the config file; as botocore.configloader.build_profile_map."""
    named = dict(_named_headers(headers, "profile"))
    for header in headers:  # of two headers for one profile the last one counts
        if header == "default" or header in named:
            yield named.get(header, header), header


def _named_headers(headers: Iterable[str], kind: str) -> Iterator[tuple[str, str]]:
    """Header -> name, for headers of the form `kind name` or `kind "a name"`."""
    plain = _is_plain(" ".join(headers))  # of 10,000 at once it takes a tenth of the time
    for header in headers:
        if header.startswith(kind):
            try:
                words = header.split() if plain or _is_plain(header) else shlex.split(header)
            except ValueError:
                continue
            if len(words) == 2:
                yield header, words[1]


def _is_plain(header: str) -> bool:
    """Whether it means the same to str.split as to shlex.split."""
    return header.isascii() and header.isprintable() and not any(mark in header for mark in QUOTING)


def sdk_encoding() -> str:
    """The encoding in which boto3 and the AWS CLI read these files: the locale's (on Windows cp1252, say, whatever the
    console has), or UTF-8 where PYTHONUTF8 says so, or the system. All other SDKs read UTF-8.
    """
    import locale

    return locale.getpreferredencoding(False)


def is_utf8(encoding: str) -> bool:
    """Whether an encoding is UTF-8, which has several names."""
    return encoding.lower().replace("-", "").replace("_", "") in ("utf8", "cp65001")


def _declared(environ: Mapping[str, str]) -> str | None:
    """The encoding that the user has declared, if it makes sense for these files."""
    name = environ.get("AWS_CLI_FILE_ENCODING", "")
    try:
        return name if name and "[]".encode(name) == b"[]" else None
    except LookupError:
        return None


def _read(path: str, declared: str | None) -> tuple[str, str | None]:
    """The text of a file, and its encoding, if it tells."""
    try:
        if not os.path.isfile(path) and (not os.path.exists(path) or os.path.isdir(path)):
            if os.path.isdir(path):
                raise AwsenvError(f"{path} is a directory, not a file", "AWS tools expect a file there")
            return "", declared
        data = paths.read(path)
    except OSError as error:
        raise AwsenvError(f"cannot read {path}: {error.strerror}", f"look at it: {paths.look_at(path)}") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise AwsenvError(
            f"{path} is UTF-16 (PowerShell's > writes that)", "save it as UTF-8 without a byte order mark"
        )
    if data.startswith(b"\xef\xbb\xbf"):
        raise AwsenvError(f"{path} begins with a byte order mark", "save it as UTF-8 without a byte order mark")
    text, encoding = _decoded(path, data, declared)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text, encoding


def _decoded(path: str, data: bytes, declared: str | None) -> tuple[str, str | None]:
    """The text and its encoding: the declared one, else UTF-8 if it can be that, else what boto3 takes it for.

    A text in another encoding is next to never valid UTF-8.
    """
    if data.isascii():
        return data.decode("ascii"), declared
    at = 0
    for encoding in filter(None, (declared, "utf-8", sdk_encoding())):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            at = error.start
    line = data.count(b"\n", 0, at) + 1
    raise AwsenvError(f"{path}, line {line}, is not UTF-8", "save the file as UTF-8")
