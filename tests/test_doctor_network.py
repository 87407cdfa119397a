"""What AWS is asked by the doctor: every way not to reach it, and what it says of the credentials in force."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from support.clock import Clock
from support.homes import Home
from support.programs import need
from support.scripted_sts import CHAINED, TOO_LONG, scripted_sts
from support.sts import ACCOUNT

from awsenv import doctor
from awsenv.credentials.identity import Answer, ConnectionFailure
from awsenv.doctor import examine
from awsenv.doctor.check import Finding
from awsenv.doctor.checks import endpoints, network
from awsenv.doctor.context import Context
from awsenv.doctor.probe import Answers, EndpointProbe

CHECKS = [check for id in ("network", "sts-answers", "sts-chain") for check in doctor.group(id).checks]
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"
UNKNOWN = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "FwoGx"}


def look(home: Home, named: str | None = None, **more: str) -> list[Finding]:
    """What the checks find that ask AWS."""
    return examine(Context(home.environment() | more, int(time.time()), named), CHECKS)


def ids(findings: list[Finding]) -> list[str]:
    return [finding.check.id for finding in findings]


# --- a server that says what it is told to ----------------------------------------------------------------------------


class Scripted(ThreadingHTTPServer):
    """An STS and an IAM that know every key; `refusals` says what they refuse: action -> status, code and message."""

    daemon_threads = True
    arn = "arn:aws:iam::123456789012:user/ada"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.refusals: dict[str, tuple[int, str, str]] = {}
        self.asked: list[str] = []
        self.date: str | None = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def do_POST(self) -> None:
        call = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        action = call["Action"][0]
        self.server.asked.append(action)
        refusal = self.server.refusals.get(action)
        if self.headers["Authorization"] is None:
            refusal = (403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        if refusal is not None:
            status, code, message = refusal
            self.say(
                status, f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            )
            return
        inner = f"<Arn>{self.server.arn}</Arn><Account>123456789012</Account><UserId>AIDA</UserId>"
        if action == "AssumeRole":
            inner = (
                "<Credentials><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            )
        self.say(200, f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>")

    def do_CONNECT(self) -> None:
        self.say(403, "this proxy lets nobody through")

    def say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(certificate: Path | None = None) -> Iterator[tuple[Scripted, str]]:
    server = Scripted()
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server, f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def scripted() -> Iterator[tuple[Scripted, str]]:
    with running() as both:
        yield both


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that nobody has signed, and its key, in one file."""
    both = tmp_path / "both.pem"
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    command = [need("openssl", shutil.which("openssl")), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, "-keyout", both, "-out", tmp_path / "cert.pem", *names], check=True, capture_output=True)
    with both.open("a") as file:
        file.write((tmp_path / "cert.pem").read_text())
    return both


# --- the way ----------------------------------------------------------------------------------------------------------


def test_of_a_healthy_set_up_nothing_is_said(home: Home) -> None:
    assert look(home, "chained", **home.exported("project1")) == []
    assert look(home, "project1") == []  # with nothing exported
    assert look(home) == []


def test_what_is_asked_is_not_kept(home: Home) -> None:
    """And the environment of the process is what it was."""
    before = dict(os.environ)
    assert look(home, "chained") == []
    assert not home.cache.exists()
    assert dict(os.environ) == before


def test_a_closed_port(home: Home) -> None:
    (finding,) = look(home, AWS_ENDPOINT_URL="http://127.0.0.1:9", **UNKNOWN)
    assert finding.check.id == "endpoint-unreachable"
    assert finding.what == "the STS of region us-east-1 cannot be reached (TCP): connection refused"
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:9" in finding.evidence
    assert (
        finding.instructions == "start the server that should answer there, or call AWS itself: unset AWS_ENDPOINT_URL"
    )


def test_the_endpoint_may_stand_in_the_profile(home: Home) -> None:
    home.config.write_text(home.config.read_text() + "endpoint_url = http://127.0.0.1:9\n")
    environ = home.environment()
    del environ["AWS_ENDPOINT_URL"]
    (finding,) = examine(Context(environ, int(time.time()), "temporary"), CHECKS)
    assert finding.check.id == "endpoint-unreachable"
    line = len(home.config.read_text().splitlines())
    assert finding.instructions.endswith(f"remove endpoint_url from {home.config}:{line}")


@pytest.mark.parametrize("url", ["nonsense", "http://"])
def test_an_endpoint_that_is_none(url: str, home: Home) -> None:
    assert look(home, AWS_ENDPOINT_URL=url, **UNKNOWN) == []  # that needs no network to say so
    (finding,) = endpoints.endpoint_malformed.look(
        Context(home.environment() | {"AWS_ENDPOINT_URL": url}, int(time.time()))
    )
    assert "unset AWS_ENDPOINT_URL" in finding.instructions


