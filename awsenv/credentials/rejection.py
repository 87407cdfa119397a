"""Errors for a request that STS, or a server in its place, rejects or does not answer."""

from __future__ import annotations

import os
import re
import shlex
import time

from botocore import exceptions as raised

from awsenv.aws import error_codes
from awsenv.aws.config_files import Profiles
from awsenv.aws.expiry import look_at_clock, short
from awsenv.aws.renewal import NEW, Renewal, renewal_of
from awsenv.credentials.answers import AnswerError
from awsenv.credentials.classify import NOT_AWS, ConnectionFailure
from awsenv.credentials.request import Request
from awsenv.result import EXPIRED, FAILED, AwsenvError
from awsenv.system.redaction import redact, without_password

__all__ = ["assume_again", "not_answered", "rejected"]


def not_answered(error: Exception, failure: ConnectionFailure, who: str) -> AwsenvError:
    """Return the error for a server that cannot be reached, does not answer, or does not belong to AWS."""
    details = getattr(error, "kwargs", {})
    url = without_password(str(details.get("endpoint_url") or details.get("proxy_url") or "the server")).rstrip("/")
    network = "check the network, the proxy and AWS_ENDPOINT_URL, then try again"
    if isinstance(error, raised.ConnectTimeoutError):
        what = f"no connection in time to {url}"
        fix = f"{network}; AWSENV_CONNECT_TIMEOUT sets how many seconds to wait"
    elif isinstance(error, raised.ReadTimeoutError):
        what, fix = f"no answer in time from {url}", f"{network}; AWSENV_READ_TIMEOUT sets how many seconds to wait"
    elif isinstance(error, AnswerError):
        what, fix = str(error), NOT_AWS
    elif isinstance(error, raised.ClientError):
        what = f"{error.operation_name}: {failure.why}"
        is_server_error = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500
        fix = f"try again in a moment; else {NOT_AWS}" if is_server_error else NOT_AWS
    elif failure.stage == "TLS":
        what = f"no connection to {url}: SSL validation failed: {failure.why}"
        fix = "AWS_CA_BUNDLE or ca_bundle has to name the CA certificate of that server (or of a proxy)"
        if "certificate" not in failure.why:
            fix = "does that port speak https? check AWS_ENDPOINT_URL, endpoint_url and the proxy"
    elif failure.stage == "proxy":
        what, fix = f"no connection through the proxy {url}: {failure.why.partition(': ')[2] or failure.why}", network
    else:
        what, fix = f"no connection to {url}: {failure.why}", network
    return AwsenvError(f"{what} (asked for {who})", fix)


def rejected(
    error: raised.ClientError, who: str, source: str, request: Request, profiles: Profiles, *, setting_fix: str | None
) -> AwsenvError:
    """Return the error for an error code of AWS; `setting_fix` is that of an invalid setting."""
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "")), redact(str(answer.get("Message", "")), os.environ).strip().rstrip(".")
    what = f"{error.operation_name} for {who} was rejected with {code}: {message}"
    renewal = renewal_of(profiles, source, os.environ, int(time.time()), is_source=source != request.name)
    renew = _renew(renewal, request)
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
    signed, server = error_codes.times_of_signature(message)
    if signed is not None and server is not None:
        how = f"{short(signed - server)} {'fast' if signed > server else 'slow'}"
        fix = f"this machine's clock is {how}: set it ({look_at_clock()} shows it)"
    elif code == "ValidationError" and re.search("DurationSeconds|MaxSessionDuration|session limit", message):
        fix = (
            "ask for less with --duration (1h unless the role's MaxSessionDuration says more; role to role always 1h), "
            "or for --duration max"
        )
    elif setting_fix is not None:
        fix = setting_fix
    elif "sts:TagSession" in message or "sts:SetSourceIdentity" in message:
        fix = f"allow that action in both places: a policy of {source}, and the role's trust policy"
    elif "MFA serial" in message:
        fix = f"check mfa_serial: aws iam list-mfa-devices --profile {quoted}"
    elif code == "AccessDenied" and error.operation_name == "GetSessionToken":
        fix = f"--session-token is for the long-term keys of a user; check that no policy of {source} denies it"
    else:
        fix = fixes.get(code, f"try again with {assume_again(request) or 'the same command and'} --refresh --debug")
    has_expired = code in error_codes.EXPIRED and renewal.expired
    return AwsenvError(what, fix, EXPIRED if has_expired else FAILED)


def assume_again(request: Request) -> str:
    """Return the command that repeats a request; empty if it has options, which are not repeated here."""
    return "" if request.settings or request.user_session else f"awsenv assume {shlex.quote(request.name)}"


def _renew(renewal: Renewal, request: Request) -> str:
    """Return how to renew credentials that AWS has rejected."""
    if renewal.provider.kind == "process":
        return f"run the credential_process at {renewal.place} by hand: AWS rejects what it returns"
    if renewal.static or renewal.kind != NEW:
        return renewal.remedy.instruction
    return f"type {assume_again(request)} --refresh" if assume_again(request) else "add --refresh to the command"


def _secret(renewal: Renewal) -> str:
    """Return a phrase for the secret key that signed a request."""
    section = renewal.provider.section if renewal.static else None
    place = section and section[0].where(section[1], "aws_secret_access_key")
    return f"the secret key at {place}" if place else f"the secret key of profile {renewal.profile}"
