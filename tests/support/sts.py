"""A local STS: ministack, which checks signatures, trust policies and expiry."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.clock import FAKETIME, Clock
from support.environment import clean_environment
from support.programs import need

ACCOUNT = "000000000000"

#: How the ARN of a session of the role project1 begins.
ROLE_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/project1/"


@dataclass
class Sts:
    """A running ministack, with the access key of its user1."""

    url: str
    clock: Clock | None
    key_id: str = ""
    secret: str = ""

    def client(self, service: str, **credentials: str):  # type: ignore[no-untyped-def]
        import boto3

        root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **(credentials or root))

    def prepare(self) -> None:
        """Create user1, who may assume roles, and the roles project1, chained, guarded (by an external id) and closed."""
        iam = self.client("iam")
        iam.create_user(UserName="user1")
        key = iam.create_access_key(UserName="user1")["AccessKey"]
        self.key_id, self.secret = key["AccessKeyId"], key["SecretAccessKey"]
        allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_user_policy(UserName="user1", PolicyName="assume", PolicyDocument=policy)
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        user, role = ({"AWS": f"arn:aws:iam::{ACCOUNT}:{who}"} for who in ("user/user1", "role/project1"))
        conditions = {"StringEquals": {"sts:ExternalId": "open sesame"}}
        for name, statement in {
            "project1": {**trust, "Principal": user},
            "chained": {**trust, "Principal": role},
            "guarded": {**trust, "Principal": user, "Condition": conditions},
            "closed": {**trust, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}},
        }.items():
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        iam.put_role_policy(RoleName="project1", PolicyName="assume", PolicyDocument=policy)


def free_port() -> int:
    """Return a free port outside the ephemeral range, so that no outgoing connection takes it before the server does."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def ministack(directory: Path) -> Iterator[Sts]:
    """Run a ministack, with a clock of its own if libfaketime is installed.

    Args:
        directory: gets its log and its clock.
    """
    program = need("ministack (PyPI)", os.environ.get("AWSENV_TEST_MINISTACK") or shutil.which("ministack"))
    clock = Clock(directory / "clock") if FAKETIME else None
    if clock:
        clock.move("+0")
    port = free_port()
    environment = clean_environment(directory, AUTH="true", BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port))
    environment |= {"SERVICES": "sts,iam,s3", **(clock.environment if clock else {})}
    with open(directory / "log", "wb") as log:
        server = subprocess.Popen([program], env=environment, stdout=log, stderr=log, cwd=directory)
    running = Sts(f"http://127.0.0.1:{port}", clock)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{running.url}/_ministack/health", timeout=5).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"ministack did not start: {(directory / 'log').read_text()[-2000:]}")
                time.sleep(0.05)
        running.prepare()
        yield running
    finally:
        server.kill()
        server.wait()
