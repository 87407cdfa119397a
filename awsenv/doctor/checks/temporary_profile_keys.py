"""Checks of temporary credentials that were copied into a profile."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from awsenv.aws import arn, session_token
from awsenv.aws.key_id import LONG_TERM, account_of
from awsenv.credentials import backends, credentials_in
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import KeySet, in_use, of_profile
from awsenv.doctor.text import duration
from awsenv.environment import ROLE_AT_MOST, USER_AT_MOST, expiry, settings
from awsenv.report import profiles as profile_list
from awsenv.sso import portal

__all__: list[str] = []


@check(
    "expired-keys-in-profile",
    ERROR,
    cause=(
        "Temporary credentials that were copied into a profile stay there after they have expired, and nothing "
        "renews them. A profile with role_arn and source_profile obtains new ones by itself whenever they are "
        "needed."
    ),
    remediation="put new credentials there, or let a profile with role_arn and source_profile renew them",
    causes=("expired", "request-expired"),
)
def expired_keys_in_profile(context: Context) -> Iterator[Finding]:
    used = {keys.profile: keys for keys in in_use(context)}
    known = _Sessions(context)
    for name in context.profiles.names():
        keys = used.get(name) or of_profile(context, name, f"profile {name}")
        if keys is None or not keys.temporary:
            continue
        end = _expiration(context, keys, known)
        if not end.expired:
            continue
        yield problem(
            f"{keys.who} has temporary credentials that {end.said}",
            keys.shown(),
            *end.evidence,
            severity="" if name in used and end.certain else WARNING,
            advice=_replacement(context, keys, known),
        )


@check(
    "temporary-keys-in-profile",
    NOTE,
    cause=(
        "Temporary credentials that were copied into a profile expire within hours, and someone has to copy new "
        "ones each time. A profile with role_arn and source_profile obtains new ones by itself."
    ),
    remediation="let a profile with role_arn and source_profile renew them",
)
def temporary_keys_in_profile(context: Context) -> Iterator[Finding]:
    known = _Sessions(context)
    for keys in in_use(context):
        end = _expiration(context, keys, known)
        if keys.temporary and not end.expired:
            yield problem(
                f"{keys.who} has temporary credentials that {end.said}",
                keys.shown(),
                *end.evidence,
                advice=_replacement(context, keys, known),
            )


@dataclass(frozen=True)
class _CachedSession:
    """A session in the AWS CLI's cache: its expiration (epoch seconds), and its identity."""

    end: int
    arn: str


