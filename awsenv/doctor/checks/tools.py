"""The checks of the programs that use credentials: which AWS CLI runs here, and who keeps exported keys for long."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from awsenv.aws import paths
from awsenv.doctor.check import NOTE, WARNING, Found, check, found
from awsenv.doctor.context import Scene, UnreadableError
from awsenv.environment import expiry

__all__ = ["Cli", "ask_versions", "clis"]

# Seconds for all AWS CLIs on PATH together to say their versions.
_PATIENCE = 1.2

Version = tuple[int, int, int]

#: What an AWS CLI can do -> since which version 1 and which version 2; None: never.
#: Sources: the changelogs of aws/aws-cli, branches develop and v2.
_ENDPOINTS, _TOKEN_FILE, _LOGIN = (
    "AWS_ENDPOINT_URL and endpoint_url",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "aws login",
)
_FEATURES: dict[str, tuple[Version | None, Version | None]] = {
    "aws configure export-credentials": (None, (2, 9, 0)),
    _ENDPOINTS: ((1, 29, 0), (2, 13, 0)),
    _TOKEN_FILE: ((1, 30, 0), (2, 15, 0)),
    "aws configure mfa-login": (None, (2, 30, 3)),
    _LOGIN: ((1, 43, 0), (2, 32, 0)),
    "export-credentials --format fish": (None, (2, 33, 8)),
}

# Programs that go on for longer than a session may live, as Linux shows their names: cut to 15 characters.
_LONG = (
    "terraform",
    "tofu",
    "terragrunt",
    "pulumi",
    "packer",
    "cdk",
    "ansible-playboo",
    "k9s",
    "rclone",
    "s5cmd",
    "aws",
)


@dataclass(frozen=True)
class Cli:
    """An AWS CLI.

    Attributes:
        path: where it was found.
        version: None if it did not say in time.
    """

    path: str
    version: Version | None

    @property
    def lacks(self) -> list[str]:
        """The features that it does not have."""
        if self.version is None:
            return []
        old = self.version[0] == 1
        floors = {feature: since[0] if old else since[1] for feature, since in _FEATURES.items()}
        return [feature for feature, floor in floors.items() if floor is None or self.version < floor]

    @property
    def called(self) -> str:
        """The version as a text."""
        return "unknown" if self.version is None else ".".join(map(str, self.version))


@check(
    "aws-cli-too-old",
    WARNING,
    cure="install the latest AWS CLI: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
)
def too_old(scene: Scene) -> Iterator[Found]:
    """An AWS CLI passes over what it does not know yet: it asks the real AWS in place of an endpoint, or looks for
    credentials elsewhere.
    """
    for cli in clis(scene)[:1]:
        for feature, places_of_use in _used(scene).items():
            if feature in cli.lacks:
                yield found(f"{cli.path} is AWS CLI {cli.called}, which does not know {feature}", *places_of_use)


def _used(scene: Scene) -> dict[str, list[str]]:
    """What is used here that not every AWS CLI has, and where that stands."""
    endpoints = [f"{name}={scene.environ[name]}" for name in scene.environ if name.startswith("AWS_ENDPOINT_URL")]
    token_file = scene.environ.get(_TOKEN_FILE)
    logins: list[str] = []
    with suppress(UnreadableError):
        endpoints += [
            scene.where(name, "endpoint_url") for name in scene.chain if scene.profiles.text(name, "endpoint_url")
        ]
        logins = [
            scene.where(name, "login_session") for name in scene.chain if scene.profiles.text(name, "login_session")
        ]
    used = {_ENDPOINTS: endpoints, _TOKEN_FILE: [f"{_TOKEN_FILE}={token_file}"] if token_file else [], _LOGIN: logins}
    return {feature: where for feature, where in used.items() if where}


@check(
    "aws-cli-old",
    NOTE,
    cure="install the latest AWS CLI: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
)
def old(scene: Scene) -> Iterator[Found]:
    """What newer ones can do with credentials an old AWS CLI cannot, and version 1 gets no new features any more: since
    2026-07-15 it is in maintenance mode.
    """
    for cli in clis(scene)[:1]:
        if cli.lacks:
            yield found(f"aws is AWS CLI {cli.called}, which has no {', no '.join(cli.lacks)}", cli.path)


@check("several-aws-clis", NOTE, cure="uninstall the others, or change the order of PATH")
def several(scene: Scene) -> Iterator[Found]:
    """Which AWS CLI runs depends on PATH, and so on the shell, the service or the IDE that starts it. Version 1 and 2
    read different variables: AWS_DEFAULT_REGION and AWS_REGION, AWS_DEFAULT_PROFILE before AWS_PROFILE or after it.
    """
    here = clis(scene)
    if len({cli.version for cli in here}) > 1:
        yield found(
            f"there are {len(here)} AWS CLIs on PATH, and the first one runs",
            *(f"{cli.path} (version {cli.called})" for cli in here),
        )


# --- which there are --------------------------------------------------------------------------------------------------


def clis(scene: Scene, patience: float = _PATIENCE) -> tuple[Cli, ...]:
    """The AWS CLIs on PATH, the one that runs first.

    Args:
        scene: where.
        patience: seconds to wait for all of them.
    """
    names = ("aws.exe", "aws.cmd", "aws.bat") if scene.platform == "win32" else ("aws",)
    paths: dict[str, str] = {}
    for folder in scene.environ.get("PATH", "").split(os.pathsep):
        for path in (os.path.join(folder, name) for name in names):
            if folder and os.path.isfile(path) and os.access(path, os.X_OK):
                paths.setdefault(os.path.realpath(path), path)
    # the search path says which Python a script runs with
    return ask_versions(tuple(paths.values()), scene.environ.get("PATH", ""), patience)


@lru_cache(maxsize=1)
def ask_versions(paths: Sequence[str], search_path: str, patience: float) -> tuple[Cli, ...]:
    """Let each say its version, all at once; the same question is asked once."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ |= {"PATH": search_path, "AWS_CONFIG_FILE": os.devnull, "AWS_CLI_AUTO_PROMPT": "off"}
    end = time.monotonic() + patience
    running = {path: process for path in paths if (process := _started(path, environ)) is not None}
    try:
        said = {path: _version(process, end) for path, process in running.items()}
    finally:
        for process in running.values():
            _end(process)
    return tuple(Cli(path, said.get(path)) for path in paths)


