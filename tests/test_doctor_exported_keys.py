"""The doctor's checks of exported keys and tokens: each problem alone, healthy environments, and what boto3 does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.aws_files import checks_of
from support.exported_keys import (
    AWS_ACCOUNT,
    LONG_TERM,
    OLD,
    SECRET,
    SESSION,
    TOKEN,
    Environment,
    Look,
    StsResult,
    changed,
    findings_of,
    is_cause_of,
    issued_in,
    with_length,
    without,
)
from support.sts import ACCOUNT, Sts
from support.tokens import ISSUED, key_of, of_the_world, regional, text

from awsenv.aws.partitions import REGIONS as ALL_REGIONS
from awsenv.doctor.check import ERROR, NOTE, WARNING, Check
from awsenv.doctor.checks import exported_keys, key_values, region_and_account

CHECKS = checks_of("exported-keys", "key-values")
CHECKS.append(region_and_account.global_token)

OTHER_SERVER = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}

HEALTHY = {
    "nothing": {},
    "a session": SESSION,
    "both names of the token": SESSION | {"AWS_SECURITY_TOKEN": TOKEN},
    "long-term keys": LONG_TERM,
    "long-term keys from before 2019": OLD,
    "a session of the global endpoint": SESSION | {"AWS_SESSION_TOKEN": text(of_the_world())},
    "a token of another form": SESSION | {"AWS_SESSION_TOKEN": "A" * 400},
    "without padding": SESSION | {"AWS_SESSION_TOKEN": issued_in(more=159)},
    "a token of 1,024 characters that is whole": SESSION | {"AWS_SESSION_TOKEN": with_length(1024)},
    "of awsenv": SESSION | {"AWSENV_PROFILE": "p", "AWSENV_KEY": SESSION["AWS_ACCESS_KEY_ID"][-8:]},
    "empty": dict.fromkeys(SESSION, ""),
    "another server": OTHER_SERVER
    | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"},
    "another server, with a session": OTHER_SERVER
    | {
        "AWS_ACCESS_KEY_ID": "ASIA0123456789ABCDEF",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "FwoGZX" + "0" * 1018,
    },
    "MinIO": {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000",
        "AWS_ACCESS_KEY_ID": "minioadmin",
        "AWS_SECRET_ACCESS_KEY": "minioadmin",
    },
    "MinIO, with a key that it has made": {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000",
        "AWS_ACCESS_KEY_ID": "0PN5J17HBGZHT7JJ3X82",
        "AWS_SECRET_ACCESS_KEY": "a/b.c",
    },
    "China": SESSION | {"AWS_SESSION_TOKEN": text(of_the_world()), "AWS_REGION": "cn-north-1"},
    "GovCloud": SESSION | {"AWS_SESSION_TOKEN": text(of_the_world()), "AWS_DEFAULT_REGION": "us-gov-west-1"},
    "a regional token in an opt-in region": SESSION | {"AWS_REGION": "af-south-1"},
}


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Returns the findings of a check in an environment."""
    return partial(findings_of, tmp_path)


@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_found_in_a_healthy_environment(name: str, look: Look) -> None:
    assert [finding.what for check in CHECKS for finding in look(check, HEALTHY[name])] == []


