"""`awsenv assume --live`: its exports, its prompts and errors, and that nothing in such a shell expires."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from support.clients import run_tool
from support.clock import Clock
from support.homes import CONFIG, Home, refused, write_sign_in
from support.pages import DOCS, blocks
from support.programs import BIN, need
from support.shells import INTERACTIVE
from support.sts import ACCOUNT
from support.terminal import terminal

from awsenv.aws.config_files import Profiles
from awsenv.aws.sdk_renewal import ONLY_AWSENV, SOURCES, only_awsenv
from awsenv.credentials import sts_options
from awsenv.environment import TABLE, expiry

ROLE = f"role_arn = arn:aws:iam::{ACCOUNT}:role/project1\nsource_profile = user1\nregion = us-east-1\n"
MFA = f"mfa_serial = arn:aws:iam::{ACCOUNT}:mfa/me\n"
CORP = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
SSO = f"sso_session = corp\nsso_account_id = {ACCOUNT}\nsso_role_name = Admin\nregion = us-east-1\n"
PROFILES = f"""\
{CONFIG}
[profile coded]
{ROLE}{MFA}
[profile long]
{ROLE}duration_seconds = 2h

[profile tagged]
{ROLE}session_tags = team=blue

[profile of-coded]
role_arn = arn:aws:iam::{ACCOUNT}:role/chained
source_profile = coded

[profile signed]
{SSO}
[profile of-signed]
role_arn = arn:aws:iam::{ACCOUNT}:role/project1
source_profile = signed

[profile token]
role_arn = arn:aws:iam::{ACCOUNT}:role/project1
web_identity_token_file = /nowhere

[profile made]
credential_process = printf {{}}

[profile consoled]
login_session = arn:aws:iam::{ACCOUNT}:user/me

[profile of-variables]
role_arn = arn:aws:iam::{ACCOUNT}:role/project1
credential_source = Environment

