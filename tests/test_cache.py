"""The session cache: the profiles of its entries, corrupt entries, and what `clear` removes."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.clock import Clock
from support.homes import Home
from support.keyrings import KEYRING
from support.session_cache import (
    AWS_ACCOUNT,
    NOW,
    OTHER,
    PROJECT1,
    SSO1,
    Files,
    as_another_user,
    aws,
    owned_by_root,
    session,
)
from support.sts import ACCOUNT

from awsenv.report import session_cache, table
from awsenv.report.session_cache import CORRUPT, EXPIRED, GOOD, TEMP_FILE, Cache, Cached
from awsenv.result import USAGE, AwsenvError


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


# --- entries --------------------------------------------------------------------------------------------------------------


def test_an_entry_is_listed_with_its_profiles_and_expiration(files: Files) -> None:
    files.put(f"{PROJECT1}.json", session(role="project1"))
    files.put(f"{SSO1}.json", {"ProviderType": "sso", **session(NOW - 60)})
    unnamed = files.put(f"{OTHER}.json", session(NOW + 600, role="deploy"))
    found = {entry.key: entry for entry in files.entries()}
    one = found[PROJECT1]
    assert (one.profiles, one.role, one.account) == (("project1", "twin"), "project1", AWS_ACCOUNT)
    assert (one.state, one.why, one.expiration) == (GOOD, "", NOW + 3600)
    assert (found[SSO1].profiles, found[SSO1].role, found[SSO1].account) == (("sso1",), "Admin", "111122223333")
    assert found[SSO1].state == EXPIRED
    assert found[OTHER] == Cached(OTHER, str(unnamed), GOOD, "", (), "deploy", AWS_ACCOUNT, NOW + 600)


def test_the_account_is_read_from_the_access_key_as_a_last_resort(files: Files) -> None:
    files.put(f"{OTHER}.json", session())
    assert files.entries()[0].account == "029608264753"


@pytest.mark.shell
def test_sessions_that_only_awsenv_caches_have_their_profiles_too(home: Home) -> None:
    """The AWS CLI caches neither sessions with a policy nor those of GetSessionToken."""
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    home.config.write_text(
        f"{home.config.read_text()}\n[profile narrow]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/project1\n"
        "source_profile = user1\nregion = us-east-1\n"
        f"policy = {json.dumps({'Version': '2012-10-17', 'Statement': [allowed]})}\n"
    )
    home.exported("narrow")
    home.exported("user1", "--session-token", "--region", "eu-west-1")
    found = list(Cache(home.environment(), 0).entries())
    assert sorted((entry.profiles, entry.role) for entry in found) == [(("narrow",), "project1"), (("user1",), None)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "empty"),
        ('{"Credentials": {"Acc', "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"\xef\xbb\xbf" + json.dumps(session()).encode(), "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        (b" " * 2_000_000, "too large"),
        ([], "no Credentials"),
        ({}, "no Credentials"),
        ({"Credentials": {}}, "no AccessKeyId"),
        (session(SessionToken=None), "no SessionToken"),
        (session(SecretAccessKey=""), "no SecretAccessKey"),
        (session(None), "no Expiration"),
        (session("2026-11-22T19:39:27"), "not a time with a zone"),
        (session("soon"), "not a time with a zone"),
        (session(1795376367.0), "no Expiration"),
    ],
)
def test_a_corrupt_entry_is_listed_with_the_reason(content: object, why: str, files: Files) -> None:
    files.put(f"{PROJECT1}.json", content)
    (entry,) = files.entries()
    assert (entry.state, entry.profiles, entry.expiration) == (CORRUPT, ("project1", "twin"), None)
    assert why in entry.why
    assert files.run("clear", "--corrupt").code == 0
    assert files.names() == set()


@pytest.mark.parametrize("end", ["2026-11-22T20:39:27Z", "2026-11-22T20:39:27+00:00", "2026-11-22T20:39:27UTC"])
def test_the_times_of_every_writer_are_read(end: str, files: Files) -> None:
    files.put(f"{PROJECT1}.json", session(end))
    assert (files.entries()[0].state, files.entries()[0].expiration) == (GOOD, NOW + 3600)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(Path.mkdir, "a directory", id="directory"),
        pytest.param(os.mkfifo, "not a file", id="pipe"),
        pytest.param(lambda path: path.symlink_to("nowhere"), "a link", id="dangling link"),
    ],
)
def test_an_entry_that_is_not_a_file_is_corrupt_and_removed(
    make: Callable[[Path], object], why: str, files: Files
) -> None:
    make(files.directory / f"{PROJECT1}.json")
    assert [entry.state for entry in files.entries()] == [CORRUPT]
    assert why in files.entries()[0].why
    files.run("clear")
    assert files.names() == set()


def test_a_directory_that_is_not_empty_is_not_removed(files: Files) -> None:
    thesis = files.directory / f"{PROJECT1}.json" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("years of work")
    files.put(f"{OTHER}.json", "")
    with pytest.raises(AwsenvError) as error:
        files.run("clear")
    assert str(error.value).startswith("1 entry removed, but cannot remove ")
    assert thesis.read_text() == "years of work"
    assert files.names() == {f"{PROJECT1}.json"}


def test_a_linked_session_loses_only_its_link(files: Files, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps(session()))
    (files.directory / f"{PROJECT1}.json").symlink_to(elsewhere)
    assert files.states() == {PROJECT1: GOOD}
    files.run("clear", "--all")
    assert (files.names(), elsewhere.exists()) == (set(), True)


def test_unreadable_files_of_another_user_are_corrupt() -> None:
    with owned_by_root() as home:
        files = Files(home)
        for name, mode, owner in ((PROJECT1, 0o600, 0), (SSO1, 0o666, 0), (OTHER, 0o000, 65534), ("a" * 40, 0o644, 0)):
            path = files.put(f"{name}.json", session())
            os.chown(path, owner, -1)
            path.chmod(mode)
        with as_another_user():
            assert files.states() == {PROJECT1: CORRUPT, SSO1: GOOD, OTHER: CORRUPT, "a" * 40: CORRUPT}
            why = {entry.key: entry.why for entry in files.entries()}
            assert why[PROJECT1].startswith("belongs to root")
            assert why[OTHER] == "cannot be read: Permission denied"
            with pytest.raises(AwsenvError, match=r"cannot remove .*: Permission denied \(and 2 more\)"):
                files.run("clear")
        assert set(files.states().values()) == {GOOD}  # root can read all of them


# --- other files --------------------------------------------------------------------------------------------------------

NOT_OURS = {
    "session.db": b"SQLite format 3\x00",
    "session.db-journal": b"",
    "notes.json": b"not even JSON",
    "settings.json": b'{"theme": "dark"}',
    f"{OTHER}": b"",
    f"{OTHER}.json.bak": b"",
    f"{OTHER.upper()}.json": b"",
    "other.tmp": b"",
    ".DS_Store": b"",
}


@pytest.mark.parametrize("options", [(), ("--all",), ("--expired", "--corrupt"), ("--profile", "project1")])
def test_other_files_are_left_alone(options: tuple[str, ...], files: Files) -> None:
    for name, content in NOT_OURS.items():
        files.put(name, content)
    (files.directory / "sub.json").mkdir()
    (files.directory / "tmpabcdefgh.tmp").mkdir()
    for path in files.directory.iterdir():
        os.utime(path, (NOW - 86400, NOW - 86400))
    sign_in = files.home / ".aws" / "sso" / "cache" / f"{OTHER}.json"
    sign_in.parent.mkdir(parents=True)
    sign_in.write_text("")
    before = files.names()
    assert files.entries() == []
    assert files.run("clear", *options).out == "nothing to remove\n"
    assert files.names() == before
    assert sign_in.exists()


def test_an_entry_named_by_an_old_aws_cli_is_listed_if_it_holds_a_session(files: Files) -> None:
    name = f"project1--arn_aws_iam__{AWS_ACCOUNT}_role-project1"
    files.put(f"{name}.json", session())
    assert files.states() == {name: GOOD}


def test_old_temporary_files_are_listed(files: Files) -> None:
    leftovers = {f"{OTHER}.json.0a1b2c3d.tmp", "tmpab_12xyz.tmp"}
    for name in leftovers:
        os.utime(files.put(name, "half"), (NOW - 5, NOW - 5))
    assert files.entries() == []
    for name in leftovers:
        os.utime(files.directory / name, (NOW - 86400, NOW - 86400))
    assert files.states() == dict.fromkeys(leftovers, TEMP_FILE)
    assert files.run("clear", "--expired").out == "nothing to remove\n"
    files.run("clear", "--corrupt")
    assert files.names() == set()


def test_temporary_file_names_match_those_of_awsenv_and_botocore(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.utils import JSONFileCache

    from awsenv.credentials import cache

    def crash(*paths: object) -> None:
        raise OSError("the power is out")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="power"):
        patched.setattr(os, "replace", crash)
        JSONFileCache(str(files.directory))[OTHER] = session()
    monkeypatch.setattr(os, "replace", crash)
    monkeypatch.setattr(os, "unlink", crash)
    with pytest.raises(OSError, match="power"):
        cache.store(str(files.directory / f"{OTHER}.json"), session())
    monkeypatch.undo()
    assert len(files.names()) == 2
    for path in files.directory.iterdir():
        os.utime(path, (NOW - 86400, NOW - 86400))
    assert set(files.states().values()) == {TEMP_FILE}


# --- clearing -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(files: Files) -> Files:
    """A cache with a valid session of project1, one of its role with another key, an expired and a corrupt one."""
    files.put(f"{PROJECT1}.json", session(role="project1"))
    files.put(f"{'d' * 40}.json", session(role="project1"))
    files.put(f"{SSO1}.json", session(NOW - 60))
    files.put(f"{OTHER}.json", "")
    return files


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        ((), {SSO1, OTHER}),
        (("--expired", "--corrupt"), {SSO1, OTHER}),
        (("--expired",), {SSO1}),
        (("--corrupt",), {OTHER}),
        (("--all",), {PROJECT1, "d" * 40, SSO1, OTHER}),
        (("--profile", "project1"), {PROJECT1, "d" * 40}),
        (("--profile=twin",), {PROJECT1, "d" * 40}),
        (("--profile", "sso1"), {SSO1}),
        (("--profile", "sso1", "--corrupt"), set()),
        (("--profile", "sso1", "--expired"), {SSO1}),
        (("--profile", "user1"), set()),
    ],
)
def test_each_option_removes_its_entries(options: tuple[str, ...], gone: set[str], mixed: Files) -> None:
    before = mixed.names()
    result = mixed.run("clear", *options, "--json")
    assert {entry["key"] for entry in json.loads(result.out)} == gone
    assert before - mixed.names() == {f"{key}.json" for key in gone}


def test_clear_shows_what_it_removed_and_what_remains(mixed: Files) -> None:
    out = mixed.run("clear").out
    lines = out.splitlines()
    assert [lines[0].split(), lines[1].split()] == [
        ["PROFILE", "ROLE", "ACCOUNT", "LEFT", "STATE", "KEY"],
        ["-", "-", "-", "-", "corrupt:", "empty", OTHER],
    ]
    assert lines[2].split() == ["sso1", "Admin", "111122223333", "expired", "expired", SSO1]
    assert lines[3:] == ["2 entries removed; 2 valid sessions stay, which --all removes"]
    assert mixed.run("clear").out == "nothing to remove; 2 valid sessions stay, which --all removes\n"
    assert "not to be seen" not in out


def test_a_session_renewed_in_the_meantime_is_not_removed(mixed: Files) -> None:
    cache = Cache(mixed.environ, NOW)
    old = next(entry for entry in cache.entries() if entry.key == SSO1)
    mixed.put(f"{SSO1}.json", session())
    assert cache.remove(old) is False
    assert mixed.states()[SSO1] == GOOD
    (mixed.directory / f"{SSO1}.json").unlink()
    assert cache.remove(old) is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "list or clear"),
        (("empty",), "does not take the argument 'empty'"),
        (("list", "--all"), "did you mean awsenv cache clear --all?"),
        (("list", "--profile", "project1"), "cache list takes no --profile"),
        (("clear", "--all", "--expired"), "--expired does not go with --all"),
        (("clear", "--all", "--profile", "project1"), "--profile does not go with --all"),
    ],
)
def test_invalid_arguments_are_errors(arguments: tuple[str, ...], message: str, mixed: Files) -> None:
    before = mixed.names()
    with pytest.raises(AwsenvError) as error:
        mixed.run(*arguments)
    assert error.value.code == USAGE
    assert message in str(error.value)
    assert mixed.names() == before


def test_an_unknown_profile_removes_nothing(mixed: Files) -> None:
    before = mixed.names()
    with pytest.raises(AwsenvError, match="no profile 'projct1'"):
        mixed.run("clear", "--profile", "projct1")
    assert mixed.names() == before


def test_unreadable_aws_files_give_a_list_without_profile_names(mixed: Files) -> None:
    (mixed.home / ".aws" / "config").write_text("[profile project1\n")
    result = mixed.run("list", "--json")
    assert {entry["key"]: entry["state"] for entry in json.loads(result.out)} == mixed.states()
    assert "config, line 1" in result.note
    assert all(entry.profiles == () for entry in mixed.entries())
    with pytest.raises(AwsenvError, match="line 1"):
        mixed.run("clear", "--profile", "project1")


def test_a_missing_cache_is_empty(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.directory.rmdir()
    assert files.run("list").out == f"no sessions in {files.directory}\n"
    assert files.run("list", "--json").out == "[]\n"
    assert files.run("clear", "--all").out == "nothing to remove\n"


def test_a_file_in_place_of_the_cache_directory_is_an_error(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.directory.rmdir()
    files.directory.write_text("")
    with pytest.raises(AwsenvError, match=r"cannot read the session cache .*: Not a directory"):
        files.run("list")


# --- the output ---------------------------------------------------------------------------------------------------------


def test_the_list_is_plain_text_when_it_is_piped(mixed: Files) -> None:
    assert sorted(mixed.run("list").out.splitlines()) == sorted(
        [
            "PROFILE         ROLE      ACCOUNT       LEFT     STATE           KEY",
            f"-               -         -             -        corrupt: empty  {OTHER}",
            f"sso1            Admin     111122223333  expired  expired         {SSO1}",
            f"project1, twin  project1  {AWS_ACCOUNT}  1h00m    good            {PROJECT1}",
            f"-               project1  {AWS_ACCOUNT}  1h00m    good            {'d' * 40}",
        ]
    )


def test_json_has_the_content_of_the_table(mixed: Files) -> None:
    listed = {entry["key"]: entry for entry in json.loads(mixed.run("list", "--json").out)}
    assert listed[PROJECT1] == {
        "key": PROJECT1,
        "path": str(mixed.directory / f"{PROJECT1}.json"),
        "state": "good",
        "why": "",
        "profiles": ["project1", "twin"],
        "role": "project1",
        "account": AWS_ACCOUNT,
        "expiration": NOW + 3600,
        "seconds_left": 3600,
    }
    assert listed[OTHER]["seconds_left"] is None
    assert listed[SSO1]["seconds_left"] == -60


def test_a_table_is_colored_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(("a[b]\x1b[31m", "red"), table.left(NOW + 60, NOW), None)]
    plain = "A             B   C\na[b]\\x1b[31m  1m  -\n"
    assert table.text(("A", "B", "C"), rows) == plain
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[31ma[b]" in table.text(("A", "B", "C"), rows)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in table.text(("A", "B", "C"), rows)


# --- the keyring --------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_sessions_in_the_keyring_are_listed_and_cleared(home: Home) -> None:
    home.exported("project1")
    home.exported("chained", **KEYRING)
    home.exported("user1", "--session-token", "--region", "eu-west-1", **KEYRING)
    listed = json.loads(home.awsenv("cache", "list", "--json", **KEYRING).stdout)
    found = sorted((entry["profiles"], entry["state"], entry["path"] is None) for entry in listed)
    assert found == [
        (["chained"], "good", True),
        (["project1", "no region"], "good", False),
        (["project1", "no region"], "good", True),
        (["user1"], "good", True),
    ]
    assert "(keyring)" in home.awsenv("cache", "list", **KEYRING).stdout
    assert "3 entries removed" not in home.awsenv("cache", "clear", "--profile", "chained", **KEYRING).stdout
    assert len(json.loads(home.awsenv("cache", "list", "--json", **KEYRING).stdout)) == 3
    assert home.awsenv("cache", "clear", "--all", **KEYRING).stdout.endswith("3 entries removed\n")
    assert json.loads(home.awsenv("cache", "list", "--json", **KEYRING).stdout) == []
    assert list(home.cache.iterdir()) == []


# --- with the real AWS CLIs ---------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "'{key}'"),
        ('{"Credentials"', "'{key}'"),
        ("{}", "'Credentials'"),
        ('{"Credentials": {}}', "'Expiration'"),
        ("[]", "list indices must be integers or slices, not str"),
        (json.dumps(session("2030-11-22T19:39:27")), "can't subtract offset-naive and offset-aware datetimes"),
        (json.dumps(session("soon")), "Unknown string format: soon"),
    ],
)
def test_the_aws_cli_fails_on_a_corrupt_entry_and_works_after_clear(content: str, message: str, home: Home) -> None:
    home.exported("project1")
    (file,) = home.cache.glob("*.json")
    good = file.read_text()
    file.write_text(content)
    failed = aws(home, "v1", "project1")
    assert failed.returncode != 0
    assert failed.stderr.strip().removeprefix("aws: [ERROR]: ") == message.format(key=file.stem)
    listed = home.awsenv("cache", "list").stdout
    assert file.stem in listed
    assert "corrupt" in listed
    cleared = home.awsenv("cache", "clear", "--corrupt")
    assert (cleared.returncode, cleared.stdout.splitlines()[-1]) == (0, "1 entry removed")
    assert aws(home, "v1", "project1").returncode == 0
    assert file.read_text() != good  # the AWS CLI has obtained a new session
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.shell
def test_the_debian_aws_cli_fails_on_a_corrupt_entry_and_works_after_clear(home: Home) -> None:
    home.exported("project1")
    (file,) = home.cache.glob("*.json")
    good = file.read_text()
    assert aws(home, "v2", "project1").returncode == 0
    file.write_text("")
    assert aws(home, "v2", "project1").stderr.strip() == f"'{file.stem}'"
    home.awsenv("cache", "clear", "--corrupt")
    file.write_text(good)  # the AWS CLI 1 would write it anew; version 2 could obtain it only from the real STS
    (home.cache / "session.db").write_bytes(b"SQLite format 3\x00")
    assert home.awsenv("cache", "clear").stdout.startswith("nothing to remove; 1 valid session stays")
    assert aws(home, "v2", "project1").returncode == 0


@pytest.mark.shell
def test_an_expired_session_is_removed_and_a_valid_one_stays(home: Home, clock: Clock) -> None:
    home.exported("project1", **clock.environment)
    clock.move("+59m")
    home.exported("guarded", "--external-id", "open sesame", **clock.environment)
    clock.move("+61m")
    result = home.awsenv("cache", "clear", **clock.environment)
    assert result.stdout.splitlines()[-1].startswith("1 entry removed; 1 valid session stays")
    assert [entry.role for entry in session_cache.Cache(home.environment(), 0).entries()] == ["guarded"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_what_root_stores_in_another_users_home_belongs_to_that_user(home: Home) -> None:
    """sudo -E keeps HOME: the user's AWS tools would neither read nor renew sessions of root, nor read its config file."""
    for path in (home.path, *home.path.rglob("*")):
        os.chown(path, 65534, 65533)
    home.exported("project1")
    role = ("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1", "--source-profile", "user1")
    done = home.awsenv("profile", "made", *role, "--append", AWS_CONFIG_FILE=str(home.path / "new" / "config"))
    assert done.returncode == 0, done.stderr
    made = {path.relative_to(home.path).as_posix() for path in home.path.rglob("*")}
    assert {".aws/cli/cache", ".cache/awsenv/locks", "new/config"} <= made
    assert {(path.stat().st_uid, path.stat().st_gid) for path in home.path.rglob("*")} == {(65534, 65533)}
