"""The doctor on where profiles get their credentials: static keys, sign-ins, processes, web identities, containers."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.aws_files import DEAD, KEY, KEYS, NOW, REGION, ROLE, SECRET, TEMPORARY, TOKEN, AwsFiles

from awsenv import doctor
from awsenv.aws import cache_keys
from awsenv.doctor.check import ERROR, NOTE, WARNING, AutoFix
from awsenv.doctor.checks import profile_keys
from awsenv.doctor.context import Context
from awsenv.environment import Session, expiry
from awsenv.server import Renewer, served

CHECKS = [
    check
    for id in (
        "profile-keys",
        "temporary-profile-keys",
        "identity-center",
        "aws-login",
        "credential-process",
        "web-identity",
        "container",
    )
    for check in doctor.group(id).checks
]
BY_ID = {check.id: check for check in CHECKS}

HOUR = 3600
ASIA = "ASIAQNZGKIQY56JQ7WML"  # of the account 029608264753
# type 23, "er/aws", and in field 5 the time of issue: NOW
DATED = "aws_session_token = " + base64.b64encode(b"\x17\x0a\x06er/aws\x28\xef\x89\x8d\xd8\x06").decode() + "\n"
EXPORTED = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


def utc(seconds: int) -> str:
    return expiry.format_utc(NOW + seconds)


# --- static keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        pytest.param("", f"[a]\n{KEYS}", id="long-term keys"),
        pytest.param(f"[profile a]\n{KEYS}", "", id="in the config file"),
        pytest.param(
            f"[profile a]\n{ROLE}source_profile = base\n", f"[base]\n{KEYS}[default]\nregion = x\n", id="a role"
        ),
        pytest.param(f"[profile a]\n{ROLE}source_profile = a\n", f"[a]\n{KEYS}", id="a role with its own keys"),
        pytest.param(f"[profile a]\n{KEYS}", f"[a]\n{KEYS}", id="the same keys twice"),
        pytest.param("[profile a]\ncredential_process = /bin/sh -c 'echo'\n", "", id="a process"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_of_healthy_sources_nothing_is_said(config: str, credentials: str, place: AwsFiles) -> None:
    place.write(config, credentials)
    assert not place.others(CHECKS, "a")
    assert not place.others(CHECKS)
    assert not place.others(CHECKS, **EXPORTED)


@pytest.mark.parametrize(
    ("more", "now", "severity", "said"),
    [
        (f"x_security_token_expires = {utc(-HOUR)}\n", NOW, ERROR, "expired 1h00m ago"),
        (f"aws_session_expiration = {utc(0)}\n", NOW, ERROR, "expired <1m ago"),
        (f"expiration = {utc(-20 * HOUR)[:-1]}\n", NOW, ERROR, "expired "),  # without a zone: at the latest
        (DATED, NOW + 37 * HOUR, ERROR, "were issued 37h00m ago"),
        (DATED, NOW + 13 * HOUR, WARNING, "no role session is valid for so long"),
        (DATED, NOW + 2 * HOUR, WARNING, "most are not valid for so long"),
        (f"x_security_token_expires = {utc(HOUR)}\n", NOW, None, "expire in 1h00m"),
        (DATED, NOW + 1800, None, "were issued 30m ago"),
        ("", NOW, None, "at an unknown time"),
    ],
)
def test_static_temporary_keys_are_told_and_since_when_they_are_dead(
    more: str, now: int, severity: str | None, said: str, place: AwsFiles
) -> None:
    token = "" if more == DATED else TOKEN
    place.write("", f"[a]\n{TEMPORARY}{token}{more}")
    dead, alive = (BY_ID[id] for id in ("expired-keys-in-profile", "temporary-keys-in-profile"))
    (found,) = place.found(dead if severity else alive, "a", now=now)
    assert found.severity == (severity or NOTE)
    assert said in found.what
    assert found.evidence[0] == f"{place.credentials}:2 aws_access_key_id=…7WML"
    assert not place.found(alive if severity else dead, "a", now=now)
    # in a profile that nobody asks for only dead ones are worth a word
    assert [one.severity for one in place.found(dead, now=now)] == ([WARNING] if severity else [])
    assert not place.found(alive, now=now)


def cached(place: AwsFiles, role: str = "project1", end: int = -HOUR) -> Path:
    """The AWS CLI has that session in its cache."""
    folder = place.path / ".aws" / "cli" / "cache"
    folder.mkdir(parents=True)
    keys = {"AccessKeyId": ASIA, "SecretAccessKey": SECRET, "SessionToken": "x", "Expiration": utc(end)}
    user = {"Arn": f"arn:aws:sts::123456789012:assumed-role/{role}/ada", "AssumedRoleId": "x:ada"}
    path = folder / f"{'0' * 40}.json"
    path.write_text(json.dumps({"Credentials": keys, "AssumedRoleUser": user}))
    (folder / "session.db").write_bytes(b"\0")
    return path


DATED_END = f"x_security_token_expires = {utc(-HOUR)}\n"
DEAD_KEYS = f"{TEMPORARY}{TOKEN}{DATED_END}"


def cure_of(place: AwsFiles, config: str, credentials: str) -> list[str]:
    (found,) = place.write(config, credentials).found(BY_ID["expired-keys-in-profile"], "a")
    return found.instructions.split("\n")


def test_the_end_and_the_role_come_from_the_cache(place: AwsFiles) -> None:
    cached(place)
    (found,) = place.write("", f"[a]\n{TEMPORARY}{TOKEN}[ada]\n{KEYS}").found(BY_ID["expired-keys-in-profile"], "a")
    assert "expired 1h00m ago" in found.what
    assert found.instructions.split("\n") == [
        f"remove the credentials at {place.credentials}:2, and add this to {place.config}:",
        "[profile a]",
        "role_arn = arn:aws:iam::123456789012:role/project1",
        "source_profile = ada",
    ]


def test_the_cure_is_the_section_that_replaces_the_keys(place: AwsFiles) -> None:
    role = f"[profile p]\n{ROLE}source_profile = ada\n"
    arn = "x_principal_arn = arn:aws:sts::123456789012:assumed-role/project1/ada@x\n"
    # another profile assumes that role: its ARN has the path, and it knows the source
    assert cure_of(place, role, f"[a]\n{DEAD_KEYS}{arn}")[1:] == [
        "[profile a]",
        "role_arn = arn:aws:iam::123456789012:role/team/project1",
        "source_profile = ada",
    ]
    # nothing is known but the account, by the key id
    head, *section = cure_of(place, f"[profile a]\n{REGION}", f"[a]\n{DEAD_KEYS}")
    assert head == (
        f"remove the credentials at {place.credentials}:2, and add this to [profile a] at {place.config}:1, "
        "with your own ROLE-NAME and PROFILE-WITH-LONG-TERM-KEYS:"
    )
    assert section == [
        "role_arn = arn:aws:iam::029608264753:role/ROLE-NAME",
        "source_profile = PROFILE-WITH-LONG-TERM-KEYS",
    ]
    # not even that
    unknown = DEAD_KEYS.replace(ASIA, "ASIA0123456789ABCDEF")
    assert "arn:aws:iam::ACCOUNT:role/ROLE-NAME" in cure_of(place, "", f"[a]\n{unknown}")[2]
    # it assumes that role already, and its keys are in the way of nothing
    (only,) = cure_of(place, f"[profile a]\n{ROLE}source_profile = b\n", f"[a]\n{DEAD_KEYS}[b]\n{KEYS}")
    assert (
        only
        == f"remove the credentials at {place.credentials}:2: its role_arn and source_profile then obtain new ones by themselves"
    )
    # of aws-mfa
    (only,) = cure_of(place, "", f"[a]\n{DEAD_KEYS}[a-long-term]\n{KEYS}")
    assert only == "awsenv assume a-long-term --session-token"


def test_keys_of_identity_center_are_replaced_by_a_sign_in(place: AwsFiles) -> None:
    cached(place, "AWSReservedSSO_Admin_0123456789abcdef")
    session = "[sso-session corp]\nsso_start_url = https://x\nsso_region = us-east-1\n"
    assert cure_of(place, session, f"[a]\n{DEAD_KEYS}")[2:] == [
        "sso_session = corp",
        "sso_account_id = 123456789012",
        "sso_role_name = Admin",
    ]


def test_the_replacement_works(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(place)
    place.write(f"[profile z]\n{REGION}", f"[a]\n{TEMPORARY}{TOKEN}[ada]\n{KEYS}")
    section = place.found(BY_ID["expired-keys-in-profile"], "a")[0].instructions.partition("\n")[2]
    place.write(f"[profile z]\n{REGION}{section}\n{REGION}", f"[ada]\n{KEYS}")
    assert not place.others(CHECKS, "a")
    assert "EndpointConnectionError" in place.said_by_boto3(monkeypatch, AWS_ENDPOINT_URL=DEAD)  # it asks STS


def test_dead_keys_of_a_source_profile_are_told_as_that_hop(place: AwsFiles) -> None:
    place.write(f"[profile a]\n{ROLE}source_profile = b\n", f"[b]\n{DEAD_KEYS}")
    (found,) = place.found(BY_ID["expired-keys-in-profile"], "a")
    assert found.severity == ERROR
    assert "profile b (hop 2 of 2: a -> b) has temporary credentials that expired" in found.what


def test_dead_keys_that_are_not_used_are_no_error(place: AwsFiles) -> None:
    place.write(f"[profile a]\n{ROLE}source_profile = b\n", f"[a]\n{DEAD_KEYS}[b]\n{KEYS}")
    assert [one.severity for one in place.found(BY_ID["expired-keys-in-profile"], "a")] == [WARNING]


MISFITS = [
    ("profile-keys-incomplete", "", f"[a]\naws_access_key_id = {KEY}\n", "no aws_secret_access_key", "PartialCredentialsError"),
    ("profile-keys-incomplete", f"[profile a]\naws_secret_access_key = {SECRET}\n", f"[a]\naws_access_key_id = {KEY}\n",
     "config:2", "PartialCredentialsError"),
    ("profile-keys-incomplete", "", f"[a]\naws_access_key_id =\naws_secret_access_key = {SECRET}\n", "empty aws_access_key_id", None),
    ("profile-keys-incomplete", "", f"[a]\naws_secret_access_key = {SECRET}\n", "no aws_access_key_id", "NoCredentialsError"),
    ("profile-key-without-token", "", f"[a]\n{TEMPORARY}", "without its session token", None),
    ("profile-key-without-token", f"[profile a]\n{TOKEN}", f"[a]\n{TEMPORARY}", "in the other file", None),
    ("profile-token-beside-long-term-key", "", f"[a]\n{KEYS}{TOKEN}", "long-term key and aws_session_token", None),
    ("profile-token-beside-long-term-key", "", f"[a]\n{KEYS}aws_security_token = x\n", "aws_security_token", None),
    ("profile-security-token", "", f"[a]\n{TEMPORARY}{TOKEN}aws_security_token = old\n", "the first is used", None),
    ("keys-in-both-files", f"[profile a]\n{KEYS}", f"[a]\n{KEYS.replace('WML', 'WMM')}", "credentials is used", None),
]  # fmt: skip


@pytest.mark.parametrize(("id", "config", "credentials", "said", "error"), MISFITS)
def test_keys_that_do_not_fit_together_are_told(
    id: str,
    config: str,
    credentials: str,
    said: str,
    error: str | None,
    place: AwsFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place.write(config, credentials)
    (found,) = place.found(BY_ID[id], "a")
    assert said in found.what
    assert place.others(CHECKS, "a") - {"temporary-keys-in-profile"} == {id}
    assert not place.others(CHECKS)
    if error:
        assert error in place.said_by_boto3(monkeypatch)


def test_of_which_keys_botocore_takes_which_token(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the checks of tokens rest on: all three come from one file, and the old name goes first."""
    import botocore.session

    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    for config, credentials in (
        (f"[profile a]\n{TOKEN}", f"[a]\n{TEMPORARY}"),
        ("", f"[a]\n{TEMPORARY}{TOKEN}aws_security_token = old\n"),
        (f"[profile a]\n{TEMPORARY}{TOKEN}", f"[a]\n{KEYS}"),
    ):
        place.write(config, credentials)
        used = botocore.session.Session(profile="a").get_credentials()
        ours = profile_keys.keys_of(place.context("a"), "a")
        assert ours is not None
        assert (used.access_key, used.token or "") == (ours.id, ours.token)


