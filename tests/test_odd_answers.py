"""Odd responses of servers and commands, odd files and settings: the error is one sentence that names the profile and the
source, without Python's jargon and without a secret; and where boto3 has credentials, awsenv has the same."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.credentials
import botocore.loaders
import botocore.session
import botocore.utils
import pytest
from support.homes import write_sign_in
from support.odd import FAR, KEY, SECRET, STS, TOKEN, Place, complaints, dumps, texts, variants, xml

from awsenv.aws import cache_keys, paths
from awsenv.aws.config_files import Profiles
from awsenv.credentials import identity
from awsenv.credentials.dialog import Silent
from awsenv.credentials.identity import Question
from awsenv.credentials.request import Request
from awsenv.environment import Session
from awsenv.result import AwsenvError
from awsenv.sso import login
from awsenv.sso.portal import of_profile

ARN = "arn:aws:iam::123456789012:role/project1"
START = "https://corp.awsapps.com/start"
SSO = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n"
CORP = f"[sso-session corp]\nsso_region = us-east-1\nsso_start_url = {START}\n"
ROLE = f"[profile p]\nrole_arn = {ARN}\nsource_profile = u\nregion = eu-west-1\n"


@pytest.fixture(scope="session")
def loader() -> botocore.loaders.Loader:
    """botocore's loader, which reads each of its data files once."""
    return botocore.loaders.create_loader()


def problems_of(label: str, result: Session | BaseException, *named: str) -> list[str]:
    """What is wrong with the error for the case `label`; nothing if the result is a session."""
    return [] if isinstance(result, Session) else [f"{label}: {one}" for one in complaints(result, *named)]


def remove_cached(odd: Place) -> int:
    """Remove the entries of the session cache; their number."""
    entries = list((odd.path / ".aws" / "cli" / "cache").glob("*.json"))
    for entry in entries:
        entry.unlink()
    return len(entries)


