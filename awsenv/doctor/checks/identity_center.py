"""Checks of profiles that sign in to IAM Identity Center."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from awsenv.credentials import backends
from awsenv.doctor.chain import Hop
from awsenv.doctor.check import ERROR, WARNING, Finding, check, problem
from awsenv.doctor.checks.config_headers import meant
from awsenv.doctor.checks.config_values import is_reported, values
from awsenv.doctor.context import Context
from awsenv.doctor.text import duration
from awsenv.environment import expiry
from awsenv.report import profiles as profile_list
from awsenv.result import AwsenvError
from awsenv.sso import portal
from awsenv.sso.tokens import Tokens

__all__ = ["until_session_expires"]


@check(
    "sso-settings-missing",
    ERROR,
    cause=(
        "To get credentials from IAM Identity Center a profile needs sso_account_id and sso_role_name, and "
        "sso_start_url and sso_region: in an [sso-session] that it names as sso_session, or, in the old form, in "
        "itself."
    ),
    fix="aws configure sso",
    causes=("config-invalid",),
)
def sso_settings_missing(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.kind != "sso" and not (hop.kind == "none" and _names_sso(hop)):
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
            said = error.what.removeprefix(own) if error.what.startswith(own) else f": {error.what}"
            yield hop.problem(said, setting, advice=error.fix or fix)


def _names_sso(hop: Hop) -> bool:
    return "sso_session" in hop.settings or "sso_start_url" in hop.settings


@check(
    "sso-settings-contradict",
    ERROR,
    cause=(
        "A setting that is in both a profile and its [sso-session] has to have the same value, else AWS tools "
        "reject both."
    ),
    remediation="remove the line from the profile",
    causes=("config-invalid",),
)
def sso_settings_contradict(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.kind != "sso" or "sso_session" not in hop.settings:
            continue
        with suppress(AwsenvError):
            session = portal.of_profile(context.profiles, hop.profile)
            for setting, value in (("sso_start_url", session.start_url), ("sso_region", session.region)):
                own = hop.settings.get(setting, value)
                if own != value:
                    said = f"has {setting} {own}, and [sso-session {session.session}] has {value}"
                    yield hop.problem(said, setting)


@check(
    "sso-settings-form",
    ERROR,
    cause=(
        "sso_account_id has twelve digits, a 0 at its beginning included, and sso_start_url is the address of the "
        "access portal: it begins with https://. IAM Identity Center rejects any other."
    ),
    remediation="correct that line",
    causes=("config-invalid", "sso-signed-out", "parameter"),
)
def sso_settings_form(context: Context) -> Iterator[Finding]:
    for who, setting, value, where in values(context):
        right = ""
        if is_reported(value):
            continue
        if setting == "sso_account_id" and not re.fullmatch(r"\d{12}", value, re.ASCII):
            digits = re.sub(r"\D", "", value)
            right = digits.zfill(12) if len(digits) in (10, 11, 12) else ""
            what = f"has {len(digits)} digits, not 12" if digits == value else "is not twelve digits"
        elif setting == "sso_start_url" and not re.match(r"https://[^/]+\.[^/]", value):
            right = f"https://{value.rpartition('//')[2]}" if "." in value else ""
            what = "is not the address of an access portal"
        else:
            continue
        remediation = f"write {setting} = {right} in that line" if right else ""
        yield problem(f"{setting} {value} of {who} {what}", where, remediation=remediation)


@check(
    "sso-signed-out",
    ERROR,
    cause=(
        "The sign-in to IAM Identity Center has expired, or there was none. AWS tools renew that of an "
        "[sso-session] as long as its refresh token and the registration of the client are valid; the old form, "
        "without one, is never renewed."
    ),
    fix="awsenv login PROFILE",
    causes=("sso-signed-out",),
)
def sso_signed_out(context: Context) -> Iterator[Finding]:
    for hop, where, token in _sign_ins(context):
        if token is None:
            if not os.path.exists(where.file) and not os.path.isfile(os.path.dirname(where.file)):
                severity, until = until_session_expires(context, hop)
                said = f"not signed in to {where.name}{until}"
                yield problem(f"{hop.who}: {said}", where.file, severity=severity, advice=where.command)
            continue
        end = expiry.parse(str(token.get("expiresAt", "")))
        if end is None or end > context.now:
            continue
        old_form = "the old form, without sso_session, is never renewed"
        why = _not_renewable(token, context.now) if where.renewable else old_form
        if why:
            said = f"the sign-in to {where.name} expired {duration(context.now - end)} ago, and {why}"
            severity, until = until_session_expires(context, hop)
            yield problem(f"{hop.who}: {said}{until}", where.file, severity=severity, advice=where.command)


def until_session_expires(context: Context, hop: Hop) -> tuple[str, str]:
    """The severity of an expired sign-in, and what to add about a cached session that is still valid without it."""
    for name in hop.path[: hop.number]:  # its own session, and those of the roles assumed with it
        with suppress(AwsenvError):
            cache = backends.open_cache(context.environ)
            key = profile_list.session_key(name, context.profiles, context.environ, context.now)
            entry = cache.session(key) if key is not None else None
            expiration = entry.expiration if entry is not None else None
            if expiration is not None and expiration - context.now >= expiry.NEAR:
                who = "awsenv uses" if cache.in_keyring else "the AWS CLI and awsenv use"
                end = expiry.format_utc(expiration - expiry.NEAR)
                return WARNING, f"; {who} the cached session of profile {name}, and need a sign-in from {end} on"
    return "", ""


@check(
    "sso-token-unreadable",
    ERROR,
    cause=(
        "The file that caches the sign-in to IAM Identity Center is empty, cut off or not JSON. AWS tools then fail "
        "with nothing but its name, 40 hexadecimal digits in quotes. Signing in rewrites it."
    ),
    fix="awsenv login PROFILE",
    causes=("cache-corrupt", "sso-token-corrupt", "sso-signed-out"),
)
def sso_token_unreadable(context: Context) -> Iterator[Finding]:
    seen = set()
    directory = Tokens(context.environ).files.directory
    if os.path.isfile(directory):
        what = f"{directory} is not a directory, so no sign-in can be stored"
        yield problem(what, directory, fix="", remediation="remove or rename that file, then sign in")
    for hop, where, token in _sign_ins(context):
        seen.add(where.file)
        end = str((token or {}).get("expiresAt", ""))
        if token is None and os.path.exists(where.file):
            what = f": the cached sign-in to {where.name} cannot be read"
        elif token is not None and expiry.parse(end) is None:
            what = f": the cached sign-in to {where.name} has no expiration" + (" with a time zone" if end else "")
        else:
            continue
        yield hop.problem(what, evidence=(where.file,), advice=where.command)
    files = Tokens(context.environ).files
    for key in files:
        path = files.path(key)
        if path in seen or not os.access(path, os.R_OK) or isinstance(files.get(key), dict):
            continue
        portals = [] if context.unreadable is not None else portal.all_of(context.profiles)
        login = next((one.login_command for one in portals if one.key == key), "")
        remediation = "" if login else f"remove {path}: the next sign-in writes a new one"
        yield problem("a cached sign-in cannot be read", path, severity=WARNING, fix=login, remediation=remediation)


@dataclass(frozen=True)
class _SignIn:
    """Where a sign-in is cached.

    Attributes:
        name: of the portal.
        file: the file of its token.
        command: what to type to sign in.
        renewable: whether AWS tools renew it.
    """

    name: str
    file: str
    command: str
    renewable: bool


def _sign_ins(context: Context) -> Iterator[tuple[Hop, _SignIn, dict[str, object] | None]]:
    tokens = Tokens(context.environ)
    for hop in context.hops:
        if hop.kind != "sso":
            continue
        with suppress(AwsenvError):  # reported by sso-settings-missing
            at = portal.of_profile(context.profiles, hop.profile)
            if not at.start_url.startswith("https://"):  # reported by sso-settings-form
                continue
            file = tokens.files.path(at.key)
            yield hop, _SignIn(at.name, file, at.login_command, at.session is not None), tokens.load(at)


def _not_renewable(token: dict[str, object], now: int) -> str:
    """Why AWS tools cannot renew a sign-in; empty if they can, according to the file."""
    needed = ("refreshToken", "clientId", "clientSecret", "registrationExpiresAt")
    missing = [name for name in needed if not token.get(name)]
    if missing:
        return f"its file has no {missing[0]} to renew it"
    end = expiry.parse(str(token["registrationExpiresAt"]))
    if end is None or end <= now:
        return "the registration of the client, which could renew it, has expired too"
    return ""