def test_the_same_keys_as_those_of_default_are_told(place: AwsFiles) -> None:
    check = BY_ID["same-keys-as-default"]
    (found,) = place.write("", f"[default]\n{KEYS}[a]\n{KEYS}").found(check, "a")
    assert (found.severity, found.instructions) == (NOTE, "awsenv compare default a")
    both = f"[default]\n{TEMPORARY}{TOKEN}[a]\n{TEMPORARY}aws_session_token = other\n"
    assert [one.severity for one in place.write("", both).found(check, "a")] == [WARNING]
    assert not place.write("", f"[default]\n{KEYS.replace('WML', 'WMM')}[a]\n{KEYS}").found(check, "a")
    assert not place.write("", f"[default]\n{KEYS}[a]\n{KEYS}").found(check)


# --- IAM Identity Center ----------------------------------------------------------------------------------------------

SSO = "[profile a]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n"
CORP = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
LEGACY = SSO.replace("sso_session = corp", "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1")
RENEWABLE = {"refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": utc(HOUR)}


def sign_in(place: AwsFiles, content: object, name: str = "corp") -> Path:
    """What is kept of it."""
    path = place.path / ".aws" / "sso" / "cache" / f"{hashlib.sha1(name.encode()).hexdigest()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("id", "config", "said", "error"),
    [
        ("sso-settings-missing", SSO, "there is no [sso-session corp]", 'sso-session does not exist: "corp"'),
        ("sso-settings-missing", SSO + CORP.replace("sso_region", "region"), "has no sso_region", "missing required"),
        ("sso-settings-missing", SSO.replace("sso_role_name", "x") + CORP, "has no sso_role_name", "missing required"),
        ("sso-settings-missing", "[profile a]\nsso_session = corp\n" + CORP, "no sso_account_id and no sso_role_name", "NoCredentialsError"),
        ("sso-settings-contradict", SSO + "sso_region = x\n" + CORP, "has sso_region x, and", "is inconsistent"),
    ],
)  # fmt: skip
def test_settings_of_a_sign_in_that_do_not_do_are_told(
    id: str, config: str, said: str, error: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(place, {"accessToken": "t", "expiresAt": utc(HOUR)})
    (found,) = place.write(config).found(BY_ID[id], "a")
    assert said in found.what
    assert found.severity == ERROR
    assert place.others(CHECKS, "a") == {id}
    assert error in place.said_by_boto3(monkeypatch)


@pytest.mark.parametrize(
    ("config", "token", "id", "said"),
    [
        pytest.param(SSO + CORP, None, "sso-signed-out", "not signed in to corp", id="never"),
        pytest.param(SSO + CORP, {"expiresAt": utc(HOUR)}, None, "", id="good"),
        pytest.param(SSO + CORP, {"expiresAt": utc(-HOUR)}, "sso-signed-out", "1h00m ago, and its file has no refreshToken", id="over"),
        pytest.param(SSO + CORP, {"expiresAt": utc(-HOUR), **RENEWABLE}, None, "", id="over, but can be renewed"),
        pytest.param(SSO + CORP, {"expiresAt": utc(-HOUR), **RENEWABLE, "registrationExpiresAt": utc(-1)},
                     "sso-signed-out", "registration of the client", id="could be renewed once"),
        pytest.param(LEGACY, {"expiresAt": utc(HOUR)}, None, "", id="old form, good"),
        pytest.param(LEGACY, {"expiresAt": utc(-HOUR), **RENEWABLE}, "sso-signed-out", "never renewed", id="old form, over"),
        pytest.param(SSO + CORP, "", "sso-token-unreadable", "cannot be read", id="empty"),
        pytest.param(SSO + CORP, '{"accessToken": "t', "sso-token-unreadable", "cannot be read", id="cut off"),
        pytest.param(SSO + CORP, {}, "sso-token-unreadable", "has no expiration", id="without an end"),
    ],
)  # fmt: skip
def test_a_sign_in_that_is_over_is_told(config: str, token: object, id: str | None, said: str, place: AwsFiles) -> None:
    path = place.path
    if token is not None:
        name = "corp" if config != LEGACY else "https://corp.awsapps.com/start"
        path = sign_in(place, {"accessToken": "t", **token} if isinstance(token, dict) else token, name)
    place.write(config)
    assert place.others(CHECKS, "a") == ({id} if id else set())
    if id:
        (found,) = place.found(BY_ID[id], "a")
        assert said in found.what
        assert found.instructions == "awsenv login a"
        assert token is None or found.evidence == (str(path),)


@pytest.mark.parametrize(
    ("content", "end", "severity"),
    [({"expiresAt": utc(-HOUR)}, HOUR, WARNING), (None, HOUR, WARNING), ({"expiresAt": utc(-HOUR)}, 600, ERROR)],
)
@pytest.mark.parametrize("of", ["a", "b"])
def test_a_sign_in_is_not_missed_while_a_session_of_before_is_good(
    content: object, end: int, severity: str, of: str, place: AwsFiles
) -> None:
    """That of the role that is assumed with it, or its own."""
    if content is not None:
        sign_in(place, {"accessToken": "t", **content} if isinstance(content, dict) else content)
    place.write(f"{SSO}{CORP}[profile b]\n{ROLE}source_profile = a\n")
    assert [one.severity for one in place.found(BY_ID["sso-signed-out"], "b")] == [ERROR]
    key = cache_keys.role_session(place.context().profiles.settings(of))
    cached(place, end=end).rename(place.path / ".aws" / "cli" / "cache" / f"{key}.json")
    (found,) = place.found(BY_ID["sso-signed-out"], "b")
    assert found.severity == severity
    assert ("cached session" in found.what) is (severity == WARNING)
    assert severity == ERROR or found.what.endswith(f"profile {of}, and need a sign-in from {utc(HOUR - 900)} on")
    assert [one.severity for one in place.found(BY_ID["sso-signed-out"], "a")] == [severity if of == "a" else ERROR]


def test_what_the_aws_cli_says_of_a_sign_in_that_is_over(place: AwsFiles) -> None:
    place.write(SSO + CORP)
    assert "Token for corp does not exist" in place.aws("sts", "get-caller-identity", "--profile", "a").stderr
    path = sign_in(place, "")
    assert path.stem in place.aws("sts", "get-caller-identity", "--profile", "a").stderr
    sign_in(place, {"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z"})
    assert "Token has expired and refresh failed" in place.aws("sts", "get-caller-identity", "--profile", "a").stderr


# --- aws login --------------------------------------------------------------------------------------------------------

LOGIN = "arn:aws:iam::123456789012:user/ada"
KEPT = {"accessToken": {"expiresAt": utc(-HOUR)}, "refreshToken": "r", "dpopKey": "k", "clientId": "c"}


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "not signed in"),
        (KEPT, ""),  # renewed by whoever needs it
        ({**KEPT, "accessToken": {"expiresAt": utc(-12 * HOUR)}}, "was last used 12h00m ago"),
        ({**KEPT, "dpopKey": ""}, "has no dpopKey"),
        ([], "has no accessToken"),
    ],
)
def test_a_sign_in_of_aws_login_that_is_over_is_told(content: object, said: str, moved: bool, place: AwsFiles) -> None:
    place.write(f"[profile a]\nlogin_session = {LOGIN}\n{REGION}")
    folder = place.path / "moved" if moved else place.path / ".aws" / "login" / "cache"
    environment = {"AWS_LOGIN_CACHE_DIRECTORY": str(folder)} if moved else {}
    folder.mkdir(parents=True)
    if content is not None:
        (folder / f"{hashlib.sha256(LOGIN.encode()).hexdigest()}.json").write_text(json.dumps(content))
    found = place.found(BY_ID["login-signed-out"], "a", **environment)
    assert [one.instructions for one in found] == (["aws login --profile a"] if said else [])
    assert not said or said in found[0].what
    assert not place.found(BY_ID["login-signed-out"], **environment)


