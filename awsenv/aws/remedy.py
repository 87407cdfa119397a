"""What to do about a profile that yields nothing new: with file and line, and the settings that would renew it.

Placeholders in suggested settings are in capitals.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from awsenv import Value
from awsenv.args import did_you_mean, nearest
from awsenv.aws import arn, expiry, session_token
from awsenv.aws.config_files import File, Profiles
from awsenv.aws.key_id import LONG_TERM as LONG_TERM_PREFIX
from awsenv.aws.key_id import account_of
from awsenv.aws.providers import KEYS, TOKENS, Fault
from awsenv.aws.providers import session_token as token_in
from awsenv.aws.renewal import BROKEN, MISSING, NEW, NONE, SIGN_IN, TEMPORARY, Renewal

__all__ = ["Remedy", "header_of_session", "lines_of_keys", "remedy_of", "section_for"]

# Where saml2aws (pkg/awsconfig) and aws-mfa write the identity of the credentials.
_SAML2AWS = "x_principal_arn"
_IDENTITY_SETTINGS = (_SAML2AWS, "assumed_role_arn", "role_arn")

_SSO_ROLE = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
_PLACEHOLDERS = ("ACCOUNT", "ROLE-NAME", "PROFILE-WITH-LONG-TERM-KEYS", "SSO-SESSION")


class Remedy(Value):
    """What is wrong with a profile, and what to do.

    Attributes:
        what: one sentence without a full stop, with file and line. Never a secret.
        fix: one command in bash's syntax that helps by itself; may be empty.
        remediation: what to do otherwise, in prose without a full stop; followed by the settings to write, one a line.
        warning: the same without these settings, for the prompt; empty if `instruction` is as short.
    """

    what: str
    fix: str = ""
    remediation: str = ""
    warning: str = ""

    @property
    def brief(self) -> str:
        """What to do, for a warning at the prompt."""
        return self.warning or self.instruction

    @property
    def instruction(self) -> str:
        """What to do, on one line: for the end of an error message."""
        prose, *lines = self.remediation.split("\n")
        if self.fix:
            return f"{prose}: {self.fix}" if prose else f"type {self.fix}"
        return f"{prose} {', '.join(lines)}" if lines else prose


def remedy_of(renewal: Renewal) -> Remedy:
    """Determine what is wrong with a profile, and what to do instead of `awsenv assume`."""
    name, source, place = renewal.profile, renewal.source, renewal.place
    who = f"profile {name}" if name == source else f"source profile {source} of {name}"
    if renewal.kind == NEW:
        return Remedy(f"{who} can obtain new credentials", f"awsenv assume {shlex.quote(name)} --refresh")
    if renewal.kind == MISSING:
        near = nearest(name, renewal.profiles.names())
        return Remedy(f"there is no profile {name!r}", "", did_you_mean(near) if near else "see awsenv list")
    if renewal.kind == SIGN_IN:
        return _sign_in(renewal, who)
    if (misspelled := renewal.misspelled) is not None:
        wrong, where, right = misspelled
        what = f"{who} has no credentials: {wrong} at {where} means nothing"
        return Remedy(what, "", f"write {right} instead of {wrong} at {where}")
    if renewal.kind == NONE:
        return _none(renewal, who)
    if renewal.kind == BROKEN:
        assert renewal.fault is not None
        what = f"{who} cannot work: {renewal.fault.why} ({place})"
        return Remedy(what, "", _unhide(renewal) if renewal.hidden else _repair(renewal, renewal.fault))
    if renewal.kind == TEMPORARY and renewal.validity is not None:
        clause, setting = renewal.validity.text, renewal.validity.setting
        by = f" ({setting})" if setting and "issued" not in clause else ""
        what = f"{who} has temporary credentials at {place}" + (f" that {clause}{by}" if clause else "")
        shows = f"awsenv doctor {shlex.quote(source)} shows the settings that renew them"
        fix, remediation = _renewing(renewal)
        warning = "" if renewal.hidden or fix else f"put new credentials at {place} ({shows})"
        return Remedy(what, fix, remediation, warning)
    what = f"{who} has long-term keys at {place}, which nothing renews"
    return Remedy(what, "", _unhide(renewal) if renewal.hidden else f"put new keys at {place}")


def _repair(renewal: Renewal, fault: Fault) -> str:
    """Return what to write where the settings of a profile cannot work."""
    settings, place = renewal.profiles.texts(renewal.source), renewal.place
    if renewal.provider.kind == "keys":
        return f"put a complete set of keys at {place}"
    if "\n" in settings.get("role_arn", ""):
        return f"write the role_arn at {place} on one line, and begin the next one without a blank"
    if "role_arn" in settings and not {"source_profile", "credential_source"} & settings.keys():
        own = renewal.source if KEYS[0] in settings else "PROFILE-WITH-KEYS"
        return f"add source_profile = {own} at {place}"
    if fault.missing:
        if {"sso_account_id", "sso_role_name"}.isdisjoint(fault.missing):  # the others belong to the sso-session
            sections = renewal.profiles.config_sections([renewal.source])
            session = next((header for header in sections if header.startswith("sso-session")), None)
            place = place if session is None else renewal.profiles.config.where(session) or place
        return f"add {' and '.join(fault.missing)} at {place}"
    if fault.setting == "sso_session" and (header := header_of_session(renewal.profiles, settings[fault.setting])):
        return header
    named = settings.get("source_profile") if fault.setting == "source_profile" else None
    near = nearest(named, renewal.profiles.names()) if named else []
    return f"correct it at {place}" + (f": {did_you_mean(near)}" if near else "")


def header_of_session(profiles: Profiles, session: str) -> str:
    """Return what to correct if the settings of an sso-session are below the header of a profile; else nothing."""
    for header in (session, f"profile {session}"):
        if header in profiles.config.places and "sso_start_url" in profiles.config.section(header):
            return f"write [sso-session {session}] instead of [{header}] at {profiles.config.where(header)}"
    return ""


def _sign_in(renewal: Renewal, who: str) -> Remedy:
    profiles, source = renewal.profiles, renewal.source
    if renewal.provider.kind == "login":
        return Remedy(f"{who} needs a sign-in with the AWS CLI", f"aws login --profile {shlex.quote(source)}")
    session = profiles.text(source, "sso_session") or profiles.text(source, "sso_start_url")
    return Remedy(f"{who} needs a sign-in to IAM Identity Center ({session})", f"awsenv login {shlex.quote(source)}")


def _none(renewal: Renewal, who: str) -> Remedy:
    profiles, name, place = renewal.profiles, renewal.source, renewal.place
    fault = renewal.fault or Fault("no keys, no role_arn, no SSO, no credential_process")
    source = profiles.text(name, "source_profile")
    if source is not None:
        region = profiles.text(name, "region")
        command = f"awsenv assume {shlex.quote(source)}" + (f" --region {shlex.quote(region)}" if region else "")
        or_else = f"for the credentials of {source} itself, type {command}"
        if source not in profiles:
            or_else = f"there is no profile {source}, which it names as its source"
        remediation = f"add the role_arn that it is to assume at {place}; {or_else}"
    elif fault.setting is not None and isinstance(profiles.settings(name).get(fault.setting), dict):
        remediation = f"remove the blanks before the settings below {place}"
    elif renewal.fault is not None:
        remediation = f"add them at {place}, or type aws configure sso --profile {shlex.quote(name)}"
    else:
        remediation = f"add some at {place}, or type aws configure --profile {shlex.quote(name)}"
    return Remedy(f"{who} has no credentials: {fault.why} ({place})", "", remediation)


def lines_of_keys(file: File, header: str) -> str:
    """Return the lines of a section's keys and of their expiration: `lines 3-5 of PATH`."""
    section = file.section(header)
    lines = (file.line(header, setting) for setting in (*KEYS, *TOKENS, *expiry.SETTINGS) if setting in section)
    numbers = sorted({number for number in lines if number is not None})
    if len(numbers) == 1:
        return f"line {numbers[0]} of {file.path}"
    if numbers and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"lines {numbers[0]}-{numbers[-1]} of {file.path}"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} of {file.path}" if numbers else file.path


