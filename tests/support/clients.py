"""Other users of the credentials: the AWS CLI, boto3, and what an earlier shell left behind."""

from __future__ import annotations

import subprocess

from support.homes import Home
from support.programs import BIN, need


def caller(home: Home, **credentials: str) -> str:
    assert home.sts is not None
    names = {
        "AWS_ACCESS_KEY_ID": "aws_access_key_id",
        "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
        "AWS_SESSION_TOKEN": "aws_session_token",
    }
    given = {names[name]: value for name, value in credentials.items() if name in names}
    return str(home.sts.client("sts", **given).get_caller_identity()["Arn"])


def aws(home: Home, *words: str, program: str = str(BIN / "aws"), **more: str) -> str:
    done = subprocess.run(
        [need("the AWS CLI", program), *words],
        env=home.environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


STALE = {
    "AWS_ACCESS_KEY_ID": "ASIASTALESTALESTALES",
    "AWS_SECRET_ACCESS_KEY": "stale",
    "AWS_SESSION_TOKEN": "stale",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_PROFILE": "gone",
    "AWS_DEFAULT_PROFILE": "gone too",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/other",
}
