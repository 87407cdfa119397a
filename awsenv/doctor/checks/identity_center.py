"""Checks of profiles that sign in to IAM Identity Center."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress

from awsenv.aws.expiry import short
from awsenv.aws.renewal import SIGN_IN_RENEWAL
from awsenv.credentials import backends
from awsenv.doctor.chain import Hop
from awsenv.doctor.check import WARNING, Finding, check, correction, problem
from awsenv.doctor.checks.config_headers import meant
from awsenv.doctor.checks.config_values import is_reported, values
from awsenv.doctor.context import Context
from awsenv.environment import expiry
from awsenv.report import profiles as profile_list
from awsenv.result import AwsenvError
from awsenv.sso import portal
from awsenv.sso.tokens import Tokens

__all__ = ["until_session_expires"]

#: An address copied from the browser: of the console, or of a sign-in without IAM Identity Center.
_CONSOLE = re.compile(r"(?:[^/]*\.)?(?:console|signin)\.(?:aws\.amazon|amazonaws(?:-us-gov)?)\.com")


@check
def sso_settings_missing(context: Context) -> Iterator[Finding]:
    for hop in context.hops_of("sso", "none"):
        if hop.kind == "none" and not {"sso_session", "sso_start_url"} & hop.settings.keys():
            continue
        if hop.misspelled is not None:  # see setting-misspelled, or profile-without-credentials
            continue
        missing = [name for name in ("sso_account_id", "sso_role_name") if not hop.settings.get(name)]
        fix = f"aws configure sso --profile {hop.quoted}"
        if missing:
            yield hop.problem(f"has no {' and no '.join(missing)}", fix=fix)
        session = hop.settings.get("sso_session", "")
        if meant(context, "sso-session", session) or is_reported(session):
            continue  # the section is there, and section-header-malformed reports its header
        try:
            portal.of_profile(context.profiles, hop.profile)
        except AwsenvError as error:
            setting = "sso_session" if "sso_session" in hop.settings else None
            own = f"profile {hop.profile} "
            clause = error.what.removeprefix(own) if error.what.startswith(own) else f": {error.what}"
            yield hop.problem(clause, setting, advice=error.fix or fix)


@check
def sso_settings_contradict(context: Context) -> Iterator[Finding]:
    for hop, _ in context.values_of("sso_session", "sso"):
        with suppress(AwsenvError):
            session = portal.of_profile(context.profiles, hop.profile)
            for setting, value in (("sso_start_url", session.start_url), ("sso_region", session.region)):
                own = hop.settings.get(setting, value)
                if own != value:
                    clause = f"has {setting} {own}, and [sso-session {session.session}] has {value}"
                    yield hop.problem(clause, setting)


@check
def sso_settings_form(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        right = ""
        if is_reported(value):
            continue
        if setting == "sso_account_id" and not re.fullmatch(r"\d{12}", value, re.ASCII):
            digits = re.sub(r"\D", "", value)
            right = digits.zfill(12) if len(digits) in (10, 11, 12) else ""
            what = f"has {len(digits)} digits, not 12" if digits == value else "is not twelve digits"
        elif setting == "sso_start_url" and not _is_portal(value):
            right = f"https://{value.rpartition('//')[2]}"
            right = right if _is_portal(right) else ""
            what = "is not the address of an access portal"
        else:
            continue
        yield problem(f"{setting} {value} of {who} {what}", where, remediation=correction(setting, right))


def _is_portal(url: str) -> bool:
    """Whether a URL may be that of an access portal."""
    host = re.match(r"https://([^/]+\.[^/]+)", url)
    return host is not None and not _CONSOLE.match(host[1])


@check
def sso_signed_out(context: Context) -> Iterator[Finding]:
    for hop, at, file, token in _sign_ins(context):
        expiration = expiry.parse(str((token or {}).get("expiresAt", "")))
        if token is None and not os.path.exists(file) and not os.path.isfile(os.path.dirname(file)):
            clause = f": not signed in to {at.name}"
        elif token is None or expiration is None or expiration > context.now:
            continue
        else:
            old_form = "the old form, without sso_session, is never renewed"
            why = _not_renewable(token, context.now) if at.session is not None else old_form
            if not why:
                continue
            clause = f": the sign-in to {at.name} expired {short(context.now - expiration)} ago, and {why}"
        severity, until = until_session_expires(context, hop)
        yield hop.problem(f"{clause}{until}", evidence=(file,), severity=severity, advice=at.login_command)


def until_session_expires(context: Context, hop: Hop) -> tuple[str, str]:
    """Return the severity of a missing sign-in, and what to add about a cached session that is still valid."""
    for name in hop.path[: hop.number]:  # its own session, and those of the roles assumed with it
        with suppress(AwsenvError):
            cache = backends.open_cache(context.environ)
            key = profile_list.session_key(name, context.profiles, context.environ, context.now)
            entry = cache.session(key) if key is not None else None
            expiration = entry.expiration if entry is not None else None
            if expiration is not None and expiration - context.now >= expiry.NEAR:
                who = "awsenv uses" if cache.in_keyring else "the AWS CLI and awsenv use"
                until = expiry.format_utc(expiration - expiry.NEAR)
                return WARNING, f"; {who} the cached session of profile {name}, and need a sign-in from {until} on"
    return "", ""


@check
def sso_token_unreadable(context: Context) -> Iterator[Finding]:
    seen = set()
    files = Tokens(context.environ).files
    if os.path.isfile(files.directory):
        what = f"{files.directory} is not a directory, so no sign-in can be stored"
        yield problem(what, files.directory, remediation="remove or rename that file, then sign in")
    for hop, at, file, token in _sign_ins(context):
        seen.add(file)
        expiration = str((token or {}).get("expiresAt", ""))
        if token is None and os.path.exists(file):
            clause = f": the cached sign-in to {at.name} cannot be read"
        elif token is not None and expiry.parse(expiration) is None:
            zone = " with a time zone" if expiration else ""
            clause = f": the cached sign-in to {at.name} has no expiration{zone}"
        else:
            continue
        yield hop.problem(clause, evidence=(file,), advice=at.login_command)
    for key in files:
        path = files.path(key)
        if path in seen or not os.access(path, os.R_OK) or isinstance(files.get(key), dict):
            continue
        portals = [] if context.unreadable is not None else portal.all_of(context.profiles)
        login = next((at.login_command for at in portals if at.key == key), "")
        remediation = "" if login else f"remove {path}: the next sign-in writes a new one"
        yield problem("a cached sign-in cannot be read", path, severity=WARNING, fix=login, remediation=remediation)


def _sign_ins(context: Context) -> Iterator[tuple[Hop, portal.Portal, str, dict[str, object] | None]]:
    """Yield each hop that signs in, its portal, and the path and content of the file that caches the sign-in."""
    tokens = Tokens(context.environ)
    for hop in context.hops_of("sso"):
        with suppress(AwsenvError):  # reported by sso-settings-missing
            at = portal.of_profile(context.profiles, hop.profile)
            if _is_portal(at.start_url):  # else reported by sso-settings-form
                yield hop, at, tokens.files.path(at.key), tokens.load(at)


def _not_renewable(token: dict[str, object], now: int) -> str:
    """Return why AWS tools cannot renew a sign-in; empty if they can, according to the file."""
    missing = [name for name in SIGN_IN_RENEWAL if not token.get(name)]
    if missing:
        return f"its file has no {missing[0]} to renew it"
    expiration = expiry.parse(str(token["registrationExpiresAt"]))
    if expiration is None or expiration <= now:
        return "the registration of the client, which could renew it, has expired too"
    return ""
