"""Checks of when the exported credentials expire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from awsenv.aws.error_codes import EXPIRED
from awsenv.aws.expiry import ROLE_AT_MOST, USER_AT_MOST, duration
from awsenv.aws.key_id import LONG_TERM, TEMPORARY
from awsenv.aws.sdk_renewal import need_of
from awsenv.credentials.answers import epoch_of
from awsenv.doctor.check import NOTE, WARNING, AutoFix, Finding, check, leftover, problem
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import of_shell
from awsenv.environment import (
    CREDENTIALS,
    EXPIRATIONS,
    STALE_VARIABLES,
    expiry,
    masked,
    settings,
)

__all__ = ["expiration_of_exported"]


@check
def keys_expired(context: Context) -> Iterator[Finding]:
    if context.accepted:  # then any expiration given here is wrong: see stale-expiration, and the checks of the clock
        return
    end = expiration_of_exported(context)
    if end is not None:
        if end.at <= context.now:
            yield _expired(context, end)
        return
    issued = context.known.issued
    if not _is_whole_session(context) or issued is None:
        return
    age = context.now - issued
    keys = of_shell(context)
    issued_ago, evidence = f"{keys.token_name} was issued {duration(age)} ago", keys.shown(keys.token_name)
    usual = settings.assumed_lifetime(context.environ)
    if age >= USER_AT_MOST:
        what = f"{issued_ago}, and no session is valid for longer than 36 hours"
        yield problem(what, evidence, auto_fix=_all_credentials(context), **context.renewal)
    elif age >= ROLE_AT_MOST:
        unless = "unless it came from get-session-token, whose sessions can be valid for 36 hours"
        what = f"{issued_ago}: it has expired, {unless}"
        yield problem(what, evidence, severity=WARNING, **context.renewal)
    elif age >= usual:
        lifetime = f"if it was valid for {duration(usual)}, as most are; its own lifetime is unknown"
        what = f"{issued_ago}: it has expired {lifetime}"
        yield problem(what, evidence, fix="awsenv whoami", severity=NOTE)


class KnownExpiration(NamedTuple):
    """When the exported credentials expire.

    Attributes:
        at: epoch seconds.
        source: what says so.
        evidence: where.
        variable: the variable that says so, if it may belong to earlier credentials.
    """

    at: int
    source: str
    evidence: str
    variable: str = ""


def _expired(context: Context, end: KnownExpiration) -> Finding:
    what = f"the exported credentials expired {duration(context.now - end.at)} ago, {end.source}"
    answer = context.answers.exported
    refused = answer is not None and answer.refusal is not None and answer.refusal.code in EXPIRED
    if not end.variable or refused:
        return problem(what, end.evidence, auto_fix=_all_credentials(context), **context.renewal)
    # boto3 rejects the credentials because of the first variable, wherever it came from; nothing reads the others
    severity = "" if end.variable == EXPIRATIONS[0] else WARNING
    return problem(f"{what}, if that is their expiration", end.evidence, severity=severity, **context.renewal)


def _is_whole_session(context: Context) -> bool:
    """Whether complete session credentials are exported."""
    exported = context.exported
    long_term = context.environ.get("AWS_ACCESS_KEY_ID", "").startswith(LONG_TERM)
    return exported.mode == "keys" and exported.missing is None and exported.temporary and not long_term


def expiration_of_exported(context: Context) -> KnownExpiration | None:
    """When the exported credentials expire; None if that is unknown."""
    if not _is_whole_session(context):
        return None
    environ, exported = context.environ, context.exported
    if exported.profile is not None and exported.expiration is not None:
        source = f"as awsenv noted when it assumed {exported.profile}"
        return KnownExpiration(exported.expiration, source, f"AWSENV_EXPIRATION={environ.get('AWSENV_EXPIRATION', '')}")
    known = context.known
    if known.expiration is not None:
        place = f"for profile {known.profile}" if known.profile else "with the same access key below ~/.aws"
        return KnownExpiration(known.expiration, f"as cached {place}", context.shown_key)
    if exported.expiration is None or (known.issued is not None and known.issued >= exported.expiration):
        return None
    variable = next(n for n in EXPIRATIONS if expiry.parse(environ.get(n, ""), local=True) == exported.expiration)
    if variable == EXPIRATIONS[0] and expiry.parse(environ[variable]) is None:  # without a zone: see stale-expiration
        return None
    return KnownExpiration(exported.expiration, f"according to {variable}", f"{variable}={environ[variable]}", variable)


def _all_credentials(context: Context) -> AutoFix:
    names = tuple(name for name in (*CREDENTIALS, *STALE_VARIABLES) if name in context.environ)
    return AutoFix(unset=names, by_time=True)


@check
def person_needed(context: Context) -> Iterator[Finding]:
    name = context.exported.profile if context.exported.mode == "profile" else None
    if name is None or context.unreadable is not None or name not in context.profiles:
        return
    need = need_of(context.profiles, name, context.environ)
    if need is None or not need.is_near(context.now):
        return
    left = (need.expiration or 0) - context.now
    when = "is missing" if need.expiration is None else f"expired {duration(-left)} ago"
    when = f"expires in {duration(left)}" if left > 0 else when
    yield problem(f"what a person has to renew for profile {name} {when}", context.where(name), fix=need.fix)


@check
def stale_expiration(context: Context) -> Iterator[Finding]:
    yield from _stale_for_others(context)
    name = EXPIRATIONS[0]
    environ = context.environ
    value = environ.get(name, "")
    if not value:
        return
    in_use = bool(environ.get("AWS_ACCESS_KEY_ID"))
    evidence = f"{name}={value if len(value) <= 32 else masked(value)}"
    left_over = "and it would apply to the next credentials that you export"
    try:
        at, flaw = epoch_of(value), "has no time zone"
    except ValueError:
        at, flaw = None, "is not a time"
    if at is None:
        what = f"{name} {flaw}" if in_use else f"{name} {flaw}, {left_over}"
        yield leftover(what, (name,), evidence, severity="" if in_use else NOTE, by_time=True)
        return
    over = at <= context.now
    when = f"{name} is {duration(context.now - at)} past" if over else f"{name} is in {duration(at - context.now)}"
    whose = _whose_else(context, at) if in_use else ""
    if whose:
        yield leftover(f"{when}, and {whose}", (name,), evidence, severity="" if over else WARNING, by_time=True)
    elif over and not in_use:
        yield leftover(f"{when}, {left_over}", (name,), evidence, severity=NOTE, by_time=True)


def _stale_for_others(context: Context) -> Iterator[Finding]:
    """The variables of other tools by which credentials that AWS has just accepted have expired."""
    if not context.accepted:
        return
    for name in EXPIRATIONS[1:]:
        at = expiry.parse(context.environ.get(name, ""), local=True)
        if at is not None and at <= context.now:
            what = f"{name} is {duration(context.now - at)} past, and AWS has just accepted the exported credentials"
            yield leftover(what, (name,), f"{name}={context.environ[name]}", severity=WARNING)


def _whose_else(context: Context, at: int) -> str:
    """Why AWS_CREDENTIAL_EXPIRATION is not the expiration of the exported credentials; empty if it may be."""
    environ, key = context.environ, context.environ["AWS_ACCESS_KEY_ID"]
    ours = environ.get("AWSENV_KEY", "")
    if ours and ours != key[-8:] and environ.get("AWSENV_EXPIRATION") == str(at):
        return f"it belongs to other credentials (…{ours[-4:]}; now …{key[-4:]} is exported)"
    if key.startswith(LONG_TERM) or not (of_shell(context).token or key.startswith(TEMPORARY)):
        return "the exported access key is a long-term key, which does not expire"
    if not _is_whole_session(context):
        return ""  # another check reports what is wrong
    issued, end = context.known.issued, expiration_of_exported(context)
    if at <= context.now and issued is not None and issued >= at:
        return "the session token was issued later"
    if at <= context.now and end is not None and end.at > context.now:
        return f"the exported credentials are valid until {expiry.format_utc(end.at)}"
    if at <= context.now and context.accepted:
        return "AWS has just accepted the exported credentials"
    return ""
