"""The doctor's checks of sign-ins: IAM Identity Center and `aws login`."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys

import pytest
from support.aws_files import REGION, ROLE, AwsFiles
from support.credential_sources import BY_ID, CHECKS, HOUR, cached, utc
from support.homes import write_sign_in

from awsenv.aws import cache_keys
from awsenv.doctor.check import ERROR, NOTE, WARNING

SSO = "[profile a]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n"

CORP = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"

LEGACY = SSO.replace("sso_session = corp", "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1")

RENEWABLE = {"refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": utc(HOUR)}


@pytest.mark.parametrize(
    ("id", "config", "expected", "error"),
    [
        ("sso-settings-missing", SSO, "there is no [sso-session corp]", 'sso-session does not exist: "corp"'),
        ("sso-settings-missing", SSO + CORP.replace("sso_region", "region"), "has no sso_region", "missing required"),
        ("sso-settings-missing", SSO.replace("sso_role_name", "x") + CORP, "has no sso_role_name", "missing required"),
        ("sso-settings-missing", "[profile a]\nsso_session = corp\n" + CORP, "no sso_account_id and no sso_role_name", "NoCredentialsError"),
        ("sso-settings-contradict", SSO + "sso_region = x\n" + CORP, "has sso_region x, and", "is inconsistent"),
    ],
)  # fmt: skip
def test_missing_or_contradictory_sso_settings_are_errors(
    id: str, config: str, expected: str, error: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sign_in(place.path, {"accessToken": "t", "expiresAt": utc(HOUR)})
    (found,) = place.write(config).found(BY_ID[id], "a")
    assert expected in found.what
    assert found.severity == ERROR
    assert place.found_ids(CHECKS, "a") == {id}
    assert error in place.boto3_error(monkeypatch)


@pytest.mark.parametrize(
    ("config", "token", "id", "expected"),
    [
        pytest.param(SSO + CORP, None, "sso-signed-out", "not signed in to corp", id="none"),
        pytest.param(SSO + CORP, {"expiresAt": utc(HOUR)}, None, "", id="valid"),
        pytest.param(SSO + CORP, {"expiresAt": utc(-HOUR)}, "sso-signed-out", "1h00m ago, and its file has no refreshToken", id="expired"),
        pytest.param(SSO + CORP, {"expiresAt": utc(-HOUR), **RENEWABLE}, None, "", id="expired, but renewable"),
        pytest.param(SSO + CORP, {"expiresAt": utc(-HOUR), **RENEWABLE, "registrationExpiresAt": utc(-1)},
                     "sso-signed-out", "registration of the client", id="its registration expired"),
        pytest.param(LEGACY, {"expiresAt": utc(HOUR)}, None, "", id="old form, valid"),
        pytest.param(LEGACY, {"expiresAt": utc(-HOUR), **RENEWABLE}, "sso-signed-out", "never renewed", id="old form, expired"),
        pytest.param(SSO + CORP, "", "sso-token-unreadable", "cannot be read", id="empty"),
        pytest.param(SSO + CORP, '{"accessToken": "t', "sso-token-unreadable", "cannot be read", id="cut off"),
        pytest.param(SSO + CORP, {}, "sso-token-unreadable", "has no expiration", id="without an expiration"),
        pytest.param(SSO + CORP, {"expiresAt": utc(HOUR)[:-1]}, "sso-token-unreadable", "no expiration with a time zone",
                     id="without a time zone"),
        pytest.param(SSO + CORP, "null", "sso-token-unreadable", "cannot be read", id="null"),
        pytest.param(SSO + CORP, "[]", "sso-token-unreadable", "cannot be read", id="a list"),
    ],
)  # fmt: skip
def test_an_expired_sign_in_is_found(
    config: str, token: object, id: str | None, expected: str, place: AwsFiles
) -> None:
    path = place.path
    if token is not None:
        name = "corp" if config != LEGACY else "https://corp.awsapps.com/start"
        path = write_sign_in(place.path, {"accessToken": "t", **token} if isinstance(token, dict) else token, name)
    place.write(config)
    assert place.found_ids(CHECKS, "a") == ({id} if id else set())
    if id:
        (found,) = place.found(BY_ID[id], "a")
        assert expected in found.what
        assert found.instructions == "awsenv login a"
        assert token is None or found.evidence == (str(path),)


@pytest.mark.parametrize("content", ["", "null", "[]", '{"accessToken": "t'])
def test_an_invalid_sign_in_file_is_found_without_a_profile(content: str, place: AwsFiles) -> None:
    path = write_sign_in(place.path, content)
    (found,) = place.write(CORP).found(BY_ID["sso-token-unreadable"])
    assert (found.severity, found.evidence) == (WARNING, (str(path),))
    assert found.instructions == "awsenv login --sso-session corp"
    other = write_sign_in(place.path, content, "gone")
    path.unlink()
    (found,) = place.found(BY_ID["sso-token-unreadable"])
    assert found.instructions == f"remove {other}: the next sign-in writes a new one"
    other.write_text(json.dumps({"clientId": "c", "clientSecret": "s"}))  # a registration
    assert not place.found(BY_ID["sso-token-unreadable"])


@pytest.mark.parametrize(
    ("content", "expiration", "severity"),
    [({"expiresAt": utc(-HOUR)}, HOUR, WARNING), (None, HOUR, WARNING), ({"expiresAt": utc(-HOUR)}, 600, ERROR)],
)
@pytest.mark.parametrize("of", ["a", "b"])
def test_an_expired_sign_in_is_a_warning_while_a_cached_session_is_valid(
    content: object, expiration: int, severity: str, of: str, place: AwsFiles
) -> None:
    """The session may be that of the sign-in, or that of a role assumed with it."""
    if content is not None:
        write_sign_in(place.path, {"accessToken": "t", **content} if isinstance(content, dict) else content)
    place.write(f"{SSO}{CORP}[profile b]\n{ROLE}source_profile = a\n")
    assert [one.severity for one in place.found(BY_ID["sso-signed-out"], "b")] == [ERROR]
    key = cache_keys.role_session(place.context().profiles.settings(of))
    cached(place, expires=expiration).rename(place.path / ".aws" / "cli" / "cache" / f"{key}.json")
    (found,) = place.found(BY_ID["sso-signed-out"], "b")
    assert found.severity == severity
    assert ("cached session" in found.what) is (severity == WARNING)
    assert severity == ERROR or found.what.endswith(f"profile {of}, and need a sign-in from {utc(HOUR - 900)} on")
    assert [one.severity for one in place.found(BY_ID["sso-signed-out"], "a")] == [severity if of == "a" else ERROR]


@pytest.mark.shell
def test_the_aws_cli_fails_on_an_expired_sign_in(place: AwsFiles) -> None:
    place.write(SSO + CORP)
    assert "Token for corp does not exist" in place.aws("sts", "get-caller-identity", "--profile", "a").stderr
    path = write_sign_in(place.path, "")
    assert path.stem in place.aws("sts", "get-caller-identity", "--profile", "a").stderr
    write_sign_in(place.path, {"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z"})
    assert "Token has expired and refresh failed" in place.aws("sts", "get-caller-identity", "--profile", "a").stderr


LOGIN = "arn:aws:iam::123456789012:user/ada"

TOKEN = {"accessToken": {"expiresAt": utc(-HOUR)}, "refreshToken": "r", "dpopKey": "k", "clientId": "c"}


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "not signed in"),
        (TOKEN, ""),  # a tool that needs it renews it
        ({**TOKEN, "accessToken": {"expiresAt": utc(-12 * HOUR)}}, "was last used 12h00m ago"),
        ({**TOKEN, "dpopKey": ""}, "has no dpopKey"),
        ([], "has no accessToken"),
    ],
)
def test_an_expired_sign_in_of_aws_login_is_found(content: object, expected: str, moved: bool, place: AwsFiles) -> None:
    place.write(f"[profile a]\nlogin_session = {LOGIN}\n{REGION}")
    directory = place.path / "moved" if moved else place.path / ".aws" / "login" / "cache"
    environment = {"AWS_LOGIN_CACHE_DIRECTORY": str(directory)} if moved else {}
    directory.mkdir(parents=True)
    if content is not None:
        (directory / f"{hashlib.sha256(LOGIN.encode()).hexdigest()}.json").write_text(json.dumps(content))
    found = place.found(BY_ID["login-signed-out"], "a", **environment)
    assert [one.instructions for one in found] == (["aws login --profile a"] if expected else [])
    assert not expected or expected in found[0].what
    assert not place.found(BY_ID["login-signed-out"], **environment)


def test_a_missing_awscrt_is_found(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(f"[profile a]\nlogin_session = {LOGIN}\n{REGION}")
    installed = importlib.util.find_spec("awscrt") is not None
    assert bool(place.found(BY_ID["login-needs-crt"], "a")) is not installed
    monkeypatch.setitem(sys.modules, "awscrt", None)  # makes its import fail
    (found,) = place.found(BY_ID["login-needs-crt"], "a")
    assert "botocore[crt]" in found.instructions
    assert found.severity == NOTE  # the AWS CLI, which made the sign-in, has its own