def test_what_aws_login_needs_is_told_if_it_is_not_there(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(f"[profile a]\nlogin_session = {LOGIN}\n{REGION}")
    there = importlib.util.find_spec("awscrt") is not None
    assert bool(place.found(BY_ID["login-needs-crt"], "a")) is not there
    monkeypatch.setitem(sys.modules, "awscrt", None)  # now it cannot be imported
    (found,) = place.found(BY_ID["login-needs-crt"], "a")
    assert "botocore[crt]" in found.instructions
    assert found.severity == NOTE  # the AWS CLI, whose sign-in it is, has it


# --- processes --------------------------------------------------------------------------------------------------------

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
    ("{home}/program --url https://x/%20a%20", None, "", None),
    ("/bin/sh -c 'cat $HOME/creds.json'", None, "", None),
    ("/bin/bash -lc 'op read \"op://vault/$USER/aws\"'", None, "", None),
    ("/usr/bin/env -S bash -c 'cat ~/x' $HOME", None, "", None),
    ("sh -c true", "credential-process-relative", "sh, which is not a whole path", "JSONDecodeError"),
    ("{home}/program credential-process a", "credential-process-loop", "calls itself", None),
    ("{home}/program configure export-credentials --profile a", "credential-process-loop", "calls itself", None),
    ("{home}/program credential-process b", None, "", None),
]


