"""Every credential source that a config file can name, alone and as the start of a chain, through `awsenv assume`."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest
from support import tokens
from support.clients import caller
from support.homes import Home, refused, write, write_sign_in
from support.programs import BIN
from support.servers import Request, answering
from support.sts import ACCOUNT, Sts

from awsenv.environment import expiry

pytestmark = pytest.mark.shell


def utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


# --- roles that everyone may assume, and the credentials of one -------------------------------------------------------

ROLES = ("step1", "step2", "step3", "step4")


@pytest.fixture(scope="session")
def steps(sts: Sts) -> Sts:
    """Roles that may assume each other."""
    iam = sts.client("iam")
    for name in ROLES:
        trust = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], "Principal": "*"}
        iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_role_policy(RoleName=name, PolicyName="assume", PolicyDocument=policy)
    return sts


def arn(role: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def session_of(sts: Sts, role: str) -> dict[str, str]:
    user = sts.client("sts", aws_access_key_id=sts.key_id, aws_secret_access_key=sts.secret)
    credentials = user.assume_role(RoleArn=arn(role), RoleSessionName="elsewhere")["Credentials"]
    return {**credentials, "Expiration": credentials["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")}


# --- the sources ------------------------------------------------------------------------------------------------------

EMPTY: dict[str, str] = {}
CREDENTIALS_OF = {
    "AccessKeyId": "aws_access_key_id",
    "SecretAccessKey": "aws_secret_access_key",
    "SessionToken": "aws_session_token",
}


def as_settings(session: dict[str, str]) -> str:
    return "".join(f"{setting} = {session[name]}\n" for name, setting in CREDENTIALS_OF.items())


@contextmanager
def keys(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    yield f"aws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n", EMPTY


@contextmanager
def temporary_keys(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    yield as_settings(session_of(sts, "step1")), EMPTY


@contextmanager
def a_role(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    yield f"role_arn = {arn('step1')}\nsource_profile = user1\n", EMPTY


@contextmanager
def a_chain_of_four(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    for role, source in zip(ROLES[1:], ("user1", "via step2", "via step3"), strict=True):
        with home.config.open("a") as file:
            file.write(f'[profile "via {role}"]\nrole_arn = {arn(role)}\nsource_profile = {source}\n')
    yield f"role_arn = {arn('step1')}\nsource_profile = via step4\n", EMPTY


@contextmanager
def the_environment(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    text = f"role_arn = {arn('step1')}\ncredential_source = Environment\n"
    yield text, {"AWS_ACCESS_KEY_ID": sts.key_id, "AWS_SECRET_ACCESS_KEY": sts.secret}


@contextmanager
def the_instance(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    """IMDSv2: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html"""
    session = session_of(sts, "step2")
    role = {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": utc(time.time()), "Token": session["SessionToken"]}
    role |= {name: session[name] for name in ("AccessKeyId", "SecretAccessKey", "Expiration")}
    tree: dict[str, object] = {"": "instance-role", "instance-role": role}

    def answer(request: Request) -> tuple[int, object]:
        if (request.method, request.path) == ("PUT", "/latest/api/token"):
            return 200, "the token of IMDSv2"
        if request.headers.get("x-aws-ec2-metadata-token") != "the token of IMDSv2":
            return 401, ""
        name = request.path.removeprefix("/latest/meta-data/iam/security-credentials/")
        return (200, tree[name]) if name in tree else (404, "")

    with answering(answer) as url:
        variables = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_EC2_METADATA_DISABLED": "false"}
        yield f"role_arn = {arn('step1')}\ncredential_source = Ec2InstanceMetadata\n", variables


@contextmanager
def the_container(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    """https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html"""
    session = session_of(sts, "step2")

    def answer(request: Request) -> tuple[int, object]:
        if (request.path, request.headers.get("authorization")) != ("/role", "the container's token"):
            return 403, {"Code": "AccessDenied", "Message": "no"}
        credentials = {name: session[name] for name in ("AccessKeyId", "SecretAccessKey", "Expiration")}
        return 200, {**credentials, "Token": session["SessionToken"]}

    with answering(answer) as url:
        variables = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/role",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "the container's token",
        }
        yield f"role_arn = {arn('step1')}\ncredential_source = EcsContainer\n", variables


@contextmanager
def web_identity(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    token = home.path / "token"
    token.write_text("eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl")
    yield f"role_arn = {arn('step1')}\nweb_identity_token_file = {token}\nrole_session_name = me\n", EMPTY


@contextmanager
def a_process(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    answer = home.path / "answer.json"
    answer.write_text(json.dumps({"Version": 1, **session_of(sts, "step1")}, default=str))
    yield f"credential_process = cat {answer}\n", EMPTY


@contextmanager
def portal(home: Home, sts: Sts, key: str, token: dict[str, str]) -> Iterator[dict[str, str]]:
    """The portal of IAM Identity Center with one role, and the file in which the AWS CLI stores the sign-in."""
    session = session_of(sts, "step1")
    write_sign_in(home.path, {"startUrl": START, "region": "eu-west-2", **token}, key)

    def answer(request: Request) -> tuple[int, object]:
        if request.headers.get("x-amz-sso_bearer_token") != "the access token":
            return 401, {"__type": "UnauthorizedException", "message": "Session token not found or invalid"}
        if (request.path, request.query) != ("/federation/credentials", {"role_name": "Admin", "account_id": ACCOUNT}):
            return 403, {"__type": "ForbiddenException", "message": "No access"}
        credentials = {CAMEL[name]: session[name] for name in CAMEL}
        expiration = expiry.parse(session["Expiration"])
        assert expiration is not None
        return 200, {"roleCredentials": {**credentials, "expiration": expiration * 1000}}

    with answering(answer) as url:
        yield {"AWS_ENDPOINT_URL_SSO": url}


CAMEL = {"AccessKeyId": "accessKeyId", "SecretAccessKey": "secretAccessKey", "SessionToken": "sessionToken"}
START = "https://corp.awsapps.com/start"
SIGNED_IN = {"accessToken": "the access token", "expiresAt": "2099-01-01T00:00:00Z"}
OF_THE_ROLE = f"sso_account_id = {ACCOUNT}\nsso_role_name = Admin\n"


@contextmanager
def identity_center(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    with home.config.open("a") as file:
        file.write(f"[sso-session corp]\nsso_region = eu-west-2\nsso_start_url = {START}\n")
    with portal(home, sts, "corp", SIGNED_IN) as variables:
        yield f"sso_session = corp\n{OF_THE_ROLE}", variables


@contextmanager
def legacy_identity_center(home: Home, sts: Sts) -> Iterator[tuple[str, dict[str, str]]]:
    with portal(home, sts, START, SIGNED_IN) as variables:
        yield f"sso_region = eu-west-2\nsso_start_url = {START}\n{OF_THE_ROLE}", variables


SOURCES = {
    "static long-term keys": keys,
    "static temporary keys": temporary_keys,
    "a role": a_role,
    "a chain of four roles": a_chain_of_four,
    "the environment": the_environment,
    "the instance": the_instance,
    "the container": the_container,
    "web identity": web_identity,
    "a process": a_process,
    "IAM Identity Center": identity_center,
    "IAM Identity Center without an sso-session": legacy_identity_center,
}


@contextmanager
def written(home: Home, sts: Sts, source: str) -> Iterator[dict[str, str]]:
    """Write the profiles `source` and `chained`, a role assumed with it; yields the variables that the source needs."""
    home.config.write_text("")
    with SOURCES[source](home, sts) as (settings, variables):
        with home.config.open("a") as file:
            file.write(
                f"[profile source]\nregion = eu-central-1\n{settings}"
                f"[profile chained]\nregion = eu-west-1\nrole_arn = {arn('step4')}\nsource_profile = source\n"
            )
        yield variables


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_supplies_a_profile(source: str, home: Home, steps: Sts) -> None:
    with written(home, steps, source) as variables:
        values = home.exported("source", **variables)
        again = home.exported("source", **variables)
    arn_of_caller = caller(home, **values)
    expected = f"arn:aws:iam::{ACCOUNT}:user/user1" if source == "static long-term keys" else "assumed-role/step1/"
    assert expected in arn_of_caller
    assert values["AWS_REGION"] == "eu-central-1"
    unlimited = source in ("static long-term keys", "static temporary keys")
    assert ("AWS_CREDENTIAL_EXPIRATION" in values) is not unlimited
    assert again == values  # from the cache, or the same keys


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_starts_a_chain(source: str, home: Home, steps: Sts) -> None:
    with written(home, steps, source) as variables:
        values = home.exported("chained", **variables)
    assert "assumed-role/step4/" in caller(home, **values)
    assert values["AWS_REGION"] == "eu-west-1"
    # the second time no request is made
    assert home.exported("chained", AWS_ENDPOINT_URL_STS="http://127.0.0.1:9") == values


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_source_profile_loop_is_reported(length: int, home: Home) -> None:
    names = [f"p{n}" for n in range(length)]
    home.config.write_text(
        "".join(
            f"[profile {name}]\nregion = eu-central-1\nrole_arn = {arn('step1')}\n"
            f"source_profile = {names[(n + 1) % length]}\n"
            for n, name in enumerate(names)
        )
        + f"[profile start]\nregion = eu-central-1\nrole_arn = {arn('step2')}\nsource_profile = p0\n"
    )
    loop = " -> ".join([*names, "p0"])
    assert f"loop: {loop};" in refused(home, "p0")
    assert f"loop: start -> {loop};" in refused(home, "start")


def test_a_source_with_keys_and_a_role_uses_its_keys(home: Home, steps: Sts) -> None:
    """As in botocore; such a profile may name itself."""
    home.config.write_text(
        f"[profile both]\nregion = eu-central-1\nrole_arn = {arn('step1')}\nsource_profile = both\n"
        f"aws_access_key_id = {steps.key_id}\naws_secret_access_key = {steps.secret}\n"
    )
    assert "assumed-role/step1/" in caller(home, **home.exported("both"))


VERBS = (("assume", "static"), ("exec", "static", "--", "true"), ("credential-process", "static"), ("refresh",))


def static(home: Home, age: int, rest: str = "") -> dict[str, str]:
    """Write keys to the profile `static`, issued `age` seconds ago; the variables after `assume static`."""
    token = tokens.text(tokens.regional(time=int(time.time()) - age))
    home.credentials.write_text(
        f"[static]\naws_access_key_id = ASIAQNZGKIQY56JQ7WML\naws_secret_access_key = s\naws_session_token = {token}\n{rest}"
    )
    return {"AWSENV_PROFILE": "static", "AWSENV_KEY": "56JQ7WML", "AWS_ACCESS_KEY_ID": "ASIAQNZGKIQY56JQ7WML"}


@pytest.mark.parametrize("args", VERBS, ids=lambda args: args[0])
def test_keys_that_have_certainly_expired_are_refused_with_their_line(args: tuple[str, ...], home: Home) -> None:
    for age, rest, line in (
        (40 * 3600, "", "were issued 40h"),
        (40 * 3600, "expiration = 2099-01-01T00:00:00Z\n", "were issued 40h"),
        (7200, f"aws_expiration = {utc(time.time() - 60)}\n", "expired 1m ago"),
    ):
        result = home.awsenv(*args, **static(home, age, rest))
        assert (result.returncode, "ASIA" in result.stdout) == (4, False)
        assert f"profile static has temporary credentials at {home.credentials}:2 that {line}" in result.stderr
        assert f"remove lines 2-{4 + bool(rest)} of {home.credentials} and add " in result.stderr


@pytest.mark.parametrize("args", VERBS, ids=lambda args: args[0])
def test_keys_that_have_probably_expired_are_used_with_a_warning(args: tuple[str, ...], home: Home) -> None:
    for age, reason in ((2 * 3600, "most are not valid"), (13 * 3600, "no role session is valid")):
        result = home.awsenv(*args, **static(home, age))
        assert result.returncode == 0
        assert reason in result.stderr and f"put new credentials at {home.credentials}:2" in result.stderr
        result = home.awsenv(*args, **static(home, age), AWSENV_DURATION="1d")
        assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("args", VERBS, ids=lambda args: args[0])
def test_an_expiration_that_is_older_than_the_keys_is_ignored(args: tuple[str, ...], home: Home) -> None:
    """As in boto3."""
    result = home.awsenv(*args, **static(home, 300, "x_security_token_expires = 2024-01-01T00:00:00Z\n"))
    assert (result.returncode, result.stderr) == (0, "")
    assert "2024" not in result.stdout


def test_a_source_that_static_keys_hide_is_named(home: Home) -> None:
    home.config.write_text("[profile static]\ncredential_process = true\n")
    static(home, 40 * 3600)
    hidden = f"remove lines 2-4 of {home.credentials}: they hide the credential_process at {home.config}:2"
    assert hidden in refused(home, "static", code=4)


@pytest.mark.parametrize("setting", expiry.SETTINGS)
@pytest.mark.parametrize("file", ["config", "credentials"])
def test_each_expiration_setting_of_static_keys_is_read(setting: str, file: str, home: Home, steps: Sts) -> None:
    session = session_of(steps, "step1")
    header = "[profile project1]" if file == "config" else "[project1]"
    home.config.write_text("")
    path = home.config if file == "config" else home.credentials

    def write(expiration: str) -> None:
        path.write_text(f"{header}\n{as_settings(session)}{setting} = {expiration}\n")

    write("2099-01-01T01:00:00+01:00")
    values = home.exported("project1")
    assert values["AWS_CREDENTIAL_EXPIRATION"] == "2099-01-01T00:00:00Z"
    assert "role/step1/" in caller(home, **values)
    write("2020-01-01T00:00:00Z")
    stderr = refused(home, "project1", code=4)
    assert f"profile project1 has temporary credentials at {path}:2 that expired" in stderr
    assert setting in stderr


# --- errors of a source -----------------------------------------------------------------------------------------------


def test_an_unavailable_credential_source_is_reported(home: Home) -> None:
    for source in ("Environment", "EcsContainer", "Ec2InstanceMetadata"):
        home.config.write_text(
            f"[profile p]\nregion = eu-central-1\nrole_arn = {arn('step1')}\ncredential_source = {source}\n"
        )
        assert "profile p" in refused(home, "p")
    home.config.write_text(home.config.read_text().replace("Ec2InstanceMetadata", "environment"))
    assert "its credential_source is environment, which AWS tools do not know" in refused(home, "p")


@pytest.mark.parametrize("duration", ["8h", "max"])
def test_a_web_identity_has_the_duration_of_the_profile(duration: str, home: Home, steps: Sts) -> None:
    with written(home, steps, "web identity") as variables:
        section = home.config.read_text().replace("role_session_name = me", f"duration_seconds = {duration}")
        home.config.write_text(section)
        expiration = expiry.parse(home.exported("source", **variables)["AWS_CREDENTIAL_EXPIRATION"])
    assert expiration is not None
    assert abs(expiration - time.time() - (8 if duration == "8h" else 12) * 3600) < 60


def test_a_missing_web_identity_token_is_reported(home: Home) -> None:
    home.config.write_text(
        f"[profile p]\nregion = eu-central-1\nrole_arn = {arn('step1')}\nweb_identity_token_file = /nowhere/token\n"
    )
    assert "/nowhere/token" in refused(home, "p")


def test_a_failing_credential_process_shows_its_error(home: Home) -> None:
    script = home.path / "process"
    script.write_text("#!/bin/sh\necho 'the vault is locked' >&2\nexit 3\n")
    script.chmod(0o755)
    home.config.write_text(f"[profile p]\ncredential_process = {script}\n")
    assert "the vault is locked" in refused(home, "p")


def test_an_expired_sign_in_names_the_login_command(home: Home, steps: Sts) -> None:
    home.config.write_text(
        f"[profile p]\nsso_session = corp\n{OF_THE_ROLE}region = eu-central-1\n"
        f"[sso-session corp]\nsso_region = eu-west-2\nsso_start_url = {START}\n"
    )
    assert "login" in refused(home, "p")  # never signed in
    with portal(home, steps, "corp", {**SIGNED_IN, "expiresAt": "2020-01-01T00:00:00Z"}) as variables:
        assert "login" in refused(home, "p", **variables)


def test_a_forbidden_identity_center_role_is_reported(home: Home, steps: Sts) -> None:
    home.config.write_text(
        f"[profile p]\nsso_session = corp\n{OF_THE_ROLE.replace('Admin', 'Other')}region = eu-central-1\n"
        f"[sso-session corp]\nsso_region = eu-west-2\nsso_start_url = {START}\n"
    )
    with portal(home, steps, "corp", SIGNED_IN) as variables:
        assert "ForbiddenException" in refused(home, "p", **variables)


# --- aws login --------------------------------------------------------------------------------------------------------

LOGIN = f"arn:aws:iam::{ACCOUNT}:user/user1"


def sign_in(home: Home, sts: Sts, seconds: int) -> None:
    """The files that `aws login` writes; its real credentials are valid for 15 minutes."""
    session = session_of(sts, "step1")
    credentials = {CAMEL[name]: session[name] for name in CAMEL}
    token = {"accessToken": {**credentials, "accountId": ACCOUNT, "expiresAt": utc(time.time() + seconds)}}
    token |= {
        "tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4",
        "clientId": "arn:aws:signin:::devtools/same-device",
    }
    token |= {"refreshToken": "r", "idToken": "i", "dpopKey": "k"}
    write(home.path / ".aws" / "login" / "cache" / f"{hashlib.sha256(LOGIN.encode()).hexdigest()}.json", token)


def test_aws_login_supplies_a_profile_and_a_chain(home: Home, steps: Sts) -> None:
    home.config.write_text(
        f"[profile p]\nlogin_session = {LOGIN}\nregion = eu-central-1\n"
        f"[profile chained]\nrole_arn = {arn('step4')}\nsource_profile = p\nregion = eu-west-1\n"
    )
    sign_in(home, steps, 20 * 60)  # long enough: a renewal would need the real service
    values = home.exported("p")
    assert "assumed-role/step1/" in caller(home, **values)
    assert "AWS_CREDENTIAL_EXPIRATION" in values
    assert "assumed-role/step4/" in caller(home, **home.exported("chained"))


def test_aws_login_without_awscrt_is_reported(home: Home, steps: Sts) -> None:
    home.config.write_text(f"[profile p]\nlogin_session = {LOGIN}\nregion = eu-central-1\n")
    sign_in(home, steps, 20 * 60)
    missing = home.path / "missing"
    missing.mkdir()
    (missing / "awscrt.py").write_text('raise ImportError("not installed")\n')
    assert "botocore[crt]" in refused(home, "p", PYTHONPATH=str(missing))


def test_assume_recommends_the_sdk_for_aws_login(home: Home, steps: Sts) -> None:
    home.config.write_text(f"[profile p]\nlogin_session = {LOGIN}\nregion = eu-central-1\n")
    sign_in(home, steps, 20 * 60)
    line = f"{BIN / 'awsenv'} assume p --shell sh > /dev/null"
    child = pexpect.spawn("/bin/sh", ["-c", line], env=home.environment(), encoding="utf-8", timeout=60)
    child.expect(pexpect.EOF)
    assert "--mode profile" in child.before


def test_aws_login_without_a_sign_in_is_reported(home: Home) -> None:
    home.config.write_text(f"[profile p]\nlogin_session = {LOGIN}\nregion = eu-central-1\n")
    assert "profile p" in refused(home, "p")
