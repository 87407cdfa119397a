"""Concurrent processes: one call for one session, no wait for another session, no lock left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest
from filelock import FileLock
from support.homes import Home
from support.programs import BIN
from support.scripted_sts import SERIAL, ScriptedSts, counting
from support.sts import ACCOUNT

pytestmark = pytest.mark.shell

AWSENV = str(BIN / "awsenv")


def start(home: Home, *args: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [AWSENV, *args],
        env=home.environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def start_waiting(home: Home, *args: str, **more: str) -> subprocess.Popen[str]:
    """Start a process that must wait; return when it has reported that."""
    process = start(home, *args, **more)
    assert process.stderr is not None
    output = process.stderr.readline()
    assert "waiting for another awsenv" in output
    return process


def keys_of(processes: list[subprocess.Popen[str]]) -> set[str]:
    """The access key ids they exported; all must have succeeded."""
    keys = set()
    for process in processes:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        keys.add(json.loads(out)["AWS_ACCESS_KEY_ID"])
    return keys


@contextmanager
def held_sts(home: Home) -> Iterator[tuple[str, list[bytes], threading.Event, threading.Event]]:
    """An STS that holds the first call until it is released: URL, calls, arrived, release."""
    assert home.sts is not None
    arrived, release = threading.Event(), threading.Event()
    first = threading.Lock()

    def hold(body: bytes) -> None:
        if first.acquire(blocking=False):
            arrived.set()
            release.wait(120)

    with counting(home.sts.url, hold) as (url, calls):
        try:
            yield url, calls, arrived, release
        finally:
            release.set()


@pytest.mark.parametrize("profile", ["project1", "chained"])
def test_fifty_concurrent_assumes_cause_one_call(profile: str, home: Home) -> None:
    assert home.sts is not None
    with counting(home.sts.url) as (url, calls):
        args = ("assume", profile, "--format", "json")
        processes = [start(home, *args, AWS_ENDPOINT_URL_STS=url) for _ in range(50)]
        assert len(keys_of(processes)) == 1
    assert len(calls) == (1 if profile == "project1" else 2)
    entries = list(home.cache.iterdir())
    assert all(json.loads(entry.read_text())["Credentials"] for entry in entries)
    assert len(entries) == len(calls)
    locks = list((home.path / ".cache/awsenv/locks").iterdir())
    assert [path.stat().st_mode & 0o777 for path in locks] == [0o600] * len(locks)


def test_different_names_for_one_session_cause_one_call(home: Home) -> None:
    assert home.sts is not None
    role = f"role_arn = arn:aws:iam::{ACCOUNT}:role/project1\nsource_profile = user1\nregion = eu-central-1\n"
    home.config.write_text("".join(f"[profile p{number}]\n{role}" for number in range(8)))
    with counting(home.sts.url) as (url, calls):
        processes = [
            start(home, "assume", f"p{number}", "--format", "json", AWS_ENDPOINT_URL_STS=url) for number in range(8)
        ]
        assert len(keys_of(processes)) == 1
    assert len(calls) == 1


@pytest.mark.parametrize(
    "options", [("--refresh",), ("--duration", "15m")], ids=["a refresh", "a session too short for botocore's cache"]
)
def test_concurrent_calls_share_one_new_session(options: tuple[str, ...], home: Home) -> None:
    old = home.exported("project1")["AWS_ACCESS_KEY_ID"]
    with held_sts(home) as (url, calls, arrived, release):
        args = ("assume", "project1", *options, "--format", "json")
        first = start(home, *args, AWS_ENDPOINT_URL_STS=url)
        assert arrived.wait(60)
        others = [start_waiting(home, *args, AWS_ENDPOINT_URL_STS=url) for _ in range(4)]
        release.set()
        keys = keys_of([first, *others])
    assert old not in keys
    assert len(calls) == len(keys) == 1


def test_another_session_does_not_wait(home: Home) -> None:
    with held_sts(home) as (url, calls, arrived, release):
        first = start(home, "assume", "project1", "--format", "json", AWS_ENDPOINT_URL_STS=url)
        assert arrived.wait(60)
        other = start(home, "assume", "project1", "--duration", "30m", "--format", "json", AWS_ENDPOINT_URL_STS=url)
        keys_of([other])
        assert first.poll() is None
        release.set()
        keys_of([first])
    assert len(calls) == 2


def test_a_killed_holder_leaves_no_lock(home: Home) -> None:
    with held_sts(home) as (url, _, arrived, release):
        first = start(home, "assume", "project1", "--format", "json", AWS_ENDPOINT_URL_STS=url)
        assert arrived.wait(60)
        second = start_waiting(home, "assume", "project1", "--format", "json", AWS_ENDPOINT_URL_STS=url)
        first.send_signal(signal.SIGKILL)
        assert first.wait(60) == -signal.SIGKILL
        assert len(keys_of([second])) == 1  # while the first call is still held
        release.set()
        first.communicate()


def test_a_wait_that_times_out_is_reported(home: Home) -> None:
    with held_sts(home) as (url, calls, arrived, release):
        first = start(home, "assume", "project1", "--format", "json", AWS_ENDPOINT_URL_STS=url)
        assert arrived.wait(60)
        result = home.awsenv(
            "assume", "project1", "--shell", "bash", AWS_ENDPOINT_URL_STS=url, AWSENV_LOCK_TIMEOUT="0.3"
        )
        assert (result.returncode, result.stdout) == (1, "(exit 1);\n")
        assert result.stderr.count("\n") == 1
        assert "another awsenv has been fetching credentials for project1 for more than 0.3 s" in result.stderr
        assert "AWSENV_LOCK_TIMEOUT" in result.stderr
        release.set()
        keys_of([first])
    assert len(calls) == 1


def test_an_invalid_lock_timeout_is_rejected(home: Home) -> None:
    result = home.awsenv("assume", "project1", "--shell", "bash", AWSENV_LOCK_TIMEOUT="soon")
    assert result.returncode == 2
    assert "AWSENV_LOCK_TIMEOUT is 'soon'" in result.stderr


def test_a_waiting_process_gives_the_reason_and_ctrl_c_changes_nothing(home: Home) -> None:
    with held_sts(home) as (url, calls, arrived, release):
        first = start(home, "assume", "project1", "--format", "json", AWS_ENDPOINT_URL_STS=url)
        assert arrived.wait(60)
        waiter = pexpect.spawn(
            "/bin/sh",
            ["-c", f"{AWSENV} assume project1 --shell bash >out; echo CODE=$?"],
            env=home.environment(AWS_ENDPOINT_URL_STS=url),  # type: ignore[arg-type]
            cwd=str(home.path),
            timeout=60,
        )
        waiter.expect("waiting for another awsenv process that is fetching credentials for project1")
        waiter.sendintr()
        waiter.expect("interrupted, nothing was changed")
        waiter.close(force=True)
        assert (home.path / "out").read_text() == "(exit 130);\n"
        release.set()
        keys_of([first])
    assert len(calls) == 1


def test_assume_works_without_a_lock_file(home: Home) -> None:
    (home.path / ".cache").write_text("a file where a directory should be")
    assert home.exported("project1")["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_the_lock_is_a_lock_of_the_operating_system(home: Home) -> None:
    """awsenv also waits for a lock held by another program."""
    home.exported("project1")
    (path,) = (home.path / ".cache/awsenv/locks").iterdir()
    with FileLock(path):
        result = home.awsenv("assume", "project1", "--refresh", "--shell", "bash", AWSENV_LOCK_TIMEOUT="0.3")
    assert "for more than 0.3 s" in result.stderr
    assert home.exported("project1", "--refresh")


def test_concurrent_processes_prompt_for_one_mfa_code(home: Home, scripted_sts: ScriptedSts) -> None:
    home.config.write_text(
        "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/p\nsource_profile = user1\nregion = eu-central-1\n"
        f"mfa_serial = {SERIAL}\n"
    )
    scripted_sts.guarded, scripted_sts.codes = True, {"123456"}
    command = "; ".join(
        [
            f"for i in 1 2 3 4 5 6; do {AWSENV} assume p --format json >out.$i & done",
            "wait",
            "echo ALL'-'DONE",
        ]
    )
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", command],
        env=home.environment(AWS_ENDPOINT_URL_STS=scripted_sts.url),  # type: ignore[arg-type]
        cwd=str(home.path),
        timeout=60,
        encoding="utf-8",
    )
    child.expect("Enter MFA code for")
    child.expect("waiting for another awsenv")
    child.sendline("123456")
    child.expect("ALL-DONE")
    assert "Enter MFA code" not in str(child.before)
    child.close()
    keys = {json.loads((home.path / f"out.{number}").read_text())["AWS_ACCESS_KEY_ID"] for number in range(1, 7)}
    assert len(keys) == 1
    assert scripted_sts.count("AssumeRole") == 1