def assert_none(problems: list[str]) -> None:
    sample = dict.fromkeys(problems[:: len(problems) // 20 + 1])
    assert not problems, f"{len(problems)} times, such as:\n" + "\n".join(sample)


# --- credential_process -----------------------------------------------------------------------------------------------

GOOD = {"Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET, "SessionToken": TOKEN, "Expiration": FAR}

#: Accepted by boto3, rejected by awsenv: docs/errors.md.
STRICTER = ("SessionToken=0", "SessionToken=[]")


def outputs() -> Iterator[tuple[str, bytes]]:
    for label, changed in variants(GOOD, ("Expiration",)):
        yield label, dumps(changed)
    yield from texts(json.dumps(GOOD))


class FakePopen:
    """Replaces `subprocess.Popen` in botocore's own provider: a command that prints `content`."""

    returncode = 0

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __call__(self, *_: object, **__: object) -> FakePopen:
        return self

    def communicate(self) -> tuple[bytes, bytes]:
        return self.content, b""


def boto3_credentials(content: bytes) -> tuple[str, str, str | None] | None:
    """The credentials that boto3 reads from that output; None if it fails, or has none."""
    config = {"profiles": {"p": {"credential_process": "x"}}}
    provider = botocore.credentials.ProcessProvider("p", lambda: config, popen=FakePopen(content))
    try:
        frozen = provider.load().get_frozen_credentials()
    except Exception:
        return None
    usable = all(isinstance(part, str) and part for part in frozen[:2]) and isinstance(frozen.token or "", str)
    return (frozen.access_key, frozen.secret_key, frozen.token or None) if usable else None


@pytest.mark.shell
def test_each_odd_output_of_a_credential_process_is_as_in_boto3_or_one_sentence(odd: Place) -> None:
    printed = odd.path / "printed"
    odd.config.write_text(f"[profile p]\ncredential_process = cat {shlex.quote(str(printed))}\n")
    problems = []
    for label, content in outputs():
        printed.write_bytes(content)
        result, expected = odd.result(), boto3_credentials(content)
        if isinstance(result, Session):
            if (result.access_key, result.secret_key, result.token) != expected:
                problems.append(f"{label}: differs from boto3")
        elif expected is not None and label not in STRICTER:
            problems.append(f"{label}: boto3 accepts it: {result}")
        else:
            problems += problems_of(label, result, "profile p", "credential_process", "cat ")
    assert_none(problems)


@pytest.mark.shell
@pytest.mark.parametrize(
    ("command", "reason"),
    {
        "": "is empty",
        "'": "quote that is not closed",
        "/nowhere/at/all": "cannot be run: No such file",
        "~/tool": "~ and $NAME mean nothing",
        "/": "cannot be run",
        "true": "printed nothing",
        "sh -c 'echo no vault >&2; exit 3'": "exited with 3: no vault",
        "sh -c 'kill -9 $$'": "ended by signal 9",
        rf"sh -c 'printf \\377\\376x >&2; echo SecretAccessKey={SECRET} SessionToken={TOKEN} >&2; exit 1'": "exited with 1",
        f"sh -c 'head -c 3000000 /dev/zero | tr \\0 x >&2; exit 1' --session-token {TOKEN}": "exited with 1",
        "sh -c 'yes'": "prints more than 1 MB",
        "sleep 77": "has not ended within 0.3 s",
        f"sh -c 'exit 1' --password {SECRET}": "exited with 1",
    }.items(),
    ids=lambda text: text[:20],
)
def test_a_failing_credential_process_is_one_sentence(command: str, reason: str, odd: Place) -> None:
    odd.config.write_text(f"[profile p]\ncredential_process = {command}\n")
    error = odd.result(AWSENV_PROCESS_TIMEOUT="0.3" if "sleep" in command else "9")
    assert_none(complaints(error, "profile p", "credential_process", reason))


@pytest.mark.shell
def test_a_child_that_a_credential_process_leaves_behind_is_not_waited_for(odd: Place) -> None:
    content = shlex.quote(dumps(GOOD).decode())
    (odd.path / "tool").write_text(f"sleep 30 &\nprintf %s {content}\n")
    odd.config.write_text(f"[profile p]\ncredential_process = sh {odd.path}/tool\n")
    start = time.monotonic()
    result = odd.result()
    assert isinstance(result, Session), result
    assert time.monotonic() - start < 20


@pytest.mark.shell
@pytest.mark.parametrize("source", ["option", "profile", "AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.parametrize("profile", ["p", "role"])
def test_a_credential_process_gets_the_region_in_force(source: str, profile: str, odd: Place) -> None:
    section = "region = eu-west-3\n" if source == "profile" else ""
    (odd.path / "tool").write_text(
        f'test "$AWS_REGION-$AWS_DEFAULT_REGION" = eu-west-3-eu-west-3 && printf %s {shlex.quote(dumps(GOOD).decode())}\n'
    )
    odd.config.write_text(
        f"[profile p]\ncredential_process = sh {odd.path}/tool\n{section}"
        f"[profile role]\nrole_arn = {ARN}\nsource_profile = p\n{section}"
    )
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    request = Request(profile, profile, cached=False, region="eu-west-3" if source == "option" else None)
    result = odd.result(request, **({source: "eu-west-3"} if source.startswith("AWS") else {}))
    assert isinstance(result, Session), result


#: Texts that are sent with several statuses.
SEVERAL = ("HTML", "null", "a list", "deep JSON", "a named secret")


# --- STS --------------------------------------------------------------------------------------------------------------


def sts_answers() -> Iterator[tuple[str, int, bytes]]:
    for label, changed in variants(STS, ("Expiration",)):
        yield label, 200, xml("AssumeRole", changed)
    for label, content in texts(xml("AssumeRole", STS).decode()):
        for status in (200, 403, 503) if label in SEVERAL else (200,):
            yield f"{label}, status {status}", status, content
    for status in (204, 301, 302, 400, 401, 404, 407, 429, 500, 502, 504):
        yield f"nothing, status {status}", status, b""
    message = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>%s</Message></Error></ErrorResponse>"
    yield "a message of megabytes", 403, (message % ("word " * 190_000)).encode()
    yield (
        "a message with a secret",
        403,
        (message % f"SecretAccessKey={SECRET} SessionToken: {TOKEN} {SECRET}").encode(),
    )


@pytest.mark.parametrize("profile", ["p", "web", "user session"])
def test_each_odd_answer_of_sts_is_one_sentence_and_never_cached(profile: str, odd: Place) -> None:
    (odd.path / "token").write_text("header.payload.signature")
    odd.config.write_text(
        f"{ROLE}[profile web]\nrole_arn = {ARN}\nweb_identity_token_file = {odd.path}/token\nregion = eu-west-1\n"
    )
    name, action = {
        "p": ("p", "AssumeRole"),
        "web": ("web", "AssumeRoleWithWebIdentity"),
        "user session": ("u", "GetSessionToken"),
    }[profile]
    problems = []
    for label, status, content in sts_answers():
        answer = content.replace(b"AssumeRole", action.encode())
        odd.server.answers[""] = (status, "text/xml", answer)
        result = odd.result(Request(name, name, user_session=profile == "user session"), AWS_REGION="eu-west-1")
        problems += problems_of(label, result, f" {name}")
        cached = remove_cached(odd)
        if not isinstance(result, Session):
            problems += [f"{label}: cached"] * cached
        elif not (result.access_key and result.secret_key and result.token and result.expiration):
            problems.append(f"{label}: exports half a session")
    assert_none(problems)


def test_the_error_names_a_clock_that_is_ahead(odd: Place) -> None:
    odd.config.write_text(ROLE)
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", {**STS, "Expiration": expiration}))
    error = odd.result(Request("p", "p"))
    assert_none(complaints(error, "by this machine's clock", "date -u", "p expired 1m ago"))
    assert isinstance(error, AwsenvError)
    assert error.code == 4
    assert not list((odd.path / ".aws").glob("cli/cache/*.json"))


# --- IAM Identity Center ----------------------------------------------------------------------------------------------

REGISTER = {"clientId": "id", "clientSecret": SECRET, "clientSecretExpiresAt": 4070908800}
DEVICE = {
    "deviceCode": TOKEN,
    "userCode": "ABCD-EFGH",
    "verificationUri": "https://x.example/device",
    "verificationUriComplete": "https://x.example/device?c=1",
    "expiresIn": 600,
    "interval": 0,
}
CREATE = {"accessToken": TOKEN, "expiresIn": 3600, "refreshToken": SECRET, "tokenType": "Bearer"}
OIDC = {"/client/register": REGISTER, "/device_authorization": DEVICE, "/token": CREATE}


def json_answers(good: dict[str, Any]) -> Iterator[tuple[str, int, bytes]]:
    for label, changed in variants(good):
        yield label, 200, dumps(changed)
    for label, content in texts(json.dumps(good)):
        for status in (200, 403, 500) if label in SEVERAL else (200,):
            yield f"{label}, status {status}", status, content
    body = {"error": "odd", "error_description": f"sessionToken={TOKEN} SecretAccessKey={SECRET}"}
    for code in (
        "AccessDeniedException",
        "InvalidGrantException",
        "InternalServerException",
        "OddException",
        "x y",
        "",
    ):
        yield f"error {code}", 400, dumps({**body, "__type": code})
    yield "an error without a type", 400, dumps(body)
    for number in (0, -5, 10**9, 10**18, "600"):
        for name in ("expiresIn", "interval", "clientSecretExpiresAt"):
            if name in good:
                yield f"{name}={number!r}", 200, dumps({**good, name: number})


@pytest.mark.parametrize("path", OIDC)
def test_each_odd_answer_to_a_sign_in_is_one_sentence(path: str, odd: Place) -> None:
    odd.config.write_text(f"[profile p]\n{SSO}region = eu-west-1\n{CORP}")
    profiles = Profiles(odd.environment())
    portal, problems = of_profile(profiles, "p"), []
    cache = odd.path / ".aws" / "sso" / "cache"
    for label, status, content in json_answers(OIDC[path]):
        odd.server.answers = {name: (200, "application/json", dumps(good)) for name, good in OIDC.items()}
        odd.server.answers[path] = (status, "application/json", content)
        for file in cache.glob("*.json"):
            file.unlink()
        try:
            seconds = login.sign_in(
                portal, profiles, odd.environment(), int(time.time()), Silent(), by_device=True, open_browser=False
            )
        except Exception as error:
            problems += problems_of(label, error, "IAM Identity Center" if "cannot be" in str(error) else "corp")
        else:
            if seconds <= 0:
                problems.append(f"{label}: signed in for {seconds} s")
    assert_none(problems)


ROLE_CREDENTIALS = {
    "accessKeyId": "ASIANEW",
    "secretAccessKey": SECRET,
    "sessionToken": TOKEN,
    "expiration": 4070908800000,
}
SIGN_IN = {
    "startUrl": START,
    "region": "us-east-1",
    "accessToken": TOKEN,
    "expiresAt": FAR,
    "clientId": "id",
    "clientSecret": SECRET,
    "registrationExpiresAt": FAR,
    "refreshToken": SECRET,
}


def test_each_odd_answer_of_the_portal_is_one_sentence_and_never_cached(odd: Place) -> None:
    odd.config.write_text(f"[profile p]\n{SSO}region = eu-west-1\n{CORP}")
    write_sign_in(odd.path, dumps(SIGN_IN))
    problems = []
    for label, status, content in [
        *((label, 200, dumps({"roleCredentials": changed})) for label, changed in variants(ROLE_CREDENTIALS)),
        *json_answers({"roleCredentials": ROLE_CREDENTIALS}),
    ]:
        odd.server.answers[""] = (status, "application/json", content)
        result = odd.result(Request("p", "p"))
        problems += problems_of(label, result, " p")
        cached = remove_cached(odd)
        if not isinstance(result, Session):
            problems += [f"{label}: cached"] * cached
    assert_none(problems)


def test_each_odd_answer_to_a_renewal_is_one_sentence(odd: Place) -> None:
    odd.config.write_text(f"[profile p]\n{SSO}region = eu-west-1\n{CORP}")
    problems = []
    for label, status, content in json_answers(CREATE):
        write_sign_in(odd.path, dumps({**SIGN_IN, "expiresAt": "2001-01-01T00:00:00Z"}))
        odd.server.answers = {
            "/token": (status, "application/json", content),
            "": (200, "application/json", dumps({"roleCredentials": ROLE_CREDENTIALS})),
        }
        problems += problems_of(label, odd.result(), "profile p")
    assert_none(problems)


def sign_ins() -> Iterator[tuple[str, bytes]]:
    for label, changed in variants(SIGN_IN, ("expiresAt", "registrationExpiresAt")):
        due = label.partition("=")[0] in ("clientId", "clientSecret", "registrationExpiresAt", "refreshToken")
        yield label, dumps({**changed, "expiresAt": "2001-01-01T00:00:00Z"} if due else changed)
    yield from texts(json.dumps(SIGN_IN))


@pytest.mark.parametrize("legacy", [False, True], ids=["sso-session", "legacy"])
def test_an_unusable_sign_in_is_reported_with_the_login_command(legacy: bool, odd: Place) -> None:
    settings = SSO.replace("sso_session = corp", f"sso_start_url = {START}\nsso_region = us-east-1") if legacy else SSO
    odd.config.write_text(f"[profile p]\n{settings}region = eu-west-1\n{'' if legacy else CORP}")
    odd.server.answers = {
        "/token": (400, "application/json", dumps({"error": "invalid_grant"})),
        "": (200, "application/json", dumps({"roleCredentials": ROLE_CREDENTIALS})),
    }
    problems = []
    for label, content in sign_ins():
        write_sign_in(odd.path, content, START if legacy else "corp")
        problems += problems_of(label, odd.result(), "profile p", "awsenv login p")
    assert_none(problems)


# --- caches -----------------------------------------------------------------------------------------------------------


def test_odd_files_in_the_caches_are_replaced(odd: Place) -> None:
    odd.config.write_text(ROLE)
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    assert isinstance(odd.result(Request("p", "p")), Session)
    problems = []
    for entry in [
        *(odd.path / ".aws" / "cli" / "cache").glob("*.json"),
        *Path(paths.own_cache(odd.environment())).glob("*.json"),
    ]:
        good = json.loads(entry.read_bytes())
        contents = [*texts(json.dumps(good)), *((label, dumps(changed)) for label, changed in variants(good))]
        inner = good.get("Credentials")
        if isinstance(inner, dict):
            changes = variants(inner, ("Expiration",))
            contents += [(label, dumps({**good, "Credentials": changed})) for label, changed in changes]
        for label, content in contents:
            entry.write_bytes(content)
            session = odd.result(Request("p", "p"))
            if not isinstance(session, Session):
                problems.append(f"{entry.name}, {label}: {session!r}")
        entry.unlink(missing_ok=True)
        os.mkfifo(entry)
        if not isinstance(session := odd.result(Request("p", "p")), Session):
            problems.append(f"{entry.name}, a pipe: {session!r}")
    assert_none(problems)


# --- other sources ----------------------------------------------------------------------------------------------------

CONTAINER = {"AccessKeyId": "ASIANEW", "SecretAccessKey": SECRET, "Token": TOKEN, "Expiration": FAR}


def test_each_odd_answer_of_a_container_is_one_sentence(odd: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.utils.ContainerMetadataFetcher, "SLEEP_TIME", 0)  # between its three attempts
    odd.config.write_text(f"[profile p]\nrole_arn = {ARN}\ncredential_source = EcsContainer\nregion = eu-west-1\n")
    problems = []
    for label, status, content in [
        *((label, 200, dumps(changed)) for label, changed in variants(CONTAINER, ("Expiration",))),
        *json_answers(CONTAINER),
    ]:
        odd.server.answers = {"/creds": (status, "application/json", content)}
        odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
        problems += problems_of(label, odd.result(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{odd.server.url}/creds"), " p")
    assert_none(problems)


def test_each_odd_web_identity_token_is_one_sentence(odd: Place) -> None:
    token = odd.path / "token"
    odd.config.write_text(f"[profile p]\nrole_arn = {ARN}\nweb_identity_token_file = {token}\nregion = eu-west-1\n")
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRoleWithWebIdentity", STS))
    problems = []
    for label, content in texts("header.payload.signature"):
        token.write_bytes(content)
        problems += problems_of(label, odd.result(), "profile p")
    assert_none(problems)


LOGIN = {
    "accessToken": {
        "accessKeyId": "ASIANEW",
        "secretAccessKey": SECRET,
        "sessionToken": TOKEN,
        "accountId": "123456789012",
        "expiresAt": FAR,
    },
    "tokenType": "urn:aws:params:oauth:token-type:access_token_sigv4",
    "clientId": "arn:aws:signin:::devtools/same-device",
    "refreshToken": SECRET,
    "idToken": "eyJhbGciOiJub25lIn0.e30.x",
    "dpopKey": "-----BEGIN EC PRIVATE KEY-----",
}


def test_each_odd_file_of_aws_login_is_one_sentence(odd: Place) -> None:
    odd.config.write_text("[profile p]\nlogin_session = arn:aws:iam::123456789012:user/ada\nregion = eu-west-1\n")
    path = Path(paths.login_cache(odd.environment()))
    path.mkdir(parents=True)
    path /= f"{cache_keys.login_session('arn:aws:iam::123456789012:user/ada')}.json"
    problems = []
    inner = variants(LOGIN["accessToken"], ("expiresAt",))  # type: ignore[arg-type]
    for label, content in [
        *texts(json.dumps(LOGIN)),
        *((label, dumps(changed)) for label, changed in variants(LOGIN)),
        *((label, dumps({**LOGIN, "accessToken": changed})) for label, changed in inner),
    ]:
        path.write_bytes(content)
        problems += problems_of(label, odd.result(), "profile p")
    assert_none(problems)


# --- settings ---------------------------------------------------------------------------------------------------------

NETWORK = {
    "region": "eu-west-1",
    "endpoint_url": "http://127.0.0.1:9",
    "services": "none",
    "ca_bundle": "/nowhere",
    "max_attempts": "1",
    "retry_mode": "standard",
    "defaults_mode": "standard",
    "sts_regional_endpoints": "regional",
    "use_fips_endpoint": "false",
    "use_dualstack_endpoint": "false",
    "tcp_keepalive": "false",
    "account_id_endpoint_mode": "disabled",
    "sigv4a_signing_region_set": "*",
    "request_min_compression_size_bytes": "1",
    "user_agent_appid": "x",
}
OF_A_ROLE = {
    "role_arn": ARN,
    "source_profile": "u",
    "credential_source": "Environment",
    "external_id": "x",
    "role_session_name": "me",
    "duration_seconds": "3600",
    "mfa_serial": "",
    "web_identity_token_file": "/nowhere",
    "sso_session": "corp",
    "sso_account_id": "1",
    "sso_role_name": "r",
    "login_session": "x",
    "credential_process": "",
}
ODD_TEXTS = (
    "",
    "abc",
    "-1",
    "99",
    "1e999",
    "x y",
    "\u00e9",
    "http://",
    "http://ada:pass~word@127.0.0.1:9/x",
    "[",
    "%",
    "x" * 3000,
    "/etc",
    "us_east_1",
)


def odd_setting(value: str, error: BaseException, *named: str) -> list[str]:
    is_url = not any(other in str(error) for other in ("MFA code", "AWSENV_", "source_profile"))
    shown = "pass~word" in str(error) and is_url
    return [f"{value[:30]}: {one}" for one in complaints(error, *named) + [f"shows a password: {error}"] * shown]


@pytest.mark.parametrize("setting", [*NETWORK, *OF_A_ROLE])
def test_each_odd_setting_of_a_role_is_as_in_boto3_or_one_sentence(
    setting: str, loader: botocore.loaders.Loader, odd: Place
) -> None:
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    problems = []
    for value in ODD_TEXTS:
        settings = {"role_arn": ARN, "source_profile": "u", "region": "eu-west-1", setting: value}
        odd.config.write_text("[profile p]\n" + "".join(f"{name} = {text}\n" for name, text in settings.items()) + CORP)
        error = odd.result(AWSENV_PROCESS_TIMEOUT="5")
        if not isinstance(error, Session):
            problems += odd_setting(value, error, " p")
            if setting != "mfa_serial":  # boto3 would prompt
                problems += [f"boto3 accepts {value[:30]}: {error}"] * (odd.of_boto3("p", loader) is not None)
    assert_none(problems)


@pytest.mark.parametrize(
    "variable",
    [
        "AWS_MAX_ATTEMPTS",
        "AWS_RETRY_MODE",
        "AWS_DEFAULTS_MODE",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "AWS_ENDPOINT_URL_STS",
        "AWS_CA_BUNDLE",
        "AWS_REGION",
        "AWS_USE_FIPS_ENDPOINT",
        "HTTP_PROXY",
        "AWSENV_READ_TIMEOUT",
        "AWSENV_PROCESS_TIMEOUT",
    ],
)
def test_each_odd_variable_is_as_in_boto3_or_one_sentence(
    variable: str, loader: botocore.loaders.Loader, odd: Place
) -> None:
    odd.config.write_text(ROLE.replace("region = eu-west-1\n", ""))
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    problems = []
    for value in ODD_TEXTS:
        variables = {"AWS_REGION": "eu-west-1", variable: value}
        error = odd.result(**variables)
        if not isinstance(error, Session):
            problems += odd_setting(value, error)
            if not variable.startswith("AWSENV_"):
                problems += [f"boto3 accepts {value[:30]}: {error}"] * (
                    odd.of_boto3("p", loader, **variables) is not None
                )
    assert_none(problems)


@pytest.mark.parametrize(
    "variable",
    [
        "AWS_MAX_ATTEMPTS",
        "AWS_RETRY_MODE",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO_OIDC",
        "AWS_REGION",
        "AWS_CA_BUNDLE",
    ],
)
@pytest.mark.parametrize("request_kind", ["sign-in", "identity"])
def test_each_odd_variable_is_one_sentence_for_other_requests(variable: str, request_kind: str, odd: Place) -> None:
    odd.config.write_text(f"[profile p]\n{SSO}region = eu-west-1\n{CORP}")
    odd.server.answers = {name: (200, "application/json", dumps(good)) for name, good in OIDC.items()}
    odd.server.answers[""] = (
        403,
        "text/xml",
        b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
    )
    problems = []
    for value in ODD_TEXTS:
        environ = odd.environment(**{variable: value})
        try:
            if request_kind == "identity":
                Question(None, identity.region_of(environ, None), environ).ask()
            else:
                portal = of_profile(Profiles(environ), "p")
                login.sign_in(
                    portal, Profiles(environ), environ, int(time.time()), Silent(), by_device=True, open_browser=False
                )
        except Exception as error:
            problems += odd_setting(value, error)
    assert_none(problems)