{CORP}"""


@pytest.fixture
def shell_home(home: Home) -> Home:
    home.config.write_text(PROFILES)
    return home


def sign_in(home: Home, valid: int, registration: int | None = None, now: float | None = None) -> None:
    """Store a sign-in, valid for `valid` seconds and renewable for `registration` seconds."""
    start = int(now or time.time())
    token = {
        "accessToken": "x",
        "expiresAt": expiry.format_utc(start + valid),
        "startUrl": "https://corp.awsapps.com/start",
    }
    if registration is not None:
        token |= {"refreshToken": "y", "clientId": "c", "clientSecret": "s"}
        token["registrationExpiresAt"] = expiry.format_utc(start + registration)
    write_sign_in(home.path, token)


def assumed(home: Home, *args: str, **more: str) -> dict[str, str]:
    """The environment of a shell after `assume ARGS`."""
    line = f'out="$(awsenv assume {shlex.join(args)})" && eval "$out" && env -0'
    done = subprocess.run(
        ["bash", "-c", line], env=home.environment(**more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pairs = (variable.partition("=") for variable in done.stdout.split("\0") if variable)
    return {name: value for name, _, value in pairs}


def live(home: Home, *args: str, **more: str) -> dict[str, str]:
    return assumed(home, "--live", *args, **more)


# --- the profiles that every SDK renews -------------------------------------------------------------------------------


@pytest.mark.unit
def test_the_table_of_sources_has_every_provider_and_its_documentation() -> None:
    assert set(SOURCES) == {"role", "web identity", "sso", "process", "container", "keys", "login", "none"}
    assert all(url.startswith("https://docs.aws.amazon.com/") for kind, (_, url) in SOURCES.items() if kind != "none")
    assert sorted(ONLY_AWSENV) == sorted(sts_options.SETTINGS)


@pytest.mark.unit
@pytest.mark.parametrize(
    "name, reason",
    [
        ("project1", ""),
        ("chained", ""),
        ("signed", ""),
        ("of-signed", ""),
        ("token", ""),
        ("made", ""),
        ("coded", "MFA"),
        ("of-coded", "MFA"),
        ("long", "duration_seconds = 2h"),
        ("tagged", "session_tags"),
        ("consoled", "login_session"),
    ],
)
def test_settings_that_sdks_cannot_renew_are_recognised(name: str, reason: str, lone: Home) -> None:
    lone.write(PROFILES, "[user1]\naws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key = x\n")
    setting = only_awsenv(Profiles(lone.environment()), name)
    assert (reason in setting) if reason else (setting == "")


# --- exports ----------------------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize("name", ["project1", "chained", "user1", "token"])
def test_a_profile_that_every_sdk_renews_is_exported_itself(name: str, shell_home: Home) -> None:
    exported = live(shell_home, name)
    assert (exported["AWS_PROFILE"], exported["AWSENV_PROFILE"]) == (name, name)
    assert exported.keys().isdisjoint({"AWS_ACCESS_KEY_ID", "AWSENV_TWIN"})


@pytest.mark.shell
@pytest.mark.parametrize("name", ["long", "tagged"])
def test_a_profile_that_only_awsenv_renews_is_exported_as_its_twin(name: str, shell_home: Home) -> None:
    stderr = refused(shell_home, name, "--live", "--no-input")
    assert f"awsenv profile {name} --live --append" in stderr
    assert shell_home.awsenv("profile", name, "--live", "--append").returncode == 0
    for profile in (name, f"{name}-awsenv"):
        exported = live(shell_home, profile)
        assert (exported["AWS_PROFILE"], exported["AWSENV_TWIN"]) == (f"{name}-awsenv",) * 2
        assert exported["AWSENV_PROFILE"] == name


@pytest.mark.shell
def test_assume_on_a_terminal_offers_the_twin(shell_home: Home) -> None:
    before = shell_home.config.read_bytes()
    with terminal("bash", shell_home) as tty:
        tty.send("awsenv assume --live long\r")
        tty.until("Add profile long-awsenv")
        tty.send("n\r")
        tty.until("make it: awsenv profile")
        tty.ready()
        assert shell_home.config.read_bytes() == before
        tty.send("awsenv assume --live long\r")
        tty.screen.reset()
        tty.until("Add profile long-awsenv")
        tty.type("")
        tty.type("echo is:$AWS_PROFILE:$AWSENV_PROFILE:")
        assert "is:long-awsenv:long:" in tty.text
    after = shell_home.config.read_bytes()
    assert after.startswith(before)
    assert b"[profile long-awsenv]" in after


@pytest.mark.shell
@pytest.mark.parametrize(
    "args, code, stderr",
    [
        (("user1", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1"), 2, "--source-profile user1 --append"),
        (("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/project1"), 2, "awsenv profile NAME --role-arn"),
        (("project1", "--chain", f"arn:aws:iam::{ACCOUNT}:role/chained"), 2, "--source-profile project1 --append"),
        (("project1", "--duration", "2h"), 2, "--duration would do nothing"),
        (("project1", "--tag", "a=b"), 2, "--tag would do nothing"),
        (("project1", "--no-cache", "--min-ttl", "1h"), 2, "--min-ttl and --no-cache would do nothing"),
        (("project1", "--mode", "keys"), 2, "--mode does not go with --live"),
        (("projct1",), 1, "did you mean project1"),
        (("empty",), 1, "has no credentials"),
        (("temporary",), 1, "temporary credentials"),
        (("of-variables",), 1, "credential_source"),
        (("signed",), 1, "type awsenv login signed"),
        (("of-signed",), 1, "type awsenv login signed"),
        (("coded",), 1, "MFA code"),
    ],
)
def test_a_profile_that_cannot_be_live_is_an_error_with_a_fix(
    args: tuple[str, ...], code: int, stderr: str, shell_home: Home
) -> None:
    before = shell_home.config.read_bytes()
    assert stderr in refused(shell_home, *args, "--live", "--no-input", code=code)
    assert shell_home.config.read_bytes() == before


@pytest.mark.shell
def test_the_printed_line_for_a_role_that_no_profile_names_works(shell_home: Home) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/project1"
    stderr = refused(shell_home, "user1", "--role-arn", arn, "--live", code=2)
    first, _, second = stderr.partition("make one: awsenv ")[2].partition("; then: awsenv ")
    assert shell_home.awsenv(*first.split()).returncode == 0
    name = second.split()[1]
    assert shell_home.exported(name, "--live")["AWS_PROFILE"] == name


@pytest.mark.shell
@pytest.mark.parametrize("by", ["variable", "file"])
def test_a_setting_makes_live_the_default_and_a_mode_overrides_it(by: str, shell_home: Home) -> None:
    variables = {"AWSENV_LIVE": "yes"} if by == "variable" else {}
    if by == "file":
        settings = shell_home.path / ".config" / "awsenv" / "settings"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("live = yes\n")
    assert assumed(shell_home, "project1", **variables)["AWS_PROFILE"] == "project1"
    assert "AWS_ACCESS_KEY_ID" in assumed(shell_home, "project1", "--mode", "keys", **variables)
    assert shell_home.exported("project1", **variables)["AWS_ACCESS_KEY_ID"]  # --format json is not for a shell


@pytest.mark.shell
def test_an_invalid_setting_is_refused(shell_home: Home) -> None:
    assert "AWSENV_LIVE is 'maybe'" in refused(shell_home, "project1", code=2, AWSENV_LIVE="maybe")


# --- clear, refresh, check --------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_clear_removes_a_twin_and_restores_the_displaced_profile(shell_home: Home) -> None:
    assert shell_home.awsenv("profile", "long", "--live", "--append").returncode == 0
    exported = live(shell_home, "long", AWS_PROFILE="mine")
    assert (exported["AWS_PROFILE"], exported["AWSENV_PREVIOUS_AWS_PROFILE"]) == ("long-awsenv", "mine")
    cleared = subprocess.run(
        ["bash", "-c", 'eval "$(awsenv clear)"; echo "$AWS_PROFILE:$AWSENV_TWIN$AWSENV_PROFILE$AWSENV_OPTIONS"'],
        env=exported, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert cleared.stdout == "mine:\n"
    assert "AWSENV_TWIN" in TABLE


@pytest.mark.shell
@pytest.mark.parametrize("name", ["long", "coded"])
def test_refresh_stays_live(name: str, shell_home: Home) -> None:
    assert shell_home.awsenv("profile", name, "--live", "--append").returncode == 0
    exported = live(shell_home, name, *(["--mfa-token", "123456"] if name == "coded" else []))
    done = subprocess.run(
        ["bash", "-c", f'eval "$(awsenv refresh {"--mfa-token 123456" if name == "coded" else ""})" && echo "$AWS_PROFILE"'],
        env=exported, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == f"{name}-awsenv\n", done.stderr


@pytest.mark.shell
@pytest.mark.parametrize(
    "valid, registration, code, output",
    [
        (3600, 90 * 86400 - 60, 0, "signed sign-in: 89 days left, until "),
        (-60, 3570, 0, "signed sign-in: 59m left"),
        (7170, None, 0, "signed sign-in: 1h59m left"),
        (570, None, 3, "signed sign-in: 9m left, until "),
        (-60, None, 4, "signed sign-in: expired 1m ago; renew with: awsenv login signed"),
        (-60, -30, 4, "signed sign-in: expired <1m ago; renew with: awsenv login signed"),
    ],
)
def test_check_counts_down_to_the_next_sign_in(
    valid: int, registration: int | None, code: int, output: str, shell_home: Home
) -> None:
    exported = {"AWS_PROFILE": "signed", "AWSENV_PROFILE": "signed", "AWSENV_OPTIONS": "--live"}
    sign_in(shell_home, valid, registration)
    done = shell_home.awsenv("check", **exported)
    assert (done.returncode, done.stdout[: len(output)]) == (code, output)
    segment = shell_home.awsenv("prompt", **exported).stdout.strip()
    assert segment == {0: "signed", 3: "signed sign-in 9m", 4: "signed sign-in expired"}[code]


@pytest.mark.shell
def test_a_missing_sign_in_has_expired(shell_home: Home) -> None:
    exported = {"AWS_PROFILE": "signed", "AWSENV_PROFILE": "signed", "AWSENV_OPTIONS": "--live"}
    done = shell_home.awsenv("check", **exported)
    assert (done.returncode, done.stdout) == (4, "signed sign-in: expired; renew with: awsenv login signed\n")


@pytest.mark.shell
def test_check_counts_down_to_the_next_mfa_code_of_a_twin(shell_home: Home) -> None:
    assert shell_home.awsenv("profile", "coded", "--live", "--append").returncode == 0
    exported = live(shell_home, "coded", "--mfa-token", "123456")
    names = ("AWS_PROFILE", "AWSENV_PROFILE", "AWSENV_TWIN", "AWSENV_OPTIONS")
    checked = shell_home.awsenv("check", **{name: exported[name] for name in names})
    assert checked.returncode == 0
    assert checked.stdout.startswith(("coded sign-in: 11h59m left", "coded sign-in: 12h00m left"))


@pytest.mark.shell
@pytest.mark.parametrize("valid, expected", [(570, "expires in 9"), (-90, "expired 1"), (3600, "")])
def test_the_doctor_reports_a_sign_in_that_expires(valid: int, expected: str, shell_home: Home) -> None:
    sign_in(shell_home, valid)
    exported = {"AWS_PROFILE": "of-signed-awsenv", "AWSENV_TWIN": "of-signed-awsenv", "AWSENV_PROFILE": "of-signed"}
    report = json.loads(shell_home.awsenv("doctor", "--offline", "--json", **exported).stdout)
    findings = [finding for finding in report["findings"] if finding["id"] == "person-needed"]
    assert [finding["fix"] for finding in findings] == (["awsenv login signed"] if expected else [])
    assert all(expected in finding["what"] for finding in findings)


@pytest.mark.shell
def test_whoami_shows_the_profile_of_a_twin(shell_home: Home) -> None:
    assert shell_home.awsenv("profile", "long", "--live", "--append").returncode == 0
    done = subprocess.run(
        [str(BIN / "awsenv"), "whoami"], env=live(shell_home, "long"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("long ")
    assert ":assumed-role/project1/" in done.stdout


@pytest.mark.shell
def test_cmd_shows_the_expiration_of_the_sign_in(shell_home: Home) -> None:
    sign_in(shell_home, 7200)
    done = shell_home.awsenv("assume", "signed", "--live", "--shell", "awsenv.cmd", TZ="UTC0")
    lines = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert (lines["AWS_PROFILE"], lines["AWS_ACCESS_KEY_ID"]) == ("signed", "")
    assert lines["PROMPT"].startswith("signed sign-in until ")


# --- the prompt -------------------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_prompt_counts_down_to_the_sign_in_in_its_last_minutes(shell: str, shell_home: Home, clock: Clock) -> None:
    sign_in(shell_home, 7200)
    start = time.monotonic()
    [page] = [
        block.text.replace("project1", "signed") for block in blocks(DOCS / "live.md") if block.language == "text"
    ]
    near, near_warning = page.splitlines()
    with terminal(shell, shell_home, clock=clock, NO_COLOR="") as tty:
        tty.type("awsenv assume --live signed")
        assert tty.ready() == "signed READY>"
        for minutes, segment, color, warning in (
            (60.5, "signed", "green", None),
            (107.5, near.removesuffix(" $"), "brown", near_warning),
            (121.5, "signed sign-in expired", "red", "awsenv: signed sign-in: expired 1m ago; renew with: awsenv login signed"),
        ):  # fmt: skip
            tty.screen.reset()
            tty.move(minutes, since=start)
            for _ in range(4):
                line = tty.enter()
            assert line == f"{segment} READY>"
            assert tty.color_of("signed") == color
            assert tty.text.count("awsenv: ") == (0 if warning is None else 1), tty.text
            assert warning is None or warning in re.sub(r"until \d\d:\d\d", "until 14:32", tty.text)
        sign_in(shell_home, 14400)  # as in another shell; any awsenv command here looks for it
        tty.type("awsenv check")
        tty.enter()
        assert tty.enter() == "signed READY>"
        tty.type("awsenv clear")
        assert tty.ready() == "READY>"


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_sign_in_in_another_shell_prevents_the_warning(shell: str, shell_home: Home, clock: Clock) -> None:
    sign_in(shell_home, 3600)
    with terminal(shell, shell_home, clock=clock) as tty:
        tty.type("awsenv assume --live signed")
        assert tty.ready() == "signed READY>"
        sign_in(shell_home, 14400)
        tty.screen.reset()
        tty.move(50)
        tty.enter()
        tty.enter()
        assert tty.enter() == "signed READY>"
        assert "awsenv: " not in tty.text


# --- nothing expires --------------------------------------------------------------------------------------------------

BOTO3 = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
JAVASCRIPT = """
const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");
fromNodeProviderChain({ clientConfig: { endpoint: process.env.AWS_ENDPOINT_URL, region: "us-east-1" } })().then(
  credentials => console.log(credentials.accessKeyId, credentials.expiration.toISOString()),
  error => { console.error(error); process.exit(1); });
