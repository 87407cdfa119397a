"""Checks that an access key, its secret and its session token belong together: above all the exported ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from awsenv.aws import session_token
from awsenv.aws.key_id import TEMPORARY
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, leftover, problem
from awsenv.doctor.checks.key_values import keys_for_aws, readable
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import of_shell, wherever
from awsenv.environment import masked


@check
def partial_keys(context: Context) -> Iterator[Finding]:
    keys = of_shell(context)
    if keys.id and not keys.secret:
        yield keys.problem("AWS_ACCESS_KEY_ID", "is set, AWS_SECRET_ACCESS_KEY is not", keys.shown("AWS_ACCESS_KEY_ID"))
    elif keys.secret and not keys.id:
        clause = "is set, AWS_ACCESS_KEY_ID is not: SDKs ignore it"
        yield keys.problem("AWS_SECRET_ACCESS_KEY", clause, severity=WARNING)
    elif keys.tokens and not keys.id:
        names = " and ".join(keys.tokens)
        what = f"{names} without an access key: SDKs ignore it, until you export some other access key"
        yield leftover(what, keys.tokens, severity=NOTE)


# Names that tools and people use; only the SDK for Java 1 reads the first two.
_OTHER_NAMES = {
    "AWS_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "AWS_KEY_ID": "AWS_ACCESS_KEY_ID",
    "AWS_SECRET": "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY_ID": "AWS_SECRET_ACCESS_KEY",
    "AWS_TOKEN": "AWS_SESSION_TOKEN",
}

_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONFIG_FILE")


@check
def variable_misspelled(context: Context) -> Iterator[Finding]:
    for name, value in sorted(context.environ.items()):
        right = _meant(name) if value and context.platform != "win32" else None
        if right is not None and right not in context.environ:
            what = f"{name} means nothing: the variable is called {right}"
            shown = value if right in _NAMES[3:] else masked(value)
            yield problem(what, f"{name}={shown}", fix=f'export {right}="${name}"\nunset {name}')


def _meant(name: str) -> str | None:
    """Return the variable that a name is meant to be; None if SDKs know the name, or for another name."""
    upper = name.upper()
    if not upper.startswith("AWS_") or name in _NAMES or re.fullmatch(r"\w+", name, re.ASCII) is None:
        return None
    near = get_close_matches(upper, _NAMES[:3], 1, 0.94)
    return upper if upper in _NAMES else _OTHER_NAMES.get(upper) or next(iter(near), None)


@check
def key_without_token(context: Context) -> Iterator[Finding]:
    keys = of_shell(context)
    if keys.id.startswith(TEMPORARY) and keys.secret and not keys.token:
        clause = "belongs to a session, and AWS_SESSION_TOKEN is not set"
        yield keys.problem("AWS_ACCESS_KEY_ID", clause, keys.shown_id)


@check
def token_beside_long_term_key(context: Context) -> Iterator[Finding]:
    keys = of_shell(context)
    if keys.tokens and keys.long_term and keys.secret:
        what = f"{' and '.join(keys.tokens)} of another session is set beside a long-term key, which has none"
        yield leftover(what, keys.tokens, keys.shown_id, *map(keys.shown, keys.tokens))


@check
def security_token_shadows(context: Context) -> Iterator[Finding]:
    keys = of_shell(context)
    if keys.shadowed and keys.id and not keys.long_term:
        old, new = keys.tokens
        what = f"{old} differs from {new}, and boto3 and the AWS CLI prefer it"
        yield leftover(what, (old,), keys.shown(old), keys.shown(new))


@check
def security_token_alone(context: Context) -> Iterator[Finding]:
    keys = of_shell(context)
    if keys.tokens == ("AWS_SECURITY_TOKEN",) and keys.id and not keys.long_term:
        what = "the session token is in AWS_SECURITY_TOKEN alone, which only some SDKs read"
        yield problem(what, keys.shown("AWS_SECURITY_TOKEN"), **context.renewal)


@check
def truncated_token(context: Context) -> Iterator[Finding]:
    for keys in keys_for_aws(context):
        for name in keys.names[2:]:
            token = readable(keys, name)
            size = f"{keys.where(name)} has {len(token)} characters"
            claims, early = session_token.read(token), session_token.is_truncated(token)
            setx = len(token) == 1024 and keys.file is None
            what, severity = "", WARNING
            if early:
                what, severity = "ends in the middle", ERROR
                if setx:
                    what = "ends after 1,024 characters, in the middle: setx cuts there"
            elif claims is not None and len(token) % 4:
                what = "lacks its last characters, if only the = that pad it to a multiple of four"
            elif claims is None and setx:
                what = "has exactly 1,024 characters: that is where setx cuts"
            if what:
                yield keys.problem(name, what, size, severity=severity)


@check
def mixed_keys(context: Context) -> Iterator[Finding]:
    for keys in wherever(context):
        claims = session_token.read(keys.token)
        of_token = claims.account if claims and not keys.long_term else None
        if keys.account and of_token and keys.account != of_token:
            name = keys.token_name
            clause = f"is of account {keys.account}, {name} of account {of_token}"
            yield keys.problem(keys.names[0], clause, keys.shown_id, keys.shown(name))
