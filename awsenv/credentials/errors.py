"""What botocore and STS say when they refuse, as one sentence for the person: what, which, why, and what to type."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

from botocore import exceptions as refused

from awsenv import sso
from awsenv.aws import cache_keys
from awsenv.aws.config_files import Profiles
from awsenv.credentials import Request
from awsenv.credentials.plan import AD_HOC
from awsenv.result import USAGE, AwsenvError
from awsenv.system.install_hint import how_to_install
from awsenv.system.redaction import redact

__all__ = ["explain"]

_NETWORK = (
    refused.EndpointConnectionError,
    refused.ConnectTimeoutError,
    refused.ReadTimeoutError,
    refused.ConnectionClosedError,
    refused.ProxyConnectionError,
    refused.SSLError,
    refused.HTTPClientError,
)

_SSO = (
    refused.SSOError,
    refused.SSOTokenLoadError,
    refused.UnauthorizedSSOTokenError,
    refused.TokenRetrievalError,
)

# by name: older versions of botocore have none of them
_LOGIN = ("LoginRefreshRequired", "LoginTokenLoadError")


def explain(error: Exception, request: Request, chain: Sequence[str], profiles: Profiles) -> AwsenvError:
    """The error to show for an exception that came out of botocore.

    Args:
        error: the exception.
        request: what was asked for.
        chain: the profiles that it draws on.
        profiles: the files.
    """
    who = f"profile {request.name}" if request.profile else f"the role {request.settings.get('role_arn')}"
    source = chain[-1] if chain else request.name
    why = redact(str(error), os.environ).replace(AD_HOC, request.name).replace("\n", " ").rstrip(" .:;")
    if isinstance(error, refused.ClientError):
        return _refused_by_service(error, who, source, request)
    if isinstance(error, _NETWORK):
        return AwsenvError(
            f"{_network(error, why)} (asked for {who})",
            "check the network, the proxy and AWS_ENDPOINT_URL, then try again",
        )
    if isinstance(error, refused.NoRegionError):
        return AwsenvError(
            f"{who} names no region, so its STS endpoint is not known",
            f"add region = … to the profile, or type awsenv assume {shlex.quote(request.name)} --region us-east-1",
        )
    if isinstance(error, refused.InfiniteLoopConfigError):
        circle = " -> ".join([*chain, profiles.text(source, "source_profile") or source])
        return AwsenvError(
            f"the source profiles of {who} run in a circle: {circle}", f"mend source_profile in {profiles.config.path}"
        )
    if isinstance(error, _SSO) or _is_corrupt_token(error, source, profiles):
        return sso.needed(error, who, source)
    if type(error).__name__ in _LOGIN:
        return AwsenvError(
            f"{who} needs a sign-in of the AWS CLI: {why}", f"type aws login --profile {shlex.quote(source)}"
        )
    if isinstance(error, refused.MissingDependencyException):
        return AwsenvError(
            f"{who} needs more than what is installed: {why}",
            f"install it beside awsenv: {how_to_install('botocore[crt]')}",
        )
    if isinstance(error, refused.ParamValidationError) and request.settings:
        return AwsenvError(
            f"what was asked for {who} is nothing that STS takes: {why}", "see awsenv assume --help", USAGE
        )
    if isinstance(error, refused.InvalidConfigError | refused.PartialCredentialsError | refused.ParamValidationError):
        return AwsenvError(
            f"{who} is not set up right: {why}", f"mend it in {profiles.config.path} or {profiles.credentials.path}"
        )
    if isinstance(error, refused.CredentialRetrievalError):
        if any(profiles.text(name, "credential_source") == "Environment" for name in chain):
            return AwsenvError(
                f"{who} takes its credentials from the environment, and there are none but awsenv's own",
                f"export the keys that it starts from, then type awsenv assume {shlex.quote(request.name)}",
            )
        return AwsenvError(
            f"{who} cannot get its credentials: {why}",
            "run its credential_process by hand; a credential_source answers on its own machine or container only",
        )
    return AwsenvError(
        f"{who} cannot get its credentials: {type(error).__name__}: {why or 'no reason given'}", "add --debug for more"
    )


def _is_corrupt_token(error: Exception, source: str, profiles: Profiles) -> bool:
    """Whether the kept sign-in of a profile cannot be read: botocore then says nothing but the name of its file."""
    name = profiles.text(source, "sso_session") or profiles.text(source, "sso_start_url")
    if name is None or not isinstance(error, KeyError):
        return False
    return error.args == (cache_keys.sso_token(name),)


def _network(error: Exception, why: str) -> str:
    if isinstance(error, refused.ConnectTimeoutError):
        return f"no connection in time: {why}; AWSENV_CONNECT_TIMEOUT sets how many seconds to wait"
    if isinstance(error, refused.ReadTimeoutError):
        return f"no answer in time: {why}; AWSENV_READ_TIMEOUT sets how many seconds to wait"
    return f"no connection: {why}"


def _refused_by_service(error: refused.ClientError, who: str, source: str, request: Request) -> AwsenvError:
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), redact(str(answer.get("Message", "")), os.environ).strip().rstrip(".")
    what = f"{error.operation_name} for {who} was refused with {code}: {message}"
    quoted = shlex.quote(source)
    renew = (
        f"renew the credentials of profile {source} first (awsenv assume {quoted} --refresh, or new keys in its file)"
    )
    cures = {
        "AccessDenied": f"may {source} assume that role? Its policies and the role's trust policy decide "
        "(principal, external id, MFA)",
        "ExpiredToken": renew,
        "ExpiredTokenException": renew,
        "InvalidClientTokenId": f"AWS does not know the keys of profile {source}: deleted, inactive, mistyped; {renew}",
        "UnrecognizedClientException": renew,
        "SignatureDoesNotMatch": f"the secret key of profile {source} is wrong, or this machine's clock is",
        "RegionDisabledException": "name another region: --region us-east-1",
        "Throttling": "wait a moment and try again",
        "ForbiddenException": f"type awsenv login {quoted}, or ask for access to that account and role",
    }
    if code == "ValidationError" and re.search("DurationSeconds|MaxSessionDuration|session limit", message):
        cure = (
            "ask for less with --duration (1h unless the role's MaxSessionDuration says more; role to role always 1h), "
            "or for --duration max"
        )
    elif "sts:TagSession" in message or "sts:SetSourceIdentity" in message:
        cure = f"that action has to be allowed twice: in a policy of {source}, and in the role's trust policy"
    elif "MFA serial" in message:
        cure = f"look at mfa_serial: aws iam list-mfa-devices --profile {quoted}"
    elif code == "AccessDenied" and error.operation_name == "GetSessionToken":
        cure = f"--session-token is for the long-term keys of a user; do the policies of {source} forbid it?"
    else:
        cure = cures.get(code, f"try again with awsenv assume {shlex.quote(request.name)} --refresh --debug")
    return AwsenvError(what, cure)
