"""The doctor's checks of the connection to AWS, and every failure of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from support.answers import CHECKS, UNKNOWN, Scripted, look, running
from support.homes import Home
from support.programs import need
from support.servers import answering

from awsenv.credentials.identity import Answer, ConnectionFailure
from awsenv.doctor import examine
from awsenv.doctor.answers import Answers, EndpointProbe
from awsenv.doctor.checks import endpoints, network
from awsenv.doctor.context import Context


def make_certificate(path: Path, *options: str) -> Path:
    """Write a self-signed certificate, and its key into a file beside it."""
    command = [need("openssl", shutil.which("openssl")), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*command, "-keyout", f"{path}.key", "-out", path, *options], check=True, capture_output=True)
    return path


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate of this machine, and its key, in one file."""
    bundle = make_certificate(tmp_path / "cert.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    both = tmp_path / "both.pem"
    both.write_text(Path(f"{bundle}.key").read_text() + bundle.read_text())
    return both


@pytest.mark.shell
def test_a_healthy_setup_has_no_findings(home: Home) -> None:
    assert look(home, "chained", **home.exported("project1")) == []
    assert look(home, "project1") == []  # with nothing exported
    assert look(home) == []


def test_the_online_checks_cache_nothing(home: Home) -> None:
    """They leave the environment of the process unchanged, too."""
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
    assert look(home, AWS_ENDPOINT_URL=url, **UNKNOWN) == []  # an offline check reports it
    (finding,) = endpoints.endpoint_malformed.look(
        Context(home.environment() | {"AWS_ENDPOINT_URL": url}, int(time.time()))
    )
    assert "unset AWS_ENDPOINT_URL" in finding.instructions


def test_a_silent_server_times_out(home: Home, listener: str) -> None:
    """Both requests are sent: for the exported credentials, and for the chain of the profile."""
    start = time.monotonic()
    (finding,) = look(home, "chained", AWS_ENDPOINT_URL=listener, **UNKNOWN)
    assert time.monotonic() - start < 9
    assert "(answer): connected, but no answer in time" in finding.what


@pytest.mark.parametrize(
    ("region", "fix"),
    [
        ("eu-centrall-1", "use an existing region: did you mean eu-central-1"),
        ("eu-central-1", "check the name server, the VPN and the network: nslookup sts.eu-central-1.amazonaws.com"),
    ],
)
def test_an_unresolved_name_has_a_fix_for_its_region(region: str, fix: str, home: Home) -> None:
    """The region may be misspelled, or the name server cannot be reached."""
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
    other = make_certificate(certificate.parent / "other.pem", "-subj", "/CN=other")
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
        direct = {"HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1", "AWS_CA_BUNDLE": str(certificate.parent / "cert.pem")}
        assert look(home, AWS_ENDPOINT_URL=url, **direct, **UNKNOWN) == []


def test_a_missing_proxy_is_reported(home: Home) -> None:
    (finding,) = look(home, HTTP_PROXY="http://127.0.0.1:9", **UNKNOWN)
    assert "(proxy): 127.0.0.1:9: " in finding.what
    assert "refused" in finding.what


def test_an_answer_from_another_server_is_reported(home: Home) -> None:
    """The network of a hotel answers with its sign-in page."""
    with answering(lambda _: (200, "<!DOCTYPE html><p>Welcome to the hotel<br>")) as url:
        (finding,) = look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)
    assert "(answer): the answer is not from AWS" in finding.what