def test_a_server_that_never_answers_holds_nobody_up_for_long(home: Home, silent: str) -> None:
    """Neither the exported credentials nor the chain of the profile."""
    started = time.monotonic()
    (finding,) = look(home, "chained", AWS_ENDPOINT_URL=silent, **UNKNOWN)
    assert time.monotonic() - started < 9
    assert "(answer): connected, but no answer in time" in finding.what


@pytest.mark.parametrize(
    ("region", "cure"),
    [
        ("eu-centrall-1", "use an existing region: did you mean eu-central-1"),
        ("eu-central-1", "check the name server, the VPN and the network: nslookup sts.eu-central-1.amazonaws.com"),
    ],
)
def test_a_name_that_cannot_be_resolved(region: str, cure: str, home: Home) -> None:
    """The name server has said so; in which region it is is all that there is to know."""
    environ = home.environment()
    del environ["AWS_ENDPOINT_URL"]
    failure = ConnectionFailure("DNS", "the name cannot be resolved")
    answer = Answer(f"https://sts.{region}.amazonaws.com", 0, 0, failure=failure)
    context = Context(
        environ, int(time.time()), answers=Answers((EndpointProbe(region, None, answer),), None, None, ())
    )
    (finding,) = network.endpoint_unreachable.look(context)
    assert finding.what == f"the STS of region {region} cannot be reached (DNS): the name cannot be resolved"
    assert finding.instructions.startswith(cure)


def test_a_host_that_there_is_not(home: Home) -> None:
    (finding,) = look(home, AWS_ENDPOINT_URL="http://sts.invalid", **UNKNOWN)
    assert "(DNS): the name cannot be resolved" in finding.what


def test_a_certificate_that_nobody_has_signed(home: Home, certificate: Path) -> None:
    with running(certificate) as (_, url):
        (finding,) = look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)
        assert "(TLS): certificate verify failed: self-signed certificate" in finding.what
        assert finding.fix == "export AWS_CA_BUNDLE=FILE"
        bundle = str(certificate.parent / "cert.pem")
        assert look(home, AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=bundle, **UNKNOWN) == []


