"""Checks that the exported access key, secret and session token belong together."""

from __future__ import annotations

from collections.abc import Iterator

from awsenv.aws import session_token
from awsenv.aws.key_id import TEMPORARY, account_of
from awsenv.doctor.check import ERROR, NOTE, WARNING, AutoFix, Finding, check, problem
from awsenv.doctor.checks.key_values import is_for_other_server, readable
from awsenv.doctor.context import Context
from awsenv.doctor.text import TOKENS, is_long_term, token_in_force
from awsenv.environment import KEYS, masked

__all__: list[str] = []


@check(
    "partial-keys",
    ERROR,
    cause=(
        "An access key id and its secret access key only work together. With an id alone every SDK gives up; a "
        "secret or a token alone is silently ignored, and the SDK goes on to the profiles: it may use another "
        "identity's credentials."
    ),
    fix="awsenv assume PROFILE",
    causes=("partial-credentials",),
)
def partial_keys(context: Context) -> Iterator[Finding]:
    environ = context.environ
    key, secret, token = (environ.get(name) for name in KEYS)
    if key and not secret:
        yield problem(
            "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not",
            f"AWS_ACCESS_KEY_ID={masked(key)}",
            fix=context.renew_command,
        )
    elif secret and not key:
        yield problem(
            "AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not: SDKs ignore it",
            fix=context.renew_command,
            severity=WARNING,
        )
    elif not key and (token or environ.get("AWS_SECURITY_TOKEN")):
        names = tuple(name for name in TOKENS if environ.get(name))
        yield problem(
            f"{' and '.join(names)} without an access key: SDKs ignore it, until you export some other access key",
            fix=f"unset {' '.join(names)}",
            severity=NOTE,
            auto_fix=AutoFix(unset=names),
        )


@check(
    "key-without-token",
    ERROR,
    cause=(
        "Access keys that begin with ASIA belong to a session, and AWS accepts them only together with its token. "
        "All three values have to be exported, or pasted, together."
    ),
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure"),
)
def key_without_token(context: Context) -> Iterator[Finding]:
    environ = context.environ
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    if key.startswith(TEMPORARY) and environ.get("AWS_SECRET_ACCESS_KEY") and not token_in_force(environ)[0]:
        yield problem(
            "AWS_ACCESS_KEY_ID belongs to a session, and AWS_SESSION_TOKEN is not set",
            f"AWS_ACCESS_KEY_ID=ASIA{masked(key)}",
            fix=context.renew_command,
        )


@check(
    "token-beside-long-term-key",
    ERROR,
    cause=(
        "Access keys that begin with AKIA have no session token. One left over from an earlier session is sent with "
        "them, and AWS rejects the request: `aws configure export-credentials`, for one, unsets nothing."
    ),
    fix="unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN",
    causes=("unknown-key", "auth-failure"),
)
def token_beside_long_term_key(context: Context) -> Iterator[Finding]:
    environ = context.environ
    names = tuple(name for name in TOKENS if environ.get(name))
    if names and is_long_term(environ) and environ.get("AWS_SECRET_ACCESS_KEY"):
        yield problem(
            f"{' and '.join(names)} of another session is set beside a long-term key, which has none",
            f"AWS_ACCESS_KEY_ID=AKIA{masked(environ['AWS_ACCESS_KEY_ID'])}",
            *(f"{name}={masked(environ[name])}" for name in names),
            fix=f"unset {' '.join(names)}",
            auto_fix=AutoFix(unset=names),
        )


@check(
    "security-token-shadows",
    ERROR,
    cause=(
        "AWS_SECURITY_TOKEN is the old name of AWS_SESSION_TOKEN. If both are set, boto3 and the AWS CLI send the "
        "old one, and tools that renew the other leave it unchanged."
    ),
    fix="unset AWS_SECURITY_TOKEN",
    causes=("unknown-key", "auth-failure"),
)
def security_token_shadows(context: Context) -> Iterator[Finding]:
    environ = context.environ
    old, new = (environ.get(name, "") for name in TOKENS)
    if old and new and old != new and environ.get("AWS_ACCESS_KEY_ID") and not is_long_term(environ):
        yield problem(
            "AWS_SECURITY_TOKEN differs from AWS_SESSION_TOKEN, and boto3 and the AWS CLI prefer it",
            f"AWS_SECURITY_TOKEN={masked(old)}",
            f"AWS_SESSION_TOKEN={masked(new)}",
            auto_fix=AutoFix(unset=("AWS_SECURITY_TOKEN",)),
        )


@check(
    "security-token-alone",
    WARNING,
    cause=(
        "AWS_SECURITY_TOKEN is the old name of AWS_SESSION_TOKEN. boto3 and the AWS CLI still read it; the SDKs for "
        "JavaScript, Go and Java do not: they send the access key without its token."
    ),
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure"),
)
def security_token_alone(context: Context) -> Iterator[Finding]:
    environ = context.environ
    old, new = (environ.get(name, "") for name in TOKENS)
    if old and not new and environ.get("AWS_ACCESS_KEY_ID") and not is_long_term(environ):
        yield problem(
            "the session token is in AWS_SECURITY_TOKEN alone, which only some SDKs read",
            f"AWS_SECURITY_TOKEN={masked(old)}",
            fix=context.renew_command,
        )


@check(
    "truncated-token",
    ERROR,
    cause=(
        "A session token has several hundred characters, and this one is incomplete. setx cuts at 1,024 characters, "
        "a terminal or a mail wraps lines, and `cut -d=` drops the end."
    ),
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure"),
)
def truncated_token(context: Context) -> Iterator[Finding]:
    if is_for_other_server(context):
        return
    for name in TOKENS:
        token = readable(context.environ, name)
        size = f"{name} has {len(token)} characters"
        claims = session_token.read(token)
        early = session_token.is_truncated(token)
        if early and len(token) == 1024:
            yield problem(
                f"{name} ends after 1,024 characters, in the middle: setx cuts there", size, fix=context.renew_command
            )
        elif early:
            yield problem(f"{name} ends in the middle", size, fix=context.renew_command)
        elif claims is not None and len(token) % 4:
            what = "lacks its last characters, if only the = that pad it to a multiple of four"
            yield problem(f"{name} {what}", size, fix=context.renew_command, severity=WARNING)
        elif claims is None and len(token) == 1024:
            what = "has exactly 1,024 characters: that is where setx cuts"
            yield problem(f"{name} {what}", size, fix=context.renew_command, severity=WARNING)


@check(
    "mixed-keys",
    ERROR,
    cause=(
        "The access key id and the session token both contain the account. If they name two accounts, the values "
        "come from two different sessions."
    ),
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure"),
)
def mixed_keys(context: Context) -> Iterator[Finding]:
    environ = context.environ
    if not environ.get("AWS_ACCESS_KEY_ID") or is_long_term(environ):
        return
    key = environ["AWS_ACCESS_KEY_ID"]
    name, token = token_in_force(environ)
    claims = session_token.read(token)
    of_key, of_token = account_of(key), claims.account if claims else None
    if of_key and of_token and of_key != of_token:
        yield problem(
            f"AWS_ACCESS_KEY_ID is of account {of_key}, {name} of account {of_token}",
            f"AWS_ACCESS_KEY_ID={key[:4]}{masked(key)}",
            f"{name}={masked(token)}",
            fix=context.renew_command,
        )
