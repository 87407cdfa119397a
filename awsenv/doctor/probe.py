"""The doctor's requests to AWS, all at once and within seconds: is STS reachable, what time does it have, who owns the
exported credentials, and how far does the chain of a profile work? It never prompts, and caches nothing."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from awsenv import environment
from awsenv.aws import cache_keys, providers
from awsenv.aws.config_files import Settings
from awsenv.credentials import backends, identity, lookup, obtain, session_of
from awsenv.credentials.identity import Answer, ConnectionFailure, Question
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import Request
from awsenv.doctor.answers import Answers, EndpointProbe, ProbedHop
from awsenv.environment import Session
from awsenv.environment.lookup import exported_credentials
from awsenv.result import AwsenvError

if TYPE_CHECKING:
    from awsenv.doctor.context import Context

__all__ = ["Probe", "answers"]

# Seconds for all requests, so that the doctor finishes within ten.
_ALL = 7.0

#: Settings whose use may prompt, use up an MFA code or run a program -> why the doctor does not use them.
_PROMPTING = {
    "mfa_serial": "needs an MFA code",
    "mfa_process": "needs an MFA code",
    "credential_process": "runs a credential_process",
}

_NOT_YET = ConnectionFailure("answer", "no answer in time")

# The process environments that cannot be restored, because a thread still hangs in a resolver.
_left: list[ExitStack] = []


def answers(context: Context) -> Answers:
    """Make the requests. The environment of the process changes meanwhile, so context.environ has to be a copy."""
    end = time.monotonic() + _ALL
    plan = _plan(context)
    environ = {**environment.without_assumed(context.environ), **identity.SHORT}
    environ.pop("AWS_MAX_ATTEMPTS", None)
    probe = Probe(context, plan, {**context.environ, **identity.SHORT})
    with ExitStack() as stack:
        stack.enter_context(identity.process_environment(_request(plan.hops[0][0]) if plan else None, environ))
        tasks = [*probe.prepared()]
        if plan is not None:
            base = dict(os.environ)
            tasks.append(lambda: probe.follow(base))
        if not (_run(tasks, end) and _run(probe.then(), end)):
            _left.append(stack.pop_all())
    return probe.answers()


def _run(tasks: Iterable[Callable[[], None]], end: float) -> bool:
    """Run all tasks at once, and return whether all finished in time.

    The rest is abandoned, as a resolver has no timeout.
    """
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
    if errors:  # a bug in awsenv
        raise errors[0]
    return not any(thread.is_alive() for thread in threads)


class Probe:
    """The requests to AWS, and the answers so far. Each thread stores only its own answer."""

    def __init__(self, context: Context, plan: Plan | None, environ: Mapping[str, str]) -> None:
        self._context = context
        self._plan = plan
        self._environ = environ
        self._session = exported_credentials(context.environ, 0).credentials
        self._active_profile = _active_profile(context)
        self._region = identity.region_of(environ, self._active_profile)
        self._reached: list[EndpointProbe] = []
        self._resolved: set[int] = set()
        self._exported: Answer | None = None
        self._on_iam: bool | None = None
        self._hops: list[ProbedHop] = []
        if self._session is not None:  # until there is an answer
            self._exported = _unanswered("")

    def prepared(self) -> Iterable[Callable[[], None]]:
        """Yield the requests that can be made at once, each by its own thread."""
        places: list[tuple[str, str | None]] = []
        if self._session is not None or self._plan is None:
            places.append((self._region, None))
        if self._plan is not None:
            name = self._plan.hops[0][0]
            places.append((self._region_of(name) or self._region, name))
        for region, profile in places:
            try:
                question = Question(None, region, self._environ, profile or self._active_profile)
            except AwsenvError as error:
                failure = ConnectionFailure("endpoint", error.what)
                self._reached.append(EndpointProbe(region, profile, _unanswered("", failure)))
                continue
            if all(question.endpoint != probed.answer.endpoint for probed in self._reached):
                self._reached.append(EndpointProbe(region, profile, _unanswered(question.endpoint)))
                yield partial(self._reach, len(self._reached) - 1, question)
                yield partial(self._resolve, len(self._reached) - 1, question)
        if self._session is not None:
            with suppress(AwsenvError):  # the same request without credentials has failed, too
                question = Question(self._session, self._region, self._environ, self._active_profile)
                yield partial(self._probe_exported, question)

    def _reach(self, place: int, question: Question) -> None:
        self._reached[place] = replace(self._reached[place], answer=question.ask())

    def _resolve(self, place: int, question: Question) -> None:
        """Resolve the host: a resolver may take longer than all timeouts, and only this shows that it is to blame."""
        if question.proxy is None:
            with suppress(OSError):
                socket.getaddrinfo(urlsplit(question.endpoint).hostname, None)
        self._resolved.add(place)

    def _probe_exported(self, question: Question) -> None:
        self._exported = question.ask()

    def then(self) -> Iterable[Callable[[], None]]:
        """Yield the requests that follow: IAM is called for sessions of a user or of GetFederationToken only."""
        who = self._exported.identity if self._exported is not None else None
        if self._session is None or self._session.token is None or who is None or who.role is not None:
            return
        with suppress(AwsenvError):
            question = identity.iam_question(self._session, self._region, self._environ, self._active_profile)
            yield partial(self._probe_iam, question)

    def _probe_iam(self, question: Callable[[], bool]) -> None:
        self._on_iam = question()

    def answers(self) -> Answers:
        """Return the answers so far."""
        reached = list(self._reached)
        for place, probed in enumerate(reached):
            if probed.answer.failure is _NOT_YET and place not in self._resolved:
                failure = ConnectionFailure("DNS", "the name server does not answer in time")
                reached[place] = replace(probed, answer=replace(probed.answer, failure=failure))
        return Answers(tuple(reached), self._exported, self._on_iam, tuple(self._hops))

    # --- hop by hop -------------------------------------------------------------------------------------------------

    def follow(self, environ: Mapping[str, str]) -> None:
        """Follow the chain of the profile from its source, in one thread: `obtain` reads the files for the whole chain.

        Args:
            environ: the environment of the process.
        """
        assert self._plan is not None
        hops = self._plan.hops
        broken = False
        for place in reversed(range(len(hops))):
            hop = self._hop(hops[place:], environ, as_source=place > 0, only_cached=broken)
            broken = hop.answer is None or hop.answer.identity is None
            self._hops.append(hop)

    def _hop(
        self, hops: list[tuple[str, Settings]], environ: Mapping[str, str], *, as_source: bool, only_cached: bool
    ) -> ProbedHop:
        name, settings = hops[0]
        keys = _static_keys(name, settings) if as_source else None
        hop = ProbedHop(name, hops[1][0] if len(hops) > 1 else None)
        cached = None if keys is not None else self._cached(name, settings, environ)
        session = keys or cached
        if session is None:
            if only_cached:
                return hop
            skipped = next((why for setting, why in _PROMPTING.items() if any(setting in of for _, of in hops)), "")
            if skipped:
                return replace(hop, skipped=skipped)
            try:
                session = obtain(_request(name, self._region_of(name)), environ, self._context.now)
            except AwsenvError as error:
                return replace(hop, refusal=identity.classify(error.__cause__)[0], error=error)
        hop = replace(
            hop, key=environment.masked(session.access_key), expiration=session.expiration, cached=cached is not None
        )
        try:
            question = Question(session, self._region_of(name) or self._region, environ, name)
        except AwsenvError:
            return hop
        return replace(hop, answer=question.ask())

    def _cached(self, name: str, settings: Settings, environ: Mapping[str, str]) -> Session | None:
        """Return the valid cached session of a profile, awsenv's or the AWS CLI's."""
        now = self._context.now
        key = cache_keys.role_session(settings)
        try:
            session = lookup(Request(name, name), environ, now)
            if session is not None:
                return session
            entry = backends.open_cache(environ).session(key) if key is not None else None
        except AwsenvError:  # no keyring is available
            return None
        if entry is None or (entry.expiration or 0) <= now:
            return None
        return session_of(name, entry)

    def _region_of(self, name: str) -> str | None:
        """Return the region for a profile's calls: its own, or that of the environment."""
        return self._context.profiles.text(name, "region") or environment.region(self._environ)


def _unanswered(endpoint: str, failure: ConnectionFailure = _NOT_YET) -> Answer:
    return Answer(endpoint, 0.0, 0.0, failure=failure)


def _plan(context: Context) -> Plan | None:
    """Return the plan of the profile in question; None without one, or if its settings rule out a request."""
    if context.profile is None or context.unreadable is not None or context.profile not in context.profiles:
        return None
    try:
        return Plan(_request(context.profile), context.profiles)
    except AwsenvError:
        return None


def _request(name: str, region: str | None = None) -> Request:
    return Request(name, name, {}, region=region, cached=False, ask=False)


def _active_profile(context: Context) -> str | None:
    """Return the profile whose settings an SDK uses beside exported credentials, if it is named and exists."""
    named = environment.active_profile(context.environ)
    return named if named and context.unreadable is None and named in context.profiles else None


def _static_keys(name: str, settings: Settings) -> Session | None:
    """Return the access key of a source profile that also names a role: botocore ignores that role."""
    key, secret = (settings.get(name) for name in providers.KEYS)
    if "role_arn" not in settings or not isinstance(key, str) or not isinstance(secret, str):
        return None
    return Session(name, key, secret, token=providers.session_token(settings)[1], expiration=None, region=None)
