"""The doctor's checks of access keys and temporary credentials in a profile."""

from __future__ import annotations

import botocore.session
import pytest
from support.aws_files import DEAD, KEY, KEYS, NOW, REGION, ROLE, SECRET, TEMPORARY, TOKEN, AwsFiles
from support.credential_sources import (
    ASIA,
    BY_ID,
    CHECKS,
    DATED,
    EXPORTED,
    HOUR,
    cached,
    utc,
)

from awsenv import doctor
from awsenv.doctor import key_sets
from awsenv.doctor.check import ERROR, NOTE, WARNING


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        pytest.param("", f"[a]\n{KEYS}", id="long-term keys"),
        pytest.param(f"[profile a]\n{KEYS}", "", id="in the config file"),
        pytest.param(
            f"[profile a]\n{ROLE}source_profile = base\n", f"[base]\n{KEYS}[default]\nregion = x\n", id="a role"
        ),
        pytest.param(f"[profile a]\n{ROLE}source_profile = a\n", f"[a]\n{KEYS}", id="a role with its own keys"),
        pytest.param(f"[profile a]\n{KEYS}", f"[a]\n{KEYS}", id="the same keys twice"),
        pytest.param("[profile a]\ncredential_process = /bin/sh -c 'echo'\n", "", id="a process"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_healthy_sources_have_no_findings(config: str, credentials: str, place: AwsFiles) -> None:
    place.write(config, credentials)
    assert not place.found_ids(CHECKS, "a")
    assert not place.found_ids(CHECKS)
    assert not place.found_ids(CHECKS, **EXPORTED)


@pytest.mark.parametrize(
    ("more", "now", "severity", "expected"),
    [
        (f"x_security_token_expires = {utc(-HOUR)}\n", NOW, ERROR, "expired 1h00m ago"),
        (f"aws_session_expiration = {utc(0)}\n", NOW, ERROR, "expired <1m ago"),
        (f"expiration = {utc(-20 * HOUR)[:-1]}\n", NOW, ERROR, "expired "),  # without a zone: in any zone
        (DATED, NOW + 37 * HOUR, ERROR, "were issued 37h00m ago"),
        (DATED, NOW + 13 * HOUR, WARNING, "no role session is valid for so long"),
        (DATED, NOW + 2 * HOUR, WARNING, "most are not valid for so long"),
        (f"x_security_token_expires = {utc(HOUR)}\n", NOW, None, "expire in 1h00m"),
        (DATED, NOW + 1800, None, "were issued 30m ago"),
        ("", NOW, None, "at an unknown time"),
    ],
)
def test_static_temporary_keys_are_found_with_their_expiration(
    more: str, now: int, severity: str | None, expected: str, place: AwsFiles
) -> None:
    token = "" if more == DATED else TOKEN
    place.write("", f"[a]\n{TEMPORARY}{token}{more}")
    expired, current = (BY_ID[id] for id in ("expired-keys-in-profile", "temporary-keys-in-profile"))
    (found,) = place.found(expired if severity else current, "a", now=now)
    assert found.severity == (severity or NOTE)
    assert expected in found.what
    assert found.evidence[0] == f"{place.credentials}:2 aws_access_key_id=…7WML"
    assert not place.found(current if severity else expired, "a", now=now)
    # in a profile that was not requested only expired ones are reported
    assert [one.severity for one in place.found(expired, now=now)] == ([WARNING] if severity else [])
    assert not place.found(current, now=now)


EXPIRED_KEYS = f"{TEMPORARY}{TOKEN}x_security_token_expires = {utc(-HOUR)}\n"


def fix_of(place: AwsFiles, config: str, credentials: str) -> list[str]:
    (found,) = place.write(config, credentials).found(BY_ID["expired-keys-in-profile"], "a")
    return found.instructions.split("\n")


def test_the_expiration_and_the_role_come_from_the_cache(place: AwsFiles) -> None:
    cached(place)
    (found,) = place.write("", f"[a]\n{TEMPORARY}{TOKEN}[ada]\n{KEYS}").found(BY_ID["expired-keys-in-profile"], "a")
    assert "expired 1h00m ago" in found.what
    assert found.instructions.split("\n") == [
        f"put new credentials at {place.credentials}:2, or remove lines 2-4 of {place.credentials} and add to {place.config}:",
        "[profile a]",
        "role_arn = arn:aws:iam::123456789012:role/project1",
        "source_profile = ada",
    ]


def test_the_fix_is_the_section_that_replaces_the_keys(place: AwsFiles) -> None:
    role = f"[profile p]\n{ROLE}source_profile = ada\n"
    arn = "assumed_role_arn = arn:aws:sts::123456789012:assumed-role/project1/ada@x\n"
    # another profile has the whole ARN of that role, and a source
    assert fix_of(place, role, f"[a]\n{EXPIRED_KEYS}{arn}")[1:] == [
        "[profile a]",
        "role_arn = arn:aws:iam::123456789012:role/team/project1",
        "source_profile = ada",
    ]
    # only the account is known, from the key id
    head, *section = fix_of(place, f"[profile a]\n{REGION}", f"[a]\n{EXPIRED_KEYS}")
    assert head == (
        f"put new credentials at {place.credentials}:2, or remove lines 2-5 of {place.credentials} and add to "
        f"[profile a] at {place.config}:1, "
        "with your own ROLE-NAME and PROFILE-WITH-LONG-TERM-KEYS:"
    )
    assert section == [
        "role_arn = arn:aws:iam::029608264753:role/ROLE-NAME",
        "source_profile = PROFILE-WITH-LONG-TERM-KEYS",
    ]
    # nothing is known
    unknown = EXPIRED_KEYS.replace(ASIA, "ASIA0123456789ABCDEF")
    assert "arn:aws:iam::ACCOUNT:role/ROLE-NAME" in fix_of(place, "", f"[a]\n{unknown}")[2]
    # the profile assumes that role already, and does not use its keys
    (only,) = fix_of(place, f"[profile a]\n{ROLE}source_profile = b\n", f"[a]\n{EXPIRED_KEYS}[b]\n{KEYS}")
    assert only == f"remove lines 2-5 of {place.credentials}: its role_arn obtains new ones"
    # the profiles of aws-mfa
    (only,) = fix_of(place, "", f"[a]\n{EXPIRED_KEYS}[a-long-term]\n{KEYS}")
    assert only == "awsenv assume a-long-term --session-token"


def test_keys_of_identity_center_are_replaced_by_a_sign_in(place: AwsFiles) -> None:
    cached(place, "AWSReservedSSO_Admin_0123456789abcdef")
    session = "[sso-session corp]\nsso_start_url = https://x\nsso_region = us-east-1\n"
    assert fix_of(place, session, f"[a]\n{EXPIRED_KEYS}")[2:] == [
        "sso_session = corp",
        "sso_account_id = 123456789012",
        "sso_role_name = Admin",
    ]


def test_the_replacing_section_works(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(place)
    place.write(f"[profile z]\n{REGION}", f"[a]\n{TEMPORARY}{TOKEN}[ada]\n{KEYS}")
    section = place.found(BY_ID["expired-keys-in-profile"], "a")[0].instructions.partition("\n")[2]
    place.write(f"[profile z]\n{REGION}{section}\n{REGION}", f"[ada]\n{KEYS}")
    assert not place.found_ids(CHECKS, "a")
    assert "EndpointConnectionError" in place.boto3_error(monkeypatch, AWS_ENDPOINT_URL=DEAD)  # boto3 calls STS


def test_expired_keys_of_a_source_profile_name_the_hop(place: AwsFiles) -> None:
    place.write(f"[profile a]\n{ROLE}source_profile = b\n", f"[b]\n{EXPIRED_KEYS}")
    (found,) = place.found(BY_ID["expired-keys-in-profile"], "a")
    assert found.severity == ERROR
    assert "profile b (hop 2 of 2: a -> b) has temporary credentials that expired" in found.what


def test_expired_keys_that_are_not_used_are_no_error(place: AwsFiles) -> None:
    place.write(f"[profile a]\n{ROLE}source_profile = b\n", f"[a]\n{EXPIRED_KEYS}[b]\n{KEYS}")
    assert [one.severity for one in place.found(BY_ID["expired-keys-in-profile"], "a")] == [WARNING]
    assert not place.found(BY_ID["expired-keys-in-profile"], "b")  # b does not use them


def test_expired_keys_that_are_exported_as_well_are_found_once(place: AwsFiles) -> None:
    place.write("", f"[a]\n{EXPIRED_KEYS}")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    values = (line.partition(" = ")[2] for line in EXPIRED_KEYS.splitlines())
    exported = dict(zip(names, values, strict=False))
    assert place.found_ids([*CHECKS, *doctor.group("expiration").checks], **exported) == {"keys-expired"}


MISMATCHES = [
    ("profile-keys-incomplete", "", f"[a]\naws_access_key_id = {KEY}\n", "no aws_secret_access_key", "PartialCredentialsError"),
    ("profile-keys-incomplete", f"[profile a]\naws_secret_access_key = {SECRET}\n", f"[a]\naws_access_key_id = {KEY}\n",
     "config:2", "PartialCredentialsError"),
    ("profile-keys-incomplete", "", f"[a]\naws_access_key_id =\naws_secret_access_key = {SECRET}\n", "empty aws_access_key_id", None),
    ("profile-keys-incomplete", "", f"[a]\naws_secret_access_key = {SECRET}\n", "no aws_access_key_id", "NoCredentialsError"),
    ("profile-key-without-token", "", f"[a]\n{TEMPORARY}", "without its session token", None),
    ("profile-key-without-token", f"[profile a]\n{TOKEN}", f"[a]\n{TEMPORARY}", "in the other file", None),
    ("profile-token-beside-long-term-key", "", f"[a]\n{KEYS}{TOKEN}", "long-term key and aws_session_token", None),
    ("profile-token-beside-long-term-key", "", f"[a]\n{KEYS}aws_security_token = x\n", "aws_security_token", None),
    ("profile-security-token", "", f"[a]\n{TEMPORARY}{TOKEN}aws_security_token = old\n", "the first is used", None),
    ("keys-in-both-files", f"[profile a]\n{KEYS}", f"[a]\n{KEYS.replace('WML', 'WMM')}", "credentials is used", None),
]  # fmt: skip


@pytest.mark.parametrize(("id", "config", "credentials", "expected", "error"), MISMATCHES)
def test_keys_that_do_not_belong_together_are_found(
    id: str,
    config: str,
    credentials: str,
    expected: str,
    error: str | None,
    place: AwsFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place.write(config, credentials)
    (found,) = place.found(BY_ID[id], "a")
    assert expected in found.what
    assert place.found_ids(CHECKS, "a") - {"temporary-keys-in-profile"} == {id}
    assert not place.found_ids(CHECKS)
    if error:
        assert error in place.boto3_error(monkeypatch)


def test_the_token_is_the_one_that_botocore_uses(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """key_sets relies on botocore reading all three from one file, and preferring the old name of the token."""
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    for config, credentials in (
        (f"[profile a]\n{TOKEN}", f"[a]\n{TEMPORARY}"),
        ("", f"[a]\n{TEMPORARY}{TOKEN}aws_security_token = old\n"),
        (f"[profile a]\n{TEMPORARY}{TOKEN}", f"[a]\n{KEYS}"),
    ):
        place.write(config, credentials)
        used = botocore.session.Session(profile="a").get_credentials()
        ours = key_sets.of_profile(place.context("a"), "a")
        assert ours is not None
        assert (used.access_key, used.token or "") == (ours.id, ours.token)


def test_the_same_keys_as_default_are_found(place: AwsFiles) -> None:
    check = BY_ID["same-keys-as-default"]
    (found,) = place.write("", f"[default]\n{KEYS}[a]\n{KEYS}").found(check, "a")
    assert (found.severity, found.instructions) == (NOTE, "awsenv compare default a")
    both = f"[default]\n{TEMPORARY}{TOKEN}[a]\n{TEMPORARY}aws_session_token = other\n"
    assert [one.severity for one in place.write("", both).found(check, "a")] == [WARNING]
    assert not place.write("", f"[default]\n{KEYS.replace('WML', 'WMM')}[a]\n{KEYS}").found(check, "a")
    assert not place.write("", f"[default]\n{KEYS}[a]\n{KEYS}").found(check)
