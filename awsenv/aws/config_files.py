"""The AWS config and credentials files together: profiles, and the sections that belong to them.

Rules: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html and botocore/configloader.py.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, KeysView, Mapping

from awsenv.aws import paths, text_files
from awsenv.aws.config_file import File, Settings

__all__ = ["File", "Profiles", "Settings", "header_of"]

#: What means something to shlex.
QUOTING = "\"'\\"


class Profiles:
    """Both files together.

    Attributes:
        config, credentials: the files.
        one_file: whether both are the same file, by one path or two. Both kinds of headers are then right in it, and
            `[profile NAME]` is the profile NAME alone (for boto3 also one called `profile NAME`).
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Read both files.

        Raises:
            AwsenvError: one of them cannot be read.
        """
        declared = text_files.declared_encoding(environ)
        self.config = File(paths.config_file(environ), declared, named="AWS_CONFIG_FILE" in environ)
        named = "AWS_SHARED_CREDENTIALS_FILE" in environ
        self.credentials = File(paths.credentials_file(environ), declared, named=named)
        self.one_file = _same_file(self.config, self.credentials)
        self._config_headers = dict(_profile_headers(self.config.places))
        self._credentials_headers = self._headers_of_profiles() if self.one_file else self.credentials.places.keys()
        self._settings: dict[str, Settings] = {}

    def _headers_of_profiles(self) -> KeysView[str]:
        """Of one file for both, the headers that the config file would not have."""
        headers, kinds = self.credentials.places, ("profile", "sso-session", "services")
        config = {header for kind in kinds for header, _ in _named_headers(headers, kind)}
        return dict.fromkeys(header for header in headers if header not in config).keys()

    def names(self) -> list[str]:
        """Every profile's name, in the order of the files: the config file first."""
        return list(dict.fromkeys([*self._config_headers, *self._credentials_headers]))

    def __contains__(self, name: str) -> bool:
        return name in self._config_headers or name in self._credentials_headers

    @property
    def passed_over(self) -> str:
        """One line on what is in place of a file, and passed over as AWS tools do; empty if nothing is."""
        odd = [file for file in (self.config, self.credentials) if file.passed_over]
        return "; ".join(f"{file.path} is {file.passed_over}, so it is passed over" for file in odd)

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
            if name in self._credentials_headers:
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

    @property
    def names_of_files(self) -> str:
        """The paths of the two files, for a message; a variable that is empty names none."""
        return " or ".join(filter(None, (self.config.path, self.credentials.path))) or "the AWS files"

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
        return {name: self.credentials.section(name) for name in names if name in self._credentials_headers}

    def sections_by_path(
        self, config: Mapping[str, Settings], credentials: Mapping[str, Settings]
    ) -> dict[str, dict[str, Settings]]:
        """Path -> header -> settings, as botocore is given the files cut to these sections. It reads one file twice if
        both variables name it, so both kinds of sections are then in one."""
        if paths.same(self.config.path, self.credentials.path):
            return {self.config.path: {**credentials, **config}}
        return {self.config.path: dict(config), self.credentials.path: dict(credentials)}


def _same_file(one: File, other: File) -> bool:
    try:
        return one.exists and other.exists and os.path.samefile(one.path, other.path)
    except OSError:
        return False


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
