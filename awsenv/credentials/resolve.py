"""From a request to a session: the plan, the session cache and botocore, then a hint for the fast path."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing

from awsenv import credentials
from awsenv import environment as variables
from awsenv.aws import providers
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import BROKEN, Renewal, renewal_of
from awsenv.aws.validity import LIKELY_EXPIRED
from awsenv.credentials.dialog import Dialog, Silent
from awsenv.credentials.plan import Plan
from awsenv.credentials.policy import Policy
from awsenv.credentials.request import Request
from awsenv.environment import Credentials, Session, settings
from awsenv.result import EXPIRED, FAILED, USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awsenv.credentials.store import SessionStore

__all__ = ["TIMEOUTS", "process_environment", "resolve", "seconds_of"]

#: botocore's name, the variable that sets it, and the default in seconds.
TIMEOUTS = (("connect_timeout", "AWSENV_CONNECT_TIMEOUT", 5.0), ("read_timeout", "AWSENV_READ_TIMEOUT", 20.0))

#: How long a credential_process or an mfa_process may take, which may have the user sign in: variable, seconds.
PROCESS_TIMEOUT = ("AWSENV_PROCESS_TIMEOUT", 600.0)

# https://docs.aws.amazon.com/signin/latest/userguide/command-line-sign-in.html
_SHORT = "sessions of aws login are valid for 15 minutes at most; with --mode profile the SDKs renew them"


def resolve(request: Request, environ: Mapping[str, str], now: int, dialog: Dialog | None = None) -> Session:
    """Credentials for a request, cached or new; see `awsenv.credentials.obtain`."""
    dialog = dialog or Silent()
    fingerprint = credentials.fingerprint(environ)  # of the files as they are before they are read
    profiles = Profiles(environ)
    plan = Plan(request, profiles)
    own_region = profiles.text(plan.region_from, "region")
    region = request.region or own_region
    found, store = _ask(
        plan, request, profiles, environ, now, region=region or variables.region(environ), dialog=dialog
    )

    is_complete = found is not None and bool(found.access_key and found.secret_key)
    is_static = not plan.roles and not request.user_session and plan.last_role.keys() >= set(providers.KEYS)
    written = None  # an expiration beside keys in a file
    if is_static or not is_complete:
        renewal = renewal_of(profiles, plan.chain[0], environ, now, lifetime=settings.assumed_lifetime(environ))
        _refuse_or_warn(renewal, dialog, complete=is_complete)
        is_static, validity = renewal.static, renewal.validity
        written = validity.expiration if is_static and validity is not None and validity.is_exact else None
    assert found is not None
    by_file = any(Policy.path_in(settings.get("policy"), "") for _, settings in plan.hops)  # which may change
    if store.stored is not None and store.stored[1] == found.access_key and not by_file:
        credentials.remember(request, environ, fingerprint, store.stored[0], own_region, in_keyring=store.in_keyring)
    return Session(
        request.name,
        found.access_key,
        found.secret_key,
        token=found.token or None,
        expiration=written if found.expiration is None else found.expiration,
        region=region,
        hint=_SHORT if not plan.roles and plan.last_role.get("login_session") else "",
        is_static=is_static,
    )


def _ask(
    plan: Plan,
    request: Request,
    profiles: Profiles,
    environ: Mapping[str, str],
    now: int,
    *,
    region: str | None,
    dialog: Dialog,
) -> tuple[Credentials | None, SessionStore]:
    """The credentials that botocore finds along the plan, and the store that knows whether they are cached.

    Raises:
        AwsenvError: for whatever botocore raises, translated.
    """
    timeouts = {name: seconds_of(environ, variable, default) for name, variable, default in TIMEOUTS}
    patience = seconds_of(environ, "AWSENV_LOCK_TIMEOUT", 120.0)
    process_timeout = seconds_of(environ, *PROCESS_TIMEOUT)
    if profiles.passed_over:
        dialog.notify(profiles.passed_over)

    from awsenv.credentials import _botocore
    from awsenv.credentials.assume_role import AssumeRoleFlow
    from awsenv.credentials.mfa import Codes
    from awsenv.credentials.store import SessionStore

    def run_process(profile: str, command: str) -> Mapping[str, str]:
        from awsenv.credentials import process  # most profiles have none

        return process.run(command, profile, profiles, region=region, now=now, seconds=process_timeout)

    config = _botocore.Config(**timeouts, retries=_retries(profiles, plan, environ))
    try:
        with (
            closing(SessionStore(environ, request, now, patience, dialog.notify)) as store,
            _botocore.environment_set_to(_without_credentials(environ, plan.chain, profiles)),
        ):
            codes = Codes(request, plan.hops, environ, now, dialog)
            return AssumeRoleFlow(plan, profiles, store, codes, run_process).run(region, config), store
    except AwsenvError:
        raise
    except Exception as error:  # botocore lets through whatever its parts raise: KeyError, ValueError, OSError, …
        from awsenv.credentials import errors

        raise errors.translate(error, request, plan.chain, profiles, environ) from error


def process_environment(request: Request, environ: Mapping[str, str]) -> AbstractContextManager[None]:
    """A context in which the process has the environment that `resolve` gives it for this request.

    A process with threads stays in it, so that no renewal changes the environment under them.
    """
    from awsenv.credentials import _botocore

    profiles = Profiles(environ)
    return _botocore.environment_set_to(_without_credentials(environ, Plan(request, profiles).chain, profiles))


def seconds_of(environ: Mapping[str, str], variable: str, default: float) -> float:
    """The value of a variable that is a number of seconds.

    Raises:
        AwsenvError (2): it is not a number.
    """
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


def _retries(profiles: Profiles, plan: Plan, environ: Mapping[str, str]) -> Mapping[str, object] | None:
    """One attempt, so that a network that is down shows after one timeout, unless the user has set attempts."""
    if environ.get("AWS_MAX_ATTEMPTS") or profiles.text(plan.region_from, "max_attempts"):
        return None
    from awsenv.credentials import _botocore

    return _botocore.ONE_ATTEMPT


def _without_credentials(environ: Mapping[str, str], chain: list[str], profiles: Profiles) -> dict[str, str]:
    """The environment without credentials, so that stale keys cannot poison a named profile.

    They stay if a profile of the chain wants them: `credential_source = Environment`.
    """
    away = {*variables.PROFILES, *variables.REGIONS}
    if not any(profiles.text(name, "credential_source") == "Environment" for name in chain):
        away.update(variables.UNSET)
    return {name: value for name, value in environ.items() if name not in away}


def _refuse_or_warn(renewal: Renewal, dialog: Dialog, *, complete: bool) -> None:
    """Say what is wrong with keys that are written in a file, or with a profile that has none.

    Raises:
        AwsenvError: (4) they have certainly expired; (1) there are none, or a part of them is missing.
    """
    if not complete and renewal.yields():  # it should have some, by what the files say
        raise AwsenvError(
            f"profile {renewal.profile} gave no credentials ({renewal.place})",
            f"type awsenv doctor {shlex.quote(renewal.profile)}",
        )
    if not complete or renewal.expired or renewal.kind == BROKEN:
        raise AwsenvError(renewal.remedy.what, renewal.remedy.instruction, EXPIRED if renewal.expired else FAILED)
    if renewal.validity is not None and renewal.validity.state == LIKELY_EXPIRED:
        dialog.notify(f"{renewal.remedy.what}; {renewal.remedy.brief}")
