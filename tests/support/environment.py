"""The environment of the tests and of the programs they start: without the machine's own setup."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.programs import BIN

#: Seconds that one program may take. A busy machine is slow, and the tests must not be flaky.
PATIENCE = 60

#: The variables of the clock that tests/later has moved, for every program that the tests start.
LATER: dict[str, str] = {}
if "FAKETIME_TIMESTAMP_FILE" in os.environ:
    LATER = {name: os.environ[name] for name in os.environ if re.match("LD_PRELOAD|FAKETIME|NO_FAKE_STAT|LATER_", name)}


#: The home of the user who runs the tests, with pip's cache.
USERS_HOME = os.environ.get("HOME", "")


def settle() -> None:
    """Make this process independent of its parent: a background job, nohup, cron, a shell with AWS variables.

    It resets what children inherit: ignored and blocked signals, the umask, HOME, PATH, the locale and AWS variables.
    (`subprocess` and pexpect close open file descriptors.)
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for name in ("SIGHUP", "SIGQUIT", "SIGTERM", "SIGTSTP", "SIGTTIN", "SIGTTOU"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.umask(0o022)
    home = tempfile.mkdtemp(prefix="awsenv-home-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {"HOME": home, "USERPROFILE": home}
    for name in list(os.environ):
        if name.startswith(("AWS_", "AWSENV_", "LC_")) and not name.startswith("AWSENV_TEST_"):
            del os.environ[name]
    os.environ["PATH"] = os.pathsep.join([str(BIN), *(part for part in os.environ["PATH"].split(os.pathsep) if part)])
    os.environ |= {"LANG": "C.UTF-8", "TERM": "xterm-256color", "SHELL": "/bin/bash", "COLUMNS": "80", "LINES": "24"}
    for name in (
        "NO_COLOR",
        "CLICOLOR",
        "FORCE_COLOR",
        "PYTHONPATH",
        "PYTHONUTF8",
        "PYTHONIOENCODING",
        "BROWSER",
        "XDG_RUNTIME_DIR",
    ):
        os.environ.pop(name, None)


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment without the machine's AWS and shell set-up, with the clock and time zone of the tests."""
    inherited = ("LANG", "LC_ALL", "SSL_CERT_FILE", "SYSTEMROOT", "TZ")
    environment = {name: os.environ[name] for name in inherited if name in os.environ} | LATER
    environment |= {
        "HOME": str(home),
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "TERM": "xterm-256color",
        "SHELL": "/bin/bash",  # for programs without a parent shell, as in CI
        "TMPDIR": str(home),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return environment | more


def replace_environment(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Set these variables of this process, for botocore, and unset all others of AWS and XDG."""
    for name in list(os.environ):
        if name.startswith(("AWS", "BOTO", "XDG_")):
            monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until a condition holds, and fail the test if that takes too long.

    Args:
        condition: is called again and again.
        what: the condition in words, for the message.
        seconds: the longest wait.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def assumed(left: int, **more: str) -> dict[str, str]:
    """Return the variables that `awsenv assume p` exports, expiring in so many seconds."""
    return {
        "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASGH7K",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "t",
        "AWSENV_KEY": "OPASGH7K",
        "AWSENV_PROFILE": "p",
        "AWSENV_EXPIRATION": str(int(time.time()) + left),
    } | more