"""
#: Its backend reads an object that only the role may read.
TERRAFORM = """
terraform {
  backend "s3" {
    bucket = "states"
    key = "state"
    region = "us-east-1"
    use_path_style = true
    skip_metadata_api_check = true
  }
}
"""


def terraform(directory: Path, exported: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = need("Terraform", shutil.which("terraform"), "terraform")
    shutil.rmtree(directory / ".terraform", ignore_errors=True)
    (directory / "main.tf").write_text(TERRAFORM)
    (directory / "rc").touch()
    own = {"TF_CLI_CONFIG_FILE": str(directory / "rc"), "CHECKPOINT_DISABLE": "1"}
    own["AWS_ENDPOINT_URL_STS"] = exported["AWS_ENDPOINT_URL"]  # Terraform ignores AWS_ENDPOINT_URL for AssumeRole
    return subprocess.run(
        [program, "init", "-no-color"], cwd=directory, env=exported | own, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["project1", "long", "coded"])
def test_every_tool_survives_two_expirations_in_one_shell(
    name: str, shell_home: Home, clock: Clock, javascript: str
) -> None:
    if name != "project1":
        assert shell_home.awsenv("profile", name, "--live", "--append").returncode == 0
    args = ["--mfa-token", "123456"] if name == "coded" else []
    clock.move("-6h")
    exported = {**live(shell_home, name, *args, **clock.environment), "NODE_PATH": javascript}
    script = shell_home.path / "script.cjs"
    script.write_text(JAVASCRIPT)
    assert shell_home.sts is not None
    shell_home.sts.client("s3").create_bucket(Bucket="states")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    shell_home.sts.client("iam").put_role_policy(
        RoleName="project1", PolicyName="states", PolicyDocument=json.dumps(policy)
    )
    states = shell_home.path / "states"
    states.mkdir()
    keys = set()
    for offset in ("-6h", "-3h", "+0"):
        clock.move(offset)
        for tool in ("v1", "v2", "boto3"):
            arguments = () if tool == "boto3" else ("sts", "get-caller-identity", "--output", "text")
            endpoint = ("--endpoint-url", str(exported["AWS_ENDPOINT_URL"])) if tool == "v2" else ()
            if tool == "v2" and name == "project1":
                continue  # Debian's version ignores AWS_ENDPOINT_URL, and would call the real STS for AssumeRole
            done = run_tool(tool, (*arguments, *endpoint), exported, shell_home.path, BOTO3 if tool == "boto3" else "")
            assert ":assumed-role/project1/" in done.stdout, (offset, tool, done.stderr)
        node = [need("node", shutil.which("node")), str(script)]
        done = subprocess.run(node, env=exported, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (offset, done.stderr)
        keys.add(done.stdout)
    assert len(keys) == 3
    # programs in Go ignore libfaketime
    done = terraform(states, exported)
    assert done.returncode == 0, done.stderr
    assert "403" in terraform(states, {**exported, "AWS_PROFILE": "user1"}).stderr
