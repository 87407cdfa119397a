"""Checks of profiles of `aws login`."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator

from awsenv.aws import cache_keys, paths
from awsenv.aws.expiry import duration
from awsenv.doctor.check import ERROR, NOTE, Finding, check
from awsenv.doctor.checks.identity_center import until_session_expires
from awsenv.doctor.context import Context
from awsenv.environment import expiry
from awsenv.system.install_hint import how_to_install

__all__: list[str] = []

#: No session is valid for longer: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
_LONGEST_OF_LOGIN = 12 * 3600


@check(
    "login-signed-out",
    ERROR,
    cause=(
        "The sign-in of aws login has expired, or there was none. Its credentials are valid for 15 minutes and are "
        "renewed by AWS tools, for at most 12 hours."
    ),
    fix="aws login",
    causes=("login-signed-out",),
)
def login_signed_out(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.kind != "login":
            continue
        fix = f"aws login --profile {hop.quoted}"
        name = f"{cache_keys.login_session(hop.settings['login_session'])}.json"
        path = os.path.join(paths.login_cache(context.environ), name)
        try:
            token = paths.read_json(path)
        except paths.MISSING:
            severity, until = until_session_expires(context, hop)
            said = f": not signed in with aws login{until}"
            yield hop.problem(said, evidence=(path,), severity=severity, fix=fix)
            continue
        except (OSError, ValueError, RecursionError):
            token = None
        parts = ("accessToken", "refreshToken", "dpopKey", "clientId")
        missing = [name for name in parts if not isinstance(token, dict) or not token.get(name)]
        if missing:
            yield hop.problem(f": the cached sign-in of aws login has no {missing[0]}", evidence=(path,), fix=fix)
            continue
        keys = token["accessToken"]
        end = expiry.parse(str(keys.get("expiresAt", ""))) if isinstance(keys, dict) else None
        if end is not None and context.now - end >= _LONGEST_OF_LOGIN:
            severity, until = until_session_expires(context, hop)
            ago = duration(context.now - end)
            said = f": the sign-in of aws login was last used {ago} ago, and has expired since{until}"
            yield hop.problem(said, evidence=(path,), severity=severity, fix=fix)


@check(
    "login-needs-crt",
    NOTE,
    cause=(
        "Requests with the sign-in of aws login are signed with a key for which boto3, and so awsenv, needs the "
        "package awscrt. The AWS CLI includes it."
    ),
    remediation="install botocore[crt] beside the program that fails",
    causes=("login-needs-crt",),
)
def login_needs_crt(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.kind == "login" and importlib.util.find_spec("awscrt") is None:
            said = "uses login_session, for which awsenv lacks the package awscrt"
            yield hop.problem(said, "login_session", fix=how_to_install("botocore[crt]"))
