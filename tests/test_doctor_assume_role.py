"""The doctor's checks of profiles that assume roles: they find what boto3 rejects, at the right hop, and nothing else."""

from __future__ import annotations

import pytest
from support.aws_files import DEAD, KEYS, REGION, ROLE, TOKEN, AwsFiles, checks_of

from awsenv.doctor.chain import resolve
from awsenv.doctor.check import ERROR, NOTE, WARNING
from awsenv.doctor.checks import region_and_account

CHECKS = checks_of("source-profile", "assume-role")
BY_ID = {check.id: check for check in [*CHECKS, region_and_account.region_missing]}

BASE = f"[profile base]\n{KEYS}"
HEALTHY = f"[profile a]\n{ROLE}source_profile = base\n{BASE}"
CHAIN = f"[profile a]\n{ROLE}source_profile = b\n[profile b]\n{ROLE}source_profile = base\n{BASE}"


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(HEALTHY, id="a role"),
        pytest.param(CHAIN, id="a chain"),
        pytest.param(f"[profile a]\n{ROLE}source_profile = a\n{KEYS}", id="its own keys"),
        pytest.param(f"[profile a]\n{ROLE}credential_source = Ec2InstanceMetadata\n", id="an instance"),
        pytest.param(f"[profile a]\n{KEYS}", id="keys"),
        pytest.param("[profile a]\nregion = x\n", id="nothing"),
        pytest.param(
            HEALTHY.replace("[profile base]", "[profile base]\nsource_profile = gone"), id="keys end the chain"
        ),
        pytest.param(
            f"[profile a]\n{ROLE}source_profile = base\nrole_session_name = ada@work\nexternal_id = open\n"
            f"duration_seconds = 43200\nmfa_serial = arn:aws:iam::123456789012:mfa/team/ada\n{BASE}",
            id="all settings",
        ),
        pytest.param(
            f"[profile a]\n{ROLE}source_profile = base\nmfa_serial = GAHT12345678\nduration_seconds=3600\n{BASE}",
            id="a hardware device",
        ),
        pytest.param(
            f"[profile a]\n{ROLE}source_profile = s\n[profile s]\nsso_account_id = 1\nsso_role_name = r\n", id="sso"
        ),
        pytest.param(f"[profile a]\n{ROLE}web_identity_token_file = t\n", id="web identity"),
        pytest.param(f"[profile a]\n{ROLE}source_profile = p\n[profile p]\ncredential_process = x\n", id="process"),
    ],
)
def test_a_healthy_chain_has_no_findings(config: str, place: AwsFiles) -> None:
    healthy = place.write(config)
    environment = {} if "Ec2" not in config else {"AWS_EC2_METADATA_DISABLED": "false"}
    assert not healthy.found_ids(CHECKS, "a", **environment)
    assert not healthy.found_ids(CHECKS, AWS_PROFILE="a", **environment)
    assert not healthy.found_ids(CHECKS)  # for default, which does not exist


# id, config, message, line, error of boto3
BROKEN = [
    ("source-profile-missing", f"[profile a]\n{ROLE}source_profile = bas\n{BASE}", "has source_profile bas,", 4,
     'InvalidConfigError: The source_profile "bas" referenced in the profile "a" does not exist'),
    ("source-profile-missing", f"[profile a]\n{ROLE}source_profile = Base\n{BASE}", "has source_profile Base,", 4,
     'InvalidConfigError: The source_profile "Base" referenced'),
    ("source-profile-missing", f"[profile a]\n{ROLE}source_profile =\n{BASE}", "has an empty source_profile", 4,
     'InvalidConfigError: The source_profile "" referenced'),
    ("source-profile-missing", CHAIN.replace("= base", "= nope"), "profile b (hop 2 of 2: a -> b) has", 8,
     'The source_profile "nope" referenced in the profile "b" does not exist'),
    ("source-profile-empty", f"[profile a]\n{ROLE}source_profile = base\n[profile base]\nregion = x\n",
     "profile base (hop 2 of 2: a -> base) has no credentials", 5, 'The source profile "base" must have credentials'),
    ("source-profile-empty", CHAIN.replace(KEYS, ""), "(hop 3 of 3: a -> b -> base)", 9, "must have credentials"),
    ("source-profile-loop", CHAIN.replace("= base", "= a"), "loop: a -> b -> a", 4, "InfiniteLoopConfigError"),
    ("source-profile-loop", f"[profile a]\n{ROLE}source_profile = a\n", "loop: a -> a", 4, "InfiniteLoopConfigError"),
    ("source-profile-loop", CHAIN.replace("= base", "= b"), "loop: b -> b", 4, "InfiniteLoopConfigError"),
    ("two-sources", f"[profile a]\n{ROLE}source_profile = base\ncredential_source = Environment\n{BASE}",
     "both source_profile and credential_source", 4, 'The profile "a" contains both source_profile and credential_source'),
    ("no-source", f"[profile a]\n{ROLE}", "neither source_profile nor credential_source", 2,
     "PartialCredentialsError: Partial credentials found in assume-role, missing: source_profile or credential_source"),
    ("no-source", f"[profile a]\n{ROLE}{KEYS}", "neither source_profile nor credential_source", 2, "PartialCredentials"),
    ("credential-source-unknown", f"[profile a]\n{ROLE}credential_source = environment\n", "credential_source environment", 4,
     'The credential source "environment" referenced in profile "a" is not valid'),
    ("credential-source-empty", f"[profile a]\n{ROLE}credential_source = Environment\n", "no access key is exported", 4,
     "No credentials found in credential_source referenced in profile a"),
    ("credential-source-empty", f"[profile a]\n{ROLE}credential_source = EcsContainer\n", "no container endpoint", 4,
     "No credentials found in credential_source referenced in profile a"),
    ("credential-source-empty", f"[profile a]\n{ROLE}credential_source = Ec2InstanceMetadata\n", "AWS_EC2_METADATA_DISABLED", 4,
     "No credentials found in credential_source referenced in profile a"),
    ("role-arn-malformed", f"[profile a]\n{REGION}role_arn = project1\nsource_profile = base\n{BASE}", "'project1'", 3,
     "Invalid length for parameter RoleArn"),
    ("duration-too-short", HEALTHY.replace("source", "duration_seconds = 60\nsource"), "duration_seconds 60", 4,
     "Invalid value for parameter DurationSeconds, value: 60, valid min value: 900"),
    ("session-name-malformed", HEALTHY.replace("source", "role_session_name = x\nsource"), "role_session_name 'x'", 4,
     "Invalid length for parameter RoleSessionName"),
    ("region-missing", HEALTHY.replace(REGION, ""), "names no region", 1, "NoRegionError: You must specify a region"),
]  # fmt: skip


