"""The doctor's checks of the credentials endpoint of a container, and of `awsenv exec --server`."""

from __future__ import annotations

import pytest
from support.aws_files import DEAD, KEY, KEYS, NOW, REGION, ROLE, SECRET, AwsFiles
from support.credential_sources import (
    ASIA,
    BY_ID,
    CHECKS,
    EXPORTED,
    FULL,
    HOUR,
    RELATIVE,
    TOKEN_FILE,
)

from awsenv.doctor.check import ERROR, NOTE, WARNING, AutoFix
from awsenv.doctor.checks.environment_origin import empty_variable
from awsenv.doctor.context import Context
from awsenv.environment import Session
from awsenv.server import Renewer, served

TOKEN_VARIABLE = "AWS_CONTAINER_AUTHORIZATION_TOKEN"


@pytest.mark.parametrize(
    "environment",
    [
        {FULL: "{listener}", TOKEN_VARIABLE: "t"},
        {FULL: "{localhost}"},
        {FULL: "http://169.254.170.23/v1/credentials"},
        {FULL: "https://example.com/x"},
        {RELATIVE: "/x"},
    ],
)
def test_a_healthy_container_has_no_findings(environment: dict[str, str], place: AwsFiles, listener: str) -> None:
    urls = {"listener": listener, "localhost": listener.replace("127.0.0.1", "localhost")}
    environment = {name: value.format(**urls) for name, value in environment.items()}
    place.write(f"[default]\n{REGION}[profile a]\n{REGION}[profile b]\n{ROLE}credential_source = EcsContainer\n")
    for profile in ({}, {"AWS_PROFILE": "a"}, {"AWS_PROFILE": "b"}):
        assert not place.found_ids(CHECKS, **environment, **profile)
    assert not place.write(f"[profile c]\n{KEYS}").found_ids(CHECKS, "c", **environment)  # the named profile counts


