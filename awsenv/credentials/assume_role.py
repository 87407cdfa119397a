"""One request through botocore: sent once as a rule, and again where another MFA code or duration helps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import pairwise
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from awsenv.aws import Credentials, cache_keys, providers
from awsenv.aws.expiry import ROLE_AT_MOST, USER_AT_MOST
from awsenv.credentials import _botocore, sts_options
from awsenv.credentials.get_session_token import DURATION, long_term_keys
from awsenv.credentials.max_duration import MaxDurationSearch, remembered_max_duration
from awsenv.credentials.mfa import Codes
from awsenv.credentials.plan import Plan
from awsenv.credentials.store import SessionStore
from awsenv.result import USAGE, AwsenvError

__all__ = ["AssumeRoleFlow"]

# Error codes of STS for a session that it does not accept, or that is not enough where an MFA code would be.
_SESSION_REJECTED = ("AccessDenied", "ExpiredToken", "InvalidClientTokenId")


class AssumeRoleFlow:
    """The execution of one plan; STS is called in `region`, and every client gets `config`."""

    def __init__(
        self,
        plan: Plan,
        store: SessionStore,
        codes: Codes,
        run_process: _botocore.RunProcess,
        *,
        region: str | None,
        config: Config,
    ) -> None:
        """Check the options; nothing is sent yet.

        Raises:
            AwsenvError (2): options that exclude each other.
        """
        self._plan = plan
        self._request = plan.request
        self._store = store
        self._codes = codes
        self._run_process = run_process
        self._region = region
        self._config = config
        self._roles = plan.roles
        self._keys = long_term_keys(plan.hops, plan.mfa_serial)
        self._user_session: Credentials | None = None
        self._exchanges_keys = self._request.user_session
        self._search: MaxDurationSearch | None = None
        if self._request.user_session and self._keys is None:
            raise AwsenvError(
                f"--session-token is for long-term keys, and {self._request.name} does not start from any in a file",
                "leave it out",
                USAGE,
            )
        duration = self._request.settings.get("duration_seconds", "")
        if self._roles and duration.isdecimal() and int(duration) > ROLE_AT_MOST:
            raise AwsenvError(
                f"{self._request.name} assumes a role, whose session is valid for 12h at most",
                "ask for less with --duration",
                USAGE,
            )
        if self._keys is not None and self._first_role_requires_mfa and self._request.cached:
            self._user_session = store.cached_user_session(self._keys.key)

    @property
    def _first_role_requires_mfa(self) -> bool:
        """Whether the profile of the first role names an MFA device."""
        return self._roles > 0 and "mfa_serial" in self._plan.hops[self._roles - 1][1]

    def run(self) -> Credentials | None:
        """Obtain the credentials; None if the profile has none.

        Raises:
            AwsenvError: no MFA code, a lock that is held too long, an expired session.
            Exception: whatever botocore raises.
        """
        if not self._roles and self._request.user_session:
            return self._until_accepted(self._obtain_user_session)
        search = self._search = self._max_duration_search()
        if search is None:
            return self._until_accepted(self._resolve)
        with self._lock_of(search):
            while True:
                try:
                    found = self._until_accepted(self._resolve)
                    search.granted()
                    return found
                except ClientError as error:
                    if not search.rejected(_error(error, "Message")):
                        raise

    def _until_accepted(self, obtain: Callable[[], Credentials | None]) -> Credentials | None:
        """Repeat a request until its MFA code is accepted."""
        while True:
            try:
                found = obtain()
                self._codes.accepted()
                return found
            except ClientError as error:
                if not self._codes.rejected(_error(error, "Message")) and not self._drop_user_session(error):
                    raise

    # --- --duration max ---------------------------------------------------------------------------------------------

    def _max_duration_search(self) -> MaxDurationSearch | None:
        """Return the search for the last role's `max`; None if it has none, or a limit of one hour as a chained role.

        Roles before the last get the duration of an earlier search, else the default of AWS.
        """
        plan, store = self._plan, self._store
        for (name, settings), (source, _) in pairwise(plan.hops[1:]):
            if settings.get("role_arn") and name in plan.max_duration_profiles:
                seconds = remembered_max_duration(str(settings["role_arn"]), source, store.environ, store.now)
                plan.override(name, "duration_seconds", None if seconds is None else str(seconds))
        if plan.name not in plan.max_duration_profiles or plan.chained or not self._roles:
            return None
        return MaxDurationSearch(str(plan.last_role.get("role_arn")), plan.hops[-1][0], store.environ, store.now)

    @contextmanager
    def _lock_of(self, search: MaxDurationSearch) -> Iterator[None]:
        """Let one process search at a time; the others use its result."""
        locks = self._store.other_locks()
        if not search.remembered and self._request.cached:
            locks.take(search.lock)
            if search.load():
                locks.release(search.lock)
        try:
            yield
        finally:
            locks.release_all()

    def _ask_iam(self, search: MaxDurationSearch) -> None:
        """Begin the search with the role's limit according to IAM, if IAM reveals it."""
        settings = self._plan.hops[-1][1]
        pair = [settings.get(key) for key in providers.KEYS]
        # IAM accepts a session of GetSessionToken only if it was obtained with an MFA code
        source = self._user_session if self._keys is None or self._keys.serial is not None else None
        if source is None and all(isinstance(key, str) and key for key in pair):
            source = Credentials(str(pair[0]), str(pair[1]), providers.session_token(settings)[1])
        if source is None:
            return
        role = str(self._plan.last_role.get("role_arn"))
        with suppress(Exception), self._botocore_session(self._plan.sections) as session:  # only a better first guess
            search.seconds = _botocore.max_session_duration(session, self._region, source, role) or search.seconds

    # --- through botocore -------------------------------------------------------------------------------------------

    def _resolve(self) -> Credentials | None:
        """Return the session of the last role, cached or obtained by botocore."""
        search = self._search
        if search is not None:
            # a search may need several requests, and an MFA code works once: exchange it for a session first
            self._exchanges_keys = self._request.user_session or not search.remembered
            self._plan.set_duration(search.seconds)
        parameters = [self._extra_parameters(place) for place in range(self._roles)]
        self._store.expect(parameters)
        place, found = self._cached(parameters)
        if found is not None and place == 0:
            return found
        if found is None and self._needs_user_session:
            self._user_session = self._obtain_user_session()
        if search is not None and not search.remembered and not search.has_begun:
            search.has_begun = True
            self._ask_iam(search)
            if search.seconds != ROLE_AT_MOST:
                return self._resolve()
        return self._by_botocore()

    def _cached(self, parameters: list[dict[str, Any]]) -> tuple[int, Credentials | None]:
        """Return the place and session of the hop nearest to the last role that is cached; botocore starts there.

        botocore looks up the same sessions in the same order, so the locks of missing sessions are held.
        """
        for place, (_, settings) in enumerate(self._plan.hops):
            key = cache_keys.role_session(settings)
            if key is None or (place >= self._roles and "role_arn" in settings):
                continue
            extra = parameters[place] if place < self._roles else {}
            found = self._store.find(cache_keys.with_parameters(key, extra), requested=place == 0)
            if found is not None:
                return place, found
        return 0, None

    @property
    def _needs_user_session(self) -> bool:
        """Whether the long-term keys are exchanged for a session before they assume the first role."""
        if self._keys is None or self._user_session is not None:
            return False
        return self._request.user_session or (self._exchanges_keys and self._first_role_requires_mfa)

    def _by_botocore(self) -> Credentials | None:
        """Have botocore resolve the last profile, from the session of the long-term keys if there is one."""
        sections = self._plan.sections
        if self._user_session is not None and self._keys is not None:
            credentials = sections.setdefault(self._plan.profiles.credentials.path, {})
            credentials[self._keys.profile] = {
                **credentials.get(self._keys.profile, {}),
                "aws_access_key_id": self._user_session.access_key,
                "aws_secret_access_key": self._user_session.secret_key,
                "aws_session_token": self._user_session.token or "",
            }
        store, start = self._store, self._plan.hops[-1][1]
        renewal: AbstractContextManager[None] = nullcontext()
        sign_ins = None
        if any(name in start for name in ("sso_session", "sso_start_url", "login_session")):
            from awsenv.credentials import token_files  # most profiles need none

            until = store.now + _botocore.SIGN_IN_RENEWED
            renewal = token_files.renewal_lock(start, store.environ, until, store.other_locks())
            sign_ins = token_files.open_sign_ins(store.environ, store.notify)
        with renewal, self._botocore_session(sections) as session:

            def mfa_code(prompt: str) -> str:
                if self._is_covered_by_user_session:
                    return "000000"  # is not sent: the session replaces it
                _botocore.require_sts(session, self._region)  # fail before a code is used up
                return self._codes(prompt)

            _botocore.before_assuming(session, self._amend)
            chain = _botocore.resolver(
                session, self._region, store, mfa_code, sign_ins=sign_ins, run_process=self._run_process
            )
            return _botocore.load_credentials(chain)

    @contextmanager
    def _botocore_session(self, sections: _botocore.Sections) -> Iterator[Any]:
        """Yield a botocore session of the last profile, which finds only these sections in the files."""
        with _botocore.files_cut_to(sections):
            yield _botocore.new_session(self._plan.name, self._region, self._store.environ, self._config)

    def _extra_parameters(self, place: int) -> dict[str, Any]:
        """Return the parameters of AssumeRole that botocore does not take from the profile."""
        name, settings = self._plan.hops[place]
        whose = f"profile {name}" if name in self._plan.profiles else f"the role for {self._request.name}"
        policy = self._request.policy if place == 0 else None
        return sts_options.extra_parameters(whose, settings, os.path.dirname(self._plan.profiles.config.path), policy)

    @property
    def _is_covered_by_user_session(self) -> bool:
        """Whether botocore is about to assume a role with the session of the long-term keys, which needs no code."""
        return self._keys is not None and self._user_session is not None and self._store.place == self._roles - 1

    def _amend(self, params: dict[str, Any]) -> None:
        """Change the parameters of an AssumeRole call before it is sent."""
        sts_options.amend(params, self._store.parameters, self._store.environ)
        if self._is_covered_by_user_session:
            params.pop("SerialNumber", None)
            params.pop("TokenCode", None)

    # --- the session of the long-term keys --------------------------------------------------------------------------

    def _obtain_user_session(self) -> Credentials:
        """Return a session of the long-term keys, cached or from GetSessionToken."""
        keys = self._keys
        assert keys is not None
        found = self._store.find(keys.key, requested=not self._roles)
        if found is not None:
            return found
        duration = DURATION
        if not self._roles:
            asked = str(self._plan.last_role.get("duration_seconds"))
            if self._plan.name in self._plan.max_duration_profiles:
                duration = USER_AT_MOST
            elif asked.isdecimal():
                duration = int(asked)
        with self._botocore_session(self._plan.sections) as session:
            answer = _botocore.get_session_token(session, keys.pair, lambda: keys.arguments(duration, self._codes))
        new = self._store.add(keys.key, {"Credentials": dict(answer["Credentials"])})
        self._codes.accepted()
        return new

    def _drop_user_session(self, error: ClientError) -> bool:
        """Whether to try without a session that was not asked for: a role may require a more recent MFA code."""
        if self._request.user_session or _error(error, "Code") not in _SESSION_REJECTED:
            return False
        failed_exchange = self._exchanges_keys and error.operation_name == "GetSessionToken"
        if self._user_session is None and not failed_exchange:
            return False
        self._exchanges_keys = False
        self._user_session = None
        self._keys = None
        return True


def _error(error: ClientError, part: str) -> str:
    """Return the `Code` or `Message` of an error of STS."""
    return str(error.response.get("Error", {}).get(part, ""))
