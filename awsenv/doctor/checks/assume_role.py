"""Checks of the parameters of AssumeRole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from awsenv.aws import arn
from awsenv.doctor.chain import Hop, after, roles
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, problem
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.context import Context
from awsenv.environment import ROLE_AT_MOST, expiry

__all__: list[str] = []

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_SHORTEST_OF_ROLE, _LONGEST_OF_CHAIN = 900, 3600


@check(
    "role-arn-malformed",
    ERROR,
    cause=(
        "Only the ARN of a role can be assumed: arn:aws:iam::ACCOUNT:role/NAME. The ARN that get-caller-identity "
        "shows for a session, arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION, cannot."
    ),
    remediation="write the role's ARN: arn:aws:iam::ACCOUNT:role/NAME",
    causes=("parameter",),
)
def role_arn_malformed(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        text = hop.settings.get("role_arn")
        if text is None or hop.kind not in ("role", "web identity") or arn.is_role(text) or is_reported(text):
            continue
        parsed = arn.parse(text)
        role = parsed.role_arn if parsed and parsed.session else None
        remediation = f"write role_arn = {role} in that line" if role else ""
        yield hop.problem(f"has role_arn {text!r}", "role_arn", remediation=remediation)


@check(
    "duration-unreadable",
    WARNING,
    cause=(
        "AWS tools silently ignore a duration_seconds that is not a number, and the session is valid for an hour. "
        "awsenv also accepts 8h, 1h30m and max."
    ),
    remediation="write a number of seconds in that line: 3600",
)
def duration_unreadable(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        text = hop.settings.get("duration_seconds")
        if text is None or _number(text) is not None:
            continue
        seconds = expiry.parse_duration(text)
        if text == "max" or seconds is not None:
            yield problem(
                f"{hop.who} has duration_seconds {text}, which awsenv understands and the AWS CLI ignores",
                hop.where("duration_seconds"),
                severity=NOTE,
                remediation=f"for the AWS CLI, write {seconds or 'a number of seconds'} in that line",
            )
        else:
            yield hop.problem(f"has duration_seconds {text!r}, which is not a number", "duration_seconds")


def _number(text: str) -> int | None:
    """As botocore reads it: int() accepts blanks, signs and underscores."""
    try:
        return int(text)
    except ValueError:
        return None


def _duration(hop: Hop) -> int | None:
    text = hop.settings.get("duration_seconds", "")
    number = _number(text)
    return expiry.parse_duration(text) if number is None else number


@check(
    "duration-too-short",
    ERROR,
    cause=(
        "STS issues no session shorter than 900 seconds. One of exactly 900 is issued, but never used from a cache: "
        "AWS tools treat a session with less than 15 minutes left as expired, and assume the role for each command."
    ),
    remediation="write a number from 900 to 43200 in that line",
    causes=("duration-short", "parameter"),
)
def duration_too_short(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        seconds = _duration(hop)
        if seconds is not None and seconds < _SHORTEST_OF_ROLE:
            yield hop.problem(
                f"has duration_seconds {hop.settings['duration_seconds']}, less than 900", "duration_seconds"
            )
        elif seconds == _SHORTEST_OF_ROLE:
            said = "has duration_seconds 900: no cache can serve such a session, the role is assumed for each command"
            yield hop.problem(
                said, "duration_seconds", severity=NOTE, remediation="write duration_seconds = 3600 in that line"
            )


@check(
    "duration-too-long",
    ERROR,
    cause=(
        "A role session is valid for at most 12 hours, and for one hour if the role is assumed with the session of "
        "another role, of IAM Identity Center, a container or an instance (role chaining). STS rejects anything "
        "longer."
    ),
    remediation="write a number from 900 to 43200 in that line",
    causes=("duration-role", "duration-chained", "parameter"),
)
def duration_too_long(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        seconds = _duration(hop)
        if seconds is None or seconds <= _LONGEST_OF_CHAIN:
            continue
        where, text = hop.where("duration_seconds"), hop.settings["duration_seconds"]
        if _is_chained(hop, after(hop, context)):
            said = f"has duration_seconds {text}, and is assumed with another role's session: one hour is the maximum"
            yield problem(f"{hop.who} {said}", where, remediation="write duration_seconds = 3600 in that line")
        elif seconds > ROLE_AT_MOST:
            yield problem(f"{hop.who} has duration_seconds {text}, more than the 43200 of 12 hours", where)


def _is_chained(hop: Hop, source: Hop | None) -> bool:
    if hop.settings.get("credential_source") in ("Ec2InstanceMetadata", "EcsContainer"):
        return True
    return source is not None and source.kind in ("role", "web identity", "sso")


@check(
    "mfa-serial-form",
    ERROR,
    cause=(
        "STS accepts the ARN of a virtual MFA device, arn:aws:iam::ACCOUNT:mfa/NAME, or the serial number of a "
        "hardware device. The ARN of the user is neither, and a security key (u2f) cannot be used with STS."
    ),
    remediation="list the devices",
    fix="aws iam list-mfa-devices",
    causes=("mfa-serial", "mfa-missing", "parameter"),
)
def mfa_serial_form(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        serial = hop.settings.get("mfa_serial")
        if serial is None or _MFA_SERIAL.fullmatch(serial):
            continue
        user = re.fullmatch(r"(arn:aws[a-z-]*:iam::[0-9]{12}):user/(?:.*/)?([\w+=,.@-]+)", serial)
        kind = "the ARN of a user" if user else "a security key" if ":u2f/" in serial else "not an MFA device"
        remediation = (
            f"write mfa_serial = {user[1]}:mfa/{user[2]} in that line, if that is the device's name" if user else ""
        )
        yield problem(
            f"{hop.who} has mfa_serial {serial!r}, {kind}",
            hop.where("mfa_serial"),
            remediation=remediation,
        )


_MFA_SERIAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:mfa|sms-mfa)/[\w+=/:,.@-]+|[A-Za-z0-9]{9,256}")


@check(
    "session-name-malformed",
    ERROR,
    cause=(
        "STS accepts a session name of 2 to 64 characters: letters, digits and _+=,.@- only, no blank, no umlaut, no /."
    ),
    remediation="write 2 to 64 of A-Z a-z 0-9 _ + = , . @ - in that line",
    causes=("parameter",),
)
def session_name_malformed(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        name = hop.settings.get("role_session_name")
        if name is None or hop.kind not in ("role", "web identity"):
            continue
        if not re.fullmatch(r"[\w+=,.@-]{2,64}", name, re.ASCII):
            yield hop.problem(f"has role_session_name {name!r}", "role_session_name")


@check(
    "external-id-malformed",
    ERROR,
    cause=(
        "STS accepts an external id of 2 to 1224 characters: letters, digits and _+=,.@:/- only, no blank. It is the "
        "text in the role's trust policy (sts:ExternalId), without quotation marks."
    ),
    remediation="write the external id of the role's trust policy in that line, or remove it",
    causes=("parameter", "role-denied"),
)
def external_id_malformed(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        text = hop.settings.get("external_id")
        if text is not None and not is_reported(text) and not re.fullmatch(r"[\w+=,.@:/-]{2,1224}", text, re.ASCII):
            yield hop.problem(f"has external_id {text!r}", "external_id")
