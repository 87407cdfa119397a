"""The doctor on the connection to AWS: every way in which it fails."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.answers import CHECKS, UNKNOWN, Scripted, look, running
from support.homes import Home
from support.programs import need

from awsenv.credentials.identity import Answer, ConnectionFailure
from awsenv.doctor import examine
from awsenv.doctor.answers import Answers, EndpointProbe
from awsenv.doctor.checks import endpoints, network
from awsenv.doctor.context import Context


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate, and its key, in one file."""
    both = tmp_path / "both.pem"
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    command = [need("openssl", shutil.which("openssl")), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, "-keyout", both, "-out", tmp_path / "cert.pem", *names], check=True, capture_output=True)
    with both.open("a") as file:
        file.write((tmp_path / "cert.pem").read_text())
    return both


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.shell
def test_a_healthy_setup_has_no_findings(home: Home) -> None:
    assert look(home, "chained", **home.exported("project1")) == []
    assert look(home, "project1") == []  # with nothing exported
    assert look(home) == []


def test_the_online_checks_cache_nothing(home: Home) -> None:
    """And the environment of the process is unchanged."""
    before = dict(os.environ)
    assert look(home, "chained") == []
    assert not home.cache.exists()
    assert dict(os.environ) == before


def test_a_closed_port_is_unreachable(home: Home) -> None:
    (finding,) = look(home, AWS_ENDPOINT_URL="http://127.0.0.1:9", **UNKNOWN)
    assert finding.check.id == "endpoint-unreachable"
    assert finding.what == "the STS of region us-east-1 cannot be reached (TCP): connection refused"
    assert "AWS_ENDPOINT_URL=http://127.0.0.1:9" in finding.evidence
    assert (
        finding.instructions == "start the server that should answer there, or call AWS itself: unset AWS_ENDPOINT_URL"
    )


def test_an_unreachable_endpoint_of_the_profile_is_named(home: Home) -> None:
    home.config.write_text(home.config.read_text() + "endpoint_url = http://127.0.0.1:9\n")
    environ = home.environment()
    del environ["AWS_ENDPOINT_URL"]
    (finding,) = examine(Context(environ, int(time.time()), "temporary"), CHECKS)
    assert finding.check.id == "endpoint-unreachable"
    line = len(home.config.read_text().splitlines())
    assert finding.instructions.endswith(f"remove endpoint_url from {home.config}:{line}")


@pytest.mark.parametrize("url", ["nonsense", "http://"])
def test_an_invalid_endpoint_is_not_probed(url: str, home: Home) -> None:
    assert look(home, AWS_ENDPOINT_URL=url, **UNKNOWN) == []  # that needs no network to say so
    (finding,) = endpoints.endpoint_malformed.look(
        Context(home.environment() | {"AWS_ENDPOINT_URL": url}, int(time.time()))
    )
    assert "unset AWS_ENDPOINT_URL" in finding.instructions


def test_a_silent_server_is_given_up_in_time(home: Home, silent: str) -> None:
    """Neither the exported credentials nor the chain of the profile."""
    started = time.monotonic()
    (finding,) = look(home, "chained", AWS_ENDPOINT_URL=silent, **UNKNOWN)
    assert time.monotonic() - started < 9
    assert "(answer): connected, but no answer in time" in finding.what


@pytest.mark.parametrize(
    ("region", "fix"),
    [
        ("eu-centrall-1", "use an existing region: did you mean eu-central-1"),
        ("eu-central-1", "check the name server, the VPN and the network: nslookup sts.eu-central-1.amazonaws.com"),
    ],
)
def test_an_unresolved_name_has_a_fix_for_its_region(region: str, fix: str, home: Home) -> None:
    """The name server does not know the name; only the region can be wrong."""
    environ = home.environment()
    del environ["AWS_ENDPOINT_URL"]
    failure = ConnectionFailure("DNS", "the name cannot be resolved")
    answer = Answer(f"https://sts.{region}.amazonaws.com", 0, 0, failure=failure)
    context = Context(
        environ, int(time.time()), answers=Answers((EndpointProbe(region, None, answer),), None, None, ())
    )
    (finding,) = network.endpoint_unreachable.look(context)
    assert finding.what == f"the STS of region {region} cannot be reached (DNS): the name cannot be resolved"
    assert finding.instructions.startswith(fix)


def test_an_unknown_host_is_unreachable(home: Home) -> None:
    (finding,) = look(home, AWS_ENDPOINT_URL="http://sts.invalid", **UNKNOWN)
    assert "(DNS): the name cannot be resolved" in finding.what


@pytest.mark.shell
def test_a_self_signed_certificate_is_reported(home: Home, certificate: Path) -> None:
    with running(certificate) as (_, url):
        (finding,) = look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)
        assert "(TLS): certificate verify failed: self-signed certificate" in finding.what
        assert finding.fix == "export AWS_CA_BUNDLE=FILE"
        bundle = str(certificate.parent / "cert.pem")
        assert look(home, AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=bundle, **UNKNOWN) == []


@pytest.mark.shell
def test_a_wrong_ca_bundle_is_reported(home: Home, certificate: Path) -> None:
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


@pytest.mark.shell
def test_a_refusing_proxy_is_reported_without_its_password(
    home: Home, scripted: tuple[Scripted, str], certificate: Path
) -> None:
    """Through a tunnel, and with a plain http endpoint."""
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


def test_a_missing_proxy_is_reported(home: Home) -> None:
    (finding,) = look(home, HTTP_PROXY="http://127.0.0.1:9", **UNKNOWN)
    assert "(proxy): 127.0.0.1:9: " in finding.what
    assert "refused" in finding.what


def test_an_answer_from_another_server_is_reported(home: Home, scripted: tuple[Scripted, str]) -> None:
    """As the sign-in page of a hotel does."""
    server, url = scripted
    server.refusals["GetCallerIdentity"] = (511, "", "")
    _Page.url = url
    page = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    (finding,) = look(home, AWS_ENDPOINT_URL=f"http://127.0.0.1:{page.server_address[1]}", **UNKNOWN)
    page.shutdown()
    page.server_close()
    assert "(answer): the answer is not from AWS" in finding.what


class _Page(BaseHTTPRequestHandler):
    url = ""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><p>Welcome to the hotel<br>")

    def log_message(self, *_: object) -> None:
        pass
