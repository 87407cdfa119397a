"""How to replace the exported credentials: `awsenv refresh` if that yields new ones, else what does.

(Not on the hot path, as it reads the AWS files.)
"""

from __future__ import annotations

from awsenv import environment
from awsenv.aws.config_files import Profiles
from awsenv.aws.remedy import Remedy
from awsenv.aws.renewal import SIGN_IN, Renewal, renewal_of
from awsenv.environment import PROFILE_HINTS, lookup, messages, settings, state
from awsenv.environment.roles import options_of
from awsenv.result import AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.aws.sdk_renewal import Need

__all__ = ["clause", "incomplete", "need_of_exported", "of_exported"]


def of_exported(
    environ: Mapping[str, str],
    now: int,
    *,
    complete: bool = True,
    known: lookup.KeyInfo | None = None,
    profiles: Profiles | None = None,
) -> Remedy:
    """Return the remedy for exported credentials that have expired or were rejected.

    Args:
        environ: the environment with the credentials.
        now: epoch seconds.
        complete: whether they are complete, so that obtaining the same ones again does not help.
        known: what the files say about them; None to look it up.
        profiles: the AWS files, if they have already been read.
    """
    key = environ.get("AWS_ACCESS_KEY_ID", "") if complete else ""
    exported = state.exported(environ)
    default = Remedy("", messages.REFRESH if exported.profile else messages.ASSUME)
    names = []
    if exported.profile is None:
        known = lookup.look_up(environ, 0) if known is None else known
        hints = (environ.get(variable) for variable in ("AWSENV_PROFILE", *PROFILE_HINTS))
        names = [name for name in (known.profile, *hints) if name]
        if not names:  # no need to read the files
            return default
    try:
        profiles = profiles or Profiles(environ)
        if exported.profile is not None:
            return _remedy_of_assumed(_renewal_of_assumed(profiles, exported.profile, environ, now), key)
        return _remedy_by_profile(profiles, names, environ, key, now) or default
    except AwsenvError as error:  # the files cannot be read
        return Remedy(error.what, "", f"{error.what}: {error.fix}")


def incomplete(environ: Mapping[str, str], now: int) -> AwsenvError:
    """Return the error for exported keys of which a part is missing."""
    fix = of_exported(environ, now, complete=False).instruction
    return AwsenvError(f"{environment.missing(environ)} is missing from what is exported", fix)


def need_of_exported(environ: Mapping[str, str]) -> Need | None:
    """When the user has to act next in a shell in which SDKs renew by themselves; None if never or unknown."""
    from awsenv.aws.sdk_renewal import need_of

    profile = state.exported(environ).profile
    if profile is None or environment.in_server(environ):
        return None
    try:
        profiles = Profiles(environ)
        return need_of(profiles, profile, environ) if profile in profiles else None
    except AwsenvError:  # AWS tools report it
        return None


def clause(remedy: Remedy) -> str:
    """Return the remedy as the last clause of a warning: `renew with: awsenv refresh`."""
    return messages.RENEW.format(command=remedy.fix) if remedy.fix else remedy.brief


def _remedy_of_assumed(renewal: Renewal, key: str) -> Remedy:
    """Return the remedy for what `assume` has exported."""
    by_sign_in = renewal.kind == SIGN_IN and renewal.provider.kind == "sso"  # which `refresh` offers
    if by_sign_in or renewal.yields(other_than=key):
        return Remedy("", messages.REFRESH)
    remedy = renewal.remedy
    if renewal.kind == SIGN_IN:
        return Remedy(remedy.what, "", f"type {remedy.fix}, then {messages.REFRESH}")
    if renewal.static:
        return remedy
    return Remedy(remedy.what, "", f"{remedy.what}: {remedy.instruction}")


def _renewal_of_assumed(profiles: Profiles, profile: str, environ: Mapping[str, str], now: int) -> Renewal:
    """Return what `awsenv refresh` can yield, given the options of the last `assume`."""
    options = options_of(environ.get("AWSENV_OPTIONS", ""))
    base, lifetime = environment.without_assumed(environ), settings.assumed_lifetime(environ)
    source = options.get("--source-profile") or ("default" if "-" in options else None)
    uses_profile = source is None and (profiles.text(profile, "role_arn") or "--role-arn" not in options)
    return renewal_of(
        profiles,
        profile if source is None else source,
        base,
        now,
        lifetime=lifetime,
        assumes=not uses_profile or not {"--chain", "--session-token"}.isdisjoint(options),
        is_source=not uses_profile,
    )


def _remedy_by_profile(
    profiles: Profiles, names: list[str], environ: Mapping[str, str], key: str, now: int
) -> Remedy | None:
    """Return the remedy for what another tool has exported: from the first of these profiles that has one."""
    base, lifetime = environment.without_assumed(environ), settings.assumed_lifetime(environ)
    for name in names:
        if name not in profiles:
            continue
        renewal = renewal_of(profiles, name, base, now, lifetime=lifetime)
        if renewal.static and renewal.access_key == key:
            return renewal.remedy
        if renewal.yields(other_than=key):
            import shlex

            return Remedy("", f"awsenv assume {shlex.quote(name)}" + (" --refresh" if key else ""))
    return None
