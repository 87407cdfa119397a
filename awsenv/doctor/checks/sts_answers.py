"""Checks of what AWS answers about the exported credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from awsenv.aws.error_codes import EXPIRED, SIGNATURE, UNKNOWN_KEY, times_of_signature
from awsenv.credentials.identity import Identity, ServiceError
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.checks.region_and_account import has_own_role, identity_of
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import of_shell
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
    """Return why AWS rejected a request: clock, region, expired, unknown, secret, role, duration or other."""
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
    for credentials, endpoint, refusal in _refusals(context):
        if reason_of(refusal) == "region":
            yield problem(f"the account of {credentials} has deactivated this STS", endpoint, quoted(refusal))


@check
def exported_expired(context: Context) -> Iterator[Finding]:
    expiration = context.exported.expiration
    if expiration is None or expiration > context.now:
        left = "" if expiration is None else f", although it should have {expiry.short(expiration - context.now)} left"
        yield from _rejected(context, f"AWS says that the exported session has expired{left}", "expired")


@check
def exported_unknown(context: Context) -> Iterator[Finding]:
    exported, keys = context.exported, of_shell(context)
    expired = exported.expiration is not None and exported.expiration <= context.now
    reported = expired or keys.shadowed or (keys.long_term and keys.token)  # by offline checks
    if exported.missing is None and not reported:
        yield from _rejected(context, "AWS does not know the exported access key", "unknown")


@check
def exported_wrong_secret(context: Context) -> Iterator[Finding]:
    yield from _rejected(context, "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID", "secret")


@check
def exported_refused(context: Context) -> Iterator[Finding]:
    refusal = context.answers.refusal
    what = f"AWS rejects the exported credentials: {refusal.code if refusal is not None else ''}"
    yield from _rejected(context, what, "role", "duration", "other")


def _rejected(context: Context, what: str, *reasons: str) -> Iterator[Finding]:
    """Yield a finding if AWS rejected the exported credentials for one of these reasons."""
    answer = context.answers.exported
    if answer is not None and answer.refusal is not None and reason_of(answer.refusal) in reasons:
        evidence = context.shown_key, answer.endpoint, quoted(answer.refusal)
        yield problem(what, *evidence, **context.new_session)


@check
def other_identity(context: Context) -> Iterator[Finding]:
    name = context.environ.get("AWSENV_PROFILE")
    who = context.answers.identity
    if who is None or not name or has_own_role(context.environ) or name not in context.profiles:
        return
    _, account, role = identity_of(context, name)
    if account and role and not _is(who, account, role):
        yield problem(
            f"the exported credentials belong to {who.arn}, but profile {name} is role {role} in account {account}",
            f"AWSENV_PROFILE={name}",
            context.where(name),
        )


@check
def session_without_mfa(context: Context) -> Iterator[Finding]:
    who = context.answers.identity
    if who is not None and context.answers.exported_on_iam is False:
        yield problem(f"STS accepts the exported session of {who.arn}, IAM does not", context.shown_key)


def quoted(refusal: ServiceError) -> str:
    """Return the answer of AWS, as evidence."""
    return f"{refusal.operation}: {refusal.code}: {refusal.message}"


def _is(who: Identity, account: str, role: str) -> bool:
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
    sso = who.role is not None and who.role.startswith(f"AWSReservedSSO_{role}_")
    return who.account == account and (who.role == role or sso)


def _refusals(context: Context) -> Iterator[tuple[str, str, ServiceError]]:
    """Yield each rejection: of what credentials, by what endpoint, and how."""
    exported = context.answers.exported
    if exported is not None and exported.refusal is not None:
        yield "the exported credentials", exported.endpoint, exported.refusal
    for hop in context.answers.hops:
        refusal = hop.refusal or hop.rejected
        if refusal is not None:
            endpoint = hop.answer.endpoint if hop.answer else context.where(hop.profile)
            yield f"profile {hop.profile}", endpoint, refusal