def _lines(renewal: Renewal) -> str:
    section = renewal.provider.section
    return lines_of_keys(*section) if section is not None else renewal.place


def _unhide(renewal: Renewal) -> str:
    hidden = renewal.hidden
    assert hidden is not None
    source = f"{hidden.setting} at {hidden.place}"
    return f"remove {_lines(renewal)}: they hide the {source}, which obtains new credentials"


def _renewing(renewal: Renewal) -> tuple[str, str]:
    """Return the fix and the remediation for temporary keys."""
    profiles, name = renewal.profiles, renewal.source
    if renewal.hidden is not None:
        return "", _unhide(renewal)
    if profiles.text(name, "role_arn") and profiles.text(name, "source_profile") not in (None, name):
        return "", f"remove {_lines(renewal)}: its role_arn and source_profile then obtain new ones"
    long_term = f"{name}-long-term"
    if long_term in profiles and not (renewal.validity and profiles.text(name, "assumed_role_arn")):
        return f"awsenv assume {shlex.quote(long_term)} --session-token", ""  # aws-mfa: a session of the user
    if profiles.text(name, _SAML2AWS):
        return f"saml2aws login --force --profile {shlex.quote(name)}", ""
    return "", section_for(renewal)


def section_for(renewal: Renewal, arns: Iterable[str] = ()) -> str:
    """Return what to write instead of temporary keys, so that a profile renews: prose, then the settings, one a line.

    Args:
        renewal: of a profile with temporary keys.
        arns: ARNs of their role or role session that are known from other sources than the files.
    """
    profiles, name = renewal.profiles, renewal.source
    partition, account, role = _identity(renewal, arns)
    sso_role = _SSO_ROLE.fullmatch(role or "")
    if sso_role:
        lines = _sso_lines(profiles, account, sso_role[1])
    else:
        lines = _role_lines(profiles, name, partition, account, role)
    header = profiles.header(name)
    line = profiles.config.line(header)
    place = f"to [{header}] at {profiles.config.path}:{line}" if line else f"to {profiles.config.path}"
    blanks = [word for word in _PLACEHOLDERS if any(text.endswith(word) for text in lines) or word in lines[0]]
    fill = f", with your own {' and '.join(blanks)}" if blanks else ""
    new = lines if line else [f"[{header}]", *lines]
    prose = f"put new credentials at {renewal.place}, or remove {_lines(renewal)} and add {place}{fill}:"
    return "\n".join([prose, *new])


