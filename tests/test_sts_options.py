"""The parameters of STS calls, from the command line and the profile, and the cache key of the result."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest
from support.clients import aws
from support.clock import session_seconds
from support.homes import Home
from support.programs import BIN
from support.scripted_sts import Call, ScriptedSts

pytestmark = pytest.mark.shell

ROLE = "arn:aws:iam::123456789012:role/team"
SECOND = "arn:aws:iam::123456789012:role/second"
CONFIG = f"""\
[profile role]
role_arn = {ROLE}
source_profile = keys
region = eu-central-1
[profile second]
role_arn = {SECOND}
source_profile = role
region = eu-central-1
"""
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
SMALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


@pytest.fixture
def sts(scripted_sts: ScriptedSts) -> ScriptedSts:
    return scripted_sts


@pytest.fixture
def home(tmp_path: Path, sts: ScriptedSts) -> Home:
    return Home(tmp_path / "home", sts).write(
        CONFIG, "[keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = secret\n"
    )  # type: ignore[arg-type]  # only its URL is used


def add(home: Home, *lines: str) -> None:
    """Add settings to the profile `role`."""
    home.config.write_text(CONFIG.replace("[profile second]", "\n".join([*lines, "[profile second]"])))


# --- the parameters ---------------------------------------------------------------------------------------------------

#: name -> args, the same as settings of the profile, and the parameters of the STS call
OPTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Call]] = {
    "source identity": (
        ("--source-identity", "ada"),
        ("source_identity = ada",),
        {"SourceIdentity": "ada"},
    ),
    "tags": (
        ("--tag", "team=blue", "--tag", "purpose=a test", "--transitive-tag", "team"),
        ("session_tags = team=blue,purpose = a test", "transitive_session_tags = team"),
        {
            "Tags.member.1.Key": "team",
            "Tags.member.1.Value": "blue",
            "Tags.member.2.Key": "purpose",
            "Tags.member.2.Value": "a test",
            "TransitiveTagKeys.member.1": "team",
        },
    ),
    "a block of tags": (
        ("--tag", "team=blue", "--tag", "cost=1"),
        ("session_tags =", "  team = blue", "  cost = 1"),
        {"Tags.member.1.Key": "team", "Tags.member.2.Key": "cost", "Tags.member.2.Value": "1"},
    ),
    "a tag with a comma": (("--tag", "team=blue,red"), (), {"Tags.member.1.Value": "blue,red"}),
    "a policy": (("--policy", POLICY), (f"policy = {POLICY}",), {"Policy": SMALL}),
    "a policy in a file": (("--policy", "policy.json"), ("policy = ../policy.json",), {"Policy": SMALL}),
    "managed policies": (
        ("--policy-arn", "arn:aws:iam::aws:policy/A", "--policy-arn", "arn:aws:iam::aws:policy/B"),
        ("policy_arns = arn:aws:iam::aws:policy/A, arn:aws:iam::aws:policy/B",),
        {"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/A", "PolicyArns.member.2.arn": "arn:aws:iam::aws:policy/B"},
    ),
    "a duration": (("--duration", "45m"), ("duration_seconds = 45m",), {"DurationSeconds": "2700"}),
}  # fmt: skip

#: The options whose sessions the AWS CLI must not use, nor awsenv the AWS CLI's.
SEPARATE = [name for name in OPTIONS if name != "a duration"]


def assume(home: Home, *args: str) -> dict[str, str]:
    """As home.exported, from the directory of policy.json."""
    (home.path / "policy.json").write_text(POLICY)
    done = subprocess.run(
        [str(BIN / "awsenv"), "assume", *args, "--format", "json"],
        env=home.environment(),
        cwd=home.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    exported: dict[str, str] = json.loads(done.stdout)
    return exported


@pytest.mark.parametrize(
    ("name", "by"), [(name, by) for name in OPTIONS for by in ("args", "profile") if by == "args" or OPTIONS[name][1]]
)
def test_each_option_is_sent_to_sts(name: str, by: str, home: Home, sts: ScriptedSts) -> None:
    args, lines, expected = OPTIONS[name]
    if by == "profile":
        add(home, *lines)
    values = assume(home, "role", *(args if by == "args" else ()))
    (call,) = sts.calls
    assert {parameter: call.get(parameter) for parameter in expected} == expected
    assert assume(home, "role", *(args if by == "args" else ())) == values
    assert len(sts.calls) == 1  # from the cache


LISTED = {name: lines for name, (_, lines, _) in OPTIONS.items() if lines}
LISTED |= {"max": ("duration_seconds = max",), "an hour as max": ("duration_seconds = max", "# an hour")}


@pytest.mark.parametrize("name", LISTED)
def test_list_finds_the_session_of_each_option(name: str, home: Home, sts: ScriptedSts) -> None:
    sts.max_duration = 3600 if name == "an hour as max" else 5 * 3600
    add(home, *LISTED[name])
    assert seconds_left_of(home) == {"role": None, "second": None}
    seconds = session_seconds(assume(home, "role"))
    listed = seconds_left_of(home)
    assert listed["role"] is not None
    assert abs(listed["role"] - seconds) < 30
    assert listed["second"] is None


def seconds_left_of(home: Home) -> dict[str, int | None]:
    return {row["name"]: row["seconds_left"] for row in json.loads(home.awsenv("list", "--json").stdout)[:2]}


@pytest.mark.parametrize("name", OPTIONS)
def test_refresh_repeats_each_option(name: str, home: Home, sts: ScriptedSts) -> None:
    args, _, expected = OPTIONS[name]
    (home.path / "policy.json").write_text(POLICY)
    script = 'set -e; eval "$(awsenv assume "$@")"; cd /; eval "$(awsenv refresh)"'
    result = subprocess.run(
        ["bash", "-c", script, "bash", "role", *args],
        env=home.environment(),
        cwd=home.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    first, second = sts.calls
    assert {parameter: second.get(parameter) for parameter in expected} == expected
    assert {**first, "RoleSessionName": ""} == {**second, "RoleSessionName": ""}


@pytest.mark.parametrize("name", SEPARATE)
def test_sessions_with_and_without_an_option_are_separate(name: str, home: Home, sts: ScriptedSts) -> None:
    args, _, _ = OPTIONS[name]
    plain = assume(home, "role")
    special = assume(home, "role", *args)
    assert plain["AWS_ACCESS_KEY_ID"] != special["AWS_ACCESS_KEY_ID"]
    assert assume(home, "role") == plain
    assert assume(home, "role", *args) == special
    with pytest.raises(AssertionError, match="InvalidAction"):  # the AWS CLI acts under the plain one
        aws(home, "sts", "get-caller-identity", "--profile", "role")
    assert sts.calls[-1]["Key"] == plain["AWS_ACCESS_KEY_ID"]
    assert sts.count("AssumeRole") == 2


def test_a_source_role_has_its_own_options(home: Home, sts: ScriptedSts) -> None:
    add(home, "session_tags = team=blue", "source_identity = ada")
    assume(home, "second", "--tag", "cost=1")
    first, second = sts.calls
    assert (first["RoleArn"], second["RoleArn"]) == (ROLE, SECOND)
    assert (first["Tags.member.1.Key"], first["SourceIdentity"]) == ("team", "ada")
    assert second["Tags.member.1.Key"] == "cost"
    assert "SourceIdentity" not in second
    assume(home, "role")
    assert len(sts.calls) == 2


def test_a_changed_policy_is_read_again(home: Home, sts: ScriptedSts) -> None:
    add(home, "policy = ~/policy.json")
    assume(home, "role")
    assume(home, "role")
    assert len(sts.calls) == 1
    (home.path / "policy.json").write_text(POLICY.replace("s3", "ec2"))
    home.exported("role")
    assert "ec2:*" in sts.calls[1]["Policy"]


WRONG: dict[str, tuple[tuple[str, ...], int, str]] = {
    "a tag without a value": (("--tag", "team"), 2, "--tag team is not KEY=VALUE"),
    "a policy that is not JSON": (("--policy", "{nonsense"), 1, "the session policy is not a JSON object"),
    "a missing policy": (("--policy", "/nowhere.json"), 1, "cannot read the session policy /nowhere.json"),
    "a file without a policy": (("--policy", "/etc/passwd"), 1, "the session policy /etc/passwd is not a JSON object"),
    "an invalid chain": (("--chain", "second"), 2, "--chain second is not the ARN of a role"),
    "a duration": (("--duration", "13h"), 2, "--duration 13h is outside 15m to 12h"),
    "two names": (("--source-identity", "a", "--source-identity", "b"), 2, "--source-identity was given twice"),
    "a code": (("--mfa-token", "abc"), 2, "--mfa-token is not a code of six digits"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_invalid_options_are_rejected_before_sts_is_called(name: str, home: Home, sts: ScriptedSts) -> None:
    args, code, message = WRONG[name]
    result = home.awsenv("assume", "role", *args, "--shell", "bash")
    assert (result.returncode, result.stdout) == (code, f"(exit {code});\n")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert sts.calls == []


def test_options_of_a_role_are_rejected_for_keys(home: Home) -> None:
    result = home.awsenv("assume", "keys", "--tag", "a=b", "--policy-arn", "x", "--shell", "bash")
    assert result.returncode == 2
    assert "so --tag and --policy-arn would do nothing" in result.stderr


# --- the name of the session ------------------------------------------------------------------------------------------


def test_the_session_name_contains_user_and_host(home: Home, sts: ScriptedSts) -> None:
    home.exported("role", LOGNAME="ada")
    assert sts.calls[0]["RoleSessionName"] == f"ada@{socket.gethostname()}"[:64]


@pytest.mark.parametrize("name", ["Ada Lovelace", "b\u00fcro\\ada", "x" * 300])
def test_the_session_name_is_valid_for_sts(name: str, home: Home, sts: ScriptedSts) -> None:
    home.exported("role", LOGNAME=name)
    assert re.fullmatch(r"[A-Za-z0-9_+=,.@-]{2,64}", sts.calls[0]["RoleSessionName"])
    assert sts.calls[0]["RoleSessionName"].startswith(name[:1])


def test_a_given_session_name_takes_precedence(home: Home, sts: ScriptedSts) -> None:
    add(home, "role_session_name = configured")
    home.exported("role")
    home.exported("role", "--session-name", "typed")
    assert [call["RoleSessionName"] for call in sts.calls] == ["configured", "typed"]


def test_the_aws_cli_and_awsenv_share_the_session(home: Home, sts: ScriptedSts) -> None:
    """The scripted STS rejects everything but AssumeRole: the test requires that no second session is requested."""
    home.exported("role")
    with pytest.raises(AssertionError, match="InvalidAction"):
        aws(home, "sts", "get-caller-identity", "--profile", "role")
    assert sts.count("AssumeRole") == 1
    with pytest.raises(AssertionError, match="InvalidAction"):
        aws(home, "sts", "get-caller-identity", "--profile", "second")
    assert sts.count("AssumeRole") == 2
    key = home.exported("second")["AWS_ACCESS_KEY_ID"]
    assert sts.count("AssumeRole") == 2
    assert key == sts.calls[-1]["Key"]


# --- the duration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["option", "profile"])
@pytest.mark.parametrize("minutes", [60, 90, 5 * 60, 12 * 60])
def test_max_uses_the_maximum_from_iam_without_a_failed_call(
    minutes: int, by: str, home: Home, sts: ScriptedSts
) -> None:
    sts.max_duration, sts.allows_get_role = minutes * 60, True
    options = ("--duration", "max") if by == "option" else ()
    if by == "profile":
        add(home, "duration_seconds = max")
    values = home.exported("role", *options)
    assert minutes * 60 - 60 < session_seconds(values) <= minutes * 60
    assert [call["Action"] for call in sts.calls] == ["GetRole", "AssumeRole"]
    assert sts.rejected == []
    assert home.exported("role", *options) == values
    home.exported("role", *options, "--refresh")
    assert len(sts.calls) == 3, "the duration is remembered"


#: hours that the role allows -> hours that the search finds, and the number of its AssumeRole calls that fail
STEPS = {1: (1, 4), 2: (2, 3), 3: (2, 3), 4: (4, 2), 7: (4, 2), 8: (8, 1), 11: (8, 1), 12: (12, 0)}


@pytest.mark.parametrize("hours", STEPS)
def test_max_is_found_in_a_few_steps_without_iam(hours: int, home: Home, sts: ScriptedSts) -> None:
    sts.max_duration = hours * 3600 + 100
    found, failing = STEPS[hours]
    values = home.exported("role", "--duration", "max")
    assert found * 3600 - 60 < session_seconds(values) <= found * 3600
    assert sts.count("AssumeRole") == failing + 1
    assert [call["Action"] for call in sts.rejected] == ["GetRole", *["AssumeRole"] * failing]
    calls = len(sts.calls)
    assert home.exported("role", "--duration", "max") == values
    home.exported("role", "--duration", "max", "--refresh")
    assert len(sts.calls) == calls + 1, "the duration is remembered"
    assert {path.stat().st_mode & 0o777 for path in (home.path / ".cache/awsenv").glob("max-*")} == {0o600}


def test_max_is_lowered_when_the_role_allows_less_than_the_remembered_value(home: Home, sts: ScriptedSts) -> None:
    sts.max_duration = 8 * 3600
    assert session_seconds(home.exported("role", "--duration", "max")) > 7.9 * 3600
    sts.max_duration = 4 * 3600
    assert 3.9 * 3600 < session_seconds(home.exported("role", "--duration", "max", "--refresh")) < 4.1 * 3600


def test_max_ignores_a_role_of_the_same_name_in_another_account(home: Home, sts: ScriptedSts) -> None:
    sts.max_duration, sts.allows_get_role = 2 * 3600, True
    home.config.write_text(CONFIG.replace("123456789012", "210987654321"))
    assert session_seconds(home.exported("role", "--duration", "max")) > 7100
    assert [call.get("DurationSeconds") for call in sts.calls[1:]] == ["43200", "28800", "14400", "7200"]


def test_chained_roles_get_one_hour_without_a_request_for_more(home: Home, sts: ScriptedSts) -> None:
    sts.max_duration = 12 * 3600
    home.exported("second", "--duration", "max")
    assert [call.get("DurationSeconds") for call in sts.calls] == [None, None]
    result = home.awsenv("assume", "second", "--duration", "2h", "--shell", "bash")
    assert "1 hour session limit" in result.stderr
    assert "role to role always 1h" in result.stderr


def test_keys_of_a_role_get_one_hour(home: Home, sts: ScriptedSts) -> None:
    sts.max_duration = 12 * 3600
    first = home.exported("role")
    home.credentials.write_text(
        f"[keys]\naws_access_key_id = {first['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = s\naws_session_token = t\n"
    )
    assert session_seconds(home.exported("role", "--duration", "max")) <= 3600
    assert [call.get("DurationSeconds") for call in sts.calls[1:]] == [None, "43200"]  # and the first hour is shared


def test_a_max_of_one_hour_shares_the_session_of_the_aws_cli(home: Home, sts: ScriptedSts) -> None:
    add(home, "duration_seconds = max")  # the AWS CLI ignores a value that is not a number
    home.exported("role")
    calls = sts.count("AssumeRole")
    with pytest.raises(AssertionError, match="InvalidAction"):
        aws(home, "sts", "get-caller-identity", "--profile", "role")
    assert sts.count("AssumeRole") == calls


def test_a_too_long_duration_is_explained(home: Home, sts: ScriptedSts) -> None:
    result = home.awsenv("assume", "role", "--duration", "2h", "--shell", "bash")
    assert result.returncode == 1
    assert "exceeds the MaxSessionDuration" in result.stderr
    assert "--duration max" in result.stderr


# --- a second role ----------------------------------------------------------------------------------------------------


def test_chain_assumes_a_second_role_with_the_session_of_the_first(home: Home, sts: ScriptedSts) -> None:
    values = home.exported("role", "--chain", SECOND, "--session-name", "me", "--duration", "30m")
    first, second = sts.calls
    assert (first["RoleArn"], second["RoleArn"]) == (ROLE, SECOND)
    assert second["Key"] != first["Key"] == "AKIAKEYS"
    assert (second["RoleSessionName"], second["DurationSeconds"]) == ("me", "1800")
    assert first["RoleSessionName"] != "me"
    assert values["AWS_REGION"] == "eu-central-1"
    home.exported("role")
    assert home.exported("role", "--chain", SECOND, "--session-name", "me", "--duration", "30m") == values
    assert len(sts.calls) == 2


def test_chain_starts_from_a_role_without_a_profile(home: Home, sts: ScriptedSts) -> None:
    home.exported("keys", "--role-arn", ROLE, "--chain", SECOND, "--region", "eu-west-1")
    home.exported("--role-arn", ROLE, "--source-profile", "keys", "--chain", SECOND, "--region", "eu-west-1")
    assert [call["RoleArn"] for call in sts.calls] == [ROLE, SECOND]


def test_the_error_of_a_rejected_chain_names_no_internal_profile(home: Home, sts: ScriptedSts) -> None:
    sts.guarded = True
    result = home.awsenv("assume", "role", "--chain", SECOND, "--shell", "bash")
    assert "\x1f" not in result.stderr
    assert "\\x1f" not in result.stderr
    assert "AccessDenied" in result.stderr
