"""Invalid input: the exit code of the contract, one sentence that names the cause, and no change."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest
from support.homes import Home, refused
from support.programs import BIN
from support.scripted_sts import Call, Refused, ScriptedSts
from support.servers import silent_server

pytestmark = pytest.mark.shell


def test_an_unknown_profile_suggests_the_nearest_names(home: Home) -> None:
    assert "did you mean project1?" in refused(home, "projct1")
    assert "did you mean project1?" in refused(home, "PROJECT")
    assert "see awsenv list" in refused(home, "nothing-like-it")
    with home.credentials.open("a") as file:
        file.write("[ odd ]\n")
    assert "did you mean ' odd '?" in refused(home, "odd")


def test_missing_files_are_reported_with_their_paths(home: Home) -> None:
    home.config.unlink()
    home.credentials.unlink()
    stderr = refused(home, "project1")
    assert str(home.config) in stderr
    assert str(home.credentials) in stderr


SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY99"

FILES: dict[str, tuple[bytes, str]] = {
    "a byte order mark": (b"\xef\xbb\xbf[profile project1]\nrole_arn = x\n", "byte order mark"),
    "UTF-16": ("[profile project1]\n".encode("utf-16"), "UTF-16"),
    "another encoding": (b"[profile project1]\nname = caf\xe9\n", "line 2, is not UTF-8"),
    "a section twice": (b"[profile project1]\na = b\n[profile project1]\nc = d\n", "line 3"),
    "another section twice": (b"[profile x]\na = b\n[profile project1]\na = b\n[profile x]\n", "line 5"),
    "a setting twice": (b"[profile project1]\nregion = a\nregion = b\n", "line 3"),
    "a line without a setting": (f"[profile project1]\n{SECRET}\n".encode(), "line 2"),
    "text before the first section": (f"key = {SECRET}\n[profile project1]\n".encode(), "line 1"),
    "an unclosed header": (b"[profile project1\nregion = a\n", "line 1"),
    "a nested line without a setting": (f"[profile project1]\ns3 =\n  {SECRET}\n".encode(), "indented"),
    "zero bytes": (b"\0" * 100, "line 1"),
}


@pytest.mark.parametrize("name", FILES)
def test_an_invalid_file_is_reported_with_its_line_but_not_its_content(name: str, home: Home) -> None:
    content, why = FILES[name]
    home.config.write_bytes(content)
    stderr = refused(home, "project1")
    assert str(home.config) in stderr
    assert why in stderr
    assert SECRET not in stderr
    if name not in ("a setting twice", "a nested line without a setting"):
        assert home.awsenv("list").returncode == 1
    assert SECRET not in home.awsenv("assume", "project1", "--debug").stderr


def test_a_directory_in_place_of_a_file_is_reported(home: Home) -> None:
    home.config.unlink()
    home.config.mkdir()
    assert f"{home.config} is a directory" in refused(home, "project1")


def test_an_unreadable_file_is_reported(home: Home) -> None:
    home.credentials.unlink()
    home.credentials.symlink_to("/proc/1/mem")  # not even root can read this one
    assert str(home.credentials) in refused(home, "project1")


def test_a_config_file_of_fifty_megabytes_is_read_in_time(home: Home) -> None:
    filler = "".join(f"[profile p{n}]\nregion = eu-central-1\ncomment = {'x' * 150}\n" for n in range(250_000))
    home.config.write_text(filler + home.config.read_text())
    assert home.config.stat().st_size > 50_000_000
    assert home.exported("project1")["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    home.config.write_bytes(b"x" * 50_000_000)
    assert "line 1" in refused(home, "project1")


PROFILES: dict[str, tuple[str, tuple[str, ...]]] = {
    "no credentials": ("[profile bad]\nregion = eu-central-1\n", ("profile bad has no credentials",)),
    "half a key": ("[profile bad]\naws_access_key_id = AKIAQWERTYUIOPASDFGH\n", ("bad", "aws_secret_access_key")),
    "a role without a source": (
        "[profile bad]\nrole_arn = arn:aws:iam::000000000000:role/project1\nregion = eu-central-1\n",
        ("bad", "neither source_profile nor credential_source"),
    ),
    "a missing source": (
        "[profile bad]\nrole_arn = arn:aws:iam::000000000000:role/project1\nsource_profile = gone\nregion = eu-central-1\n",
        ("bad", "gone"),
    ),
    "a source without credentials": (
        "[profile bad]\nrole_arn = arn:aws:iam::000000000000:role/project1\nsource_profile = empty\nregion = eu-central-1\n"
        "[profile empty]\noutput = json\n",
        ("bad", "empty"),
    ),
    "a loop": (
        "[profile bad]\nrole_arn = arn:aws:iam::000000000000:role/a\nsource_profile = worse\nregion = eu-central-1\n"
        "[profile worse]\nrole_arn = arn:aws:iam::000000000000:role/b\nsource_profile = bad\n",
        ("loop", "bad -> worse -> bad"),
    ),
    "a loop of one": (
        "[profile bad]\nrole_arn = arn:aws:iam::000000000000:role/a\nsource_profile = bad\nregion = eu-central-1\n",
        ("loop", "bad -> bad"),
    ),
    "no region": (
        "[profile bad]\nrole_arn = arn:aws:iam::000000000000:role/project1\nsource_profile = user1\n",
        ("bad names no region", "--region"),
    ),
    "a missing process": (
        "[profile bad]\ncredential_process = /nowhere/at/all\n",
        ("bad", "/nowhere/at/all"),
    ),
    "a process that prints junk": ("[profile bad]\ncredential_process = echo junk\n", ("bad",)),
    "a missing sso-session": (
        "[profile bad]\nsso_session = gone\nsso_account_id = 123456789012\nsso_role_name = r\nregion = eu-central-1\n",
        ("bad", "gone"),
    ),
    "an invalid role ARN": (
        "[profile bad]\nrole_arn = nonsense\nsource_profile = user1\nregion = eu-central-1\n",
        ("bad",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROFILES)
def test_an_invalid_profile_is_reported_with_the_reason(name: str, home: Home) -> None:
    text, parts = PROFILES[name]
    home.config.write_text(text)
    stderr = refused(home, "bad")
    for part in parts:
        assert part in stderr
    assert "unexpected" not in stderr


CORRUPT = {
    "empty": b"",
    "cut off": b'{"Credentials": {"AccessKeyId": "ASIA',
    "not JSON": b"<html>",
    "not UTF-8": b"\xff\xfe\xff",
    "another shape": b"[1, 2]",
    "no expiration": b'{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "B", "SessionToken": "C"}}',
    "a naive expiration": b'{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "B", "SessionToken": "C", '
    b'"Expiration": "2099-01-01T00:00:00"}}',
    "no token": b'{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "B", "SessionToken": null, '
    b'"Expiration": "2099-01-01T00:00:00Z"}}',
}


@pytest.mark.parametrize("name", CORRUPT)
def test_a_corrupt_cache_entry_is_replaced(name: str, home: Home) -> None:
    first = home.exported("project1")
    (entry,) = home.cache.iterdir()
    entry.write_bytes(CORRUPT[name])
    second = home.exported("project1")
    assert second["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]
    assert second["AWS_ACCESS_KEY_ID"].encode() in entry.read_bytes()
    entry.write_bytes(CORRUPT[name])
    assert home.awsenv("list").returncode == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("place", [".aws/cli/cache/*.json", ".cache/awsenv/[!e]*.json"], ids=["sessions", "hints"])
def test_a_fifo_in_place_of_a_cached_file_does_not_block(place: str, home: Home) -> None:
    before = home.exported("project1")
    for path in home.path.glob(place):
        path.unlink()
        os.mkfifo(path)
    again = home.exported("project1")
    assert (again["AWS_ACCESS_KEY_ID"] == before["AWS_ACCESS_KEY_ID"]) == place.startswith(".cache")
    assert home.awsenv("cache", "list").returncode == 0


def test_access_denied_by_sts_is_explained(home: Home) -> None:
    stderr = refused(home, "closed")
    for part in ("AccessDenied", "AssumeRole", "profile closed", "user1", "trust policy"):
        assert part in stderr
    assert "AccessDenied" in refused(home, "guarded")
    assert home.exported("guarded", "--external-id", "open sesame")


@pytest.mark.parametrize(
    ("message", "how"),
    [
        (
            "Signature not yet current: 20261126T183538Z is still later than 20261126T182038Z (20261126T181538Z + 5 min.)",
            "this machine's clock is 20m fast: set it (date -u shows it)",
        ),
        (
            "Signature expired: 20261126T161538Z is now earlier than 20261126T181038Z (20261126T181538Z - 5 min.)",
            "this machine's clock is 2h00m slow: set it (date -u shows it)",
        ),
    ],
)
def test_a_wrong_clock_is_derived_from_the_message_of_sts(
    message: str, how: str, home: Home, scripted_sts: ScriptedSts
) -> None:
    def refuse(call: Call) -> None:
        raise Refused(403, "SignatureDoesNotMatch", message)

    scripted_sts.before = refuse
    result = Home(home.path).awsenv("assume", "project1", AWS_ENDPOINT_URL=scripted_sts.url)
    assert result.returncode == 1
    assert result.stderr.endswith(f"; {how}\n")


def test_a_wrong_secret_key_is_reported(home: Home) -> None:
    home.credentials.write_text(home.credentials.read_text()[:-4] + "xyz\n")
    assert f"check the secret key at {home.credentials}:3" in refused(home, "project1")
    home.credentials.write_text(
        f"[user1]\naws_access_key_id = AKIAGONE000000000000\naws_secret_access_key = {SECRET}\n"
    )
    stderr = refused(home, "project1")
    assert "InvalidClientTokenId" in stderr
    assert SECRET not in stderr


def test_a_refused_connection_to_sts_is_reported(home: Home) -> None:
    assert "no connection" in refused(home, "project1", AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")


def test_an_unanswered_request_to_sts_times_out(home: Home) -> None:
    with silent_server() as url:
        stderr = refused(home, "project1", AWS_ENDPOINT_URL_STS=url, AWSENV_READ_TIMEOUT="0.5")
    assert "no answer in time" in stderr
    assert "AWSENV_READ_TIMEOUT" in stderr


def test_an_unreachable_sts_times_out(home: Home) -> None:
    """The backlog of the server is full, so it accepts no connection."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
            fillers.append(filler)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        stderr = refused(home, "project1", AWS_ENDPOINT_URL_STS=url, AWSENV_CONNECT_TIMEOUT="0.5")
        for filler in fillers:
            filler.close()
    assert "no connection in time" in stderr
    assert "AWSENV_CONNECT_TIMEOUT" in stderr


