"""`awsenv compare`: the sources of the credentials of two profiles, also against the real `aws configure list`."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.clients import run_tool
from support.clock import Clock
from support.environment import clean_environment
from support.homes import Home
from support.keyrings import KEYRING
from support.session_cache import AWS_ACCOUNT, KEY_ID, SSO1, Files, session, sha1
from support.tokens import regional, text

from awsenv import args
from awsenv.aws.config_files import Profiles
from awsenv.commands import compare as command
from awsenv.report import resolution
from awsenv.result import FAILED, GOOD, USAGE, AwsenvError, Result

NOW = int(time.time())  # the AWS CLIs use the clock of the machine
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"

CONFIG = f"""\
[default]
region = us-east-1

[profile project1]
role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/project1
source_profile = user1
region = eu-central-1

[profile project2]
role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/project2
source_profile = user1
role_session_name = ada
region = eu-central-1

[profile twin]
role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/project2
source_profile = user2
role_session_name = ada

[profile temporary]
aws_access_key_id = {KEY_ID}
aws_secret_access_key = {SECRET}TMP1
aws_session_token = of the session
aws_security_token = of old

[profile process]
credential_process = /bin/false
aws_access_key_id = AKIAQNZGKIQY00000000
aws_secret_access_key = {SECRET}

[profile process first]
credential_process = /bin/echo {{"Version":1}}

[profile empty]
output = json