def test_a_bundle_of_certificates_without_the_right_one(home: Home, certificate: Path) -> None:
    other = certificate.parent / "other.pem"
    names = ("-subj", "/CN=other", "-keyout", str(other) + ".key", "-out", other)
    command = [need("openssl", shutil.which("openssl")), "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names]
    subprocess.run(command, check=True, capture_output=True)
    with running(certificate) as (_, url):
        for bundle in (other, Path("/nowhere.pem")):
            (finding,) = look(home, AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=str(bundle), **UNKNOWN)
            assert "(TLS)" in finding.what
            assert f"AWS_CA_BUNDLE={bundle}" in finding.evidence
            assert finding.fix == "unset AWS_CA_BUNDLE"


def test_a_proxy_that_refuses_says_so_and_its_password_is_not_shown(
    home: Home, scripted: tuple[Scripted, str], certificate: Path
) -> None:
    """By a tunnel, and where the endpoint is http by itself."""
    proxy = scripted[1].replace("//", "//ada:sesame@")
    with running(certificate) as (_, url):
        (finding,) = look(home, AWS_ENDPOINT_URL=url, HTTPS_PROXY=proxy, **UNKNOWN)
        assert "(proxy)" in finding.what
        assert "403" in finding.what
        assert "unset HTTPS_PROXY" in finding.instructions
        assert f"HTTPS_PROXY={proxy.replace('ada:sesame', '…')}" in finding.evidence
        assert "sesame" not in repr(finding)
        past = {"HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1", "AWS_CA_BUNDLE": str(certificate.parent / "cert.pem")}
        assert look(home, AWS_ENDPOINT_URL=url, **past, **UNKNOWN) == []


def test_a_proxy_that_is_not_there(home: Home) -> None:
    (finding,) = look(home, HTTP_PROXY="http://127.0.0.1:9", **UNKNOWN)
    assert "(proxy): 127.0.0.1:9: " in finding.what
    assert "refused" in finding.what


def test_somebody_else_who_answers(home: Home, scripted: tuple[Scripted, str]) -> None:
    """As the sign-in page of a hotel does."""
    server, url = scripted
    server.refusals["GetCallerIdentity"] = (511, "", "")
    _Page.url = url
    page = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    (finding,) = look(home, AWS_ENDPOINT_URL=f"http://127.0.0.1:{page.server_address[1]}", **UNKNOWN)
    page.shutdown()
    page.server_close()
    assert "(answer): the answer is none of AWS's" in finding.what


class _Page(BaseHTTPRequestHandler):
    url = ""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><p>Welcome to the hotel<br>")

    def log_message(self, *_: object) -> None:
        pass


# --- the exported credentials ------------------------------------------------------------------------------------------------


def test_a_session_that_has_expired_though_no_variable_says_so(home: Home, clock: Clock) -> None:
    clock.move("-2h")
    values = home.exported("project1", **clock.environment)
    clock.move("+0")
    del values["AWS_CREDENTIAL_EXPIRATION"]
    (finding,) = look(home, **values)
    assert finding.check.id == "exported-expired"
    assert finding.what == "AWS says that the exported session has expired"
    assert finding.instructions == "awsenv assume project1 --refresh"  # the cache knows whose it was
    assert f"AWS_ACCESS_KEY_ID=…{values['AWS_ACCESS_KEY_ID'][-4:]}" in finding.evidence
    later = {"AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z"}  # of other keys
    assert "although it should have" in look(home, **values, **later)[0].what
    before = {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}
    assert look(home, **values, **before) == []  # that needs no AWS to say so


def test_keys_that_nobody_knows(home: Home) -> None:
    (finding,) = look(home, **UNKNOWN)
    assert finding.check.id == "exported-unknown"
    assert "GetCallerIdentity: InvalidClientTokenId: The security token included in the request is invalid." in (
        finding.evidence
    )
    assert SECRET not in repr(finding)


def test_a_secret_of_another_key(home: Home) -> None:
    values = home.exported("user1")
    assert ids(look(home, **{**values, "AWS_SECRET_ACCESS_KEY": SECRET})) == ["exported-wrong-secret"]
    assert look(home, **values) == []


def test_what_aws_refuses_for_another_reason(home: Home, scripted: tuple[Scripted, str]) -> None:
    server, url = scripted
    server.refusals["GetCallerIdentity"] = (403, "AccessDenied", "with an explicit deny in a service control policy")
    (finding,) = look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)
    assert finding.check.id == "exported-refused"
    server.refusals["GetCallerIdentity"] = (403, "RegionDisabledException", "STS is not activated in this region")
    assert ids(look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)) == ["region-disabled"]
    server.refusals.clear()
    server.arn = "arn:aws:sts::123456789012:assumed-role/project1/ada"
    assert look(home, AWS_ENDPOINT_URL=url, **UNKNOWN) == []


def test_keys_of_somebody_else_than_the_prompt_says(home: Home) -> None:
    user, role = home.exported("user1"), home.exported("project1")
    (finding,) = look(home, AWSENV_PROFILE="project1", **user)
    assert finding.check.id == "other-identity"
    assert f"arn:aws:iam::{ACCOUNT}:user/user1" in finding.what
    assert look(home, AWSENV_PROFILE="project1", **role) == []
    assert look(home, AWSENV_PROFILE="gone", **role) == []
    chained = home.exported("chained")
    assert look(home, AWSENV_PROFILE="project1", AWSENV_OPTIONS="--chain=arn:aws:iam::1:role/x", **chained) == []


def test_a_session_that_iam_does_not_take(home: Home, scripted: tuple[Scripted, str]) -> None:
    server, url = scripted
    server.refusals["GetUser"] = (403, "InvalidClientTokenId", "The security token included in the request is invalid")
    assert ids(look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)) == ["session-without-mfa"]
    server.refusals["GetUser"] = (403, "AccessDenied", "not authorized to perform: iam:GetUser")
    assert look(home, AWS_ENDPOINT_URL=url, **UNKNOWN) == []  # it is taken, and that is all
    server.asked.clear()
    server.arn = "arn:aws:sts::123456789012:assumed-role/project1/ada"
    look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)
    assert "GetUser" not in server.asked


# --- the chain --------------------------------------------------------------------------------------------------------


def test_a_cached_session_that_aws_refuses(home: Home) -> None:
    """It is of another endpoint."""
    with scripted_sts() as other:
        other.longest = 43200
        home.exported("project1", AWS_ENDPOINT_URL_STS=other.url)
    (finding,) = look(home, "project1")
    assert finding.check.id == "cached-session-refused"
    assert "of profile project1, which should have" in finding.what
    assert finding.instructions == "awsenv assume project1 --refresh"
    assert home.awsenv("assume", "project1", "--refresh", "--shell", "sh").returncode == 0  # which cures it
    assert look(home, "project1") == []


