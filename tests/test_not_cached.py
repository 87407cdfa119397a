"""A session from STS or IAM Identity Center is never lost: one that cannot be cached is still returned."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.homes import Home
from support.programs import BIN
from support.scripted_sts import SERIAL, ScriptedSts

from awsenv.aws import paths
from awsenv.credentials import cache
from awsenv.credentials.token_files import TokenFiles
from awsenv.system import files

ROLE = "arn:aws:iam::123456789012:role"
CONFIG = f"""\
[profile one]
role_arn = {ROLE}/one
source_profile = ada
mfa_serial = {SERIAL}
region = eu-central-1
[profile chained]
role_arn = {ROLE}/chained
source_profile = one
region = eu-central-1
"""
# mfa_process supplies the code for every command
KEYS = """\
[ada]
aws_access_key_id = AKIAADA
aws_secret_access_key = secret
region = eu-west-1
mfa_process = echo 123456
"""


@pytest.fixture
def sts(scripted_sts: ScriptedSts) -> ScriptedSts:
    scripted_sts.guarded, scripted_sts.codes = True, {"123456"}
    return scripted_sts


@pytest.fixture
def home(tmp_path: Path, sts: ScriptedSts) -> Home:
    return Home(tmp_path / "home", sts).write(CONFIG, KEYS)  # type: ignore[arg-type]  # only its URL is used


# --- the causes -------------------------------------------------------------------------------------------------------


def a_file_named_cli(home: Home) -> None:
    home.cache.parent.write_text("a file where a directory should be")


def a_file_named_cache(home: Home) -> None:
    home.cache.parent.mkdir()
    home.cache.write_text("a file where a directory should be")


def nothing(home: Home) -> None:
    """For a full disk, which `full` simulates in the process."""


def full() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


CAUSES: dict[str, tuple[Callable[[Home], None], Callable[[], None] | None]] = {
    "a file in place of ~/.aws/cli": (a_file_named_cli, None),
    "a file in place of the cache": (a_file_named_cache, None),
    "a full disk": (nothing, full),
}

JSON = ("--format", "json")
SHOW = ("--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID")
COMMANDS = {
    "assume": ("assume", "one", *JSON),
    "assume in a shell": ("assume", "one", "--shell", "bash"),
    "assume a chain": ("assume", "chained", *JSON),
    "assume with an exchange": ("assume", "one", "--session-token", *JSON),
    "assume keys": ("assume", "ada", "--session-token", "--mfa-serial", SERIAL, *JSON),
    "refresh": ("refresh", "--shell", "bash"),
    "exec": ("exec", "one", *SHOW),
    "exec beside a server": (
        "exec",
        "--server",
        "one",
        "--",
        "sh",
        "-c",
        "echo ASIA$AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ),
    "credential-process": ("credential-process", "one"),
}


def run(
    home: Home, *args: str, preexec: Callable[[], None] | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "awsenv", *args],
        env=home.environment(**more), preexec_fn=preexec, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.shell
@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("command", COMMANDS)
def test_an_uncacheable_session_is_returned_with_one_notice(command: str, cause: str, home: Home) -> None:
    prepare, preexec = CAUSES[cause]
    prepare(home)
    head, *rest = COMMANDS[command]
    variables = {"AWSENV_PROFILE": "one", "AWS_ACCESS_KEY_ID": "ASIAOLD"} if head == "refresh" else {}
    result = run(home, head, *rest, preexec=preexec, **variables)
    assert result.returncode == 0, result.stderr
    assert "ASIA" in result.stdout
    assert result.stderr.count("\n") == 1, result.stderr
    assert "is valid, but was not cached: cannot write to the session cache" in result.stderr
    assert str(home.cache) in result.stderr
    if home.cache.is_dir():
        assert list(home.cache.iterdir()) == []


@pytest.mark.shell
def test_an_uncacheable_session_is_returned_without_stderr(home: Home) -> None:
    a_file_named_cli(home)
    args = ["assume", "one", "--mfa-token", "123456", *JSON]
    for redirect in ("2>&-", "2>/dev/full"):
        sts = home.sts
        assert sts is not None
        sts.codes = ["123456"]  # type: ignore[attr-defined]
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$0" "$@" {redirect}', str(BIN / "awsenv"), *args],
            env=home.environment(), stdout=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0
        assert json.loads(done.stdout)["AWS_ACCESS_KEY_ID"].startswith("ASIA")


@pytest.mark.shell
def test_no_cache_prints_no_notice(home: Home) -> None:
    a_file_named_cli(home)
    result = run(home, "assume", "one", "--mfa-token", "123456", "--no-cache", *JSON)
    assert (result.returncode, result.stderr) == (0, "")


# --- a file that another program has open, as on Windows --------------------------------------------------------------


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_FILES_CAN_BE_BUSY", True)


def refusing(times: int, do: Callable[..., object]) -> Callable[..., object]:
    """A system call that fails a few times because the file is busy."""
    left = [times]

    def refuse(*arguments: object, **more: object) -> object:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "Access denied")
        return do(*arguments, **more)

    return refuse


def test_a_busy_file_is_retried(busy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    monkeypatch.setattr(os, "replace", refusing(3, os.replace))
    files.write_atomic(str(file), b"new")
    assert file.read_bytes() == b"new"
    monkeypatch.setattr(paths, "_content", refusing(3, paths._content))
    assert paths.read(str(file)) == b"new"
    assert list(tmp_path.iterdir()) == [file]
    monkeypatch.setattr(os, "unlink", refusing(3, os.unlink))
    files.remove(str(file))
    assert not file.exists()


@pytest.mark.parametrize("patience", ["_PATIENCE_READING", "PATIENCE_WRITING"])
def test_the_retries_of_a_busy_file_end(
    patience: str, busy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert getattr(paths, patience) <= 2
    monkeypatch.setattr(paths, patience, 0.05)
    file = tmp_path / "file"
    file.write_text("old")
    monkeypatch.setattr(os, "replace", refusing(10**9, os.replace))
    monkeypatch.setattr(paths, "_content", refusing(10**9, paths._content))
    with pytest.raises(PermissionError):
        paths.read(str(file)) if patience == "_PATIENCE_READING" else files.write_atomic(str(file), b"new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "old")]


def test_a_permission_error_is_not_retried_outside_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_FILES_CAN_BE_BUSY", False)
    monkeypatch.setattr(os, "replace", refusing(1, os.replace))
    with pytest.raises(PermissionError):
        files.write_atomic(str(tmp_path / "file"), b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_in_place_of_a_file_is_not_retried(busy: None, tmp_path: Path) -> None:
    """Windows reports it as a PermissionError, too."""
    called = []

    def do(path: str) -> None:
        called.append(path)
        raise PermissionError(13, "Access denied")

    with pytest.raises(PermissionError):
        paths.patiently(do, str(tmp_path), 60.0)
    assert called == [str(tmp_path)]


# --- sign-ins ---------------------------------------------------------------------------------------------------------


def test_an_unwritable_sign_in_lasts_for_the_process(tmp_path: Path) -> None:
    directory = tmp_path / "cache"
    directory.write_text("a file where a directory should be")
    notices: list[str] = []
    files = TokenFiles(str(directory), notices.append)
    files["key"] = {"accessToken": "secret", "expiresAt": "2035-01-01T00:00:00Z"}
    assert len(notices) == 1
    assert f"was not stored: cannot write to {directory}" in notices[0]
    assert "secret" not in notices[0]
    assert TokenFiles(str(directory), notices.append)["key"]["accessToken"] == "secret"
    directory.unlink()
    assert files["key"]["accessToken"] == "secret"
    cache.store(str(directory / "key.json"), {"accessToken": "newer"})  # as by a sign-in in another terminal
    assert files["key"]["accessToken"] == "newer"
    files["key"] = {"accessToken": "newest", "at": time.gmtime()}
    assert json.loads((directory / "key.json").read_text())["accessToken"] == "newest"
