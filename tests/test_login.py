"""Signing in to IAM Identity Center and out again: with a real browser, with device codes, and with the AWS CLI and the
SDKs, which use the stored token. The service is tests/support/oidc.py; its role credentials come from a real STS."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pexpect
import pytest
from support import oidc
from support.clock import Clock, seconds_left
from support.homes import Home
from support.programs import BIN, need
from support.sts import ACCOUNT, Sts

from awsenv.result import AwsenvError
from awsenv.sso import device
from awsenv.sso.client import RefusedError, UnreachableError
from awsenv.sso.portal import Portal
from awsenv.system import browser

START = "https://corp.awsapps.com/start"
OTHER = "https://other.awsapps.com/start"
OLD = "https://old.awsapps.com/start"

CONFIG = f"""
[sso-session corp]
sso_region = us-east-1
sso_start_url = {START}
sso_registration_scopes = sso:account:access

[profile work]
sso_session = corp
sso_account_id = {ACCOUNT}
sso_role_name = project1
region = eu-central-1

[profile behind]
role_arn = arn:aws:iam::{ACCOUNT}:role/chained
source_profile = work
region = eu-west-1

[profile forbidden]
sso_session = corp
sso_account_id = {ACCOUNT}
sso_role_name = closed
region = eu-central-1

[sso-session other]
sso_region = eu-west-1
sso_start_url = {OTHER}

[profile elsewhere]
sso_session = other
sso_account_id = {ACCOUNT}
sso_role_name = project1
region = eu-central-1

[profile old]
sso_start_url = {OLD}
sso_region = us-east-1
sso_account_id = {ACCOUNT}
sso_role_name = project1
region = eu-central-1
"""

CORP = hashlib.sha1(b"corp").hexdigest()

# Replaces the browser: fetches the page, submits its form, follows the redirect.
ROBOT = """#!{python} -I
import html, re, sys, urllib.error, urllib.parse, urllib.request
print("export BROWSER_WAS_HERE=1", flush=True)
page = urllib.request.urlopen(sys.argv[1]).read().decode()
fields = re.findall('name="([^"]*)" value="([^"]*)"', page)
if fields:
    data = urllib.parse.urlencode([(name, html.unescape(value)) for name, value in fields]).encode()
    page = urllib.request.urlopen(urllib.parse.urljoin(sys.argv[1], "/authorize"), data).read().decode()
    open({last_page!r}, "w").write(page)
