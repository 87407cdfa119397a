"""The demo's command `expire`, without which there would be nothing to see for 45 minutes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from glob import glob
from typing import Any

from awsenv import dialects, environment
from awsenv.aws import expiry
from awsenv.system import files

__all__ = ["expired"]

_ROLE = "arn:aws:iam::000000000000:role/project1"


def expired(environ: Mapping[str, str], shell: str) -> str:
    """Obtain a session of one second, let it expire, and put it into the cache, too.

    Args:
        environ: the environment of the demo's shell.
        shell: its name.

    Returns:
        The snippet that exports the session.
    """
    credentials = _session_of_a_second(environ)
    time.sleep(1.1)
    expiration = int(credentials["Expiration"].timestamp())
    credentials["Expiration"] = expiry.format_utc(expiration)
    for path in glob(os.path.join(environ["HOME"], ".aws", "cli", "cache", "*.json")):
        with open(path, encoding="utf-8") as file:
            entry = json.load(file)
        files.write_atomic(path, json.dumps({**entry, "Credentials": credentials}).encode())
    session = environment.Session(
        "project1",
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        token=credentials["SessionToken"],
        expiration=expiration,
        region="eu-central-1",
    )
    change = environment.assume_keys(environ, session, environ.get("AWSENV_OPTIONS", ""))
    return dialects.write(dialects.load(shell), change)


def _session_of_a_second(environ: Mapping[str, str]) -> dict[str, Any]:
    """Call AssumeRole without botocore's validation: AWS, unlike ministack, grants no less than 15 minutes."""
    import boto3
    from botocore.config import Config

    where = {"region_name": "eu-central-1", "endpoint_url": environ["AWS_ENDPOINT_URL"]}
    sts = boto3.Session(profile_name="user1").client("sts", config=Config(parameter_validation=False), **where)
    answer = sts.assume_role(RoleArn=_ROLE, RoleSessionName="expire", DurationSeconds=1)
    credentials: dict[str, Any] = answer["Credentials"]
    return credentials
