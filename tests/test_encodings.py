"""AWS files that are not ASCII: awsenv reads what boto3 reads, and the doctor reports where SDKs disagree."""

from __future__ import annotations

import json
import locale
import subprocess
import sys
from pathlib import Path

import pytest
from support.homes import Home

from awsenv.aws import config_files
from awsenv.aws.config_files import Profiles
from awsenv.doctor import examine
from awsenv.doctor.checks.config_files import config_encoding
from awsenv.doctor.context import Context
from awsenv.report import config_sections
from awsenv.result import AwsenvError
from awsenv.server import child_environment

NAME = "größe"
TEXT = f"[profile {NAME}]\nrole_arn = arn:aws:iam::000000000000:role/project1\nsource_profile = user1\nregion = r\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home(tmp_path / "home")
    made.config.parent.mkdir(parents=True)
    monkeypatch.delenv("AWS_CLI_FILE_ENCODING", raising=False)
    return made


def set_locale_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """Set the locale encoding of Python without UTF-8 mode: on Windows the ANSI code page, elsewhere that of LC_ALL."""
    monkeypatch.setattr(locale, "getpreferredencoding", lambda do_setlocale=True: encoding)


#: encodings of the file, of the locale and in AWS_CLI_FILE_ENCODING -> the name that is read; None: rejected
READ = {
    ("utf-8", "utf-8", ""): NAME,
    ("utf-8", "cp1252", ""): NAME,
    ("cp1252", "cp1252", ""): NAME,
    ("cp1252", "utf-8", ""): None,
    ("cp437", "cp437", ""): NAME,
    ("cp1252", "utf-8", "cp1252"): NAME,
    ("utf-8", "cp1252", "UTF-8"): NAME,
    ("utf-8", "utf-8", "cp1252"): NAME.encode().decode("cp1252"),
    ("cp1252", "cp1252", "utf-8"): NAME,  # although the file is not UTF-8
    ("utf-8", "utf-8", "utf-16"): NAME,  # ignored: no AWS tool reads UTF-16
    ("utf-8", "utf-8", "nonsense"): NAME,
}


@pytest.mark.parametrize("case", READ, ids=" ".join)
def test_a_file_is_read_in_the_encoding_boto3_uses(
    case: tuple[str, str, str], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, of_locale, declared = case
    home.config.write_bytes(TEXT.encode(written))
    set_locale_encoding(monkeypatch, of_locale)
    environ = {"HOME": str(home.path), **({"AWS_CLI_FILE_ENCODING": declared} if declared else {})}
    if READ[case] is None:
        with pytest.raises(AwsenvError, match="line 1, is not UTF-8"):
            Profiles(environ)
    else:
        assert Profiles(environ).names() == [READ[case]]


def test_a_file_in_no_encoding_is_rejected(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config.write_bytes(b"[profile a]\nk = \x81\x8d\n")
    set_locale_encoding(monkeypatch, "cp1252")
    with pytest.raises(AwsenvError, match="is not UTF-8"):
        Profiles({"HOME": str(home.path)})


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_printed_sections_fit_the_encoding_of_the_file(
    encoding: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.config.write_bytes(TEXT.encode(encoding))
    set_locale_encoding(monkeypatch, "cp1252")
    profiles = Profiles({"HOME": str(home.path)})
    sections = config_sections.process_sections(profiles, "/opt/jürgen/awsenv")
    with home.config.open("ab") as file:
        file.write(sections.encode(profiles.config.encoding))
    again = Profiles({"HOME": str(home.path)})
    assert again.settings("gr--e-awsenv")["credential_process"] == f"'/opt/jürgen/awsenv' credential-process '{NAME}'"


def test_a_name_the_file_cannot_hold_gets_no_section(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.config.write_text("[default]\n")
    home.credentials.write_bytes("[日本]\nsso_start_url = x\nsso_account_id = 1\nsso_role_name = r\n".encode())
    set_locale_encoding(monkeypatch, "cp1252")
    sections = config_sections.process_sections(Profiles({"HOME": str(home.path)}), "awsenv")
    assert sections.startswith("\n# '\\u65e5\\u672c' has characters")
    sections.encode("ascii")


def test_the_program_is_named_in_ascii_where_sdks_disagree_on_its_path(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = home.path / "jürgen" / "awsenv"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    set_locale_encoding(monkeypatch, "utf-8")
    assert config_sections.program_in_ascii(str(program)) == str(program)
    set_locale_encoding(monkeypatch, "cp1252")
    assert config_sections.program_in_ascii(str(program)) == "awsenv"
    assert config_sections.program_in_ascii("/usr/bin/awsenv") == "/usr/bin/awsenv"
    monkeypatch.setenv("PATH", "/nowhere")
    assert config_sections.program_in_ascii(str(program)) == str(program)


@pytest.mark.shell
def test_awsenv_and_boto3_read_the_same_under_any_locale(home: Home) -> None:
    """Python's UTF-8 mode replaces the locale, which this machine may not have."""
    script = "import boto3, json; print(json.dumps(boto3.Session().available_profiles))"
    for encoding, variables in (("utf-8", {"PYTHONUTF8": "1"}), ("utf-8", {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"})):
        home.config.write_bytes(TEXT.encode(encoding))
        result = subprocess.run(
            [sys.executable, "-c", script], env=home.environment(**variables), capture_output=True, check=True
        )  # fmt: skip
        assert json.loads(result.stdout) == [NAME]
        listed = home.awsenv("list", "--json", **variables)
        assert [one["name"] for one in json.loads(listed.stdout)] == [NAME]


# --- the doctor -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "of_locale", "expected"),
    [
        ("utf-8", "cp1252", "is UTF-8, but boto3 and the AWS CLI read it as cp1252"),
        ("cp1252", "cp1252", "is not UTF-8: boto3 and awsenv read it as cp1252, other SDKs as UTF-8"),
        ("utf-8", "UTF-8", ""),
    ],
)
def test_the_doctor_reports_a_line_that_sdks_read_differently(
    written: str, of_locale: str, expected: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.config.write_bytes(f"# für größere\n[default]\nregion = r\n{TEXT}".encode(written))
    set_locale_encoding(monkeypatch, of_locale)
    findings = examine(Context({"HOME": str(home.path)}, 0, offline=True), [config_encoding])
    assert [one.evidence for one in findings] == ([(f"{home.config}:4",)] if expected else [])
    if expected:
        assert expected in findings[0].what
        home.config.write_bytes("# für größere\n[default]\nregion = r\n".encode(written))
        assert examine(Context({"HOME": str(home.path)}, 0, offline=True), [config_encoding]) == []


def test_the_config_copy_of_exec_server_has_the_encoding_of_the_file(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home.config.write_bytes(f"[default]\ncredential_process = x\noutput = {NAME}\n".encode("cp1252"))
    set_locale_encoding(monkeypatch, "cp1252")
    copied = child_environment.child_environment({"HOME": str(home.path)}, str(tmp_path))
    assert f"output = {NAME}" in Path(copied["AWS_CONFIG_FILE"]).read_bytes().decode("cp1252")
    assert config_files.Profiles(copied).settings(copied["AWS_PROFILE"])["output"] == NAME
