"""What the tests of a profile's credentials share: the checks, cached sessions and a server on this machine."""

from __future__ import annotations

import json
from pathlib import Path

from awsenv import doctor
from awsenv.environment import expiry
from support.aws_files import KEY, NOW, SECRET, AwsFiles

CHECKS = [
    check
    for id in (
        "profile-keys",
        "temporary-profile-keys",
        "identity-center",
        "aws-login",
        "credential-process",
        "web-identity",
        "container",
    )
    for check in doctor.group(id).checks
]
BY_ID = {check.id: check for check in CHECKS}

HOUR = 3600


ASIA = "ASIAQNZGKIQY56JQ7WML"  # of the account 029608264753


EXPORTED = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


def utc(seconds: int) -> str:
    return expiry.format_utc(NOW + seconds)


def cached(place: AwsFiles, role: str = "project1", end: int = -HOUR) -> Path:
    """Put that session into the cache of the AWS CLI."""
    directory = place.path / ".aws" / "cli" / "cache"
    directory.mkdir(parents=True)
    keys = {"AccessKeyId": ASIA, "SecretAccessKey": SECRET, "SessionToken": "x", "Expiration": utc(end)}
    user = {"Arn": f"arn:aws:sts::123456789012:assumed-role/{role}/ada", "AssumedRoleId": "x:ada"}
    path = directory / f"{'0' * 40}.json"
    path.write_text(json.dumps({"Credentials": keys, "AssumedRoleUser": user}))
    (directory / "session.db").write_bytes(b"\0")
    return path


FULL, RELATIVE = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"


TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