"""


class Work(Home):
    """A home directory set up for IAM Identity Center."""

    center: oidc.IdentityCenter
    browser_script: str

    def environment(self, **more: str) -> dict[str, str]:
        url = self.center.url
        variables = {
            "AWS_ENDPOINT_URL_SSO_OIDC": url,
            "AWS_ENDPOINT_URL_SSO": url,
            "BROWSER": self.browser_script,
            "AWSENV_LOGIN_TIMEOUT": "60",
        }
        merged = super().environment(**{**variables, **more})
        return {name: value for name, value in merged.items() if value}

    @property
    def tokens(self) -> Path:
        return self.path / ".aws" / "sso" / "cache"

    @property
    def last_page(self) -> Path:
        """The last page that the browser showed."""
        return self.path / "last page.html"

    def token_file(self, name: str = "corp") -> Path:
        """The token file of a session, or of the start URL of a legacy profile."""
        return self.tokens / f"{hashlib.sha1(name.encode()).hexdigest()}.json"

    def token(self, name: str = "corp") -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.token_file(name).read_text())
        return content

    def refused(self, *args: str, code: int = 1, **more: str) -> str:
        """Run awsenv, which must fail; the last line of stderr."""
        result = self.awsenv(*args, **more)
        assert result.returncode == code, result.stderr
        assert "Traceback" not in result.stderr
        return result.stderr.splitlines()[-1]

    def signed_in(self, *args: str, **more: str) -> str:
        """Sign in; stderr."""
        result = self.awsenv("login", *args, **more)
        assert (result.returncode, result.stdout) == (0, ""), result.stderr
        return result.stderr

    def identity(self, *args: str, **more: str) -> str:
        """The ARN that the AWS CLI gets from STS."""
        done = subprocess.run(
            [str(BIN / "aws"), "sts", "get-caller-identity", "--query", "Arn", "--output", "text", *args],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def work(home: Home, sts: Sts) -> Iterator[Work]:
    keys = {"aws_access_key_id": sts.key_id, "aws_secret_access_key": sts.secret}

    def credentials(account: str, role: str) -> dict[str, Any]:
        assumed = sts.client("sts", **keys).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="ada@example.com"
        )
        response: dict[str, Any] = assumed["Credentials"]
        return response

    with oidc.running(credentials) as center:
        made = Work(home.path, sts)
        made.center = center
        made.config.write_text(CONFIG)
        robot = made.path / "robot"
        robot.write_text(ROBOT.format(python=sys.executable, last_page=str(made.last_page)))
        robot.chmod(0o755)
        made.browser_script = str(robot)
        yield made


@pytest.fixture
def chromium(work: Work) -> Iterator[Work]:
    """The same, with a real browser."""
    program = need("Chromium (Debian: chromium)", shutil.which("chromium"))
    script, pid = work.path / "browser", work.path / "browser.pid"
    # the path of a socket is too short for pytest's directories
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        flags = (
            "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
            f"--disable-component-update --disable-sync --user-data-dir={directory}/data"
        )
        script.write_text(
            # under libfaketime Chromium hangs, and takes all of the processor
            f"#!/bin/sh\necho $$ > {shlex.quote(str(pid))}\nexport TMPDIR={directory}\nunset LD_PRELOAD\n"
            f'exec {shlex.quote(program)} {flags} "$1"\n'
        )
        script.chmod(0o755)
        work.browser_script = str(script)
        yield work
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.mark.shell
@pytest.mark.parametrize("args", [("assume", "work"), ("login", "work"), ("login", "--sso-session", "corp")], ids=str)
def test_an_invalid_start_url_is_named_and_no_sign_in_suggested(args: tuple[str, ...], work: Work) -> None:
    work.config.write_text(CONFIG.replace(START, "corp.awsapps.com/start"))
    stderr = work.refused(*args)
    assert "corp.awsapps.com/start, is not a URL" in stderr
    assert f"fix it in {work.config}" in stderr
    assert "awsenv login" not in stderr


# --- in the browser ---------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_a_sign_in_in_a_real_browser_serves_awsenv_the_aws_cli_and_boto3(chromium: Work) -> None:
    work = chromium
    stderr = work.signed_in("work")
    assert f"{work.center.url}/authorize?" in stderr
    assert "Chrome" in work.center.agents[0]
    assert work.center.grants() == ["authorization_code"]

    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/project1/ada@example.com"
    assert work.identity("--profile", "work") == arn
    values = work.exported("work")
    assert work.identity(**values) == arn
    assert "assumed-role/chained" in work.identity(**work.exported("behind"))
    script = "import boto3; print(boto3.Session(profile_name='work').client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run(
        [sys.executable, "-c", script], env=work.environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == arn
    assert work.center.grants() == ["authorization_code"]  # no other token was needed


@pytest.mark.shell
def test_a_forged_answer_is_ignored(chromium: Work) -> None:
    chromium.center.forges = True
    chromium.signed_in("work")
    assert not chromium.center.forges
    (body,) = chromium.center.of("/token")
    assert body["code"] != "x"


@pytest.mark.shell
def test_a_denial_in_the_browser_ends_the_sign_in(chromium: Work) -> None:
    chromium.center.denies = True
    assert "access was denied in the browser" in chromium.refused("login", "work")
    assert not list(chromium.tokens.glob(f"{CORP}*"))


# --- the stored token -------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_the_stored_token_has_the_format_of_the_aws_cli(work: Work) -> None:
    work.signed_in("work")
    token = work.token()
    assert sorted(token) == sorted(
        [
            "startUrl",
            "region",
            "accessToken",
            "expiresAt",
            "clientId",
            "clientSecret",
            "registrationExpiresAt",
            "refreshToken",
        ]
    )
    assert (token["startUrl"], token["region"]) == (START, "us-east-1")
    assert 28700 < seconds_left(token["expiresAt"]) <= 28801
    key = '{"region": "us-east-1", "scopes": ["sso:account:access"], "session_name": "corp", '
    key += f'"startUrl": "{START}", "tool": "botocore"}}'
    registration = work.tokens / f"{hashlib.sha1(key.encode()).hexdigest()}.json"
    client = json.loads(registration.read_text())
    assert {name: client[name] for name in ("clientId", "clientSecret", "scopes", "grantTypes")} == {
        "clientId": token["clientId"],
        "clientSecret": token["clientSecret"],
        "scopes": ["sso:account:access"],
        "grantTypes": ["authorization_code", "refresh_token"],
    }
    assert client["expiresAt"] == token["registrationExpiresAt"]
    assert {path.name for path in work.tokens.iterdir()} == {work.token_file().name, registration.name}
    assert "Signed in to corp" in work.last_page.read_text()


@pytest.mark.shell
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_stored_token_is_private(umask: int, work: Work) -> None:
    before = os.umask(umask)
    try:
        work.signed_in("work")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in work.tokens.iterdir()} == {0o600}
    assert stat.S_IMODE(work.tokens.stat().st_mode) == 0o700


@pytest.mark.shell
def test_the_debian_aws_cli_uses_the_same_file_names(work: Work) -> None:
    python = need("AWS CLI v2 (Debian: awscli)", "/usr/bin/aws") and "/usr/bin/python3"
    work.signed_in("work", "--device")
    work.signed_in("old")
    script = (
        "import sys, os, json; from awscli.botocore.utils import SSOTokenFetcher, JSONFileCache\n"
        "cache = JSONFileCache(os.path.expanduser('~/.aws/sso/cache'))\n"
        "def refuse(*a, **k): raise SystemExit('prompted')\n"
        "for url, name, scopes in json.loads(sys.argv[1]):\n"
        "    fetcher = SSOTokenFetcher('us-east-1', refuse, cache)\n"
        "    print(fetcher.fetch_token(url, session_name=name, registration_scopes=scopes)['accessToken'])\n"
        "    print(fetcher._registration(url, name, scopes)['clientId'])\n"
    )
    portals = json.dumps([[START, "corp", ["sso:account:access"]], [OLD, None, None]])
    done = subprocess.run(
        [python, "-I", "-c", script, portals], env=work.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    tokens = [work.token(), work.token(OLD)]
    assert done.stdout.split() == [token[name] for token in tokens for name in ("accessToken", "clientId")]


@pytest.mark.shell
def test_a_client_is_registered_once(work: Work) -> None:
    work.signed_in("work")
    work.signed_in("work")
    assert len(work.center.of("/client/register")) == 1
    work.signed_in("work", "--device")  # needs a client of another kind
    assert len(work.center.of("/client/register")) == 2


@pytest.mark.shell
def test_a_client_unknown_to_the_service_is_registered_again(work: Work) -> None:
    work.signed_in("work", "--device")
    work.center.clients.clear()
    work.signed_in("work", "--device")
    assert len(work.center.of("/client/register")) == 2


@pytest.mark.shell
def test_an_unwritable_directory_is_reported_before_the_sign_in(work: Work) -> None:
    work.tokens.parent.mkdir()
    work.tokens.write_text("a file where a directory should be")
    assert str(work.tokens) in work.refused("login", "work")
    assert work.center.requests == []


# --- without a browser ------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_a_device_code_is_shown_and_polled_for(work: Work) -> None:
    work.center.device = ["AuthorizationPendingException"] * 3
    stderr = work.signed_in("work", "--device", "--no-browser")
    assert f"{work.center.url}/device?user_code=ABCD-EFGH" in stderr
    assert "\nABCD-EFGH\n" in stderr
    assert work.center.grants() == ["device_code"] * 4
    assert work.token()["refreshToken"] in work.center.refresh_tokens
    assert work.identity("--profile", "work").endswith("/ada@example.com")


@pytest.mark.shell
@pytest.mark.parametrize(
    "more",
    [
        {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"},
        {"BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""},
        {"BROWSER": "", "container": "podman", "DISPLAY": ":0"},
    ],
    ids=["over SSH", "without a display", "in a container"],
)
def test_a_device_code_is_used_where_no_browser_is_likely(more: dict[str, str], work: Work) -> None:
    work.signed_in("work", **more)
    assert work.center.grants() == ["device_code"]
    assert not work.center.of("/device")


def test_a_likely_browser_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "exists", lambda path: False)
    ssh = {"SSH_CONNECTION": "a b c d"}
    for platform, environ, likely in (
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "lynx"}, True),
        ("linux", {"DISPLAY": ":0", **ssh}, False),
        ("linux", {"DISPLAY": ":0", "container": "lxc"}, False),
        ("darwin", {}, True),
        ("darwin", ssh, False),
        ("win32", {}, True),
        ("win32", {"SSH_TTY": "/dev/pts/0"}, False),
    ):
        monkeypatch.setattr(sys, "platform", platform)
        assert browser.is_likely(environ) is likely, (platform, environ)


@pytest.mark.shell
def test_a_legacy_profile_is_signed_in_with_a_device_code(work: Work) -> None:
    work.center.interval, work.center.visited = 1, False
    work.signed_in("old")
    assert set(work.center.grants()) == {"device_code"}
    assert [body["startUrl"] for body in work.center.of("/device_authorization")] == [OLD]
    assert work.center.of("/device") == [{"user_code": "ABCD-EFGH"}]  # its page was opened
    assert "refreshToken" not in work.token(OLD)
    assert work.identity("--profile", "old").endswith("/ada@example.com")
    assert work.exported("old")["AWS_REGION"] == "eu-central-1"


@pytest.mark.shell
@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ("AccessDeniedException", "access was denied in the browser"),
        ("ExpiredTokenException", "the code was not confirmed in time; type awsenv login work again"),
        ("InvalidGrantException", "InvalidGrantException: as the test says"),
        ("InternalServerException", "InternalServerException: as the test says"),
    ],
)
def test_a_refusal_is_one_sentence(refusal: str, expected: str, work: Work) -> None:
    work.center.device = ["AuthorizationPendingException", *[refusal] * 3]  # server errors are retried twice
    assert expected in work.refused("login", "work", "--device")


class Scripted:
    """A service with scripted answers to CreateToken."""

    def __init__(self, answers: list[Exception | None], **more: int) -> None:
        self.answers = answers
        self.more = more

    def start_device_authorization(self, **_: object) -> dict[str, Any]:
        return {"deviceCode": "d", "userCode": "u", "verificationUri": "https://x", "expiresIn": 600, **self.more}

    def create_token(self, **_: object) -> dict[str, Any]:
        answer = self.answers.pop(0) if self.answers else RefusedError("AuthorizationPendingException", "")
        if answer:
            raise answer
        return {"accessToken": "t"}


PENDING, SLOWER = (RefusedError(f"{name}Exception", "") for name in ("AuthorizationPending", "SlowDown"))
DOWN, FAULT = UnreachableError("down"), RefusedError("InternalServerException", "")


@pytest.mark.parametrize(
    ("answers", "more", "waits"),
    [
        ([None], {}, [5]),
        ([PENDING, PENDING, None], {"interval": 2}, [2, 2, 2]),
        ([PENDING, SLOWER, SLOWER, None], {"interval": 1}, [1, 1, 6, 11]),
        ([DOWN, DOWN, PENDING, DOWN, None], {"interval": 1}, [1] * 5),
        ([DOWN, FAULT, PENDING, FAULT, None], {"interval": 1}, [1] * 5),
        ([DOWN, DOWN, DOWN], {"interval": 1}, UnreachableError),
        ([FAULT, FAULT, FAULT], {"interval": 1}, RefusedError),
        ([], {"interval": 100}, AwsenvError),
        ([], {"interval": 10, "expiresIn": 30}, AwsenvError),
    ],
)
def test_device_code_polling_follows_the_service(
    answers: list[Exception | None], more: dict[str, int], waits: Any
) -> None:
    portal = Portal("corp", START, "us-east-1", (), "work")
    waited: list[float] = []
    center: Any = Scripted(list(answers), **more)
    arguments = (center, portal, {"clientId": "i", "clientSecret": "s"}, lambda *_: None, 600)
    if isinstance(waits, list):
        assert device.sign_in(*arguments, wait=waited.append) == {"accessToken": "t"}
        assert waited == waits
    else:
        with pytest.raises(waits):
            device.sign_in(*arguments, wait=waited.append)
        assert sum(waited) <= 600


# --- timeouts and interrupts ------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_the_sign_in_times_out(work: Work) -> None:
    stderr = work.refused("login", "work", BROWSER="true", AWSENV_LOGIN_TIMEOUT="0.3")
    assert "no sign-in to corp within <1m; type awsenv login work, or awsenv login work --device" in stderr
    assert not list(work.tokens.iterdir())  # the client is not stored either: its page may have failed to load
    assert "AWSENV_LOGIN_TIMEOUT" in work.refused("login", "work", AWSENV_LOGIN_TIMEOUT="soon", code=2)


@pytest.mark.shell
@pytest.mark.parametrize("args", [["--no-browser"], ["--device"]], ids=str)
def test_ctrl_c_ends_the_sign_in(args: list[str], work: Work) -> None:
    work.center.device = ["AuthorizationPendingException"] * 1000
    work.center.interval = 1
    waiting = subprocess.Popen(
        [str(BIN / "awsenv"), "login", "work", *args],
        env=work.environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert waiting.stderr
    while "waiting" not in waiting.stderr.readline():
        assert waiting.poll() is None
    waiting.send_signal(signal.SIGINT)
    output = waiting.stderr.read()
    assert waiting.wait(10) == 130
    assert output == "awsenv: interrupted, nothing was changed\n"
    assert not list(work.tokens.glob(f"{CORP}*"))
    assert not list(work.tokens.glob("*.tmp"))


@pytest.mark.shell
def test_an_unreachable_service_is_reported(work: Work) -> None:
    stderr = work.refused("login", "work", AWS_ENDPOINT_URL_SSO_OIDC="http://127.0.0.1:9")
    assert "IAM Identity Center in us-east-1 cannot be reached" in stderr


@pytest.mark.shell
def test_the_callback_server_accepts_only_the_callback(work: Work) -> None:
    """It accepts only the right state and host name, and only once."""
    robot = work.path / "robot"
    robot.write_text(
        f"""#!{sys.executable} -I
