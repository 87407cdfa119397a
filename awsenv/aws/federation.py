"""The sign-in URL of the AWS console for temporary credentials, from AWS's federation endpoint.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from awsenv.aws import arn
from awsenv.aws.partitions import CONSOLES, partition_of
from awsenv.result import USAGE, AwsenvError

__all__ = ["Place", "login_url", "place_of", "token_url"]

# The AWS CLI's name of a service -> its path in the console, where they differ.
_PATHS = {
    "apigatewayv2": "apigateway",
    "codeartifact": "codesuite/codeartifact",
    "codebuild": "codesuite/codebuild",
    "codecommit": "codesuite/codecommit",
    "codepipeline": "codesuite/codepipeline",
    "ce": "cost-management",
    "dynamodb": "dynamodbv2",
    "elbv2": "ec2",
    "logs": "cloudwatch",
    "organizations": "organizations/v2",
    "redshift": "redshiftv2",
    "route53": "route53/v2",
    "sfn": "states",
    "ssm": "systems-manager",
    "sso-admin": "singlesignon",
    "stepfunctions": "states",
}


class Place(NamedTuple):
    """The URLs of a console.

    Attributes:
        endpoint: the federation endpoint, which signs in.
        destination: the page of the console to open afterwards.
    """

    endpoint: str
    destination: str


def place_of(region: str | None, role_arn: str | None, service: str | None, environ: Mapping[str, str]) -> Place:
    """Return the URLs of the console for some credentials.

    Args:
        region: the region to show; without a role it determines the partition. None for the one that was shown last.
        role_arn: the role of the credentials, if known.
        service: what to show, by the AWS CLI's name or as a path of the console; None for the start page.
        environ: AWS_ENDPOINT_URL_SIGNIN replaces the host of the federation endpoint, as for the AWS CLI.

    Raises:
        AwsenvError: the partition's console cannot be opened by a link; with code USAGE for an invalid region or
            service, or a region outside the role's partition.
    """
    for what, value, more in (("region", region, "-"), ("service", service, "-/")):
        if value is not None and not all(c.isascii() and (c.isalnum() or c in more) for c in value):
            raise AwsenvError(f"{value!r} is not the name of a {what}", f"see awsenv console --help, --{what}", USAGE)
    partition = partition_of(region or "")
    role = arn.parse(role_arn)
    if role is not None:
        if region is not None and partition != role.partition:
            raise AwsenvError(
                f"the role {role_arn} is in the partition {role.partition}, and {region} is a region of {partition}",
                "name a region of the role's: --region",
                USAGE,
            )
        partition = role.partition
    if partition not in CONSOLES:
        raise AwsenvError(
            f"no sign-in link can open the console of the partition {partition}",
            f"awsenv knows those of {', '.join(CONSOLES)}",
        )
    signin, console = CONSOLES[partition]
    base = (environ.get("AWS_ENDPOINT_URL_SIGNIN") or f"https://{signin}").rstrip("/")
    path = (_PATHS.get(service, service) if service else "console").strip("/")
    query = f"?region={region}" if region else ""
    return Place(f"{base}/federation", f"https://{f'{region}.' if region else ''}{console}/{path}/home{query}")


def token_url(place: Place, access_key: str, secret_key: str, token: str) -> str:
    """Return the URL that gives a sign-in token. The whole URL is a secret.

    AWS documents GET; POST, which would keep the keys out of the URL, does not work in aws-us-gov.
    """
    session = {"sessionId": access_key, "sessionKey": secret_key, "sessionToken": token}
    return _url(place, {"Action": "getSigninToken", "Session": json.dumps(session, separators=(",", ":"))})


def login_url(place: Place, signin_token: str) -> str:
    """Return the URL that signs in, for 15 minutes after the token was issued. The whole URL is a secret."""
    return _url(place, {"Action": "login", "Destination": place.destination, "SigninToken": signin_token})


def _url(place: Place, query: dict[str, str]) -> str:
    return f"{place.endpoint}?{urlencode(query, quote_via=quote, safe='')}"
