"""One request on its way through botocore: asked once as a rule, and again where another MFA code or duration helps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from itertools import pairwise
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from awsenv.aws import Credentials, cache_keys
from awsenv.aws.config_files import Profiles
from awsenv.aws.expiry import ROLE_AT_MOST, USER_AT_MOST
from awsenv.credentials import _botocore, sts_options
from awsenv.credentials.get_session_token import DURATION, LongTermKeys, long_term_keys
from awsenv.credentials.max_duration import MaxDurationSearch, remembered_max_duration
from awsenv.credentials.mfa import Codes, serial_of
from awsenv.credentials.plan import Plan
from awsenv.credentials.store import SessionStore
from awsenv.result import USAGE, AwsenvError

__all__ = ["AssumeRoleFlow"]

# What STS says to a session that it does not accept, or that is not enough where an MFA code would be.
_NOT_WITH_THAT_SESSION = ("AccessDenied", "ExpiredToken", "InvalidClientTokenId")


class AssumeRoleFlow:
    """One plan, and what is obtained on the way through it."""

    def __init__(
        self,
        plan: Plan,
        profiles: Profiles,
        store: SessionStore,
        codes: Codes,
        run_process: _botocore.RunProcess,
    ) -> None:
        """Send nothing yet.

        Raises:
            AwsenvError (2): options that make no sense together.
        """
        self._plan = plan
        self._request = plan.request
        self._profiles = profiles
        self._store = store
        self._codes = codes
        self._run_process = run_process
        self._roles = plan.roles
        self._keys = long_term_keys(plan.hops, serial_of(plan.hops))
        self._user: Credentials | None = None
        self._exchange = self._request.user_session
        self._require_sts: Callable[[], None] = lambda: None
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
        if self._keys is not None and self._first_role_wants_mfa and self._request.cached:
            self._user = store.cached_user_session(self._keys.key)

    @property
    def _first_role_wants_mfa(self) -> bool:
        """Whether the role that the long-term keys assume names an MFA device."""
        return self._roles > 0 and "mfa_serial" in self._plan.hops[self._roles - 1][1]

    def run(self, region: str | None, config: Config) -> Credentials | None:
        """Obtain the credentials.

        Args:
            region: where STS is called.
            config: for every client.

        Returns:
            None if the profile has no credentials. It raises AwsenvError, and whatever botocore raises.
        """
        if not self._roles and self._request.user_session:
            return self._until_accepted(lambda: self._obtain_user_session(region, config))
        search = self._max_duration_search()
        if search is None:
            return self._until_accepted(lambda: self._resolve(region, config))
        with self._searching(search):
            while True:
                try:
                    found = self._until_accepted(lambda: self._resolve(region, config, search))
                    search.granted()
                    return found
                except ClientError as error:
                    if not search.rejected(_said(error)):
                        raise

    def _until_accepted(self, ask: Callable[[], Credentials | None]) -> Credentials | None:
        """The answer to the same question, until the MFA code is right."""
        while True:
            try:
                found = ask()
                self._codes.accepted()
                return found
            except ClientError as error:
                if not self._codes.rejected(_said(error)) and not self._without_user_session(error):
                    raise

    # --- how long ---------------------------------------------------------------------------------------------------

    def _max_duration_search(self) -> MaxDurationSearch | None:
        """The search for `max`. Chained roles get an hour, which is also what AWS gives by default."""
        hops = self._plan.hops
        for (name, settings), (source, _) in pairwise(hops[1:]):
            if settings.get("role_arn") and name in self._plan.max_duration_profiles:
                role = str(settings["role_arn"])
                seconds = remembered_max_duration(role, source, self._store.environ, self._store.now)
                self._plan.override(name, "duration_seconds", None if seconds is None else str(seconds))
        if hops[0][0] not in self._plan.max_duration_profiles or self._plan.chained or not self._roles:
            return None
        return MaxDurationSearch(str(hops[0][1].get("role_arn")), hops[-1][0], self._store.environ, self._store.now)

    @contextmanager
    def _searching(self, search: MaxDurationSearch) -> Iterator[None]:
        """One search at a time: the others use its result."""
        locks = self._store.other_locks()
        if not search.remembered and self._request.cached:
            locks.take(search.lock)
            if search.load():
                locks.give(search.lock)
        try:
            yield
        finally:
            locks.give_all()

    def _ask_iam(self, search: MaxDurationSearch, region: str | None, config: Config) -> None:
        """Begin the search with what IAM says, else with the most that any role allows."""
        settings = self._plan.hops[-1][1]
        pair = settings.get("aws_access_key_id"), settings.get("aws_secret_access_key")
        token = settings.get("aws_security_token") or settings.get("aws_session_token")
        # IAM takes a session of GetSessionToken only if an MFA code was given for it
        source = self._user if self._keys is None or self._keys.serial is not None else None
        if source is None and all(isinstance(key, str) and key for key in pair):
            source = Credentials(str(pair[0]), str(pair[1]), token if isinstance(token, str) and token else None)
        if source is None:
            return
        with _botocore.files_cut_to(self._plan.sections), suppress(Exception):  # it is only a better first guess
            session = _botocore.session(self._plan.name, region, self._store.environ, config)
            role = str(self._plan.last_role.get("role_arn"))
            seconds = _botocore.max_session_duration(session, region, source, role)
            if seconds is not None:
                search.seconds = seconds

    # --- through botocore -------------------------------------------------------------------------------------------

    def _resolve(
        self, region: str | None, config: Config, search: MaxDurationSearch | None = None
    ) -> Credentials | None:
        """The session of the last hop: cached, or by way of botocore."""
        if search is not None:
            # a code works once: for a search that may have to ask several times it is exchanged for a session first
            self._exchange = self._request.user_session or not search.remembered
            self._plan.set_duration(search.seconds)
        parameters = [self._parameters(place) for place in range(self._roles)]
        self._store.expect(parameters)
        place, found = self._cached(parameters)
        if found is not None and place == 0:
            return found
        if found is None and self._wants_user_session:
            self._user = self._obtain_user_session(region, config)
        if search is not None and not search.remembered and not search.has_begun:
            search.has_begun = True
            self._ask_iam(search, region, config)
            if search.seconds != ROLE_AT_MOST:
                return self._resolve(region, config, search)
        return self._by_profile(region, config)

    def _cached(self, parameters: list[dict[str, Any]]) -> tuple[int, Credentials | None]:
        """The session nearest to the last hop that is cached, and its place; those before it are not needed.

        botocore looks for the same sessions in the same order, so the locks of those that are missing are held.
        """
        for place, (_, settings) in enumerate(self._plan.hops):
            key = cache_keys.role_session(settings)
            if key is None or (place >= self._roles and "role_arn" in settings):
                continue
            extra = parameters[place] if place < self._roles else {}
            found = self._store.find(cache_keys.with_parameters(key, extra), asked_for=place == 0)
            if found is not None:
                return place, found
        return 0, None

    @property
    def _wants_user_session(self) -> bool:
        """Whether the long-term keys are exchanged for a session before they assume the first role."""
        if self._keys is None or self._user is not None:
            return False
        return self._request.user_session or (self._exchange and self._first_role_wants_mfa)

    def _by_profile(self, region: str | None, config: Config) -> Credentials | None:
        sections = self._plan.sections
        if self._user is not None and self._keys is not None:
            credentials = sections.setdefault(self._profiles.credentials.path, {})
            credentials[self._keys.profile] = {
                **credentials.get(self._keys.profile, {}),
                "aws_access_key_id": self._user.access_key,
                "aws_secret_access_key": self._user.secret_key,
                "aws_session_token": self._user.token or "",
            }
        store, start = self._store, self._plan.hops[-1][1]
        renewal: AbstractContextManager[None] = nullcontext()
        sign_ins = None
        if any(name in start for name in ("sso_session", "sso_start_url", "login_session")):
            from awsenv.credentials import token_files  # most profiles need none

            until = store.now + _botocore.SIGN_IN_RENEWED
            renewal = token_files.one_renewal(start, store.environ, until, store.other_locks())
            sign_ins = token_files.both(store.environ, store.notify)
        with renewal, _botocore.files_cut_to(sections):
            session = _botocore.session(self._plan.name, region, store.environ, config)
            _botocore.before_assuming(session, self._amend)
            self._require_sts = lambda: _botocore.require_sts(session, region)
            chain = _botocore.resolver(
                session, region, store, self._code, sign_ins=sign_ins, run_process=self._run_process
            )
            return _botocore.load_credentials(chain)

    def _parameters(self, place: int) -> dict[str, Any]:
        """What AssumeRole is asked for a role beyond what botocore takes from the profile."""
        name, settings = self._plan.hops[place]
        whose = f"profile {name}" if name in self._profiles else f"the role for {self._request.name}"
        policy = self._request.policy if place == 0 else None
        home = os.path.dirname(self._profiles.config.path)
        return sts_options.extra_parameters(whose, settings, home, policy)

    @property
    def _with_long_term_keys(self) -> bool:
        """Whether botocore is about to assume the role that the long-term keys may assume."""
        return self._keys is not None and self._store.place == self._roles - 1

    def _code(self, prompt: str) -> str:
        """In place of botocore's prompter."""
        if self._with_long_term_keys and self._user is not None:
            return "000000"  # is not sent: the session replaces it
        self._require_sts()  # before a code is asked for: it is valid for 30 seconds, and once
        return self._codes(prompt)

    def _amend(self, params: dict[str, Any]) -> None:
        """The parameters of an AssumeRole call, before it is sent."""
        sts_options.amend(params, self._store.parameters, self._store.environ)
        if self._with_long_term_keys and self._user is not None:
            params.pop("SerialNumber", None)
            params.pop("TokenCode", None)

    # --- the session of the long-term keys --------------------------------------------------------------------------

    def _obtain_user_session(self, region: str | None, config: Config) -> Credentials:
        keys = self._keys
        assert keys is not None
        found = self._store.find(keys.key, asked_for=not self._roles)
        if found is not None:
            return found
        asked = str(self._plan.last_role.get("duration_seconds")) if not self._roles else ""
        duration = int(asked) if asked.isdecimal() else DURATION
        if self._plan.name in self._plan.max_duration_profiles and not self._roles:
            duration = USER_AT_MOST
        new = self._get_session_token(keys, duration, region, config)
        self._store.keep(keys.key, {"Credentials": new})
        self._codes.accepted()
        expiration = int(new["Expiration"].timestamp())
        return Credentials(new["AccessKeyId"], new["SecretAccessKey"], new["SessionToken"], expiration)

    def _get_session_token(
        self, keys: LongTermKeys, duration: int, region: str | None, config: Config
    ) -> dict[str, Any]:
        with _botocore.files_cut_to(self._plan.sections):
            session = _botocore.session(self._plan.name, region, self._store.environ, config)
            given = _botocore.user_session(session, keys.pair, lambda: keys.arguments(duration, self._codes))
            return dict(given["Credentials"])

    def _without_user_session(self, error: ClientError) -> bool:
        """Whether to try again without a session that was not asked for: a role may want a younger MFA code."""
        if self._request.user_session or _said(error, "Code") not in _NOT_WITH_THAT_SESSION:
            return False
        if self._user is None and not (self._exchange and error.operation_name == "GetSessionToken"):
            return False
        self._exchange = False
        self._user = None
        self._keys = None
        return True


def _said(error: ClientError, part: str = "Message") -> str:
    return str(error.response.get("Error", {}).get(part, ""))
