"""`awsenv assume --live`: export AWS_PROFILE of a profile that every SDK renews by itself, so that nothing expires.

That is the profile itself, or its twin, whose `credential_process` runs awsenv (`awsenv profile NAME --live`).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from awsenv import environment
from awsenv.aws import sdk_renewal
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import LONG_TERM, SIGN_IN, TEMPORARY, renewal_of
from awsenv.aws.twins import profile_of_command
from awsenv.commands import _obtain, assume
from awsenv.commands.profile import twins_of
from awsenv.credentials import LoginRequired
from awsenv.credentials.plan import require
from awsenv.credentials.request import ROLE_OPTIONS, Request
from awsenv.environment import expiry, settings
from awsenv.report import config_sections
from awsenv.result import EXPIRED, FAILED, USAGE, AwsenvError, printable

__all__ = ["transition"]


def transition(request: Request, base: Mapping[str, str], now: int) -> assume.Transition:
    """Find the profile to export, and make sure that SDKs can renew it; see `commands.assume.transition`.

    Args:
        request: the request.
        base: the environment without what an earlier `assume` exported.
        now: epoch seconds.

    Raises:
        AwsenvError: (2) options that only a single session can have; (1) no such profile, one that nothing renews, no
            twin; or the sign-in or the MFA code failed.
    """
    name = _profile_of(request)
    profiles = Profiles(base)
    require(profiles, name)
    name = profile_of_command(profiles, name) or name
    kind = _require_renewable(request, name, profiles, base, now)
    twin = _twin(request, name, profiles, base)
    region = request.region or profiles.text(name, "region")
    need = sdk_renewal.need_of(profiles, name, base)
    why = "its long-term keys do not expire" if kind == LONG_TERM else "every SDK renews its credentials by itself"
    note = f"AWS_PROFILE is {twin or name}; {why}"
    if need is not None and need.expiration is not None:
        note += f", for {expiry.short(need.expiration - now)}; then type {need.fix}"
    return assume.Transition(
        lambda before: environment.assume_profile(before, name, region, request.options, twin), note, True
    )


def _profile_of(request: Request) -> str:
    """Return the profile; AwsenvError (2) for a role or options that would have to be in a profile."""
    given = request.settings
    role = given.get("chain") or given.get("role_arn")
    if role is not None or request.profile is None:
        source = given.get("source_profile") or request.profile or "default"
        if "chain" in given and "role_arn" in given:
            source = "NAME-OF-THE-FIRST"
        new = "NAME" if request.profile is None else f"{request.profile}-{str(role).rpartition('/')[2]}"
        made = f"awsenv profile {new} --role-arn {role} --source-profile {shlex.quote(source)} --append"
        raise AwsenvError(
            "--live needs a profile, which SDKs read from the config file, not a role that only this command names",
            f"make one: {made}; then: awsenv assume {new} --live (or --mode keys for a session)",
            USAGE,
        )
    useless = [ROLE_OPTIONS[setting] for setting in given]
    others = (("--policy", request.policy), ("--min-ttl", request.min_ttl), ("--no-cache", not request.cached))
    useless += [option for option, is_given in others if is_given]
    if useless:
        raise AwsenvError(
            f"--live takes the settings of profile {request.profile} as they are, so {' and '.join(useless)} would do "
            "nothing",
            "put that into the profile, or use --mode keys for a session",
            USAGE,
        )
    return request.profile


def _require_renewable(request: Request, name: str, profiles: Profiles, base: Mapping[str, str], now: int) -> str:
    """Make sure that the profile yields credentials from now on; get the sign-in or the MFA code that it needs.

    Returns:
        The kind of its `Renewal`.

    Raises:
        AwsenvError: it cannot.
    """
    hops = list(sdk_renewal.hops_of(profiles, name))
    if profiles.take_keys_from_environment(hop for hop, _ in hops):
        raise AwsenvError(
            f"profile {name} takes keys from the environment (credential_source), where nothing renews them",
            f"type awsenv assume {shlex.quote(name)} --mode keys",
        )
    renewal = renewal_of(profiles, name, base, now, lifetime=settings.assumed_lifetime(base))
    need = sdk_renewal.need_of(profiles, name, base)
    is_due = need is not None and request.fresh and need.is_near(now)
    if renewal.provider.kind == "sso" and (renewal.kind == SIGN_IN or is_due):
        error = LoginRequired(renewal.remedy.what, renewal.remedy.instruction, renewal.source, rejected=is_due)
        if not _obtain.offer_login(error, base, now, _obtain.Terminal(), ask=request.ask):
            raise error
    elif renewal.kind == TEMPORARY or not renewal.yields():
        remedy = renewal.remedy
        raise AwsenvError(remedy.what, remedy.instruction, EXPIRED if renewal.expired else FAILED)
    if sdk_renewal.takes_mfa_code(profiles, name) and (need is None or need.is_near(now)):
        long_term = hops[-1][1].kind == "keys"
        assume.obtain(request.replace(user_session=long_term), base, now)  # the twin then uses this session of 12 hours
    return renewal.kind


def _twin(request: Request, name: str, profiles: Profiles, base: Mapping[str, str]) -> str | None:
    """Return the twin that SDKs need instead, made now if the user agrees; None if they can renew the profile itself.

    Raises:
        AwsenvError: it does not exist, and the user does not agree.
    """
    why = sdk_renewal.only_awsenv(profiles, name)
    if not why and config_sections.plain_name(name) != name:
        why = f"{name} has characters that the SDK for JavaScript does not read"
    if not why:
        return None
    twin = config_sections.twin_of(profiles, name)
    if twin is not None:
        return twin
    sections = twins_of([name], profiles)
    question = f"{why}. Add profile {sections[0].profile}, through which awsenv renews it, to {profiles.config.path}?"
    if request.ask and _obtain.confirmed(printable(question)):
        config_sections.append(sections, base)
        return sections[0].profile
    fix = f"make it: awsenv profile {shlex.quote(name)} --live --append"
    raise AwsenvError(f"{why}, so SDKs need a profile through which awsenv renews it", fix)
