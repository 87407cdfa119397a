"""The prerequisites of the measurements: a real install of awsenv, a local STS, homes with AWS files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from clock import CannotMeasureError, Command, answer_of, say

__all__ = [
    "Bench",
    "Home",
    "Install",
    "install_awsenv",
    "install_ministack",
    "installed",
    "make_home",
    "make_role",
    "sts",
]

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(HERE)
MINISTACK = "ministack>=1.5.33"
USER, ROLE = "user1", "project1"
REGION = "eu-central-1"
START_TIMEOUT = 60


@dataclass(frozen=True)
class Install:
    """A real install of awsenv.

    Attributes:
        python, program: the paths in its virtual environment.
        version: the versions of awsenv, Python and pip, as text.
        old_pip: whether a pip before 26 wrote the program, which then imports `re`.
    """

    python: str
    program: str
    version: str
    old_pip: bool


@dataclass(frozen=True)
class Home:
    """A temporary home directory."""

    directory: str
    environ: Mapping[str, str]

    @property
    def cache(self) -> str:
        """The session cache of the AWS CLI, botocore and awsenv."""
        return os.path.join(self.directory, ".aws", "cli", "cache")


@dataclass(frozen=True)
class Bench:
    """What the measurements share.

    Attributes:
        install: the awsenv to measure.
        before: another version, timed in the same rounds; or None.
        homes: "" has only the assumed profile, "10" and "10000" have as many others.
        role: the role's ARN, the user's key id and secret key.
        endpoint: the URL of the local STS.
        directory: for temporary files.
        strace: its path, or None.
    """

    install: Install
    before: Install | None
    homes: dict[str, Home]
    role: tuple[str, str, str]
    endpoint: str
    directory: str
    strace: str | None


def install_awsenv(directory: str) -> Install:
    """Install awsenv from this checkout into a virtual environment; an existing one is used unchanged."""
    if not os.path.exists(os.path.join(directory, "bin", "awsenv")):
        say(f"installing awsenv from {CHECKOUT} into {directory}")
        python = _make_venv(directory)
        _run(python, "-m", "pip", "install", "--quiet", CHECKOUT)
        subprocess.run([python, "-m", "compileall", "-q", os.path.join(directory, "lib")], check=False)
    return installed(directory)


def installed(directory: str) -> Install:
    """Describe the awsenv of a virtual environment."""
    python, program = (os.path.join(directory, "bin", name) for name in ("python", "awsenv"))
    where = _run(python, "-I", "-c", "import awsenv; print(awsenv.__file__)").strip()
    if not os.path.realpath(where).startswith(os.path.realpath(directory) + os.sep):
        raise CannotMeasureError(f"{directory} has an editable install ({where}), which is slower than a real one")
    with open(program, encoding="utf-8") as file:
        old_pip = "import re\n" in file.read()
    code = "import platform; print(platform.python_implementation(), platform.python_version())"
    pip = " ".join(_run(python, "-m", "pip", "--version").split()[:2])
    version = f"{_run(program, '--version').strip()}, {_run(python, '-c', code).strip()}, {pip}"
    return Install(python, program, version, old_pip)


def install_ministack(directory: str) -> str:
    """Install `ministack` into an environment of its own, as it pins botocore; return its path."""
    program = os.path.join(directory, "bin", "ministack")
    if not os.path.exists(program):
        say(f"installing {MINISTACK} into {directory}")
        _run(_make_venv(directory), "-m", "pip", "install", "--quiet", MINISTACK)
    return program


def _make_venv(directory: str) -> str:
    """Make a virtual environment with the newest pip and without setuptools, whose .pth file slows every start.

    Returns:
        Its Python.
    """
    python = os.path.join(directory, "bin", "python")
    _run(sys.executable, "-m", "venv", directory)
    _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip")
    _run(python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools")
    return python


def _run(*argv: str) -> str:
    """Run a command with the user's settings of pip, but none of Python, which would affect the result."""
    return answer_of(Command(argv, {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}))


def _clean_environ(home: str, endpoint: str) -> dict[str, str]:
    """Return the few variables that the commands need."""
    return {
        "HOME": home,
        "PATH": os.environ.get("PATH", os.defpath),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def sts(program: str, directory: str) -> Iterator[str]:
    """Run a local STS and IAM; give its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.makedirs(directory, exist_ok=True)
    environ = {"AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "sts,iam"}
    environ |= {"HOME": directory, "TMPDIR": directory, "PATH": os.environ.get("PATH", os.defpath)}
    say(f"starting ministack on port {port}")
    log = os.path.join(directory, "ministack.log")
    with open(log, "wb") as output:
        server = subprocess.Popen(
            [program], env=environ, cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_ministack/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with direct.open(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    with open(log, encoding="utf-8", errors="replace") as file:
        raise CannotMeasureError(f"ministack did not start: {file.read()[-500:]}")


def make_role(install: Install, endpoint: str, home: str) -> tuple[str, str, str]:
    """Make the user and the role of every home; return the role's ARN, the user's key id and secret key."""
    argv = (install.python, os.path.join(HERE, "make_role.py"), USER, ROLE)
    role, key, secret = answer_of(Command(argv, _clean_environ(home, endpoint))).split()
    return role, key, secret


def make_home(directory: str, endpoint: str, role: tuple[str, str, str], others: int = 0) -> Home:
    """Make a home whose AWS config file has `others` profiles of six settings each before the assumed one."""
    arn, key, secret = role
    aws = os.path.join(directory, ".aws")
    os.makedirs(aws)
    with open(os.path.join(aws, "credentials"), "w", encoding="utf-8") as file:
        file.write(f"[{USER}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    with open(os.path.join(aws, "config"), "w", encoding="utf-8") as file:
        file.write(f"[profile {USER}]\nregion = {REGION}\n\n")
        file.writelines(_other(number) for number in range(others))
        file.write(f"[profile {ROLE}]\nrole_arn = {arn}\nsource_profile = {USER}\nregion = {REGION}\n")
    return Home(directory, _clean_environ(directory, endpoint))


def _other(number: int) -> str:
    account = f"{number:012}"
    return (
        f"[profile other{number:05}]\nrole_arn = arn:aws:iam::{account}:role/Developer\nsource_profile = {USER}\n"
        f"region = {REGION}\noutput = json\nduration_seconds = 3600\nrole_session_name = {USER}-{number:05}\n\n"
    )
