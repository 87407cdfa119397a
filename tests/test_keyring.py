"""AWSENV_CACHE=keyring: sessions in the keyring of the operating system, with real backends that need no desktop."""

from __future__ import annotations

import configparser
import json
import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clients import caller
from support.clock import Clock
from support.homes import Home, failed
from support.keyrings import KEYRING, NO_KEYRING
from support.programs import BIN

from awsenv.credentials import backends
from awsenv.environment import settings
from awsenv.result import AwsenvError
from awsenv.system import install_hint


def entries(home: Home) -> dict[str, str]:
    """The entries in the file of keyrings.alt, which replaces the operating system's keyring."""
    file = configparser.RawConfigParser()
    file.read(home.path / ".local/share/python_keyring/keyring_pass.cfg")
    return {name: "".join(file[name].values()) for name in file.sections()}


def files_with(home: Home, secret: str) -> list[Path]:
    """The files under the home that contain a text, except that of the keyring."""
    files = (path for path in home.path.rglob("*") if path.is_file() and path.name != "keyring_pass.cfg")
    return [path for path in files if secret.encode() in path.read_bytes()]


@pytest.mark.shell
def test_the_session_is_in_the_keyring_and_in_no_file(home: Home) -> None:
    values = home.exported("project1", **KEYRING)
    assert "assumed-role/project1/" in caller(home, **values)
    assert not home.cache.exists()
    assert len(entries(home)) == 1
    for secret in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert files_with(home, values[secret]) == []
    offline = {**KEYRING, "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9"}
    assert home.exported("project1", **offline) == values  # by the hint
    for hint in (home.path / ".cache/awsenv").glob("hint-*"):
        hint.unlink()
    assert home.exported("project1", **offline) == values  # by botocore
    credentials = json.loads(home.awsenv("credential-process", "project1", **offline).stdout)
    assert credentials["SessionToken"] == values["AWS_SESSION_TOKEN"]
    assert home.exported("project1", "--refresh", **KEYRING)["AWS_ACCESS_KEY_ID"] != values["AWS_ACCESS_KEY_ID"]
    assert len(entries(home)) == 1


@pytest.mark.shell
def test_a_chain_stores_all_its_sessions_in_the_keyring(home: Home) -> None:
    home.exported("chained", **KEYRING)
    assert len(entries(home)) == 2
    assert not home.cache.exists()
    rows = {row["name"]: row for row in json.loads(home.awsenv("list", "--json", **KEYRING).stdout)}
    assert rows["chained"]["expiration"]
    assert rows["guarded"]["expiration"] is None


@pytest.mark.shell
def test_the_session_of_long_term_keys_is_in_the_keyring(home: Home) -> None:
    first = home.exported("user1", "--session-token", "--region", "eu-west-1", **KEYRING)
    assert len(entries(home)) == 1
    assert not home.cache.exists()
    assert home.exported("user1", "--session-token", "--region", "eu-west-1", **KEYRING) == first


@pytest.mark.shell
def test_a_session_in_the_keyring_is_renewed_before_expiry(home: Home, clock: Clock) -> None:
    first = home.exported("project1", **KEYRING, **clock.environment)
    clock.move("+50m")
    assert home.exported("project1", **KEYRING, **clock.environment) != first


@pytest.mark.shell
def test_keyring_and_file_cache_are_separate(home: Home) -> None:
    in_a_file = home.exported("project1")
    in_the_keyring = home.exported("project1", **KEYRING)
    assert in_the_keyring["AWS_ACCESS_KEY_ID"] != in_a_file["AWS_ACCESS_KEY_ID"]
    assert home.exported("project1") == in_a_file
    assert home.exported("project1", **KEYRING) == in_the_keyring
    assert home.exported("project1", HOME=str(home.path), **{**KEYRING, "AWSENV_CACHE": "files"}) == in_a_file


