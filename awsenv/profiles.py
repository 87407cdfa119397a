"""The AWS config and credentials files, read once, as they are.

Only the sections that a question needs are parsed: with 10,000 profiles botocore takes half a second for the files
alone. What is parsed is parsed by `configparser`, as botocore does it, and the same files are refused.
Rules: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html and botocore/configloader.py.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from awsenv import places
from awsenv.outcome import AwsenvError

__all__ = ["File", "Profiles", "Settings"]

#: The settings of one section: name (lower case) -> text, or a nested block such as `s3 =` as a mapping.
Settings = dict[str, "str | dict[str, str]"]

# configparser.RawConfigParser.SECTCRE, for whole lines of a file
_HEADER = re.compile(r"^\[(?P<header>.+)\]", re.MULTILINE)
# what only configparser itself can place: an indented header may be one or may continue a value
_INDENTED_HEADER = re.compile(r"^[ \t\f\v]+\[", re.MULTILINE)
# a line that is neither blank, comment, header, continuation nor `name = value`
_BROKEN_LINE = re.compile(r"^(?![\s#;\[])[^=:\n]+$|^[=:]|^\[[^\]\n]*$", re.MULTILINE)


class File:
    """One of the two files: where its sections are, and what stands in those that are asked for."""

    def __init__(self, path: str) -> None:
        """Read the file; a missing one is empty. AwsenvError names the file, and the line, for what cannot be read."""
        self.path = path
        self.exists = os.path.exists(path)
        self.text = _read(path)
        self.places: dict[str, tuple[int, int]] = {}
        self._sections: dict[str, Settings] = {}
        self._index()

    def _index(self) -> None:
        if _INDENTED_HEADER.search(self.text):
            parser = self._parse(self.text, 0)
            self.places = {header: (0, len(self.text)) for header in parser.sections()}
            return
        headers = [(match["header"], match.start()) for match in _HEADER.finditer(self.text)]
        ends = [*(start for _, start in headers), len(self.text)][1:]
        for (header, start), end in zip(headers, ends, strict=True):
            if header in self.places:
                raise self._refuse(start, f"has the section [{header}] a second time")
            self.places[header] = (start, end)
        self._parse(self.text[: headers[0][1]] if headers else self.text, 0)
        broken = _BROKEN_LINE.search(self.text)
        if broken:
            raise self._refuse(broken.start(), "has a line that is neither a section nor name = value")

    def _refuse(self, position: int, why: str) -> AwsenvError:
        line = self.text.count("\n", 0, position) + 1
        return AwsenvError(f"{self.path}, line {line}, {why}", "mend that line: every AWS tool refuses the file")

    def _parse(self, text: str, start: int) -> configparser.RawConfigParser:
        """Parse a piece of the file that begins at a position."""
        parser = configparser.RawConfigParser(strict=True)
        try:
            parser.read_string(text, self.path)
        except configparser.Error as error:
            # the error's own text quotes the line, which may be a secret
            line = getattr(error, "lineno", None) or (getattr(error, "errors", None) or [(None, "")])[0][0]
            what = {
                "DuplicateOptionError": "has a setting twice in one section",
                "DuplicateSectionError": "has a section twice",
                "MissingSectionHeaderError": "has text before the first section",
            }.get(type(error).__name__, "has a line that is neither a section nor name = value")
            if line is not None:
                what = f"line {self.text.count(chr(10), 0, start) + line}, {what}"
            raise AwsenvError(f"{self.path}, {what}", "mend that line: every AWS tool refuses the file") from None
        return parser

    def section(self, header: str) -> Settings:
        """What stands in a section that is in `places`."""
        if header not in self._sections:
            start, end = self.places[header]
            settings = self._settings(header, self.text[start:end], start)
            if "DEFAULT" in self.places and header != "DEFAULT":  # configparser hands these to every section
                settings = {**self.section("DEFAULT"), **settings}
            self._sections[header] = settings
        return self._sections[header]

    def _settings(self, header: str, text: str, start: int) -> Settings:
        parser = self._parse(text, start)
        items = parser.items(header) if parser.has_section(header) else parser.defaults().items()
        return {name: self._nested(value) for name, value in items}

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
                        "mend that line: every AWS tool refuses the file",
                    )
                block[name.strip()] = inner.strip()
        return block


class Profiles:
    """Both files together."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Read both files; AwsenvError for one that cannot be read."""
        self.config = File(places.config_file(environ))
        self.credentials = File(places.credentials_file(environ))
        self._config_headers = dict(_profile_headers(self.config.places))

    def names(self) -> list[str]:
        """Every profile's name, in the order of the files: the config file first."""
        return list(dict.fromkeys([*self._config_headers, *self.credentials.places]))

    def __contains__(self, name: str) -> bool:
        return name in self._config_headers or name in self.credentials.places

    def header(self, name: str) -> str:
        """The header under which the config file has, or would have, a profile."""
        return self._config_headers.get(name) or ("default" if name == "default" else f"profile {shlex.quote(name)}")

    def settings(self, name: str) -> Settings:
        """All that the files say of a profile; the credentials file wins, as in botocore's full_config."""
        settings: Settings = {}
        if name in self._config_headers:
            settings.update(self.config.section(self._config_headers[name]))
        if name in self.credentials.places:
            settings.update(self.credentials.section(name))
        return settings

    def text(self, name: str, setting: str) -> str | None:
        """One setting of a profile, None if it is not there, empty or not a text."""
        value = self.settings(name).get(setting) if name in self else None
        return value if isinstance(value, str) and value else None

    def source_chain(self, name: str) -> list[str]:
        """The profile and those that it draws on through source_profile, as far as they exist, each once."""
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


def _profile_headers(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Profile name -> header, for the config file; as botocore.configloader.build_profile_map."""
    for header in headers:
        if header == "default":
            yield "default", header
    for header, name in _named_headers(headers, "profile"):
        yield name, header


def _named_headers(headers: Iterable[str], kind: str) -> Iterator[tuple[str, str]]:
    """Header -> name, for headers of the form `kind name` or `kind "a name"`."""
    for header in headers:
        if not header.startswith(kind):
            continue
        words: list[str]
        try:
            words = header.split() if not set(header) & set("\"'\\#") else shlex.split(header)
        except ValueError:
            continue
        if len(words) == 2:
            yield header, words[1]


def _read(path: str) -> str:
    try:
        if not os.path.isfile(path) and (not os.path.exists(path) or os.path.isdir(path)):
            if os.path.isdir(path):
                raise AwsenvError(f"{path} is a folder, not a file", "AWS tools look for their settings there")
            return ""
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise AwsenvError(f"cannot read {path}: {error.strerror}", f"look at it: ls -l {shlex.quote(path)}") from None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise AwsenvError(
            f"{path} is UTF-16 (PowerShell's > writes that)", "save it as UTF-8 without a byte order mark"
        )
    if data.startswith(b"\xef\xbb\xbf"):
        raise AwsenvError(f"{path} begins with a byte order mark", "save it as UTF-8 without a byte order mark")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AwsenvError(f"{path}, line {line}, is not UTF-8", "save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