def test_a_timeout_that_is_not_a_number_is_rejected(home: Home) -> None:
    assert "AWSENV_CONNECT_TIMEOUT is 'soon'" in refused(home, "project1", code=2, AWSENV_CONNECT_TIMEOUT="soon")


USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "an unknown option": (("project1", "--durration", "1h"), "did you mean --duration?"),
    "an option without its value": (("project1", "--duration"), "--duration needs a value"),
    "an empty value": (("project1", "--region="), "--region was given an empty value"),
    "too many arguments": (("project1", "project2"), "does not take the argument 'project2'"),
    "an invalid duration": (("project1", "--duration", "soon"), "--duration soon is not a time"),
    "an unsupported duration": (("project1", "--duration", "10s"), "outside 15m to 12h"),
    "an unknown mode": (("project1", "--mode", "both"), "there is no --mode both"),
    "settings in profile mode": (
        ("project1", "--mode", "profile", "--duration", "1h"),
        "no other option than --region goes with it",
    ),
    "a role option without a role": (("user1", "--duration", "1h"), "assumes no role"),
    "an empty name": (("",), "was given an empty profile name"),
    "an invalid --role-arn": (("user1", "--role-arn", "foo"), "--role-arn foo is not the ARN of a role"),
    "a --role-arn without an account": (("user1", "--role-arn", "arn:aws:iam:::role/x"), "is not the ARN of a role"),
    "no name and no terminal": ((), "no terminal to choose on"),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_exits_with_2(name: str, home: Home) -> None:
    args, why = USAGE[name]
    assert why in refused(home, *args, code=2)