def _started(path: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            [path, "--version"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError:
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what has not answered, with all that it has started, if it is a script."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)


def _version(process: subprocess.Popen[bytes], end: float) -> Version | None:
    """What a program answers until then, on the monotonic clock."""
    try:
        text = process.communicate(timeout=max(end - time.monotonic(), 0))[0]
    except subprocess.TimeoutExpired:
        return None
    numbers = re.search(rb"aws-cli/(\d+)\.(\d+)\.(\d+)", text)
    return (int(numbers[1]), int(numbers[2]), int(numbers[3])) if numbers else None


# --- who keeps them for long ------------------------------------------------------------------------------------------


@check("long-running", NOTE, cure="awsenv exec PROFILE --server -- COMMAND, which never runs out of credentials")
def long_running(scene: Scene) -> Iterator[Found]:
    """What is started with exported keys has these keys until it ends: a refresh of the shell does not reach it. Where
    it runs for longer than the session lives, it needs a profile, or a source that it can ask again.
    """
    if not (scene.exported.temporary and scene.environ.get("AWS_ACCESS_KEY_ID")):
        return
    end = scene.exported.expiration
    ends = "which end" if end is None else f"which end in {expiry.short(end - scene.now)}"
    if end is not None and end <= scene.now:
        ends = "which have ended"
    profile = shlex.quote(scene.exported.profile) if scene.exported.profile else "PROFILE"
    for pid, name in _processes_with(scene.environ["AWS_ACCESS_KEY_ID"]):
        yield found(
            f"{name} runs with the exported keys, {ends}",
            f"process {pid}",
            cure=f"the next time: awsenv exec {profile} --server -- {name} …",
        )
    for path in _kubeconfigs(scene.environ):
        yield found(
            f"kubectl gets its tokens from the AWS CLI, which uses the exported keys, {ends}",
            path,
            cure=f"awsenv assume {profile} --mode profile",
        )


def _processes_with(key: str) -> Iterator[tuple[int, str]]:
    """The number and the name of each long runner of this user with a key in its environment; Linux only."""
    wanted = b"AWS_ACCESS_KEY_ID=" + key.encode("utf-8", "surrogateescape")
    try:
        numbers = sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())
    except OSError:
        return
    for number in numbers:
        try:
            with open(f"/proc/{number}/comm", encoding="utf-8", errors="replace") as file:
                name = file.read().strip()
            if name not in _LONG:
                continue
            with open(f"/proc/{number}/environ", "rb") as file:
                if wanted in file.read().split(b"\0"):
                    yield number, name
        except OSError:  # it has ended, or is another user's
            continue


def _kubeconfigs(environ: Mapping[str, str]) -> Iterator[str]:
    """The files in which kubectl is told to ask the AWS CLI."""
    named = environ.get("KUBECONFIG") or os.path.join(paths.home(environ), ".kube", "config")
    for path in filter(None, named.split(os.pathsep)):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read(1 << 20)
        except OSError:
            continue
        if re.search(r"^\s*-?\s*['\"]?get-token\b", text, re.MULTILINE) and re.search(
            r"command:\s*['\"]?\S*\baws\b", text
        ):
            yield path
