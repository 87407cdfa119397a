"""A home with AWS files, in which checks of the doctor and real AWS tools are run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import boto3
import pytest

from awsenv import doctor
from awsenv.doctor.check import Check, Finding
from awsenv.doctor.context import Context
from support.environment import clean_environment, replace_environment
from support.homes import AwsPaths, write
from support.programs import BIN

NOW = 1795376367  # 2026-11-22T19:39:27Z
KEY, SECRET = "AKIAQNZGKIQY56JQ7WML", "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
KEYS = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
TEMPORARY = f"aws_access_key_id = ASIAQNZGKIQY56JQ7WML\naws_secret_access_key = {SECRET}\n"
TOKEN = "aws_session_token = FwoGtemporary/token+of==\n"
REGION = "region = eu-central-1\n"
ROLE = f"role_arn = arn:aws:iam::123456789012:role/team/project1\n{REGION}"
DEAD = "http://127.0.0.1:9"  # nothing listens there


def checks_of(*groups: str) -> list[Check]:
    """Return the checks of these groups of the doctor."""
    return [check for id in groups for check in doctor.group(id).checks]


class AwsFiles(AwsPaths):
    """A home directory with AWS files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config.parent.mkdir(parents=True)

    def write(self, config: str | bytes = "", credentials: str | bytes = "") -> AwsFiles:
        for path, text in ((self.config, config), (self.credentials, credentials)):
            write(path, text).chmod(0o600)
        return self

    def environment(self, **more: str) -> dict[str, str]:
        return clean_environment(self.path, **more)

    def context(self, named: str | None = None, *, now: int = NOW, **more: str) -> Context:
        return Context(self.environment(**more), now, named, offline=True, platform="linux")

    def found(self, check: Check, named: str | None = None, *, now: int = NOW, **more: str) -> list[Finding]:
        """Return the findings of one check, and check that they are well formed and contain no secret."""
        found = list(check.look(self.context(named, now=now, **more)))
        for finding in found:
            assert finding.check is check
            assert finding.what and not finding.what.endswith(".")
            assert finding.instructions and not finding.instructions.endswith(".")
            assert SECRET not in f"{finding.what} {finding.instructions} {finding.evidence}"
        return found

    def found_ids(self, checks: Iterable[Check], named: str | None = None, **more: str) -> set[str]:
        """Return the ids of the checks that find something."""
        return {check.id for check in checks if self.found(check, named, **more)}

    def boto3_error(self, monkeypatch: pytest.MonkeyPatch, profile: str | None = "a", **more: str) -> str:
        """Return the error of boto3 for a GetCallerIdentity call, or an empty string."""
        replace_environment(monkeypatch, self.environment(AWS_MAX_ATTEMPTS="1", **more))
        try:
            session = boto3.Session(profile_name=profile)
            credentials = session.get_credentials()
            if credentials is None:
                return "NoCredentialsError"
            credentials.get_frozen_credentials()
            session.client("sts", region_name=session.region_name or "us-east-1").get_caller_identity()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def aws(self, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the AWS CLI v1."""
        environment = self.environment(AWS_MAX_ATTEMPTS="1", **more)
        return subprocess.run(
            [str(BIN / "aws"), *args], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
