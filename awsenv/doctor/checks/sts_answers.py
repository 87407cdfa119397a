"""Checks of what AWS answers about the exported credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from awsenv.aws import arn
from awsenv.aws.error_codes import EXPIRED, SIGNATURE, UNKNOWN_KEY, times_of_signature
from awsenv.credentials.identity import Identity, ServiceError
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.environment import expiry

__all__ = ["quoted", "reason_of"]

_REASONS = {
    "RegionDisabledException": "region",
    **dict.fromkeys(EXPIRED, "expired"),
    **dict.fromkeys(UNKNOWN_KEY, "unknown"),
    **dict.fromkeys(SIGNATURE, "secret"),
}

_DURATION = re.compile("DurationSeconds|MaxSessionDuration|session limit")


def reason_of(refusal: ServiceError | None) -> str:
    """Why AWS rejected a request: clock, region, expired, unknown, secret, role, duration or other; else empty."""
    if refusal is None:
        return ""
    if times_of_signature(refusal.message)[1] is not None:
        return "clock"
    if refusal.code == "AccessDenied" and refusal.operation.startswith("AssumeRole"):
        return "role"
    if refusal.code == "ValidationError" and _DURATION.search(refusal.message):
        return "duration"
    return _REASONS.get(refusal.code, "other")


@check
def region_disabled(context: Context) -> Iterator[Finding]:
    for whose, endpoint, refusal in _refusals(context):
        if reason_of(refusal) == "region":
            yield problem(f"the account of {whose} has deactivated this STS", endpoint, quoted(refusal))


@check
def exported_expired(context: Context) -> Iterator[Finding]:
    refusal = _of_exported(context, "expired")
    expiration = context.exported.expiration
    if refusal is not None and (expiration is None or expiration > context.now):
        left = "" if expiration is None else f", although it should have {expiry.short(expiration - context.now)} left"
        what = f"AWS says that the exported session has expired{left}"
        yield problem(what, *_exported(context, refusal), **context.new_session)


@check
def exported_unknown(context: Context) -> Iterator[Finding]:
    key, token = context.environ.get("AWS_ACCESS_KEY_ID", ""), context.exported.temporary
    refusal = _of_exported(context, "unknown")
    old, new = (context.environ.get(name) for name in ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"))
    shadowed = old and new and old != new
    expired = context.exported.expiration is not None and context.exported.expiration <= context.now
    incomplete = context.exported.missing is not None
    if refusal is None or incomplete or expired or (key.startswith("AKIA") and token) or shadowed:
        return  # all but the first are reported by offline checks
    yield problem("AWS does not know the exported access key", *_exported(context, refusal), **context.new_session)


@check
def exported_wrong_secret(context: Context) -> Iterator[Finding]:
    refusal = _of_exported(context, "secret")
    if refusal is not None:
        what = "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID"
        yield problem(what, *_exported(context, refusal), **context.new_session)


@check
def exported_refused(context: Context) -> Iterator[Finding]:
    refusal = _of_exported(context, "role", "duration", "other")
    if refusal is not None:
        what = f"AWS rejects the exported credentials: {refusal.code}"
        yield problem(what, *_exported(context, refusal), **context.new_session)


@check
def other_identity(context: Context) -> Iterator[Finding]:
    name = context.environ.get("AWSENV_PROFILE")
    who = context.answers.exported.identity if context.answers.exported else None
    own = any(option in context.environ.get("AWSENV_OPTIONS", "") for option in ("--role-arn", "--chain"))
    if who is None or not name or own or name not in context.profiles:
        return
    expected = _intended(context, name)
    if expected is not None and not _is(who, *expected):
        account, role = expected
        yield problem(
            f"the exported credentials belong to {who.arn}, but profile {name} is role {role} in account {account}",
            f"AWSENV_PROFILE={name}",
            context.where(name),
        )


@check
def session_without_mfa(context: Context) -> Iterator[Finding]:
    answer = context.answers.exported
    if answer is not None and answer.identity is not None and context.answers.exported_on_iam is False:
        yield problem(f"STS accepts the exported session of {answer.identity.arn}, IAM does not", context.shown_key)


def _of_exported(context: Context, *reasons: str) -> ServiceError | None:
    refusal = context.answers.exported.refusal if context.answers.exported else None
    return refusal if reason_of(refusal) in reasons else None


def _exported(context: Context, refusal: ServiceError) -> tuple[str, ...]:
    assert context.answers.exported is not None
    return context.shown_key, context.answers.exported.endpoint, quoted(refusal)


def quoted(refusal: ServiceError) -> str:
    """The answer of AWS, as evidence."""
    return f"{refusal.operation}: {refusal.code}: {refusal.message}"


def _intended(context: Context, profile: str) -> tuple[str, str] | None:
    """The account and the role of a profile, None if the files do not say."""
    text = context.profiles.text
    role_arn = arn.parse(text(profile, "role_arn"))
    if role_arn is not None and role_arn.role is not None:
        return role_arn.account, role_arn.role
    account, role = text(profile, "sso_account_id"), text(profile, "sso_role_name")
    return (account, role) if account and role else None


def _is(who: Identity, account: str, role: str) -> bool:
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
    sso = who.role is not None and who.role.startswith(f"AWSReservedSSO_{role}_")
    return who.account == account and (who.role == role or sso)


def _refusals(context: Context) -> Iterator[tuple[str, str, ServiceError]]:
    """Whose credentials were rejected, where, and how."""
    exported = context.answers.exported
    if exported is not None and exported.refusal is not None:
        yield "the exported credentials", exported.endpoint, exported.refusal
    for hop in context.answers.hops:
        refusal = hop.refusal or hop.rejected
        if refusal is not None:
            endpoint = hop.answer.endpoint if hop.answer else context.where(hop.profile)
            yield f"profile {hop.profile}", endpoint, refusal
