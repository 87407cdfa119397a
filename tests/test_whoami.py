"""awsenv whoami: the identity AWS sees for this shell, the profile's, and whether they match."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from support.clock import Clock
from support.homes import Home
from support.programs import BIN
from support.sts import ACCOUNT, ROLE_SESSION, Sts

pytestmark = pytest.mark.shell

USER = f"arn:aws:iam::{ACCOUNT}:user/user1"
STALE = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s" * 40, "AWS_SESSION_TOKEN": "t"}


def snapshot(home: Home, *args: str, **more: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of `awsenv whoami`."""
    result = home.awsenv("whoami", *args, "--json", **more)
    assert [line for line in result.stderr.splitlines() if "waiting for STS" not in line] == []
    return result.returncode, json.loads(result.stdout)


def test_nothing_exported_exits_with_5(home: Home) -> None:
    result = home.awsenv("whoami")
    assert (result.returncode, result.stdout) == (5, "")
    assert "nothing is exported" in result.stderr


def test_the_default_profile_is_used_when_nothing_is_exported(home: Home) -> None:
    """As for aws sts get-caller-identity."""
    home.credentials.write_text(home.credentials.read_text().replace("[user1]", "[default]"))
    by_cli = subprocess.run(
        [BIN / "aws", "sts", "get-caller-identity", "--output", "json"],
        env=home.environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    code, answer = snapshot(home)
    assert (code, answer["exported"]) == (0, None)
    assert (answer["profile"]["name"], answer["profile"]["arn"]) == ("default", json.loads(by_cli.stdout)["Arn"])
    assert "nothing is exported" in home.awsenv("whoami").stdout


def test_a_web_identity_is_used_when_nothing_is_exported(home: Home, sts: Sts, tmp_path: Path) -> None:
    """As in EKS and CI: without any files, and before the keys of a profile, but not before its role."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    sts.client("iam").create_role(RoleName="pod", AssumeRolePolicyDocument=document)
    (tmp_path / "token").write_text("a.b.c")
    web = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/pod",
        "AWS_REGION": "us-east-1",
    }
    code, answer = snapshot(home, "user1", **web)
    assert (code, answer["same"], answer["profile"]["arn"]) == (0, False, USER)
    assert answer["exported"]["arn"].startswith(ROLE_SESSION.replace("project1", "pod"))
    assert 3500 < answer["exported"]["seconds_left"] <= 3660
    code, answer = snapshot(home, **web, AWS_PROFILE="closed")
    assert (code, answer["exported"], answer["profile"]["name"]) == (1, None, "closed")
    home.config.unlink()
    home.credentials.unlink()
    code, answer = snapshot(home, **web)
    assert (code, answer["profile"]) == (0, None)
    code, answer = snapshot(home, **web | {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "gone")})
    assert code == 1
    assert answer["exported"]["error"].startswith("AWS_WEB_IDENTITY_TOKEN_FILE points to no credentials: ")
    assert answer["exported"]["fix"] == "check it with: awsenv doctor"


def test_whoami_shows_the_identity_that_assume_exported(home: Home) -> None:
    """In a real shell; the AWS CLI reports the same identity."""
    line = 'eval "$(awsenv assume project1)"; awsenv whoami --json; aws sts get-caller-identity --output json'
    script = [part.replace("aws ", f"{BIN}/aws ", 1) if part.startswith(" aws ") else part for part in line.split(";")]
    result = subprocess.run(
        ["bash", "-c", ";".join(script)], env=home.environment(), capture_output=True, text=True, check=True
    )
    decoder = json.JSONDecoder()
    answer, end = decoder.raw_decode(result.stdout)
    by_cli = json.loads(result.stdout[end:])
    exported = answer["exported"]
    assert (exported["arn"], exported["account"], exported["user_id"]) == (
        by_cli["Arn"],
        by_cli["Account"],
        by_cli["UserId"],
    )
    assert exported["arn"].startswith(ROLE_SESSION)
    assert 3500 < exported["seconds_left"] <= 3660
    assert answer["same"] is True
    assert answer["profile"]["arn"] == exported["arn"]  # the same session, from the cache


@pytest.mark.parametrize("named", [("project1",), ()])
def test_another_session_of_the_same_role_matches(named: tuple[str, ...], home: Home) -> None:
    values = home.exported("project1", "--no-cache")
    variables = values if named else values | {"AWS_PROFILE": "project1"}
    code, answer = snapshot(home, *named, **variables)
    assert (code, answer["same"]) == (0, True)
    assert answer["profile"]["name"] == "project1"


def test_a_different_user_is_reported(home: Home) -> None:
    code, answer = snapshot(home, "project1", **home.exported("user1"))
    assert code == 0
    assert answer["exported"]["arn"] == USER
    assert answer["exported"]["seconds_left"] is None
    assert answer["profile"]["arn"].startswith(ROLE_SESSION)
    assert answer["same"] is False
    assert answer["why"] == "what is exported is user/user1, project1 is role/project1"


def test_a_different_account_is_reported(home: Home) -> None:
    """ministack takes a key id of twelve digits for the root of that account."""
    keys = {"AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "test"}
    _, answer = snapshot(home, "user1", **keys)
    assert answer["same"] is False
    assert answer["why"] == f"what is exported is in account 111122223333, user1 in {ACCOUNT}"


def test_the_options_of_assume_belong_to_the_profile(home: Home) -> None:
    values = home.exported("user1", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1", "--region", "eu-west-1")
    options = f"--role-arn=arn:aws:iam::{ACCOUNT}:role/project1 --region=eu-west-1"
    _, answer = snapshot(home, AWSENV_PROFILE="user1", AWSENV_OPTIONS=options, **values)
    assert (answer["same"], answer["profile"]["name"]) == (True, "user1>project1")
    assert answer["why"] == "what is exported is user1>project1"
    alone = f"- --source-profile=user1 {options}"  # no profile was named
    _, answer = snapshot(home, AWSENV_PROFILE="project1", AWSENV_OPTIONS=alone, **values)
    assert (answer["same"], answer["profile"]["name"]) == (True, "user1>project1")


def test_a_named_profile_is_shown_when_nothing_is_exported(home: Home) -> None:
    code, answer = snapshot(home, "chained")
    assert code == 0
    assert answer["exported"] is None
    assert answer["profile"]["account"] == ACCOUNT
    assert answer["same"] is None
    assert snapshot(home, AWS_PROFILE="project1")[1]["profile"]["arn"].startswith(ROLE_SESSION)
    assert "nothing is exported" in home.awsenv("whoami", "project1").stdout


def test_an_expired_session_exits_with_4(home: Home, clock: Clock) -> None:
    clock.move("-2h")
    values = home.exported("project1", **clock.environment)
    clock.move("+0")
    result = home.awsenv("whoami", **values)
    assert result.returncode == 4
    assert "exported: AWS rejects that with ExpiredToken" in result.stdout
    assert "; type awsenv assume project1 --refresh" in result.stdout


def test_keys_unknown_to_aws_exit_with_1(home: Home) -> None:
    code, answer = snapshot(home, **STALE)
    assert code == 1
    assert answer["exported"]["error"].startswith("AWS rejects that with InvalidClientTokenId")
    assert STALE["AWS_SECRET_ACCESS_KEY"] not in json.dumps(answer)


def test_incomplete_keys_exit_with_1(home: Home) -> None:
    code, answer = snapshot(home, AWS_ACCESS_KEY_ID="AKIAQWERTYUIOPASDFGH")
    assert code == 1
    assert answer["exported"]["error"] == "AWS_SECRET_ACCESS_KEY is missing from what is exported"
    assert answer["exported"]["fix"] == "type awsenv assume PROFILE"
    _, answer = snapshot(home, AWS_ACCESS_KEY_ID="AKIAQWERTYUIOPASDFGH", AWSENV_PROFILE="project1")
    assert answer["exported"]["fix"] == "type awsenv assume project1"


def test_an_unavailable_profile_is_an_error_only_when_named(home: Home) -> None:
    """Beside valid keys the active profile is only mentioned."""
    good = home.exported("user1")
    code, answer = snapshot(home, "closed", **good)
    assert code == 1
    assert answer["exported"]["arn"] == USER
    assert "AccessDenied" in answer["profile"]["error"]
    assert snapshot(home, AWS_PROFILE="closed", **good)[0] == 0
    assert snapshot(home, AWS_PROFILE="closed")[0] == 1
    assert snapshot(home, "gone", **good)[1]["profile"]["fix"] == "see awsenv list"


def test_whoami_without_a_terminal_never_prompts(home: Home) -> None:
    serial = f"role/project1\nmfa_serial = arn:aws:iam::{ACCOUNT}:mfa/ada\n"
    home.config.write_text(home.config.read_text().replace("role/project1\n", serial, 1))
    for args in (("project1",), ("project1", "--no-input")):
        code, answer = snapshot(home, *args)
        assert code == 1
        assert "an MFA code is needed" in answer["profile"]["error"]


def test_a_missing_response_is_reported_with_the_reason(home: Home) -> None:
    code, answer = snapshot(home, **STALE, AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")
    assert code == 1
    assert answer["exported"]["error"] == ("no answer from AWS at http://127.0.0.1:9 (TCP): connection refused")


def test_whoami_works_where_the_sdks_fail(home: Home) -> None:
    variables = {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}
    code, answer = snapshot(home, **home.exported("user1") | variables)
    assert (code, answer["exported"]["arn"]) == (0, USER)


@pytest.mark.parametrize(
    ("variables", "error", "fix"),
    [
        ({"AWS_PROFILE": ""}, "AWS_PROFILE is set, but empty", "type unset AWS_PROFILE"),
        ({"AWS_DEFAULT_PROFILE": ""}, "AWS_DEFAULT_PROFILE is set, but empty", "type unset AWS_DEFAULT_PROFILE"),
        (
            {"AWS_PROFILE": "projct1"},
            "AWS_PROFILE is wrong, so AWS tools fail: there is no profile 'projct1'",
            "did you mean project1?",
        ),
    ],
)
def test_an_unknown_profile_is_an_error_beside_valid_keys(
    variables: dict[str, str], error: str, fix: str, home: Home
) -> None:
    values = home.exported("user1")
    environ = home.environment(**values | variables, SHELL="/bin/sh")
    real = subprocess.run([BIN / "aws", "sts", "get-caller-identity"], env=environ, capture_output=True, check=False)
    assert real.returncode != 0
    code, answer = snapshot(home, **values | variables)
    assert (code, answer["exported"]["arn"]) == (1, USER)
    assert answer["exported"]["error"].startswith(error)
    assert answer["exported"]["fix"] == fix
    if "" in variables.values():  # and with nothing exported
        result = home.awsenv("whoami", **variables)
        assert (result.returncode, error in result.stderr) == (1, True)


def test_nothing_is_the_same_beside_an_unknown_profile(home: Home) -> None:
    """The identity of the credentials is that of the assumed profile, but no AWS tool gets so far."""
    variables = home.exported("project1") | {"AWSENV_PROFILE": "project1", "AWS_PROFILE": "projct1"}
    code, answer = snapshot(home, **variables)
    assert (code, answer["exported"]["arn"]) == (1, answer["profile"]["arn"])
    assert (answer["same"], answer["why"]) == (None, None)
    lines = home.awsenv("whoami", **variables).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[3:]] == ["exported"]


def test_a_silent_server_times_out(home: Home) -> None:
    """Both the request and the session of the profile; the user's timeout applies, if it is not empty."""
    values = home.exported("user1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        start = time.monotonic()
        code, answer = snapshot(
            home, "project1", "--no-input", **values | {"AWS_ENDPOINT_URL_STS": url, "AWSENV_READ_TIMEOUT": ""}
        )
        assert time.monotonic() - start < 14
        assert (code, "no answer in time" in answer["profile"]["error"]) == (1, True)
        start = time.monotonic()
        snapshot(home, "project1", **values | {"AWS_ENDPOINT_URL_STS": url, "AWSENV_READ_TIMEOUT": "0.5"})
        assert time.monotonic() - start < 6


def test_whoami_prints_a_table(home: Home) -> None:
    result = home.awsenv("whoami", "project1", **home.exported("user1"))
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["WHO", "ACCOUNT", "ARN", "USER", "ID", "LEFT"]
    assert lines[1].split()[:3] == ["exported", ACCOUNT, USER]
    assert lines[1].endswith("never")
    assert lines[2].split()[0] == "project1"
    assert lines[3].startswith("not the same: ")