class _Sessions:
    """The sessions in the cache and the roles in the files, each read once: there may be thousands of both."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @cached_property
    def sessions(self) -> dict[str, _CachedSession]:
        """Access key id -> its cached session."""
        cache_directory = backends.FileCache(self._context.environ)
        sessions = {}
        for key in cache_directory.keys(()):
            with suppress(OSError, ValueError, RecursionError):
                content = cache_directory.read(key)
                entry = credentials_in(content)
                if entry is not None:
                    user = content.get("AssumedRoleUser")
                    actor = str(user.get("Arn")) if isinstance(user, dict) else ""
                    sessions[entry.access_key] = _CachedSession(entry.expiration or 0, actor)
        return sessions

    @cached_property
    def long_term(self) -> list[str]:
        """The profiles with a long-term access key."""
        keys = ((name, of_profile(self._context, name)) for name in self._context.profiles.names())
        return [name for name, its in keys if its is not None and its.id.startswith(LONG_TERM)]

    @cached_property
    def roles(self) -> dict[tuple[str | None, str | None], tuple[str, str]]:
        """Account and role -> role_arn and source_profile of a profile that assumes it."""
        roles: dict[tuple[str | None, str | None], tuple[str, str]] = {}
        profiles = self._context.profiles
        for name in profiles.names():
            role_arn, source = profiles.text(name, "role_arn"), profiles.text(name, "source_profile")
            if role_arn is not None and source is not None:
                roles.setdefault(profile_list.role_of(profiles.settings(name)), (role_arn, source))
        return roles


@dataclass(frozen=True)
class _Expiration:
    """When credentials expire.

    Attributes:
        expired: whether they have expired, as far as is known.
        certain: whether that is certain, not only likely.
        said: what follows "credentials that": `expired 3h05m ago`.
        evidence: where it says so.
    """

    expired: bool
    certain: bool
    said: str
    evidence: tuple[str, ...] = ()


def _expiration(context: Context, keys: KeySet, known: _Sessions) -> _Expiration:
    texts = context.profiles.texts(keys.profile)
    for setting in expiry.SETTINGS:
        text = texts.get(setting, "")
        end = expiry.parse(text)
        if end is None:  # without a zone it is local time or UTC: the later of the two
            end = max(filter(None, (expiry.parse(text, local=True), expiry.parse(f"{text.strip()}Z"))), default=None)
        if end is not None:
            where = context.where(keys.profile, setting)
            return _ended(end, context.now, (f"{where} {setting}={text}",))
    if keys.id in known.sessions:
        return _ended(known.sessions[keys.id].end, context.now, ())
    issued = session_token.issued(keys.token)
    if issued is None:
        return _Expiration(expired=False, certain=False, said="expire at an unknown time")
    age = context.now - issued
    said = f"were issued {duration(age)} ago, according to their session token"
    if age >= USER_AT_MOST:
        return _Expiration(expired=True, certain=True, said=f"{said}: no session is valid for so long")
    if age >= ROLE_AT_MOST:
        return _Expiration(expired=True, certain=False, said=f"{said}: no role session is valid for so long")
    if age >= settings.assumed_lifetime(context.environ):
        return _Expiration(expired=True, certain=False, said=f"{said}: most are not valid for so long")
    return _Expiration(expired=False, certain=False, said=said)


def _ended(end: int, now: int, evidence: tuple[str, ...]) -> _Expiration:
    if end <= now:
        return _Expiration(expired=True, certain=True, said=f"expired {duration(now - end)} ago", evidence=evidence)
    return _Expiration(expired=False, certain=True, said=f"expire in {duration(end - now)}", evidence=evidence)


# Where saml2aws and aws-mfa write the identity of the credentials.
_ACTORS = ("x_principal_arn", "assumed_role_arn", "role_arn")

_OF_SSO = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")


def _replacement(context: Context, keys: KeySet, known: _Sessions) -> str:
    """What to write instead of the credentials, with placeholders in capitals for what is unknown."""
    profiles, name = context.profiles, keys.profile
    remove = f"remove the credentials at {keys.where()}"
    if profiles.text(name, "role_arn") and profiles.text(name, "source_profile") not in (None, name):
        return f"{remove}: its role_arn and source_profile then obtain new ones by themselves"
    partition, account, role = _actor(context, keys, known)
    if role is None and f"{name}-long-term" in profiles:  # of aws-mfa: a session of the user, not of a role
        return f"awsenv assume {shlex.quote(f'{name}-long-term')} --session-token"
    of_sso = _OF_SSO.fullmatch(role or "")
    lines = _sso_lines(context, account, of_sso[1]) if of_sso else _role_lines(known, name, partition, account, role)
    header = profiles.header(name)
    line = profiles.config.line(header)
    place = f"to [{header}] at {profiles.config.path}:{line}" if line else f"to {profiles.config.path}"
    new = lines if line else [f"[{header}]", *lines]
    blanks = [word for word in _BLANKS if any(text.endswith(word) for text in lines) or word in lines[0]]
    fill = f", with your own {' and '.join(blanks)}" if blanks else ""
    return "\n".join([f"{remove}, and add this {place}{fill}:", *new])


_BLANKS = ("ACCOUNT", "ROLE-NAME", "PROFILE-WITH-LONG-TERM-KEYS", "SSO-SESSION")


def _actor(context: Context, keys: KeySet, known: _Sessions) -> tuple[str, str | None, str | None]:
    """Partition, account and role of a session, according to the files and the token."""
    arns = [context.profiles.text(keys.profile, setting) or "" for setting in _ACTORS]
    if keys.id in known.sessions:
        arns.append(known.sessions[keys.id].arn)
    for parsed in map(arn.parse, arns):
        if parsed is not None and parsed.role is not None:
            return parsed.partition, parsed.account, parsed.role
    claims = session_token.read(keys.token)
    return "aws", (claims and claims.account) or account_of(keys.id), None


def _role_lines(known: _Sessions, name: str, partition: str, account: str | None, role: str | None) -> list[str]:
    """The settings of a profile that assumes the role: those of another profile, if one does already."""
    role_arn, source = known.roles.get((account, role), ("", "")) if role is not None else ("", "")
    sources = [source] if source else [other for other in known.long_term if other != name]
    role_arn = role_arn or f"arn:{partition}:iam::{account or 'ACCOUNT'}:role/{role or 'ROLE-NAME'}"
    return [
        f"role_arn = {role_arn}",
        f"source_profile = {sources[0] if len(sources) == 1 else 'PROFILE-WITH-LONG-TERM-KEYS'}",
    ]


def _sso_lines(context: Context, account: str | None, permission_set: str) -> list[str]:
    sessions = [one.session for one in portal.all_of(context.profiles) if one.session]
    return [
        f"sso_session = {sessions[0] if len(sessions) == 1 else 'SSO-SESSION'}",
        f"sso_account_id = {account or 'ACCOUNT'}",
        f"sso_role_name = {permission_set}",
    ]
