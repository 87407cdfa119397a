"""`awsenv credential-process` as SDKs run it, and the sections that `awsenv list --credential-process` prints."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import time

import botocore.compat
import pexpect
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clients import STALE, aws, caller
from support.clock import Clock, seconds_left
from support.homes import Home, failed
from support.programs import BIN, need
from support.sts import ACCOUNT

from awsenv.commands import credential_process
from awsenv.environment import Session, expiry
from awsenv.report.config_sections import process_line

AWSENV = str(BIN / "awsenv")


def document_of(home: Home, *args: str, **more: str) -> dict[str, object]:
    """Return the object that `awsenv credential-process` prints."""
    output = home.awsenv("credential-process", *args, **more)
    assert (output.returncode, output.stderr) == (0, ""), output.stderr
    assert output.stdout.count("\n") == 1
    result: dict[str, object] = json.loads(output.stdout)
    return result


def refused(home: Home, *args: str, code: int = 1, **more: str) -> str:
    """Run it, check that it fails with an empty stdout (no shell statement), and return its stderr."""
    return failed(home, "credential-process", *args, code=code, **more)


def as_variables(document: dict[str, object]) -> dict[str, str]:
    """Return the variables that have the credentials of a document."""
    names = {
        "AccessKeyId": "AWS_ACCESS_KEY_ID",
        "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
        "SessionToken": "AWS_SESSION_TOKEN",
        "Expiration": "AWS_CREDENTIAL_EXPIRATION",
    }
    return {variable: str(document[name]) for name, variable in names.items() if name in document}


# --- the document -------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_the_output_equals_what_assume_exports(home: Home) -> None:
    document = document_of(home, "project1", **STALE)
    assert document["Version"] == 1
    assert "assumed-role/project1/" in caller(home, **as_variables(document))
    values = home.exported("project1")
    assert as_variables(document) == {name: value for name, value in values.items() if "REGION" not in name}
    assert document_of(home, "project1", AWS_ENDPOINT_URL_STS="http://127.0.0.1:9") == document  # from the cache


@pytest.mark.shell
def test_long_term_keys_have_neither_token_nor_expiration(home: Home) -> None:
    assert home.sts is not None
    assert document_of(home, "user1") == {
        "Version": 1,
        "AccessKeyId": home.sts.key_id,
        "SecretAccessKey": home.sts.secret,
    }


@pytest.mark.shell
def test_the_options_of_assume_are_accepted(home: Home) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/guarded"
    document = document_of(home, "project1", "--duration", "2h")
    assert abs(seconds_left(str(document["Expiration"])) - 7200) < 60
    args = ("user1", "--role-arn", role, "--external-id", "open sesame", "--session-name", "me@work")
    document = document_of(home, *args, AWS_REGION="eu-west-1")
    assert caller(home, **as_variables(document)).endswith("assumed-role/guarded/me@work")
    assert document_of(
        home, "--role-arn", role, "--source-profile", "user1", "--external-id", "open sesame", AWS_REGION="x-1"
    )


@given(st.text(), st.text(), st.none() | st.text())
def test_any_text_survives_the_json_document(access_key: str, secret_key: str, token: str | None) -> None:
    session = Session("p", access_key, secret_key, token=token, expiration=4102444800, region=None)
    document = credential_process._document(session)
    assert document.isascii()
    assert document.count("\n") == 1
    expected = {"Version": 1, "AccessKeyId": access_key, "SecretAccessKey": secret_key}
    expected |= {} if token is None else {"SessionToken": token}
    assert json.loads(document) == {**expected, "Expiration": "2100-01-01T00:00:00Z"}


# --- failures -----------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_an_error_is_one_line_that_the_sdk_can_show(home: Home) -> None:
    assert "there is no profile 'nope'" in refused(home, "nope")
    assert "AccessDenied" in refused(home, "closed")
    assert "needs the name of a profile" in refused(home, code=2)
    assert "has no option --region" in refused(home, "project1", "--region", "eu-west-1", code=2)
    assert "less than --min-ttl" in refused(home, "project1", "--min-ttl", "3h", code=3)
    section = f"[profile sdk]\nregion = eu-west-1\ncredential_process = {AWSENV} credential-process closed\n"
    home.config.write_text(home.config.read_text() + section)
    done = subprocess.run(
        [need("the AWS CLI", BIN / "aws"), "sts", "get-caller-identity", "--profile", "sdk"],
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "awsenv: AssumeRole for profile closed was rejected with AccessDenied" in done.stderr


@pytest.mark.shell
def test_expired_keys_are_an_error_and_not_printed(home: Home) -> None:
    home.config.write_text(home.config.read_text() + "expiration = 2020-01-01T00:00:00Z\n")
    assert "expired" in refused(home, "temporary", code=4)


@pytest.mark.shell
def test_a_terminal_gets_an_error_instead_of_secrets(home: Home) -> None:
    child = pexpect.spawn(AWSENV, ["credential-process", "project1"], env=home.environment(), encoding="utf-8")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    assert "--live; to act as the profile here, awsenv assume" in child.before
    assert "SecretAccessKey" not in child.before


MFA = """
[profile mfa]
role_arn = arn:aws:iam::000000000000:role/project1
source_profile = user1
region = eu-central-1
mfa_serial = arn:aws:iam::000000000000:mfa/user1
"""


@pytest.mark.shell
def test_without_a_terminal_there_is_no_mfa_prompt(home: Home) -> None:
    home.config.write_text(home.config.read_text() + MFA)
    assert "no terminal" in refused(home, "mfa")
    assert "--no-input" in refused(home, "mfa", "--no-input")


@pytest.mark.shell
def test_an_sdk_on_a_terminal_prompts_for_the_mfa_code(home: Home) -> None:
    home.config.write_text(home.config.read_text() + MFA)
    script = f'out=$({AWSENV} credential-process mfa) && echo "got $(printf %s "$out" | wc -l) $(printf %s "$out" | cut -c 1-14)"'
    child = pexpect.spawn("/bin/sh", ["-c", script], env=home.environment(), encoding="utf-8", timeout=60)
    child.expect("(?i)mfa code.*: ")
    child.sendline("123456")
    child.expect("got 0 ..Version.: 1,")
    child.expect(pexpect.EOF)


@pytest.mark.shell
def test_a_background_job_is_not_stopped_by_the_terminal(home: Home) -> None:
    """A background process that reads from its terminal would be stopped, and its SDK would wait forever."""
    home.config.write_text(home.config.read_text() + MFA)
    script = f'set -m; {{ {AWSENV} credential-process mfa 2>&1; echo "ended with $?"; }} | cat & wait; wait; echo done'
    child = pexpect.spawn("/bin/bash", ["--norc", "-c", script], env=home.environment(), encoding="utf-8", timeout=60)
    child.expect("ended with 1")
    child.expect("done")
    child.expect(pexpect.EOF)


@pytest.mark.shell
@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_profile_that_calls_itself_is_an_error(length: int, home: Home) -> None:
    names = [f"p{n}" for n in range(length)]
    log = home.path / "log"
    program = home.path / "counted"
    program.write_text(f'#!/bin/sh\necho x >> {log}\nexec {AWSENV} "$@"\n')
    program.chmod(0o755)
    home.config.write_text(
        "".join(
            f"[profile {name}]\nregion = eu-west-1\ncredential_process = {program} credential-process {names[(n + 1) % length]}\n"
            for n, name in enumerate(names)
        )
    )
    loop = " -> ".join([*names, "p0"])
    assert f"calls itself: {loop}" in refused(home, "p0")
    assert len(log.read_text().split()) == length
    result = home.awsenv("assume", "p0", "--shell", "sh")
    assert result.returncode == 1
    assert "calls itself" in result.stderr


@pytest.mark.shell
def test_one_credential_process_may_call_another(home: Home) -> None:
    home.config.write_text(
        f"{home.config.read_text()}\n[profile one]\nregion = eu-west-1\ncredential_process = {AWSENV} credential-process two\n"
        f"[profile two]\nregion = eu-west-1\ncredential_process = {AWSENV} credential-process project1\n"
    )
    assert document_of(home, "one") == document_of(home, "project1")


# --- the real clients ---------------------------------------------------------------------------------------------------


def paste(home: Home, **more: str) -> list[str]:
    """Append the output of `awsenv list --credential-process` to the config file, and return the new profiles."""
    result = home.awsenv("list", "--credential-process", **more)
    assert (result.returncode, result.stderr) == (0, "")
    with home.config.open("a") as file:
        file.write(result.stdout)
    return [line[9:-1] for line in result.stdout.splitlines() if line.startswith("[profile ")]


NASTY = ["a b", "it's", "a;b", "a #b", "$HOME", "`id`", 'say "hi"', "-x", "b\\c", "ü", "#", "a & b", "%PATH%"]


def write_nasty_profiles(home: Home) -> None:
    """Write profiles whose names contain syntax of a shell or a config file."""
    text = "".join(
        f"[profile {shlex.quote(name)}]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/project1\nsource_profile = user1\n"
        f"region = eu-central-1\nrole_session_name = number{n}\n"
        for n, name in enumerate(NASTY)
    )
    home.config.write_text(text)


@pytest.mark.shell
def test_every_renewable_profile_gets_one_section(home: Home) -> None:
    home.config.write_text(
        home.config.read_text() + "[profile sso]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n"
        "[profile login]\nlogin_session = x\n[profile process]\ncredential_process = x\n"
        "[profile web]\nrole_arn = x\nweb_identity_token_file = x\n[profile closed-awsenv]\nregion = x\n"
    )
    added = paste(home)
    assert added == [f"{n}-awsenv" for n in ("project1", "chained", "guarded", "no-region", "sso", "login", "web")]
    result = home.awsenv("list", "--credential-process")
    assert (result.returncode, result.stdout) == (0, "")  # all of them exist now
    expected = f"\n[profile project1-awsenv]\ncredential_process = {AWSENV} credential-process project1\nregion = eu-central-1\n"
    assert expected in home.config.read_text()
    rows = json.loads(home.awsenv("list", "--json").stdout)
    assert {row["kind"] for row in rows if row["name"] in added} == {"process"}
    assert home.awsenv("list", "--json", "--credential-process").returncode == 2


@pytest.mark.shell
def test_boto3_and_the_aws_cli_accept_the_section(home: Home) -> None:
    assert paste(home)[0] == "project1-awsenv"
    script = (
        "import boto3\ns = boto3.Session(profile_name='project1-awsenv')\nc = s.get_credentials()\n"
        "print(s.region_name, c.method, s.client('sts').get_caller_identity()['Arn'])"
    )
    result = subprocess.run(
        [str(BIN / "python"), "-c", script], env=home.environment(), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    region, method, arn = result.stdout.split()
    assert (region, method) == ("eu-central-1", "custom-process")
    assert "assumed-role/project1/" in arn
    answer = aws(home, "sts", "get-caller-identity", "--output", "json", AWS_PROFILE="project1-awsenv")
    assert json.loads(answer)["Arn"] == arn  # both use one session


@pytest.mark.shell
def test_boto3_accepts_any_profile_name(home: Home) -> None:
    write_nasty_profiles(home)
    added = paste(home)
    assert len(added) == len(set(added)) == len(NASTY)
    script = (
        "import boto3, sys\nfor name in sys.argv[1:]:\n"
        "    print(boto3.Session(profile_name=name).client('sts').get_caller_identity()['Arn'].rpartition('/')[2])"
    )
    result = subprocess.run(
        [str(BIN / "python"), "-c", script, *added], env=home.environment(), capture_output=True, text=True, check=False
    )
    assert result.stdout.split() == [f"number{n}" for n in range(len(NASTY))], result.stderr


JAVASCRIPT = """
const { fromIni } = require("@aws-sdk/credential-providers");
(async () => {
  for (const profile of process.argv.slice(2)) {
    const found = await fromIni({ profile })();
    console.log(JSON.stringify([found.accessKeyId, found.secretAccessKey, found.sessionToken, found.expiration]));
  }
})().catch(error => { console.error(error); process.exit(1); });
"""


@pytest.mark.slow
def test_the_sdk_for_javascript_accepts_any_profile_name(home: Home, javascript: str) -> None:
    write_nasty_profiles(home)
    added = paste(home)
    script = home.path / "script.cjs"
    script.write_text(JAVASCRIPT)
    result = subprocess.run(
        [need("node", shutil.which("node")), script, *added],
        env=home.environment(NODE_PATH=javascript),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    for n, line in enumerate(result.stdout.splitlines()):
        key, secret, token, expiration = json.loads(line)
        assert (expiry.parse(expiration) or 0) > time.time()
        arn = caller(home, AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_SESSION_TOKEN=token)
        assert arn.endswith(f"/number{n}")
    assert len(result.stdout.splitlines()) == len(NASTY)


@pytest.mark.shell
def test_a_program_survives_two_expirations(home: Home, clock: Clock) -> None:
    """boto3 renews before expiry, and gets a new session each time."""
    paste(home)
    script = (
        "import boto3, sys\nsession = boto3.Session(profile_name='project1-awsenv')\nclient = session.client('sts')\n"
        "for line in sys.stdin: print(session.get_credentials().access_key, client.get_caller_identity()['Arn'], flush=True)"
    )
    program = subprocess.Popen(
        [str(BIN / "python"), "-c", script],
        env=home.environment(**clock.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    seen = []
    for offset in ("+0", "+50m", "+2h"):
        clock.move(offset)
        program.stdin.write("\n")
        program.stdin.flush()
        seen.append(program.stdout.readline())
    program.stdin.close()
    assert program.wait() == 0
    assert all("assumed-role/project1/" in line for line in seen)
    assert len(set(seen)) == 3


# --- the line of a command ----------------------------------------------------------------------------------------------

COMMANDS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=4).map(tuple)


@given(COMMANDS)
def test_a_written_line_is_read_back_without_comments(command: tuple[str, ...]) -> None:
    line = process_line(command, "linux")
    assert line is not None
    assert botocore.compat.compat_shell_split(line, "linux") == list(command)
    assert all(line[at - 1 : at].strip() for at, character in enumerate(line) if character in "#;")


@given(COMMANDS)
def test_a_windows_line_is_refused_or_read_back(command: tuple[str, ...]) -> None:
    line = process_line(command, "win32")
    if line is None:
        assert any(c in argument for argument in command for c in '"%#;') or any(
            argument.endswith("\\") for argument in command
        )
    else:
        assert botocore.compat.compat_shell_split(line, "win32") == list(command)


def test_a_windows_path_with_blanks_is_quoted() -> None:
    command = (r"C:\Program Files\awsenv\awsenv.exe", "credential-process", "a & b")
    expected = r'"C:\Program Files\awsenv\awsenv.exe" credential-process "a & b"'
    assert process_line(command, "win32") == expected
