"""The same files as boto3: awsenv reads the same credentials from them, and the same network settings."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import botocore.config
import botocore.session
import pytest
from support.odd import KEYS, SECRET, STS, Place, complaints, xml

from awsenv.aws.config_files import Profiles
from awsenv.credentials import _botocore
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import Request, mfa_code
from awsenv.environment import Session
from awsenv.result import AwsenvError
from awsenv.sso import portal
from awsenv.system.redaction import redact

ARN = "arn:aws:iam::123456789012:role/project1"
OTHER = "AKIAQWERTYUIOPASDFGX"
ROLE = f"role_arn = {ARN}\nsource_profile = user1\nregion = eu-west-1\n"
ONE_FILE = (
    f"[default]\n{KEYS}region = eu-west-3\n[user1]\n{KEYS}[profile project1]\n{ROLE}"
    f"[profile keys]\n{KEYS.replace('FGH', 'FGX')}"
    "[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n"
    "[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n"
)


def by_variables(odd: Place) -> dict[str, str]:
    odd.credentials.unlink()
    odd.config.write_text(ONE_FILE)
    return dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), str(odd.config))


def by_link(odd: Place) -> dict[str, str]:
    by_variables(odd)
    odd.credentials.symlink_to("config")
    return {}


def by_hard_link(odd: Place) -> dict[str, str]:
    by_variables(odd)
    os.link(odd.config, odd.credentials)
    return {}


def by_link_to_credentials(odd: Place) -> dict[str, str]:
    odd.credentials.write_text(ONE_FILE)
    odd.config.symlink_to(odd.credentials)
    return {}


@pytest.mark.parametrize("linked", [by_variables, by_link, by_hard_link, by_link_to_credentials])
@pytest.mark.parametrize("profile", ["default", "user1", "project1", "keys"])
def test_one_file_may_serve_as_both(profile: str, linked: Callable[[Place], dict[str, str]], odd: Place) -> None:
    variables = linked(odd)
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    result = odd.result(Request(profile, profile, cached=False), **variables)
    assert isinstance(result, Session), result
    assert (result.access_key, result.secret_key, result.token) == odd.of_boto3(profile, **variables)
    adhoc = odd.result(Request("r", profile, {"role_arn": ARN}, cached=False, region="eu-west-1"), **variables)
    assert isinstance(adhoc, Session), adhoc


@pytest.mark.parametrize("linked", [by_variables, by_link, by_link_to_credentials])
def test_a_profile_of_one_file_has_one_name(linked: Callable[[Place], dict[str, str]], odd: Place) -> None:
    """For boto3 `[profile project1]` of the credentials file is also a profile called `profile project1`."""
    variables = linked(odd)
    profiles = Profiles(odd.environment(**variables))
    assert profiles.one_file
    assert sorted(profiles.names()) == ["default", "keys", "project1", "sso", "user1"]
    assert "profile project1" not in profiles
    assert portal.of_profile(profiles, "sso").session == "corp"


def test_two_files_of_the_same_content_are_two(odd: Place) -> None:
    for path in (odd.config, odd.credentials):
        path.write_text(ONE_FILE)
    profiles = Profiles(odd.environment())
    assert not profiles.one_file
    assert "profile project1" in profiles


# --- something else in place of a file --------------------------------------------------------------------------------


def a_directory(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("instead", [a_directory, a_pipe])
@pytest.mark.parametrize("name", ["config", "credentials"])
def test_a_pipe_or_directory_is_ignored_with_one_line(name: str, instead: Callable[[Path], None], odd: Place) -> None:
    path, other = (odd.config, odd.credentials) if name == "config" else (odd.credentials, odd.config)
    path.unlink(missing_ok=True)
    instead(path)
    other.write_text(f"[{'profile ' if name == 'credentials' else ''}user1]\n{KEYS}")
    result = odd.result(Request("user1", "user1"))
    assert isinstance(result, Session), result
    assert (result.access_key, result.secret_key, result.token) == odd.of_boto3("user1")
    assert len(odd.notices) == 1
    assert str(path) in odd.notices[0]
    error = odd.result(Request("gone", "gone"))
    assert isinstance(error, AwsenvError)
    assert f"{path} is " in str(error), "a missing profile may have been meant to be there"


def test_a_pipe_that_the_user_names_is_read(odd: Place) -> None:
    """As AWS_CONFIG_FILE=<(…) in a shell, which boto3 ignores."""
    pipe = odd.path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(f"[profile p]\n{KEYS}"))
    writer.start()
    assert isinstance(odd.result(AWS_CONFIG_FILE=str(pipe)), Session)
    writer.join()


# --- the network settings of the profile of a role --------------------------------------------------------------------

NETWORK = {
    "endpoint_url": "http://127.0.0.1:9/here",
    "services": "local",
    "ca_bundle": "/etc/passwd",
    "use_fips_endpoint": "true",
    "use_dualstack_endpoint": "true",
    "sts_regional_endpoints": "legacy",
    "retry_mode": "adaptive",
    "max_attempts": "7",
    "defaults_mode": "mobile",
    "tcp_keepalive": "true",
    "user_agent_appid": "mine",
    "ignore_configured_endpoint_urls": "true",
    "account_id_endpoint_mode": "disabled",
    "region": "us-east-1",
}
FORMS = {
    "--role-arn": Request("user1", "user1", {"role_arn": ARN}),
    "--source-profile": Request("r", None, {"role_arn": ARN, "source_profile": "user1"}),
    "--role-arn --source-profile": Request("user1", "user1", {"role_arn": ARN, "source_profile": "other"}),
    "--chain": Request("user1", "user1", {"role_arn": ARN, "chain": ARN}),
    "--chain of a role": Request("roled", "roled", {"chain": ARN}),
}


def of_client(session: botocore.session.Session) -> tuple[object, ...]:
    """The settings that a client of STS takes from its profile."""
    client = session.create_client("sts")
    config, http = client.meta.config, client._endpoint.http_session
    return (
        client.meta.endpoint_url,
        client.meta.region_name,
        http._verify,
        config.retries,
        config.defaults_mode,
        config.tcp_keepalive,
        config.user_agent_appid,
        config.account_id_endpoint_mode,
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("setting", NETWORK)
def test_a_role_without_a_profile_has_all_network_settings(setting: str, form: str, odd: Place) -> None:
    lines = f"{'region = eu-west-1' if setting != 'region' else ''}\n{setting} = {NETWORK[setting]}\n"
    odd.config.write_text(
        f"[profile user1]\n{KEYS}mfa_process = no\nexternal_id = no\n{lines}[profile other]\n{KEYS}"
        f"[profile roled]\nrole_arn = {ARN}\nsource_profile = user1\n{lines}"
        "[services local]\nsts =\n    endpoint_url = http://127.0.0.1:10\n"
    )
    environ = {name: value for name, value in odd.environment().items() if name != "AWS_ENDPOINT_URL"}
    profiles, request = Profiles(environ), FORMS[form]
    plan = Plan(request, profiles)
    region = profiles.text(plan.region_from, "region")
    with _botocore.environment_set_to(environ):
        expected = of_client(botocore.session.Session(profile=request.profile or "user1"))
        with _botocore.files_cut_to(plan.sections):
            result = of_client(_botocore.new_session(plan.name, region, environ, botocore.config.Config()))
    assert result == expected
    assert "external_id" not in plan.last_role
    assert "mfa_process" not in plan.last_role


@pytest.mark.parametrize("form", FORMS)
def test_a_role_without_a_profile_uses_the_endpoint_of_its_source(form: str, odd: Place) -> None:
    lines = f"region = eu-west-1\nendpoint_url = {odd.server.url}\n"
    odd.config.write_text(
        f"[profile user1]\n{KEYS}{lines}[profile other]\n{KEYS}"
        f"[profile roled]\nrole_arn = {ARN}\nsource_profile = user1\n{lines}"
    )
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    result = odd.result(FORMS[form].replace(cached=False), AWS_ENDPOINT_URL="")
    assert isinstance(result, Session), result


# --- limits -----------------------------------------------------------------------------------------------------------


def dripping(part: bytes, first: bytes = b"") -> str:
    """The URL of a server that repeats a part a few times a second, as long as it is read."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = server.accept()
        try:
            connection.recv(65536)
            connection.sendall(first)
            pause = threading.Event()
            while True:
                connection.sendall(part)
                pause.wait(0 if len(part) > 1000 else 0.05)
        except OSError:
            server.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.mark.parametrize(
    ("part", "first", "reason"),
    [
        (b"x", HEAD + b"X-Slow: ", "no answer in time"),
        (b" ", HEAD + b"\r\n", "no answer in time"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"", "no answer in time"),
        (b"<x/>" * 20_000, HEAD + b"\r\n", "is larger than 1 MB"),
        (b"X-More: " + b"x" * 2000 + b"\r\n", HEAD, "no connection"),
    ],
    ids=["a slow header", "a slow body", "never a status", "a body without end", "headers without end"],
)
def test_a_response_has_one_limit_of_time_and_of_size(part: bytes, first: bytes, reason: str, odd: Place) -> None:
    odd.config.write_text(f"[profile p]\n{ROLE.replace('user1', 'u')}")
    url, start = dripping(part, first), time.monotonic()
    error = odd.result(AWS_ENDPOINT_URL=url, AWSENV_CONNECT_TIMEOUT="0.3", AWSENV_READ_TIMEOUT="0.5")
    assert not complaints(error, reason, "profile p")
    assert time.monotonic() - start < 20


