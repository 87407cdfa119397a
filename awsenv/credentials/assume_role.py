"""One request on its way through botocore: asked once as a rule, and again where another MFA code or duration helps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from awsenv.aws import paths
from awsenv.aws.config_files import Profiles
from awsenv.credentials import Request, _botocore, cache, max_duration, sts_options
from awsenv.credentials.get_session_token import DURATION, LONGEST, long_term_keys
from awsenv.credentials.lock import Locks
from awsenv.credentials.mfa import Codes, serial_of
from awsenv.credentials.plan import Plan
from awsenv.credentials.store import JustObtained, SessionStore
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError

__all__ = ["Found", "Inquiry"]

# What STS says to a session that it does not take, or that does not do where an MFA code would.
_NOT_WITH_THAT_SESSION = ("AccessDenied", "ExpiredToken", "InvalidClientTokenId")


class Found:
    """Credentials as botocore gives them. Its repr holds no secret.

    Attributes:
        access_key, secret_key, token: the credentials; token may be None.
        expiration: epoch seconds, or None.
    """

    __slots__ = ("access_key", "expiration", "secret_key", "token")

    def __init__(self, access_key: str, secret_key: str, token: str | None, expiration: int | None) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.expiration = expiration

    def __repr__(self) -> str:
        return f"Found(…{self.access_key[-4:]}, expiration={self.expiration})"


class _UserSessionWanted(Exception):  # noqa: N818  # not an error
    """Botocore is about to assume a role with long-term keys that are to be exchanged for a session first."""


class Inquiry:
    """One request, a plan for it, and all that is found out on the way."""

    def __init__(
        self,
        request: Request,
        plan: Plan,
        profiles: Profiles,
        store: SessionStore,
        *,
        environ: Mapping[str, str],
        now: int,
    ) -> None:
        """Nothing is sent yet; AwsenvError for options that make no sense together."""
        self._request = request
        self._plan = plan
        self._profiles = profiles
        self._store = store
        self._environ = environ
        self._now = now
        self._roles = plan.roles
        self._codes = Codes(request, plan.hops, environ, now)
        serial = serial_of(plan.hops)
        self._keys = long_term_keys(plan.hops, serial)
        self._user: Found | None = None
        self._require_sts: Callable[[], None] = lambda: None
        self._exchange = request.user_session
        if request.user_session and self._keys is None:
            raise AwsenvError(
                f"--session-token is for long-term keys, and {request.name} does not start from any in a file",
                "leave it out",
                USAGE,
            )
        duration = request.settings.get("duration_seconds", "")
        if self._roles and duration.isdecimal() and int(duration) > 12 * 3600:
            raise AwsenvError(
                f"{request.name} assumes a role, and the session of a role lives 12h at the most",
                "ask for less with --duration",
                USAGE,
            )
        by_mfa = self._roles > 0 and "mfa_serial" in plan.hops[self._roles - 1][1]
        if by_mfa and self._keys is not None and request.cached:
            self._user = self._user_session_at_hand(self._keys.key)

    def answer(self, region: str | None, config: Config) -> Found | None:
        """The credentials, None if the profile has none; whatever botocore raises, and AwsenvError."""
        try:
            return self._answer(region, config)
        except JustObtained as obtained:
            return _found(obtained.entry)

    def _answer(self, region: str | None, config: Config) -> Found | None:
        if not self._roles and self._request.user_session:
            return self._until_taken(lambda: self._obtain_user_session(region, config))
        search = self._search()
        if search is None:
            return self._until_taken(lambda: self._ask(region, config))
        locks = Locks(self._environ, self._request.name, self._store.patience)
        if not search.remembered and self._request.cached:
            locks.take(search.name)
            if search.recall():
                locks.give(search.name)
        try:
            while True:
                self._plan.set_duration(search.seconds)
                # a code works once: for a search that has to ask several times it is exchanged for a session first
                self._exchange = self._request.user_session or not search.remembered
                try:
                    found = self._until_taken(lambda: self._ask(region, config))
                except ClientError as error:
                    if not search.refused(_message(error)):
                        raise
                    continue
                if not search.granted():
                    return found
        finally:
            locks.give_all()

    def _until_taken(self, ask: Callable[[], Found | None]) -> Found | None:
        """The answer to the same question, until the MFA code is right."""
        while True:
            try:
                found = ask()
            except ClientError as error:
                if not self._codes.refused(_message(error)) and not self._without_user_session(error):
                    raise
            else:
                self._codes.accepted()
                return found

    # --- how long ---------------------------------------------------------------------------------------------------

    def _search(self) -> max_duration.Longest | None:
        """For `max`: the search for the duration. Chained roles have an hour, which is also what AWS gives unasked."""
        hops = self._plan.hops
        for (name, settings), (source, _) in pairwise(hops[1:]):
            if settings.get("role_arn") and name in self._plan.max_duration_profiles:
                seconds = max_duration.known(str(settings["role_arn"]), source, self._environ, self._now)
                self._plan.override(name, "duration_seconds", None if seconds is None else str(seconds))
        if hops[0][0] not in self._plan.max_duration_profiles or self._plan.chained or not self._roles:
            return None
        role, source = str(hops[0][1].get("role_arn")), hops[-1][0]
        return max_duration.Longest(role, source, self._environ, self._now)

    # --- by way of a profile ----------------------------------------------------------------------------------------

    def _ask(self, region: str | None, config: Config) -> Found | None:
        self._store.expect([self._beyond(place) for place in range(self._roles)])
        try:
            return self._by_profile(region, config)
        except _UserSessionWanted:
            self._user = self._obtain_user_session(region, config)
        self._store.expect([self._beyond(place) for place in range(self._roles)])
        return self._by_profile(region, config)

    def _by_profile(self, region: str | None, config: Config) -> Found | None:
        sections = self._plan.sections
        if self._user is not None and self._keys is not None:
            credentials = sections.setdefault(self._profiles.credentials.path, {})
            own = credentials.get(self._keys.profile, {})
            credentials[self._keys.profile] = {
                **own,
                "aws_access_key_id": self._user.access_key,
                "aws_secret_access_key": self._user.secret_key,
                "aws_session_token": self._user.token or "",
            }
        with self._one_renewal(), _botocore.files_cut_to(sections):
            session = _botocore.session(self._plan.name, region, self._environ, config)
            _botocore.before_assuming(session, self._amend)
            self._require_sts = lambda: _botocore.require_sts(session, region)
            chain = _botocore.resolver(session, region, self._store, self._code, self._sign_ins())
            found = chain.load_credentials()
            if found is None:
                return None
            frozen = found.get_frozen_credentials()
            return Found(frozen.access_key, frozen.secret_key, frozen.token, _botocore.expiration_of(found))

    def _sign_ins(self) -> tuple[MutableMapping[str, Any], MutableMapping[str, Any]] | None:
        """Where the sign-ins are, for a chain that starts from one."""
        settings = self._plan.hops[-1][1]
        if not any(name in settings for name in ("sso_session", "sso_start_url", "login_session")):
            return None
        from awsenv.sso.tokens import TokenFiles, Tokens

        return Tokens(self._environ).files, TokenFiles(paths.login_cache(self._environ))

    @contextmanager
    def _one_renewal(self) -> Iterator[None]:
        """Hold the lock of a sign-in that botocore may be about to renew: its refresh token works once, for whichever
        profile. Who comes later finds the new one in the file."""
        name, settings = self._plan.hops[-1]
        if "sso_session" not in settings:
            yield
            return
        from awsenv.sso.portal import of_profile
        from awsenv.sso.tokens import Tokens

        portal = of_profile(self._profiles, name)
        if Tokens(self._environ).is_good(portal, self._now + _botocore.SIGN_IN_RENEWED):
            yield
            return
        locks = Locks(self._environ, self._request.name, self._store.patience)
        locks.take(f"sign-in {portal.key}")
        try:
            yield
        finally:
            locks.give_all()

    def _beyond(self, place: int) -> dict[str, Any]:
        name, settings = self._plan.hops[place]
        home = os.path.dirname(self._profiles.config.path)
        return sts_options.extra_parameters(self._called(name), settings, home)

    def _called(self, name: str) -> str:
        return f"profile {name}" if name in self._profiles else f"the role for {self._request.name}"

    @property
    def _with_long_term_keys(self) -> bool:
        """Whether the role that botocore is about to assume is the one that the long-term keys may assume."""
        return self._keys is not None and self._store.place == self._roles - 1

    def _code(self, prompt: str) -> str:
        """In place of botocore's prompter."""
        if self._with_long_term_keys:
            if self._user is not None:
                return "000000"  # is not sent: the session stands for it
            if self._exchange:
                raise _UserSessionWanted
        self._require_sts()  # before a code is asked for: it is good for 30 seconds, and once
        return self._codes(prompt)

    def _amend(self, params: dict[str, Any]) -> None:
        """The parameters of an AssumeRole call, before it is sent."""
        sts_options.amend(params, self._store.beyond, self._environ)
        if self._with_long_term_keys:
            if self._user is None and self._request.user_session:
                raise _UserSessionWanted
            if self._user is not None:
                params.pop("SerialNumber", None)
                params.pop("TokenCode", None)

    # --- the session of the long-term keys --------------------------------------------------------------------------

    def _user_session_at_hand(self, key: str) -> Found | None:
        entry = self._store.kept.session(key)
        if entry is None or entry.expiration - self._now < expiry.NEAR:
            return None
        return _found(entry)

    def _obtain_user_session(self, region: str | None, config: Config) -> Found:
        assert self._keys is not None
        if self._store.await_session(self._keys.key, asked_for=not self._roles):
            entry = self._store.entry(self._keys.key)
            if entry is not None:
                return _found(entry)
        asked = self._plan.last_role.get("duration_seconds") if not self._roles else None
        duration = int(asked) if isinstance(asked, str) and asked.isdecimal() else DURATION
        if self._plan.name in self._plan.max_duration_profiles and not self._roles:
            duration = LONGEST
        with _botocore.files_cut_to(self._plan.sections):
            session = _botocore.session(self._plan.name, region, self._environ, config)
            keys, codes = self._keys, self._codes
            given = _botocore.user_session(session, keys.pair, lambda: keys.arguments(duration, codes))
        self._store.keep(self._keys.key, {"Credentials": given["Credentials"]})
        self._codes.accepted()
        new = given["Credentials"]
        expiration = int(new["Expiration"].timestamp())
        return Found(new["AccessKeyId"], new["SecretAccessKey"], new["SessionToken"], expiration)

    def _without_user_session(self, error: ClientError) -> bool:
        """Whether to try again without a session that nobody asked for: a role may want a younger MFA code."""
        if self._request.user_session or _code_of(error) not in _NOT_WITH_THAT_SESSION:
            return False
        if self._user is None and not (self._exchange and error.operation_name == "GetSessionToken"):
            return False
        self._exchange = False
        self._user = None
        self._keys = None
        return True


def _found(entry: cache.Entry) -> Found:
    return Found(entry.access_key, entry.secret_key, entry.token, entry.expiration)


def _message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))


def _code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