# check, environment, severity, a part of the message, the variables that --fix unsets
CASES: dict[str, tuple[Check, Environment, str, str, tuple[str, ...]]] = {
    "no secret": (
        exported_keys.partial_keys,
        without("AWS_SECRET_ACCESS_KEY"),
        ERROR,
        "AWS_SECRET_ACCESS_KEY is not",
        (),
    ),
    "no key id": (exported_keys.partial_keys, without("AWS_ACCESS_KEY_ID"), WARNING, "SDKs ignore it", ()),
    "a token alone": (
        exported_keys.partial_keys,
        {"AWS_SESSION_TOKEN": TOKEN},
        NOTE,
        "AWS_SESSION_TOKEN without an access key",
        ("AWS_SESSION_TOKEN",),
    ),
    "two tokens alone": (
        exported_keys.partial_keys,
        {"AWS_SESSION_TOKEN": TOKEN, "AWS_SECURITY_TOKEN": TOKEN},
        NOTE,
        "AWS_SECURITY_TOKEN and AWS_SESSION_TOKEN without an access key",
        ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"),
    ),
    "no token": (
        exported_keys.key_without_token,
        without("AWS_SESSION_TOKEN"),
        ERROR,
        "AWS_SESSION_TOKEN is not set",
        (),
    ),
    "an empty token": (
        exported_keys.key_without_token,
        changed(AWS_SESSION_TOKEN=""),
        ERROR,
        "AWS_SESSION_TOKEN is not set",
        (),
    ),
    "a left-over token": (
        exported_keys.token_beside_long_term_key,
        LONG_TERM | {"AWS_SESSION_TOKEN": TOKEN},
        ERROR,
        "AWS_SESSION_TOKEN of another session",
        ("AWS_SESSION_TOKEN",),
    ),
    "a left-over security token": (
        exported_keys.token_beside_long_term_key,
        LONG_TERM | {"AWS_SECURITY_TOKEN": TOKEN, "AWS_SESSION_TOKEN": ""},
        ERROR,
        "AWS_SECURITY_TOKEN of another session",
        ("AWS_SECURITY_TOKEN",),
    ),
    "two tokens": (
        exported_keys.security_token_shadows,
        changed(AWS_SECURITY_TOKEN=issued_in(time=ISSUED - 9999)),
        ERROR,
        "AWS_SECURITY_TOKEN differs",
        ("AWS_SECURITY_TOKEN",),
    ),
    "a token in the old variable alone": (
        exported_keys.security_token_alone,
        without("AWS_SESSION_TOKEN") | {"AWS_SECURITY_TOKEN": TOKEN},
        WARNING,
        "in AWS_SECURITY_TOKEN alone",
        (),
    ),
    "AWS's example": (
        key_values.example_keys,
        {
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        },
        ERROR,
        "AWS_ACCESS_KEY_ID is the example",
        (),
    ),
    "AWS's example secret": (
        key_values.example_keys,
        changed(AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY"),
        ERROR,
        "AWS_SECRET_ACCESS_KEY is the example",
        (),
    ),
    "a key id that is cut off": (
        key_values.malformed_key_id,
        changed(AWS_ACCESS_KEY_ID=SESSION["AWS_ACCESS_KEY_ID"][:-1]),
        ERROR,
        "has 19 characters, not 20",
        (),
    ),
    "a short secret of AWS's, beside MinIO": (
        key_values.secret_length,
        changed(AWS_SECRET_ACCESS_KEY=SECRET[:-1], AWS_ENDPOINT_URL_S3="http://127.0.0.1:9000"),
        ERROR,
        "has 39 characters, not 40",
        (),
    ),
    "keys of a test server whose endpoint is ignored": (
        key_values.malformed_key_id,
        changed(
            AWS_ACCESS_KEY_ID="project1",
            AWS_ENDPOINT_URL="http://127.0.0.1:9000",
            AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true",
        ),
        ERROR,
        "begins neither",
        (),
    ),
    "the keys of LocalStack's manual": (
        key_values.malformed_key_id,
        {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
        NOTE,
        "is accepted by test servers",
        (),
    ),
    "the keys of MinIO's manual": (
        key_values.malformed_key_id,
        {"AWS_ACCESS_KEY_ID": "minioadmin", "AWS_SECRET_ACCESS_KEY": "minioadmin"},
        NOTE,
        "is accepted by test servers",
        (),
    ),
    "the keys of moto's manual": (
        key_values.malformed_key_id,
        {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"},
        NOTE,
        "is accepted by test servers",
        (),
    ),
    "a secret as key id": (
        key_values.malformed_key_id,
        changed(AWS_ACCESS_KEY_ID="A" * 40),
        ERROR,
        "may be swapped",
        (),
    ),
    "the id of a role": (
        key_values.malformed_key_id,
        changed(AWS_ACCESS_KEY_ID="AROA" + "A" * 17),
        ERROR,
        "the id of a role",
        (),
    ),
    "another text as key id": (
        key_values.malformed_key_id,
        changed(AWS_ACCESS_KEY_ID="project1"),
        ERROR,
        "begins neither",
        (),
    ),
    "a key id in small letters": (
        key_values.malformed_key_id,
        changed(AWS_ACCESS_KEY_ID="ASIA" + "a" * 16),
        ERROR,
        "has lowercase letters",
        (),
    ),
    "a key id with a 0 for an O": (
        key_values.malformed_key_id,
        changed(AWS_ACCESS_KEY_ID="ASIA" + "A" * 15 + "0"),
        WARNING,
        "mistyped",
        (),
    ),
    "a short secret": (
        key_values.secret_length,
        changed(AWS_SECRET_ACCESS_KEY=SECRET[:-1]),
        ERROR,
        "has 39 characters, not 40",
        (),
    ),
    "a secret for a test server, with a key of AWS's": (
        key_values.secret_length,
        LONG_TERM | {"AWS_SECRET_ACCESS_KEY": "test"},
        ERROR,
        "has 4 characters",
        (),
    ),
    "a long secret": (
        key_values.secret_length,
        LONG_TERM | {"AWS_SECRET_ACCESS_KEY": SECRET + "x"},
        ERROR,
        "has 41",
        (),
    ),
    "a token that is cut off": (
        exported_keys.truncated_token,
        changed(AWS_SESSION_TOKEN=TOKEN[:200]),
        ERROR,
        "AWS_SESSION_TOKEN ends in the middle",
        (),
    ),
    "a token cut off by setx": (
        exported_keys.truncated_token,
        changed(AWS_SESSION_TOKEN=with_length(1232)[:1024]),
        ERROR,
        "setx cuts there",
        (),
    ),
    "a token of another form cut off by setx": (
        exported_keys.truncated_token,
        changed(AWS_SESSION_TOKEN="A" * 1024),
        WARNING,
        "where setx cuts",
        (),
    ),
    "a token without its padding": (
        exported_keys.truncated_token,
        changed(AWS_SESSION_TOKEN=next(t for t in (issued_in(more=n) for n in range(3)) if "=" in t).rstrip("=")),
        WARNING,
        "lacks its last characters",
        (),
    ),
    "keys of two accounts": (
        exported_keys.mixed_keys,
        changed(AWS_ACCESS_KEY_ID=key_of("210987654321")),
        ERROR,
        f"is of account 210987654321, AWS_SESSION_TOKEN of account {AWS_ACCOUNT}",
        (),
    ),
    "a global token in an opt-in region": (
        region_and_account.global_token,
        changed(AWS_SESSION_TOKEN=text(of_the_world()), AWS_REGION="af-south-1"),
        ERROR,
        "is not valid in af-south-1",
        (),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_problem_is_found_alone(name: str, look: Look) -> None:
    check, environ, severity, expected, unset = CASES[name]
    found = [finding for each in CHECKS for finding in look(each, environ)]
    assert [finding.check.id for finding in found] == [check.id]
    (finding,) = found
    assert expected in finding.what and finding.severity == severity
    assert (finding.auto_fix.unset if finding.auto_fix else ()) == unset
    assert set(unset) <= set(environ)
    assert finding.instructions
    text = " ".join([finding.what, finding.instructions, *finding.evidence])
    assert not any(secret[:12] in text for secret in (SECRET, TOKEN, environ.get("AWS_SESSION_TOKEN") or TOKEN))
    if unset:
        assert look(check, without(*unset, of=environ)) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((word, word) for word in ("null", "None", "undefined", "(null)", "NULL", "nil")),
        *(
            (word, word)
            for word in ("<session-token>", "%AWS_TOKEN%", "$TOKEN", "${TOKEN}", "$env:TOKEN", "$(cat token)")
        ),
        *((word, word) for word in ("your-token", "YOUR_SESSION_TOKEN", "[redacted]")),
        ("...", "…"),
        ("****************ABCD", "…ABCD"),
        ("xxxxxxxx", "xxxxxxxx"),
    ],
)
@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_a_placeholder_is_distinguished_from_a_value(variable: str, value: str, shown: str, look: Look) -> None:
    found = [finding for check in CHECKS for finding in look(check, changed(**{variable: value}))]
    assert [finding.check.id for finding in found] == ["placeholder-value"]
    (evidence,) = found[0].evidence
    assert evidence == f"{variable}={shown}"


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_placeholder_as_region_is_found(variable: str, look: Look) -> None:
    (finding,) = look(key_values.placeholder_value, changed(**{variable: "None"}))
    assert finding.instructions == f"unset {variable}"


@pytest.mark.parametrize(
    ("make", "flaw"),
    [
        (lambda value: value + " ", "a blank at its end"),
        (lambda value: " " + value, "a blank at its beginning"),
        (lambda value: value + "\n", "a line break at its end"),
        (lambda value: value + "\r", "a carriage return (Windows ends lines with one) at its end"),
        (lambda value: value + " \r\n", "a blank at its end"),
        (lambda value: value[:9] + "\n" + value[9:], "a line break inside"),
        (
            lambda value: value[:9] + "\r\n  " + value[9:],
            "a carriage return (Windows ends lines with one) inside",
        ),
        (lambda value: value[:9] + "\t" + value[9:], "a tab inside"),
        (lambda value: value + "\xa0", "a no-break space at its end"),
        (lambda value: "\ufeff" + value, "a byte order mark at its beginning"),
        (lambda value: f'"{value}"', "quotes around it"),
        (lambda value: f"'{value}'", "quotes around it"),
        (lambda value: value + '"', "a quotation mark at its end"),
        (lambda value: value + "\u200b", r"'\u200b' at its end"),
        (lambda value: value + ";", "';' at its end"),
        (lambda value: value + "\udcff", r"'\udcff' at its end"),
    ],
)
@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"])
def test_an_unclean_character_is_named(variable: str, make: Callable[[str], str], flaw: str, look: Look) -> None:
    found = [finding for check in CHECKS for finding in look(check, changed(**{variable: make(SESSION[variable])}))]
    assert [finding.check.id for finding in found] == ["unclean-value"]
    assert f"{variable} has {flaw}" in found[0].what
    assert found[0].what.isprintable()
    if variable == "AWS_REGION":
        fixable = not any(part in flaw for part in ("inside", "200b", "byte order", "';'", "dcff"))
        assert found[0].instructions == ("export AWS_REGION=eu-central-1" if fixable else "unset AWS_REGION")


def test_only_blanks_and_quotes_are_errors_in_keys_of_another_server(look: Look) -> None:
    keys_of_minio = OTHER_SERVER | {"AWS_ACCESS_KEY_ID": "minio.admin", "AWS_SECRET_ACCESS_KEY": "p@ss:w0rd!"}
    assert look(key_values.unclean_value, keys_of_minio) == []
    assert look(key_values.unclean_value, keys_of_minio | {"AWS_ENDPOINT_URL": "https://sts.eu-west-1.amazonaws.com"})
    assert look(key_values.unclean_value, keys_of_minio | {"AWS_SECRET_ACCESS_KEY": "p@ss:w0rd!\n"})


def test_keys_of_a_test_server_in_the_config_file_are_accepted(look: Look, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[profile local]\nendpoint_url = http://127.0.0.1:4566\n")
    environ = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "p@ss"}

    def found(**more: str) -> list[str]:
        return [finding.check.id for check in CHECKS for finding in look(check, environ | more)]

    assert found(AWS_PROFILE="local") == []
    assert set(found()) == {"malformed-key-id", "unclean-value"}
    assert found(AWS_PROFILE="local", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true") == found()
    (tmp_path / ".aws" / "config").write_text("no section\n")
    assert found(AWS_PROFILE="local") == found()
    assert found(AWS_ENDPOINT_URL="http://127.0.0.1:4566") == []


def test_the_fix_names_the_profile_if_it_is_known(look: Look, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text('[profile "a b"]\ncredential_process = true\n')

    def fix(**more: str) -> str:
        (finding,) = look(exported_keys.key_without_token, without("AWS_SESSION_TOKEN") | more)
        return finding.instructions

    assert fix() == "awsenv assume PROFILE"
    assert fix(AWS_VAULT="gone") == "awsenv assume PROFILE"
    assert fix(AWS_VAULT="a b") == "awsenv assume 'a b'"
    (tmp_path / ".aws" / "config").write_text("no section\n")
    assert fix(AWS_VAULT="a b") == "repair the AWS files first (see config-unreadable), then awsenv assume PROFILE"


def test_a_legacy_endpoint_is_unset_first(look: Look) -> None:
    environ = CASES["a global token in an opt-in region"][1]
    assert look(region_and_account.global_token, environ)[0].instructions == "awsenv assume PROFILE --refresh"
    legacy = environ | {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}
    assert look(region_and_account.global_token, legacy)[0].instructions.startswith(
        "unset AWS_STS_REGIONAL_ENDPOINTS\nawsenv assume"
    )


@pytest.mark.parametrize("region", ALL_REGIONS)
def test_opt_in_regions_are_known(region: str, look: Look) -> None:
    enabled = region in region_and_account._ENABLED_BY_DEFAULT or region.startswith(("cn-", "us-gov-"))
    found = look(region_and_account.global_token, changed(AWS_SESSION_TOKEN=text(of_the_world()), AWS_REGION=region))
    assert bool(found) is not enabled


# --- boto3 ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_term(sts: Sts) -> Environment:
    return {"AWS_ACCESS_KEY_ID": sts.key_id, "AWS_SECRET_ACCESS_KEY": sts.secret}


INVALID = "InvalidClientTokenId"
# check, whether the keys are those of a session, the changes (None: unset), a part of boto3's error
REFUSED: dict[str, tuple[Check, bool, dict[str, str | None], str]] = {
    "no secret": (exported_keys.partial_keys, True, {"AWS_SECRET_ACCESS_KEY": None}, "PartialCredentialsError"),
    "no token": (exported_keys.key_without_token, True, {"AWS_SESSION_TOKEN": None}, INVALID),
    "a left-over token": (exported_keys.token_beside_long_term_key, False, {"AWS_SESSION_TOKEN": TOKEN}, INVALID),
    "a left-over security token": (
        exported_keys.token_beside_long_term_key,
        False,
        {"AWS_SECURITY_TOKEN": TOKEN},
        INVALID,
    ),
    "two tokens": (exported_keys.security_token_shadows, True, {"AWS_SECURITY_TOKEN": TOKEN}, INVALID),
    "null": (key_values.placeholder_value, True, {"AWS_SESSION_TOKEN": "null"}, INVALID),
    "no region": (key_values.placeholder_value, True, {"AWS_DEFAULT_REGION": "<region>"}, "InvalidRegionError"),
    "a region with a blank": (
        key_values.unclean_value,
        True,
        {"AWS_DEFAULT_REGION": "us-east-1 "},
        "InvalidRegionError",
    ),
    "a secret with a blank": (
        key_values.unclean_value,
        False,
        {"AWS_SECRET_ACCESS_KEY": "{} "},
        "SignatureDoesNotMatch",
    ),
    "a secret in quotes": (key_values.unclean_value, False, {"AWS_SECRET_ACCESS_KEY": "'{}'"}, "SignatureDoesNotMatch"),
    "a token with a line break": (
        key_values.unclean_value,
        True,
        {"AWS_SESSION_TOKEN": "{}\n"},
        "Invalid header value",
    ),
    "a key id with a blank": (key_values.unclean_value, False, {"AWS_ACCESS_KEY_ID": "{} "}, INVALID),
    "AWS's example": (key_values.example_keys, False, {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, INVALID),
    "a short key id": (key_values.malformed_key_id, False, {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7"}, INVALID),
    "a short secret": (
        key_values.secret_length,
        False,
        {"AWS_SECRET_ACCESS_KEY": SECRET[:-1]},
        "SignatureDoesNotMatch",
    ),
    "a token that is cut off": (exported_keys.truncated_token, True, {"AWS_SESSION_TOKEN": TOKEN[:200]}, INVALID),
    "keys of two sessions": (
        exported_keys.mixed_keys,
        True,
        {"AWS_ACCESS_KEY_ID": key_of("210987654321"), "AWS_SESSION_TOKEN": TOKEN},
        INVALID,
    ),
}


@pytest.mark.shell
@pytest.mark.parametrize("name", REFUSED)
def test_boto3_fails_on_what_the_check_finds_and_works_without_it(
    name: str,
    role_session: Environment,
    long_term: Environment,
    look: Look,
    sts_result: StsResult,
) -> None:
    check, temporary, changes, error = REFUSED[name]
    healthy = role_session if temporary else long_term
    assert [
        finding for finding in look(check, healthy) if finding.severity == ERROR
    ] == []  # the key ids of ministack have 0, 1, 8 and 9, which is a warning
    broken = {**healthy, **{n: value and value.format(healthy.get(n)) for n, value in changes.items()}}
    environ = {n: value for n, value in broken.items() if value is not None}
    output = sts_result(environ)
    assert error in output
    (finding,) = look(check, environ)
    assert finding.severity == ERROR
    assert is_cause_of(finding.check, output)
    if finding.auto_fix:
        assert sts_result(without(*finding.auto_fix.unset, of=environ)) == ACCOUNT


def test_boto3_accepts_the_healthy_environments(
    role_session: Environment, long_term: Environment, sts_result: StsResult
) -> None:
    assert sts_result(role_session) == ACCOUNT
    assert sts_result(long_term) == ACCOUNT
    assert sts_result(role_session | {"AWS_SECURITY_TOKEN": ""}) == ACCOUNT


def test_issued_in_makes_the_same_tokens_as_regional() -> None:
    assert TOKEN.startswith(text(regional())[:16])
