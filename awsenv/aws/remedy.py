"""What a person has to do for a profile that yields nothing new: with file and line, and the settings that would renew.

Placeholders in what is to be written are in capitals.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from awsenv.args import did_you_mean, nearest
from awsenv.aws import arn, expiry, session_token
from awsenv.aws.config_files import File, Profiles
from awsenv.aws.key_id import LONG_TERM as LONG_TERM_PREFIX
from awsenv.aws.key_id import account_of
from awsenv.aws.providers import KEYS, TOKENS
from awsenv.aws.providers import session_token as token_in
from awsenv.aws.renewal import BROKEN, MISSING, NEW, NONE, SIGN_IN, TEMPORARY, Renewal

__all__ = ["Remedy", "header_of_session", "lines_of_keys", "remedy_of", "section_for"]

# Where saml2aws and aws-mfa write the identity of the credentials.
_ACTORS = ("x_principal_arn", "assumed_role_arn", "role_arn")

_OF_SSO = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
_BLANKS = ("ACCOUNT", "ROLE-NAME", "PROFILE-WITH-LONG-TERM-KEYS", "SSO-SESSION")


class Remedy:
    """What is wrong with a profile, and what to do.

    Attributes:
        what: one sentence without a full stop, with file and line. Never a secret.
        fix: one command in bash's syntax that helps by itself; may be empty.
        remediation: otherwise what a person does, in prose without a full stop. Lines to write follow, each on a line
            of its own.
        brief: the same without these lines, for a warning at the prompt.
    """

    __slots__ = ("brief", "fix", "remediation", "what")

    def __init__(self, what: str, fix: str = "", remediation: str = "", brief: str = "") -> None:
        self.what = what
        self.fix = fix
        self.remediation = remediation
        self.brief = brief or self.instruction

    @property
    def instruction(self) -> str:
        """What to do, on one line: for the end of an error message."""
        prose, *lines = self.remediation.split("\n")
        if self.fix:
            return f"{prose}: {self.fix}" if prose else f"type {self.fix}"
        return f"{prose} {', '.join(lines)}" if lines else prose


def remedy_of(renewal: Renewal) -> Remedy:
    """What is wrong with a profile, and what to do instead of `awsenv assume`."""
    name, source, place = renewal.profile, renewal.source, renewal.place
    who = f"profile {name}" if name == source else f"source profile {source} of {name}"
    quoted = shlex.quote(name)
    if renewal.kind == NEW:
        return Remedy(f"{who} can obtain new credentials", f"awsenv assume {quoted} --refresh")
    if renewal.kind == MISSING:
        near = nearest(name, renewal.profiles.names())
        then = did_you_mean(near) if near else "see awsenv list"
        return Remedy(f"there is no profile {name!r}", "", then)
    if renewal.kind == SIGN_IN:
        return _sign_in(renewal, who)
    if renewal.misspelled is not None:
        wrong, where, right = renewal.misspelled
        what = f"{who} has no credentials: {wrong} at {where} means nothing"
        return Remedy(what, "", f"write {right} instead of {wrong} at {where}")
    if renewal.kind == NONE:
        return _none(renewal, who)
    if renewal.kind == BROKEN:
        what = f"{who} cannot work: {renewal.why} ({place})"
        return Remedy(what, "", _unhide(renewal) if renewal.hidden else _repair(renewal))
    if renewal.kind == TEMPORARY and renewal.validity is not None:
        clause, setting = renewal.validity.text, renewal.validity.setting
        by = f" ({setting})" if setting and "issued" not in clause else ""
        what = f"{who} has temporary credentials at {place}" + (f" that {clause}{by}" if clause else "")
        shows = f"awsenv doctor {shlex.quote(source)} shows the settings that renew them"
        brief = f"put new credentials at {place} ({shows})"
        return Remedy(what, *_renewing(renewal), "" if renewal.hidden else brief)
    keys = f"{who} has long-term keys at {place}, which nothing renews"
    return Remedy(keys, remediation=_unhide(renewal) if renewal.hidden else f"put new keys at {place}")


def _repair(renewal: Renewal) -> str:
    """What to write where the settings of a profile cannot work."""
    settings, place = renewal.profiles.texts(renewal.source), renewal.place
    if renewal.provider.kind == "keys":
        return f"put a complete set of keys at {place}"
    if "\n" in settings.get("role_arn", ""):
        return f"write the role_arn at {place} on one line, and begin the next one without a blank"
    if "role_arn" in settings and not {"source_profile", "credential_source"} & settings.keys():
        own = renewal.source if KEYS[0] in settings else "PROFILE-WITH-KEYS"
        return f"add source_profile = {own} at {place}"
    named = next((setting for setting in _SOURCES if f"its {setting} is " in renewal.why), None)
    place = (named and renewal.profiles.where(renewal.source, named)) or place
    if "has no sso_" in renewal.why:
        lacks = re.findall(r"\bsso_\w+", renewal.why)
        sections = renewal.profiles.config_sections([renewal.source])
        session = next((header for header in sections if header.startswith("sso-session")), None)
        of_session = session is not None and not {"sso_account_id", "sso_role_name"}.intersection(lacks)
        at = renewal.profiles.config.where(session) if session is not None and of_session else place
        return f"add {' and '.join(lacks)} at {at}"
    if named == "sso_session" and (header := header_of_session(renewal.profiles, settings["sso_session"])):
        return header
    near = nearest(settings["source_profile"], renewal.profiles.names()) if named == "source_profile" else []
    near = [name for name in near if settings["source_profile"]]
    return f"correct it at {place}" + (f": {did_you_mean(near)}" if near else "")


def header_of_session(profiles: Profiles, session: str) -> str:
    """What to write where the settings of an sso-session are under the header of a profile; empty if they are not."""
    for header in (session, f"profile {session}"):
        if header in profiles.config.places and "sso_start_url" in profiles.config.section(header):
            return f"write [sso-session {session}] instead of [{header}] at {profiles.config.where(header)}"
    return ""


_SOURCES = ("source_profile", "credential_source", "sso_session")


def _sign_in(renewal: Renewal, who: str) -> Remedy:
    profiles, source = renewal.profiles, renewal.source
    if renewal.provider.kind == "login":
        return Remedy(f"{who} needs a sign-in with the AWS CLI", f"aws login --profile {shlex.quote(source)}")
    where = profiles.text(source, "sso_session") or profiles.text(source, "sso_start_url")
    what = f"{who} needs a sign-in to IAM Identity Center ({where})"
    return Remedy(what, f"awsenv login {shlex.quote(source)}")


def _none(renewal: Renewal, who: str) -> Remedy:
    profiles, name, place = renewal.profiles, renewal.source, renewal.place
    what = f"{who} has no credentials"
    source = profiles.text(name, "source_profile")
    if source is not None:
        region = profiles.text(name, "region")
        own = f"awsenv assume {shlex.quote(source)}" + (f" --region {shlex.quote(region)}" if region else "")
        itself = f"for the credentials of {source} itself, type {own}"
        if source not in profiles:
            itself = f"there is no profile {source}, which it names as its source"
        add = f"add the role_arn that it is to assume at {place}"
        return Remedy(f"{what}: {renewal.why} ({place})", "", f"{add}; {itself}")
    if " is indented" in renewal.why:
        return Remedy(f"{what}: {renewal.why} ({place})", "", f"remove the blanks before the settings below {place}")
    if renewal.why:
        own = f"add them at {place}, or type aws configure sso --profile {shlex.quote(name)}"
        return Remedy(f"{what}: {renewal.why} ({place})", "", own)
    return Remedy(
        f"{what}: no keys, no role_arn, no SSO, no credential_process ({place})",
        "",
        f"add some at {place}, or type aws configure --profile {shlex.quote(name)}",
    )


def lines_of_keys(file: File, header: str) -> str:
    """The lines of a section's keys, and of the expiration beside them: `lines 3-5 of PATH`."""
    section = file.section(header)
    found = (file.line(header, setting) for setting in (*KEYS, *TOKENS, *expiry.SETTINGS) if setting in section)
    numbers = sorted({number for number in found if number is not None})
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
    where = f"{hidden.setting} at {hidden.place}"
    return f"remove {_lines(renewal)}: they hide the {where}, which obtains new credentials"


