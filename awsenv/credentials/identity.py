"""The identity that AWS sees for credentials (GetCallerIdentity), or why it rejects them: one short request.

Every response of STS, even a rejection, has its time in the header `Date`; an unsigned request shows whether STS is
reachable at all.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from awsenv import environment
from awsenv.aws import arn, paths
from awsenv.aws.config_files import Profiles
from awsenv.credentials import session_of
from awsenv.credentials.classify import ConnectionFailure, ServiceError, classify, in_words
from awsenv.credentials.request import Request
from awsenv.credentials.timeouts import request_timeouts
from awsenv.environment import Credentials, Session
from awsenv.result import AwsenvError

__all__ = [
    "SHORT",
    "Answer",
    "ConnectionFailure",
    "Identity",
    "Question",
    "ServiceError",
    "classify",
    "iam_question",
    "load_from_environment",
    "process_environment",
    "region_of",
    "with_short_timeouts",
]

#: Timeouts of a request that the user waits for; the environment overrides them.
#: https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html
SHORT = {"AWSENV_CONNECT_TIMEOUT": "2.5", "AWSENV_READ_TIMEOUT": "4"}


@dataclass(frozen=True)
class Identity:
    """An identity, as GetCallerIdentity returns it."""

    arn: str
    account: str
    user_id: str

    @property
    def role(self) -> str | None:
        """The role's name, None if this is not a role. (This ARN omits the role's path.)"""
        found = arn.parse(self.arn)
        return None if found is None else found.role

    @property
    def principal(self) -> tuple[str, str]:
        """The account, and the role or the rest of the ARN: equal for two sessions of one role."""
        return self.account, f"role/{self.role}" if self.role else self.arn.rpartition(":")[2]


@dataclass(frozen=True)
class Answer:
    """The result of a question: exactly one of identity, refusal and failure is set.

    Attributes:
        endpoint: the URL of the request.
        before, after: epoch seconds of request and response by this machine's clock.
        identity: the identity.
        refusal: the error of the service.
        failure: why there is no response of AWS.
        server: epoch seconds by the server's clock, None if unknown.
    """

    endpoint: str
    before: float
    after: float
    identity: Identity | None = None
    refusal: ServiceError | None = None
    failure: ConnectionFailure | None = None
    server: int | None = None


class Question:
    """A GetCallerIdentity request, ready to be sent from any thread: it no longer reads the environment.

    Attributes:
        endpoint: its URL.
        proxy: `HOST:PORT` of the proxy that it goes through, or None.
    """

    def __init__(
        self, credentials: Credentials | None, region: str, environ: Mapping[str, str], profile: str | None = None
    ) -> None:
        """Prepare the request as an SDK would: with the configured endpoint, proxies and certificates.

        Args:
            credentials: those to identify; None for an unsigned request, which STS rejects.
            region: the region of STS.
            environ: the environment.
            profile: the profile whose endpoint_url and ca_bundle apply, or None.

        Raises:
            AwsenvError: an invalid endpoint, region or certificate file.
        """
        self._client, self.proxy = _client("sts", region, environ, profile, credentials)
        self.endpoint = str(self._client.meta.endpoint_url)

    def ask(self) -> Answer:
        """Send the request once. It never raises."""
        before = time.time()
        try:
            given: dict[str, Any] = self._client.get_caller_identity()
        except Exception as error:  # botocore lets through whatever its parts raise
            refusal, failure = classify(error, self.proxy)
            after = time.time()
            if refusal is None and failure is None:
                failure = ConnectionFailure("answer", type(error).__name__)
            server = None if failure else _server_time(getattr(error, "response", {}))
            return Answer(self.endpoint, before, after, refusal=refusal, failure=failure, server=server)
        identity = Identity(str(given["Arn"]), str(given["Account"]), str(given["UserId"]))
        return Answer(self.endpoint, before, time.time(), identity=identity, server=_server_time(given))


def iam_question(
    credentials: Credentials, region: str, environ: Mapping[str, str], profile: str | None
) -> Callable[[], bool]:
    """Return a function for any thread that asks IAM whether it accepts these credentials, whatever they allow.

    IAM rejects those of GetSessionToken without MFA, and those of GetFederationToken.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
    """
    client, proxy = _client("iam", region, environ, profile, credentials)

    def ask() -> bool:
        try:
            client.get_user()
        except Exception as error:
            refusal, _ = classify(error, proxy)
            return refusal is None or refusal.code != "InvalidClientTokenId"
        return True

    return ask


def _client(
    service: str, region: str, environ: Mapping[str, str], profile: str | None, credentials: Credentials | None
) -> tuple[Any, str | None]:
    """Return a client, and `HOST:PORT` of the proxy that it uses, or None."""
    from awsenv.credentials import _botocore

    name, neutral = profile or "default", _without_profile(environ)
    timeouts = request_timeouts(with_short_timeouts(environ))
    try:
        client = _botocore.client(
            service,
            region,
            name,
            neutral,
            _sections(name, environ),
            credentials=credentials,
            timeouts=timeouts,
            retries=_botocore.ONE_ATTEMPT,
        )
        with _botocore.environment_set_to(neutral):
            return client, _proxy_for(client.meta.endpoint_url)
    except Exception as error:
        raise AwsenvError(
            f"cannot call AWS: {in_words(error)}", "check the region, AWS_ENDPOINT_URL and AWS_CA_BUNDLE"
        ) from error


def _sections(name: str, environ: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the sections of one profile, or an empty one if the files cannot be read."""
    try:
        profiles = Profiles(environ)
        if name in profiles:
            config = {profiles.header(name): {}, **profiles.config_sections([name])}
            return profiles.sections_by_path(config, profiles.credentials_sections([name]))
    except AwsenvError:
        pass  # how AWS sees exported credentials does not depend on it
    return {paths.config_file(environ): {"default" if name == "default" else f"profile {name}": {}}}


