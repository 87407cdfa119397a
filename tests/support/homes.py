"""A home directory with an AWS setup, and its environment."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.environment import PATIENCE, clean_environment
from support.programs import BIN
from support.sts import ACCOUNT, Sts


class AwsPaths:
    """The paths of the AWS files below the home directory `path`."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / ".aws" / "config"

    @property
    def credentials(self) -> Path:
        return self.path / ".aws" / "credentials"

    @property
    def cache(self) -> Path:
        return self.path / ".aws" / "cli" / "cache"


def write(path: Path, content: object) -> Path:
    """Write a file and the directories above it: text and bytes unchanged, anything else as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, (str, bytes)) else json.dumps(content)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def sha1(text: str) -> str:
    """Return what the AWS CLI and botocore name their cache files after."""
    return hashlib.sha1(text.encode()).hexdigest()


def write_sign_in(home: Path, content: object, name: str = "corp") -> Path:
    """Write a sign-in of an sso-session, or of the start URL of a legacy profile, into the token cache of the AWS CLI."""
    return write(home / ".aws" / "sso" / "cache" / f"{sha1(name)}.json", content)


@dataclass
class Home(AwsPaths):
    """A home directory with an AWS setup, and its environment."""

    path: Path
    sts: Sts | None = None

    def write(self, config: str, credentials: str = "") -> Home:
        """Write the config file, and the credentials file if there is text for it."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(config)
        if credentials:
            self.credentials.write_text(credentials)
        return self

    def environment(self, **more: str) -> dict[str, str]:
        endpoint = {"AWS_ENDPOINT_URL": self.sts.url} if self.sts else {}
        return clean_environment(self.path, **endpoint, **more)

    def awsenv(self, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the installed awsenv and capture its output; `more` are variables of the environment."""
        return subprocess.run(
            [str(BIN / "awsenv"), *args],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
            check=False,
            start_new_session=True,
        )

    def exported(self, *args: str, **more: str) -> dict[str, str]:
        """Return the variables that `awsenv assume … --format json` prints."""
        done = self.awsenv("assume", *args, "--format", "json", **more)
        assert done.returncode == 0, done.stderr
        result: dict[str, str] = json.loads(done.stdout)
        return result


CONFIG = f"""\
[default]
region = us-east-1

[profile project1]
role_arn = arn:aws:iam::{ACCOUNT}:role/project1
source_profile = user1
region = eu-central-1

[profile chained]
role_arn = arn:aws:iam::{ACCOUNT}:role/chained
source_profile = project1
region = eu-west-1

[profile guarded]
role_arn = arn:aws:iam::{ACCOUNT}:role/guarded
source_profile = user1
region = eu-central-1

[profile closed]
role_arn = arn:aws:iam::{ACCOUNT}:role/closed
source_profile = user1
region = eu-central-1

[profile "no region"]
role_arn = arn:aws:iam::{ACCOUNT}:role/project1
source_profile = user1

[profile empty]
output = json

[profile temporary]
aws_access_key_id = ASIAQWERTYUIOPASDFGH
aws_secret_access_key = abcdefghijklmnopqrstuvwxyz0123456789ABCD
aws_session_token = FwoGtemporary/token+of==
"""


def failed(home: Home, *args: str, code: int = 1, out: str = "", **more: str) -> str:
    """Run a command that must fail as the contract says: with this stdout and one line on stderr, which is returned."""
    result = home.awsenv(*args, **more)
    assert (result.returncode, result.stdout) == (code, out), result.stderr
    assert result.stderr.startswith("awsenv: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def refused(home: Home, *args: str, code: int = 1, **more: str) -> str:
    """Run assume for bash, which must fail, and return its stderr."""
    return failed(home, "assume", *args, "--shell", "bash", code=code, out=f"(exit {code});\n", **more)
