"""A home directory with AWS files and a session cache, and the format of its entries."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from awsenv import args
from awsenv.commands import cache as command
from awsenv.environment import expiry
from awsenv.report.session_cache import Cache, Cached
from awsenv.result import Result
from support.clients import run_tool
from support.homes import Home, sha1, write

NOW = 1795376367
KEY_ID = "ASIAQNZGKIQY56JQ7WML"  # of the account 029608264753
AWS_ACCOUNT = "123456789012"

CONFIG = f"""\
[default]
region = us-east-1

[profile project1]
role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/team/project1
source_profile = user1

[profile twin]
role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/team/project1
source_profile = user1
region = eu-west-1

[sso-session corp]
sso_region = us-east-1

[profile sso1]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin
"""

CREDENTIALS = "[user1]\naws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key = s\n"


#: Keys of cache entries, as `_create_cache_key` of botocore makes them.
PROJECT1 = sha1(f'{{"RoleArn": "arn:aws:iam::{AWS_ACCOUNT}:role/team/project1"}}')
SSO1 = sha1('{"accountId":"111122223333","roleName":"Admin","sessionName":"corp"}')
OTHER = "0123456789abcdef0123456789abcdef01234567"


def session(expires: object = NOW + 3600, role: str | None = None, **more: object) -> dict[str, object]:
    """Return the content of a cache entry; `expires` is its expiration in epoch seconds, or as text."""
    text = expiry.format_utc(expires) if isinstance(expires, int) else expires
    keys = {"AccessKeyId": KEY_ID, "SecretAccessKey": "not to be seen", "SessionToken": "nor this", "Expiration": text}
    content: dict[str, object] = {"Credentials": {**keys, **more}}
    if role is not None:
        content["AssumedRoleUser"] = {
            "AssumedRoleId": "AROA:x",
            "Arn": f"arn:aws:sts::{AWS_ACCOUNT}:assumed-role/{role}/me",
        }
    return content


class Files:
    """A home directory with AWS files and a cache."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.directory = home / ".aws" / "cli" / "cache"
        self.directory.mkdir(parents=True)
        (home / ".aws" / "config").write_text(CONFIG)
        (home / ".aws" / "credentials").write_text(CREDENTIALS)
        self.environ = {"HOME": str(home), "USERPROFILE": str(home)}

    def put(self, name: str, content: object) -> Path:
        """Write a file into the cache: text and bytes unchanged, anything else as JSON."""
        return write(self.directory / name, content)

    def entries(self) -> list[Cached]:
        return list(Cache(self.environ, NOW).entries())

    def states(self) -> dict[str, str]:
        return {entry.key: entry.state for entry in self.entries()}

    def names(self) -> set[str]:
        return {path.name for path in self.directory.iterdir()}

    def run(self, *arguments: str) -> Result:
        parsed = args.parse("cache", arguments, command.COMMAND.options, command.COMMAND.max_positionals)
        return command.run(parsed, self.environ, NOW)


@contextmanager
def owned_by_root() -> Iterator[Path]:
    """Yield a directory of root that other users may enter."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # other users cannot enter the directories of pytest
        directory = Path(name)
        directory.chmod(0o755)
        yield directory


@contextmanager
def as_another_user() -> Iterator[None]:
    """Run the block as another user than root."""
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def aws(home: Home, tool: str, profile: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run GetCallerIdentity in an AWS CLI. Debian's accepts an STS endpoint only on the command line."""
    assert home.sts is not None
    arguments = ["--endpoint-url", home.sts.url, "sts", "get-caller-identity", "--profile", profile]
    return run_tool(tool, arguments, home.environment(**more), home.path)