def test_an_unknown_shell_is_rejected(home: Home) -> None:
    result = home.awsenv("assume", "project1", "--shell", "csh")
    assert result.returncode == 2
    assert "'csh'" in result.stderr


def test_a_value_that_the_shell_cannot_hold_changes_nothing(home: Home) -> None:
    for value in ("b\u00fcro", 'a"b', "a!b"):
        result = home.awsenv("assume", "project1", "--shell", "cmd", AWS_PROFILE=value)
        assert (result.returncode, result.stdout) == (1, "")
        assert "AWSENV_PREVIOUS_AWS_PROFILE" in result.stderr


def test_a_profile_name_with_a_control_character_is_refused(home: Home) -> None:
    home.credentials.write_bytes(home.credentials.read_bytes().replace(b"user1", b"us\x1b[31mer1"))
    stderr = refused(home, "us\x1b[31mer1")
    assert "control character" in stderr
    assert "\x1b" not in stderr


def test_a_missing_home_directory_is_reported(home: Home) -> None:
    stderr = refused(home, "project1", HOME="/dev/null/home")
    assert "/dev/null/home" in stderr
    assert home.awsenv("clear", "--shell", "bash", HOME="/dev/null/home").returncode == 0
    assert home.awsenv("check", HOME="/dev/null/home").returncode == 5


@pytest.mark.parametrize("closed", ["stdout", "full"])
@pytest.mark.parametrize("args", [("assume", "user1", "--shell", "bash"), ("check",), ("list",), ("--help",)], ids=str)
def test_a_failed_write_to_stdout_is_an_error(args: tuple[str, ...], closed: str, home: Home) -> None:
    redirect = ">&-" if closed == "stdout" else ">/dev/full"
    command = f'"$0" "$@" {redirect}'
    result = subprocess.run(
        ["/bin/sh", "-c", command, str(BIN / "awsenv"), *args],
        env=home.environment(LD_PRELOAD=""),  # libfaketime would open a file as descriptor 1
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert "stdout" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_closed_pipe_is_not_an_error(home: Home) -> None:
    command = f"set -o pipefail; {BIN / 'awsenv'} list | true"
    result = subprocess.run(
        ["bash", "-c", command], env=home.environment(), capture_output=True, timeout=60, check=False
    )
    assert (result.returncode, result.stderr) == (0, b"")


def test_files_are_private_whatever_the_umask(home: Home) -> None:
    old = os.umask(0)
    try:
        home.exported("project1")
    finally:
        os.umask(old)
    ours = [*home.cache.parent.rglob("*"), *(home.path / ".cache").rglob("*"), home.cache.parent]
    assert len(ours) >= 4
    modes = {str(path): path.stat().st_mode & 0o777 for path in ours}
    assert all(mode == (0o700 if Path(path).is_dir() else 0o600) for path, mode in modes.items()), modes