@pytest.mark.parametrize("name", [RELATIVE, FULL])
def test_an_empty_endpoint_is_found(name: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = place.write(f"[default]\n{REGION}").found(empty_variable, **{name: ""})
    assert (found.severity, found.what, found.fix) == (ERROR, f"{name} is set, but empty", f"unset {name}")
    if name == FULL:  # the other asks 169.254.170.2
        assert "Unsupported host" in place.boto3_error(monkeypatch, None, **{name: ""})
    (found,) = place.write(f"[default]\n{REGION}{KEYS}").found(empty_variable, **{name: ""})
    assert found.severity == NOTE  # the profile is used before it


@pytest.mark.parametrize(
    ("environment", "config", "expected", "fix", "severity"),
    [
        (EXPORTED, "", "the exported credentials are used before it", "awsenv clear", WARNING),
        ({**EXPORTED, "AWSENV_PROFILE": "a", "AWSENV_KEY": KEY[-8:]}, "", "credentials are used", "awsenv clear", NOTE),
        ({}, f"[default]\n{KEYS}", "profile default is used before it", "remove the credentials at {credentials}", WARNING),
        ({"AWS_PROFILE": "a"}, f"[profile a]\n{ROLE}source_profile = b\n[profile b]\n{KEYS}", "profile a is used",
         "unset AWS_PROFILE", NOTE),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, "", "the web identity is used", "unset AWS_WEB_IDENTITY_TOKEN_FILE", NOTE),
        ({"AWS_PROFILE": "a", "AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, f"[profile a]\n{ROLE}source_profile = b\n[profile b]\n{KEYS}",
         "profile a is used", "unset AWS_PROFILE", NOTE),  # botocore's order
        ({RELATIVE: "/x"}, "", f"{RELATIVE} is used, {FULL} is not", f"unset {RELATIVE}", WARNING),
    ],
)  # fmt: skip
def test_what_hides_the_container_is_found(
    environment: dict[str, str], config: str, expected: str, fix: str, severity: str, place: AwsFiles, listener: str
) -> None:
    (found,) = place.write(config).found(BY_ID["container-shadowed"], **{FULL: listener}, **environment)
    assert expected in found.what
    assert found.instructions == fix.format(credentials=f"{place.config}:1")
    assert found.severity == severity
    assert not place.found(BY_ID["container-endpoint-dead"], **{FULL: listener}, **environment)
    assert not place.found(BY_ID["container-shadowed"], **environment)


@pytest.mark.parametrize("default", [KEYS, REGION])
def test_the_server_of_exec_has_no_findings_until_it_ends(default: str, place: AwsFiles) -> None:
    """First in a shell of `awsenv exec --server`, then in one that outlives the server."""
    place.write(f"[default]\n{default}")
    session = Session("x", ASIA, SECRET, token="t", expiration=NOW + HOUR, region=None)
    renewer = Renewer(session, renew=lambda: session, clock=lambda: float(NOW), report=lambda line: None, min_ttl=0)
    with served(renewer, place.environment(AWSENV_PROFILE="x")) as environment:
        assert not [one for check in CHECKS for one in check.look(Context(environment, NOW, offline=True))]
    # the last two only beside a default profile
    server_variables = (FULL, TOKEN_FILE, "AWS_CONFIG_FILE", "AWS_PROFILE")
    old = {name: environment[name] for name in server_variables if name in environment}
    assert len(old) == (4 if default == KEYS else 2)
    assert TOKEN_VARIABLE not in environment
    old[FULL] = f"{DEAD}/x"  # the server has ended with its process
    place.write()
    (found,) = place.found(BY_ID["container-endpoint-dead"], **old)
    assert (found.severity, found.instructions) == (ERROR, f"unset {' '.join(old)}")
    assert found.auto_fix == AutoFix(unset=tuple(old))
    assert place.found_ids(CHECKS, **old) == {"container-endpoint-dead"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_dead_endpoint_is_found(host: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {FULL: f"http://{host}:9/x"}
    place.write(f"[default]\n{REGION}[profile b]\n{ROLE}credential_source = EcsContainer\n")
    assert place.found_ids(CHECKS, **environment) == {"container-endpoint-dead"}
    assert place.found_ids(CHECKS, "b", **environment) == {"container-endpoint-dead"}
    (found,) = (one for check in CHECKS for one in place.found(check, **environment, **EXPORTED))
    assert (found.check.id, found.severity) == ("container-endpoint-dead", NOTE)  # harmless beside exported keys
    assert not place.write(f"[profile c]\n{KEYS}").found_ids(CHECKS, "c", **environment)
    if host == "127.0.0.1":
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)  # the time between two attempts
        output = place.boto3_error(monkeypatch, None, **environment)
        assert "CredentialRetrievalError: Error when retrieving credentials from container-role" in output


@pytest.mark.parametrize(
    ("environment", "id", "error"),
    [
        ({FULL: "http://example.com/x"}, "container-host", "ValueError: Unsupported host 'example.com'"),
        ({FULL: "http://x.localhost/x"}, "container-host", "ValueError: Unsupported host"),
        ({FULL: "{listener}", TOKEN_VARIABLE: "t\n"}, "container-token", "not a legal header value"),
        ({FULL: "{listener}", TOKEN_FILE: "{home}/gone"}, "container-token", "FileNotFoundError"),
        ({FULL: "{listener}", TOKEN_FILE: "{home}/newline"}, "container-token", "not a legal header value"),
    ],
)
def test_an_unusable_container_endpoint_or_token_is_an_error(
    environment: dict[str, str],
    id: str,
    error: str,
    place: AwsFiles,
    listener: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (place.path / "newline").write_text("t\n")
    (place.path / "good").write_text("t")
    environment = {name: value.format(home=place.path, listener=listener) for name, value in environment.items()}
    assert place.found_ids(CHECKS, **environment) == {id}
    assert not place.found_ids({BY_ID[id]}, **environment, **EXPORTED)  # exported keys are used instead
    assert error in place.boto3_error(monkeypatch, None, **environment)
    assert not place.found_ids(CHECKS, **{FULL: listener, TOKEN_FILE: str(place.path / "good")})