@pytest.mark.parametrize(("id", "config", "what", "line", "error"), BROKEN)
def test_what_boto3_rejects_is_found_with_its_line(
    id: str, config: str, what: str, line: int, error: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(config)
    (found,) = place.found(BY_ID[id], "a", AWS_ENDPOINT_URL=DEAD)
    assert what in found.what
    assert found.evidence[0] == f"{place.config}:{line}"
    assert found.severity == ERROR
    assert place.found_ids(BY_ID.values(), "a", AWS_ENDPOINT_URL=DEAD) == {id}
    assert error in place.boto3_error(monkeypatch, AWS_ENDPOINT_URL=DEAD)


def test_boto3_sends_the_request_of_a_healthy_chain(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "EndpointConnectionError" in place.write(CHAIN).boto3_error(monkeypatch, AWS_ENDPOINT_URL=DEAD)


def test_exported_keys_hide_errors_of_the_active_profile_unless_it_is_named(place: AwsFiles) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"}
    place.write(f"[profile a]\n{ROLE}source_profile = nope\n")
    assert not place.found_ids(CHECKS, AWS_PROFILE="a", **keys)
    assert place.found_ids(CHECKS, "a", **keys) == {"source-profile-missing"}


@pytest.mark.parametrize(
    ("setting", "number", "id", "severity"),
    [
        ("duration_seconds = 8h", 0, "duration-unreadable", NOTE),
        ("duration_seconds = max", 0, "duration-unreadable", NOTE),
        ("duration_seconds = long", 0, "duration-unreadable", WARNING),
        ("duration_seconds = 3600s ", 0, "duration-unreadable", NOTE),
        ("duration_seconds = 900", 0, "duration-too-short", NOTE),
        ("duration_seconds = 43201", 0, "duration-too-long", ERROR),
        ("duration_seconds = 3601", 1, "duration-too-long", ERROR),
        ("mfa_serial = arn:aws:iam::123456789012:user/team/ada", 0, "mfa-serial-form", ERROR),
        ("mfa_serial = arn:aws:iam::123456789012:u2f/user/ada/key", 0, "mfa-serial-form", ERROR),
        ("mfa_serial = 1234", 0, "mfa-serial-form", ERROR),
        ("role_session_name = ada lovelace", 0, "session-name-malformed", ERROR),
        ("role_session_name = m\u00fcller", 0, "session-name-malformed", ERROR),
        (f"role_session_name = {'x' * 65}", 0, "session-name-malformed", ERROR),
    ],
)
def test_parameters_that_sts_rejects_or_the_cli_ignores_are_found(
    setting: str, number: int, id: str, severity: str, place: AwsFiles
) -> None:
    config = (HEALTHY, CHAIN)[number].replace("source_profile", f"{setting}\nsource_profile", 1)
    (found,) = place.write(config).found(BY_ID[id], "a")
    assert found.severity == severity
    assert found.evidence == (f"{place.config}:4",)
    assert place.found_ids(CHECKS, "a") == {id}


def test_role_chaining_is_limited_to_an_hour(place: AwsFiles) -> None:
    config = CHAIN.replace("source_profile = base", "duration_seconds = 43200\nsource_profile = base")
    assert not place.write(config).found_ids(CHECKS, "a")  # allowed for the first role, which is assumed with keys
    sso = f"[profile a]\n{ROLE}duration_seconds = 8h\nsource_profile = s\n[profile s]\nsso_account_id=1\nsso_role_name=r\n"
    assert place.write(sso).found(BY_ID["duration-too-long"], "a")
    ecs = f"[profile a]\n{ROLE}duration_seconds = 7200\ncredential_source = EcsContainer\n"
    assert place.write(ecs).found(BY_ID["duration-too-long"], "a")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (HEALTHY.replace("[profile a]", f"[profile a]\n{KEYS}"), "profile a (hop 1 of 2: a -> base) has both a role and an access key: its role is used"),
        (CHAIN.replace("[profile b]", f"[profile b]\n{KEYS}"), "profile b (hop 2 of 2: a -> b) has both a role and an access key: its access key is used"),
    ],
)  # fmt: skip
def test_keys_beside_a_role_are_a_warning(config: str, expected: str, place: AwsFiles) -> None:
    (found,) = place.write(config).found(BY_ID["keys-beside-role"], "a")
    assert expected in found.what
    assert place.found_ids(CHECKS, "a") == {"keys-beside-role"}


