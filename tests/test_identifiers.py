"""ARNs, partitions and cache keys, compared with botocore."""

from __future__ import annotations

import hashlib
from typing import Any

import botocore.credentials
import botocore.session
import botocore.utils
import pytest

from awsenv.aws import arn, cache_keys, partitions

ROLE = "arn:aws:iam::123456789012:role/team/Admin"
SESSION = "arn:aws-cn:sts::123456789012:assumed-role/Admin/me@host"


def test_a_role_arn_is_parsed() -> None:
    parsed = arn.parse(ROLE)
    assert parsed is not None
    assert (parsed.partition, parsed.service, parsed.account) == ("aws", "iam", "123456789012")
    assert (parsed.role, parsed.session, parsed.role_arn) == ("Admin", None, ROLE)


def test_a_role_session_arn_is_parsed() -> None:
    parsed = arn.parse(SESSION)
    assert parsed is not None
    assert (parsed.partition, parsed.account) == ("aws-cn", "123456789012")
    assert (parsed.role, parsed.session) == ("Admin", "me@host")
    assert parsed.role_arn == "arn:aws-cn:iam::123456789012:role/Admin"


@pytest.mark.parametrize(
    "text", ["arn:aws:iam::123456789012:user/me", "arn:aws:sts::123456789012:federated-user/me", "arn:aws:s3:::bucket"]
)
def test_other_arns_have_no_role(text: str) -> None:
    parsed = arn.parse(text)
    assert parsed is not None
    assert (parsed.role, parsed.session, parsed.role_arn) == (None, None, None)


@pytest.mark.parametrize("text", [None, 1, "", "role/Admin", "arn:aws:iam::1", "arn:aws:iam::123456789012:", "x" * 40])
def test_invalid_arns_are_not_parsed(text: object) -> None:
    assert arn.parse(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROLE, True),
        ("arn:aws-us-gov:iam::123456789012:role/x", True),
        (SESSION, False),
        ("arn:aws:iam::123456789012:role/", False),
        ("arn:aws:iam::1234:role/Admin", False),
        ("arn:aws:iam::123456789012:role/Ad min", False),
        ("arn:aws:iam::123456789012:user/me", False),
        ("arn:other:iam::123456789012:role/x", False),
        ("Admin", False),
    ],
)
def test_only_the_arn_of_a_role_can_be_assumed(text: str, expected: bool) -> None:
    assert arn.is_role(text) is expected


def test_the_partition_of_every_region_equals_that_of_botocore() -> None:
    session = botocore.session.Session()
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("sts", partition):
            assert partitions.partition_of(region) == partition, region


def test_the_first_region_of_a_partition_is_one_of_its_regions() -> None:
    for partition, region in partitions.FIRST_REGIONS.items():
        assert partitions.partition_of(region) == partition
    assert set(partitions.CONSOLES) <= set(partitions.FIRST_REGIONS)


ROLE_SETTINGS = {"role_arn": ROLE, "role_session_name": "me", "external_id": "x", "mfa_serial": "m"}


@pytest.mark.parametrize("duration", [None, "3600", " 900 ", "8h"])
def test_the_cache_key_of_a_role_session_equals_that_of_botocore(duration: str | None) -> None:
    parameters: dict[str, Any] = {"RoleSessionName": "me", "ExternalId": "x", "SerialNumber": "m"}
    settings = dict(ROLE_SETTINGS)
    if duration is not None:
        settings["duration_seconds"] = duration
        if duration.strip().isdigit():
            parameters["DurationSeconds"] = int(duration)
    fetcher: Any = botocore.credentials.AssumeRoleCredentialFetcher(None, None, ROLE, extra_args=parameters)
    assert cache_keys.role_session(settings) == fetcher._create_cache_key()


@pytest.mark.parametrize("name", ["größe", 'a"b\\c', "tab\tnew\nline", "\U0001f600", "\x7f/"])
def test_the_cache_key_of_an_odd_role_equals_that_of_botocore(name: str) -> None:
    fetcher: Any = botocore.credentials.AssumeRoleCredentialFetcher(
        None, None, ROLE + name, extra_args={"RoleSessionName": name}
    )
    settings = {"role_arn": ROLE + name, "role_session_name": name}
    assert cache_keys.role_session(settings) == fetcher._create_cache_key()


@pytest.mark.parametrize("session", ["corp", None])
def test_the_cache_key_of_an_sso_session_equals_that_of_botocore(session: str | None) -> None:
    url = "https://corp.awsapps.com/start"
    fetcher: Any = botocore.credentials.SSOCredentialFetcher(
        url, "eu-west-1", "Admin", "123456789012", None, sso_session_name=session
    )
    settings = {"sso_role_name": "Admin", "sso_account_id": "123456789012", "sso_start_url": url}
    assert cache_keys.role_session(settings | ({"sso_session": session} if session else {})) == (
        fetcher._create_cache_key()
    )


def test_a_profile_without_a_cached_session_has_no_key() -> None:
    assert cache_keys.role_session({"aws_access_key_id": "AKIA", "s3": {"x": "y"}}) is None


def test_the_cache_keys_of_sign_ins_equal_those_of_botocore() -> None:
    loader: Any = botocore.utils.SSOTokenLoader(cache={})
    assert cache_keys.sso_token("https://corp") == loader._generate_cache_key("https://corp", None)
    assert cache_keys.sso_token("corp") == loader._generate_cache_key("https://corp", "corp")
    arn_of_user = "arn:aws:iam::123456789012:user/me"
    assert cache_keys.login_session(arn_of_user) == hashlib.sha256(arn_of_user.encode()).hexdigest()


def test_a_session_with_more_parameters_has_another_key() -> None:
    key = cache_keys.digest("x")
    assert cache_keys.with_parameters(key, {}) == key
    policies = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    assert cache_keys.with_parameters(key, {"PolicyArns": policies}) not in (
        key,
        cache_keys.with_parameters(key, {"Policy": "{}"}),
    )
    assert cache_keys.user_session("AKIA", None) != cache_keys.user_session("AKIA", "serial")
