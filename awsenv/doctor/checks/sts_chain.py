"""Checks of what AWS answers about the profile and its source profiles."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from awsenv.aws import arn
from awsenv.credentials.classify import ServiceError
from awsenv.doctor.answers import ProbedHop
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.checks import credential_process
from awsenv.doctor.checks.sts_answers import quoted, reason_of
from awsenv.doctor.context import Context
from awsenv.environment import expiry

# The reason of a rejection -> what is wrong with the access key.
_FLAWS = {
    "unknown": "AWS does not know it",
    "expired": "the session has expired",
    "secret": "the secret access key does not belong to it",
}


def _refused(context: Context, *reasons: str) -> Iterator[tuple[ProbedHop, ServiceError]]:
    """Yield the hops for which AWS issued no credentials, for one of these reasons."""
    for hop in context.answers.hops:
        if hop.refusal is not None and reason_of(hop.refusal) in reasons:
            yield hop, hop.refusal


@check
def cached_session_refused(context: Context) -> Iterator[Finding]:
    for hop in context.answers.hops:
        if hop.cached and hop.rejected is not None and reason_of(hop.rejected) != "clock":
            end = hop.expiration
            left = "" if end is None else f", which should have {expiry.short(end - context.now)} left"
            what = f"AWS rejects the cached session {hop.key} of profile {hop.profile}{left}"
            yield problem(what, quoted(hop.rejected), fix=f"awsenv assume {shlex.quote(hop.profile)} --refresh")


@check
def profile_keys_refused(context: Context) -> Iterator[Finding]:
    for hop in context.answers.hops:
        refusal, reason = hop.rejected, reason_of(hop.rejected)
        if hop.cached or refusal is None or reason in ("region", "clock"):
            continue
        why = _FLAWS.get(reason, refusal.code)
        place = context.where(hop.profile, "aws_access_key_id")
        fix, remediation = f"aws configure --profile {shlex.quote(hop.profile)}", f"put new keys into {place}"
        renewal = context.renewal_of(hop.profile, is_source=True)
        if renewal.hidden is not None:  # another source of that profile, which yields new credentials
            fix, remediation = "", renewal.remedy.remediation
        elif context.profiles.text(hop.profile, "aws_session_token"):  # aws configure does not ask for one
            remediation = f"put new keys and their token into {place}, or let role_arn and source_profile renew them"
        what = f"AWS rejects the access key {hop.key} of profile {hop.profile}: {why}"
        yield problem(what, place, quoted(refusal), remediation=remediation, fix=fix)


@check
def role_denied(context: Context) -> Iterator[Finding]:
    hops = {hop.profile: hop for hop in context.answers.hops}
    for hop, refusal in _refused(context, "role"):
        text = context.profiles.text
        role = text(hop.profile, "role_arn") or ""
        source = hops.get(hop.source or "")
        known = source.answer.identity if source and source.answer else None
        who = known.arn if known else f"profile {hop.source}" if hop.source else "the identity the profile starts from"
        yield problem(
            f"{who} may not assume {role} (profile {hop.profile})",
            context.where(hop.profile, "role_arn"),
            quoted(refusal),
            *_reasons(role, who, text(hop.profile, "external_id"), text(hop.profile, "mfa_serial")),
            remediation="check that list; begin with",
            fix=f"aws iam get-role --role-name {shlex.quote(role.rpartition('/')[2])}",
        )


def _reasons(role: str, who: str, external_id: str | None, serial: str | None) -> Iterator[str]:
    """Yield what to check if a role may not be assumed, as questions."""
    parsed = arn.parse(role)
    account = parsed.account if parsed else ""
    yield f"- is {role} spelled correctly, including path and account {account}, and does it exist?"
    yield f"- does its trust policy name {who}, the role behind that session, or its account as Principal?"
    if ":root" in who:
        yield "- the root user of an account cannot assume roles"
    yield f"- does a policy of {who} allow sts:AssumeRole on {role} (in another account it has to)?"
    clause = "the profile sends one" if external_id else "the profile has no external_id"
    yield f"- does the trust policy require an external id (sts:ExternalId)? {clause}"
    clause = f"the profile sends a code of {serial}" if serial else "the profile has no mfa_serial"
    yield f"- does it require MFA (aws:MultiFactorAuthPresent)? {clause}"
    yield "- does it require a source IP, an organization, a session name, tags?"
    yield f"- does a service control policy, a permissions boundary or AWSRevokeOlderSessions deny it to {who}?"


@check
def duration_refused(context: Context) -> Iterator[Finding]:
    for hop, refusal in _refused(context, "duration"):
        place = context.where(hop.profile, "duration_seconds")
        seconds = context.profiles.text(hop.profile, "duration_seconds")
        what = f"AWS rejects a session of duration_seconds = {seconds} for profile {hop.profile}"
        fix = f"awsenv assume {shlex.quote(hop.profile)} --duration max"
        yield problem(what, place, quoted(refusal), remediation=f"lower duration_seconds in {place}, or", fix=fix)


@check
def profile_refused(context: Context) -> Iterator[Finding]:
    for hop, _ in _refused(context, "expired", "unknown", "secret", "other"):
        if hop.error is not None:
            what = f"profile {hop.profile}: {hop.error.what}"
            yield problem(what, context.where(hop.profile), advice=hop.error.fix)


@check
def profile_not_asked(context: Context) -> Iterator[Finding]:
    skipped = {hop.profile: hop.skipped for hop in context.answers.hops if hop.skipped}
    for hop in context.readable_hops:
        if hop.profile in skipped:
            why = f"{skipped[hop.profile]}, and no session of it is cached"
        elif hop.kind == "process" and context.offline and not credential_process.cannot_run(context):
            why = "has a credential_process, which has not been run"
        else:
            continue
        yield problem(f"not checked: profile {hop.profile} {why}", hop.where(), fix=f"awsenv assume {hop.quoted}")
