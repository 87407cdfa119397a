"""`awsenv assume --live`: AWS_PROFILE of a profile that every SDK renews by itself, so that nothing here expires.

That is the profile itself, or its twin, whose `credential_process` asks awsenv (`awsenv profile NAME --live`).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

from awsenv import environment
from awsenv.aws import sdk_renewal
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import SIGN_IN, TEMPORARY, renewal_of
from awsenv.commands import _obtain, assume
from awsenv.commands.profile import twins_of
from awsenv.credentials import LoginRequired
from awsenv.credentials.plan import require
from awsenv.credentials.request import ROLE_OPTIONS, Request
from awsenv.environment import expiry, settings
from awsenv.report import config_sections
from awsenv.result import EXPIRED, FAILED, USAGE, AwsenvError, printable

__all__ = ["transition"]


def transition(
    asked: Request, base: Mapping[str, str], now: int
) -> tuple[Callable[[Mapping[str, str]], environment.Change], str, bool]:
    """What `assume --live` does to an environment; see `commands.assume.transition`.

    Args:
        asked: what is asked for.
        base: the environment without what an earlier `assume` put there.
        now: epoch seconds.

    Raises:
        AwsenvError: (2) options that only one session can have; (1) no such profile, one that nothing renews, no twin;
            and what a sign-in or an MFA code can end with.
    """
    name = _profile_of(asked)
    profiles = Profiles(base)
    require(profiles, name)
    name = config_sections.served_by(profiles, name) or name
    _be_renewable(asked, name, profiles, base, now)
    twin = _twin(asked, name, profiles, base)
    region = asked.region or profiles.text(name, "region")
    need = sdk_renewal.need_of(profiles, name, base)
    note = f"AWS_PROFILE is {twin or name}; every SDK renews its credentials by itself"
    if need is not None and need.expiration is not None:
        note += f", for {expiry.short(need.expiration - now)}; then type {need.fix}"
    return (lambda before: environment.assume_profile(before, name, region, asked.words, twin)), note, True


def _profile_of(asked: Request) -> str:
    """The profile, if the options are none that a profile would have to have."""
    role = asked.settings.get("chain") or asked.settings.get("role_arn")
    if role is not None or asked.profile is None:
        source = asked.settings.get("source_profile") or asked.profile or "default"
        if "chain" in asked.settings:
            source = "NAME-OF-THE-FIRST" if "role_arn" in asked.settings else source
        new = "NAME" if asked.profile is None else f"{asked.profile}-{str(role).rpartition('/')[2]}"
        made = f"awsenv profile {new} --role-arn {role} --source-profile {shlex.quote(source)} --append"
        raise AwsenvError(
            "--live needs a profile, which SDKs read from the config file, not a role that only this command names",
            f"make one: {made}; then: awsenv assume {new} --live (or --mode keys for a session)",
            USAGE,
        )
    useless = [ROLE_OPTIONS[setting] for setting in asked.settings]
    others = (("--policy", asked.policy), ("--min-ttl", asked.min_ttl), ("--no-cache", not asked.cached))
    useless += [option for option, given in others if given]
    if useless:
        raise AwsenvError(
            f"--live takes the settings of profile {asked.profile} as they are, so {' and '.join(useless)} would do "
            "nothing",
            "put that into the profile, or use --mode keys for a session",
            USAGE,
        )
    return asked.profile


def _be_renewable(asked: Request, name: str, profiles: Profiles, base: Mapping[str, str], now: int) -> None:
    """See to it that the profile gives credentials from now on: with the sign-in or the MFA code that it takes.

    Raises:
        AwsenvError: it cannot.
    """
    if any(profiles.text(hop, "credential_source") == "Environment" for hop, _ in sdk_renewal.hops_of(profiles, name)):
        raise AwsenvError(
            f"profile {name} takes keys from the environment (credential_source), where nothing renews them",
            f"type awsenv assume {shlex.quote(name)} --mode keys",
        )
    renewal = renewal_of(profiles, name, base, now, lifetime=settings.assumed_lifetime(base))
    need = sdk_renewal.need_of(profiles, name, base)
    is_due = need is not None and asked.fresh and need.is_near(now)
    if renewal.provider.kind == "sso" and (renewal.kind == SIGN_IN or is_due):
        error = LoginRequired(renewal.remedy.what, renewal.remedy.instruction, renewal.source, rejected=is_due)
        if not _obtain.offer_login(error, base, now, _obtain.Terminal(), ask=asked.ask):
            raise error
    elif renewal.kind == TEMPORARY or not renewal.yields():
        remedy = renewal.remedy
        raise AwsenvError(remedy.what, remedy.instruction, EXPIRED if renewal.expired else FAILED)
    if sdk_renewal.takes_mfa_code(profiles, name) and (need is None or need.is_near(now)):
        keys = [found.kind for _, found in sdk_renewal.hops_of(profiles, name)][-1] == "keys"
        assume.obtain(asked.replace(user_session=keys), base, now)  # of 12 hours, which the twin then uses


def _twin(asked: Request, name: str, profiles: Profiles, base: Mapping[str, str]) -> str | None:
    """The profile that SDKs need instead; None if they can renew this one.

    Raises:
        AwsenvError: it does not exist, and is not to be made now.
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
    made = f"awsenv profile {shlex.quote(name)} --live --append"
    question = f"{why}. Add profile {sections[0].profile}, by which awsenv renews it, to {profiles.config.path}?"
    if asked.ask and _obtain.confirmed(printable(question)):
        config_sections.append(sections, base)
        return sections[0].profile
    raise AwsenvError(f"{why}, so SDKs need a profile by which awsenv renews it", f"make it: {made}")
