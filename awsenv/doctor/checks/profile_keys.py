"""Checks of access keys in a profile."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from awsenv.aws.key_id import TEMPORARY
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import in_both_files, in_use, of_profile

__all__: list[str] = []


@check(
    "profile-keys-incomplete",
    ERROR,
    cause=(
        "AWS tools need an access key id and its secret access key, both from the same one of the two files. An "
        "empty value is used, and AWS rejects it."
    ),
    remediation="set both again",
    fix="aws configure",
    causes=("partial-credentials",),
)
def profile_keys_incomplete(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.misspelled is not None:  # see setting-misspelled, or profile-without-credentials
            continue
        fix = f"aws configure --profile {hop.quoted}"
        keys = of_profile(context, hop.profile) if hop.keys_count else None
        if keys is None:
            if hop.kind == "none" and "aws_secret_access_key" in hop.settings:
                said = "has aws_secret_access_key, but no aws_access_key_id"
                yield hop.problem(said, "aws_secret_access_key", fix=fix)
            continue
        for setting in ("aws_access_key_id", "aws_secret_access_key"):
            if setting not in keys.texts:
                elsewhere = f": that is in {hop.where(setting)}" if setting in hop.settings else ""
                said = f"has aws_access_key_id in {keys.path}, but no {setting} there{elsewhere}"
                yield problem(f"{hop.who} {said}", keys.where(), fix=fix)
            elif not keys.texts[setting]:
                yield problem(f"{hop.who} has an empty {setting}", keys.where(setting), fix=fix)


@check(
    "profile-key-without-token",
    ERROR,
    cause=(
        "A key id that begins with ASIA belongs to a session: AWS accepts it only together with its session token, "
        "which has to be in the same file."
    ),
    remediation="write all three there: the key id, the secret access key and the session token",
    causes=("unknown-key", "auth-failure"),
)
def profile_key_without_token(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        if not keys.id.startswith(TEMPORARY) or keys.token:
            continue
        settings = context.profiles.texts(keys.profile)
        elsewhere = next((name for name in keys.names[2:] if settings.get(name) and name not in keys.texts), None)
        where = [] if elsewhere is None else [context.where(keys.profile, elsewhere)]
        other = ", which is in the other file" if where else ""
        yield problem(f"{keys.who} has a temporary access key without its session token{other}", keys.shown(), *where)


@check(
    "profile-token-beside-long-term-key",
    ERROR,
    cause=(
        "A key id that begins with AKIA is a long-term key. A token beside it is left over from earlier "
        "credentials, and AWS rejects the two together."
    ),
    remediation="remove that line: a long-term key has no token",
    causes=("unknown-key", "auth-failure"),
)
def profile_token_beside_long_term_key(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        if keys.long_term and keys.token:
            name = keys.token_name
            yield problem(f"{keys.who} has a long-term key and {name}", keys.shown(), keys.shown(name))


@check(
    "profile-security-token",
    ERROR,
    cause=(
        "aws_security_token is the old name of aws_session_token, and boto3 and the AWS CLI read it first: a token "
        "left under that name, or an empty one, is sent with an access key it does not belong to."
    ),
    remediation="remove the line with aws_security_token",
    causes=("expired", "unknown-key"),
)
def profile_security_token(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        old, new = keys.texts.get("aws_security_token"), keys.texts.get("aws_session_token")
        if old is not None and new is not None and old != new and not keys.long_term:
            said = "has aws_security_token and another aws_session_token: the first is used"
            yield problem(f"{keys.who} {said}", keys.shown("aws_security_token"), keys.shown("aws_session_token"))


@check(
    "keys-in-both-files",
    WARNING,
    cause=(
        "Credentials in the credentials file take precedence over those in the config file. New ones written into "
        "the config file are not used."
    ),
    remediation="remove the ones that are wrong",
)
def keys_in_both_files(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        both = in_both_files(context, hop.profile)
        if len(both) == 2 and both[0].texts.get("aws_access_key_id") != both[1].texts.get("aws_access_key_id"):
            said = f"has an access key in both files: that of {both[0].path} is used"
            yield problem(f"{hop.who} {said}", both[0].shown(), both[1].shown())


@check(
    "same-keys-as-default",
    NOTE,
    cause=(
        "The requested profile and the default profile hold the same access key: with --profile and without it AWS "
        "sees the same credentials. If only their tokens differ, one of the two belongs to an older session."
    ),
    remediation="compare them",
    fix="awsenv compare default PROFILE",
)
def same_keys_as_default(context: Context) -> Iterator[Finding]:
    default = of_profile(context, "default") if context.profile != "default" else None
    for keys in in_use(context):
        if default is None or keys.profile == "default" or keys.id != default.id or not keys.id:
            continue
        what, severity = f"{keys.who} has the same credentials as profile default", ""
        if keys.token != default.token:
            what = f"{keys.who} has the same access key as profile default, but another token: one of the two is wrong"
            severity = WARNING
        fix = f"awsenv compare default {shlex.quote(keys.profile)}"
        yield problem(what, keys.shown(), default.shown(), severity=severity, fix=fix)