@pytest.mark.parametrize(("command", "id", "said", "error"), PROCESSES)
def test_a_process_that_cannot_run_is_told(
    command: str, id: str | None, said: str, error: str | None, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("plain", "program"):
        (place.path / name).write_text("#!/bin/sh\n")
    (place.path / "program").chmod(0o700)
    place.write(f"[profile a]\ncredential_process = {command.format(home=place.path)}\n")
    assert place.others(CHECKS, "a") == ({id} if id else set())
    if id:
        (found,) = place.found(BY_ID[id], "a")
        assert said in found.what
        assert found.evidence == (f"{place.config}:2",)
        assert ("chmod" in found.instructions) is ("executable" in said)
    if id == "credential-process-unexpanded":
        assert f"write {place.path}/program instead of" in found.instructions
    if error:
        assert error in place.said_by_boto3(monkeypatch)


@pytest.mark.parametrize(
    ("command", "written"),
    [
        ('"$HOME/my tool" x', '"{home}/my tool"'),
        ("{home}/program '~/a b'", "'{home}/a b'"),
        ("{home}/program $HOME/a\\ b", "{home}/a\\ b"),
        ("{home}/program ~/b x", "{home}/b"),
    ],
)
def test_the_command_that_is_proposed_keeps_its_quotes(command: str, written: str, place: AwsFiles) -> None:
    (place.path / "program").write_text("#!/bin/sh\n")
    (place.path / "program").chmod(0o700)
    command = command.format(home=place.path)
    check = BY_ID["credential-process-unexpanded"]
    (found,) = place.write(f"[profile a]\ncredential_process = {command}\n").found(check, "a")
    new, old = found.instructions.removeprefix("write ").removesuffix(" in that line").split(" instead of ")
    assert new == written.format(home=place.path)
    place.write(f"[profile a]\ncredential_process = {command.replace(old, new)}\n")
    assert not place.found(check, "a")


def test_a_home_with_blanks_is_proposed_in_quotes(tmp_path: Path) -> None:
    place = AwsFiles(tmp_path / "a b")
    (found,) = place.write("[profile a]\ncredential_process = ~/program\n").found(
        BY_ID["credential-process-unexpanded"], "a"
    )
    assert found.instructions == f"write '{place.path}/program' instead of ~/program in that line"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (r"%USERPROFILE%\tool.exe", True),
        (r"cmd /c %USERPROFILE%\tool.exe", False),
        (r"C:\Windows\System32\cmd.exe /C %APPDATA%\x", False),
        (r"C:\tool.exe --url https://x/%20a%20", False),
    ],
)
def test_a_variable_of_windows_is_not_expanded_there_but_by_cmd(command: str, told: bool, place: AwsFiles) -> None:
    place.write(f"[profile a]\ncredential_process = {command}\n")
    context = Context(place.environment(), NOW, "a", offline=True, platform="win32")
    assert bool(list(BY_ID["credential-process-unexpanded"].look(context))) is told
    assert not place.found(BY_ID["credential-process-unexpanded"], "a")  # elsewhere % is a letter


