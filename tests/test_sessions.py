"""How sessions are obtained and stored: botocore's resolution, and the AWS CLI's cache in both directions."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

import pexpect
import pytest
from support.clients import STALE, aws, caller
from support.clock import session_seconds
from support.homes import Home
from support.programs import BIN
from support.sts import ACCOUNT, ROLE_SESSION
from support.tokens import regional, text

pytestmark = pytest.mark.shell


def test_stale_variables_never_reach_a_named_profile(home: Home) -> None:
    values = home.exported("project1", **STALE)
    assert caller(home, **values).startswith(ROLE_SESSION)


def test_stale_variables_never_reach_a_credential_process(home: Home) -> None:
    """A credential_process that would use the keys of its environment, as the AWS CLI does."""
    script = home.path / "process"
    script.write_text(
        '#!/bin/sh\nprintf \'{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "s"}\' "${AWS_ACCESS_KEY_ID-clean}"\n'
    )
    script.chmod(0o755)
    home.config.write_text(f"[profile p]\ncredential_process = {script}\n")
    assert home.exported("p", **STALE)["AWS_ACCESS_KEY_ID"] == "clean"


def test_credential_source_environment_uses_the_exported_keys(home: Home) -> None:
    assert home.sts is not None
    home.config.write_text(
        f"[profile p]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/project1\ncredential_source = Environment\nregion = eu-west-1\n"
    )
    values = home.exported("p", AWS_ACCESS_KEY_ID=home.sts.key_id, AWS_SECRET_ACCESS_KEY=home.sts.secret)
    assert "assumed-role/project1/" in caller(home, **values)


def test_the_aws_cli_uses_the_session_that_awsenv_obtained(home: Home) -> None:
    values = home.exported("project1")
    identity = json.loads(aws(home, "sts", "get-caller-identity", "--profile", "project1", "--output", "json"))
    assert identity["Arn"] == caller(home, **values)  # the same session name: not assumed again
    assert len(list(home.cache.glob("*.json"))) == 1


def test_awsenv_uses_the_session_that_the_aws_cli_obtained(home: Home) -> None:
    identity = json.loads(aws(home, "sts", "get-caller-identity", "--profile", "project1", "--output", "json"))
    (entry,) = home.cache.glob("*.json")
    written = entry.read_bytes()
    values = home.exported("project1", AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")  # no STS can be reached
    assert caller(home, **values) == identity["Arn"]
    assert entry.read_bytes() == written


def test_the_debian_aws_cli_uses_the_session(home: Home) -> None:
    assert home.sts is not None
    values = home.exported("project1")
    command = (
        "--endpoint-url",
        home.sts.url,
        "sts",
        "get-caller-identity",
        "--profile",
        "project1",
        "--output",
        "json",
    )
    # it ignores endpoints in the environment: without the cached session it would call the real STS
    assert json.loads(aws(home, *command, tool="v2"))["Arn"] == caller(home, **values)


def test_the_cache_entry_equals_that_of_the_aws_cli(home: Home) -> None:
    home.exported("project1")
    (entry,) = home.cache.glob("*.json")
    first = json.loads(entry.read_text())
    entry.unlink()
    aws(home, "sts", "get-caller-identity", "--profile", "project1")
    (cli_entry,) = home.cache.glob("*.json")
    assert cli_entry.name == entry.name
    second = json.loads(cli_entry.read_text())
    assert set(first) == set(second)
    assert set(first["Credentials"]) == set(second["Credentials"])
    assert first["Credentials"]["Expiration"].endswith("Z")


def test_the_exported_expiration_is_that_of_the_session(home: Home) -> None:
    values = home.exported("project1", "--duration", "2h")
    assert abs(session_seconds(values) - 7200) < 60
    (entry,) = home.cache.glob("*.json")
    assert json.loads(entry.read_text())["Credentials"]["Expiration"] == values["AWS_CREDENTIAL_EXPIRATION"]


def test_static_keys_are_exported_without_a_token(home: Home) -> None:
    assert home.sts is not None
    values = home.exported("user1")
    assert values == {"AWS_ACCESS_KEY_ID": home.sts.key_id, "AWS_SECRET_ACCESS_KEY": home.sts.secret}
    temporary = home.exported("temporary")
    assert temporary["AWS_SESSION_TOKEN"] == "FwoGtemporary/token+of=="
    assert "AWS_CREDENTIAL_EXPIRATION" not in temporary  # unknown


def test_static_temporary_keys_have_the_expiration_of_their_profile(home: Home) -> None:
    config = home.config.read_text()
    home.config.write_text(config + "x_security_token_expires = 2099-01-01T01:00:00+01:00\n")
    assert home.exported("temporary")["AWS_CREDENTIAL_EXPIRATION"] == "2099-01-01T00:00:00Z"
    home.config.write_text(config + "aws_credential_expiration = 2020-01-01T00:00:00Z\n")
    result = home.awsenv("assume", "temporary", "--shell", "bash")
    assert result.returncode == 4
    assert "profile temporary has temporary credentials at " in result.stderr and " expired " in result.stderr


@pytest.mark.parametrize(
    ("ago", "variables", "message"),
    [
        (40, {}, "expiry unknown; issued 40m ago, and if it is valid for 1h00m, as most are, about 19m left"),
        (40, {"AWSENV_DURATION": "12h"}, "about 11h19m left"),
        (90, {}, "expired about 30m ago"),
    ],
)
def test_an_estimated_expiration_is_not_exported(ago: int, variables: dict[str, str], message: str, home: Home) -> None:
    token = text(regional(time=int(time.time()) - ago * 60 - 30))
    config = home.config.read_text().replace("FwoGtemporary/token+of==", token)
    home.config.write_text(config)
    line = f"{BIN / 'awsenv'} assume temporary --shell sh > {home.path / 'snippet'}"
    child = pexpect.spawn("/bin/sh", ["-c", line], env=home.environment(**variables), encoding="utf-8", timeout=60)
    child.setwinsize(24, 300)
    child.expect(pexpect.EOF)
    assert message in child.before
    assert "EXPIRATION=" not in (home.path / "snippet").read_text()


def test_a_role_is_assumed_with_another_role(home: Home) -> None:
    assert "assumed-role/chained/" in caller(home, **home.exported("chained"))
    assert len(list(home.cache.glob("*.json"))) == 2


@pytest.mark.parametrize(
    ("args", "role"),
    [
        (("user1", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1", "--region", "eu-west-3"), "project1"),
        (
            ("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1", "--source-profile", "user1", "--region", "x-1"),
            "project1",
        ),
        (("project1", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/chained"), "denied"),
        (("chained", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1", "--source-profile", "user1"), "project1"),
        (("guarded", "--external-id", "open sesame"), "guarded"),
        (("project1", "--session-name", "me@work"), "project1/me@work"),
    ],
    ids=str,
)
def test_options_override_the_settings_of_the_profile(args: tuple[str, ...], role: str, home: Home) -> None:
    if role == "denied":  # the profile's own source, user1, may not assume that role
        assert "AccessDenied" in home.awsenv("assume", *args, "--shell", "sh").stderr
    else:
        assert f"assumed-role/{role}" in caller(home, **home.exported(*args))


def test_a_requested_region_is_exported(home: Home) -> None:
    values = home.exported("project1", "--region", "ap-south-1")
    assert values["AWS_REGION"] == values["AWS_DEFAULT_REGION"] == "ap-south-1"
    assert home.exported("project1")["AWS_REGION"] == "eu-central-1"


def test_a_role_without_a_region_uses_the_users_region(home: Home) -> None:
    values = home.exported("no region", AWS_REGION="eu-north-1")
    assert "AWS_REGION" not in values  # the user's variable stays
    # that of an earlier assume is not the user's
    assumed = {"AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-north-1", "AWSENV_REGION": "eu-north-1"}
    shutil.rmtree(home.cache)
    assert (
        "names no region" in home.awsenv("assume", "no region", "--shell", "sh", AWSENV_PROFILE="p", **assumed).stderr
    )


def test_the_fix_for_a_missing_region_repeats_the_options(home: Home) -> None:
    for options in (("no region",), ("user1", "--role-arn", "arn:aws:iam::000000000000:role/project1")):
        stderr = home.awsenv("assume", *options, "--no-cache", "--shell", "sh").stderr
        fix = "type awsenv assume 'no region' --region us-east-1" if len(options) == 1 else "--region us-east-1 to the"
        assert f"add region = … to the profile, or {fix}" in stderr


def test_refresh_min_ttl_and_no_cache_obtain_a_new_session(home: Home) -> None:
    first = home.exported("project1")
    assert home.exported("project1") == first
    assert home.exported("project1", "--min-ttl", "30m") == first
    fresh = home.exported("project1", "--refresh")
    assert fresh["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]
    assert home.exported("project1") == fresh
    uncached = home.exported("project1", "--no-cache")
    assert uncached["AWS_ACCESS_KEY_ID"] != fresh["AWS_ACCESS_KEY_ID"]
    assert home.exported("project1") == fresh
    result = home.awsenv("assume", "project1", "--min-ttl", "2h", "--shell", "bash")
    assert (result.returncode, result.stdout) == (3, "(exit 3);\n")
    assert "less than --min-ttl asks for" in result.stderr
    longer = home.exported("project1", "--min-ttl", "2h", "--duration", "3h")
    assert longer["AWS_ACCESS_KEY_ID"] not in (first["AWS_ACCESS_KEY_ID"], fresh["AWS_ACCESS_KEY_ID"])


def test_a_session_close_to_expiry_is_renewed(home: Home) -> None:
    first = home.exported("project1")
    (entry,) = home.cache.glob("*.json")
    content = json.loads(entry.read_text())
    for seconds, same in ((1000, True), (800, False)):
        content["Credentials"]["Expiration"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        entry.write_text(json.dumps(content))
        assert (home.exported("project1")["AWS_ACCESS_KEY_ID"] == first["AWS_ACCESS_KEY_ID"]) is same


def test_a_changed_file_invalidates_the_hint(home: Home) -> None:
    assert home.exported("project1")["AWS_REGION"] == "eu-central-1"
    assert home.exported("project1")["AWS_REGION"] == "eu-central-1"
    home.config.write_text(home.config.read_text().replace("eu-central-1", "eu-central-2"))
    assert home.exported("project1")["AWS_REGION"] == "eu-central-2"
    home.config.write_text(home.config.read_text().replace("role/project1", "role/closed"))
    assert "AccessDenied" in home.awsenv("assume", "project1", "--shell", "sh").stderr


def test_a_renewed_session_leaves_the_hint_as_it_is(home: Home) -> None:
    home.exported("project1")
    (hint,) = (home.path / ".cache/awsenv").glob("hint-*")
    before = hint.stat()
    home.exported("project1", "--refresh")
    assert (hint.stat().st_ino, hint.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_home_has_separate_sessions(home: Home, tmp_path: Path) -> None:
    first = home.exported("project1")
    other = tmp_path / "other"
    shutil.copytree(home.path / ".aws", other / ".aws", ignore=shutil.ignore_patterns("cli"))
    again = home.exported("project1", HOME=str(other), XDG_CACHE_HOME=str(home.path / ".cache"))
    assert again["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]


def test_aws_files_elsewhere_are_used(home: Home, tmp_path: Path) -> None:
    moved = {"AWS_CONFIG_FILE": str(tmp_path / "c"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "s")}
    home.config.rename(moved["AWS_CONFIG_FILE"])
    home.credentials.rename(moved["AWS_SHARED_CREDENTIALS_FILE"])
    assert home.exported("project1", **moved)
    assert home.awsenv("assume", "project1", "--shell", "sh").returncode == 1


def test_profile_mode_exports_only_the_name_and_the_region(home: Home) -> None:
    values = home.exported("project1", "--mode", "profile", AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")
    assert values == {"AWS_PROFILE": "project1", "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}


def test_profile_mode_refuses_a_profile_that_cannot_work(home: Home) -> None:
    home.config.write_text("[profile lost]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = gone\n")
    result = home.awsenv("assume", "lost", "--mode", "profile", "--shell", "sh")
    assert (result.returncode, result.stdout) == (1, "(exit 1);\n")
    assert "its source_profile is gone, and there is no such profile" in result.stderr


def test_refresh_repeats_the_options(home: Home) -> None:
    script = (
        f'set -e; eval "$(awsenv assume --role-arn arn:aws:iam::{ACCOUNT}:role/guarded --source-profile user1 '
        "--external-id 'open sesame' --region eu-west-2 --duration 30m)\"\n"
        "echo $AWSENV_PROFILE $AWS_ACCESS_KEY_ID $AWS_REGION $AWSENV_EXPIRATION\n"
        'eval "$(awsenv refresh)"\n'
        "echo $AWSENV_PROFILE $AWS_ACCESS_KEY_ID $AWS_REGION $AWSENV_EXPIRATION\n"
    )
    result = subprocess.run(["bash", "-c", script], env=home.environment(), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    before, after = (line.split() for line in result.stdout.splitlines())
    assert before[0] == after[0] == "guarded"
    assert before[2] == after[2] == "eu-west-2"
    assert before[1] != after[1]
    assert int(after[3]) - time.time() < 1801


def test_refresh_of_nothing_exits_with_5(home: Home) -> None:
    result = home.awsenv("refresh", "--shell", "bash")
    assert (result.returncode, result.stdout) == (5, "(exit 5);\n")


def test_starship_shows_profile_and_time_left(home: Home, starship: str) -> None:
    """starship reads the exported variables with its default settings."""
    line = f'eval "$(awsenv assume project1)"; {starship} module aws'
    result = subprocess.run(["bash", "-c", line], env=home.environment(), capture_output=True, text=True, check=False)
    assert "project1" in result.stdout
    assert "eu-central-1" in result.stdout
    assert "59m" in result.stdout or "1h" in result.stdout