def _renewing(renewal: Renewal) -> tuple[str, str]:
    """The fix and the remediation for temporary keys."""
    profiles, name = renewal.profiles, renewal.source
    if renewal.hidden is not None:
        return "", _unhide(renewal)
    if profiles.text(name, "role_arn") and profiles.text(name, "source_profile") not in (None, name):
        return "", f"remove {_lines(renewal)}: its role_arn and source_profile then obtain new ones"
    long_term = f"{name}-long-term"
    if long_term in profiles and not (renewal.validity and profiles.text(name, "assumed_role_arn")):
        return f"awsenv assume {shlex.quote(long_term)} --session-token", ""  # aws-mfa: a session of the user
    return "", section_for(renewal)


def section_for(renewal: Renewal, arns: Iterable[str] = ()) -> str:
    """What to write instead of temporary keys, so that a profile renews: prose, then the settings, one a line.

    Args:
        renewal: of a profile with temporary keys.
        arns: whose session they are, where that is known from elsewhere than the files: ARNs of a role or its session.
    """
    profiles, name = renewal.profiles, renewal.source
    partition, account, role = _actor(renewal, arns)
    of_sso = _OF_SSO.fullmatch(role or "")
    lines = _role_lines(profiles, name, partition, account, role)
    if of_sso:
        lines = _sso_lines(profiles, account, of_sso[1])
    header = profiles.header(name)
    line = profiles.config.line(header)
    place = f"to [{header}] at {profiles.config.path}:{line}" if line else f"to {profiles.config.path}"
    blanks = [word for word in _BLANKS if any(text.endswith(word) for text in lines) or word in lines[0]]
    fill = f", with your own {' and '.join(blanks)}" if blanks else ""
    new = lines if line else [f"[{header}]", *lines]
    prose = f"put new credentials at {renewal.place}, or remove {_lines(renewal)} and add {place}{fill}:"
    return "\n".join([prose, *new])


