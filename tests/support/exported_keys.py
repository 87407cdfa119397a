"""Exported credentials for checks of the doctor, and boto3's errors for them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from awsenv.doctor.check import Check, Finding
from awsenv.doctor.context import Context
from awsenv.explain import recognise
from support.environment import replace_environment
from support.sts import ACCOUNT, Sts
from support.tokens import ISSUED, field, key_of, text

NOW = ISSUED + 600
SECRET = "wQ3/9cTz+" + "0123456789abcdefghijklmnopqrstu"
AWS_ACCOUNT = "123456789012"

Environment = dict[str, str]


def issued_in(region: str = "us-east-1", account: str = AWS_ACCOUNT, time: int = ISSUED, more: int = 158) -> str:
    """Make a token of the STS endpoint of a region, the same at each call; `more` bytes follow the time of issue."""
    fields = (b"origin_ec", 76, region.encode(), b"\xaa" * 71, field(3, account.encode()), time, b"\xbb" * more)
    return text(bytes([33]) + b"".join(field(number, value) for number, value in enumerate(fields, 1)))


def with_length(characters: int) -> str:
    """Make a token of a regional endpoint that has so many characters."""
    return next(token for token in (issued_in(more=n) for n in range(2048)) if len(token) == characters)


TOKEN = issued_in()
SESSION = {
    "AWS_ACCESS_KEY_ID": key_of(AWS_ACCOUNT),
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": TOKEN,
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
LONG_TERM = {"AWS_ACCESS_KEY_ID": key_of(AWS_ACCOUNT, "AKIA"), "AWS_SECRET_ACCESS_KEY": SECRET}
OLD = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLF", "AWS_SECRET_ACCESS_KEY": SECRET}  # an id from before 2019

Look = Callable[..., list[Finding]]
StsResult = Callable[[Environment], str]


def is_cause_of(check: Check, message: str) -> bool:
    """Whether `awsenv explain` recognises a message as an error that the check names as its effect."""
    return any(one.meaning.id in check.causes for one in recognise(message))


def findings_of(home: Path, check: Check, environ: Environment, now: int = NOW, **more: Any) -> list[Finding]:
    """Return the findings of a check in an environment; `more` are arguments of `Context`."""
    return list(check.look(Context({"HOME": str(home), "USERPROFILE": str(home), **environ}, now, **more)))


def without(*names: str, of: Environment = SESSION) -> Environment:
    return {name: value for name, value in of.items() if name not in names}


def changed(**more: str) -> Environment:
    return SESSION | more


def call_sts(sts: Sts, home: Path, monkeypatch: pytest.MonkeyPatch, environ: Environment) -> str:
    """Return the account that STS reports for an environment, or the traceback of boto3's error."""
    more = {"HOME": str(home), "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    replace_environment(monkeypatch, more | environ)
    try:
        client = boto3.Session().client("sts", endpoint_url=sts.url, config=Config(retries={"total_max_attempts": 1}))
        return str(client.get_caller_identity()["Account"])
    except Exception:
        return traceback.format_exc()  # the message alone does not name the library


def role_session(sts: Sts) -> Environment:
    """Assume the role project1, and return its variables."""
    client = sts.client("sts", aws_access_key_id=sts.key_id, aws_secret_access_key=sts.secret)
    role = f"arn:aws:iam::{ACCOUNT}:role/project1"
    credentials = client.assume_role(RoleArn=role, RoleSessionName="of-the-doctor")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
