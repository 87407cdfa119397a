"""The doctor's checks of the variables of this shell: each problem alone, healthy environments, and what boto3 does."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.aws_files import checks_of
from support.clock import Clock
from support.exported_keys import (
    AWS_ACCOUNT,
    LONG_TERM,
    NOW,
    SESSION,
    TOKEN,
    Environment,
    Look,
    StsResult,
    findings_of,
    is_cause_of,
    issued_in,
    without,
)
from support.homes import Home
from support.programs import BIN
from support.sts import ACCOUNT, Sts
from support.tokens import ISSUED, jwt, key_of

from awsenv import doctor, environment
from awsenv.doctor.check import ERROR, NOTE, WARNING, Check
from awsenv.doctor.checks import active_profile, environment_origin, expiration, region_and_account, web_identity
from awsenv.doctor.context import Context, UnreadableError
from awsenv.environment import Session, expiry, lookup

CHECKS = checks_of("expiration", "active-profile", "region-and-account", "environment-origin", "web-identity")
ALL_CHECKS = [*CHECKS, *checks_of("exported-keys", "key-values")]

MINUTE, HOUR = 60, 3600

CONFIG = f"""\
[profile user1]
aws_access_key_id = {LONG_TERM["AWS_ACCESS_KEY_ID"]}
aws_secret_access_key = {LONG_TERM["AWS_SECRET_ACCESS_KEY"]}

[profile project1]
role_arn = arn:aws:iam::{AWS_ACCOUNT}:role/project1
source_profile = user1
region = eu-central-1

[profile china]
role_arn = arn:aws-cn:iam::{AWS_ACCOUNT}:role/china
source_profile = user1
region = cn-north-1

[profile wrong]
role_arn = arn:aws-cn:iam::{AWS_ACCOUNT}:role/wrong
source_profile = user1
region = eu-central-1

[profile regions]
region = eu-west-1

[profile sso]
sso_account_id = {AWS_ACCOUNT}
sso_role_name = Admin
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def look(home: Path) -> Look:
    """Returns the findings of a check in an environment."""
    return partial(findings_of, home)


def at(seconds: int) -> str:
    """Return the UTC time in so many seconds."""
    return expiry.format_utc(NOW + seconds)


def session_of_awsenv(expiration: int, key: str = SESSION["AWS_ACCESS_KEY_ID"]) -> Environment:
    """Return the variables of a session as `awsenv assume project1` exports them."""
    made = Session("project1", key, SESSION["AWS_SECRET_ACCESS_KEY"], token=TOKEN, expiration=expiration, region=None)
    change = environment.assume_keys({}, made, "")
    return {name: value for name, value in change.items() if value is not None}


WEB = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": f"arn:aws:iam::{AWS_ACCOUNT}:role/pod"}
PASTED = without("AWS_REGION", "AWS_DEFAULT_REGION")

OTHER_ACCOUNT = LONG_TERM | {"AWS_ACCESS_KEY_ID": key_of("210987654321", "AKIA")}

