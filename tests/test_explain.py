"""explain: errors of real tools and their causes here; similar errors; the command."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pexpect
import pytest
from support.clients import run_tool
from support.clock import Clock, shifted
from support.homes import Home, write, write_sign_in
from support.programs import BIN
from support.sts import ACCOUNT, Sts

from awsenv import args, doctor, explain
from awsenv.aws import expiry
from awsenv.commands import explain as command
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding
from awsenv.doctor.context import Context
from awsenv.explain import ShellState, named_in, recognise, recognition
from awsenv.explain.meanings import MEANINGS, Meaning
from awsenv.result import AwsenvError, Result

TOKEN = "IQoJb3JpZ2luX2Vj" + "aB3/+x" * 60
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY3456789KEY"


def ids(text: str) -> list[str]:
    return [one.meaning.id for one in recognise(text)]


# --- the errors of the real tools -------------------------------------------------------------------------------------

BOTO3 = """
import sys, boto3
boto3.Session().client("sts").get_caller_identity()
"""


def error_of(home: Home, tool: str, *args: str, **more: str) -> str:
    """Run a tool that must fail: the AWS CLI v1, Debian's v2, or boto3 with its traceback; its output."""
    assert home.sts is not None
    endpoint = ("--endpoint-url", home.sts.url) if tool == "v2" else ()
    environment = home.environment(AWS_MAX_ATTEMPTS="1") | more
    done = run_tool(tool, [*endpoint, *args], environment, home.path, script=BOTO3 if tool == "boto3" else "")
    assert done.returncode != 0, done.stdout
    return done.stderr + done.stdout


@dataclass
class Case:
    """A mistake, the error that it causes in real tools, and what explain reports.

    Attributes:
        meaning: the id of the meaning.
        environ: variables of the shell.
        config: added to the config file.
        args: of the AWS CLI; boto3 always calls GetCallerIdentity.
        tools: the tools that report this error.
        cause: part of the cause that explain reports.
        fix: part of the fix.
    """

    meaning: str
    environ: dict[str, str] = field(default_factory=dict)
    config: str = ""
    args: tuple[str, ...] = ("sts", "get-caller-identity")
    tools: tuple[str, ...] = ("v1", "v2", "boto3")
    cause: str = ""
    fix: str = ""


