"""The doctor's checks of endpoints that replace those of AWS."""

from __future__ import annotations

import pytest
from support.aws_files import DEAD, KEY, KEYS, REGION, SECRET, AwsFiles, checks_of

from awsenv.doctor.check import ERROR, NOTE, WARNING
from awsenv.doctor.checks import endpoints

CHECKS = checks_of("config-files", "config-headers", "config-values", "endpoints")

BY_ID = {check.id: check for check in CHECKS}

A = f"[profile a]\n{REGION}{KEYS}"

LEGAL_KEY = "ASIA0123456789ABCDEF"  # as a test server makes it, without an account

LOCAL = "http://127.0.0.1:4566"


@pytest.mark.parametrize(
    ("environment", "key", "severity"),
    [
        pytest.param({"AWS_ENDPOINT_URL": LOCAL}, LEGAL_KEY, NOTE, id="a test server and its keys"),
        pytest.param({"AWS_ENDPOINT_URL_STS": LOCAL}, LEGAL_KEY, NOTE, id="the STS of a test server"),
        pytest.param({"AWS_ENDPOINT_URL": LOCAL}, KEY, WARNING, id="a test server and keys of AWS"),
        pytest.param(
            {"AWS_ENDPOINT_URL_STS": "http://localhost.localstack.cloud:4566"},
            KEY,
            WARNING,
            id="a host name of a test server",
        ),
        pytest.param({"AWS_ENDPOINT_URL_S3": "https://x.r2.cloudflarestorage.com"}, KEY, NOTE, id="another storage"),
        pytest.param({"AWS_ENDPOINT_URL": "https://s3.amazonaws.com"}, KEY, WARNING, id="one service for all"),
        pytest.param({"AWS_ENDPOINT_URL_STS": "https://sts.eu-west-1.amazonaws.com"}, KEY, None, id="AWS itself"),
        pytest.param(
            {"AWS_ENDPOINT_URL_STS": "https://v.sts.eu-west-1.vpce.amazonaws.com"}, KEY, None, id="a VPC endpoint"
        ),
        pytest.param({"AWS_ENDPOINT_URL": ""}, KEY, None, id="empty"),
        pytest.param({"AWS_ENDPOINT_URL": LOCAL, "_AWSENV_DEMO": LOCAL}, KEY, None, id="the demo"),
        pytest.param(
            {"AWS_ENDPOINT_URL": LOCAL, "_AWSENV_DEMO": "http://127.0.0.1:1"}, KEY, WARNING, id="another than the demo"
        ),
        pytest.param(
            {"AWS_ENDPOINT_URL": LOCAL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, KEY, None, id="ignored"
        ),
    ],
)
def test_an_endpoint_has_the_severity_of_its_effect(
    environment: dict[str, str], key: str, severity: str | None, place: AwsFiles
) -> None:
    place.write(A.replace(KEY, key))
    found = place.found(BY_ID["endpoint-override"], "a", **environment)
    assert [one.severity for one in found] == ([severity] if severity else [])
    if severity:
        assert found[0].instructions == f"unset {next(iter(environment))}"
    exported = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": SECRET}
    assert [one.severity for one in place.found(BY_ID["endpoint-override"], **environment, **exported)] == (
        [severity] if severity else []
    )


def test_endpoints_of_the_config_file_are_found(place: AwsFiles) -> None:
    place.write(
        f"[profile a]\n{KEYS}services = local\nendpoint_url = {LOCAL}\n[services local]\nsts =\n  endpoint_url = {LOCAL}\n"
    )
    check = BY_ID["endpoint-override"]
    found = place.found(check, "a")
    assert [(one.evidence, one.severity) for one in found] == [
        ((f"{place.config}:7",), WARNING),
        ((f"{place.config}:5",), WARNING),
    ]
    assert not place.found(check)  # the default profile has none
    assert len(place.found(check, AWS_PROFILE="a")) == 2
    assert [one.evidence for one in place.found(check, "a", AWS_ENDPOINT_URL=DEAD)] == [(f"AWS_ENDPOINT_URL={DEAD}",)]


@pytest.mark.parametrize(
    ("url", "id", "shown"),
    [
        ("http://u:hunter2@host:1/x", "endpoint-override", "http://…@host:1/x"),
        ("http://u:hunt@er2@host", "endpoint-override", "http://…@host"),
        ("http://hunter2@host", "endpoint-override", "http://…@host"),
        ("http://u:hun/ter2@host", None, "http://…@host"),
        ("http://host:1/a@b", "endpoint-override", "http://host:1/a@b"),
        ("u:hunter2@host:1", "endpoint-malformed", "…@host:1"),
        ("ftp://u:hunter2@host", "endpoint-malformed", "ftp://…@host"),
    ],
)
def test_a_password_in_an_endpoint_is_not_shown(url: str, id: str | None, shown: str, place: AwsFiles) -> None:
    place.write(A)
    found = [one for check in CHECKS for one in place.found(check, "a", AWS_ENDPOINT_URL=url)]
    assert id is None or [one.check.id for one in found] == [id]
    assert all(one.evidence == (f"AWS_ENDPOINT_URL={shown}",) for one in found)
    assert not any(part in repr(found) for part in ("hunt", "ter2", "er2@"))


def test_boto3_rejects_the_endpoints_that_are_errors(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(A)
    (found,) = place.found(BY_ID["endpoint-malformed"], "a", AWS_ENDPOINT_URL="localhost:4566")
    assert found.severity == ERROR
    assert place.found_ids(CHECKS, "a", AWS_ENDPOINT_URL="localhost:4566") == {"endpoint-malformed"}
    assert "ValueError: Invalid endpoint" in place.boto3_error(monkeypatch, AWS_ENDPOINT_URL="localhost:4566")
    place.write(f"{A}services = locl\n[services local]\n")
    (found,) = place.found(BY_ID["services-section-missing"], "a")
    assert found.instructions == "write services = local in that line"
    assert place.found_ids(CHECKS, "a") == {"services-section-missing"}
    assert 'the "locl" services configuration does not exist' in place.boto3_error(monkeypatch)


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_endpoints_of_the_active_profile_count_beside_exported_keys(variable: str, place: AwsFiles) -> None:
    """boto3 uses the endpoints of the profile that either variable names."""
    place.write(f"[profile there]\nendpoint_url = {DEAD}\nservices = nowhere\n{REGION}")
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    (found,) = place.found(endpoints.endpoint_override, None, **keys, **{variable: "there"})
    assert found.what == "all requests go to 127.0.0.1, not to AWS, with credentials of AWS"
    assert found.evidence == (f"{place.config}:2",)
    (found,) = place.found(endpoints.services_section_missing, None, **keys, **{variable: "there"})
    assert found.evidence == (f"{place.config}:3",)
    assert place.found(endpoints.endpoint_override, None, **keys) == []
    assert place.found(endpoints.services_section_missing, None, **keys) == []