# --- web identities ---------------------------------------------------------------------------------------------------


def jwt(end: int) -> str:
    parts = ({"alg": "none"}, {"sub": "x", "exp": NOW + end})
    head, payload = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{payload}.x"


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (jwt(HOUR), None),
        (jwt(HOUR) + "\n", None),
        ("no JWT at all", None),
        (jwt(-HOUR), "profile-web-identity-expired"),
        ("", "profile-web-identity-file"),
        (None, "profile-web-identity-file"),
    ],
)
def test_the_token_of_a_web_identity_is_looked_at(
    text: str | None, id: str | None, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.path / "token"
    if text is not None:
        path.write_text(text)
    place.write(f"[profile a]\n{ROLE}web_identity_token_file = {path}\n[profile b]\n{ROLE}source_profile = a\n")
    assert place.others(CHECKS, "a") == ({id} if id else set())
    assert not place.others(CHECKS, AWS_PROFILE="a", **EXPORTED)  # which go first
    if id:
        (found,) = place.found(BY_ID[id], "b")
        assert "profile a (hop 2 of 2: b -> a)" in found.what
        assert found.evidence == (f"{place.config}:4",)
    if text is None:
        assert "FileNotFoundError" in place.said_by_boto3(monkeypatch, AWS_ENDPOINT_URL=DEAD)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_a_token_is_left_alone(place: AwsFiles, listener: str) -> None:
    """To open it would wait for whoever writes."""
    os.mkfifo(place.path / "token")
    place.write(f"[profile a]\n{ROLE}web_identity_token_file = {place.path / 'token'}\n")
    assert not place.others(CHECKS, "a")
    assert not place.write().others(CHECKS, **{FULL: listener, TOKEN_FILE: str(place.path / "token")})
    place.write(f"[profile a]\n{ROLE}web_identity_token_file = {place.path}\n")
    (found,) = place.found(BY_ID["profile-web-identity-file"], "a")
    assert found.what.endswith("is a directory")


def test_a_web_identity_without_a_role_is_told(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.path / "token"
    path.write_text(jwt(HOUR))
    place.write(f"[profile a]\nweb_identity_token_file = {path}\n")
    assert place.others(CHECKS, "a") == place.others(CHECKS, AWS_PROFILE="a") == {"profile-web-identity-without-role"}
    assert "has no role ARN configured" in place.said_by_boto3(monkeypatch).replace("\n", " ")


# --- containers -------------------------------------------------------------------------------------------------------

FULL, RELATIVE = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
TOKEN_VARIABLE = "AWS_CONTAINER_AUTHORIZATION_TOKEN"


@pytest.fixture
def listener() -> Iterator[str]:
    """A server on this machine, which nobody has to ask anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x"


@pytest.mark.parametrize(
    "environment",
    [
        {FULL: "{listener}", TOKEN_VARIABLE: "t"},
        {FULL: "{localhost}"},
        {FULL: "http://169.254.170.23/v1/credentials"},
        {FULL: "https://example.com/x"},
        {RELATIVE: "/x"},
    ],
)
def test_a_container_that_is_in_order_is_not_told(environment: dict[str, str], place: AwsFiles, listener: str) -> None:
    urls = {"listener": listener, "localhost": listener.replace("127.0.0.1", "localhost")}
    environment = {name: value.format(**urls) for name, value in environment.items()}
    place.write(f"[default]\n{REGION}[profile a]\n{REGION}[profile b]\n{ROLE}credential_source = EcsContainer\n")
    for profile in ({}, {"AWS_PROFILE": "a"}, {"AWS_PROFILE": "b"}):
        assert not place.others(CHECKS, **environment, **profile)
    assert not place.write(f"[profile c]\n{KEYS}").others(CHECKS, "c", **environment)  # the profile was asked about


@pytest.mark.parametrize(
    ("environment", "config", "said", "cure", "severity"),
    [
        (EXPORTED, "", "the exported credentials are used before it", "awsenv clear", WARNING),
        ({**EXPORTED, "AWSENV_PROFILE": "a", "AWSENV_KEY": KEY[-8:]}, "", "credentials are used", "awsenv clear", NOTE),
        ({}, f"[default]\n{KEYS}", "profile default is used before it", "remove the credentials at {credentials}", WARNING),
        ({"AWS_PROFILE": "a"}, f"[profile a]\n{ROLE}source_profile = b\n[profile b]\n{KEYS}", "profile a is used",
         "unset AWS_PROFILE", NOTE),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, "", "the web identity is used", "unset AWS_WEB_IDENTITY_TOKEN_FILE", NOTE),
        ({RELATIVE: "/x"}, "", f"{RELATIVE} is used, {FULL} is not", f"unset {RELATIVE}", WARNING),
    ],
)  # fmt: skip
def test_what_hides_the_container_is_told(
    environment: dict[str, str], config: str, said: str, cure: str, severity: str, place: AwsFiles, listener: str
) -> None:
    (found,) = place.write(config).found(BY_ID["container-shadowed"], **{FULL: listener}, **environment)
    assert said in found.what
    assert found.instructions == cure.format(credentials=f"{place.config}:1")
    assert found.severity == severity
    assert not place.found(BY_ID["container-endpoint-dead"], **{FULL: listener}, **environment)
    assert not place.found(BY_ID["container-shadowed"], **environment)


@pytest.mark.parametrize("default", [KEYS, REGION])
def test_beside_awsenv_s_own_server_nothing_is_said_until_it_has_ended(default: str, place: AwsFiles) -> None:
    """As in a shell of `awsenv exec --server`, and in one that outlives it."""
    place.write(f"[default]\n{default}")
    session = Session("x", ASIA, SECRET, token="t", expiration=NOW + HOUR, region=None)
    supply = Renewer(session, renew=lambda: session, clock=lambda: float(NOW), report=lambda line: None, least=0)
    with served(supply, place.environment(AWSENV_PROFILE="x")) as environment:
        assert not [one for check in CHECKS for one in check.look(Context(environment, NOW, offline=True))]
    of_server = (FULL, TOKEN_FILE, "AWS_CONFIG_FILE", "AWS_PROFILE")  # the latter two only beside a default profile
    old = {name: environment[name] for name in of_server if name in environment}
    assert len(old) == (4 if default == KEYS else 2)
    assert TOKEN_VARIABLE not in environment
    old[FULL] = f"{DEAD}/x"  # (a server ends with its process)
    place.write()
    (found,) = place.found(BY_ID["container-endpoint-dead"], **old)
    assert (found.severity, found.instructions) == (ERROR, f"unset {' '.join(old)}")
    assert found.auto_fix == AutoFix(unset=tuple(old))
    assert place.others(CHECKS, **old) == {"container-endpoint-dead"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_an_endpoint_at_which_nobody_listens_is_told(
    host: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {FULL: f"http://{host}:9/x"}
    place.write(f"[default]\n{REGION}[profile b]\n{ROLE}credential_source = EcsContainer\n")
    assert place.others(CHECKS, **environment) == {"container-endpoint-dead"}
    assert place.others(CHECKS, "b", **environment) == {"container-endpoint-dead"}
    (found,) = (one for check in CHECKS for one in place.found(check, **environment, **EXPORTED))
    assert (found.check.id, found.severity) == ("container-endpoint-dead", NOTE)  # now it does no harm
    assert not place.write(f"[profile c]\n{KEYS}").others(CHECKS, "c", **environment)
    if host == "127.0.0.1":
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)  # between its attempts
        said = place.said_by_boto3(monkeypatch, None, **environment)
        assert "CredentialRetrievalError: Error when retrieving credentials from container-role" in said


@pytest.mark.parametrize(
    ("environment", "id", "error"),
    [
        ({FULL: "http://example.com/x"}, "container-host", "ValueError: Unsupported host 'example.com'"),
        ({FULL: "http://x.localhost/x"}, "container-host", "ValueError: Unsupported host"),
        ({FULL: "{listener}", TOKEN_VARIABLE: "t\n"}, "container-token", "not a legal header value"),
        ({FULL: "{listener}", TOKEN_FILE: "{home}/gone"}, "container-token", "FileNotFoundError"),
        ({FULL: "{listener}", TOKEN_FILE: "{home}/newline"}, "container-token", "not a legal header value"),
    ],
)
def test_a_container_that_cannot_be_asked_is_told(
    environment: dict[str, str],
    id: str,
    error: str,
    place: AwsFiles,
    listener: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place.path / "newline").write_text("t\n")
    (place.path / "good").write_text("t")
    environment = {name: value.format(home=place.path, listener=listener) for name, value in environment.items()}
    assert place.others(CHECKS, **environment) == {id}
    assert not place.others({BY_ID[id]}, **environment, **EXPORTED)  # they are used, whatever the container says
    assert error in place.said_by_boto3(monkeypatch, None, **environment)
    assert not place.others(CHECKS, **{FULL: listener, TOKEN_FILE: str(place.path / "good")})