def _actor(renewal: Renewal, arns: Iterable[str]) -> tuple[str, str | None, str | None]:
    """Partition, account and role of a session, according to the files and the token."""
    texts = (renewal.profiles.text(renewal.source, setting) or "" for setting in _ACTORS)
    for parsed in map(arn.parse, [*texts, *arns]):
        if parsed is not None and parsed.role is not None:
            return parsed.partition, parsed.account, parsed.role
    section = renewal.provider.section
    token = token_in(section[0].section(section[1]))[1] if section is not None else None
    claims = session_token.read(token or "")
    return "aws", (claims and claims.account) or account_of(renewal.access_key), None


def _role_lines(profiles: Profiles, name: str, partition: str, account: str | None, role: str | None) -> list[str]:
    """The settings of a profile that assumes the role: those of another profile, if one does already."""
    role_arn, sources = "", []
    for other in profiles.names():
        settings = profiles.texts(other)
        parsed = arn.parse(settings.get("role_arn"))
        if role and parsed and (parsed.account, parsed.role) == (account, role) and settings.get("source_profile"):
            role_arn, sources = settings["role_arn"], [settings["source_profile"]]
            break
        if other != name and settings.get(KEYS[0], "").startswith(LONG_TERM_PREFIX):
            sources.append(other)
    role_arn = role_arn or f"arn:{partition}:iam::{account or 'ACCOUNT'}:role/{role or 'ROLE-NAME'}"
    source = sources[0] if len(sources) == 1 else "PROFILE-WITH-LONG-TERM-KEYS"
    return [f"role_arn = {role_arn}", f"source_profile = {source}"]


def _sso_lines(profiles: Profiles, account: str | None, permission_set: str) -> list[str]:
    sessions = list(profiles.named_sections("sso-session"))
    return [
        f"sso_session = {sessions[0] if len(sessions) == 1 else 'SSO-SESSION'}",
        f"sso_account_id = {account or 'ACCOUNT'}",
        f"sso_role_name = {permission_set}",
    ]
