"""The identities that AWS sees for what this shell exports and for a profile, and whether they match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from awsenv import environment
from awsenv.aws import error_codes
from awsenv.aws.config_files import Profiles
from awsenv.credentials import identity
from awsenv.credentials.identity import Answer, Identity, Question
from awsenv.environment import Credentials, lookup, remedy
from awsenv.report import resolution
from awsenv.result import EXPIRED, AwsenvError

__all__ = ["Side", "exported", "identified", "verdict"]

_DOCTOR = "awsenv doctor"


@dataclass(frozen=True)
class Side:
    """One of the two identities.

    Attributes:
        label: `exported`, or the profile.
        identity: as AWS returns it, None if it does not.
        expiration: epoch seconds, None if it does not expire or that is unknown.
        temporary: whether it expires.
        error: why the identity is unknown, or why AWS tools fail all the same.
    """

    label: str
    identity: Identity | None = None
    expiration: int | None = None
    temporary: bool = False
    error: AwsenvError | None = None


def exported(environ: Mapping[str, str], now: int) -> Side | None:
    """Return the identity of what is exported; None if that is neither credentials nor a source of them."""
    side = _by_variables(environ, now)
    if side is None or side.error is not None:
        return side
    try:  # AWS tools look the active profile up, even if they do not need it
        resolution.in_force(Profiles(environ), environ)
    except AwsenvError as error:
        return replace(side, error=error)
    return side


def _by_variables(environ: Mapping[str, str], now: int) -> Side | None:
    known = lookup.exported_credentials(environ, 0)
    found, credentials = known.exported, known.credentials
    if found.mode is None:
        return _by_pointer(environ, now)
    if found.mode != "keys":
        return None
    if found.missing is not None or credentials is None:
        return Side("exported", temporary=found.temporary, error=remedy.incomplete(environ, now))
    side = Side("exported", expiration=credentials.expiration, temporary=found.temporary)
    renew = remedy.of_exported(environ, now).instruction
    return identified(side, credentials, environ, environment.active_profile(environ), renew=renew)


def _by_pointer(environ: Mapping[str, str], now: int) -> Side | None:
    """Return the identity behind variables that name a source of credentials; None if AWS tools use the profile."""
    if not any(environ.get(variable) for variable in environment.SOURCES):
        return None
    try:
        variable = resolution.of(resolution.SHELL, Profiles(environ), environ, now).source.place
        if variable not in environment.SOURCES:
            return None
        session = identity.load_from_environment(variable, environ)
    except AwsenvError as error:
        return Side("exported", error=error)
    side = Side("exported", expiration=session.expiration, temporary=True)
    profile = environment.active_profile(environ) or None
    return identified(side, session, environ, profile, renew=f"type {_DOCTOR}")


def identified(
    side: Side,
    credentials: Credentials,
    environ: Mapping[str, str],
    profile: str | None,
    *,
    renew: str,
    region: str | None = None,
) -> Side:
    """Return the side with the identity that AWS returns for its credentials, or with the error."""
    try:
        known = profile if profile is not None and profile in Profiles(environ) else None
    except AwsenvError:  # the identity does not depend on the files
        known = None
    try:
        answer = Question(credentials, region or identity.region_of(environ, profile), environ, known).ask()
    except AwsenvError as error:
        return replace(side, error=error)
    return replace(side, identity=answer.identity, error=_error(answer, renew))


def _error(answer: Answer, renew: str) -> AwsenvError | None:
    """Return why AWS did not return an identity."""
    if answer.failure is not None:
        return AwsenvError(
            f"no answer from AWS at {answer.endpoint} ({answer.failure.stage}): {answer.failure.why}", f"type {_DOCTOR}"
        )
    if answer.refusal is None:
        return None
    what = f"AWS rejects that with {answer.refusal.code}: {answer.refusal.message.rstrip('.')}"
    if answer.refusal.code in error_codes.EXPIRED:
        return AwsenvError(what, renew, EXPIRED)
    then = "" if _DOCTOR in renew else f"; if that does not help, {_DOCTOR}"
    return AwsenvError(what, f"{renew}{then}")


def verdict(here: Side | None, there: Side | None) -> tuple[bool, str] | None:
    """Return whether both are the same, and why; None if that is unknown, or AWS tools fail."""
    if here is None or here.error or here.identity is None or there is None or there.identity is None:
        return None
    mine, its = here.identity, there.identity
    if mine.principal == its.principal:
        return True, f"what is exported is {there.label}"
    if mine.account != its.account:
        return False, f"what is exported is in account {mine.account}, {there.label} in {its.account}"
    return False, f"what is exported is {mine.principal[1]}, {there.label} is {its.principal[1]}"
