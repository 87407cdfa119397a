"""From a request to a session by way of botocore: the files cut to the profile's chain, the CLI's cache, a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, closing

from awsenv import environment
from awsenv.aws.config_files import Profiles
from awsenv.credentials import Request, fast_path, sts_options
from awsenv.credentials.plan import Plan
from awsenv.environment import Session, expiry
from awsenv.result import EXPIRED, USAGE, AwsenvError

__all__ = ["TIMEOUTS", "process_environment", "resolve", "seconds_of"]

#: botocore's name, the variable that sets it, and the default in seconds.
TIMEOUTS = (("connect_timeout", "AWSENV_CONNECT_TIMEOUT", 5.0), ("read_timeout", "AWSENV_READ_TIMEOUT", 20.0))

# https://docs.aws.amazon.com/signin/latest/userguide/command-line-sign-in.html
_SHORT = "sessions of aws login live 15 minutes at the most; with --mode profile the SDKs renew them by themselves"


def resolve(request: Request, environ: Mapping[str, str], now: int) -> Session:
    """Credentials for a request, from the AWS CLI's cache or anew; as `awsenv.credentials.obtain`."""
    stamps = fast_path.fingerprint(environ)
    profiles = Profiles(environ)
    plan = Plan(request, profiles)
    region = request.region or profiles.text(plan.region_from, "region")
    calling_region = region or environment.region(environ)
    timeouts = {name: seconds_of(environ, variable, default) for name, variable, default in TIMEOUTS}
    patience = seconds_of(environ, "AWSENV_LOCK_TIMEOUT", 120.0)

    import gc
    import logging

    gc.disable()  # a short process that allocates much and frees little: 10 ms
    logging.getLogger("botocore").addHandler(logging.NullHandler())  # what it logs about a failure is a traceback

    from botocore.config import Config

    from awsenv.credentials import _botocore, errors
    from awsenv.credentials.assume_role import Inquiry
    from awsenv.credentials.store import SessionStore

    config = Config(**timeouts, retries=_retries(profiles, plan, environ))
    try:
        with (
            closing(SessionStore(environ, request, now, patience)) as store,
            _botocore.environment_set_to(_without_credentials(environ, plan.chain, profiles)),
        ):
            found = Inquiry(request, plan, profiles, store, environ=environ, now=now).answer(calling_region, config)
    except AwsenvError:
        raise
    except Exception as error:  # botocore lets through whatever its parts raise: KeyError, ValueError, OSError, …
        raise errors.explain(error, request, plan.chain, profiles) from error

    if found is None or not found.access_key or not found.secret_key:
        raise _no_credentials(request.name, profiles)
    expiration = found.expiration
    if expiration is None and found.token:
        expiration = _written_expiration(plan.name, profiles, now)
    lasting = not any(sts_options.policy_file(settings.get("policy")) for _, settings in plan.hops)
    if lasting and store.key is not None and store.is_stored(found.access_key):
        own_region = profiles.text(plan.region_from, "region")
        fast_path.remember(request, environ, stamps, store.key, own_region, in_keyring=store.kept.in_keyring)
    return Session(
        request.name,
        found.access_key,
        found.secret_key,
        token=found.token or None,
        expiration=expiration,
        region=region,
        hint=_SHORT if not plan.roles and plan.last_role.get("login_session") else "",
    )


def process_environment(request: Request, environ: Mapping[str, str]) -> AbstractContextManager[None]:
    """A context in which the process has the environment that `resolve` gives it for this request.

    A process with threads stays in it, so that no renewal has to change the environment under them.
    """
    from awsenv.credentials import _botocore

    profiles = Profiles(environ)
    return _botocore.environment_set_to(_without_credentials(environ, Plan(request, profiles).chain, profiles))


def seconds_of(environ: Mapping[str, str], variable: str, default: float) -> float:
    """A setting that is a number of seconds; AwsenvError (2) if it is none."""
    value = environ.get(variable)
    if not value:
        return default
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise AwsenvError(
            f"{variable} is {value!r}, not a number of seconds", f"unset it: {default:g} is the default", USAGE
        )
    return seconds


def _retries(profiles: Profiles, plan: Plan, environ: Mapping[str, str]) -> dict[str, object] | None:
    """One attempt, so that a network that is down shows after one timeout; unless the user has set attempts."""
    if environ.get("AWS_MAX_ATTEMPTS") or profiles.text(plan.region_from, "max_attempts"):
        return None
    return {"total_max_attempts": 1, "mode": "standard"}


def _without_credentials(environ: Mapping[str, str], chain: list[str], profiles: Profiles) -> dict[str, str]:
    """The environment without credentials, so that stale keys cannot poison a named profile.

    They stay if a profile of the chain asks for them: `credential_source = Environment`.
    """
    from awsenv.environment import CREDENTIALS, PROFILES, REGIONS, STALE_VARIABLES

    away = {*PROFILES, *REGIONS}
    if not any(profiles.text(name, "credential_source") == "Environment" for name in chain):
        away.update(CREDENTIALS, STALE_VARIABLES)
    return {name: value for name, value in environ.items() if name not in away}


def _no_credentials(name: str, profiles: Profiles) -> AwsenvError:
    settings = profiles.settings(name) if name in profiles else {}
    for have, lack in (("aws_access_key_id", "aws_secret_access_key"), ("aws_secret_access_key", "aws_access_key_id")):
        if settings.get(have) and not settings.get(lack):
            return AwsenvError(f"profile {name} has {have} but no {lack}", f"add it: aws configure --profile {name}")
    return AwsenvError(
        f"profile {name} has no credentials: no keys, no role_arn, no SSO, no credential_process",
        f"give it some: aws configure --profile {name}",
    )


def _written_expiration(name: str, profiles: Profiles, now: int) -> int | None:
    """When static temporary keys expire, if the profile says so with its zone; AwsenvError (4) if they have."""
    for setting in expiry.SETTINGS:
        expiration = expiry.parse(profiles.text(name, setting) or "")
        if expiration is None:
            continue
        if expiration <= now:
            raise AwsenvError(
                f"the temporary keys in profile {name} expired {expiry.short(now - expiration)} ago ({setting})",
                "put new ones there, or let a profile with role_arn and source_profile renew them by itself",
                EXPIRED,
            )
        return expiration
    return None