@pytest.mark.parametrize(
    ("key", "secret", "says"),
    [
        ("AKIAQWERTYUIOPASDFGH", SECRET, "AWS does not know it"),
        (None, SECRET, "the secret access key does not belong to it"),
    ],
)
def test_keys_of_a_profile_that_aws_refuses(key: str | None, secret: str, says: str, home: Home) -> None:
    assert home.sts is not None
    home.credentials.write_text(
        f"[user1]\naws_access_key_id = {key or home.sts.key_id}\naws_secret_access_key = {secret}\n"
    )
    (finding,) = look(home, "chained")
    assert finding.check.id == "profile-keys-refused"
    assert finding.what.endswith(f"of profile user1: {says}")
    assert f"{home.credentials}:2" in finding.evidence
    assert secret not in repr(finding)


@pytest.mark.parametrize("profile", ["closed", "guarded"])
def test_a_role_that_may_not_be_assumed(profile: str, home: Home) -> None:
    (finding,) = look(home, profile)
    assert finding.check.id == "role-denied"
    role = f"arn:aws:iam::{ACCOUNT}:role/{profile}"
    assert finding.what == f"arn:aws:iam::{ACCOUNT}:user/user1 may not assume {role} (profile {profile})"
    assert any("external id" in line and "the profile has no external_id" in line for line in finding.evidence)
    home.config.write_text(home.config.read_text().replace("role/guarded", "role/guarded\nexternal_id = open sesame"))
    assert ids(look(home, profile)) == (["role-denied"] if profile == "closed" else [])


@pytest.mark.parametrize(
    ("message", "id"), [(TOO_LONG, "duration-refused"), (CHAINED, "duration-refused"), ("else", "profile-refused")]
)
def test_a_duration_that_the_role_does_not_allow(
    message: str, id: str, home: Home, scripted: tuple[Scripted, str]
) -> None:
    server, url = scripted
    server.refusals["AssumeRole"] = (400, "ValidationError", message)
    home.config.write_text(
        home.config.read_text().replace("role/project1\n", "role/project1\nduration_seconds = 43200\n", 1)
    )
    (finding,) = look(home, "project1", AWS_ENDPOINT_URL=url)
    assert finding.check.id == id
    if id == "duration-refused":
        assert f"{home.config}:6" in finding.evidence
        assert finding.instructions.endswith("awsenv assume project1 --duration max")
    server.refusals.clear()
    assert look(home, "project1", AWS_ENDPOINT_URL=url) == []


@pytest.mark.parametrize("setting", ["mfa_serial = arn:aws:iam::1:mfa/ada", "mfa_process = touch {mark}; echo 123456"])
def test_nobody_is_asked_for_a_code(setting: str, home: Home, scripted: tuple[Scripted, str]) -> None:
    server, url = scripted
    mark = home.path / "mark"
    serial = "mfa_serial = arn:aws:iam::1:mfa/ada\n" if "process" in setting else ""
    added = f"role/project1\n{serial}{setting.format(mark=mark)}\n"
    home.config.write_text(home.config.read_text().replace("role/project1\n", added, 1))
    (finding,) = look(home, "project1", AWS_ENDPOINT_URL=url)
    assert finding.what == "not checked: profile project1 needs an MFA code, and no session of it is cached"
    assert "AssumeRole" not in server.asked
    assert not mark.exists()


def test_no_process_is_started_that_could_ask(home: Home) -> None:
    mark = home.path / "mark"
    home.config.write_text(f"[profile p]\nregion = us-east-1\ncredential_process = touch {mark}\n")
    (finding,) = look(home, "p")
    assert finding.what == "not checked: profile p runs a credential_process, and no session of it is cached"
    assert not mark.exists()


@pytest.mark.parametrize(
    "broken",
    [
        lambda home: home.config.write_text("[profile p\n"),
        lambda home: home.config.write_text("[profile project1]\nrole_arn = x\nsource_profile = gone\n"),
        lambda home: home.config.write_text("[profile project1]\nrole_arn = x\nsource_profile = project1\n"),
        lambda home: home.config.unlink(),
    ],
    ids=["unreadable", "source missing", "circle", "no file"],
)
def test_what_is_wrong_in_the_files_is_for_others_to_say(broken: Callable[[Home], object], home: Home) -> None:
    """And AWS is asked of the exported credentials all the same."""
    broken(home)
    assert ids(look(home, "project1", **UNKNOWN)) == ["exported-unknown"]
    assert look(home, "project1") == []