def test_a_wrong_source_profile_is_fixed_with_the_nearest_name(place: AwsFiles) -> None:
    place.write(f"[profile a]\n{ROLE}source_profile = Base\n{BASE}")
    assert (
        place.found(BY_ID["source-profile-missing"], "a")[0].instructions == "write source_profile = base in that line"
    )
    place.write(f"[profile a]\n{ROLE}source_profile = x y\n{BASE}")
    assert place.found(BY_ID["source-profile-missing"], "a")[0].instructions == "aws configure --profile 'x y'"


def test_a_session_arn_is_fixed_with_the_arn_of_its_role(place: AwsFiles) -> None:
    arn = "arn:aws-cn:sts::123456789012:assumed-role/project1/ada"
    place.write(f"[profile a]\n{REGION}role_arn = {arn}\nsource_profile = base\n{BASE}")
    (found,) = place.found(BY_ID["role-arn-malformed"], "a")
    assert found.instructions == "write role_arn = arn:aws-cn:iam::123456789012:role/project1 in that line"


@pytest.mark.parametrize(
    ("environment", "severity"),
    [
        ({}, WARNING),
        ({"AWS_REGION": "us-east-1"}, NOTE),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, None),
        ({"AWS_ENDPOINT_URL": DEAD}, ERROR),
    ],
)
def test_a_region_is_missing_if_neither_the_profile_nor_the_environment_has_one(
    environment: dict[str, str], severity: str | None, place: AwsFiles
) -> None:
    place.write(HEALTHY.replace(REGION, "") + REGION)
    found = place.found(BY_ID["region-missing"], "a", **environment)
    assert [one.severity for one in found] == ([severity] if severity else [])
    if severity == WARNING:
        assert "that of its source profile base does not count" in found[0].what
        assert found[0].instructions == "aws configure set region eu-central-1 --profile a"


def test_a_missing_region_names_the_nearest_source_profile_with_one(place: AwsFiles) -> None:
    place.write(CHAIN.replace(REGION, "", 1) + REGION)
    (found,) = place.found(BY_ID["region-missing"], "a")
    assert "that of its source profile b does not count" in found.what


@pytest.mark.parametrize(
    ("arn", "source", "region"),
    [
        ("arn:aws:iam::123456789012:role/r", "", "us-east-1"),
        ("arn:aws-us-gov:iam::123456789012:role/r", "", "us-gov-west-1"),
        ("arn:aws-us-gov:iam::123456789012:role/r", "us-gov-east-1", "us-gov-east-1"),
        ("arn:aws-us-gov:iam::123456789012:role/r", "eu-west-1", "us-gov-west-1"),
        ("arn:aws-cn:iam::123456789012:role/r", "", "cn-north-1"),
        ("arn:aws-iso-e:iam::123456789012:role/r", "", "REGION"),
        ("project1", "eu-west-1", "eu-west-1"),
    ],
)
def test_the_proposed_region_is_in_the_partition_of_the_role(
    arn: str, source: str, region: str, place: AwsFiles
) -> None:
    place.write(f"[profile a]\nrole_arn = {arn}\nsource_profile = base\n{BASE}region = {source}\n")
    (found,) = place.found(BY_ID["region-missing"], "a")
    assert found.instructions == f"aws configure set region {region} --profile a"


def test_the_chain_is_resolved_hop_by_hop(place: AwsFiles) -> None:
    hops = resolve(place.write(CHAIN, f"[base]\n{TOKEN}").context("a"))
    assert [(hop.profile, hop.number, hop.kind) for hop in hops] == [
        ("a", 1, "role"),
        ("b", 2, "role"),
        ("base", 3, "keys"),
    ]
    assert hops[1].who == "profile b (hop 2 of 3: a -> b -> base)"
