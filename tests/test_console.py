"""`awsenv console` against a scripted federation endpoint: the request, the link, and the errors."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest
from support.environment import wait_for
from support.homes import Home, failed
from support.servers import Request, answering, silent_server
from support.sts import ACCOUNT

from awsenv.aws import federation
from awsenv.result import AwsenvError
from awsenv.system.browser import command_of

TOKEN = "VCQgs5qZZt3Q6fn8Tr5EXAMPLEmLnwB7JjUc-SHwnUUWabcRdnWsi4DBn-dvCCZ85wrD0nmldUcZEXAMPLE-vXYH4Q__mleuF_W2BE+/="


@contextmanager
def endpoint(status: int = 200, answer: object = None) -> Iterator[tuple[str, list[Request]]]:
    """Run a federation endpoint; yield its URL, and the requests so far."""
    requests: list[Request] = []

    def script(request: Request) -> tuple[int, object]:
        requests.append(request)
        return status, {"SigninToken": TOKEN} if answer is None else answer

    with answering(script) as url:
        yield url, requests


def link_of(home: Home, *args: str, **more: str) -> str:
    """Run `awsenv console --print`, which must succeed, and return the link."""
    result = home.awsenv("console", *args, "--print", **more)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    assert result.stdout.count("\n") == 1
    return result.stdout.strip()


def refused(home: Home, *args: str, code: int = 1, **more: str) -> str:
    """Run `awsenv console --print`, which must fail, and return its stderr."""
    return failed(home, "console", *args, "--print", code=code, **more)


def session_in(request: Request) -> dict[str, str]:
    session: dict[str, str] = json.loads(request.query["Session"])
    return session


def as_session(values: dict[str, str]) -> dict[str, str]:
    return {
        "sessionId": values["AWS_ACCESS_KEY_ID"],
        "sessionKey": values["AWS_SECRET_ACCESS_KEY"],
        "sessionToken": values["AWS_SESSION_TOKEN"],
    }


EXPORTED = {
    "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH",
    "AWS_SECRET_ACCESS_KEY": 'a+b/c="d e&f',
    "AWS_SESSION_TOKEN": "IQoJ+/=&?# %25",
    "AWS_REGION": "eu-west-1",
}


@pytest.mark.shell
def test_the_link_is_made_with_the_session_of_the_profile(home: Home) -> None:
    with endpoint() as (url, requests):
        link = link_of(home, "project1", AWS_ENDPOINT_URL_SIGNIN=f"{url}/")
    (request,) = requests
    assert (request.method, request.path, set(request.query)) == ("GET", "/federation", {"Action", "Session"})
    assert request.query["Action"] == "getSigninToken"
    assert session_in(request) == as_session(home.exported("project1"))
    assert link.startswith(f"{url}/federation?Action=login&Destination=https%3A%2F%2F")
    assert parse_qsl(urlsplit(link).query) == [
        ("Action", "login"),
        ("Destination", "https://eu-central-1.console.aws.amazon.com/console/home?region=eu-central-1"),
        ("SigninToken", TOKEN),
    ]


@pytest.mark.shell
def test_the_exported_credentials_are_used_without_a_profile(home: Home) -> None:
    with endpoint() as (url, requests):
        link = link_of(home, "--service", "s3", AWS_ENDPOINT_URL_SIGNIN=url, **EXPORTED)
        assert session_in(requests[0]) == as_session(EXPORTED)
        assert destination(link) == "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"
        link = link_of(home, "--region", "us-east-2", AWS_ENDPOINT_URL_SIGNIN=url, **EXPORTED)
        assert destination(link) == "https://us-east-2.console.aws.amazon.com/console/home?region=us-east-2"
        # a session that awsenv has exported, in a real shell
        script = 'eval "$(awsenv assume project1)" && awsenv console --print'
        environment = home.environment(AWS_ENDPOINT_URL_SIGNIN=url)
        result = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
    assert session_in(requests[2]) == as_session(home.exported("project1"))


def destination(link: str) -> str:
    return parse_qs(urlsplit(link).query)["Destination"][0]


@pytest.mark.shell
def test_aws_profile_is_used_when_no_keys_are_exported(home: Home) -> None:
    with endpoint() as (url, requests):
        link_of(home, AWS_ENDPOINT_URL_SIGNIN=url, AWS_PROFILE="project1")
    assert session_in(requests[0]) == as_session(home.exported("project1"))


@pytest.mark.shell
def test_a_role_arn_without_a_profile_works(home: Home) -> None:
    role = ("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/guarded", "--external-id", "open sesame")
    with endpoint() as (url, requests):
        link = link_of(home, "user1", *role, "--region", "eu-west-3", AWS_ENDPOINT_URL_SIGNIN=url)
        link_of(home, "--source-profile", "user1", *role, "--region", "eu-west-3", AWS_ENDPOINT_URL_SIGNIN=url)
    assert destination(link).startswith("https://eu-west-3.console.aws.amazon.com/")
    assert session_in(requests[0]) == session_in(requests[1])


def written_to(file: Path) -> str:
    """Wait for a file that a browser command writes in the background, and return its content."""
    wait_for(file.exists, f"{file} is written")
    return file.read_text()


@pytest.mark.shell
def test_the_browser_opens_the_link(home: Home) -> None:
    seen = home.path / "seen"
    browser = home.path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{seen}.new && mv {seen}.new {seen}\n')
    browser.chmod(0o755)
    with endpoint() as (url, _):
        result = home.awsenv("console", "project1", AWS_ENDPOINT_URL_SIGNIN=url, BROWSER=f"{browser} %s")
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert written_to(seen).strip() == link_of(home, "project1", AWS_ENDPOINT_URL_SIGNIN=url)
        result = home.awsenv("console", "project1", AWS_ENDPOINT_URL_SIGNIN=url)
    assert (result.returncode, result.stdout) == (1, "")
    assert "awsenv console --print" in result.stderr
    assert TOKEN not in result.stderr


@pytest.mark.shell
@pytest.mark.parametrize("where", ["variable", "file"])
def test_the_setting_names_the_command_that_opens_the_link(where: str, home: Home) -> None:
    seen, browser = home.path / "seen", home.path / "my browser"
    browser.write_text(f"#!/bin/sh\nprintf '<%s>' \"$@\" >{seen}.new && mv {seen}.new {seen}\n")
    browser.chmod(0o755)
    template = f"'{browser}' -P {{profile}} 'ext+container:name={{profile}}&url={{escaped_url}}'"
    more = {"AWSENV_CONSOLE_BROWSER": template}
    if where == "file":
        settings = home.path / ".config" / "awsenv" / "settings"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(f"AWSENV_CONSOLE_BROWSER={template}\n")
        more = {}
    with endpoint() as (url, _):
        result = home.awsenv("console", "project1", AWS_ENDPOINT_URL_SIGNIN=url, **more)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    args = written_to(seen)
    assert args.startswith("<-P><project1><ext+container:name=project1&url=http%3A%2F%2F")
    assert quote(quote(TOKEN, safe=""), safe="") in args


@pytest.mark.parametrize(
    "template, args",
    [
        ("firefox", ["firefox", "URL"]),
        ("open -na 'Google Chrome' --args {url}", ["open", "-na", "Google Chrome", "--args", "URL"]),
        ("x --profile={profile}", ["x", "--profile={url}; $(id)", "URL"]),
    ],
)
def test_fields_of_the_command_are_data(template: str, args: list[str]) -> None:
    assert command_of(template, "URL", "{url}; $(id)") == args


@pytest.mark.shell
@pytest.mark.parametrize(
    "template, why", [("/no/such browser", "No such file"), ("firefox 'x", "No closing quotation")]
)
def test_a_command_that_cannot_be_started_is_named(template: str, why: str, home: Home) -> None:
    with endpoint() as (url, _):
        more = {"AWS_ENDPOINT_URL_SIGNIN": url, "AWSENV_CONSOLE_BROWSER": template}
        result = home.awsenv("console", "project1", **more)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "AWSENV_CONSOLE_BROWSER" in result.stderr
    assert why in result.stderr
    assert TOKEN not in result.stderr


HOSTS = {
    "aws": ("eu-central-1", "signin.aws.amazon.com", "eu-central-1.console.aws.amazon.com"),
    "aws-cn": ("cn-north-1", "signin.amazonaws.cn", "cn-north-1.console.amazonaws.cn"),
    "aws-us-gov": ("us-gov-east-1", "signin.amazonaws-us-gov.com", "us-gov-east-1.console.amazonaws-us-gov.com"),
}


@pytest.mark.parametrize("partition", HOSTS)
def test_each_partition_has_its_own_hosts(partition: str) -> None:
    region, signin, console = HOSTS[partition]
    role = f"arn:{partition}:iam::123456789012:role/r"
    for known in (None, role):
        place = federation.place_of(region, known, "s3", {})
        assert place.endpoint == f"https://{signin}/federation"
        assert place.destination == f"https://{console}/s3/home?region={region}"
    without = federation.place_of(None, role, None, {})
    assert without.endpoint == place.endpoint
    assert without.destination == f"https://{console.removeprefix(region + '.')}/console/home"


def test_a_region_of_another_partition_is_rejected() -> None:
    with pytest.raises(AwsenvError, match="eu-west-1 is a region of aws"):
        federation.place_of("eu-west-1", "arn:aws-cn:iam::123456789012:role/r", None, {})
    for region in ("us-iso-east-1", "us-isob-east-1", "eusc-de-east-1"):
        with pytest.raises(AwsenvError, match="no sign-in link can open"):
            federation.place_of(region, None, None, {})


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("s3", "s3/home"),
        ("dynamodb", "dynamodbv2/home"),
        ("ssm", "systems-manager/home"),
        ("codesuite/codepipeline", "codesuite/codepipeline/home"),
        (None, "console/home"),
    ],
)
def test_a_service_may_have_its_aws_cli_name(service: str | None, path: str) -> None:
    place = federation.place_of("eu-west-1", None, service, {})
    assert place.destination == f"https://eu-west-1.console.aws.amazon.com/{path}?region=eu-west-1"


# --- failures -----------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_exported_keys_that_the_cache_shows_as_expired_are_refused(home: Home) -> None:
    """No variable has the expiration."""
    cache = home.path / ".aws" / "cli" / "cache"
    cache.mkdir(parents=True)
    keys = {"AccessKeyId": EXPORTED["AWS_ACCESS_KEY_ID"], "SecretAccessKey": "s", "SessionToken": "t"}
    entry = {"Credentials": {**keys, "Expiration": "2020-01-01T00:00:00Z"}}
    (cache / f"{'0' * 40}.json").write_text(json.dumps(entry))
    assert "expired" in refused(home, code=4, **EXPORTED)


@pytest.mark.shell
def test_credentials_without_a_session_are_refused(home: Home) -> None:
    assert home.sts is not None
    keys = {"AWS_ACCESS_KEY_ID": home.sts.key_id, "AWS_SECRET_ACCESS_KEY": home.sts.secret}
    assert "nothing is exported" in refused(home, code=5)
    assert "there is no profile 'nope'" in refused(home, "nope")
    assert "user1 has long-term keys" in refused(home, "user1")
    assert "long-term keys" in refused(home, **keys)
    assert "AWS_SESSION_TOKEN is missing" in refused(home, **{**EXPORTED, "AWS_SESSION_TOKEN": ""})
    expired = {**EXPORTED, "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}
    assert "expired" in refused(home, code=4, **expired)
    assert "--duration would do nothing" in refused(home, "--duration", "1h", code=2, **EXPORTED)
    assert "'a b' is not the name of a service" in refused(home, "--service", "a b", code=2, **EXPORTED)
    assert "is not the name of a region" in refused(home, "--region", "evil.example/", code=2, **EXPORTED)
    assert "empty profile name" in refused(home, "", code=2)


ANSWERS: dict[str, tuple[int, object, str]] = {
    "refused": (400, "<html>Invalid credentials</html>", "rejected the credentials of ****DFGH (400)"),
    "an error": (500, "", "status 500"),
    "no JSON": (200, "<html>", "no sign-in token"),
    "no token": (200, {}, "no sign-in token"),
    "a list": (200, [], "no sign-in token"),
    "deep JSON": (200, "[" * 100_000, "no sign-in token"),
    "another type": (200, {"SigninToken": 5}, "no sign-in token"),
    "two megabytes": (200, "x" * (2 << 20), "is larger than 1 MB"),
    "a redirect": (302, "", "status 302"),
}


@pytest.mark.shell
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_without_a_token_is_an_error(name: str, home: Home) -> None:
    status, answer, why = ANSWERS[name]
    with endpoint(status, answer) as (url, _):
        stderr = refused(home, AWS_ENDPOINT_URL_SIGNIN=url, **EXPORTED)
    assert why in stderr
    assert f"{url}/federation" in stderr


@pytest.mark.shell
def test_errors_show_no_credentials(home: Home) -> None:
    """The credentials are part of the URL that botocore shows in its errors."""
    with endpoint(400) as (refusing, _), silent_server() as silent:
        for url in (refusing, silent, "http://127.0.0.1:9", "https://127.0.0.1:9"):
            more = {"AWS_ENDPOINT_URL_SIGNIN": url, "AWSENV_READ_TIMEOUT": "0.5", **EXPORTED}
            result = home.awsenv("console", "--print", "--debug", **more)
            assert result.returncode == 1
            for secret in ("ASIAQWERTYUIOPASDFGH", "a+b/c", "a%2Bb%2Fc", "IQoJ"):
                assert secret not in result.stderr


@pytest.mark.shell
def test_an_unanswering_endpoint_is_reported(home: Home) -> None:
    assert "no connection" in refused(home, AWS_ENDPOINT_URL_SIGNIN="http://127.0.0.1:9", **EXPORTED)
    with silent_server() as url:
        start = time.monotonic()
        stderr = refused(home, AWS_ENDPOINT_URL_SIGNIN=url, AWSENV_READ_TIMEOUT="0.5", **EXPORTED)
    assert "AWSENV_READ_TIMEOUT" in stderr
    assert time.monotonic() - start < 20
    stderr = refused(home, AWS_ENDPOINT_URL_SIGNIN="https://127.0.0.1:9", AWS_CA_BUNDLE="/nowhere", **EXPORTED)
    assert "AWS_CA_BUNDLE" in stderr