[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.awsapps.com/start

[profile sso1]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin

[profile login1]
login_session = arn:aws:iam::{AWS_ACCOUNT}:user/ada

[profile user1]
region = ap-south-1
aws_access_key_id = AKIAINCONFIGINCONFIG
aws_secret_access_key = {SECRET}
"""

CREDENTIALS = f"""\
[user1]
aws_access_key_id = AKIAQNZGKIQY56JQUSR1
aws_secret_access_key = {SECRET}usr1

[user2]
aws_access_key_id = AKIAQNZGKIQY56JQUSR1
aws_secret_access_key = {SECRET}usr1
region = sa-east-1

[user3]
aws_access_key_id = AKIAQNZGKIQY56JQUSR1
aws_secret_access_key = {SECRET}oops

[default]
aws_access_key_id = AKIAQNZGKIQY56JQDFLT
aws_secret_access_key = {SECRET}dflt

[both]
aws_access_key_id = AKIAQNZGKIQY56JQBOTH
aws_secret_access_key = {SECRET}both

[half]
aws_access_key_id = AKIAQNZGKIQY56JQHALF
"""

PROJECT1 = sha1(f'{{"RoleArn": "arn:aws:iam::{AWS_ACCOUNT}:role/project1"}}')
LOGIN1 = hashlib.sha256(f"arn:aws:iam::{AWS_ACCOUNT}:user/ada".encode()).hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Profiles of every kind; project1 and sso1 have a session."""
    made = Files(tmp_path)
    (tmp_path / ".aws" / "config").write_text(CONFIG.replace("[profile process first]", '[profile "process first"]'))
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    made.put(f"{PROJECT1}.json", session(NOW + 3600, AccessKeyId="ASIAQNZGKIQY56JQROLE", SecretAccessKey=SECRET))
    made.put(
        f"{SSO1}.json",
        {"ProviderType": "sso", **session(NOW + 7200, AccessKeyId="ASIAQNZGKIQY56JQ7SSO", SecretAccessKey=SECRET)},
    )
    return made


def run(files: Files, *arguments: str, **environ: str) -> Result:
    parsed = args.parse("compare", arguments, command.COMMAND.options, command.COMMAND.max_positionals)
    return command.run(parsed, {**files.environ, **environ}, NOW)


def compare(files: Files, a: str, b: str, **environ: str) -> dict[str, Any]:
    comparison: dict[str, Any] = json.loads(run(files, a, b, "--json", **environ).out)
    return comparison


def side(files: Files, name: str, **environ: str) -> dict[str, Any]:
    """Return what `compare` shows of one profile."""
    first: dict[str, Any] = compare(files, name, "empty", **environ)["sides"][0]
    return first


# --- the sources of the values ------------------------------------------------------------------------------------------


def line_of(files: Files, name: str, text: str) -> str:
    """Return `PATH:LINE` of the only line of an AWS file that begins with a text."""
    path = files.home / ".aws" / name
    (number,) = (number for number, line in enumerate(path.read_text().splitlines(), 1) if line.startswith(text))
    return f"{path}:{number}"


def test_keys_in_the_credentials_file_are_found(files: Files) -> None:
    found = side(files, "both")
    path, _, number = line_of(files, "credentials", "[both]").rpartition(":")
    first = int(number)
    assert (found["type"], found["place"]) == ("shared-credentials-file", f"{path}:{first}")
    assert found["access_key"] == {"last4": "BOTH", "type": "shared-credentials-file", "place": f"{path}:{first + 1}"}
    assert found["secret_key"] == {"last4": "both", "type": "shared-credentials-file", "place": f"{path}:{first + 2}"}
    assert found["token"] == {"present": False, "type": None, "place": None}
    assert (found["expiration"], found["account"]) == (None, {"value": "029608264753", "from": "key id"})


def test_keys_in_the_credentials_file_take_precedence_over_the_config_file(files: Files) -> None:
    found = side(files, "user1")
    assert (found["type"], found["access_key"]["last4"]) == ("shared-credentials-file", "USR1")
    assert found["region"] == {
        "value": "ap-south-1",
        "type": "config-file",
        "place": line_of(files, "config", "region = ap-south-1"),
    }
    assert side(files, "user2")["region"]["place"] == line_of(files, "credentials", "region = sa-east-1")


def test_temporary_keys_in_the_config_file_are_found(files: Files) -> None:
    found = side(files, "temporary")
    assert (found["type"], found["access_key"]["last4"], found["secret_key"]["last4"]) == (
        "config-file",
        "7WML",
        "TMP1",
    )
    # of two tokens, the one that botocore uses
    assert found["token"]["place"] == line_of(files, "config", "aws_security_token")
    assert found["expiration"] is None
    assert "unknown" in run(files, "temporary", "empty").out


@pytest.mark.parametrize("setting", ["x_security_token_expires", "expiration"])
def test_an_expiration_beside_the_keys_is_shown(setting: str, files: Files) -> None:
    config = files.home / ".aws" / "config"
    config.write_text(config.read_text().replace("aws_security_token = of old", f"{setting} = 2020-01-01T00:00:00Z"))
    assert side(files, "temporary")["expiration"] == 1577836800
    last = run(files, "temporary", "default").out.splitlines()[-1]
    assert last.startswith("the same credentials: no; those of temporary expired ")


def test_a_missing_expiration_is_estimated_and_marked(files: Files) -> None:
    config = files.home / ".aws" / "config"
    token = text(regional(time=NOW - 1800))
    config.write_text(config.read_text().replace("aws_security_token = of old", f"aws_security_token = {token}"))
    found = side(files, "temporary")
    assert (found["seconds_left"], found["estimated"]) == (1800, True)
    assert "~30m" in run(files, "temporary", "empty").out


def test_a_role_resolves_to_its_cached_session(files: Files) -> None:
    found = side(files, "project1")
    cached = str(files.directory / f"{PROJECT1}.json")
    assert (found["type"], found["place"]) == (
        "assume-role",
        line_of(files, "config", f"role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/project1"),
    )
    assert found["access_key"] == {"last4": "ROLE", "type": "assume-role", "place": cached}
    assert (found["token"]["present"], found["seconds_left"]) == (True, 3600)
    assert found["account"] == {"value": "029608264753", "from": "key id"}
    assert side(files, "project2")["account"] == {"value": AWS_ACCOUNT, "from": "role_arn"}
    assert side(files, "sso1")["type"] == "sso"
    assert side(files, "sso1")["access_key"]["last4"] == "7SSO"


@pytest.mark.shell
def test_a_session_in_the_keyring_is_found(home: Home) -> None:
    values = home.exported("project1", **KEYRING)
    done = home.awsenv("compare", "project1", "user1", "--json", **KEYRING)
    found = json.loads(done.stdout)["sides"][0]
    assert found["access_key"] == {"last4": values["AWS_ACCESS_KEY_ID"][-4:], "type": "assume-role", "place": None}


def test_a_sign_in_of_aws_login_is_found(files: Files) -> None:
    found = side(files, "login1")
    assert (found["type"], found["missing"]) == ("login", "not signed in with aws login")
    token = {
        "accessKeyId": "ASIAQNZGKIQY56JQ7LGN",
        "secretAccessKey": SECRET,
        "sessionToken": "t",
        "accountId": AWS_ACCOUNT,
        "expiresAt": "2020-01-01T00:00:00Z",
    }
    for directory, environ in (
        (files.home / ".aws" / "login" / "cache", {}),
        (files.home / "moved", {"AWS_LOGIN_CACHE_DIRECTORY": str(files.home / "moved")}),
    ):
        directory.mkdir(parents=True)
        (directory / f"{LOGIN1}.json").write_text(json.dumps({"accessToken": token, "tokenType": "t"}))
        found = side(files, "login1", **environ)
        assert (found["access_key"]["last4"], found["account"]["value"]) == ("7LGN", AWS_ACCOUNT)
        assert found["expiration"] == 1577836800
        (directory / f"{LOGIN1}.json").unlink()


def test_a_credential_process_is_not_run_and_precedes_config_keys(files: Files) -> None:
    found = side(files, "process")
    assert (found["type"], found["access_key"]["last4"]) == ("custom-process", None)
    assert found["place"] == line_of(files, "config", "credential_process = /bin/false")
    result = run(files, "process", "user1")
    assert (result.code, result.out.splitlines()[-1]) == (
        FAILED,
        "the same credentials: unknown (process: its credential_process is not run)",
    )


EXPORTED = {
    "AWS_ACCESS_KEY_ID": "ASIAQNZGKIQY56JQEXPO",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": "t",
    "AWS_REGION": "eu-west-3",
}


def test_exported_keys_are_shown_with_their_variables(files: Files) -> None:
    found = side(files, "-", **EXPORTED, AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z", AWS_PROFILE="user1")
    assert (found["type"], found["access_key"]) == (
        "env",
        {"last4": "EXPO", "type": "env", "place": "AWS_ACCESS_KEY_ID"},
    )
    assert found["secret_key"]["place"] == "AWS_SECRET_ACCESS_KEY"
    assert found["token"] == {"present": True, "type": "env", "place": "AWS_SESSION_TOKEN"}
    assert found["region"] == {"value": "eu-west-3", "type": "env", "place": "AWS_REGION"}
    assert found["expiration"] == 1577836800
    old = side(files, "-", **EXPORTED, AWS_SECURITY_TOKEN="old")
    assert old["token"]["place"] == "AWS_SECURITY_TOKEN"


@pytest.mark.parametrize(
    ("environ", "type_", "last4"),
    [
        ({}, "shared-credentials-file", "DFLT"),
        ({"AWS_PROFILE": "project1"}, "assume-role", "ROLE"),
        ({"AWS_DEFAULT_PROFILE": "user1"}, "shared-credentials-file", "USR1"),
        ({"AWS_SECRET_ACCESS_KEY": "alone"}, "shared-credentials-file", "DFLT"),
        (
            {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": f"arn:aws:iam::{AWS_ACCOUNT}:role/project1"},
            "assume-role-with-web-identity",
            "ROLE",
        ),
        ({"AWS_PROFILE": "empty", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/x"}, "container-role", None),
        ({"AWS_PROFILE": "empty"}, None, None),
    ],
)
def test_this_shell_resolves_by_its_variables_and_its_active_profile(
    environ: dict[str, str], type_: str | None, last4: str | None, files: Files
) -> None:
    found = side(files, "-", **environ)
    assert (found["type"], found["access_key"]["last4"]) == (type_, last4)


def test_variables_do_not_affect_a_named_profile(files: Files) -> None:
    found = side(files, "default", **{**EXPORTED, "AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": "arn:x"})
    assert (found["type"], found["access_key"]["last4"]) == ("shared-credentials-file", "DFLT")
    assert found["region"]["value"] == "eu-west-3"  # AWS_REGION does affect it, as in the AWS CLI


# --- the same credentials? ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "same", "line"),
    [
        ("user1", "user2", True, "yes"),
        ("default", "user1", False, "no"),
        ("default", "project1", False, "no"),
        ("user1", "user3", False, "no (the same access key, with another secret access key)"),
        ("project2", "twin", True, "yes (both are the same session: of project2, no session is cached)"),
        ("project2", "project1", False, "no (project2: no session is cached, a call with it obtains a new one)"),
        ("process", "project2", False, "no (project2: no session is cached, a call with it obtains a new one)"),
        ("default", "empty", False, "no (empty: no credentials, except those of an EC2 instance)"),
        ("half", "default", False, "no (half: its aws_secret_access_key is missing)"),
        ("process", "process first", None, "unknown (process: its credential_process is not run)"),
        ("process", "process", None, "unknown (process: its credential_process is not run)"),
        ("login1", "login1", None, "unknown (login1: not signed in with aws login)"),
        ("project2", "project2", True, "yes (both are the same session: of project2, no session is cached)"),
        ("half", "half", None, "unknown (half: its aws_secret_access_key is missing)"),
        ("user1", "user1", True, "yes"),
    ],
)
def test_two_profiles_are_compared_by_their_credentials(
    a: str, b: str, same: bool | None, line: str, files: Files
) -> None:
    for pair in ((a, b), (b, a)):
        assert compare(files, *pair)["same"] is same
    result = run(files, a, b)
    assert result.out.splitlines()[-1] == f"the same credentials: {line}"
    assert result.code == (FAILED if same is None else GOOD)


UNASSUMABLE = {
    "": "it has a role_arn, but neither source_profile nor credential_source",
    "source_profile = nobody\n": "its source_profile is nobody, and there is no such profile",
    "source_profile = user1\ncredential_source = Environment\n": "it has both source_profile and credential_source, "
    "which AWS tools reject",
}


@pytest.mark.shell
@pytest.mark.parametrize(("settings", "why"), UNASSUMABLE.items())
def test_an_unassumable_role_shows_the_reason(settings: str, why: str, files: Files) -> None:
    """The AWS CLI fails as well, until the role has a source."""
    config = files.home / ".aws" / "config"
    role = f"role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/project1\n"
    healthy = config.read_text()
    config.write_text(f"{healthy}[profile x]\n{role}{settings}[profile y]\n{role}{settings}")
    with pytest.raises(subprocess.CalledProcessError):
        list(configure_list(files, "v1", "--profile", "x"))
    for b, same, line, code in (
        ("x", None, f"unknown (x: {why})", FAILED),
        ("y", None, f"unknown (x: {why}; y: {why})", FAILED),
        ("user1", False, f"no (x: {why})", GOOD),
        ("project1", False, f"no (x: {why})", GOOD),
    ):
        result = run(files, "x", b)
        assert (result.out.splitlines()[-1], result.code) == (f"the same credentials: {line}", code)
        assert compare(files, b, "x")["same"] is same
    config.write_text(f"{healthy}[profile x]\n{role}source_profile = user1\n")
    assert list(configure_list(files, "v1", "--profile", "x"))
    assert compare(files, "x", "project1")["same"] is True


@pytest.mark.shell
@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_an_empty_aws_profile_is_an_error(variable: str, files: Files) -> None:
    """The AWS CLI fails as well, even with exported keys. A named profile is not affected."""
    with pytest.raises(subprocess.CalledProcessError):
        list(configure_list(files, "v1", **EXPORTED, **{variable: ""}))
    with pytest.raises(AwsenvError, match=f"^{variable} is set, but empty") as error:
        run(files, "-", "-", **EXPORTED, **{variable: ""})
    assert (error.value.code, error.value.fix) == (FAILED, f"type unset {variable}")
    assert compare(files, "user1", "user2", **{variable: ""})["same"] is True
    assert compare(files, "-", "-", **EXPORTED, **{variable: "user1"})["same"] is True


def test_a_different_token_means_different_credentials(files: Files) -> None:
    keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": f"{SECRET}TMP1"}
    assert compare(files, "-", "temporary", **keys, AWS_SESSION_TOKEN="of old")["same"] is True
    result = compare(files, "-", "temporary", **keys, AWS_SESSION_TOKEN="of another")
    assert (result["same"], result["why"]) == (False, "the same access key, with another session token")
    line = run(files, "-", "temporary", **keys).out.splitlines()[-1]
    assert line.endswith("; this shell: AWS_SESSION_TOKEN is missing")


def test_an_expired_session_is_named_in_the_last_line(files: Files) -> None:
    files.put(f"{PROJECT1}.json", session(NOW - 300))
    assert run(files, "user1", "project1").out.splitlines()[-1] == (
        "the same credentials: no; those of project1 expired 5m ago"
    )


def test_a_corrupt_session_is_shown_as_the_reason(files: Files) -> None:
    files.put(f"{PROJECT1}.json", "")
    assert side(files, "project1")["missing"] == "its cached session is corrupt (empty)"


@pytest.mark.shell
def test_exported_credentials_equal_the_session_of_the_profile(home: Home, clock: Clock) -> None:
    values = home.exported("project1", **clock.environment)
    done = home.awsenv("compare", "-", "project1", **values, **clock.environment)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "the same credentials: yes")
    clock.move("+61m")
    done = home.awsenv("compare", "-", "project1", **values, **clock.environment)
    assert done.stdout.splitlines()[-1] == (
        "the same credentials: yes; those of this shell expired 1m ago; those of project1 expired 1m ago"
    )
    for secret in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"):
        assert values[secret] not in done.stdout


# --- the output ---------------------------------------------------------------------------------------------------------


def test_the_table_shows_values_places_and_differences(files: Files) -> None:
    out = run(files, "default", "project1").out
    home = str(files.home)
    config, credentials = (
        name.replace(home, "~")
        for name in (line_of(files, "config", "region = us-east-1"), line_of(files, "credentials", "[default]"))
    )
    path, _, first = credentials.rpartition(":")
    rows = [re.split(r" {2,}", line) for line in out.splitlines()]
    assert rows == [
        ["", "default", "FROM", "project1", "FROM"],
        ["type", "shared-credentials-file", credentials, "assume-role", "~/.aws/config:5", "differs"],
        ["access key", "…DFLT", f"{path}:{int(first) + 1}", "…ROLE", "-", "differs"],
        ["secret key", "…dflt", f"{path}:{int(first) + 2}", "…6789", "-", "differs"],
        ["token", "no", "-", "yes", "-", "differs"],
        ["account", "029608264753", "key id", "029608264753", "key id", "same"],
        ["expiration", "never", "-", "1h00m", "-", "differs"],
        ["region", "us-east-1", f"config-file {config}", "eu-central-1", "config-file ~/.aws/config:7", "differs"],
        ["the same credentials: no"],
    ]


def test_only_the_last_four_characters_of_a_secret_are_shown(files: Files) -> None:
    credentials = files.home / ".aws" / "credentials"
    credentials.write_text(
        credentials.read_text() + "[short]\naws_access_key_id = test\naws_secret_access_key = hush\n"
    )
    for options in ((), ("--json",)):
        out = run(files, "short", "project1", *options).out + run(files, "-", "temporary", *options, **EXPORTED).out
        for secret in ("hush", SECRET, "of the session", "of old", "not to be seen", "nor this"):
            assert secret not in out
    profiles = Profiles(files.environ)
    assert SECRET not in repr(resolution.of("project1", profiles, files.environ, NOW))


@pytest.mark.parametrize("arguments", [(), ("default",)])
def test_two_profiles_are_required(arguments: tuple[str, ...], files: Files) -> None:
    with pytest.raises(AwsenvError, match="two profiles") as error:
        run(files, *arguments)
    assert error.value.code == USAGE
    assert "awsenv compare - PROFILE" in error.value.fix


@pytest.mark.parametrize(
    ("arguments", "environ"), [(("default", "projct1"), {}), (("-", "default"), {"AWS_PROFILE": "projct1"})]
)
def test_an_unknown_profile_is_an_error(arguments: tuple[str, str], environ: dict[str, str], files: Files) -> None:
    with pytest.raises(AwsenvError, match="no profile 'projct1'"):
        run(files, *arguments, **environ)


def test_this_shell_can_be_compared_without_files(tmp_path: Path) -> None:
    files = Files(tmp_path)
    (tmp_path / ".aws" / "config").unlink()
    (tmp_path / ".aws" / "credentials").unlink()
    assert run(files, "-", "-").out.endswith("unknown (this shell: no credentials, except those of an EC2 instance)\n")
    assert run(files, "-", "-", **EXPORTED).out.endswith("the same credentials: yes\n")


# --- with the real AWS CLIs ---------------------------------------------------------------------------------------------


def configure_list(files: Files, tool: str, *arguments: str, **environ: str) -> Iterator[tuple[str, list[str]]]:
    """Run `aws configure list`: item -> its value, type and location."""
    done = run_tool(tool, ["configure", "list", *arguments], clean_environment(files.home, **environ), files.home)
    done.check_returncode()
    for line in done.stdout.splitlines()[2:]:
        item, value, type_, *location = line.replace("<not set>", "None").split()
        yield item, [value, type_, " ".join(location)]


CASES: list[tuple[str, dict[str, str]]] = [
    ("default", {}),
    ("user1", EXPORTED),
    ("user2", {}),
    ("temporary", {}),
    ("project1", {}),
    ("empty", {}),
    ("-", {"AWS_PROFILE": "project1"}),
    ("-", {**EXPORTED, "AWS_PROFILE": "project1"}),
]


@pytest.mark.shell
@pytest.mark.parametrize(
    ("tool", "cases"),
    [("v1", CASES), ("v2", [*CASES, ("sso1", {})])],
    ids=["v1", "Debian's v2"],
)
def test_compare_agrees_with_aws_configure_list(
    tool: str, cases: list[tuple[str, dict[str, str]]], files: Files
) -> None:
    for name, exported in cases:
        environ = dict(exported)
        if "AWS_REGION" in environ:
            environ["AWS_DEFAULT_REGION"] = environ["AWS_REGION"]  # the only variable that the AWS CLI 1 reads
        chosen = () if name == "-" else ("--profile", name)
        theirs = dict(configure_list(files, tool, *chosen, **environ))
        ours = side(files, name, **environ)
        for item in ("access_key", "secret_key"):
            last4 = f"****************{ours[item]['last4']}" if ours[item]["last4"] else "None"
            assert theirs[item][:2] == [last4, str(ours[item]["type"])], (name, environ, item)
        region = ours["region"]
        assert theirs["region"][:2] == [str(region["value"]), str(region["type"])], (name, environ)
        if region["type"] == "env":
            assert "AWS_DEFAULT_REGION" in theirs["region"][2]
        else:
            assert theirs["region"][2] == ("~/.aws/config" if region["type"] else "None")
