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
from awsenv.credentials.timeouts import process_timeout, request_timeouts, seconds_of
from awsenv.environment import Credentials, Session, settings
from awsenv.result import EXPIRED, FAILED, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awsenv.credentials.store import SessionStore

__all__ = ["process_environment", "resolve"]

# https://docs.aws.amazon.com/signin/latest/userguide/command-line-sign-in.html
_SHORT = "sessions of aws login are valid for 15 minutes at most; with --mode profile the SDKs renew them"


def resolve(request: Request, environ: Mapping[str, str], now: int, dialog: Dialog | None = None) -> Session:
    """Return a session for a request, cached or new; see `awsenv.credentials.obtain`."""
    dialog = dialog or Silent()
    fingerprint = credentials.fingerprint(environ)  # before the files are read
    profiles = Profiles(environ)
    plan = Plan(request, profiles)
    own_region = profiles.text(plan.region_from, "region")
    region = request.region or own_region
    found, store = _obtain(plan, environ, now, region=region or variables.region(environ), dialog=dialog)

    is_complete = found is not None and bool(found.access_key and found.secret_key)
    is_static = not plan.roles and not request.user_session and plan.last_role.keys() >= set(providers.KEYS)
    written = None  # the expiration that the file gives beside static keys
    if is_static or not is_complete:
        renewal = renewal_of(profiles, plan.chain[0], environ, now, lifetime=settings.assumed_lifetime(environ))
        _refuse_or_warn(renewal, dialog, complete=is_complete)
        is_static, validity = renewal.static, renewal.validity
        written = validity.expiration if is_static and validity is not None and validity.is_exact else None
    assert found is not None
    # the fingerprint does not cover the files of policies
    has_policy_file = any(Policy.path_in(settings.get("policy"), "") for _, settings in plan.hops)
    if store.stored is not None and store.stored[1] == found.access_key and not has_policy_file:
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


def _obtain(
    plan: Plan, environ: Mapping[str, str], now: int, *, region: str | None, dialog: Dialog
) -> tuple[Credentials | None, SessionStore]:
    """Return the credentials that the plan yields, and the store that knows whether they are cached.

    Raises:
        AwsenvError: for whatever botocore raises, translated.
    """
    request, profiles = plan.request, plan.profiles
    timeouts, seconds = request_timeouts(environ), process_timeout(environ)
    patience = seconds_of(environ, "AWSENV_LOCK_TIMEOUT", 120.0)
    if profiles.passed_over:
        dialog.notify(profiles.passed_over)

    from awsenv.credentials import _botocore
    from awsenv.credentials.assume_role import AssumeRoleFlow
    from awsenv.credentials.mfa import Codes
    from awsenv.credentials.store import SessionStore

    def run_process(profile: str, command: str) -> Mapping[str, str]:
        from awsenv.credentials import process  # most profiles have none

        return process.run(command, profile, profiles, region=region, now=now, seconds=seconds)

    # One attempt, so that a network that is down shows after one timeout, unless the user has configured attempts.
    has_attempts = environ.get("AWS_MAX_ATTEMPTS") or profiles.text(plan.region_from, "max_attempts")
    config = _botocore.Config(**timeouts, retries=None if has_attempts else _botocore.ONE_ATTEMPT)
    try:
        with (
            closing(SessionStore(environ, request, now, patience, dialog.notify)) as store,
            _botocore.environment_set_to(_without_credentials(environ, plan.chain, profiles)),
        ):
            codes = Codes(plan, environ, now, dialog)
            return AssumeRoleFlow(plan, store, codes, run_process, region=region, config=config).run(), store
    except AwsenvError:
        raise
    except Exception as error:  # botocore lets through whatever its parts raise: KeyError, ValueError, OSError, …
        from awsenv.credentials import errors

        raise errors.translate(error, plan, environ) from error


def process_environment(request: Request, environ: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return a context in which the process has the environment that `resolve` needs for this request.

    A process with threads stays in it, so that no renewal changes the environment under them.
    """
    from awsenv.credentials import _botocore

    profiles = Profiles(environ)
    return _botocore.environment_set_to(_without_credentials(environ, Plan(request, profiles).chain, profiles))


def _without_credentials(environ: Mapping[str, str], chain: list[str], profiles: Profiles) -> dict[str, str]:
    """Return the environment without credentials, so that stale ones cannot override a named profile.

    They stay if a profile of the chain has `credential_source = Environment`.
    """
    removed = {*variables.PROFILES, *variables.REGIONS}
    if not profiles.take_keys_from_environment(chain):
        removed.update(variables.UNSET)
    return {name: value for name, value in environ.items() if name not in removed}


def _refuse_or_warn(renewal: Renewal, dialog: Dialog, *, complete: bool) -> None:
    """Report a problem with keys in a file, or a profile without credentials.

    Raises:
        AwsenvError: (4) the keys have certainly expired; (1) there are none, or one of the pair is missing.
    """
    if not complete and renewal.yields():  # the files promise credentials
        raise AwsenvError(
            f"profile {renewal.profile} gave no credentials ({renewal.place})",
            f"type awsenv doctor {shlex.quote(renewal.profile)}",
        )
    if not complete or renewal.expired or renewal.kind == BROKEN:
        raise AwsenvError(renewal.remedy.what, renewal.remedy.instruction, EXPIRED if renewal.expired else FAILED)
    if renewal.validity is not None and renewal.validity.state == LIKELY_EXPIRED:
        dialog.notify(f"{renewal.remedy.what}; {renewal.remedy.brief}")
