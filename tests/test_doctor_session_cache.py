"""The doctor's checks of the session cache: each finds its problem, and nothing in a healthy cache."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.homes import Home
from support.keyrings import NO_KEYRING
from support.session_cache import NOW, OTHER, PROJECT1, SSO1, Files, as_another_user, aws, owned_by_root, session

from awsenv import doctor
from awsenv.credentials import backends
from awsenv.doctor.check import ERROR, NOTE, WARNING, Check, Finding
from awsenv.doctor.checks import session_cache
from awsenv.doctor.context import Context

CHECKS = doctor.group("session-cache").checks


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def look(check: Check, files: Files, named: str | None = "project1", **environ: str) -> list[Finding]:
    return list(check.look(Context({**files.environ, **environ}, NOW, named, offline=True)))


def found_ids(files: Files, named: str | None = "project1", **environ: str) -> list[str]:
    return [finding.check.id for check in CHECKS for finding in look(check, files, named, **environ)]


def test_a_healthy_cache_has_no_findings(files: Files) -> None:
    files.put(f"{PROJECT1}.json", session(role="project1"))
    files.put(f"{SSO1}.json", {"ProviderType": "sso", **session(NOW + 60)})
    files.put("session.db", b"SQLite format 3\x00")
    files.put("tmpabcdefgh.tmp", "being written")
    os.utime(files.directory / "tmpabcdefgh.tmp", (NOW, NOW))
    assert found_ids(files) == found_ids(files, None) == found_ids(files, "sso1") == []


@pytest.mark.parametrize("home_is", ["empty", "without a cache"])
def test_a_missing_cache_has_no_findings(home_is: str, files: Files) -> None:
    files.directory.rmdir()
    if home_is == "empty":
        (files.home / ".aws" / "config").unlink()
        (files.home / ".aws" / "credentials").unlink()
    assert found_ids(files, None) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "empty"),
        ("{", "not JSON; it may be truncated"),
        ("{}", "no Credentials in it"),
        (session(None), "no Expiration in it"),
        (session("2026-11-22T19:39:27"), "its Expiration is not a time with a zone"),
    ],
)
def test_a_corrupt_entry_is_found(content: object, why: str, files: Files) -> None:
    path = files.put(f"{PROJECT1}.json", content)
    (finding,) = look(session_cache.cache_corrupt, files)
    assert finding.what == f"the cached session of project1, twin is corrupt: {why}"
    assert finding.evidence == (str(path),)
    assert (finding.instructions, finding.severity) == ("awsenv cache clear --corrupt", ERROR)
    assert finding.auto_fix is not None
    assert [entry.path for entry in finding.auto_fix.remove] == [str(path)]
    files.put(f"{PROJECT1}.json", session())
    assert found_ids(files) == []


@pytest.mark.parametrize(
    ("named", "environ", "severity"),
    [
        ("project1", {}, ERROR),
        (None, {"AWS_PROFILE": "twin"}, ERROR),  # the same role
        (None, {}, WARNING),
        ("sso1", {}, WARNING),
    ],
)
def test_a_corrupt_entry_of_the_profile_in_question_is_an_error(
    named: str | None, environ: dict[str, str], severity: str, files: Files
) -> None:
    files.put(f"{PROJECT1}.json", "")
    assert [finding.severity for finding in look(session_cache.cache_corrupt, files, named, **environ)] == [severity]


def test_a_corrupt_entry_without_a_profile_is_a_warning(files: Files) -> None:
    files.put(f"{OTHER}.json", "")
    (finding,) = look(session_cache.cache_corrupt, files)
    assert (finding.what, finding.severity) == ("a cached session of no profile is corrupt: empty", WARNING)


def test_a_corrupt_entry_is_found_beside_unreadable_aws_files(files: Files) -> None:
    files.put(f"{PROJECT1}.json", "")
    (files.home / ".aws" / "config").write_text("[profile project1\n")
    findings = doctor.examine(Context(files.environ, NOW, offline=True), CHECKS)
    assert "cache-corrupt" in [finding.check.id for finding in findings]


def test_a_directory_in_place_of_an_entry_is_not_removed(files: Files) -> None:
    (files.directory / f"{PROJECT1}.json").mkdir()
    (finding,) = look(session_cache.cache_corrupt, files)
    assert finding.what.endswith("is corrupt: a directory, not a file")
    assert finding.auto_fix is None


def test_an_expired_entry_is_a_note(files: Files) -> None:
    path = files.put(f"{SSO1}.json", session(NOW - 3900))
    (finding,) = look(session_cache.cache_expired, files)
    assert finding.what == "1 cached session expired"
    assert finding.evidence == (f"{path}: the cached session of sso1, 1h05m ago",)
    assert (finding.severity, finding.instructions) == (NOTE, "awsenv cache clear --expired")
    assert finding.auto_fix is not None
    assert [entry.path for entry in finding.auto_fix.remove] == [str(path)]
    files.put(f"{SSO1}.json", session(NOW + 1))
    assert found_ids(files) == []


def test_a_temporary_file_is_a_note(files: Files) -> None:
    path = files.put("tmpabcdefgh.tmp", "half")
    os.utime(path, (NOW - 3600, NOW - 3600))
    (finding,) = look(session_cache.cache_litter, files)
    assert (finding.evidence, finding.severity) == ((str(path),), NOTE)
    assert finding.auto_fix is not None
    assert [entry.path for entry in finding.auto_fix.remove] == [str(path)]


# --- a directory that cannot be used ------------------------------------------------------------------------------------


def _file_for_cache(files: Files) -> Path:
    files.directory.rmdir()
    files.directory.write_text("")
    return files.directory


def _file_for_cli(files: Files) -> Path:
    files.directory.rmdir()
    files.directory.parent.rmdir()
    files.directory.parent.write_text("")
    return files.directory.parent


@pytest.mark.parametrize("spoil", [_file_for_cache, _file_for_cli])
def test_a_file_in_place_of_the_cache_directory_is_an_error(spoil: Callable[[Files], Path], files: Files) -> None:
    path = spoil(files)
    (finding,) = look(session_cache.cache_unusable, files)
    assert finding.what == f"cannot cache sessions in {files.directory}: {path} is not a directory"
    assert finding.severity == ERROR
    assert found_ids(files) == ["cache-unusable"]
    assert look(session_cache.cache_unusable, files, "user1") == []  # its long-term keys have no session
    assert look(session_cache.cache_unusable, files, None) == []


@pytest.mark.parametrize("closed", ["cache", "cli"])
def test_a_cache_directory_without_permission_is_an_error(closed: str) -> None:
    with owned_by_root() as home:
        files = Files(home)
        if closed == "cli":
            files.directory.rmdir()
        with as_another_user():
            (finding,) = look(session_cache.cache_unusable, files)
            assert look(session_cache.cache_unusable, files, "user1") == []
        path = files.directory if closed == "cache" else files.directory.parent
        assert finding.what == f"cannot cache sessions in {files.directory}: you may not read and write {path}"
        os.chown(path, 65534, -1)
        with as_another_user():
            assert look(session_cache.cache_unusable, files) == []


@pytest.mark.parametrize("closed", ["cli", "cli/cache", "sso", "sso/cache", "login/cache"])
def test_a_cache_that_belongs_to_root_is_found_without_a_profile(closed: str) -> None:
    """`sudo -E aws` makes such directories."""
    with owned_by_root() as home:
        files = Files(home)
        for name in ("sso/cache", "login/cache"):
            (home / ".aws" / name).mkdir(parents=True)
        for path in [home / ".aws", *(home / ".aws").rglob("*")]:
            os.chown(path, 65534, -1)
        path = home / ".aws" / closed
        os.chown(path, 0, 0)
        path.chmod(0o700)
        with as_another_user():
            (finding,) = look(session_cache.cache_not_yours, files, None)
            assert finding.severity == WARNING
            assert finding.evidence == (str(path),)
            above = path.parent if closed.endswith("cache") else path
            assert finding.instructions == f"sudo chown -R 65534 {above}"
            is_cli_cache = closed.startswith("cli")
            assert bool(look(session_cache.cache_unusable, files)) == is_cli_cache  # the same, for a role
            assert bool(look(session_cache.cache_not_yours, files)) != is_cli_cache
        os.chown(path, 65534, -1)
        with as_another_user():
            assert look(session_cache.cache_not_yours, files, None) == []
            path.chmod(0o500)
            (finding,) = look(session_cache.cache_not_yours, files, None)
            assert finding.instructions == f"chmod -R u+rwX {above}"


def test_a_sign_in_that_belongs_to_root_is_found_without_a_profile() -> None:
    with owned_by_root() as home:
        files, directory = Files(home), home / ".aws" / "sso" / "cache"
        directory.mkdir(parents=True)
        for path in [home / ".aws", *(home / ".aws").rglob("*")]:
            os.chown(path, 65534, -1)
        path = directory / f"{'a' * 40}.json"
        path.write_text("{}")
        path.chmod(0o600)
        with as_another_user():
            (finding,) = look(session_cache.cache_not_yours, files, None)
        assert (finding.what, finding.evidence) == (f"you may not read and write 1 file in {directory}", (str(path),))
        assert finding.instructions == f"sudo chown -R 65534 {directory}"


def test_a_locked_keyring_is_an_error(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", NO_KEYRING["PYTHON_KEYRING_BACKEND"])
    backends._keyring.cache_clear()
    (finding,) = look(session_cache.cache_unusable, files, **NO_KEYRING)
    backends._keyring.cache_clear()
    assert "there is no keyring on this machine" in finding.what
    assert look(session_cache.cache_corrupt, files, **NO_KEYRING) == []


# --- with the real AWS CLI ----------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_what_the_aws_cli_fails_on_is_found_and_fixed(home: Home) -> None:
    home.exported("project1")
    (file,) = home.cache.glob("*.json")
    file.write_text("")
    assert aws(home, "v1", "project1").stderr.strip().removeprefix("aws: [ERROR]: ") == f"'{file.stem}'"
    (finding,) = session_cache.cache_corrupt.look(Context(home.environment(), NOW, "project1", offline=True))
    assert finding.severity == ERROR
    assert finding.auto_fix is not None
    (entry,) = finding.auto_fix.remove
    Path(str(entry.path)).unlink()
    assert json.loads(aws(home, "v1", "project1").stdout)["Arn"].split("/")[1] == "project1"
    assert list(session_cache.cache_corrupt.look(Context(home.environment(), NOW, "project1", offline=True))) == []
