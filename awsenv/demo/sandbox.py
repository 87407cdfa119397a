"""The demo's sandbox: a temporary home, and a ministack on loopback with a user who may assume the role project1."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from awsenv import dialects, environment
from awsenv.doctor.checks.endpoints import DEMO
from awsenv.integration.rc_file import path_of
from awsenv.program import program
from awsenv.result import AwsenvError
from awsenv.system.install_hint import how_to_install

__all__ = ["Sandbox"]

_ROOT = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
_START_TIMEOUT = 30

#: The signals that end the demo. The sandbox has to be removed then, too.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_CONFIG = """\
[profile project1]
role_arn = arn:aws:iam::000000000000:role/project1
source_profile = user1
region = eu-central-1
"""

# Valid in sh and in Python, as a path with a blank is invalid after #!
_PYTHON = """\
#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
"""

_WHOAMI = """\
import boto3, sys
try:
    print(boto3.client("sts", region_name="eu-central-1").get_caller_identity()["Arn"])
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""

_EXPIRE = """\
import os, sys
from awsenv.demo.expire import expired
print(expired(os.environ, sys.argv[1]), end="")
"""

# The AWS CLI before 2.13 does not read AWS_ENDPOINT_URL, and would contact AWS.
_AWS = """\
#!/bin/sh
exec {aws} --endpoint-url {url} "$@"
"""


class Sandbox:
    """A context in which the demo runs. Leaving it stops the server and removes the home.

    Attributes:
        home: the temporary home.
        environment: the environment of the shell.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._handlers: dict[int, Any] = {}
        self._program = _ministack(environ)
        self.home = tempfile.mkdtemp(prefix="awsenv-demo-")
        unset = set(environment.TABLE)
        unset |= {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}
        unset |= {"ZDOTDIR", "HISTFILE", "BASH_ENV", "ENV"}
        unset |= {name for name in environ if name.startswith(("AWS_ENDPOINT_URL", "AWS_USE_", "XDG_"))}
        self.environment = {name: value for name, value in environ.items() if name not in unset}
        port = _free_port()
        self._url = f"http://127.0.0.1:{port}"
        self._aws = shutil.which("aws", path=environ.get("PATH"))
        path = (os.path.join(self.home, "bin"), os.path.dirname(program()), environ.get("PATH", os.defpath))
        self.environment |= {
            "HOME": self.home,
            "USERPROFILE": self.home,
            "TMPDIR": self.home,
            "PATH": os.pathsep.join(filter(None, path)),
            "AWS_ENDPOINT_URL": self._url,
            DEMO: self._url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        self._server_environment = self.environment | {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",  # the default is every interface
            "GATEWAY_PORT": str(port),
            "SERVICES": "sts,iam",
        }

    def __enter__(self) -> Sandbox:
        for number in _SIGNALS:
            self._handlers[number] = signal.signal(number, _interrupt)
        try:
            self._start()
            self._provision()
        except BaseException:
            self._teardown()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._teardown()

    @contextmanager
    def ignore_sigint(self) -> Iterator[None]:
        """Leave a Ctrl-C to the shell while it runs. (By a handler: the shell would inherit SIG_IGN.)"""
        before = signal.signal(signal.SIGINT, lambda number, frame: None)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def write_start_up(self, shell: str, line: str) -> str:
        """Write the start-up file of an interactive shell, with the integration and a plain prompt; return its path."""
        path = path_of(shell, self.environment)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # without this directory fish starts a program in the background that outlives the demo
        os.makedirs(os.path.join(self.home, ".local", "share", "fish", "generated_completions"), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{dialects.load_hooked(shell).DEMO_PROMPT}\n{line}\n")
        return path

    def _start(self) -> None:
        log = os.path.join(self.home, "ministack.log")
        with open(log, "wb") as output, _signals_delayed():  # a signal in between could leave the server running
            self._server = subprocess.Popen(
                [self._program],
                env=self._server_environment,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a Ctrl-C in the demo's shell must not reach the server
            )
        deadline = time.monotonic() + _START_TIMEOUT
        while not _responds(self._url):
            if self._server.poll() is not None or time.monotonic() > deadline:
                with open(log, encoding="utf-8", errors="replace") as output:
                    last = output.read().strip().splitlines()[-1:] or ["it printed nothing"]
                raise AwsenvError(f"ministack did not start: {last[0]}", "try again, or see its documentation")
            time.sleep(0.05)

    def _provision(self) -> None:
        """Create the user with a key, the role that trusts it, the AWS files and the commands of the demo."""
        iam = self._client("iam")
        iam.create_user(UserName="user1")
        key = iam.create_access_key(UserName="user1")["AccessKey"]
        allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": "*"}]}
        iam.put_user_policy(UserName="user1", PolicyName="assume", PolicyDocument=json.dumps(policy))
        trusted = {"AWS": "arn:aws:iam::000000000000:user/user1"}
        trust = {"Version": "2012-10-17", "Statement": [{**allow, "Principal": trusted}]}
        iam.create_role(RoleName="project1", AssumeRolePolicyDocument=json.dumps(trust))
        keys = f"[user1]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
        self._write(".aws/config", _CONFIG)
        self._write(".aws/credentials", keys, 0o600)
        python = _PYTHON.format(python=shlex.quote(sys.executable))
        self._write("bin/whoami-aws", python + _WHOAMI, 0o700)
        self._write("bin/demo-expire", python + _EXPIRE, 0o700)
        if self._aws:
            self._write("bin/aws", _AWS.format(aws=shlex.quote(self._aws), url=self._url), 0o700)

    def _client(self, service: str) -> Any:
        import boto3

        from awsenv.credentials._botocore import environment_set_to

        with environment_set_to(self.environment):  # without a profile or region of the user
            return boto3.client(service, endpoint_url=self._url, **_ROOT)

    def _write(self, name: str, text: str, mode: int = 0o644) -> None:
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, mode), "w", encoding="utf-8") as file:
            file.write(text)

    def _teardown(self) -> None:
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        shutil.rmtree(self.home, ignore_errors=True)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _signals_delayed() -> Iterator[None]:
    """Delay the signals that end the demo."""
    received: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: received.append(number)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if received:
        raise KeyboardInterrupt


def _ministack(environ: Mapping[str, str]) -> str:
    """Return the program, beside our own Python or on PATH.

    Raises:
        AwsenvError: it is not installed.
    """
    beside = os.path.join(os.path.dirname(sys.executable), "ministack")
    found = beside if os.access(beside, os.X_OK) else shutil.which("ministack", path=environ.get("PATH"))
    if found is None:
        raise AwsenvError(
            "the demo needs ministack, which is not installed",
            f"in the checkout type ./install.sh --demo, or {how_to_install('ministack')}",
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _responds(url: str) -> bool:
    from urllib.request import ProxyHandler, build_opener

    try:
        with build_opener(ProxyHandler({})).open(f"{url}/_ministack/health", timeout=2):
            return True
    except OSError:
        return False
