"""What the doctor asks AWS, all at once and not for long: is STS there, what time is it there, who do the exported keys
belong to, and how far does the chain of a profile go. Nobody is asked for anything, and nothing is kept."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from awsenv import environment
from awsenv.aws import cache_keys
from awsenv.aws.config_files import Settings
from awsenv.credentials import backends, identity, lookup, obtain
from awsenv.credentials.identity import Answer, ConnectionFailure, Question, ServiceError
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import Request
from awsenv.environment import Session
from awsenv.environment.lookup import exported_credentials
from awsenv.result import AwsenvError

if TYPE_CHECKING:
    from awsenv.doctor.context import Scene

__all__ = ["NOTHING", "Answers", "Hop", "Reached", "answers"]

# Seconds for all of it, so that the doctor is done within ten; and what each question may take.
_ALL = 7.0
_EACH = {"AWSENV_CONNECT_TIMEOUT": "2.5", "AWSENV_READ_TIMEOUT": "4"}

# What may ask somebody, or use up a code, if credentials are obtained from there.
_ASKING = ("mfa_serial", "mfa_process", "credential_process")


@dataclass(frozen=True)
class Reached:
    """The STS of a region, asked without credentials.

    Attributes:
        region: the region.
        profile: the one that leads there, None for the exported keys.
        answer: what came of it.
    """

    region: str
    profile: str | None
    answer: Answer


@dataclass(frozen=True)
class Hop:
    """A profile of a chain.

    Attributes:
        profile: its name.
        source: the one whose credentials assume its role, None if it assumes none.
        key: the last four characters of the access key id that it came to, empty if it came to none.
        expiration: epoch seconds at which that ends, if it does.
        cached: whether it is a session that was kept.
        answer: what AWS says of those credentials, None if they could not be had.
        refusal: what AWS said when they were to be had.
        error: the same as `awsenv assume` says it.
    """

    profile: str
    source: str | None
    key: str = ""
    expiration: int | None = None
    cached: bool = False
    answer: Answer | None = None
    refusal: ServiceError | None = None
    error: AwsenvError | None = None


@dataclass(frozen=True)
class Answers:
    """What AWS says.

    Attributes:
        reached: the STS of each region that counts here.
        exported: what it says of the exported keys, None if there are none.
        exported_on_iam: whether IAM takes them, None if it was not asked.
        hops: the chain of the profile that counts, first where its credentials come from; up to where it breaks.
    """

    reached: tuple[Reached, ...]
    exported: Answer | None
    exported_on_iam: bool | None
    hops: tuple[Hop, ...]

    @property
    def all(self) -> list[Answer]:
        """Every answer to a question of ours."""
        answers = [*(one.answer for one in self.reached), self.exported, *(hop.answer for hop in self.hops)]
        return [answer for answer in answers if answer is not None]


#: Before anything has been asked.
NOTHING = Answers((), None, None, ())

_NOT_YET = ConnectionFailure("answer", "no answer in time")

# The environments of the process that cannot be given back as long as a thread hangs in a resolver.
_left: list[ExitStack] = []


def answers(scene: Scene) -> Answers:
    """Ask. The environment of the process changes meanwhile: scene.environ has to be another one."""
    end = time.monotonic() + _ALL
    plan = _plan(scene)
    environ = {**environment.without_assumed(scene.environ), **_EACH}
    environ.pop("AWS_MAX_ATTEMPTS", None)
    asking = _Asking(scene, plan, {**scene.environ, **_EACH})
    with ExitStack() as stack:
        stack.enter_context(identity.process_environment(_request(plan.hops[0][0]) if plan else None, environ))
        tasks = [*asking.prepared()]
        if plan is not None:
            base = dict(os.environ)
            tasks.append(lambda: asking.walk(base))
        done = _done(tasks, end)
        if done:
            done = _done(asking.then(), end)
        if not done:
            _left.append(stack.pop_all())
    return asking.answers()


def _done(tasks: Iterable[Callable[[], None]], end: float) -> bool:
    """Do it all at once; whether all is done in time. (Nobody waits for the rest: a resolver knows no timeout.)"""
    errors: list[Exception] = []

    def do(task: Callable[[], None]) -> None:
        try:
            task()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=do, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    if errors:  # a fault of awsenv
        raise errors[0]
    return not any(thread.is_alive() for thread in threads)


class _Asking:
    """What is being asked, and the answers so far. Threads only put theirs down."""

    def __init__(self, scene: Scene, plan: Plan | None, environ: Mapping[str, str]) -> None:
        self._scene = scene
        self._plan = plan
        self._environ = environ
        self._session = exported_credentials(scene.environ, 0).credentials
        self._settings_of = _profile_in_force(scene)
        self._region = identity.region_of(environ, self._settings_of)
        self._reached: list[Reached] = []
        self._resolved: set[int] = set()
        self._exported: Answer | None = None
        self._on_iam: bool | None = None
        self._hops: list[Hop] = []
        if self._session is not None:  # until there is another
            self._exported = _unanswered("")

    def prepared(self) -> Iterable[Callable[[], None]]:
        """The questions that can be asked at once, by as many threads."""
        asked: dict[str, Reached] = {}
        places: list[tuple[str, str | None]] = []
        if self._session is not None or self._plan is None:
            places.append((self._region, None))
        if self._plan is not None:
            name = self._plan.hops[0][0]
            places.append((self._region_of(name) or self._region, name))
        for region, profile in places:
            try:
                question = Question(None, region, self._environ, profile or self._settings_of)
            except AwsenvError as error:
                self._reached.append(
                    Reached(region, profile, _unanswered("", ConnectionFailure("endpoint", error.what)))
                )
                continue
            if question.endpoint not in asked:
                asked[question.endpoint] = Reached(region, profile, _unanswered(question.endpoint))
                self._reached.append(asked[question.endpoint])
                yield self._reaching(len(self._reached) - 1, question)
                yield self._resolving(len(self._reached) - 1, question)
        if self._session is not None:
            try:
                question = Question(self._session, self._region, self._environ, self._settings_of)
            except AwsenvError:
                return  # the same question without keys has failed, too
            yield lambda: self._ask_exported(question)

    def _reaching(self, place: int, question: Question) -> Callable[[], None]:
        def reach() -> None:
            self._reached[place] = replace(self._reached[place], answer=question.ask())

        return reach

    def _resolving(self, place: int, question: Question) -> Callable[[], None]:
        """A resolver may take longer than all timeouts: that it is what takes so long shows only by asking it, too."""

        def resolve() -> None:
            if question.proxy is None:
                with suppress(OSError):
                    socket.getaddrinfo(urlsplit(question.endpoint).hostname, None)
            self._resolved.add(place)

        return resolve

    def _ask_exported(self, question: Question) -> None:
        self._exported = question.ask()

    def then(self) -> Iterable[Callable[[], None]]:
        """What follows from the answers: only the session of a user, or of GetFederationToken, is shown to IAM."""
        who = self._exported.identity if self._exported is not None else None
        if self._session is None or self._session.token is None or who is None or who.role is not None:
            return
        try:
            question = identity.iam_question(self._session, self._region, self._environ, self._settings_of)
        except AwsenvError:
            return

        def ask() -> None:
            self._on_iam = question()

        yield ask

    def answers(self) -> Answers:
        """What is known by now."""
        reached = list(self._reached)
        for place, one in enumerate(reached):
            if one.answer.failure is _NOT_YET and place not in self._resolved:
                failure = ConnectionFailure("DNS", "the name server does not answer in time")
                reached[place] = replace(one, answer=replace(one.answer, failure=failure))
        return Answers(tuple(reached), self._exported, self._on_iam, tuple(self._hops))

    # --- hop by hop -------------------------------------------------------------------------------------------------

    def walk(self, environ: Mapping[str, str]) -> None:
        """The chain of the profile, from its source on. All of it is one thread's: `obtain` cuts the files for all.

        Args:
            environ: the environment of the process.
        """
        assert self._plan is not None
        levels = self._plan.hops
        broken = False
        for place in range(len(levels) - 1, -1, -1):
            hop = self._hop(levels[place:], environ, as_source=place > 0, only_cached=broken)
            broken = hop.answer is None or hop.answer.identity is None
            self._hops.append(hop)

    def _hop(
        self, levels: list[tuple[str, Settings]], environ: Mapping[str, str], *, as_source: bool, only_cached: bool
    ) -> Hop:
        name, settings = levels[0]
        keys = _static_keys(name, settings) if as_source else None
        hop = Hop(name, levels[1][0] if len(levels) > 1 else None)
        cached = None
        if keys is None:
            cached = self._cached(name, settings, environ)
        session = keys or cached
        if session is None:
            if only_cached or any(setting in of for _, of in levels for setting in _ASKING):
                return hop
            try:
                session = obtain(_request(name, self._region_of(name)), environ, self._scene.now)
            except AwsenvError as error:
                return replace(hop, refusal=identity.classify(error.__cause__)[0], error=error)
        hop = replace(hop, key=session.access_key[-4:], expiration=session.expiration, cached=cached is not None)
        try:
            question = Question(session, self._region_of(name) or self._region, environ, name)
        except AwsenvError:
            return hop
        return replace(hop, answer=question.ask())

    def _cached(self, name: str, settings: Settings, environ: Mapping[str, str]) -> Session | None:
        """The session of a profile that is kept and has not ended, awsenv's or the AWS CLI's."""
        now = self._scene.now
        key = cache_keys.role_session(settings)
        try:
            session = lookup(Request(name, name), environ, now)
            if session is not None:
                return session
            entry = backends.open_cache(environ).session(key) if key is not None else None
        except AwsenvError:  # there is no keyring
            return None
        if entry is None or (entry.expiration or 0) <= now:
            return None
        return Session(
            name, entry.access_key, entry.secret_key, token=entry.token, expiration=entry.expiration, region=None
        )

    def _region_of(self, name: str) -> str | None:
        """The region for a profile's calls, its own or the person's."""
        own = self._scene.profiles.text(name, "region")
        return own or self._environ.get("AWS_REGION") or self._environ.get("AWS_DEFAULT_REGION") or None


def _unanswered(endpoint: str, failure: ConnectionFailure = _NOT_YET) -> Answer:
    return Answer(endpoint, 0.0, 0.0, failure=failure)


def _plan(scene: Scene) -> Plan | None:
    """What the profile that counts draws on; None if there is none, or it is not set up so that AWS could be asked."""
    if scene.profile is None or scene.unreadable is not None or scene.profile not in scene.profiles:
        return None
    try:
        return Plan(_request(scene.profile), scene.profiles)
    except AwsenvError:
        return None


def _request(name: str, region: str | None = None) -> Request:
    return Request(name, name, {}, region=region, cached=False, ask=False)


def _profile_in_force(scene: Scene) -> str | None:
    """The profile whose settings an SDK goes by beside exported keys, if it is there."""
    named = scene.environ.get("AWS_PROFILE") or scene.environ.get("AWS_DEFAULT_PROFILE")
    known = scene.unreadable is None and named is not None and named in scene.profiles
    return named if known else None


def _static_keys(name: str, settings: Settings) -> Session | None:
    """The keys of a source profile that also names a role: botocore takes the keys."""
    pair = settings.get("aws_access_key_id"), settings.get("aws_secret_access_key")
    if "role_arn" not in settings or not isinstance(pair[0], str) or not isinstance(pair[1], str):
        return None
    token = settings.get("aws_security_token") or settings.get("aws_session_token")
    return Session(
        name, pair[0], pair[1], token=token if isinstance(token, str) else None, expiration=None, region=None
    )
