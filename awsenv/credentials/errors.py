"""Errors of botocore and STS as one sentence: what, which profile, why, and what to type."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Sequence

from botocore import exceptions as raised

from awsenv.aws import cache_keys, error_codes
from awsenv.aws.config_files import Profiles
from awsenv.aws.expiry import look_at_clock
from awsenv.aws.renewal import BROKEN, NEW, NONE, Renewal, renewal_of
from awsenv.credentials import LoginRequired
from awsenv.credentials.plan import AD_HOC
from awsenv.credentials.request import Request
from awsenv.result import USAGE, AwsenvError
from awsenv.system.install_hint import how_to_install
from awsenv.system.redaction import redact

__all__ = ["translate"]

_NETWORK = (
    raised.EndpointConnectionError,
    raised.ConnectTimeoutError,
    raised.ReadTimeoutError,
    raised.ConnectionClosedError,
    raised.ProxyConnectionError,
    raised.SSLError,
    raised.HTTPClientError,
)

_SSO = (
    raised.SSOError,
    raised.SSOTokenLoadError,
    raised.UnauthorizedSSOTokenError,
    raised.TokenRetrievalError,
)

# by name: older versions of botocore have none of them
_LOGIN = ("LoginRefreshRequired", "LoginTokenLoadError")


def translate(error: Exception, request: Request, chain: Sequence[str], profiles: Profiles) -> AwsenvError:
    """The error to show for an exception of botocore.

    Args:
        error: the exception.
        request: what was asked for.
        chain: its profile and the source profiles of that.
        profiles: the files.

    Returns:
        A LoginRequired where a sign-in to IAM Identity Center helps.
    """
    who = f"profile {request.name}" if request.profile else f"the role {request.settings.get('role_arn')}"
    source = chain[-1] if chain else request.name
    why = redact(str(error), os.environ).replace(AD_HOC, request.name).replace("\n", " ").rstrip(" .:;")
    if isinstance(error, raised.ClientError):
        return _rejected(error, who, request, _renewal(source, request, profiles))
    if isinstance(error, _NETWORK):
        return AwsenvError(
            f"{_network(error, why)} (asked for {who})",
            "check the network, the proxy and AWS_ENDPOINT_URL, then try again",
        )
    if isinstance(error, raised.NoRegionError):
        return AwsenvError(
            f"{who} names no region, so its STS endpoint is not known",
            f"add region = … to the profile, or type awsenv assume {shlex.quote(request.name)} --region us-east-1",
        )
    if isinstance(error, raised.InfiniteLoopConfigError):
        loop = " -> ".join([*chain, profiles.text(source, "source_profile") or source])
        return AwsenvError(
            f"the source profiles of {who} are a loop: {loop}", f"fix source_profile in {profiles.config.path}"
        )
    if isinstance(error, _SSO) or _is_corrupt_token(error, source, profiles):
        return _login_required(error, who, source)
    if type(error).__name__ in _LOGIN:
        return AwsenvError(
            f"{who} needs a sign-in with the AWS CLI: {why}", f"type aws login --profile {shlex.quote(source)}"
        )
    if isinstance(error, raised.MissingDependencyException):
        return AwsenvError(
            f"{who} needs a package that is not installed: {why}",
            f"install it beside awsenv: {how_to_install('botocore[crt]')}",
        )
    if isinstance(error, raised.ParamValidationError) and request.settings:
        return AwsenvError(f"STS rejects the request for {who}: {why}", "see awsenv assume --help", USAGE)
    if isinstance(error, raised.InvalidConfigError | raised.PartialCredentialsError | raised.ParamValidationError):
        known = renewal_of(profiles, request.profile or source, os.environ, int(time.time()))
        if known.kind in (BROKEN, NONE) and not request.settings:
            return AwsenvError(known.remedy.what, known.remedy.instruction)
        return AwsenvError(
            f"{who} is invalid: {why}", f"fix it in {profiles.config.path} or {profiles.credentials.path}"
        )
    if isinstance(error, raised.CredentialRetrievalError):
        if any(profiles.text(name, "credential_source") == "Environment" for name in chain):
            return AwsenvError(
                f"{who} takes its credentials from the environment, which has none but awsenv's own",
                f"export the credentials that it starts from, then type awsenv assume {shlex.quote(request.name)}",
            )
        return AwsenvError(
            f"{who} cannot get its credentials: {why}",
            "run its credential_process by hand; a credential_source answers on its own machine or container only",
        )
    return AwsenvError(
        f"{who} cannot get its credentials: {type(error).__name__}: {why or 'no reason given'}", "add --debug for more"
    )


def _is_corrupt_token(error: Exception, source: str, profiles: Profiles) -> bool:
    """Whether the cached sign-in of a profile cannot be read: botocore then says nothing but the name of its file."""
    name = profiles.text(source, "sso_session") or profiles.text(source, "sso_start_url")
    if name is None or not isinstance(error, KeyError):
        return False
    return error.args == (cache_keys.sso_token(name),)


def _renewal(source: str, request: Request, profiles: Profiles) -> Renewal:
    """What the profile can yield whose credentials a request starts from."""
    return renewal_of(profiles, source, os.environ, int(time.time()), is_source=source != request.name)


def _login_required(error: Exception, who: str, profile: str) -> LoginRequired:
    """The error for a sign-in that is missing, expired or rejected."""
    name = type(error).__name__
    why = {
        "SSOTokenLoadError": "you have not signed in yet",
        "UnauthorizedSSOTokenError": "the last sign-in has expired or was revoked",
        "TokenRetrievalError": "the last sign-in has expired and could not be renewed",
    }.get(name, "the cached sign-in cannot be used")
    return LoginRequired(
        f"{who} needs a sign-in to IAM Identity Center: {why}",
        f"type awsenv login {shlex.quote(profile)}",
        profile,
        rejected=name == "UnauthorizedSSOTokenError",
    )


def _network(error: Exception, why: str) -> str:
    if isinstance(error, raised.ConnectTimeoutError):
        return f"no connection in time: {why}; AWSENV_CONNECT_TIMEOUT sets how many seconds to wait"
    if isinstance(error, raised.ReadTimeoutError):
        return f"no answer in time: {why}; AWSENV_READ_TIMEOUT sets how many seconds to wait"
    return f"no connection: {why}"


def _rejected(error: raised.ClientError, who: str, request: Request, renewal: Renewal) -> AwsenvError:
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), redact(str(answer.get("Message", "")), os.environ).strip().rstrip(".")
    what = f"{error.operation_name} for {who} was rejected with {code}: {message}"
    source, renew = renewal.profile, _renew(renewal, request)
    quoted = shlex.quote(source)
    fixes = {
        "AccessDenied": f"check that {source} is allowed to assume the role: its own policies, and the role's trust "
        "policy (principal, external id, MFA)",
        **dict.fromkeys(error_codes.EXPIRED, renew),
        "InvalidClientTokenId": f"the access key of profile {source} is deleted, inactive or mistyped: {renew}",
        "UnrecognizedClientException": renew,
        "SignatureDoesNotMatch": f"check {_secret(renewal)}, and this machine's clock: {look_at_clock()}",
        "RegionDisabledException": "name another region: --region us-east-1",
        "Throttling": "wait a moment and try again",
        "ForbiddenException": f"type awsenv login {quoted}, or ask for access to that account and role",
    }
    if code == "ValidationError" and re.search("DurationSeconds|MaxSessionDuration|session limit", message):
        fix = (
            "ask for less with --duration (1h unless the role's MaxSessionDuration says more; role to role always 1h), "
            "or for --duration max"
        )
    elif "sts:TagSession" in message or "sts:SetSourceIdentity" in message:
        fix = f"allow that action in both places: a policy of {source}, and the role's trust policy"
    elif "MFA serial" in message:
        fix = f"check mfa_serial: aws iam list-mfa-devices --profile {quoted}"
    elif code == "AccessDenied" and error.operation_name == "GetSessionToken":
        fix = f"--session-token is for the long-term keys of a user; check that no policy of {source} denies it"
    else:
        fix = fixes.get(code, f"try again with awsenv assume {shlex.quote(request.name)} --refresh --debug")
    return AwsenvError(what, fix)


def _renew(renewal: Renewal, request: Request) -> str:
    """How to renew what AWS has rejected."""
    if renewal.provider.kind == "process":
        return f"run the credential_process at {renewal.place} by hand: AWS rejects what it returns"
    if renewal.static or renewal.kind != NEW:
        return renewal.remedy.instruction
    return f"type awsenv assume {shlex.quote(request.name)} --refresh"


def _secret(renewal: Renewal) -> str:
    """The secret key that a request was signed with."""
    section = renewal.provider.section if renewal.static else None
    place = section and section[0].where(section[1], "aws_secret_access_key")
    return f"the secret key at {place}" if place else f"the secret key of profile {renewal.profile}"
