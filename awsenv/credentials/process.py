"""Run the credential_process of a profile and check its output. Whatever boto3 accepts is accepted.

The command finds the region in force in both variables; `credentials.command` has its limits.
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from botocore.compat import compat_shell_split

from awsenv.aws.config_files import Profiles
from awsenv.credentials.answers import epoch_of
from awsenv.credentials.command import output_of, shown
from awsenv.environment import REGIONS, expiry
from awsenv.result import EXPIRED, AwsenvError

__all__ = ["run"]


def run(
    command: str, profile: str, profiles: Profiles, *, region: str | None, now: int, seconds: float
) -> Mapping[str, str]:
    """Return what the credential_process of a profile prints, complete and valid.

    Args:
        command: the setting.
        profile: the profile that has it.
        profiles: the AWS files.
        region: the region in force.
        now: epoch seconds.
        seconds: how long it may take.

    Raises:
        AwsenvError: it cannot be run, fails, takes too long, or prints something else; (4) expired credentials.
    """
    where = profiles.where(profile, "credential_process") or "the config file"
    what = f"the credential_process of profile {profile} ({shown(command)})"
    try:
        args = compat_shell_split(command)
    except ValueError:
        raise AwsenvError(f"{what} has a quote that is not closed", f"fix it in {where}") from None
    if not args:
        raise AwsenvError(f"the credential_process of profile {profile} is empty", f"fix it in {where}")
    hint = "; ~ and $NAME mean nothing there" if args[0][:1] == "~" or "$" in args[0] else ""
    operator = next((arg for arg in args if arg in ("|", "||", "&&", ";", ">")), None)
    if operator is not None:
        hint = f"; {operator} means nothing there: AWS tools start no shell"
    environ = {**os.environ, **(dict.fromkeys(REGIONS, region) if region else {})}
    fix = f"run it by hand, or fix it in {where}{hint}"
    try:
        return _checked(output_of(args, environ, what, fix, seconds=seconds), what, now)
    except _OutputError as error:
        wanted = '{"Version": 1, "AccessKeyId": …, "SecretAccessKey": …}'
        raise AwsenvError(f"{what} {error}", f"run it by hand; it has to print {wanted}{hint}") from None


def _checked(printed: bytes, what: str, now: int) -> dict[str, str]:
    answer = _parsed(printed)
    if answer.get("Version") != 1:
        raise _OutputError(f"printed {'a' if 'Version' in answer else 'no'} Version, which has to be 1")
    found = {}
    for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        value = answer.get(name)
        if value is None and name == "SessionToken":
            continue
        if not isinstance(value, str) or (not value and name != "SessionToken"):
            raise _OutputError(f"printed {'no' if not value else 'something else than text as'} {name}")
        found[name] = value
    if answer.get("Expiration") is not None:
        expiration = _expiration(answer["Expiration"])
        if expiration <= now:
            ago = expiry.short(now - expiration)
            raise AwsenvError(
                f"{what} printed credentials that, by this machine's clock, expired {ago} ago",
                f"sign in with that tool again, or check the clock: {expiry.look_at_clock()}",
                EXPIRED,
            )
        found["Expiration"] = expiry.format_utc(expiration)
    return found


class _OutputError(Exception):
    """The output is invalid; the message completes a sentence that begins with the command."""


def _parsed(printed: bytes) -> dict[str, Any]:
    """Return the JSON object that was printed. Errors never quote other text: it may be a secret."""
    if not printed.strip():
        raise _OutputError("printed nothing")
    try:
        text = printed.decode("utf-8")
    except UnicodeDecodeError:
        wide = printed[:2] in (b"\xff\xfe", b"\xfe\xff")
        raise _OutputError("printed UTF-16, not UTF-8" if wide else "printed text that is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise _OutputError("printed a byte order mark before its JSON")
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        before = text.partition("{")[0].strip()
        raise _OutputError("printed text before its JSON" if before and "{" in text else "printed no JSON") from None
    if not isinstance(answer, dict):
        raise _OutputError("printed JSON that is not an object")
    return answer


def _expiration(written: object) -> int:
    """Return an Expiration in epoch seconds."""
    if not isinstance(written, str):
        raise _OutputError("printed an Expiration that is not text")
    try:
        found = epoch_of(written)
    except ValueError:
        raise _OutputError(f"printed an Expiration that is not a time ({written!r:.40})") from None
    if found is None:
        raise _OutputError(f"printed an Expiration without a time zone ({written:.40}): it has to end in Z")
    return found
