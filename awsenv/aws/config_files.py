"""The AWS config and credentials files together: the profiles and the sections that they consist of.

Rules: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html and botocore/configloader.py.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping

from awsenv.aws import paths, text_files
from awsenv.aws.config_file import File, Settings

__all__ = ["File", "Profiles", "Settings", "header_of", "in_header"]

# The characters that shlex treats specially.
_QUOTING = "\"'\\"


class Profiles:
    """Both files together.

    Attributes:
        config, credentials: the files.
        one_file: whether both are the same file, by one path or two. It may then have both kinds of headers, and
            `[profile NAME]` is only the profile NAME (for boto3 also one called `profile NAME`).
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
        self.one_file = _is_same_file(self.config, self.credentials)
        self._config_headers = dict(_profile_headers(self.config.places))
        self._credentials_headers = self.credentials.places
        if self.one_file:
            headers, kinds = self.credentials.places, ("profile", "sso-session", "services")
            of_config = {header for kind in kinds for header, _ in _named_headers(headers, kind)}
            self._credentials_headers = {name: span for name, span in headers.items() if name not in of_config}
        self._settings: dict[str, Settings] = {}

    def names(self) -> list[str]:
        """Return every profile's name, in the order of the files, those of the config file first."""
        return list(dict.fromkeys([*self._config_headers, *self._credentials_headers]))

    def __contains__(self, name: str) -> bool:
        return name in self._config_headers or name in self._credentials_headers

    @property
    def passed_over(self) -> str:
        """One line on each path that is not a file and therefore passed over, as AWS tools do; empty without any."""
        odd = [file for file in (self.config, self.credentials) if file.passed_over]
        return "; ".join(f"{file.path} is {file.passed_over}, so it is passed over" for file in odd)

    def header(self, name: str) -> str:
        """Return the header that a profile has, or would have, in the config file."""
        return self._config_headers.get(name) or header_of(name)

    def settings(self, name: str) -> Settings:
        """Return the settings of a profile in both files; do not modify them.

        The credentials file wins, as in botocore's full_config.
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
        """Return a setting of a profile; None if it is missing, empty or not text."""
        value = self.settings(name).get(setting) if name in self else None
        return value if isinstance(value, str) and value else None

    def texts(self, name: str) -> dict[str, str]:
        """Return the settings of a profile that are text, including empty ones; none for an unknown profile."""
        settings = self.settings(name) if name in self else {}
        return {setting: value for setting, value in settings.items() if isinstance(value, str)}

    def places(self, name: str, setting: str | None = None) -> list[str]:
        """Return `PATH:LINE` of each line with a setting of a profile, or with its header; the first one counts."""
        found = (file.where(header, setting) for file, header in self.sections(name))
        return [place for place in found if place is not None]

    def where(self, name: str, setting: str | None = None) -> str | None:
        """Return `PATH:LINE` of a setting of a profile, or of its header; None if it is not in the files."""
        return next(iter(self.places(name, setting)), None)

    @property
    def names_of_files(self) -> str:
        """The paths of the two files, for a message; that of an empty variable is omitted."""
        return " or ".join(filter(None, (self.config.path, self.credentials.path))) or "the AWS files"

    def sections(self, name: str) -> tuple[tuple[File, str], ...]:
        """Return file and header of each section that a profile has, or would have; the first one counts."""
        return (self.credentials, name), (self.config, self.header(name))

    def named_sections(self, kind: str) -> dict[str, Settings]:
        """Return name -> settings of every section `[kind name]` of the config file: `sso-session`, `services`."""
        return {name: self.config.section(header) for header, name in _named_headers(self.config.places, kind)}

    def source_chain(self, name: str) -> list[str]:
        """Return the profile and its source profiles, as far as they exist, each once."""
        chain: list[str] = []
        hop: str | None = name
        while hop is not None and hop in self and hop not in chain:
            chain.append(hop)
            hop = self.text(hop, "source_profile")
        return chain

    def take_keys_from_environment(self, chain: Iterable[str]) -> bool:
        """Whether a chain of these profiles starts from the keys in the environment."""
        return any(self.text(name, "credential_source") == "Environment" for name in chain)

    def config_sections(self, names: Iterable[str]) -> dict[str, Settings]:
        """Return header -> settings of these profiles in the config file, and of the sections that they refer to."""
        sections: dict[str, Settings] = {}
        for name in names:
            headers = [self._config_headers[name]] if name in self._config_headers else []
            for kind, setting in (("sso-session", "sso_session"), ("services", "services")):
                wanted = self.text(name, setting)
                if wanted is not None:
                    named = _named_headers(self.config.places, kind)
                    headers += [header for header, section_name in named if section_name == wanted]
            sections |= {header: self.config.section(header) for header in headers}
        return sections

    def credentials_sections(self, names: Iterable[str]) -> dict[str, Settings]:
        """Return header -> settings of these profiles in the credentials file."""
        return {name: self.credentials.section(name) for name in names if name in self._credentials_headers}

    def sections_by_path(
        self, config: Mapping[str, Settings], credentials: Mapping[str, Settings]
    ) -> dict[str, dict[str, Settings]]:
        """Return path -> header -> settings, to replace the files for botocore.

        It reads the same file twice if both variables name it, so that one then has both kinds of sections.
        """
        if paths.same(self.config.path, self.credentials.path):
            return {self.config.path: {**credentials, **config}}
        return {self.config.path: dict(config), self.credentials.path: dict(credentials)}


def _is_same_file(one: File, other: File) -> bool:
    try:
        return one.exists and other.exists and os.path.samefile(one.path, other.path)
    except OSError:
        return False


def header_of(name: str) -> str:
    """Return the header of a profile in the config file; with quotes only where needed, as few SDKs read them."""
    if name == "default":
        return name
    return f"profile {in_header(name)}"


def in_header(name: str) -> str:
    """Return a name as a header of the config file needs it, which botocore splits as a shell does."""
    if name and not any(character.isspace() or character in _QUOTING for character in name):
        return name
    return shlex.quote(name) if set(name) & set('"\\') else f'"{name}"'


def _profile_headers(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield profile name and header, for the config file, as botocore.configloader.build_profile_map."""
    named = dict(_named_headers(headers, "profile"))
    for header in headers:  # of two headers for one profile the last one counts
        if header == "default" or header in named:
            yield named.get(header, header), header


def _named_headers(headers: Iterable[str], kind: str) -> Iterator[tuple[str, str]]:
    """Yield header and name, for headers of the form `kind name` or `kind "a name"`."""
    all_plain = _is_plain(" ".join(headers))  # a tenth of the time of 10,000 single tests
    for header in headers:
        if header.startswith(kind):
            try:
                words = header.split() if all_plain or _is_plain(header) else shlex.split(header)
            except ValueError:
                continue
            if len(words) == 2:
                yield header, words[1]


def _is_plain(header: str) -> bool:
    """Whether str.split and shlex.split split it alike."""
    return header.isascii() and header.isprintable() and not any(mark in header for mark in _QUOTING)
