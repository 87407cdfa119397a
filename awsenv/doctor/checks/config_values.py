"""Checks of the values in the AWS files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.context import Context

__all__ = ["is_reported", "values"]

# Settings whose values have no quotation marks, and no blank before # or ;. (credential_process, a command, may.)
_PLAIN = (
    *("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token", "region", "output"),
    *("role_arn", "source_profile", "credential_source", "mfa_serial", "duration_seconds", "role_session_name"),
    *("external_id", "sso_session", "sso_start_url", "sso_region", "sso_account_id", "sso_role_name"),
    *("login_session", "web_identity_token_file", "endpoint_url", "services"),
)


def is_reported(value: str) -> bool:
    """Whether a check of this module reports a value."""
    return re.search(r"""[ \t][#;]|\n|\A(["']).*\1\Z""", value, re.DOTALL) is not None


def values(context: Context) -> Iterator[tuple[str, str, str, str]]:
    """Yield owner, setting, value and place, for the profiles of the chain and the sso-sessions that they name."""
    for hop in context.hops:
        for setting in _PLAIN:
            if hop.settings.get(setting):
                yield hop.who, setting, hop.settings[setting], hop.where(setting)
        for header, section in context.profiles.config_sections([hop.profile]).items():
            for setting, value in section.items() if header.startswith("sso-session") else ():
                if setting in _PLAIN and isinstance(value, str):
                    where = context.profiles.config.where(header, setting) or ""
                    yield f"[{header}]", setting, value, where


def _is_known(context: Context, setting: str, value: str) -> bool:
    """Whether an odd value is right: there is a profile of that name."""
    return setting == "source_profile" and value in context.profiles


@check
def quotes_in_value(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        if quoted and not _is_known(context, setting, value):
            yield problem(f"{who} has {setting} in quotation marks", where)


@check
def comment_in_value(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        if re.search(r"[ \t][#;]", value) and not _is_known(context, setting, value):
            yield problem(f"{who} has a comment in the value of {setting}", where)


@check
def value_over_lines(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        if "\n" in value:
            yield problem(f"{who} has {setting} on {value.count(chr(10)) + 1} lines", where)