HEALTHY: dict[str, Environment] = {
    "nothing": {},
    "a session": SESSION,
    "with its expiration": SESSION | {"AWS_CREDENTIAL_EXPIRATION": at(HOUR)},
    "with its expiration, in a second": SESSION | {"AWS_CREDENTIAL_EXPIRATION": at(1)},
    "with its expiration as the AWS CLI writes it": SESSION | {"AWS_CREDENTIAL_EXPIRATION": at(HOUR)[:-1] + "+00:00"},
    "with its expiration as date writes it": SESSION | {"AWS_CREDENTIAL_EXPIRATION": "Sun Nov 22 20:39:14 UTC 2026"},
    "with its expiration in awsume's variable": SESSION | {"AWSUME_EXPIRATION": "2037-11-22T20:39:14"},
    "of awsenv": session_of_awsenv(NOW + HOUR),
    "of awsenv, then others pasted": session_of_awsenv(NOW + HOUR) | LONG_TERM | {"AWS_SESSION_TOKEN": "", "AWS_CREDENTIAL_EXPIRATION": ""},
    "long-term keys": LONG_TERM,
    "long-term keys of awsenv": LONG_TERM | {"AWSENV_PROFILE": "user1", "AWSENV_KEY": LONG_TERM["AWS_ACCESS_KEY_ID"][-8:]},
    "a profile": {"AWS_PROFILE": "project1", "AWS_REGION": "eu-west-1"},
    "one profile twice": {"AWS_PROFILE": "project1", "AWS_DEFAULT_PROFILE": "project1"},
    "China": {"AWS_PROFILE": "china"},
    "China by variables": {"AWS_PROFILE": "china", "AWS_DEFAULT_REGION": "cn-northwest-1"},
    "a session of China": SESSION | {"AWS_SESSION_TOKEN": issued_in("cn-north-1"), "AWS_REGION": "cn-north-1", "AWS_DEFAULT_REGION": "cn-north-1"},
    "keys of their profile": LONG_TERM | {"AWS_PROFILE": "user1"},
    "keys of granted": SESSION | {"AWS_PROFILE": "project1", "GRANTED_SSO": "false"},
    "keys of another role than the profile's": session_of_awsenv(NOW + HOUR, key_of("210987654321")) | {"AWSENV_OPTIONS": "--role-arn arn:aws:iam::210987654321:role/r"},
    "keys of a user whose role is not assumed": session_of_awsenv(NOW + HOUR, key_of("210987654321")) | {"AWSENV_OPTIONS": "--session-token"},
    "keys of a user in any account": LONG_TERM | {"AWS_VAULT": "user1"},
    "keys of a test server beside a role": SESSION | {"AWS_ACCESS_KEY_ID": "ASIA0123456789ABCDEF", "AWS_VAULT": "project1"},
    "keys of aws-vault": SESSION | {"AWS_PROFILE": "project1", "AWS_VAULT": "project1"},
    "its account": SESSION | {"AWS_ACCOUNT_ID": AWS_ACCOUNT},
    "an account for scripts": {"AWS_ACCOUNT_ID": "210987654321"},
    "old keys, which do not contain their account": {**LONG_TERM, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLF", "AWS_ACCOUNT_ID": "1"},
    "a pod": WEB,
    "a pod with a profile that has only a region": WEB | {"AWS_PROFILE": "regions"},
    "a pod with a role's profile": WEB | {"AWS_PROFILE": "project1"},
    "keys in a pod": WEB | SESSION,
    "tmux": SESSION | {"TMUX": "/tmp/tmux-0/default,1,0"},
}  # fmt: skip


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_found_in_a_healthy_environment(name: str, platform: str, home: Path, look: Look) -> None:
    (home / "token").write_text(jwt(NOW + HOUR))
    environ = {variable: value.format(home=home) for variable, value in HEALTHY[name].items()}
    found = [finding for check in CHECKS for finding in look(check, environ, platform=platform)]
    assert [finding.what for finding in found if finding.check.id != "empty-variable"] == []


# check, environment, seconds since NOW, severity, a part of the message, the variables that --fix unsets
Case = tuple[Check, Environment, int, str, str, tuple[str, ...]]
EXPIRATION = ("AWS_CREDENTIAL_EXPIRATION",)
ALL = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
CASES: dict[str, Case] = {
    "of awsenv": (expiration.keys_expired, session_of_awsenv(NOW), 0, ERROR, "expired <1m ago, as awsenv noted", ALL + EXPIRATION),
    "by a variable": (
        expiration.keys_expired,
        SESSION | {"AWS_CREDENTIAL_EXPIRATION": at(0)},
        HOUR,
        ERROR,
        "expired 1h00m ago, according to AWS_CREDENTIAL_EXPIRATION, if that is their expiration",
        (),
    ),
    "by another's": (
        expiration.keys_expired,
        SESSION | {"AWS_SESSION_EXPIRATION": at(60)},
        HOUR,
        WARNING,
        "according to AWS_SESSION_EXPIRATION, if that is their expiration",
        (),
    ),
    "by the token, for certain": (expiration.keys_expired, PASTED, 36 * HOUR, ERROR, "longer than 36 hours", ALL),
    "by the token, most likely": (expiration.keys_expired, PASTED, 35 * HOUR, WARNING, "unless it came from", ()),
    "by the token, perhaps": (expiration.keys_expired, PASTED, 2 * HOUR, NOTE, "if it was valid for 1h00m, as most are", ()),
    "beside long-term keys": (
        expiration.stale_expiration,
        LONG_TERM | {"AWS_CREDENTIAL_EXPIRATION": at(-60)},
        0,
        ERROR,
        "is 1m past, and the exported access key is a long-term key",
        EXPIRATION,
    ),
    "beside long-term keys, in the future": (
        expiration.stale_expiration,
        LONG_TERM | {"AWS_CREDENTIAL_EXPIRATION": at(HOUR)},
        0,
        WARNING,
        "is 1h00m from now",
        EXPIRATION,
    ),
    "of awsenv's keys, replaced by others": (
        expiration.stale_expiration,
        session_of_awsenv(NOW - 60, key_of(AWS_ACCOUNT, rest=b"abcd")) | SESSION,
        0,
        ERROR,
        "it belongs to other credentials",
        EXPIRATION,
    ),
    "of awsenv's keys, replaced by others, in the future": (
        expiration.stale_expiration,
        session_of_awsenv(NOW + 60, key_of(AWS_ACCOUNT, rest=b"abcd")) | SESSION,
        0,
        WARNING,
        "it belongs to other credentials",
        EXPIRATION,
    ),
    "before the token was issued": (
        expiration.stale_expiration,
        SESSION | {"AWS_CREDENTIAL_EXPIRATION": expiry.format_utc(ISSUED - 5)},
        0,
        ERROR,
        "the session token was issued later",
        EXPIRATION,
    ),
    "of awsenv's keys, changed since": (
        expiration.stale_expiration,
        session_of_awsenv(NOW + HOUR) | {"AWS_CREDENTIAL_EXPIRATION": at(-120 * HOUR + 600)},
        0,
        ERROR,
        "the session token was issued later",
        EXPIRATION,
    ),
    "of awsenv's keys, changed a little": (
        expiration.stale_expiration,
        session_of_awsenv(NOW + HOUR) | {"AWS_CREDENTIAL_EXPIRATION": at(-60)},
        0,
        ERROR,
        "the exported credentials are valid until",
        EXPIRATION,
    ),
    "beside a long-term key with a token": (
        expiration.stale_expiration,
        LONG_TERM | {"AWS_SESSION_TOKEN": TOKEN, "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"},
        0,
        ERROR,
        "days past, and the exported access key is a long-term key",
        EXPIRATION,
    ),
    "without a zone, and past": (
        expiration.stale_expiration,
        SESSION | {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00"},
        0,
        ERROR,
        "has no time zone",
        EXPIRATION,
    ),
    "without a zone": (
        expiration.stale_expiration,
        SESSION | {"AWS_CREDENTIAL_EXPIRATION": "2037-01-01T00:00:00"},
        0,
        ERROR,
        "has no time zone",
        EXPIRATION,
    ),
    "with an unknown zone": (
        expiration.stale_expiration,
        SESSION | {"AWS_CREDENTIAL_EXPIRATION": "Sun Nov 22 20:39:14 XYZT 2037"},
        0,
        ERROR,
        "has no time zone",
        EXPIRATION,
    ),
    "seconds": (expiration.stale_expiration, SESSION | {"AWS_CREDENTIAL_EXPIRATION": "1795376367"}, 0, ERROR, "is not a time", EXPIRATION),
    "a word": (expiration.stale_expiration, LONG_TERM | {"AWS_CREDENTIAL_EXPIRATION": "None"}, 0, ERROR, "is not a time", EXPIRATION),
    "left alone": (
        expiration.stale_expiration,
        {"AWS_CREDENTIAL_EXPIRATION": at(-60)},
        0,
        NOTE,
        "would apply to the next credentials",
        EXPIRATION,
    ),
    "an empty profile": (active_profile.empty_profile, {"AWS_PROFILE": ""}, 0, ERROR, "AWS_PROFILE is set, but empty", ("AWS_PROFILE",)),
    "an empty default profile": (
        active_profile.empty_profile,
        SESSION | {"AWS_DEFAULT_PROFILE": ""},
        0,
        ERROR,
        "AWS_DEFAULT_PROFILE is set, but empty",
        ("AWS_DEFAULT_PROFILE",),
    ),
    "a missing profile": (active_profile.unknown_profile, {"AWS_PROFILE": "projct1"}, 0, ERROR, "there is no profile 'projct1'", ()),
    "a missing default profile": (active_profile.unknown_profile, {"AWS_PROFILE": "default"}, 0, ERROR, "no profile", ()),
    "keys beside a profile": (
        active_profile.keys_shadow_profile,
        SESSION | {"AWS_PROFILE": "project1"},
        0,
        WARNING,
        "not the profile project1 that AWS_PROFILE names",
        (),
    ),
    "keys beside a default profile": (
        active_profile.keys_shadow_profile,
        LONG_TERM | {"AWS_DEFAULT_PROFILE": "project1"},
        0,
        WARNING,
        "not the profile project1 that AWS_DEFAULT_PROFILE names",
        (),
    ),
    "two profiles": (
        active_profile.two_profiles,
        {"AWS_PROFILE": "project1", "AWS_DEFAULT_PROFILE": "user1"},
        0,
        WARNING,
        "AWS_PROFILE is project1, AWS_DEFAULT_PROFILE is user1",
        (),
    ),
    "a web identity without a role": (
        web_identity.web_identity_without_role,
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"},
        0,
        ERROR,
        "AWS_ROLE_ARN is not",
        (),
    ),
    "a missing token of a web identity": (
        web_identity.web_identity_token,
        WEB | {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/gone"},
        0,
        ERROR,
        "cannot be read: No such file",
        (),
    ),
    "an empty token of a web identity": (
        web_identity.web_identity_token,
        WEB | {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/empty"},
        0,
        ERROR,
        "is empty",
        (),
    ),
    "an expired token of a web identity": (web_identity.web_identity_token, WEB, HOUR, ERROR, "expired <1m ago", ()),
    "a web identity before a profile": (
        web_identity.web_identity_shadows_profile,
        WEB | {"AWS_PROFILE": "user1"},
        0,
        WARNING,
        "not the profile user1",
        (),
    ),
    "a session of China elsewhere": (
        region_and_account.wrong_partition,
        PASTED | {"AWS_SESSION_TOKEN": issued_in("cn-north-1"), "AWS_REGION": "eu-central-1"},
        0,
        ERROR,
        "issued in cn-north-1, in the partition aws-cn, but AWS_REGION is eu-central-1, in aws",
        (),
    ),
    "a session in GovCloud": (
        region_and_account.wrong_partition,
        PASTED | {"AWS_DEFAULT_REGION": "us-gov-west-1"},
        0,
        ERROR,
        "but AWS_DEFAULT_REGION is us-gov-west-1, in aws-us-gov",
        (),
    ),
    "a web identity in China": (
        region_and_account.wrong_partition,
        WEB | {"AWS_REGION": "cn-north-1"},
        0,
        ERROR,
        "AWS_ROLE_ARN is arn:aws:iam",
        (),
    ),
    "a role in another region": (
        region_and_account.wrong_partition,
        {"AWS_PROFILE": "china", "AWS_DEFAULT_REGION": "eu-west-1"},
        0,
        ERROR,
        "the role of profile china is arn:aws-cn:",
        (),
    ),
    "a role in its own region": (
        region_and_account.wrong_partition,
        {"AWS_PROFILE": "wrong"},
        0,
        ERROR,
        "but profile wrong is in eu-central-1",
        (),
    ),
    "another account id": (
        region_and_account.wrong_account_id,
        LONG_TERM | {"AWS_ACCOUNT_ID": "210987654321"},
        0,
        WARNING,
        f"AWS_ACCOUNT_ID is 210987654321, and the exported credentials are of account {AWS_ACCOUNT}",
        (),
    ),
    "keys of awsenv, of another account": (
        region_and_account.keys_of_another_account,
        session_of_awsenv(NOW + HOUR, key_of("210987654321")),
        0,
        WARNING,
        f"AWSENV_PROFILE is project1, of account {AWS_ACCOUNT}, and the exported credentials are of account 210987654321",
        (),
    ),
    "keys of another account, pasted over awsenv's": (
        region_and_account.keys_of_another_account,
        without("AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", of=session_of_awsenv(NOW + HOUR)) | OTHER_ACCOUNT,
        0,
        NOTE,
        "AWSENV_PROFILE is project1",
        (),
    ),
    "keys of another account in aws-vault": (
        region_and_account.keys_of_another_account,
        OTHER_ACCOUNT | {"AWS_VAULT": "project1", "AWS_PROFILE": "project1"},
        0,
        WARNING,
        "AWS_VAULT is project1",
        (),
    ),
    "keys of another account than that of the permission set": (
        region_and_account.keys_of_another_account,
        OTHER_ACCOUNT | {"AWS_SSO_PROFILE": "sso"},
        0,
        WARNING,
        f"AWS_SSO_PROFILE is sso, of account {AWS_ACCOUNT}",
        (),
    ),
    "an empty region": (
        environment_origin.empty_variable,
        LONG_TERM | {"AWS_DEFAULT_REGION": ""},
        0,
        ERROR,
        "AWS_DEFAULT_REGION is set, but empty",
        ("AWS_DEFAULT_REGION",),
    ),
    "empty keys": (
        environment_origin.empty_variable,
        dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"), ""),
        0,
        NOTE,
        "AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN are set, but empty",
        ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"),
    ),
    "an empty token": (environment_origin.empty_variable, LONG_TERM | {"AWS_SESSION_TOKEN": ""}, 0, NOTE, "is set, but empty", ("AWS_SESSION_TOKEN",)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_problem_is_found_alone(name: str, home: Path, look: Look) -> None:
    check, environ, later, severity, expected, unset = CASES[name]
    (home / "token").write_text(jwt(NOW + HOUR))
    (home / "empty").write_text("\n")
    environ = {variable: value.format(home=home) for variable, value in environ.items()}
    found = [finding for each in CHECKS for finding in look(each, environ, NOW + later)]
    assert [finding.check.id for finding in found] == [check.id]
    (finding,) = found
    assert expected in finding.what and finding.severity == severity
    assert (finding.auto_fix.unset if finding.auto_fix else ()) == unset
    assert finding.instructions
    text = " ".join([finding.what, finding.instructions, *finding.evidence])
    assert not any(secret[:12] in text for secret in (SESSION["AWS_SECRET_ACCESS_KEY"], TOKEN))
    if unset:
        assert [each for check in CHECKS for each in look(check, without(*unset, of=environ), NOW + later)] == []


@pytest.mark.parametrize(("later", "expected"), [(0, 0), (HOUR - 601, 0), (12 * HOUR - 601, 1), (37 * HOUR, 1)])
def test_an_expiration_in_a_file_takes_precedence_over_the_token(
    later: int, expected: int, home: Path, look: Look
) -> None:
    """The AWS CLI's cache has an expiration of 12 hours; by the token alone it would be an hour."""
    cache = home / ".aws" / "cli" / "cache"
    cache.mkdir(parents=True)
    key, secret, token = (SESSION[name] for name in environment.KEYS)
    credentials = {"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token}
    credentials["Expiration"] = expiry.format_utc(ISSUED + 12 * HOUR)
    (cache / f"{'0' * 40}.json").write_text(json.dumps({"Credentials": credentials}))
    found = look(expiration.keys_expired, PASTED, NOW + later + 1)
    assert len(found) == expected
    stale = SESSION | {"AWS_CREDENTIAL_EXPIRATION": at(0)}
    found = look(expiration.stale_expiration, stale, NOW + 60)
    assert "the exported credentials are valid until" in found[0].what
    assert look(expiration.keys_expired, stale, NOW + 60) == []


def test_the_configured_duration_is_used_for_the_estimate(look: Look) -> None:
    environ = PASTED | {"AWSENV_DURATION": "8h"}
    assert look(expiration.keys_expired, environ, NOW + 7 * HOUR) == []
    assert "if it was valid for 8h00m" in look(expiration.keys_expired, environ, NOW + 8 * HOUR)[0].what


def test_the_fix_for_a_session_of_awsenv_is_refresh(look: Look) -> None:
    assert look(expiration.keys_expired, session_of_awsenv(NOW))[0].instructions == "awsenv refresh"
    vault = SESSION | {"AWS_VAULT": "project1", "AWS_CREDENTIAL_EXPIRATION": at(0)}
    assert look(expiration.keys_expired, vault)[0].instructions == "awsenv assume project1"


def test_the_nearest_profile_is_proposed(look: Look) -> None:
    assert (
        look(active_profile.unknown_profile, {"AWS_PROFILE": "projct1"})[0].instructions
        == "awsenv assume project1 --mode profile"
    )
    assert (
        look(active_profile.unknown_profile, {"AWS_DEFAULT_PROFILE": "xyz"})[0].instructions
        == "unset AWS_DEFAULT_PROFILE"
    )


#: Problem -> the variables, the content of the config and credentials files, and the first finding.
MISPLACED = {
    "no prefix": ({}, "[prod]\nregion = us-east-1\n", "", "profile-prefix-missing"),
    "a prefix in capitals": ({}, "[Profile prod]\nregion = us-east-1\n", "", "profile-header-malformed"),
    "a prefix in the credentials file": (
        {},
        "",
        "[profile prod]\naws_access_key_id = k\n",
        "profile-prefix-in-credentials",
    ),
    "another file": (
        {"AWS_CONFIG_FILE": "{home}/other"},
        "[profile prod]\nregion = us-east-1\n",
        "",
        "profile-in-other-file",
    ),
}


@pytest.mark.parametrize("name", MISPLACED)
def test_a_misplaced_profile_is_not_unknown(name: str, home: Path, look: Look) -> None:
    more, config, credentials, cause = MISPLACED[name]
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)
    (home / "other").touch()
    environ = {"AWS_PROFILE": "prod"} | {variable: value.format(home=home) for variable, value in more.items()}
    assert look(active_profile.unknown_profile, environ) == []
    # the real clock, as a check compares it with the times of files, also of the installed program
    context = Context({"HOME": str(home), **environ}, int(time.time()), offline=True)
    assert doctor.examine(context)[0].check.id == cause

    (finding,) = look(active_profile.unknown_profile, environ | SESSION)  # beside keys those checks do not count
    assert finding.severity == ERROR and finding.instructions == "unset AWS_PROFILE"
    finding, _ = look(
        active_profile.unknown_profile, environ, named="default"
    )  # the default profile is missing as well
    (other,) = [one for one in doctor.examine(context) if one.check.id == cause]
    assert finding.instructions == other.instructions
    (finding,) = look(active_profile.unknown_profile, environ | {"AWS_PROFILE": "prd"})
    assert finding.instructions.startswith(("awsenv assume", "unset AWS_PROFILE"))


def test_the_fix_for_an_unknown_profile_beside_keys_is_to_unset_it(look: Look) -> None:
    (finding,) = look(active_profile.unknown_profile, SESSION | {"AWS_PROFILE": "projct1"})
    assert finding.instructions == "unset AWS_PROFILE"


def test_the_files_are_searched_for_the_keys_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each search takes a second with 10,000 profiles and a full cache."""
    searched = []
    real = lookup.look_up
    monkeypatch.setattr(lookup, "look_up", lambda *given: searched.append(given) or real(*given))
    environ = {"HOME": str(home), "TMUX": "/tmp/tmux-0/default,1,0", "AWS_PROFILE": "project1"} | PASTED
    context = Context(environ | {"AWS_CREDENTIAL_EXPIRATION": at(-1)}, NOW)
    for check in ALL_CHECKS:
        list(check.look(context))
    assert len(searched) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_a_pipe_as_token_file_is_not_read(home: Path, look: Look) -> None:
    os.mkfifo(home / "token")
    environ = WEB | {"AWS_WEB_IDENTITY_TOKEN_FILE": str(home / "token")}
    (finding,) = look(web_identity.web_identity_token, environ)
    assert "does not name a regular file" in finding.what and finding.severity == WARNING
    (home / "token").unlink()
    (home / "token").write_text(jwt(NOW + HOUR))
    assert look(web_identity.web_identity_token, environ) == []


def test_a_named_profile_is_checked_beside_exported_keys(look: Look) -> None:
    assert look(region_and_account.wrong_partition, SESSION) == []
    (finding,) = look(
        region_and_account.wrong_partition, without("AWS_REGION", "AWS_DEFAULT_REGION", of=SESSION), named="wrong"
    )
    assert "profile wrong is in eu-central-1" in finding.what
    assert finding.evidence[0].endswith("config:16")


@pytest.mark.parametrize("broken", ["no section\n", "[profile x]\nfoo\n"])
def test_unreadable_files_are_reported_by_one_check(broken: str, home: Path, look: Look) -> None:
    (home / ".aws" / "config").write_text(broken)
    for check in CHECKS:
        for environ in HEALTHY.values():
            try:
                assert look(check, environ) == [] or check.id in ("web-identity-token", "empty-variable")
            except UnreadableError:
                assert check.id in ("unknown-profile", "region-missing") or check.id.startswith("profile-web-identity")


@pytest.mark.parametrize("token", [jwt(None), jwt("soon"), jwt([1]), "a.b.c", "no token", "a.%%%.c", jwt(float("inf"))])
def test_a_token_without_an_expiration_has_no_finding(token: str, home: Path, look: Look) -> None:
    (home / "token").write_text(token)
    environ = {name: value.format(home=home) for name, value in WEB.items()}
    assert look(web_identity.web_identity_token, environ) == []


# --- the origin of the variables --------------------------------------------------------------------------------------

SCRIPT = """if True:
    import os, sys
    from awsenv.doctor.context import Context
    from awsenv.doctor.checks.environment_origin import old_environment
    for finding in old_environment.look(Context(os.environ, int(sys.argv[1]))):
        print(finding.what, finding.instructions, sep="|")
"""


def findings_in_a_shell(home: Path, started_with: Environment, exported: Environment, now: int) -> str:
    """Return the findings in a child of a shell that was started with some variables and has exported more."""
    program = shlex.join([sys.executable, "-c", SCRIPT, str(now)])
    lines = [f"export {name}={shlex.quote(value)}" for name, value in exported.items()]
    script = "\n".join([*lines, program, ":"])
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", **started_with}
    return subprocess.run(["/bin/sh", "-c", script], env=environ, capture_output=True, text=True, check=True).stdout


TMUX = {"TMUX": "/tmp/tmux-0/default,1,0"}
EXPIRED = {"AWS_CREDENTIAL_EXPIRATION": at(0)}
OTHER_KEY = {"AWS_ACCESS_KEY_ID": key_of(AWS_ACCOUNT, rest=b"abcd")}


@pytest.mark.shell
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the initial environment of a process")
@pytest.mark.parametrize(
    ("started_with", "exported", "expected"),
    [
        (SESSION | EXPIRED | TMUX, {}, "the expired credentials came from tmux: each new window has them|restart tmux"),
        (SESSION | EXPIRED, {}, "the expired credentials came from the program that started this shell"),
        (TMUX, SESSION | EXPIRED, ""),
        (SESSION | TMUX, {}, ""),
        (SESSION | TMUX, OTHER_KEY, "each new window of tmux has the access key …"),
        (SESSION | TMUX, {"AWS_ACCESS_KEY_ID": ""}, "this shell has none"),
        (SESSION, OTHER_KEY, ""),
        (TMUX, SESSION, ""),
    ],
)
def test_inherited_keys_are_distinguished_from_exported_ones(
    started_with: Environment, exported: Environment, expected: str, home: Path
) -> None:
    found = findings_in_a_shell(home, started_with, exported, NOW + 60)
    assert expected in found if expected else found == ""


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (TMUX, "tmux"),
        ({"STY": "1.pts"}, "screen"),
        ({"TERM_PROGRAM": "vscode"}, "VS Code"),
        ({"TERMINAL_EMULATOR": "JetBrains-JediTerm"}, "the JetBrains IDE"),
        ({"TERM_PROGRAM": "iTerm.app"}, None),
        ({"STY": ""}, None),
    ],
)
def test_without_proc_the_origin_is_reported_as_likely(host: Environment, name: str | None, look: Look) -> None:
    found = look(environment_origin.old_environment, SESSION | EXPIRED | host, NOW + 60, platform="darwin")
    assert [f"may have come from {name}" in finding.what for finding in found] == ([] if name is None else [True])
    assert look(environment_origin.old_environment, SESSION | host, NOW + 60, platform="darwin") == []


# --- boto3 and the AWS CLI --------------------------------------------------------------------------------------------


# check, whether the keys are those of a session (None: no keys), the changes, a part of boto3's error
REFUSED: dict[str, tuple[Check, bool | None, Environment, str]] = {
    "an old expiration": (
        expiration.stale_expiration,
        False,
        {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"},
        "Credentials were refreshed, but the refreshed credentials are still expired.",
    ),
    "an old expiration of the keys": (
        expiration.keys_expired,
        True,
        {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"},
        "Credentials were refreshed, but the refreshed credentials are still expired.",
    ),
    "an expiration without a zone": (
        expiration.stale_expiration,
        True,
        {"AWS_CREDENTIAL_EXPIRATION": "2037-01-01T00:00:00"},
        "can't subtract offset-naive and offset-aware datetimes",
    ),
    "an invalid expiration": (
        expiration.stale_expiration,
        True,
        {"AWS_CREDENTIAL_EXPIRATION": "soon"},
        "Unknown string format",
    ),
    "an expiration in seconds": (
        expiration.stale_expiration,
        True,
        {"AWS_CREDENTIAL_EXPIRATION": "1795376367"},
        "ParserError",
    ),
    "an empty profile": (
        active_profile.empty_profile,
        True,
        {"AWS_PROFILE": ""},
        "The config profile () could not be found",
    ),
    "an empty default profile": (
        active_profile.empty_profile,
        False,
        {"AWS_DEFAULT_PROFILE": ""},
        "The config profile () could not be found",
    ),
    "no such profile": (active_profile.unknown_profile, True, {"AWS_PROFILE": "gone"}, "ProfileNotFound"),
    "no default profile": (active_profile.unknown_profile, True, {"AWS_PROFILE": "default"}, "ProfileNotFound"),
    "no role": (
        web_identity.web_identity_without_role,
        None,
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/gone"},
        "InvalidConfigError",
    ),
    "no token file": (
        web_identity.web_identity_token,
        None,
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/gone", "AWS_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/project1"},
        "FileNotFoundError",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_boto3_fails_on_what_the_check_finds_and_works_without_it(
    name: str, role_session: Environment, sts: Sts, look: Look, sts_result: StsResult
) -> None:
    check, temporary, changes, error = REFUSED[name]
    long_term = {"AWS_ACCESS_KEY_ID": sts.key_id, "AWS_SECRET_ACCESS_KEY": sts.secret}
    healthy: Environment = role_session if temporary else long_term if temporary is False else {}
    now = int(time.time())
    assert look(check, healthy, now) == []
    environ = healthy | changes
    output = sts_result(environ)
    assert error in output
    (finding,) = look(check, environ, now)
    assert finding.severity == ERROR
    assert is_cause_of(finding.check, output)
    if finding.auto_fix:
        fixed = without(*finding.auto_fix.unset, of=environ)
        assert sts_result(fixed) == ACCOUNT or check is expiration.keys_expired


@pytest.mark.parametrize("name", environment.EXPIRATIONS)
def test_credentials_that_aws_accepts_have_not_expired(
    name: str, role_session: Environment, sts: Sts, home: Path, look: Look
) -> None:
    """Then only the expiration variable is unset, as it belongs to other keys. Offline that is only possible."""
    environ = role_session | {"HOME": str(home), "AWS_ENDPOINT_URL": sts.url, "AWS_REGION": "us-east-1"}
    environ[name] = "2026-01-01T00:00:00Z"
    context = Context(environ, int(time.time()))
    context.probe()
    assert context.answers.exported is not None and context.answers.exported.identity is not None
    assert list(expiration.keys_expired.look(context)) == []
    found = [one for check in CHECKS for one in check.look(context)]
    assert [one.check.id for one in found] == ["stale-expiration"]
    assert "AWS has just accepted the exported credentials" in found[0].what
    assert found[0].auto_fix is not None and found[0].auto_fix.unset == (name,)
    assert found[0].severity == (ERROR if name == EXPIRATION[0] else WARNING)  # boto3 then sends no request

    (finding,) = look(expiration.keys_expired, environ, int(time.time()))
    assert finding.auto_fix is None and "if that is their expiration" in finding.what
    assert finding.severity == (ERROR if name == EXPIRATION[0] else WARNING)


@pytest.mark.shell
def test_credentials_that_aws_calls_expired_are_unset(
    role_session: Environment, sts: Sts, tmp_path: Path, clock: Clock
) -> None:
    environ = role_session | {"AWS_REGION": "us-east-1", "AWSUME_EXPIRATION": expiry.format_utc(int(time.time()))}
    clock.move("+2h")
    environ = Home(tmp_path, sts).environment(**clock.environment, **environ)
    command = [str(BIN / "awsenv"), "doctor", "--fix", "--shell", "bash"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert "according to AWSUME_EXPIRATION\n" in done.stderr
    assert {*ALL, "AWSUME_EXPIRATION"} <= set(re.findall(r"\w+", done.stdout))


@pytest.mark.shell
def test_boto3_uses_an_empty_region(home: Path, look: Look) -> None:
    """Its endpoint is invalid, so no request is sent."""
    environ = LONG_TERM | {"AWS_DEFAULT_REGION": "", "HOME": str(home), "PATH": "/usr/bin:/bin"}
    script = "import boto3; boto3.client('sts')"
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=False)
    assert "Invalid endpoint: https://sts..amazonaws.com" in done.stderr
    (finding,) = look(environment_origin.empty_variable, environ)
    assert is_cause_of(finding.check, done.stderr)


@pytest.mark.parametrize("expected", ["Sun Nov 22 20:39:14 UTC 2037", "2037-11-22 20:39:14 +01:00"])
def test_times_are_read_as_boto3_reads_them(
    expected: str, role_session: Environment, look: Look, sts_result: StsResult
) -> None:
    environ = role_session | {"AWS_CREDENTIAL_EXPIRATION": expected}
    assert sts_result(environ) == ACCOUNT
    assert look(expiration.stale_expiration, environ, int(time.time())) == []


def test_boto3_uses_the_keys_and_not_the_profile(role_session: Environment, look: Look, sts_result: StsResult) -> None:
    environ = role_session | {"AWS_PROFILE": "user1"}
    assert sts_result(environ) == ACCOUNT  # AWS would refuse those of user1
    assert look(active_profile.keys_shadow_profile, environ)


def test_boto3_uses_the_default_profile_of_two(sts_result: StsResult, look: Look) -> None:
    environ = {"AWS_PROFILE": "user1", "AWS_DEFAULT_PROFILE": "gone"}
    assert "The config profile (gone) could not be found" in sts_result(environ)
    assert look(active_profile.two_profiles, environ)


@pytest.mark.shell
def test_an_expired_session_of_the_aws_cli_is_found_in_its_cache(
    sts: Sts, tmp_path: Path, clock: Clock, look: Look
) -> None:
    """The AWS CLI obtains a session, its keys are exported, and two hours later the AWS CLI calls them expired."""
    home = Home(tmp_path, sts)
    home.config.write_text(
        f"[profile p]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/project1\nsource_profile = u\nregion = us-east-1\n"
    )
    home.credentials.write_text(f"[u]\naws_access_key_id = {sts.key_id}\naws_secret_access_key = {sts.secret}\n")
    identity = [str(BIN / "aws"), "sts", "get-caller-identity", "--region", "us-east-1"]
    subprocess.run([*identity, "--profile", "p"], env=home.environment(), check=True, capture_output=True)
    (entry,) = home.cache.glob("*.json")
    credentials = json.loads(entry.read_text())["Credentials"]
    pasted = dict(
        zip(environment.KEYS, (credentials[n] for n in ("AccessKeyId", "SecretAccessKey", "SessionToken")), strict=True)
    )
    expires = datetime.fromisoformat(credentials["Expiration"].replace("Z", "+00:00")).astimezone(timezone.utc)
    assert look(expiration.keys_expired, pasted, int(expires.timestamp()) - 1) == []

    clock.move("+2h")
    later = home.environment(**clock.environment, **pasted)
    done = subprocess.run(identity, env=later, capture_output=True, text=True, check=False)
    assert "(ExpiredToken)" in done.stderr
    (finding,) = look(expiration.keys_expired, pasted, int(time.time()) + 2 * HOUR)
    assert "as cached for profile p" in finding.what and is_cause_of(finding.check, done.stderr)
    assert finding.instructions == "awsenv assume p"


NAMES = sorted({*environment.TABLE, "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ENDPOINT_URL", "TMUX"})
VALUES = st.one_of(
    st.text(),
    st.sampled_from(
        ["", "p", "1-1-1 1:1 +99:99", "http://[", AWS_ACCOUNT, at(0), TOKEN, TOKEN[:99], *SESSION.values()]
    ),
)
SECRET = st.text("abcdefghijklmnop0123456789/+ \n", min_size=35, max_size=60).map("Zz7Qq".__add__)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    environ=st.dictionaries(st.sampled_from(NAMES), VALUES),
    secret=SECRET,
    platform=st.sampled_from(["linux", "win32"]),
)
def test_arbitrary_environments_neither_fail_nor_show_a_secret(
    environ: Environment, secret: str, platform: str, look: Look
) -> None:
    wrong_place = ("AWS_CREDENTIAL_EXPIRATION", "AWS_ACCOUNT_ID", "AWS_DEFAULT_REGION")
    environ |= dict.fromkeys((*environment.SECRETS, *(name for name in wrong_place if name not in environ)), secret)
    for check in ALL_CHECKS:
        for finding in look(check, environ, platform=platform):
            assert "Zz7Qq" not in " ".join([finding.what, finding.instructions, *finding.evidence])