import http.client, sys, urllib.parse, urllib.request
query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(sys.argv[1]).query))
home = urllib.parse.urlsplit(query["redirect_uri"])
def request(path, method="GET", **headers):
    connection = http.client.HTTPConnection(home.netloc)
    connection.request(method, path, headers=headers)
    return connection.getresponse().status
idle = http.client.HTTPConnection(home.netloc); idle.connect()  # as browsers do
state = "state=" + urllib.parse.quote(query["state"])
statuses = [
    request("/"),
    request("/favicon.ico"),
    request(home.path),
    request(home.path + "?code=x&state=y"),
    request(home.path + "?code=x&" + state, Host="evil.example:" + str(home.port)),
    request(home.path + "?code=x&" + state, "POST"),
]
open({str(work.last_page)!r}, "w").write(repr(statuses))
request(home.path + "?error=access_denied&error_description=n%1b%5b31mo&" + state)
"""
    )
    assert "access was denied in the browser" in work.refused("login", "work")
    assert work.last_page.read_text() == "[404, 404, 400, 400, 404, 501]"
    assert not work.center.of("/token")


# --- where to sign in -------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_login_finds_the_portal_of_the_profile_or_session(work: Work) -> None:
    work.signed_in("--sso-session", "other")
    assert work.token("other")["region"] == "eu-west-1"
    work.signed_in("behind")  # by its source profile
    work.signed_in(AWS_PROFILE="work")
    work.signed_in(AWS_DEFAULT_PROFILE="work")
    work.signed_in(AWSENV_PROFILE="old", AWS_PROFILE="gone")
    assert work.token(OLD)["startUrl"] == OLD
    stderr = work.refused("login", code=2)
    assert "awsenv login --sso-session corp, awsenv login --sso-session other, awsenv login old" in stderr
    work.config.write_text(CONFIG[: CONFIG.index("[sso-session other]")])
    work.signed_in(AWS_PROFILE="behind")
    work.signed_in()
    work.config.write_text("[profile keys]\naws_access_key_id = AKIAEXAMPLE\n")
    assert "no profile in" in work.refused("login")


@pytest.mark.shell
@pytest.mark.parametrize(
    ("args", "config", "expected"),
    [
        (["wrok"], "", "did you mean work?"),
        (["--sso-session", "crop"], "", "did you mean corp?"),
        (["p"], "[profile p]\nsso_session = gone\n", "no [sso-session gone], which profile p names,"),
        (["p"], "[profile p]\nsso_account_id = 1\n", "profile p has no sso_start_url and no sso_region"),
        (
            ["p"],
            "[sso-session s]\nsso_region = x\n[profile p]\nsso_session = s\n",
            "[sso-session s] has no sso_start_url",
        ),
        (["p"], "[profile p]\nregion = eu-west-1\n", "type awsenv login --sso-session corp or"),
        (["p"], "[profile p]\nlogin_session = arn:x\n", "type aws login --profile p"),
    ],
)
def test_missing_sso_settings_are_reported(args: list[str], config: str, expected: str, work: Work) -> None:
    work.config.write_text(CONFIG + config)
    assert expected in work.refused("login", *args)
    assert work.center.requests == []


@pytest.mark.shell
def test_a_profile_and_an_sso_session_together_are_rejected(work: Work) -> None:
    assert "does not go with" in work.refused("login", "work", "--sso-session", "corp", code=2)


# --- assume -----------------------------------------------------------------------------------------------------------


def assumed(work: Work, account: str, role: str, **more: str) -> dict[str, Any]:
    """The AssumeRole response to a process under another clock."""
    assert work.sts
    keys = {"AWS_ACCESS_KEY_ID": work.sts.key_id, "AWS_SECRET_ACCESS_KEY": work.sts.secret}
    script = (
        "import boto3, json, sys; sts = boto3.client('sts', region_name='us-east-1')\n"
        "given = sts.assume_role(RoleArn=sys.argv[1], RoleSessionName='ada@example.com')['Credentials']\n"
        "print(json.dumps({**given, 'Expiration': given['Expiration'].timestamp()}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, f"arn:aws:iam::{account}:role/{role}"],
        env=work.environment(**keys, **more),
        capture_output=True,
        text=True,
        check=True,
    )
    response = json.loads(done.stdout)
    return {**response, "Expiration": datetime.fromtimestamp(response["Expiration"], timezone.utc)}


@pytest.mark.shell
def test_an_expired_sign_in_is_renewed_silently(work: Work, clock: Clock) -> None:
    work.signed_in("work", **clock.environment)
    before = work.token()
    clock.move("+9h")
    work.center.credentials = lambda account, role: assumed(work, account, role, **clock.environment)
    values = work.exported("work", **clock.environment)
    assert work.center.grants() == ["authorization_code", "refresh_token"]
    assert work.identity(**values, **clock.environment).endswith("/ada@example.com")
    after = work.token()
    assert after["refreshToken"] in work.center.refresh_tokens
    assert after["accessToken"] != before["accessToken"]
    assert work.identity("--profile", "work", **clock.environment).endswith("/ada@example.com")
    assert work.center.grants() == ["authorization_code", "refresh_token"]


def break_sign_in(work: Work, how: str) -> None:
    """Make the sign-in expired, ended, missing or corrupt."""
    file = work.token_file()
    if how == "expired":
        file.write_text(json.dumps({**work.token(), "expiresAt": "2020-01-01T00:00:00Z"}))
        work.center.refresh_tokens.clear()
    elif how == "ended":
        work.center.access_tokens.clear()
    elif how == "gone":
        file.unlink()
    elif how == "corrupt":
        file.write_text('{"accessToken": ')
    elif how == "unusable":
        file.write_text('{"accessToken": 5, "expiresAt": "2099-01-01T00:00:00Z"}')
    elif how == "naive":
        file.write_text('{"accessToken": "x", "expiresAt": "2099-01-01T00:00:00"}')


@pytest.mark.shell
@pytest.mark.parametrize("how", ["gone", "expired", "ended", "corrupt", "unusable", "naive"])
@pytest.mark.parametrize("profile", ["work", "behind"])
def test_assume_without_a_terminal_prints_the_login_command(how: str, profile: str, work: Work) -> None:
    work.signed_in("work")
    break_sign_in(work, how)
    stderr = work.refused("assume", profile, "--shell", "bash")
    assert stderr.startswith(f"awsenv: profile {profile} needs a sign-in to IAM Identity Center: ")
    assert stderr.endswith("; type awsenv login work")


@pytest.mark.shell
def test_a_forbidden_role_is_reported(work: Work) -> None:
    work.signed_in("work")
    stderr = work.refused("assume", "forbidden", "--shell", "bash")
    assert "ForbiddenException" in stderr
    assert "awsenv login forbidden" in stderr


def at_terminal(work: Work, line: str, **more: str) -> pexpect.spawn:
    return pexpect.spawn(
        "/bin/bash",
        ["--norc", "-c", line],
        env=work.environment(**more),
        timeout=60,
        encoding="utf-8",
        dimensions=(50, 300),
    )


@pytest.mark.shell
@pytest.mark.parametrize(
    ("how", "answer", "options", "profile"),
    [
        ("gone", "", "", ""),
        ("expired", "y", "", ""),
        ("ended", "", "", ""),
        ("unusable", "", "", ""),
        ("gone", "", "--live", "work"),
        ("unusable", "", "--live", "work"),
    ],
)
def test_assume_on_a_terminal_offers_the_sign_in(how: str, answer: str, options: str, profile: str, work: Work) -> None:
    work.signed_in("work")
    break_sign_in(work, how)
    assume = f'eval "$(awsenv assume {options} work)"; echo "status $? profile $AWS_PROFILE."'
    child = at_terminal(work, f'{assume}; echo "was here: $BROWSER_WAS_HERE."; aws sts get-caller-identity')
    child.expect_exact("Sign in to corp now? [Y/n]")
    child.sendline(answer)
    child.expect_exact(f"status 0 profile {profile}.")
    child.expect_exact("was here: .")  # the shell does not evaluate the browser's output
    child.expect_exact("assumed-role/project1/ada@example.com")
    child.expect(pexpect.EOF)


@pytest.mark.slow
def test_a_live_shell_of_a_sign_in_survives_two_expirations(work: Work, clock: Clock) -> None:
    work.signed_in("work", **clock.environment)
    work.center.credentials = lambda account, role: assumed(work, account, role, **clock.environment)
    inside = {"AWS_PROFILE": work.exported("work", "--live", **clock.environment)["AWS_PROFILE"]}
    for offset in ("+0", "+9h", "+18h"):  # the token of the sign-in is valid for 8 hours
        clock.move(offset)
        assert work.identity(**inside, **clock.environment).endswith("/ada@example.com")
        checked = work.awsenv("check", AWSENV_PROFILE="work", AWSENV_OPTIONS="--live", **inside, **clock.environment)
        assert (checked.returncode, checked.stdout.partition(":")[0]) == (0, "work sign-in")
    assert work.center.grants() == ["authorization_code", "refresh_token", "refresh_token"]


@pytest.mark.shell
def test_a_declined_sign_in_prints_the_login_command(work: Work) -> None:
    child = at_terminal(work, 'eval "$(awsenv assume work)"; echo "status $?"')
    child.expect_exact("Sign in to corp now? [Y/n]")
    child.sendline("n")
    child.expect_exact("type awsenv login work")
    child.expect_exact("status 1")
    child = at_terminal(work, 'eval "$(awsenv assume work --no-input)"; echo "status $?"')
    child.expect("status 1")
    assert "[Y/n]" not in child.before
    assert work.center.requests == []


@pytest.mark.shell
def test_a_sign_in_from_another_shell_is_used(work: Work) -> None:
    child = at_terminal(work, 'eval "$(awsenv assume work)"; echo "status $?"')
    child.expect_exact("Sign in to corp now? [Y/n]")
    work.signed_in("work")
    child.sendline("y")
    child.expect_exact("status 0")
    assert work.center.grants() == ["authorization_code"]


@pytest.mark.shell
def test_a_sign_in_renewed_by_another_process_is_used(work: Work) -> None:
    """A refresh token works once: of two processes that renew a sign-in at the same moment, one is rejected."""
    work.signed_in("work")
    token = work.token()
    break_sign_in(work, "expired")

    def renewed_elsewhere(body: dict[str, Any]) -> dict[str, Any]:
        work.token_file().write_text(json.dumps(token))
        raise oidc.Refused("InvalidGrantException", "Invalid refresh token provided")

    work.center.token = renewed_elsewhere  # type: ignore[method-assign]
    assert work.exported("work", "--no-input")


@pytest.mark.shell
def test_concurrent_profiles_renew_their_sign_in_once(work: Work) -> None:
    names = [f"work{number}" for number in range(6)]
    section = work.config.read_text().partition("[profile work]\n")[2].partition("[")[0]
    more = "".join(f"[profile {name}]\n{section}".replace(ACCOUNT, f"11111111111{name[-1]}") for name in names)
    work.config.write_text(f"{work.config.read_text()}\n{more}")
    work.signed_in("work")
    work.token_file().write_text(json.dumps({**work.token(), "expiresAt": "2020-01-01T00:00:00Z"}))
    answer, credentials = work.center.token, work.center.credentials
    work.center.credentials = lambda account, role: credentials(ACCOUNT, role)  # STS has one account

    def slowly(body: dict[str, Any]) -> dict[str, Any]:
        response = answer(body)
        threading.Event().wait(0.5)  # meanwhile the others are refused, or wait
        return response

    work.center.token = slowly  # type: ignore[method-assign]
    with ThreadPoolExecutor(len(names)) as pool:
        results = list(pool.map(lambda name: work.awsenv("assume", name, "--no-input", "--format", "json"), names))
    assert [done.returncode for done in results] == [0] * len(names), [done.stderr for done in results]
    assert work.center.grants().count("refresh_token") == 1


# --- logout -----------------------------------------------------------------------------------------------------------


def files(work: Work) -> set[str]:
    return {str(path.relative_to(work.path)) for path in (work.path / ".aws").rglob("*") if path.is_file()}


@pytest.mark.shell
def test_logout_removes_the_role_sessions_based_on_the_sign_in(work: Work) -> None:
    work.signed_in("work")
    work.exported("behind")
    assert len(list(work.cache.iterdir())) == 2
    assert work.awsenv("logout", "work").returncode == 0
    assert not list(work.cache.iterdir())
    assert "sign-in to IAM Identity Center: you are not signed in;" in work.refused("assume", "behind", "--no-input")


@pytest.mark.shell
def test_logout_removes_only_what_the_sign_ins_obtained(work: Work) -> None:
    work.cache.mkdir(parents=True)
    work.tokens.mkdir(parents=True)
    (work.cache / "session.db").write_text("of the AWS CLI")
    (work.cache / f"{'0' * 40}.json").write_text('{"Credentials": {"AccessKeyId": "of a role"}}')
    (work.cache / f"{'1' * 40}.json").write_text("corrupt")
    (work.tokens / "editor-auth-token.json").write_text('{"accessToken": "of another program"}')
    for args in (["work"], ["--sso-session", "other"], ["old"]):
        work.signed_in(*args)
    tokens = {work.token(name)["accessToken"] for name in ("corp", "other", OLD)}
    before = files(work) - {str(work.token_file(name).relative_to(work.path)) for name in ("corp", "other", OLD)}
    for profile in ("work", "elsewhere", "old"):
        work.exported(profile)
    done = work.awsenv("logout")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert files(work) == before
    assert set(work.center.logged_out) == tokens
    assert "needs a sign-in" in work.refused("assume", "work", "--shell", "sh")
    assert work.awsenv("logout").returncode == 0  # nothing is left to do


@pytest.mark.shell
@pytest.mark.parametrize("args", [["--sso-session", "corp"], ["work"]], ids=str)
def test_logout_of_one_session_keeps_the_others(args: list[str], work: Work) -> None:
    for name in ("work", "elsewhere"):
        work.signed_in(name)
        work.exported(name)
    token = work.token()["accessToken"]
    assert work.awsenv("logout", *args).returncode == 0
    assert work.center.logged_out == [token]
    work.exported("elsewhere", AWS_ENDPOINT_URL_SSO="http://127.0.0.1:9")  # from the cache
    assert "needs a sign-in" in work.refused("assume", "work", "--shell", "sh")


@pytest.mark.shell
def test_logout_removes_an_expired_sign_in(work: Work) -> None:
    work.signed_in("work")
    break_sign_in(work, "ended")
    assert work.awsenv("logout").returncode == 0
    assert not list(work.tokens.glob(f"{CORP}*"))


@pytest.mark.shell
def test_a_rejected_sign_out_is_reported(work: Work) -> None:
    work.signed_in("work")
    work.center.log_out_refusal = (429, "TooManyRequestsException", "too many requests")
    assert "it was rejected with TooManyRequestsException: too many requests" in work.refused("logout")
    assert not list(work.tokens.glob(f"{CORP}*"))


@pytest.mark.shell
def test_logout_removes_files_when_the_service_is_unreachable(work: Work) -> None:
    work.signed_in("work")
    work.exported("work")
    stderr = work.refused("logout", AWS_ENDPOINT_URL_SSO="http://127.0.0.1:9")
    assert "signed out on this machine, but the sign-in could not be revoked" in stderr
    assert not list(work.tokens.glob(f"{CORP}*"))
    assert not list(work.cache.glob("*.json"))


@pytest.mark.shell
def test_logout_removes_sessions_from_the_keyring_and_the_files(work: Work) -> None:
    more = {"AWSENV_CACHE": "keyring", "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}
    work.signed_in("work")
    work.signed_in("elsewhere")
    work.exported("work")
    for name in ("work", "elsewhere"):
        work.exported(name, **more)
    assert work.awsenv("logout", "work", **more).returncode == 0
    assert not list(work.cache.glob("*.json"))
    work.exported("elsewhere", AWS_ENDPOINT_URL_SSO="http://127.0.0.1:9", **more)  # from the keyring
    assert "needs a sign-in" in work.refused("assume", "work", "--shell", "sh", **more)
    assert work.awsenv("logout", **more).returncode == 0
    assert "needs a sign-in" in work.refused("assume", "elsewhere", "--shell", "sh", **more)


# --- an unwritable cache ----------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_an_unstorable_sign_in_still_serves_the_assume_that_offered_it(work: Work) -> None:
    work.tokens.parent.mkdir(exist_ok=True)
    work.tokens.write_text("a file where a directory should be")
    child = at_terminal(work, 'eval "$(awsenv assume work)"; echo "status $?"; aws sts get-caller-identity')
    child.expect_exact("Sign in to corp now? [Y/n]")
    child.sendline("y")
    child.expect_exact(f"the sign-in is valid, but was not stored: cannot write to {work.tokens}")
    child.expect_exact("status 0")
    child.expect_exact("assumed-role/project1/ada@example.com")
    child.expect(pexpect.EOF)
