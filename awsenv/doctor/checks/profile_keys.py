"""Checks of access keys in a profile."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from awsenv.aws.key_id import TEMPORARY
from awsenv.aws.providers import KEYS
from awsenv.doctor.check import WARNING, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import in_both_files, in_use, of_profile


@check
def profile_keys_incomplete(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.misspelled is not None:  # see setting-misspelled, or profile-without-credentials
            continue
        fix = f"aws configure --profile {hop.quoted}"
        if hop.kind == "none" and "aws_secret_access_key" in hop.settings:
            clause = "has aws_secret_access_key, but no aws_access_key_id"
            yield hop.problem(clause, "aws_secret_access_key", fix=fix)
        keys = of_profile(context, hop.profile) if hop.uses_own_keys else None
        if keys is None:
            continue
        for setting in KEYS:
            if setting not in keys.texts:
                elsewhere = f": that is in {hop.where(setting)}" if setting in hop.settings else ""
                clause = f"has aws_access_key_id in {keys.path}, but no {setting} there{elsewhere}"
                yield hop.problem(clause, evidence=(keys.where(),), fix=fix)
            elif not keys.texts[setting]:
                yield hop.problem(f"has an empty {setting}", evidence=(keys.where(setting),), fix=fix)


@check
def profile_key_without_token(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        if not keys.id.startswith(TEMPORARY) or keys.token:
            continue
        settings = context.profiles.texts(keys.profile)
        elsewhere = [name for name in keys.names[2:] if settings.get(name) and name not in keys.texts]
        where = [context.where(keys.profile, name) for name in elsewhere[:1]]
        other = ", which is in the other file" if where else ""
        yield problem(f"{keys.who} has a temporary access key without its session token{other}", keys.shown(), *where)


@check
def profile_token_beside_long_term_key(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        if keys.long_term and keys.token:
            name = keys.token_name
            yield problem(f"{keys.who} has a long-term key and {name}", keys.shown(), keys.shown(name))


@check
def profile_security_token(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        _, _, old, new = keys.names
        if {old, new} <= keys.texts.keys() and keys.texts[old] != keys.texts[new] and not keys.long_term:
            what = f"{keys.who} has {old} and another {new}: the first is used"
            yield problem(what, keys.shown(old), keys.shown(new))


@check
def keys_in_both_files(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        both = in_both_files(context, hop.profile)
        if len(both) == 2 and both[0].id != both[1].id:
            clause = f"has an access key in both files: that of {both[0].path} is used"
            yield hop.problem(clause, evidence=tuple(keys.shown() for keys in both))


@check
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