def _identity(renewal: Renewal, arns: Iterable[str]) -> tuple[str, str | None, str | None]:
    """Return partition, account and role of a session, according to the files, the ARNs and the token."""
    texts = (renewal.profiles.text(renewal.source, setting) or "" for setting in _IDENTITY_SETTINGS)
    for parsed in map(arn.parse, [*texts, *arns]):
        if parsed is not None and parsed.role is not None:
            return parsed.partition, parsed.account, parsed.role
    section = renewal.provider.section
    token = token_in(section[0].section(section[1]))[1] if section is not None else None
    claims = session_token.read(token or "")
    return "aws", (claims and claims.account) or account_of(renewal.access_key), None


def _role_lines(profiles: Profiles, name: str, partition: str, account: str | None, role: str | None) -> list[str]:
    """Return the settings of a profile that assumes the role: those of another profile, if one does already."""
    for settings in map(profiles.texts, profiles.names() if role else ()):
        parsed = arn.parse(settings.get("role_arn"))
        if parsed and (parsed.account, parsed.role) == (account, role) and settings.get("source_profile"):
            return [f"role_arn = {settings['role_arn']}", f"source_profile = {settings['source_profile']}"]
    access_keys = {other: profiles.text(other, KEYS[0]) or "" for other in profiles.names() if other != name}
    sources = [other for other, key in access_keys.items() if key.startswith(LONG_TERM_PREFIX)]
    return [
        f"role_arn = arn:{partition}:iam::{account or 'ACCOUNT'}:role/{role or 'ROLE-NAME'}",
        f"source_profile = {sources[0] if len(sources) == 1 else 'PROFILE-WITH-LONG-TERM-KEYS'}",
    ]


def _sso_lines(profiles: Profiles, account: str | None, permission_set: str) -> list[str]:
    sessions = list(profiles.named_sections("sso-session"))
    return [
        f"sso_session = {sessions[0] if len(sessions) == 1 else 'SSO-SESSION'}",
        f"sso_account_id = {account or 'ACCOUNT'}",
        f"sso_role_name = {permission_set}",
    ]