@pytest.mark.shell
@pytest.mark.parametrize("line", ["cache = keyring", "AWSENV_CACHE=keyring", "export AWSENV_CACHE='Keyring'"])
def test_the_settings_file_selects_the_keyring_immediately(line: str, home: Home) -> None:
    backend = {"PYTHON_KEYRING_BACKEND": KEYRING["PYTHON_KEYRING_BACKEND"]}
    in_a_file = home.exported("project1", **backend)
    path = Path(settings.path_of(home.environment()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line + "\n")
    in_the_keyring = home.exported("project1", **backend)
    assert in_the_keyring["AWS_ACCESS_KEY_ID"] != in_a_file["AWS_ACCESS_KEY_ID"]
    assert len(entries(home)) == 1
    assert settings.read(home.environment())[1] == []  # the prompt accepts that line
    path.unlink()
    assert home.exported("project1", **backend) == in_a_file


# --- no keyring -------------------------------------------------------------------------------------------------------


def refused(home: Home, *args: str, code: int = 1, **more: str) -> str:
    """Run assume, which must fail; its stderr."""
    return failed(home, "assume", *args, "--format", "json", code=code, **more)


@pytest.mark.shell
def test_list_works_without_a_keyring(home: Home) -> None:
    result = home.awsenv("list", **NO_KEYRING)
    assert (result.returncode, result.stderr) == (0, "")
    assert "project1" in result.stdout


@pytest.mark.shell
def test_a_missing_keyring_is_an_error_and_writes_no_file(home: Home) -> None:
    for variables in (NO_KEYRING, {"AWSENV_CACHE": "keyring", "DBUS_SESSION_BUS_ADDRESS": ""}):
        # the second: what keyring selects on a machine without a desktop; not the plain file of keyrings.alt, which is
        # installed here
        stderr = refused(home, "project1", **variables)
        assert "AWSENV_CACHE is keyring, and there is no keyring on this machine" in stderr
        assert "--no-cache" in stderr
        assert "no keyring" in refused(home, "project1", "--refresh", **variables)
    assert not home.cache.exists()
    assert entries(home) == {}
    assert home.exported("project1", "--no-cache", **NO_KEYRING)
    assert not home.cache.exists()


@pytest.mark.shell
def test_a_keyring_that_disappears_is_an_error(home: Home) -> None:
    home.exported("project1", **KEYRING)
    assert "no keyring" in refused(home, "project1", **NO_KEYRING)


@pytest.mark.shell
def test_a_misspelled_cache_setting_is_an_error_and_writes_no_file(home: Home) -> None:
    assert "AWSENV_CACHE is 'keyrng'" in refused(home, "project1", code=2, AWSENV_CACHE="keyrng")
    path = Path(settings.path_of(home.environment()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("cache = vault\n")
    assert f"AWSENV_CACHE in {path} is 'vault'" in refused(home, "project1", code=2)
    path.write_bytes(b"\xff\xfe cache = keyring\n")
    assert f"cannot read {path}" in refused(home, "project1", code=2)
    assert not home.cache.exists()


BACKENDS = """
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class Locked(KeyringBackend):
    priority = 9

    def get_password(self, service, username):
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service, username, password):
        raise AssertionError

    delete_password = get_password


class Full(KeyringBackend):
    priority = 9

    def get_password(self, service, username):
        return None

    def set_password(self, service, username, password):
        raise RuntimeError(password)

    delete_password = get_password
"""


@pytest.mark.shell
def test_a_locked_or_read_only_keyring_is_an_error(home: Home) -> None:
    (home.path / "backends.py").write_text(BACKENDS)
    variables = {"AWSENV_CACHE": "keyring", "PYTHONPATH": str(home.path)}
    locked = refused(home, "project1", PYTHON_KEYRING_BACKEND="backends.Locked", **variables)
    assert "the keyring failed: Failed to unlock the collection!" in locked
    # a session that STS has issued is not lost
    full = home.awsenv("assume", "project1", "--shell", "sh", PYTHON_KEYRING_BACKEND="backends.Full", **variables)
    assert (full.returncode, full.stderr.count("\n")) == (0, 1)
    assert "was not cached: the keyring failed: RuntimeError" in full.stderr
    assert "SecretAccessKey" not in full.stderr  # such a backend may put the password into its message
    assert "AWS_ACCESS_KEY_ID='ASIA" in full.stdout
    unknown = refused(home, "project1", PYTHON_KEYRING_BACKEND="nowhere.Keyring", **variables)
    assert "the keyring failed: ModuleNotFoundError" in unknown
    assert not home.cache.exists()


@pytest.mark.shell
def test_a_missing_keyring_library_is_reported_with_a_fix(home: Home) -> None:
    program = "import sys; sys.modules['keyring'] = None; sys.argv = ['awsenv', 'assume', 'project1', '--shell', 'sh']; from awsenv.cli import main; main()"
    result = subprocess.run(
        [str(BIN / "python"), "-c", program],
        env=home.environment(AWSENV_CACHE="keyring"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert f"{BIN / 'python'} -m pip install keyring" in result.stderr
    assert not home.cache.exists()


# --- entries ----------------------------------------------------------------------------------------------------------


class ShortKeyring:
    """A keyring with short entries, like that of Windows."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        assert len(password) <= 1280
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@given(st.integers(0, 6000), st.integers(0, 6000))
def test_a_long_session_is_split_and_read_back(first: int, second: int) -> None:
    short = ShortKeyring()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "_MAX_CHARACTERS", 1200)
        patch.setattr(backends, "_keyring", lambda: short)
        cache = backends.KeyringCache({"HOME": "/home/ada", "USERPROFILE": "/home/ada"})
        for length in (first, second):
            value = {"Credentials": {"SessionToken": "é" * (length // 6) + "x" * length}, "ResponseMetadata": {}}
            cache.write("k", value)
            assert cache.read("k") == {"Credentials": value["Credentials"]}
        parts = sorted(short.entries)
        if len(parts) > 1:  # another process has written a part of another session
            short.entries[parts[1]] = "0" * 8 + " x"
            if second >= 1200:
                with pytest.raises(ValueError, match="part"):
                    cache.read("k")
                assert cache.session("k") is None
        cache.delete("k")
        assert not short.entries
        assert cache.session("k") is None
        with pytest.raises(ValueError, match="values"):
            cache.read("k")


@pytest.mark.parametrize("text", ["", "x", "x y z", "x 1 {", "x 1 []", 'x 1 {"Credentials": 1}', "x -1 {}", "x 2 {}"])
def test_a_foreign_entry_is_ignored(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    short = ShortKeyring()
    monkeypatch.setattr(backends, "_keyring", lambda: short)
    cache = backends.KeyringCache({"HOME": "/home/ada", "USERPROFILE": "/home/ada"})
    short.entries["awsenv k", "/home/ada"] = text
    assert cache.session("k") is None


def test_an_invalid_cache_setting_is_reported_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(AwsenvError) as caught:
        backends.open_cache({"HOME": str(tmp_path), "AWSENV_CACHE": "both"})
    assert "AWSENV_CACHE" in str(caught.value)
    assert isinstance(backends.open_cache({"HOME": str(tmp_path), "AWSENV_CACHE": ""}), backends.FileCache)
    assert isinstance(backends.open_cache({"HOME": str(tmp_path), "AWSENV_CACHE": "keyring"}), backends.KeyringCache)


@pytest.mark.parametrize("pip", [True, False])
def test_the_install_hint_is_quoted_for_the_shell(pip: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install_hint.sys, "executable", "/home/ada lovelace/bin/python")
    monkeypatch.setattr(install_hint.importlib.util, "find_spec", lambda name: "there" if pip else None)
    output = shlex.split(install_hint.how_to_install("botocore[crt]"))
    assert output[-1] == "botocore[crt]"
    assert output[0 if pip else -2] == "/home/ada lovelace/bin/python"
    assert output[:2] == ["uv", "pip"] or pip
