"""Checks of the parameters of AssumeRole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from awsenv.aws import arn, expiry
from awsenv.aws.providers import ROLE_SOURCES
from awsenv.doctor.chain import Hop
from awsenv.doctor.check import NOTE, Finding, check, correction
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.context import Context

# Seconds: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_ROLE_AT_LEAST, _CHAINED_AT_MOST = 900, 3600

_AN_HOUR = "write duration_seconds = 3600 in that line"


@check
def role_arn_malformed(context: Context) -> Iterator[Finding]:
    for hop, text in context.values_of("role_arn", "role", "web identity"):
        if not arn.is_role(text) and not is_reported(text):
            parsed = arn.parse(text)
            role = (parsed.role_arn if parsed and parsed.session else None) or ""
            yield hop.problem(f"has role_arn {text!r}", "role_arn", remediation=correction("role_arn", role))


@check
def duration_unreadable(context: Context) -> Iterator[Finding]:
    for hop, text, seconds in _durations(context):
        if _number(text) is not None:
            continue
        if text == "max" or seconds is not None:
            clause = f"has duration_seconds {text}, which awsenv understands and the AWS CLI ignores"
            remediation = f"for the AWS CLI, write {seconds or 'a number of seconds'} in that line"
            yield hop.problem(clause, "duration_seconds", severity=NOTE, remediation=remediation)
        else:
            yield hop.problem(f"has duration_seconds {text!r}, which is not a number", "duration_seconds")


def _durations(context: Context) -> Iterator[tuple[Hop, str, int | None]]:
    """Yield each role with a duration_seconds, that text, and its seconds; None if it is not a duration."""
    for hop, text in context.values_of("duration_seconds", "role"):
        number = _number(text)
        yield hop, text, expiry.parse_duration(text) if number is None else number


def _number(text: str) -> int | None:
    """Read a number as botocore does: int() accepts blanks, signs and underscores."""
    try:
        return int(text)
    except ValueError:
        return None


@check
def duration_too_short(context: Context) -> Iterator[Finding]:
    for hop, text, seconds in _durations(context):
        if seconds is not None and seconds < _ROLE_AT_LEAST:
            yield hop.problem(f"has duration_seconds {text}, less than 900", "duration_seconds")
        elif seconds == _ROLE_AT_LEAST:
            clause = "has duration_seconds 900: no cache can serve such a session, the role is assumed for each command"
            yield hop.problem(clause, "duration_seconds", severity=NOTE, remediation=_AN_HOUR)


@check
def duration_too_long(context: Context) -> Iterator[Finding]:
    for hop, text, seconds in _durations(context):
        if seconds is None or seconds <= _CHAINED_AT_MOST:
            continue
        clause = f"has duration_seconds {text}"
        if _is_chained(hop, context.hops[hop.number :]):
            clause = f"{clause}, and is assumed with another role's session: one hour is the maximum"
            yield hop.problem(clause, "duration_seconds", remediation=_AN_HOUR)
        elif seconds > expiry.ROLE_AT_MOST:
            yield hop.problem(f"{clause}, more than the 43200 of 12 hours", "duration_seconds")


def _is_chained(hop: Hop, sources: Sequence[Hop]) -> bool:
    if hop.settings.get("credential_source") in ROLE_SOURCES:
        return True
    return bool(sources) and sources[0].kind in ("role", "web identity", "sso")


@check
def mfa_serial_form(context: Context) -> Iterator[Finding]:
    for hop, serial in context.values_of("mfa_serial", "role"):
        if _MFA_SERIAL.fullmatch(serial):
            continue
        user = re.fullmatch(r"(arn:aws[a-z-]*:iam::[0-9]{12}):user/(?:.*/)?([\w+=,.@-]+)", serial)
        kind = "the ARN of a user" if user else "a security key" if ":u2f/" in serial else "not an MFA device"
        own = f"write mfa_serial = {user[1]}:mfa/{user[2]} in that line, if that is the device's name" if user else ""
        yield hop.problem(f"has mfa_serial {serial!r}, {kind}", "mfa_serial", remediation=own)


_MFA_SERIAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:mfa|sms-mfa)/[\w+=/:,.@-]+|[A-Za-z0-9]{9,256}")


@check
def session_name_malformed(context: Context) -> Iterator[Finding]:
    for hop, name in context.values_of("role_session_name", "role", "web identity"):
        if not re.fullmatch(r"[\w+=,.@-]{2,64}", name, re.ASCII):
            yield hop.problem(f"has role_session_name {name!r}", "role_session_name")


@check
def external_id_malformed(context: Context) -> Iterator[Finding]:
    for hop, text in context.values_of("external_id", "role"):
        if not is_reported(text) and not re.fullmatch(r"[\w+=,.@:/-]{2,1224}", text, re.ASCII):
            yield hop.problem(f"has external_id {text!r}", "external_id")
