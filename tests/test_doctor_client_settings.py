"""The doctor's checks of settings with which no AWS tool makes a client, and of regions that do not exist."""

from __future__ import annotations

import pytest
from support.aws_files import DEAD, KEYS, NOW, ROLE, AwsFiles

from awsenv import doctor
from awsenv.doctor.check import ERROR, NOTE

CHECKS = doctor.group("client-settings").checks
BY_ID = {check.id: check for check in CHECKS}

#: The setting, the variable, a value that botocore refuses, and a part of the message.
REFUSED = {
    "attempts": ("max_attempts", "AWS_MAX_ATTEMPTS", "abc", "it is not a number"),
    "no attempts": ("max_attempts", "AWS_MAX_ATTEMPTS", "0", "greater than or equal to 1"),
    "retries": ("retry_mode", "AWS_RETRY_MODE", "often", "must be one of: legacy, standard, adaptive"),
    "endpoints of STS": ("sts_regional_endpoints", "AWS_STS_REGIONAL_ENDPOINTS", "global", "Valid options are"),
    "defaults": ("defaults_mode", "AWS_DEFAULTS_MODE", "fast", "invalid defaults mode: fast"),
    "account": ("account_id_endpoint_mode", "AWS_ACCOUNT_ID_ENDPOINT_MODE", "on", "preferred, disabled, required"),
    "checksums": ("request_checksum_calculation", "AWS_REQUEST_CHECKSUM_CALCULATION", "never", "when_supported"),
    "compression": ("request_min_compression_size_bytes", "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "1k", "integer"),
    "metadata": ("metadata_service_timeout", "AWS_METADATA_SERVICE_TIMEOUT", "1s", "it is not a number"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_setting_that_botocore_refuses_is_an_error_with_its_line(
    name: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, variable, value, expected = REFUSED[name]
    place.write(f"[profile a]\nregion = us-east-1\n{KEYS}{setting} = {value}\n[profile b]\nregion = us-east-1\n{KEYS}")
    (found,) = place.found(BY_ID["client-refused"], "a")
    assert (found.severity, found.evidence) == (ERROR, (f"{place.config}:5",))
    assert found.what.startswith(f"{setting} of profile a is {value!r}") and expected in found.what
    assert found.instructions == "correct that line"
    (found,) = place.found(BY_ID["client-refused"], "b", **{variable: value})
    assert (found.evidence, found.instructions) == ((f"{variable}={value}",), f"unset {variable}")
    assert expected in found.what
    assert not place.found(BY_ID["client-refused"], "b")
    # botocore reads the first only without keys, and boto3_error sets the second
    if setting not in ("metadata_service_timeout", "max_attempts"):
        assert "EndpointConnectionError" not in place.boto3_error(monkeypatch, AWS_ENDPOINT_URL=DEAD)
        assert "EndpointConnectionError" in place.boto3_error(monkeypatch, "b", AWS_ENDPOINT_URL=DEAD)


def test_every_refused_setting_is_found_at_once(place: AwsFiles) -> None:
    place.write(f"[profile a]\nregion = US_EAST_1\nmax_attempts = x\nretry_mode = y\n{KEYS}")
    found = place.found(BY_ID["client-refused"], "a", AWS_RETRY_MODE="z", AWS_DEFAULTS_MODE="w")
    assert sorted(one.evidence[0].rpartition("/")[2] for one in found) == [
        "AWS_DEFAULTS_MODE=w", "AWS_RETRY_MODE=z", "config:2", "config:3", "config:4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "more", [{"AWS_ENDPOINT_URL": "localhost:1"}, {"AWS_REGION": "us-east-1 "}, {"AWS_REGION": "'x'"}]
)
def test_what_another_check_reports_is_not_repeated(more: dict[str, str], place: AwsFiles) -> None:
    place.write("[profile a]\nregion = 'x'\nendpoint_url = x\nservices = gone\n")
    assert not place.found(BY_ID["client-refused"], "a", **more)


REGIONS = [
    ("US_EAST_1", "client-refused", "us-east-1", ERROR),
    ("us-east-1,", "client-refused", "us-east-1", ERROR),
    ("us-east-1a", "region-unknown", "us-east-1", ERROR),
    ("EU-WEST-1", "region-unknown", "eu-west-1", ERROR),
    ("us-east1", "region-unknown", "us-east-1", ERROR),
    ("eu-central", "region-unknown", "eu-central-1", ERROR),
    ("us-east-9", "region-unknown", "us-east-1", NOTE),  # there may be a new one
    ("us-east-10", "region-unknown", "us-east-1", NOTE),
    ("us-east-0", "region-unknown", "us-east-1", ERROR),
    ("eu-cental-1", "region-unknown", "eu-central-1", ERROR),
]


@pytest.mark.parametrize(("region", "id", "correct", "severity"), REGIONS)
def test_a_misspelled_region_is_found_with_the_correct_one(
    region: str, id: str, correct: str, severity: str, place: AwsFiles
) -> None:
    place.write(f"[profile a]\nregion = {region}\n{KEYS}[profile b]\nregion = us-east-1\n{KEYS}")
    assert place.found_ids(CHECKS, "a") == {id}
    (found,) = place.found(BY_ID[id], "a")
    assert found.severity == severity
    assert "did you mean " in found.what
    assert ("awsenv knows no such region" in found.what) == (severity == NOTE)
    assert found.instructions.startswith(f"write region = {correct[:-1]}")
    assert found.evidence == (f"{place.config}:2",)
    for variable in (
        ("AWS_REGION", "AWS_DEFAULT_REGION") if "," not in region else ()
    ):  # with a comma it is an unclean-value
        (found,) = [one for check in CHECKS for one in place.found(check, "b", **{variable: region})]
        assert found.check.id == id
        assert found.instructions.startswith(f"export {variable}={correct[:-1]}")


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "eusc-de-east-1"])
def test_a_region_of_any_partition_is_known(region: str, place: AwsFiles) -> None:
    assert not place.write(f"[profile a]\nregion = {region}\n{KEYS}").found_ids(CHECKS, "a", AWS_REGION=region)


def test_a_test_server_accepts_any_region(place: AwsFiles) -> None:
    place.write(f"[profile a]\nregion = local\nendpoint_url = http://127.0.0.1:4566\n{KEYS}")
    assert not place.found_ids(CHECKS, "a")


@pytest.mark.parametrize("path", ["/gone.pem", "~/ca.pem"])
def test_a_missing_ca_bundle_is_an_error(path: str, place: AwsFiles) -> None:
    place.write(f"[profile a]\nregion = us-east-1\nca_bundle = {path}\n{KEYS}")
    (found,) = place.found(BY_ID["ca-bundle-missing"], "a")
    assert found.evidence == (f"{place.config}:3",)
    (found,) = place.found(BY_ID["ca-bundle-missing"], "a", AWS_CA_BUNDLE=path)
    assert found.instructions == "unset AWS_CA_BUNDLE"


@pytest.mark.parametrize(
    ("setting", "value", "right"),
    [
        ("sso_account_id", "12345678901", "012345678901"),
        ("sso_account_id", "1234-5678-9012", "123456789012"),
        ("sso_account_id", "1234", ""),
        ("sso_start_url", "corp.awsapps.com/start", "https://corp.awsapps.com/start"),
        ("sso_start_url", "http://corp.awsapps.com/start", "https://corp.awsapps.com/start"),
        ("sso_start_url", "corp", ""),
        ("sso_region", "EU-WEST-1", "eu-west-1"),
        ("sso_region", "eu-west-1a", "eu-west-1"),
    ],
)
@pytest.mark.parametrize("session", [True, False])
def test_a_malformed_setting_of_identity_center_is_an_error(
    setting: str, value: str, right: str, session: bool, place: AwsFiles
) -> None:
    sso = {"sso_start_url": "https://x.y/start", "sso_region": "us-east-1", "sso_account_id": "123456789012"}
    lines = {name: f"{name} = {value if name == setting else good}\n" for name, good in sso.items()}
    place.write(
        f"[profile a]\nsso_session = s\nsso_role_name = r\n{lines['sso_account_id']}"
        f"[sso-session s]\n{lines['sso_start_url']}{lines['sso_region']}"
        if session
        else f"[profile a]\nsso_role_name = r\n{''.join(lines.values())}"
    )
    checks = [*CHECKS, *doctor.group("identity-center").checks]
    id = "region-unknown" if setting == "sso_region" else "sso-settings-form"
    assert place.found_ids(checks, "a") - {"sso-signed-out"} == {id}
    (found,) = [one for check in checks if check.id == id for one in place.found(check, "a")]
    assert found.severity == ERROR
    assert found.instructions == (f"write {setting} = {right} in that line" if right else "correct that line")
    (line,) = [number for number, text in enumerate(place.config.read_text().splitlines(), 1) if value in text.split()]
    assert found.evidence == (f"{place.config}:{line}",)


def test_a_role_is_assumed_with_the_settings_of_the_requested_profile(place: AwsFiles) -> None:
    source = f"[profile b]\nretry_mode = x\n{KEYS}"
    place.write(f"[profile a]\n{ROLE}source_profile = b\n{source}")
    assert not place.found(BY_ID["client-refused"], "a", now=NOW)
    assert place.found(BY_ID["client-refused"], "b", now=NOW)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("url", "flaw"),
    [
        ("http://proxy:port", "port"),
        ("http://proxy:99999", "port"),
        ("http:/proxy:3128", "host name"),
        ("http://", "host name"),
        (" http://proxy:3128 ", "odd characters"),
        ('"http://proxy:3128"', "odd characters"),
        ("$HTTP_PROXY", "host name"),
        ("socks5://proxy:1080", "socks5"),
        ("HTTP://proxy:3128", "HTTP"),
        ("http://ada:secr#t@proxy:3128", "percent-encoded"),
        ("http://ada:secr/t@proxy:3128", "percent-encoded"),
    ],
)
def test_a_proxy_that_is_not_a_url_is_an_error(url: str, flaw: str, place: AwsFiles) -> None:
    place.write(f"[default]\nregion = us-east-1\n{KEYS}")
    for name, severity in (("HTTPS_PROXY", ERROR), ("http_proxy", NOTE)):
        (found,) = place.found(BY_ID["proxy-malformed"], **{name: url})
        assert name in found.what and flaw in found.what and found.severity == severity
        assert "secr" not in found.what + "".join(found.evidence)
        assert found.instructions.startswith("write it as http://HOST:PORT")


@pytest.mark.unit
@pytest.mark.parametrize(
    "url",
    ["http://proxy:3128", "https://proxy.corp", "proxy:3128", "//proxy:3128", "http://ada:p%40ss@10.0.0.1:3128/",
     "http://[::1]:3128", ""],
)  # fmt: skip
def test_a_proxy_that_botocore_can_use_is_no_finding(url: str, place: AwsFiles) -> None:
    place.write(f"[default]\nregion = us-east-1\n{KEYS}")
    assert not place.found(BY_ID["proxy-malformed"], HTTPS_PROXY=url)
