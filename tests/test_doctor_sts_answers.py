"""The doctor's checks of AWS's answers about the exported credentials and about the chain of a profile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.answers import SECRET, UNKNOWN, Scripted, look
from support.clock import Clock
from support.homes import Home
from support.scripted_sts import CHAINED, TOO_LONG, ScriptedSts
from support.sts import ACCOUNT

from awsenv.doctor.check import Finding


def ids(findings: list[Finding]) -> list[str]:
    return [finding.check.id for finding in findings]


@pytest.mark.shell
def test_a_session_that_aws_calls_expired_is_found(home: Home, clock: Clock) -> None:
    clock.move("-2h")
    values = home.exported("project1", **clock.environment)
    clock.move("+0")
    del values["AWS_CREDENTIAL_EXPIRATION"]
    (finding,) = look(home, **values)
    assert finding.check.id == "exported-expired"
    assert finding.what == "AWS says that the exported session has expired"
    assert finding.instructions == "awsenv assume project1 --refresh"  # the cache has its profile
    assert f"AWS_ACCESS_KEY_ID=…{values['AWS_ACCESS_KEY_ID'][-4:]}" in finding.evidence
    future = {"AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z"}  # of other keys
    assert "although it should have" in look(home, **values, **future)[0].what
    past = {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"}
    assert look(home, **values, **past) == []  # an offline check reports it


def test_an_unknown_access_key_is_found(home: Home) -> None:
    (finding,) = look(home, **UNKNOWN)
    assert finding.check.id == "exported-unknown"
    assert "GetCallerIdentity: InvalidClientTokenId: The security token included in the request is invalid." in (
        finding.evidence
    )
    assert SECRET not in repr(finding)
    assert look(home, **UNKNOWN, AWS_CREDENTIAL_EXPIRATION="2020-01-01T00:00:00Z") == []


@pytest.mark.shell
def test_a_secret_of_another_key_is_found(home: Home) -> None:
    values = home.exported("user1")
    assert ids(look(home, **{**values, "AWS_SECRET_ACCESS_KEY": SECRET})) == ["exported-wrong-secret"]
    assert look(home, **values) == []


def test_another_rejection_of_aws_is_found(home: Home, scripted: tuple[Scripted, str]) -> None:
    server, url = scripted
    server.refusals["GetCallerIdentity"] = (403, "AccessDenied", "with an explicit deny in a service control policy")
    (finding,) = look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)
    assert finding.check.id == "exported-refused"
    server.refusals["GetCallerIdentity"] = (403, "RegionDisabledException", "STS is not activated in this region")
    assert ids(look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)) == ["region-disabled"]
    server.refusals.clear()
    server.arn = "arn:aws:sts::123456789012:assumed-role/project1/ada"
    assert look(home, AWS_ENDPOINT_URL=url, **UNKNOWN) == []


@pytest.mark.shell
def test_credentials_of_another_identity_than_the_prompt_shows_are_found(home: Home) -> None:
    user, role = home.exported("user1"), home.exported("project1")
    (finding,) = look(home, AWSENV_PROFILE="project1", **user)
    assert finding.check.id == "other-identity"
    assert f"arn:aws:iam::{ACCOUNT}:user/user1" in finding.what
    assert look(home, AWSENV_PROFILE="project1", **role) == []
    assert look(home, AWSENV_PROFILE="gone", **role) == []
    chained = home.exported("chained")
    assert look(home, AWSENV_PROFILE="project1", AWSENV_OPTIONS="--chain=arn:aws:iam::1:role/x", **chained) == []


def test_a_session_that_iam_rejects_is_found(home: Home, scripted: tuple[Scripted, str]) -> None:
    server, url = scripted
    server.refusals["GetUser"] = (403, "InvalidClientTokenId", "The security token included in the request is invalid")
    assert ids(look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)) == ["session-without-mfa"]
    server.refusals["GetUser"] = (403, "AccessDenied", "not authorized to perform: iam:GetUser")
    assert look(home, AWS_ENDPOINT_URL=url, **UNKNOWN) == []  # the credentials work, but may not call IAM
    server.actions.clear()
    server.arn = "arn:aws:sts::123456789012:assumed-role/project1/ada"
    look(home, AWS_ENDPOINT_URL=url, **UNKNOWN)
    assert "GetUser" not in server.actions


@pytest.mark.shell
def test_a_cached_session_that_aws_rejects_is_found(home: Home, scripted_sts: ScriptedSts) -> None:
    """The session was issued by another server."""
    scripted_sts.max_duration = 43200
    home.exported("project1", AWS_ENDPOINT_URL_STS=scripted_sts.url)
    (finding,) = look(home, "project1")
    assert finding.check.id == "cached-session-refused"
    assert "of profile project1, which should have" in finding.what
    assert finding.instructions == "awsenv assume project1 --refresh"
    assert home.awsenv("assume", "project1", "--refresh", "--shell", "sh").returncode == 0  # the fix
    assert look(home, "project1") == []


@pytest.mark.parametrize(
    ("key", "secret", "expected"),
    [
        ("AKIAQWERTYUIOPASDFGH", SECRET, "AWS does not know it"),
        (None, SECRET, "the secret access key does not belong to it"),
    ],
)
def test_profile_keys_that_aws_rejects_are_found(key: str | None, secret: str, expected: str, home: Home) -> None:
    assert home.sts is not None
    home.credentials.write_text(
        f"[user1]\naws_access_key_id = {key or home.sts.key_id}\naws_secret_access_key = {secret}\n"
    )
    (finding,) = look(home, "chained")
    assert finding.check.id == "profile-keys-refused"
    assert finding.what.endswith(f"of profile user1: {expected}")
    assert f"{home.credentials}:2" in finding.evidence
    assert secret not in repr(finding)


@pytest.mark.parametrize("profile", ["closed", "guarded"])
def test_a_role_that_may_not_be_assumed_has_a_list_of_reasons(profile: str, home: Home) -> None:
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
def test_a_duration_that_the_role_does_not_allow_is_found(
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
def test_the_doctor_never_prompts_for_a_code(setting: str, home: Home, scripted: tuple[Scripted, str]) -> None:
    server, url = scripted
    mark = home.path / "mark"
    serial = "mfa_serial = arn:aws:iam::1:mfa/ada\n" if "process" in setting else ""
    added = f"role/project1\n{serial}{setting.format(mark=mark)}\n"
    home.config.write_text(home.config.read_text().replace("role/project1\n", added, 1))
    (finding,) = look(home, "project1", AWS_ENDPOINT_URL=url)
    assert finding.what == "not checked: profile project1 needs an MFA code, and no session of it is cached"
    assert "AssumeRole" not in server.actions
    assert not mark.exists()


def test_the_doctor_runs_no_credential_process(home: Home) -> None:
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
    ids=["unreadable", "source missing", "loop", "no file"],
)
def test_invalid_files_are_left_to_the_offline_checks(broken: Callable[[Home], object], home: Home) -> None:
    """The exported credentials are still checked with AWS."""
    broken(home)
    assert ids(look(home, "project1", **UNKNOWN)) == ["exported-unknown"]
    assert look(home, "project1") == []