KEYS = {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPLKJHGF", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
ROLE = f"role_arn = arn:aws:iam::{ACCOUNT}:role/project1\nregion = eu-central-1\n"
PAST = "2020-01-01T00:00:00Z"
CASES = {
    "an unknown key": Case("unknown-key", KEYS),
    "a session's key without its token": Case(
        "unknown-key",
        KEYS | {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH"},
        cause="AWS_SESSION_TOKEN is not set",
    ),
    "a long-term key beside a token": Case("unknown-key", KEYS | {"AWS_SESSION_TOKEN": TOKEN}, cause="AWS_SESSION_TOKEN"),
    "the same in S3": Case("unknown-key", KEYS, args=("s3", "ls"), tools=("v1", "v2")),
    "a stale expiration": Case(
        "refreshed-but-expired",
        KEYS | {"AWS_CREDENTIAL_EXPIRATION": PAST},
        cause="AWS_CREDENTIAL_EXPIRATION",
        fix="unset AWS_CREDENTIAL_EXPIRATION",
    ),
    "an expiration without a zone": Case(
        "expiration-unreadable",
        KEYS | {"AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00"},
        cause="AWS_CREDENTIAL_EXPIRATION",
    ),
    "an invalid expiration": Case(
        "expiration-unreadable", KEYS | {"AWS_CREDENTIAL_EXPIRATION": "soon"}, cause="AWS_CREDENTIAL_EXPIRATION"
    ),
    "a key without its secret": Case(
        "partial-credentials", {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPLKJHGF"}, cause="AWS_SECRET_ACCESS_KEY"
    ),
    "a line break in the token": Case(
        "header-value", KEYS | {"AWS_SESSION_TOKEN": f"{TOKEN[:99]}\n{TOKEN[99:]}"}, cause="AWS_SESSION_TOKEN"
    ),
    "no credentials": Case("no-credentials", fix="choose a profile that awsenv list shows: awsenv assume PROFILE"),
    "an empty AWS_PROFILE": Case("empty-profile", {"AWS_PROFILE": ""}, cause="AWS_PROFILE"),
    "a mistyped profile": Case("no-profile", {"AWS_PROFILE": "projcet1"}, cause="projcet1", fix="project1"),
    "a missing profile on the command line": Case(
        "no-profile",
        args=("sts", "get-caller-identity", "--profile", "elsewhere"),
        tools=("v1", "v2"),
        fix="awsenv list",
    ),
    "a missing source profile": Case(
        "source-profile",
        {"AWS_PROFILE": "x"},
        f"[profile x]\nsource_profile = missing\n{ROLE}",
        cause="missing",
    ),
    "a source profile without keys": Case(
        "source-profile",
        {"AWS_PROFILE": "x"},
        f"[profile x]\nsource_profile = empty\n{ROLE}",
        tools=("v1", "v2"),
        cause="empty",
    ),
    "a source profile loop": Case(
        "source-profile-loop",
        {"AWS_PROFILE": "x"},
        f"[profile x]\nsource_profile = y\n{ROLE}[profile y]\nsource_profile = x\n{ROLE}",
        cause="x",
    ),
    "a role without a source": Case("partial-credentials", {"AWS_PROFILE": "x"}, f"[profile x]\n{ROLE}", cause="source"),
    "both sources": Case(
        "config-invalid",
        {"AWS_PROFILE": "x"},
        f"[profile x]\nsource_profile = user1\ncredential_source = Environment\n{ROLE}",
        cause="credential_source",
    ),
    "an IAM Identity Center profile without a sign-in": Case(
        "sso-signed-out",
        {"AWS_PROFILE": "x"},
        "[profile x]\nsso_start_url = https://corp.example\nsso_region = us-east-1\nsso_account_id = 123456789012\n"
        "sso_role_name = Admin\nregion = us-east-1\n",
        fix="awsenv login x",
    ),
    "a missing process": Case(
        "credential-process",
        {"AWS_PROFILE": "x"},
        "[profile x]\ncredential_process = /no/such/program\nregion = us-east-1\n",
        cause="/no/such/program",
    ),
    "a process whose keys have expired": Case(
        "refreshed-but-expired",
        {"AWS_PROFILE": "x"},
        '[profile x]\nregion = us-east-1\ncredential_process = echo \'{"Version": 1, "AccessKeyId": "AKIAQWERTYUIOPLKJHGF", '
        f'"SecretAccessKey": "{SECRET}", "SessionToken": "t", "Expiration": "{PAST}"}}\'\n',
        cause="credential_process",
        fix="awsenv doctor x",
    ),
    "a process that prints no JSON": Case(
        "credential-process", {"AWS_PROFILE": "x"}, "[profile x]\nregion = us-east-1\ncredential_process = echo no\n"
    ),
    "an unreadable config file": Case("config-unreadable", config="[broken\n", cause="config"),
    "an unreachable server": Case(
        "unreachable",
        KEYS | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        args=("--endpoint-url", "http://127.0.0.1:9", "sts", "get-caller-identity"),
    ),
    "an empty region": Case(
        "region-invalid",
        KEYS | {"AWS_DEFAULT_REGION": "", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        tools=("boto3",),
    ),
    "no region": Case("no-region", {"AWS_PROFILE": "no region"}, tools=("v1", "boto3")),
    "a role that denies the user": Case("role-denied", {"AWS_PROFILE": "closed"}, tools=("v1", "boto3")),
    "a duration below 15 minutes": Case(
        "duration-short",
        KEYS,
        args=(
            *("sts", "assume-role", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1", "--role-session-name", "me"),
            *("--duration-seconds", "60"),
        ),
        tools=("v1", "v2"),
    ),
}  # fmt: skip


@pytest.mark.shell
@pytest.mark.parametrize(
    ("name", "tool"), [(name, tool) for name, case in CASES.items() for tool in case.tools], ids=lambda text: text
)
def test_errors_of_real_tools_are_recognised_with_their_cause(name: str, tool: str, home: Home) -> None:
    case = CASES[name]
    home.config.write_text(home.config.read_text() + case.config)
    text = error_of(home, tool, *case.args, **case.environ)
    assert ids(text) == [case.meaning], text
    result = answer(text, home.environment() | case.environ)
    assert result.code == 0
    [one] = json.loads(result.out)["errors"]
    assert case.cause in (one["cause"] or ""), one
    assert case.fix in one["fix"], one
    if case.environ.get("AWS_PROFILE"):
        assert "PROFILE" not in one["fix"], one
    for secret in (TOKEN[:60], TOKEN[99:], SECRET):
        assert secret not in result.out


def answer(text: str, environ: dict[str, str], *options: str, now: int | None = None) -> Result:
    """The result of explain as JSON, called as the entry point calls it."""
    import time

    parsed = args.parse("explain", ["--json", "--shell", "bash", *options, "--", text], command.COMMAND.options, 1)
    done: Result = command.run(parsed, environ, int(time.time()) if now is None else now)
    return done


def first(text: str, environ: dict[str, str], *options: str, now: int | None = None) -> dict[str, str]:
    error: dict[str, str] = json.loads(answer(text, environ, *options, now=now).out)["errors"][0]
    return error


# --- a real STS, and a clock that moves -------------------------------------------------------------------------------


@dataclass
class Session:
    """A session of project1, valid for an hour."""

    home: Home
    clock: Clock
    exported: dict[str, str]

    def error_of(self, *args: str, client: str, tool: str = "v1") -> str:
        """The error of a tool whose clock is off by `client`; that of STS is correct."""
        faked = {name: value for name, value in self.clock.environment.items() if "FILE" not in name}
        return error_of(self.home, tool, *args, **self.exported, **faked, FAKETIME=shifted(client))


@pytest.fixture
def session(home: Home, clock: Clock) -> Iterator[Session]:
    yield Session(home, clock, home.exported("project1"))


@pytest.mark.shell
@pytest.mark.parametrize("tool", ["v1", "v2", "boto3"])
def test_an_expired_session_is_explained(tool: str, session: Session) -> None:
    """STS rejects it, unless botocore finds the expiration in a variable first."""
    expiration = expiry.parse(session.exported.pop("AWS_CREDENTIAL_EXPIRATION"))
    assert expiration is not None
    session.clock.move("+61m")
    text = session.error_of("sts", "get-caller-identity", client="+61m", tool=tool)
    assert "(ExpiredToken)" in text
    environ = session.home.environment(**session.exported)
    ours = {"AWSENV_PROFILE": "project1", "AWSENV_EXPIRATION": str(expiration)}
    ours["AWSENV_KEY"] = session.exported["AWS_ACCESS_KEY_ID"][-8:]
    report = first(text, environ | ours, now=expiration + 60)
    assert report["id"] == "expired"
    assert "expired" in report["cause"]
    assert report["fix"] == "awsenv refresh"
    report = first(text, environ, now=expiration + 60)  # without our variables the profile comes from the cache
    assert report["fix"] == "awsenv assume project1"


@pytest.mark.shell
def test_an_expired_session_of_s3_and_botocore_is_explained(session: Session) -> None:
    session.clock.move("+61m")
    assert ids(session.error_of("sts", "get-caller-identity", client="+61m")) == ["refreshed-but-expired"]
    del session.exported["AWS_CREDENTIAL_EXPIRATION"]
    assert ids(session.error_of("s3", "ls", client="+61m")) == ["expired"]


@pytest.mark.shell
@pytest.mark.parametrize(("client", "expected"), [("-20m", "20m slow"), ("+20m", "20m fast")])
@pytest.mark.parametrize("tool", ["v1", "v2", "boto3"])
def test_a_wrong_clock_is_recognised_by_the_text_alone(tool: str, client: str, expected: str, session: Session) -> None:
    del session.exported["AWS_CREDENTIAL_EXPIRATION"]
    text = session.error_of("sts", "get-caller-identity", client=client, tool=tool)
    assert "SignatureDoesNotMatch" in text
    one = first(text, session.home.environment())
    assert one["id"] == "clock"
    assert expected in one["cause"] or expected.replace("20m", "19m") in one["cause"]


@pytest.mark.shell
def test_a_wrong_clock_is_recognised_in_the_message_of_s3(session: Session) -> None:
    del session.exported["AWS_CREDENTIAL_EXPIRATION"]
    assert ids(session.error_of("s3", "ls", client="-20m")) == ["clock"]


@pytest.mark.shell
@pytest.mark.parametrize("tool", ["v1", "v2"])
@pytest.mark.parametrize("content", ["", "{", '{"Credentials": {}}', "[]"])
def test_a_corrupt_cache_is_explained(tool: str, content: str, home: Home) -> None:
    home.exported("project1")
    [entry] = home.cache.glob("*.json")
    entry.write_text(content)
    text = error_of(home, tool, "sts", "get-caller-identity", "--profile", "project1")
    report = first(text, home.environment(), "--profile", "project1")
    assert report["id"] == "cache-corrupt", text
    assert report["fix"].startswith("awsenv cache clear")


@pytest.mark.shell
@pytest.mark.parametrize(("tool", "line"), [("v1", "'{}'"), ("v2", "aws: [ERROR]: '{}'")])
def test_the_cache_file_that_the_cli_names_is_shown_with_its_profile(tool: str, line: str, home: Home) -> None:
    home.exported("project1")
    home.exported("chained")
    entries = {entry.stem: entry for entry in home.cache.glob("*.json")}
    one = next(entry for entry in entries.values() if "assumed-role/project1/" in entry.read_text())
    for entry in entries.values():
        entry.write_text(entry.read_text()[:-1])  # the other is corrupt, too
    text = error_of(home, tool, "sts", "get-caller-identity", "--profile", "project1") if tool == "v1" else ""
    text = text if one.stem in text else line.format(one.stem)
    report = first(text, home.environment())
    assert report["line"].endswith(f"'{one.stem}'")
    assert report["cause"].startswith(f"{one} is the cached session of project1")
    assert "and corrupt: not JSON" in report["cause"]
    assert report["fix"] == "awsenv cache clear --corrupt"
    one.unlink()
    report = first(text, home.environment())
    assert (report["cause"].partition(":")[0], report["fix"]) == ("there is no such file here", "try again")
    home.exported("project1")
    assert first(text, home.environment())["cause"].endswith("and intact now")


def test_the_named_cache_file_may_be_a_sign_in(home: Home) -> None:
    write(home.path / ".aws" / "sso" / "cache" / f"{'0a1b2' * 8}.json", "{")
    report = first(f"'{'0a1b2' * 8}'", home.environment(), "--profile", "project1")
    assert "is a sign-in to IAM Identity Center" in report["cause"]
    assert report["fix"] == "choose a profile that awsenv list shows: awsenv login PROFILE"  # project1 has none


@pytest.mark.shell
@pytest.mark.parametrize(
    "text", ["'{}' ExpiredToken", "secret_access_key = '{}' ExpiredToken", "KeyError: '{}' \nExpiredToken: '{}'"]
)
def test_forty_digits_elsewhere_are_redacted(text: str, home: Home) -> None:
    digits = "0a1b2" * 8
    assert digits not in answer(text.replace("{}", digits), home.environment()).out
    assert digits.upper() not in answer(f"KeyError: '{digits.upper()}'", home.environment()).out


SSO = """
[profile x]
sso_start_url = https://corp.example/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Admin
region = us-east-1
"""


@pytest.mark.parametrize("tool", ["v1", "v2", "boto3"])
@pytest.mark.parametrize(
    ("content", "meaning", "cause"),
    [("{", "cache-corrupt", "is a sign-in to IAM"), ("{}", "sso-signed-out", "the cached sign-in to")],
)
def test_an_incomplete_sign_in_is_explained(content: str, meaning: str, cause: str, tool: str, home: Home) -> None:
    home.config.write_text(home.config.read_text() + SSO)
    write_sign_in(home.path, content, "https://corp.example/start")
    text = error_of(home, tool, "sts", "get-caller-identity", AWS_PROFILE="x")
    report = first(text, home.environment(AWS_PROFILE="x"))
    assert (report["id"], report["fix"]) == (meaning, "awsenv login x"), text
    assert cause in report["cause"]
    assert not report["others"]


# --- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "\n", "the sky is blue", "Error: something", "NotAuthorizedToday", "'abc'", "0" * 40]
)
def test_unrelated_texts_are_not_recognised(text: str) -> None:
    assert recognise(text) == []


def test_each_error_of_a_text_is_explained_once_in_order() -> None:
    upload = (
        "upload failed: ./{} to s3://b/{} An error occurred (ExpiredToken) when calling the PutObject operation: The "
    )
    upload += "provided token has expired.\n"
    lines = "".join(upload.format(number, number) for number in range(3))
    assert ids(f"{lines}Unable to locate credentials\n{lines}") == ["expired", "no-credentials"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("$ aws s3 ls --profile project1\nExpiredToken", "project1"),
        ("$ aws s3 ls --profile='my role' | wc", "my role"),
        ("AWS_PROFILE=project1 terraform plan", "project1"),
        ("ExpiredToken", None),
    ],
)
def test_the_profile_of_a_pasted_command_is_used(text: str, name: str | None) -> None:
    assert named_in(text) == name


# --- similar errors ---------------------------------------------------------------------------------------------------

NOW = 1795374000
HERE = ShellState(
    NOW, "project1", ("project1", "user1"), keys=True, temporary=True, expiration=NOW + 2520, set_clock="ntp"
)


def weigh(text: str, state: ShellState = HERE, *findings: Finding) -> tuple[str, str]:
    [recognised] = recognise(text)
    report = explain.explain(recognised, state, findings)
    return report.cause, report.instructions


def finding(check_id: str, severity: str = ERROR) -> Finding:
    check = next(check for check in doctor.CHECKS if check.id == check_id)
    return Finding(check, f"found by {check_id}", ("seen there",), f"fix of {check_id}", severity=severity)


@pytest.mark.parametrize(
    ("text", "state", "findings", "cause", "fix"),
    [
        pytest.param("ExpiredToken", HERE, ["keys-expired"], "found by", "fix of keys-expired", id="expired"),
        pytest.param("ExpiredToken", HERE, [], "valid for 42m", "awsenv doctor", id="valid by this clock"),
        pytest.param("RequestExpired", HERE, [], "the clock is off", "ntp", id="EC2 with a valid session"),
        pytest.param("RequestExpired", HERE, ["keys-expired"], "found by", "fix of keys-expired", id="EC2 with an expired session"),
        pytest.param(
            "ExpiredToken", replace(HERE, expiration=None, renew=explain.Cause("", "awsenv assume project1")), [], "is uncertain", "awsenv assume project1",
            id="the expiration is unknown",
        ),
        pytest.param(
            "ExpiredToken", replace(HERE, temporary=False, expiration=None), [], "long-term", "awsenv doctor PROFILE",
            id="long-term keys do not expire",
        ),
        pytest.param(
            "ExpiredToken", replace(HERE, keys=False), [], "no credentials are exported", "awsenv doctor project1",
            id="credentials of a profile",
        ),
        pytest.param(
            "Credentials were refreshed, but the refreshed credentials are still expired.", HERE, ["stale-expiration"],
            "found by", "fix of stale-expiration", id="a stale variable",
        ),
        pytest.param(
            "Credentials were refreshed, but the refreshed credentials are still expired.", HERE, [],
            "credential_process", "awsenv doctor project1", id="no variable",
        ),
        pytest.param(
            "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided", HERE,
            ["secret-length"], "found by", "fix of secret-length", id="the secret",
        ),
        pytest.param(
            "SignatureDoesNotMatch: Signature expired: 20261122T181538Z is now earlier than 20261122T182038Z "
            "(20261122T183538Z - 15 min.)", HERE, ["secret-length"], "20m slow", "ntp", id="the clock despite a finding",
        ),
        pytest.param("AuthFailure", HERE, [], "", "awsenv refresh", id="no findings"),
        pytest.param(
            "The config profile (projct1) could not be found", HERE, [], "the nearest is 'project1'",
            "awsenv assume project1", id="a mistyped name",
        ),
        pytest.param(
            "Infinite loop in credential configuration detected. Attempting to load from profile user1 which has "
            "already been visited.", HERE, [], "", "awsenv doctor user1", id="the profile of a loop",
        ),
        pytest.param(
            'Head "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/app/manifests/1": no basic auth credentials',
            HERE, [], "", "aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin "
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com", id="the registry and its region",
        ),
        pytest.param(
            "The config profile (user1) could not be found", HERE, [], "a profile 'user1'", "awsenv doctor user1",
            id="a name that exists here",
        ),
        pytest.param(
            "The config profile (x; rm -rf ~) could not be found", replace(HERE, profiles=("x; rm -rf /",)), [],
            "the nearest is", "awsenv assume 'x; rm -rf /'", id="a name is data",
        ),
    ],
)  # fmt: skip
def test_similar_errors_are_distinguished(
    text: str, state: ShellState, findings: list[str], cause: str, fix: str
) -> None:
    report = weigh(text, state, *map(finding, findings))
    assert cause in report[0]
    assert (report[0] == "") == (cause == "")
    assert report[1] == fix


def test_the_most_likely_cause_comes_first_without_notes_and_faults() -> None:
    [recognised] = recognise("InvalidClientTokenId")
    fault = replace(finding("mixed-keys"), fault=OSError())
    findings = [
        fault,
        finding("endpoint-override", NOTE),
        finding("key-without-token"),
        finding("quotes-in-value", WARNING),
    ]
    report = explain.explain(recognised, HERE, findings)
    assert (report.cause, report.evidence, report.instructions) == (
        findings[2].what,
        findings[2].evidence,
        findings[2].instructions,
    )
    assert report.others == (findings[3],)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T18:15:50Z", "the clock is still behind"),
        ("2026-11-22T18:40:00Z", "or the request waited that long"),
    ],
)
def test_an_answer_from_the_future_shows_that_the_clock_is_still_behind(now: str, expected: str) -> None:
    text = "Signature expired: 20261122T181538Z is now earlier than 20261122T182038Z (20261122T183538Z - 15 min.)"
    at = expiry.parse(now)
    assert at is not None
    assert expected in weigh(text, replace(HERE, now=at))[0]


def test_a_warning_is_not_the_cause() -> None:
    """A warning is shown after other causes, or alone if there are none."""
    warning, error = finding("keys-expired", WARNING), finding("mixed-keys")
    [recognised] = recognise("ExpiredToken")
    report = explain.explain(recognised, HERE, [warning])
    assert "valid for 42m" in report.cause
    assert report.others == (warning,)
    report = explain.explain(recognised, HERE, [warning, error])
    assert (report.cause, report.others) == (error.what, (warning,))
    [recognised] = recognise("AuthFailure")
    assert explain.explain(recognised, HERE, [warning]).cause == warning.what


@pytest.mark.parametrize("time", ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_a_variable_of_other_keys_is_not_their_expiration(time: str, home: Home) -> None:
    environ = home.environment(**KEYS, AWS_SESSION_TOKEN=TOKEN, AWSUME_EXPIRATION=time)
    assert explain.inspect(Context(environ, NOW)).expiration is None
    ours = {
        "AWSENV_PROFILE": "project1",
        "AWSENV_KEY": KEYS["AWS_ACCESS_KEY_ID"][-8:],
        "AWSENV_EXPIRATION": "1795374060",
    }
    assert explain.inspect(Context(environ | ours, NOW)).expiration == 1795374060


FIXES_FOR_ROLES = {
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.":
        "awsenv assume {} --duration 1h",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.":
        "awsenv assume {} --duration max",
    "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.": "awsenv assume {}",
    "MultiFactorAuthentication failed with invalid MFA one time pass code.":
        "wait for the next code: awsenv assume {}",
}  # fmt: skip


@pytest.mark.parametrize(("text", "fix"), FIXES_FOR_ROLES.items())
def test_the_default_profile_is_not_suggested_unless_it_is_named(text: str, fix: str, home: Home) -> None:
    environ = home.environment()
    prose = "" if "next code" in fix else "choose a profile that awsenv list shows: "
    assert first(text, environ)["fix"] == prose + fix.format("PROFILE")
    for named in (
        first(text, environ, "--profile", "project1"),
        first(f"$ aws s3 ls --profile project1\n{text}", environ),
        first(text, environ | {"AWS_PROFILE": "project1"}),
        first(text, environ | {"AWSENV_PROFILE": "project1"}),
    ):
        assert named["fix"] == fix.format("project1")


# --- the table and the doctor -----------------------------------------------------------------------------------------


def test_every_meaning_that_a_check_can_cause_exists() -> None:
    known = {meaning.id for meaning in MEANINGS}
    assert len(known) == len(MEANINGS)
    for check in doctor.CHECKS:
        assert set(check.causes) <= known, check.id
        assert len(set(check.causes)) == len(check.causes), check.id


@pytest.mark.parametrize("check", [check for check in doctor.CHECKS if check.causes], ids=lambda check: check.id)
def test_every_error_text_of_a_check_finds_it(check: doctor.Check) -> None:
    for meaning in MEANINGS:
        for code in (*meaning.codes, None):
            recognised = explain.Recognised(meaning, code, "", "", None)
            assert (check in explain.checks_of(recognised, doctor.CHECKS)) == (meaning.id in check.causes)


@pytest.mark.parametrize("meaning", MEANINGS, ids=lambda meaning: meaning.id)
def test_every_meaning_has_a_fix_or_a_remediation(meaning: Meaning) -> None:
    assert meaning.means and not meaning.means.endswith(".")
    assert meaning.fix or meaning.remediation
    assert not (meaning.fix or meaning.remediation).endswith(".")


# --- the command ------------------------------------------------------------------------------------------------------

EXPIRED = "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.\n"


def piped(home: Home, text: str | bytes, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [BIN / "awsenv", "explain", "--shell", "bash", *args],
        env=home.environment(**more),
        input=text if isinstance(text, bytes) else text.encode(),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.shell
@pytest.mark.parametrize("args", [(), ("-",)], ids=["a pipe", "-"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_piped_text_is_decoded_and_explained(args: tuple[str, ...], encoding: str, home: Home) -> None:
    done = piped(home, EXPIRED.encode(encoding), *args)
    assert done.returncode == 0
    assert done.stdout.startswith("ExpiredToken: the session of these credentials has expired")
    assert f"said: {EXPIRED}" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


@pytest.mark.shell
def test_an_error_text_needs_no_quotes(home: Home) -> None:
    done = home.awsenv("explain", "Unable", "to", "locate", "credentials.")
    assert done.returncode == 0
    assert done.stdout.startswith("no-credentials: ")


@pytest.mark.shell
def test_the_fix_of_a_real_error_works_when_typed(home: Home) -> None:
    """End to end: run a tool that fails, pass its error to explain, type the fix, and the tool works."""
    variables = {**KEYS, "AWS_CREDENTIAL_EXPIRATION": PAST}
    variables |= {"AWS_ACCESS_KEY_ID": home.sts.key_id, "AWS_SECRET_ACCESS_KEY": home.sts.secret} if home.sts else {}
    done = piped(home, error_of(home, "v1", "sts", "get-caller-identity", **variables), **variables)
    lines = [line.strip() for line in done.stdout.splitlines()]
    fix = lines[lines.index("fix:") + 1]
    again = subprocess.run(
        ["bash", "-c", f"{fix}; aws sts get-caller-identity"],
        env=home.environment(**variables), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr


@pytest.mark.shell
def test_an_unknown_text_is_reported_and_the_findings_are_shown(home: Home) -> None:
    done = piped(home, "first\nError: the sky is blue\n    at sky (sky.js:3)\n\n", AWS_PROFILE="")
    assert done.returncode == 1
    assert done.stdout.startswith("awsenv does not know this error\n  said: Error: the sky is blue\n")
    assert "error empty-profile: " in done.stdout
    assert done.stdout.endswith("  fix: see everything that the doctor checks:\n    awsenv doctor\n")


@pytest.mark.shell
def test_a_finding_is_the_same_object_as_in_the_json_of_the_doctor(home: Home) -> None:
    environ = {"AWS_PROFILE": ""}
    explained = json.loads(home.awsenv("explain", "--json", "--shell", "bash", "x failed", **environ).stdout)
    found = explained["findings"][0]
    findings = json.loads(home.awsenv("doctor", "--offline", "--json", "--shell", "bash", **environ).stdout)["findings"]
    assert list(found.items()) in [list(finding.items()) for finding in findings]


def test_a_text_that_is_no_error_is_called_that_and_the_whole_message_is_asked_for(home: Home) -> None:
    parsed = args.parse("explain", ["--shell", "sh", "hello", "world"], command.COMMAND.options, 2)
    result = command.run(parsed, home.environment(), NOW)
    assert result.code == 1
    assert result.out.startswith("awsenv recognises no AWS error in this text\n  said: hello world\n")
    assert result.out.endswith("  fix: pass the whole error message:\n    COMMAND 2>&1 | awsenv explain\n")


@pytest.mark.shell
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_the_output_of_a_successful_command_exits_with_0(form: tuple[str, ...], home: Home) -> None:
    done = piped(home, "2026-11-26 10:15:00 team-data\n", *form, AWS_PROFILE="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the doctor" not in done.stdout
    if form:
        assert json.loads(done.stdout) == {"errors": [], "said": None, "findings": []}
    else:
        assert done.stdout == "the piped text contains no error message\n"


@pytest.mark.shell
@pytest.mark.parametrize(("environ", "code"), [({}, 0), ({"AWS_PROFILE": ""}, 1)], ids=["healthy", "an empty profile"])
def test_without_a_text_the_findings_are_shown(environ: dict[str, str], code: int, home: Home) -> None:
    for file in (home.config, home.credentials):
        file.chmod(0o600)
    done = piped(home, "", **environ)
    assert done.returncode == code
    assert ("empty-profile" in done.stdout) == bool(environ)
    assert "does not know" not in done.stdout


def test_an_empty_pipe_is_explained(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        note = command.run(args.Args(), home.environment(), NOW).note
    assert note == "nothing came through the pipe; type COMMAND 2>&1 | awsenv explain"


@pytest.mark.shell
def test_a_terminal_is_prompted_for_the_message(home: Home) -> None:
    with pexpect.spawn(
        str(BIN / "awsenv"), ["explain", "--shell", "bash"], env=home.environment(), encoding="utf-8", timeout=30,
        dimensions=(50, 72),
    ) as tty:  # fmt: skip
        tty.expect("paste the error message, .*\r\n")
        tty.send(EXPIRED + "\n")
        tty.expect(pexpect.EOF)
        assert tty.before is not None
    plain = recognition.plain(tty.before)
    assert "ExpiredToken: the session of these credentials has expired" in plain
    assert "\x1b[" in tty.before
    answer = plain[plain.index("ExpiredToken: ") :]
    assert max(map(len, answer.splitlines())) <= 72


@pytest.mark.parametrize(
    "secret",
    [
        f"export AWS_SESSION_TOKEN={TOKEN}",
        f"aws_secret_access_key = {SECRET}",
        f"Invalid header value b'{TOKEN[:70]}\\n{TOKEN[70:]}'",
        '"SecretAccessKey": "' + SECRET + '"',
        "https://b.s3.amazonaws.com/k?X-Amz-Signature=" + "0a1b2c3d" * 8,
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",
        "a token that is cut off: FwoGZXIvYXdzEJr//////////wEaDKabcdefghijkl",
    ],
    ids=lambda text: text[:25],
)
@pytest.mark.parametrize("known", ["ExpiredToken", "nothing known"])
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_a_pasted_secret_is_not_shown(secret: str, known: str, form: tuple[str, ...], home: Home) -> None:
    parsed = args.parse("explain", ["--shell", "sh", *form, "--", f"{known}: {secret}"], command.COMMAND.options, 1)
    out = command.run(parsed, home.environment(), NOW).out
    for part in (TOKEN[:30], TOKEN[80:110], SECRET[:20], "0a1b2c3d0a1b", "eyJ", "wEaDKabc"):
        assert part not in out
    assert "[redacted]" in out


def test_an_unknown_profile_is_refused(home: Home) -> None:
    with pytest.raises(AwsenvError, match="nope"):
        answer("ExpiredToken", home.environment(), "--profile", "nope")


def test_explain_makes_no_request_without_online(home: Home, sts: Sts) -> None:
    """With keys that AWS would reject, and a server that would record the request."""
    keys = {"AWS_ACCESS_KEY_ID": sts.key_id, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}
    text = "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided."
    assert first(text, home.environment(**keys))["cause"] is None
    assert "AWS_SECRET_ACCESS_KEY" in first(text, home.environment(**keys), "--online")["cause"]
