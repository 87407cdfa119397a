"""The doctor's checks of profiles with a credential_process."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.aws_files import NOW, AwsFiles
from support.credential_sources import BY_ID, CHECKS

from awsenv.doctor.check import NOTE
from awsenv.doctor.checks import sts_chain
from awsenv.doctor.context import Context

PROCESSES = [
    ("/nowhere/x y", "credential-process-missing", "/nowhere/x, which does not exist", "FileNotFoundError"),
    ("no-such-program x", "credential-process-missing", "not on PATH", "FileNotFoundError"),
    ("{home}/plain", "credential-process-missing", "not an executable file", "PermissionError"),
    ("~/program", "credential-process-unexpanded", "~/program", "FileNotFoundError"),
    ("$HOME/program", "credential-process-unexpanded", "$HOME/program", "FileNotFoundError"),
    ("{home}/program 'x", "credential-process-quotes", "quotation mark", "ValueError: No closing quotation"),
    ("{home}/program", None, "", "JSONDecodeError"),  # it runs
    ('"{home}/program" "a b"', None, "", "JSONDecodeError"),
    ("{home}", "credential-process-missing", "which is a directory", "PermissionError"),
    ("", "credential-process-missing", "has an empty credential_process", "IndexError"),
    ("''", "credential-process-missing", "has an empty credential_process", "PermissionError"),
    ("{home}/program --url https://x/%20a%20", None, "", None),
    ("/bin/sh -c 'cat $HOME/creds.json'", None, "", None),
    ("/bin/bash -lc 'op read \"op://vault/$USER/aws\"'", None, "", None),
    ("/usr/bin/env -S bash -c 'cat ~/x' $HOME", None, "", None),
    ("sh -c true", "credential-process-relative", "sh, which is not a whole path", "JSONDecodeError"),
    ("{home}/program credential-process a", "credential-process-loop", "calls itself", None),
    ("{home}/program configure export-credentials --profile a", "credential-process-loop", "calls itself", None),
    ("{home}/program credential-process b", None, "", None),
]


@pytest.mark.shell
@pytest.mark.parametrize(("command", "id", "expected", "error"), PROCESSES)
def test_a_process_that_cannot_run_is_an_error(
    command: str, id: str | None, expected: str, error: str | None, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("plain", "program"):
        (place.path / name).write_text("#!/bin/sh\n")
    (place.path / "program").chmod(0o700)
    place.write(f"[profile a]\ncredential_process = {command.format(home=place.path)}\n")
    assert place.found_ids(CHECKS, "a") == ({id} if id else set())
    if id:
        (found,) = place.found(BY_ID[id], "a")
        assert expected in found.what
        assert found.evidence == (f"{place.config}:2",)
        assert ("chmod" in found.instructions) is ("executable" in expected)
    if id == "credential-process-unexpanded":
        assert f"write {place.path}/program instead of" in found.instructions
    if error:
        assert error in place.boto3_error(monkeypatch)


@pytest.mark.parametrize(
    ("command", "proposed"),
    [
        ('"$HOME/my tool" x', '"{home}/my tool"'),
        ("{home}/program '~/a b'", "'{home}/a b'"),
        ("{home}/program $HOME/a\\ b", "{home}/a\\ b"),
        ("{home}/program ~/b x", "{home}/b"),
    ],
)
def test_the_proposed_command_keeps_its_quotes(command: str, proposed: str, place: AwsFiles) -> None:
    (place.path / "program").write_text("#!/bin/sh\n")
    (place.path / "program").chmod(0o700)
    command = command.format(home=place.path)
    check = BY_ID["credential-process-unexpanded"]
    (found,) = place.write(f"[profile a]\ncredential_process = {command}\n").found(check, "a")
    new, old = found.instructions.removeprefix("write ").removesuffix(" in that line").split(" instead of ")
    assert new == proposed.format(home=place.path)
    place.write(f"[profile a]\ncredential_process = {command.replace(old, new)}\n")
    assert not place.found(check, "a")


def test_a_home_with_blanks_is_proposed_in_quotes(tmp_path: Path) -> None:
    place = AwsFiles(tmp_path / "a b")
    (found,) = place.write("[profile a]\ncredential_process = ~/program\n").found(
        BY_ID["credential-process-unexpanded"], "a"
    )
    assert found.instructions == f"write '{place.path}/program' instead of ~/program in that line"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (r"%USERPROFILE%\tool.exe", True),
        (r"cmd /c %USERPROFILE%\tool.exe", False),
        (r"C:\Windows\System32\cmd.exe /C %APPDATA%\x", False),
        (r"C:\tool.exe --url https://x/%20a%20", False),
    ],
)
def test_windows_variables_are_expanded_only_by_cmd(command: str, expected: bool, place: AwsFiles) -> None:
    place.write(f"[profile a]\ncredential_process = {command}\n")
    context = Context(place.environment(), NOW, "a", offline=True, platform="win32")
    assert bool(list(BY_ID["credential-process-unexpanded"].look(context))) is expected
    assert not place.found(BY_ID["credential-process-unexpanded"], "a")  # elsewhere % has no meaning


@pytest.mark.parametrize("named", ["a", None])
def test_offline_a_process_is_reported_as_not_checked(named: str | None, place: AwsFiles) -> None:
    mark = place.path / "mark"
    place.write(f"[profile a]\ncredential_process = touch {mark}\n[profile b]\nregion = us-east-1\n")
    check = sts_chain.profile_not_asked
    (found,) = place.found(check, named, **({} if named else {"AWS_PROFILE": "a"}))
    assert (found.severity, found.instructions) == (NOTE, "awsenv assume a")
    assert found.what == "not checked: profile a has a credential_process, which has not been run"
    assert not mark.exists()
    assert not place.found(check, "b")
