"""Checks of when the exported credentials expire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from awsenv.aws.error_codes import EXPIRED
from awsenv.aws.expiry import ROLE_AT_MOST, USER_AT_MOST, short
from awsenv.aws.sdk_renewal import need_of
from awsenv.credentials.answers import epoch_of
from awsenv.doctor.check import NOTE, WARNING, AutoFix, Finding, check, leftover, problem
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import of_shell
from awsenv.environment import CREDENTIALS, EXPIRATIONS, STALE_VARIABLES, expiry, masked, settings

__all__ = ["expiration_of_exported"]


@check
def keys_expired(context: Context) -> Iterator[Finding]:
    if context.accepted:  # then a past expiration is wrong: see stale-expiration, and the checks of the clock
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
    issued_ago, evidence = f"{keys.token_name} was issued {short(age)} ago", keys.shown(keys.token_name)
    usual = settings.assumed_lifetime(context.environ)
    if age >= USER_AT_MOST:
        what = f"{issued_ago}, and no session is valid for longer than 36 hours"
        yield problem(what, evidence, auto_fix=_unset_all(context), **context.renewal)
    elif age >= ROLE_AT_MOST:
        unless = "unless it came from get-session-token, whose sessions can be valid for 36 hours"
        yield problem(f"{issued_ago}: it has expired, {unless}", evidence, severity=WARNING, **context.renewal)
    elif age >= usual:
        lifetime = f"if it was valid for {short(usual)}, as most are; its own lifetime is unknown"
        yield problem(f"{issued_ago}: it has expired {lifetime}", evidence, fix="awsenv whoami", severity=NOTE)


class KnownExpiration(NamedTuple):
    """When the exported credentials expire.

    Attributes:
        at: epoch seconds.
        source: where that is known from.
        evidence: the same as evidence.
        variable: the variable that says so, if it may belong to earlier credentials.
    """

    at: int
    source: str
    evidence: str
    variable: str = ""


def _expired(context: Context, end: KnownExpiration) -> Finding:
    what = f"the exported credentials expired {short(context.now - end.at)} ago, {end.source}"
    refusal = context.answers.refusal
    if not end.variable or (refusal is not None and refusal.code in EXPIRED):
        return problem(what, end.evidence, auto_fix=_unset_all(context), **context.renewal)
    # boto3 rejects the credentials because of the first variable, wherever it came from; nothing reads the others
    severity = "" if end.variable == EXPIRATIONS[0] else WARNING
    return problem(f"{what}, if that is their expiration", end.evidence, severity=severity, **context.renewal)


def _is_whole_session(context: Context) -> bool:
    """Whether complete session credentials are exported."""
    keys = of_shell(context)
    return context.has_complete_keys and bool(keys.token) and not keys.long_term


def expiration_of_exported(context: Context) -> KnownExpiration | None:
    """Return when the exported credentials expire; None if that is unknown."""
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


def _unset_all(context: Context) -> AutoFix:
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
    when = "is missing"
    if need.expiration is not None:
        left = need.expiration - context.now
        when = f"expires in {short(left)}" if left > 0 else f"expired {short(-left)} ago"
    yield problem(f"the sign-in or MFA session behind profile {name} {when}", context.where(name), fix=need.fix)


@check
def stale_expiration(context: Context) -> Iterator[Finding]:
    yield from _stale_for_others(context)
    name = EXPIRATIONS[0]
    value = context.environ.get(name, "")
    if not value:
        return
    in_use = bool(of_shell(context).id)
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
    past = at <= context.now
    when = f"{name} is {short(abs(at - context.now))} {'past' if past else 'from now'}"
    why = _contradiction(context, at) if in_use else ""
    if why:
        yield leftover(f"{when}, and {why}", (name,), evidence, severity="" if past else WARNING, by_time=True)
    elif past and not in_use:
        yield leftover(f"{when}, {left_over}", (name,), evidence, severity=NOTE, by_time=True)


def _stale_for_others(context: Context) -> Iterator[Finding]:
    """Yield the variables of other tools with a past expiration of credentials that AWS has just accepted."""
    if not context.accepted:
        return
    for name in EXPIRATIONS[1:]:
        at = expiry.parse(context.environ.get(name, ""), local=True)
        if at is not None and at <= context.now:
            what = f"{name} is {short(context.now - at)} past, and AWS has just accepted the exported credentials"
            yield leftover(what, (name,), f"{name}={context.environ[name]}", severity=WARNING)


def _contradiction(context: Context, at: int) -> str:
    """Return why AWS_CREDENTIAL_EXPIRATION cannot belong to the exported credentials; empty if it may."""
    environ, keys = context.environ, of_shell(context)
    ours = environ.get("AWSENV_KEY", "")
    if ours and ours != keys.id[-8:] and environ.get("AWSENV_EXPIRATION") == str(at):
        return f"it belongs to other credentials (…{ours[-4:]}; now {masked(keys.id)} is exported)"
    if not keys.temporary:
        return "the exported access key is a long-term key, which does not expire"
    if at > context.now or not _is_whole_session(context):  # another check reports what is missing
        return ""
    issued, end = context.known.issued, expiration_of_exported(context)
    if issued is not None and issued >= at:
        return "the session token was issued later"
    if end is not None and end.at > context.now:
        return f"the exported credentials are valid until {expiry.format_utc(end.at)}"
    return "AWS has just accepted the exported credentials" if context.accepted else ""
