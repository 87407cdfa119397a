"""Checks of profiles of `aws login`."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator

from awsenv.aws import cache_keys, paths
from awsenv.aws.expiry import short
from awsenv.doctor.check import Finding, check
from awsenv.doctor.checks.identity_center import until_session_expires
from awsenv.doctor.context import Context
from awsenv.environment import expiry
from awsenv.system.install_hint import how_to_install

#: No session is valid for longer: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
_LOGIN_AT_MOST = 12 * 3600


@check
def login_signed_out(context: Context) -> Iterator[Finding]:
    for hop, session in context.values_of("login_session", "login"):
        fix = f"aws login --profile {hop.quoted}"
        path = os.path.join(paths.login_cache(context.environ), f"{cache_keys.login_session(session)}.json")
        try:
            token = paths.read_json(path)
        except paths.MISSING:
            severity, until = until_session_expires(context, hop)
            clause = f": not signed in with aws login{until}"
            yield hop.problem(clause, evidence=(path,), severity=severity, fix=fix)
            continue
        except (OSError, ValueError, RecursionError):
            token = None
        parts = ("accessToken", "refreshToken", "dpopKey", "clientId")
        missing = [name for name in parts if not isinstance(token, dict) or not token.get(name)]
        if missing:
            yield hop.problem(f": the cached sign-in of aws login has no {missing[0]}", evidence=(path,), fix=fix)
            continue
        keys = token["accessToken"]
        expiration = expiry.parse(str(keys.get("expiresAt", ""))) if isinstance(keys, dict) else None
        if expiration is not None and context.now - expiration >= _LOGIN_AT_MOST:
            severity, until = until_session_expires(context, hop)
            ago = short(context.now - expiration)
            clause = f": the sign-in of aws login was last used {ago} ago, and has expired since{until}"
            yield hop.problem(clause, evidence=(path,), severity=severity, fix=fix)


@check
def login_needs_crt(context: Context) -> Iterator[Finding]:
    for hop in context.hops_of("login"):
        if importlib.util.find_spec("awscrt") is None:
            clause = "uses login_session, for which awsenv lacks the package awscrt"
            yield hop.problem(clause, "login_session", fix=how_to_install("botocore[crt]"))
