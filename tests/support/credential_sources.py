"""Shared by the tests of a profile's credentials: the checks, and the values and files that they look at."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from awsenv.environment import expiry
from support.aws_files import KEY, NOW, SECRET, AwsFiles, checks_of

CHECKS = checks_of(
    "profile-keys",
    "temporary-profile-keys",
    "identity-center",
    "aws-login",
    "credential-process",
    "web-identity",
    "container",
)
BY_ID = {check.id: check for check in CHECKS}

HOUR = 3600
ASIA = "ASIAQNZGKIQY56JQ7WML"  # of the account 029608264753
EXPORTED = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
FULL, RELATIVE = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
# a token of type 23 and issuer er/aws, whose field 5, the time of issue, is NOW
DATED = "aws_session_token = " + base64.b64encode(b"\x17\x0a\x06er/aws\x28\xef\x89\x8d\xd8\x06").decode() + "\n"


def utc(seconds: int) -> str:
    return expiry.format_utc(NOW + seconds)


def cached(place: AwsFiles, role: str = "project1", expires: int = -HOUR) -> Path:
    """Write a session of that role, expiring in so many seconds, into the cache of the AWS CLI."""
    directory = place.path / ".aws" / "cli" / "cache"
    directory.mkdir(parents=True)
    keys = {"AccessKeyId": ASIA, "SecretAccessKey": SECRET, "SessionToken": "x", "Expiration": utc(expires)}
    user = {"Arn": f"arn:aws:sts::123456789012:assumed-role/{role}/ada", "AssumedRoleId": "x:ada"}
    path = directory / f"{'0' * 40}.json"
    path.write_text(json.dumps({"Credentials": keys, "AssumedRoleUser": user}))
    (directory / "session.db").write_bytes(b"\0")
    return path
