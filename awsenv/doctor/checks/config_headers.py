"""Checks of the section headers in the AWS files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from awsenv.aws.config_files import File, in_header
from awsenv.doctor.check import ERROR, Finding, check, problem
from awsenv.doctor.context import Context

__all__ = ["has_another_header", "meant"]

# Valid headers of a single word; any other may be a profile without its prefix.
_OTHER_SECTIONS = ("preview", "plugins", "profile", "sso-session", "services")

_KINDS = re.compile(r"(profiles?|sso[-_ ]?sessions?|services?)(?:[ :=]+|(?=[\"']))(.+)", re.IGNORECASE)

_KIND_NAMES = ("profile", "sso-session", "services")

_QUOTES = "\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"


class _Section(NamedTuple):
    """A section, and what its header is meant to be.

    Attributes:
        file: its file.
        header: its header as written.
        kind: profile, sso-session or services; empty for a header without a kind.
        name: the name, without blanks and quotes around it.
    """

    file: File
    header: str
    kind: str
    name: str

    @property
    def place(self) -> str:
        """`PATH:LINE`."""
        return f"{self.file.path}:{self.file.line(self.header)}"

    def to_write(self, kind: str) -> str:
        """Return the remediation: to write the header that AWS tools read."""
        return f"write [{kind} {in_header(self.name)}] in that line"

    def problem(self, clause: str, *, remediation: str = "", severity: str = "") -> Finding:
        """Return a finding about this section. See `awsenv.doctor.check.problem`."""
        return problem(f"[{self.header}] {clause}", self.place, remediation=remediation, severity=severity)


@lru_cache(maxsize=4)
def _sections(file: File) -> tuple[_Section, ...]:
    """Return the sections of a file, in its order. (Cached: there may be thousands, and each check reads them.)"""
    return tuple(_section(file, header) for header in file.headers())


def _section(file: File, header: str) -> _Section:
    if plain := re.fullmatch(r"(?:(profile) )?([A-Za-z0-9_.@-]+)", header, re.ASCII):
        return _Section(file, header, plain[1] or "", plain[2])
    # drop a comment behind the header that has a bracket, surplus brackets and quotation marks, odd blanks
    text = re.sub(r"\]\s*[#;].*", "", header)
    text = re.sub(r"[\s\u200b\u200e\ufeff]+", " ", text).strip(" []")
    whole = _unquoted(text)
    found = _KINDS.fullmatch(whole)
    if found is None:
        first, _, rest = whole.partition(" ")
        near = get_close_matches(first.lower(), _KIND_NAMES, 1, 0.8) if rest else []  # [profle dev], [sso-sesion corp]
        return _Section(file, header, near[0] if near else "", _unquoted(rest) if near else whole)
    kind = found[1].lower().removesuffix("s")
    kind = "sso-session" if kind.startswith("sso") else "services" if kind == "service" else kind
    return _Section(file, header, kind, _unquoted(found[2]))


def _unquoted(text: str) -> str:
    """Return a text without the quotation marks around it, or without a single one at one of its ends."""
    text = text.strip()
    ends = text[:1] in _QUOTES, text[-1:] in _QUOTES
    alone = any(ends) and sum(character in _QUOTES for character in text) == 1
    return text.strip(_QUOTES + " ") if text and (all(ends) or alone) else text


def meant(context: Context, kind: str, name: str) -> bool:
    """Whether there is no section of that kind and name, but one with a header that is meant to be that."""
    profiles = context.profiles
    if not name or name in profiles.named_sections(kind):
        return False
    sections = (section for section in _sections(profiles.config) if section.name == name)
    return any(section.kind == kind or _is_session(section, kind) for section in sections)


def has_another_header(context: Context, name: str) -> bool:
    """Whether a profile has settings under a second header, which is not read; see profile-header-malformed."""
    config, read = context.profiles.config, context.profiles.header(name)
    headers = (one.header for one in _sections(config) if (one.kind, one.name) == ("profile", name))
    return any(header != read and bool(config.section(header)) for header in headers)


def _is_session(section: _Section, kind: str = "sso-session") -> bool:
    """Whether a section has the header of a profile, the settings of an [sso-session], and none of a profile."""
    settings = section.file.section(section.header).keys()
    of_profile = {"sso_account_id", "sso_role_name", "sso_session", "role_arn", "aws_access_key_id"}
    return (
        kind == "sso-session"
        and section.kind in ("", "profile")
        and not settings & of_profile
        and "sso_start_url" in settings
    )


def _names_session(context: Context, name: str) -> bool:
    """Whether a profile signs in to the sso-session of that name."""
    return any(context.profiles.text(profile, "sso_session") == name for profile in context.profiles.names())


def _is_needed(context: Context, name: str, kind: str = "profile") -> bool:
    """Whether a section is the profile in question, or a profile of its chain names it."""
    setting = {"profile": "source_profile", "sso-session": "sso_session", "services": "services"}[kind]
    requested = kind == "profile" and name == context.profile
    return requested or any(hop.settings.get(setting) == name for hop in context.hops)


def _severity(context: Context, name: str) -> str:
    """Return ERROR if AWS tools need that profile and do not find it."""
    return ERROR if _is_needed(context, name) and name not in context.profiles else ""


@check
def profile_prefix_missing(context: Context) -> Iterator[Finding]:
    config = context.profiles.config
    if context.profiles.one_file:  # then it is also the section of a profile in the credentials file
        return
    for section in _sections(config):
        name = re.sub(r"^profile[.:/](?=.)", "", section.name)  # as TOML writes it
        if section.kind or name in _OTHER_SECTIONS or name.lower() == "default" or not name:
            continue
        if not any(map(_OF_PROFILE.fullmatch, config.section(section.header))):
            continue
        if _is_session(section) and _names_session(context, name):  # see section-header-malformed
            continue
        if name in context.profiles and context.profiles.header(name) in config.places:
            yield section.problem(f"in the config file is not read: [profile {name}] is")
        else:
            clause = "in the config file is not read: the header of a profile begins with profile"
            remediation = section._replace(name=name).to_write("profile")
            yield section.problem(clause, severity=_severity(context, name), remediation=remediation)


# Settings that show that a section is a profile.
_OF_PROFILE = re.compile(
    "region|output|source_profile|login_session|web_identity_token_file|external_id"
    "|(?:aws|sso|credential|role|cli|mfa|duration)_.*"
)


@check
def profile_header_malformed(context: Context) -> Iterator[Finding]:
    profiles = context.profiles
    names = {profiles.header(name): name for name in profiles.names()}
    for section in _sections(profiles.config):
        name = section.name
        if section.kind != "profile" or names.get(section.header) == name:
            continue
        if name not in profiles or (read := profiles.header(name)) not in profiles.config.places:
            clause = f"in the config file is not read as a profile{_odd(section.header)}"
            remediation = section.to_write("profile")
            yield section.problem(clause, severity=_severity(context, name), remediation=remediation)
        elif profiles.config.section(section.header).keys() - profiles.settings(name).keys():
            where = profiles.config.where(read)
            clause = f"in the config file is not read: [{read}] at {where} is the same profile"
            severity = ERROR if any(hop.profile == name for hop in context.hops_of("none")) else ""
            yield section.problem(clause, severity=severity, remediation=f"move its settings to {where}")
    yield from _in_credentials(context, "")


def _credentials_sections(context: Context, kind: str) -> Iterator[_Section]:
    """Yield the sections of a separate credentials file that are meant to be of that kind."""
    if not context.profiles.one_file:
        yield from (section for section in _sections(context.profiles.credentials) if section.kind == kind)


def _in_credentials(context: Context, kind: str) -> Iterator[Finding]:
    """Yield a finding for each section of the credentials file that is meant to be another profile."""
    for section in _credentials_sections(context, kind):
        name = section.name
        if section.header == name or not name or (not kind and name.lower() == "default"):
            continue
        severity = ERROR if _is_needed(context, name) and name not in section.file.places else ""
        clause = f"in the credentials file is not profile {name}{_odd(section.header)}"
        yield section.problem(clause, severity=severity, remediation=f"write [{name}] in that line")


def _odd(header: str) -> str:
    """Return why a header is not read, if that is invisible; else an empty text."""
    odd = next((character for character in header if not (character.isprintable() and character not in "\u200b")), "")
    if odd:
        return f": there is {'a no-break space' if odd == chr(0xA0) else f'a {odd!a}'} in it"
    if header != header.strip():
        return ": there are blanks inside the brackets"
    return ": what follows the bracket is part of it" if "]" in header else ""


@check
def section_header_malformed(context: Context) -> Iterator[Finding]:
    profiles = context.profiles
    for kind in ("sso-session", "services"):
        known = profiles.named_sections(kind)
        for section in _sections(profiles.config):
            if section.name in known:
                continue
            if section.kind == kind:
                clause = f"in the config file is not read{_odd(section.header)}"
            elif _is_session(section, kind) and _names_session(context, section.name):
                clause = f"in the config file is not read as an {kind}"
            else:
                continue
            severity = ERROR if _is_needed(context, section.name, kind) else ""
            yield section.problem(clause, severity=severity, remediation=section.to_write(kind))
        for section in _credentials_sections(context, kind):
            clause = "is in the credentials file, where only profiles are read"
            yield section.problem(clause, remediation=f"move that section to {profiles.config.path}")


@check
def name_with_blanks(context: Context) -> Iterator[Finding]:
    config = context.profiles.config
    for hop in context.hops:
        for kind, setting in (("sso-session", "sso_session"), ("services", "services")):
            name = hop.settings.get(setting, "")
            if " " in name.strip() and name in context.profiles.named_sections(kind):
                place = config.where(f'{kind} "{name}"') or hop.where(setting)
                yield problem(f"the name of {kind} {name!r} has blanks", place)
        if " " in hop.profile.strip():
            place = config.where(context.profiles.header(hop.profile)) or hop.where()
            yield problem(f"the name of profile {hop.profile!r} has blanks", place)


@check
def profile_prefix_in_credentials(context: Context) -> Iterator[Finding]:
    yield from _in_credentials(context, "profile")


@check
def default_misspelled(context: Context) -> Iterator[Finding]:
    for file in (context.profiles.config, context.profiles.credentials):
        for section in _sections(file):
            if section.kind or section.name.lower() != "default" or section.header == "default":
                continue
            every = section.header == "DEFAULT"
            clause = "applies its settings to every profile of the file" if every else "is not the default profile"
            severity = ERROR if context.profile == "default" and "default" not in context.profiles else ""
            yield section.problem(clause, severity=severity, remediation="write [default] in that line")