def _without_profile(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables of profile and region, which are passed explicitly."""
    removed = (*environment.PROFILES, *environment.REGIONS)
    return {name: value for name, value in environ.items() if name not in removed}


def process_environment(request: Request | None, environ: Mapping[str, str]) -> AbstractContextManager[None]:
    """Return a context for a process with threads, in which no question and no `obtain` changes its environment.

    Args:
        request: the one for which the threads will `obtain` a session, or None.
        environ: the environment; in the context, pass `dict(os.environ)` instead.

    Raises:
        AwsenvError: there is no such profile.
    """
    from awsenv.credentials import _botocore, resolve

    if request is not None:
        return resolve.process_environment(request, environ)
    return _botocore.environment_set_to(_without_profile(environ))


def with_short_timeouts(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with SHORT; a variable of the user's overrides it, unless it is empty."""
    return {**environ, **{name: value for name, value in SHORT.items() if not environ.get(name)}}


def load_from_environment(variable: str, environ: Mapping[str, str]) -> Session:
    """Return the credentials to which one of `environment.SOURCES` points.

    Raises:
        AwsenvError: it points to none.
    """
    from awsenv.credentials import _botocore

    method = "assume-role-with-web-identity" if variable == environment.SOURCES[0] else "container-role"
    fix = "check it with: awsenv doctor"
    with _botocore.environment_set_to(environ):
        try:
            found = _botocore.load_from_environment(method, request_timeouts(with_short_timeouts(environ)))
        except Exception as error:  # botocore lets through whatever its parts raise
            refusal, failure = classify(error)
            why = failure.why if failure else in_words(error)
            if refusal is not None:
                why = f"AWS rejects that with {refusal.code}: {refusal.message}"
            raise AwsenvError(f"{variable} points to no credentials: {why}", fix) from error
        if found is None:
            raise AwsenvError(f"{variable} points to no credentials", fix)
    return session_of(variable, found)


def region_of(environ: Mapping[str, str], profile: str | None) -> str:
    """Return the region for STS: of the environment, of the profile, else us-east-1, which every account has."""
    named = environment.region(environ)
    if not named and profile is not None:
        try:
            named = Profiles(environ).text(profile, "region")
        except AwsenvError:
            named = None
    return named or "us-east-1"


def _proxy_for(url: str) -> str | None:
    """Return `HOST:PORT` of the proxy for a URL, or None. (The proxy's URL may have a password.)"""
    from botocore.utils import get_environ_proxies

    proxy = get_environ_proxies(url).get(urlsplit(url).scheme)
    return None if not proxy else proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/")


def _server_time(response: Mapping[str, Any]) -> int | None:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return int(parsedate_to_datetime(headers["date"]).timestamp())
    except (LookupError, TypeError, ValueError):
        return None
