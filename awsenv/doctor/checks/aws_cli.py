"""Checks of the AWS CLIs on PATH."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from glob import glob
from typing import TypeAlias

from awsenv.doctor.check import Finding, check, prepared, problem
from awsenv.doctor.checks.endpoints import DEMO, configured_endpoints
from awsenv.doctor.context import Context

# Seconds for all AWS CLIs on PATH together to print their versions.
_PATIENCE = 1.2

Version: TypeAlias = "tuple[int, ...]"

_ENDPOINTS = "AWS_ENDPOINT_URL and endpoint_url"
_TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105
_LOGIN = "aws login"

#: Feature -> the first version 1 and the first version 2 with it; None: never.
#: Sources: the changelogs of aws/aws-cli, branches develop and v2.
_FEATURES: dict[str, tuple[Version | None, Version | None]] = {
    "aws configure export-credentials": (None, (2, 9, 0)),
    _ENDPOINTS: ((1, 29, 0), (2, 13, 0)),
    _TOKEN_FILE: ((1, 30, 0), (2, 15, 0)),
    "aws configure mfa-login": (None, (2, 30, 3)),
    _LOGIN: ((1, 43, 0), (2, 32, 0)),
    "export-credentials --format fish": (None, (2, 33, 8)),
}


@dataclass(frozen=True)
class Cli:
    """An AWS CLI.

    Attributes:
        path: where it was found.
        version: None if it did not print one in time.
    """

    path: str
    version: Version | None

    @property
    def missing(self) -> list[str]:
        """The features that it does not have."""
        if self.version is None:
            return []
        major = 0 if self.version[0] == 1 else 1
        floors = {feature: since[major] for feature, since in _FEATURES.items()}
        return [feature for feature, floor in floors.items() if floor is None or self.version < floor]

    @property
    def version_text(self) -> str:
        """The version as a text."""
        return "unknown" if self.version is None else ".".join(map(str, self.version))


def _prepare(context: Context) -> Callable[[], None]:
    """Start every AWS CLI before the other checks: it takes half a second to print its version."""
    return _start(context).close


@prepared(_prepare)
def aws_cli_too_old(context: Context) -> Iterator[Finding]:
    for cli in clis(context)[:1]:
        for feature, where in _used(context).items():
            if feature in cli.missing:
                yield problem(f"{cli.path} is AWS CLI {cli.version_text}, which does not know {feature}", *where)


def _used(context: Context) -> dict[str, list[str]]:
    """Return the features used here that not every AWS CLI has, and where they are set."""
    demo = context.environ.get(DEMO)  # the demo has a wrapper for the AWS CLI
    token_file = context.environ.get(_TOKEN_FILE)
    used = {
        _ENDPOINTS: [endpoint.where for endpoint in configured_endpoints(context) if endpoint.url != demo],
        _TOKEN_FILE: [f"{_TOKEN_FILE}={token_file}"] if token_file else [],
        _LOGIN: [hop.where("login_session") for hop in context.readable_hops if "login_session" in hop.settings],
    }
    return {feature: where for feature, where in used.items() if where}


@check
def aws_cli_old(context: Context) -> Iterator[Finding]:
    for cli in clis(context)[:1]:
        if cli.version is None:
            what = f"not checked: {cli.path} did not print its version within {_PATIENCE} seconds"
            yield problem(what, fix="aws --version")
        elif cli.missing and not _used(context).keys() & set(cli.missing):  # else aws-cli-too-old reports it
            yield problem(f"aws is AWS CLI {cli.version_text}, which has no {', no '.join(cli.missing)}", cli.path)


@check
def several_aws_clis(context: Context) -> Iterator[Finding]:
    here = clis(context)
    versions = {cli.version for cli in here}
    if len(here) > 1 and (len(versions) > 1 or None in versions):
        what = f"there are {len(here)} AWS CLIs on PATH, and the first one runs"
        yield problem(what, *(f"{cli.path} (version {cli.version_text})" for cli in here))


def clis(context: Context, patience: float = _PATIENCE) -> tuple[Cli, ...]:
    """Return the AWS CLIs on PATH; the first one is the one that runs.

    Args:
        context: with PATH.
        patience: seconds to wait for all of them, from their start.
    """
    return _start(context).wait(patience)


class _Processes:
    """The AWS CLIs on PATH, which print their versions at the same time."""

    def __init__(self, paths: tuple[str, ...], search_path: str) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environ |= {"PATH": search_path, "AWS_CONFIG_FILE": os.devnull, "AWS_CLI_AUTO_PROMPT": "off"}
        self._started = time.monotonic()
        self._versions = {path: _installed(path) for path in paths}
        unknown = (path for path, version in self._versions.items() if version is None)
        self._running = {path: process for path in unknown if (process := _popen(path, environ)) is not None}

    def wait(self, patience: float) -> tuple[Cli, ...]:
        """Wait for the versions; `patience`: see clis."""
        end = self._started + patience
        try:
            for path, process in self._running.items():
                self._versions[path] = _printed(process, end)
        finally:
            self.close()
        return tuple(Cli(path, version) for path, version in self._versions.items())

    def close(self) -> None:
        """Kill those that have printed nothing, with their children, as they may be scripts."""
        for process in self._running.values():
            if sys.platform == "win32":
                process.kill()
            else:
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
        self._running.clear()


def _start(context: Context) -> _Processes:
    names = ("aws.exe", "aws.cmd", "aws.bat") if context.platform == "win32" else ("aws",)
    paths: dict[str, str] = {}
    directories = context.environ.get("PATH", "").split(os.pathsep)
    if DEMO in context.environ:  # the first one has the demo's wrapper
        del directories[0]
    for directory in directories:
        for path in (os.path.join(directory, name) for name in names):
            if directory and os.path.isfile(path) and os.access(path, os.X_OK):
                paths.setdefault(os.path.realpath(path), path)
    # PATH decides which Python a script runs with
    return _started(tuple(paths.values()), context.environ.get("PATH", ""))


@lru_cache(maxsize=1)
def _started(paths: tuple[str, ...], search_path: str) -> _Processes:
    """Start the programs, once."""
    return _Processes(paths, search_path)


def _installed(path: str) -> Version | None:
    """Return the version as the files around a program show it: an AWS CLI may take seconds to print it."""
    real = os.path.realpath(path)
    version = _version(rf"/(?:v2|awscli(?:@\d)?)/{_NUMBER}[^/]*/", real)  # AWS's installer, Homebrew
    if version is None and _is_python(real):
        packages = os.path.join(os.path.dirname(os.path.dirname(real)), "lib", "python3*", "*-packages")
        names = glob(os.path.join(packages, "awscli-*-info"))
        version = _version(rf"awscli-{_NUMBER}\W", os.path.basename(names[0])) if len(names) == 1 else None
    return version


_NUMBER = r"(\d+)\.(\d+)\.(\d+)"


def _version(pattern: str, text: str) -> Version | None:
    found = re.search(pattern, text)
    return tuple(map(int, found.groups())) if found is not None else None


def _is_python(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"python" in file.readline(200)
    except OSError:
        return False


def _popen(path: str, environ: Mapping[str, str]) -> subprocess.Popen[bytes] | None:
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


def _printed(process: subprocess.Popen[bytes], end: float) -> Version | None:
    """Return the version that a program prints; None unless it does so by `end`, on the monotonic clock."""
    try:
        text = process.communicate(timeout=max(end - time.monotonic(), 0.05))[0]  # it may have printed it long ago
    except subprocess.TimeoutExpired:
        return None
    return _version(f"aws-cli/{_NUMBER}", text.decode(errors="replace"))
