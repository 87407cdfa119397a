"""Checks of the values in the AWS files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from awsenv.doctor.check import ERROR, Finding, check, problem
from awsenv.doctor.context import Context

__all__ = ["is_reported", "values"]

# Settings whose values have no quotation marks and no blank before # or ;. (Not credential_process: a command.)
_PLAIN = (
    *("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token", "region", "output"),
    *("role_arn", "source_profile", "credential_source", "mfa_serial", "duration_seconds", "role_session_name"),
    *("external_id", "sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"),
    *("login_session", "web_identity_token_file", "endpoint_url", "services"),
)


def is_reported(value: str) -> bool:
    """Whether one of these checks reports a value."""
    return re.search(r"""[ \t][#;]|\n|\A(["']).*\1\Z""", value, re.DOTALL) is not None


def values(context: Context) -> Iterator[tuple[str, str, str, str]]:
    """Whose, which setting, its value and where: of the chain's profiles, and of the sso-session that they name."""
    for hop in context.hops:
        for setting in _PLAIN:
            if hop.settings.get(setting):
                yield hop.who, setting, hop.settings[setting], hop.where(setting)
        for header, section in context.profiles.config_sections([hop.profile]).items():
            for setting, value in section.items() if header.startswith("sso-session") else ():
                if setting in _PLAIN and isinstance(value, str):
                    where = context.profiles.config.where(header, setting) or ""
                    yield f"[{header}]", setting, value, where


@check(
    "quotes-in-value",
    ERROR,
    cause=(
        "AWS tools take everything after = literally: quotation marks are part of the value, and no key, region or "
        "profile has that name."
    ),
    remediation="remove the quotation marks in that line",
    causes=("unknown-key", "wrong-secret", "config-invalid", "region-invalid"),
)
def quotes_in_value(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        known = setting == "source_profile" and value in context.profiles
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and not known:
            yield problem(f"{who} has {setting} in quotation marks", where)


@check(
    "comment-in-value",
    ERROR,
    cause="A comment needs a line of its own in the AWS files. What follows a value, including #, is part of it.",
    remediation="move the comment to a line of its own",
    causes=("unknown-key", "wrong-secret", "config-invalid", "region-invalid"),
)
def comment_in_value(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        known = setting == "source_profile" and value in context.profiles
        if re.search(r"[ \t][#;]", value) and not known:
            yield problem(f"{who} has a comment in the value of {setting}", where)


@check(
    "value-over-lines",
    ERROR,
    cause=(
        "A line that begins with a blank continues the value of the line before. A token that was wrapped when it "
        "was copied, or an indented setting, makes a value with a newline in it, which no AWS tool can use."
    ),
    remediation="write the value on one line, and begin no other line with a blank",
    causes=("wrong-secret", "header-value"),
)
def value_over_lines(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        if "\n" in value:
            yield problem(f"{who} has {setting} on {value.count(chr(10)) + 1} lines", where)
