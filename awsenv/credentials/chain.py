"""From a request to a session by way of botocore: the files cut to the profile's chain, the CLI's cache, a recipe."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv import expiry, places
from awsenv.credentials import Request, Session, cache, recipes
from awsenv.outcome import EXPIRED, USAGE, AwsenvError
from awsenv.profiles import Profiles, Settings
from awsenv.words import nearest

__all__ = ["require", "resolve"]

#: Under this name botocore knows a role that no profile names. A control character: no file has such a profile.
AD_HOC = "\x1fawsenv"

#: botocore's name, the variable that sets it, and the default in seconds.
TIMEOUTS = (("connect_timeout", "AWSENV_CONNECT_TIMEOUT", 5.0), ("read_timeout", "AWSENV_READ_TIMEOUT", 20.0))

#: Where the tools that write static temporary keys into a profile say when those expire. The SDKs ignore all of them.
EXPIRATION_SETTINGS = (
    "x_security_token_expires",
    "aws_credential_expiration",
    "aws_session_expiration",
    "aws_session_token_expiration",
    "aws_expiration",
    "expiration",
)


def resolve(request: Request, environ: Mapping[str, str], now: int) -> Session:
    """Credentials for a request, from the AWS CLI's cache or anew; as `awsenv.credentials.obtain`."""
    stamps = recipes.stamp(environ)
    profiles = Profiles(environ)
    plan = _Plan(request, profiles)
    region = request.region or profiles.text(plan.region_from, "region")
    calling_region = region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    timeouts = {name: _seconds(environ, variable, default) for name, variable, default in TIMEOUTS}

    import gc
    import logging

    gc.disable()  # a short process that allocates much and frees little: 10 ms
    logging.getLogger("botocore").addHandler(logging.NullHandler())  # what it logs about a failure is a traceback

    from botocore.config import Config

    from awsenv.credentials import _botocore, refusals
    from awsenv.credentials.store import SessionStore
    from awsenv.terminal import ask_mfa_code

    store = SessionStore(places.cli_cache(environ), request, now)
    config = Config(**timeouts, retries=_retries(profiles, plan, environ))
    try:
        with (
            _botocore.environment_set_to(_without_credentials(environ, plan.chain, profiles)),
            _botocore.files_cut_to(plan.sections),
        ):
            session = _botocore.session(plan.name, calling_region, environ, config)
            found = _botocore.resolver(session, calling_region, store, ask_mfa_code).load_credentials()
            if found is None:
                raise _no_credentials(plan.name, profiles)
            frozen = found.get_frozen_credentials()
            expiration = _botocore.expiration_of(found)
    except AwsenvError:
        raise
    except Exception as error:  # botocore lets through whatever its parts raise: KeyError, ValueError, OSError, …
        raise refusals.explain(error, request, plan.chain, profiles) from error

    if not frozen.access_key or not frozen.secret_key:
        raise _no_credentials(plan.name, profiles)
    if expiration is None and frozen.token:
        expiration = _written_expiration(plan.name, profiles, now)
    kept = cache.read_session(places.cli_cache(environ), store.key) if store.key and request.cached else None
    if store.key is not None and kept is not None and kept.access_key == frozen.access_key:
        recipes.remember(request, environ, stamps, store.key, profiles.text(plan.region_from, "region"))
    return Session(
        request.name,
        frozen.access_key,
        frozen.secret_key,
        token=frozen.token or None,
        expiration=expiration,
        region=region,
    )


class _Plan:
    """What botocore is given for a request.

    Attributes:
        name: the profile that botocore resolves.
        region_from: the profile whose region counts.
        chain: the profiles that it draws on, first the one that was asked for.
        sections: path of the file -> header -> settings: all that botocore sees of the files.
    """

    def __init__(self, request: Request, profiles: Profiles) -> None:
        settings = dict(request.settings)
        if request.profile is not None:
            require(profiles, request.profile)
        if request.profile is None or ("role_arn" in settings and not profiles.text(request.profile, "role_arn")):
            settings.setdefault("source_profile", request.profile or "default")
            require(profiles, settings["source_profile"])
            self.name, self.region_from, header = (
                AD_HOC,
                request.profile or settings["source_profile"],
                f"profile {AD_HOC}",
            )
            self.chain = profiles.source_chain(settings["source_profile"])
            own: Settings = {}
        else:
            self.name = self.region_from = request.profile
            self.chain = profiles.source_chain(self.name)
            own, header = profiles.settings(self.name), profiles.header(self.name)
            if settings and "role_arn" not in own and "role_arn" not in settings:
                raise AwsenvError(
                    f"profile {self.name} assumes no role, so {_options(settings)} would do nothing",
                    f"leave that out, or name a role: awsenv assume {self.name} --role-arn ARN",
                    USAGE,
                )
            if "source_profile" in settings:
                require(profiles, settings["source_profile"])
                own.pop("credential_source", None)
                self.chain = [self.name, *profiles.source_chain(settings["source_profile"])]
        config = profiles.config_sections(self.chain)
        credentials = profiles.credentials_sections(self.chain)
        if settings:
            config[header] = {**own, **settings}
            if self.name in credentials:  # its settings would win over the ones that were asked for
                credentials[self.name] = {k: v for k, v in credentials[self.name].items() if k not in settings}
        self.sections = {}
        if profiles.config.exists or settings:
            self.sections[profiles.config.path] = config
        if profiles.credentials.exists:
            self.sections[profiles.credentials.path] = credentials


def require(profiles: Profiles, name: str) -> None:
    """AwsenvError with the nearest names if there is no such profile."""
    if name in profiles:
        return
    names = profiles.names()
    near = nearest(name, names)
    files = f"{profiles.config.path} or {profiles.credentials.path}"
    if near:
        raise AwsenvError(f"there is no profile {name!r} in {files}", f"did you mean {' or '.join(near)}?")
    if names:
        raise AwsenvError(f"there is no profile {name!r} in {files}", "see awsenv list")
    raise AwsenvError(f"there is no profile {name!r}: {files} name none", "make one with aws configure")


def _options(settings: Mapping[str, str]) -> str:
    written = {"duration_seconds": "--duration", "role_session_name": "--session-name"}
    return " and ".join(written.get(name, "--" + name.replace("_", "-")) for name in settings)


def _seconds(environ: Mapping[str, str], variable: str, default: float) -> float:
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


def _retries(profiles: Profiles, plan: _Plan, environ: Mapping[str, str]) -> dict[str, object] | None:
    """One attempt, so that a network that is down shows after one timeout; unless the user has set attempts."""
    if environ.get("AWS_MAX_ATTEMPTS") or profiles.text(plan.region_from, "max_attempts"):
        return None
    return {"total_max_attempts": 1, "mode": "standard"}


def _without_credentials(environ: Mapping[str, str], chain: list[str], profiles: Profiles) -> dict[str, str]:
    """The environment without credentials, so that stale keys cannot poison a named profile.

    They stay if a profile of the chain asks for them: `credential_source = Environment`.
    """
    from awsenv.environment import CREDENTIALS, LEFTOVERS, PROFILES, REGIONS

    away = {*PROFILES, *REGIONS}
    if not any(profiles.text(name, "credential_source") == "Environment" for name in chain):
        away.update(CREDENTIALS, LEFTOVERS)
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
    for setting in EXPIRATION_SETTINGS:
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