def test_a_large_cache_file_is_not_read(odd: Place) -> None:
    odd.config.write_text(f"[profile p]\n{ROLE.replace('user1', 'u')}")
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    assert isinstance(odd.result(Request("p", "p")), Session)
    (entry,) = (odd.path / ".aws" / "cli" / "cache").glob("*.json")
    with entry.open("ab") as file:
        file.truncate(300 << 20)
    assert isinstance(odd.result(Request("p", "p")), Session)
    assert entry.stat().st_size < 10_000


def test_a_directory_in_place_of_a_cache_entry_is_named(odd: Place) -> None:
    odd.config.write_text(f"[profile p]\n{ROLE.replace('user1', 'u')}")
    odd.server.answers[""] = (200, "text/xml", xml("AssumeRole", STS))
    assert isinstance(odd.result(Request("p", "p")), Session)
    (entry,) = (odd.path / ".aws" / "cli" / "cache").glob("*.json")
    entry.unlink()
    (entry / "x").mkdir(parents=True)
    assert isinstance(odd.result(Request("p", "p")), Session)
    assert str(entry) in odd.notices[-1]


# --- codes and redaction ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [("123456", "123456"), ("123 456", "123456"), (" 12 34 56 ", "123456"), ("123\xa0456", "123456")]
    + [(text, None) for text in ("12345", "1234567", "12345a", "", "123\n456", "١٢٣٤٥٦")],
)
def test_an_mfa_code_may_have_blanks(text: str, code: str | None) -> None:
    assert mfa_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        f"SecretAccessKey={SECRET}",
        f"key:{SECRET}=x",
        f"<SecretAccessKey>{SECRET[:30]}",
        "SessionToken=abc.def-ghi_abcdef",
        '"secretAccessKey":"abcdef"',
        f'"SecretAccessKey": "{SECRET}"',
        r"{\"SecretAccessKey\":\"abcdef\"}",
        "{'SessionToken': 'abcdef'}",
        "<ns:SessionToken a='b'>abcdef</ns:SessionToken>",
        "tool --client-secret abcdef --x",
        "tool --password=abcdef",
        "Authorization: eyJhbGciOiJIUzI1NiJ9.abcdef.xyz",
        "http://ada:abcdef@host/path",
    ],
)
def test_a_secret_with_a_name_or_a_known_form_is_redacted(text: str) -> None:
    redacted = redact(text, {})
    assert "abcdef" not in redacted
    assert SECRET[:20] not in redacted


def test_an_indented_line_without_a_value_is_named_with_its_line(odd: Place) -> None:
    odd.credentials.write_text(f"[u]\naws_access_key_id = x\naws_secret_access_key =\n  {SECRET}\n")
    error = odd.result(Request("u", "u"))
    assert not complaints(error, f"{odd.credentials}, line 4", "aws_secret_access_key = above")
