"""`awsenv profile`: it prints sections of profiles that work, and appending them changes nothing else."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import oidc
from support.homes import Home, failed, write_sign_in
from support.programs import BIN

pytestmark = pytest.mark.shell

ARN = "arn:aws:iam::000000000000:role/project1"
ROLE = ("--role-arn", ARN, "--source-profile", "user1", "--region", "eu-west-1")
SECTION = f"[profile made]\nrole_arn = {ARN}\nsource_profile = user1\nregion = eu-west-1\n"
ACCOUNTS = {
    "111111111111": ("Prod", ["Admin", "ReadOnly"]),
    "222222222222": ("Dev & Test", ["Admin"]),
    "333333333333": ("", ["Büro"]),
}


def appended(home: Home, *args: str, **more: str) -> str:
    """Append sections; stderr."""
    done = home.awsenv("profile", *args, "--append", **more)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return done.stderr


def refused(home: Home, *args: str, code: int = 1, **more: str) -> str:
    before = home.config.read_bytes() if home.config.is_file() else None
    stderr = failed(home, "profile", *args, code=code, **more)
    assert before == (home.config.read_bytes() if home.config.is_file() else None)
    return stderr


# --- a role -----------------------------------------------------------------------------------------------------------


def test_the_section_of_a_role_is_printed_and_the_file_left_alone(home: Home) -> None:
    before = home.config.read_bytes()
    assert home.awsenv("profile", "made", *ROLE).stdout == f"\n{SECTION}"
    assert home.config.read_bytes() == before


def test_an_appended_profile_can_be_assumed(home: Home) -> None:
    assert appended(home, "made", *ROLE, "--duration", "2h") == f"awsenv: added to {home.config}: made\n"
    assert home.exported("made")["AWS_REGION"] == "eu-west-1"
    script = "import boto3; print(boto3.Session(profile_name='made').client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run(
        [sys.executable, "-c", script], env=home.environment(), capture_output=True, text=True, check=True
    )
    assert ":assumed-role/project1/" in done.stdout


@pytest.mark.parametrize("name", ["two words", "bob's", 'say "hi"', "a;b", "x#y", "ümlaut", "default"])
def test_a_name_that_needs_quotes_is_found_by_boto3(name: str, home: Home) -> None:
    home.config.unlink()
    appended(home, name, *ROLE)
    script = "import boto3, sys; print(boto3.Session(profile_name=sys.argv[1]).region_name)"
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script, name],
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "eu-west-1\n", done.stderr


@pytest.mark.parametrize(
    "args, code, stderr",
    [
        ((), 2, "needs --role-arn, --live or --sso-session"),
        (("made", "--role-arn", ARN), 2, "--source-profile"),
        (ROLE, 2, "NAME"),
        (("made", "--role-arn", "nonsense", "--source-profile", "user1"), 2, "is not the ARN of a role"),
        (("made", "--role-arn", ARN, "--source-profile", "user"), 1, "did you mean user1"),
        (("made", *ROLE, "--duration", "13h"), 2, "15m to 12h"),
        (("made", *ROLE, "--duration", "max"), 2, "max"),
        (("made", *ROLE, "--live"), 2, "does not go with"),
        (("made", "--live", "--region", "x"), 2, "does not go with"),
        (("made", *ROLE, "--external-id", "two\nlines"), 1, "cannot be written to a config file"),
        (("a\nb", *ROLE), 1, "control character"),
        (("project1", *ROLE), 1, "there is a profile project1 already"),
        (("nope", "--live"), 1, "no profile 'nope'"),
        (("user1", "--live"), 1, "no credentials that awsenv could renew"),
        (("--sso-session", "corp"), 1, "no [sso-session corp]"),
        (("name", "--sso-session", "corp"), 2, "takes no NAME"),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(
    args: tuple[str, ...], code: int, stderr: str, home: Home
) -> None:
    assert stderr in refused(home, *args, "--append", code=code)


# --- appending --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before, between",
    [
        (b"", b""),
        (b"[profile a]\nregion = x\n", b"\n"),
        (b"[profile a]\nregion = x", b"\n\n"),
        (b"[profile a]\r\nregion = x\r\n", b"\r\n"),
        (b"[profile a]\r\nregion = x", b"\r\n\r\n"),
        (b"[profile a]\ns3 =\n  max_queue_size = 3", b"\n\n"),
        (b"# only a comment \t", b"\n\n"),
    ],
    ids=repr,
)
def test_the_existing_content_stays_byte_for_byte(before: bytes, between: bytes, home: Home) -> None:
    home.config.write_bytes(before)
    home.config.chmod(0o640)
    appended(home, "made", *ROLE)
    section = SECTION.replace("\n", "\r\n") if b"\r\n" in before else SECTION
    assert home.config.read_bytes() == before + between + section.encode()
    assert home.config.stat().st_mode & 0o777 == 0o640


def test_a_missing_file_is_made_for_the_user_alone(home: Home) -> None:
    home.config.unlink()
    appended(home, "made", *ROLE)
    assert home.config.read_text() == SECTION
    assert home.config.stat().st_mode & 0o777 == 0o600


def test_an_existing_profile_is_not_added_again(home: Home) -> None:
    appended(home, "made", *ROLE)
    before = home.config.read_bytes()
    assert appended(home, "made", *ROLE) == ""
    appended(home, "made", "--live")
    appended(home, "made", "--live")
    assert home.config.read_bytes().startswith(before)
    assert home.config.read_text().count("[profile made-awsenv]") == 1


def test_a_link_stays_a_link_and_a_second_name_sees_the_change(home: Home) -> None:
    dotfile = home.path / "dotfiles-config"
    home.config.rename(dotfile)
    home.config.symlink_to(dotfile)
    os.link(dotfile, home.path / "second")
    appended(home, "made", *ROLE)
    assert home.config.is_symlink()
    assert (home.path / "second").read_text().endswith(SECTION)


def test_the_encoding_of_the_file_is_preserved(home: Home) -> None:
    home.config.write_bytes("[profile büro]\nregion = x\n".encode("cp1252"))
    appended(home, "größe", *ROLE, AWS_CLI_FILE_ENCODING="cp1252")
    assert "[profile größe]".encode("cp1252") in home.config.read_bytes()
    stderr = refused(home, "日本", *ROLE, "--append", AWS_CLI_FILE_ENCODING="cp1252")
    assert "cp1252" in stderr


def test_concurrent_processes_add_a_profile_once(home: Home) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda number: appended(home, f"made{number % 2}", *ROLE), range(10)))
    assert [home.config.read_text().count(f"[profile made{number}]") for number in range(2)] == [1, 1]


def test_a_full_disk_leaves_the_file_unchanged(home: Home) -> None:
    before = home.config.read_bytes() + b"# " + b"x" * 4000 + b"\n"
    home.config.write_bytes(before)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, len(before) + 20))

    done = subprocess.run(
        [str(BIN / "awsenv"), "profile", "made", *ROLE, "--append"],
        env=home.environment(),
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert str(home.config) in done.stderr
    assert home.config.read_bytes() == before


def test_a_directory_in_place_of_the_file_is_refused(home: Home) -> None:
    other = home.path / "other"
    other.mkdir()
    refused(home, "made", *ROLE, "--append", AWS_CONFIG_FILE=str(other))
    assert not list(other.iterdir())


# --- twins ------------------------------------------------------------------------------------------------------------


def test_a_twin_gets_its_credentials_from_awsenv(home: Home) -> None:
    appended(home, "project1", "--live")
    script = "import boto3; print(boto3.Session(profile_name='project1-awsenv').get_credentials().method)"
    done = subprocess.run(
        [sys.executable, "-c", script], env=home.environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "custom-process\n"


def test_without_a_name_every_profile_gets_its_twin(home: Home) -> None:
    printed = home.awsenv("profile", "--live").stdout
    assert printed == home.awsenv("list", "--credential-process").stdout
    appended(home, "--live")
    assert home.awsenv("profile", "--live").stdout == ""


# --- a sign-in --------------------------------------------------------------------------------------------------------


@pytest.fixture
def center(home: Home) -> Iterator[oidc.IdentityCenter]:
    """IAM Identity Center, with a valid sign-in."""
    with oidc.running(lambda account, role: {}) as service:
        service.accounts.update(ACCOUNTS)
        with home.config.open("a") as file:
            file.write("\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n")
        sign_in(home, service, "2999-01-01T00:00:00Z")
        yield service


def sign_in(home: Home, service: oidc.IdentityCenter, expires: str, **more: str) -> None:
    service.access_tokens.add("a-token-of-the-test")
    token = {"startUrl": "https://corp.awsapps.com/start", "region": "us-east-1", "accessToken": "a-token-of-the-test"}
    write_sign_in(home.path, {**token, "expiresAt": expires, **more})


def portal(service: oidc.IdentityCenter) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL_SSO": service.url, "AWS_ENDPOINT_URL_SSO_OIDC": service.url}


def test_every_account_and_role_of_a_sign_in_becomes_a_profile(home: Home, center: oidc.IdentityCenter) -> None:
    stderr = appended(home, "--sso-session", "corp", "--region", "eu-west-1", **portal(center))
    names = ["333333333333.B-ro", "Dev---Test.Admin", "Prod.Admin", "Prod.ReadOnly"]
    assert stderr == f"awsenv: added to {home.config}: {', '.join(names)}\n"
    added = home.config.read_text().rpartition("[profile Prod.ReadOnly]")[2]
    assert added.split("\n")[1:-1] == [
        "sso_session = corp",
        "sso_account_id = 111111111111",
        "sso_role_name = ReadOnly",
        "region = eu-west-1",
    ]
    assert appended(home, "--sso-session", "corp", **portal(center)) == ""


def test_a_role_that_has_a_profile_is_left_out(home: Home, center: oidc.IdentityCenter) -> None:
    with home.config.open("a") as file:
        file.write("\n[profile mine]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Admin\n")
    printed = home.awsenv(
        "profile", "--sso-session", "corp", "--template", "{account_id}/{role_name}", **portal(center)
    )
    headers = [line for line in printed.stdout.splitlines() if line.startswith("[")]
    assert headers == [
        "[profile 333333333333/B-ro]",
        "[profile 222222222222/Admin]",
        "[profile 111111111111/ReadOnly]",
    ]
    stderr = refused(home, "--sso-session", "corp", "--template", "{account}", code=2, **portal(center))
    assert "account_name, account_id, role_name" in stderr


def test_an_expired_sign_in_is_renewed_or_an_error_with_a_fix(home: Home, center: oidc.IdentityCenter) -> None:
    center.clients["client"] = {"clientSecret": "of-the-client", "scopes": ["sso:account:access"]}
    center.refresh_tokens.add("refresh")
    client = {"clientId": "client", "clientSecret": "of-the-client", "registrationExpiresAt": "2999-01-01T00:00:00Z"}
    sign_in(home, center, "2020-01-01T00:00:00Z", refreshToken="refresh", **client)
    center.access_tokens.clear()
    assert "Prod.Admin" in home.awsenv("profile", "--sso-session", "corp", **portal(center)).stdout
    sign_in(home, center, "2020-01-01T00:00:00Z")
    assert "awsenv login --sso-session corp" in refused(home, "--sso-session", "corp", **portal(center))
    sign_in(home, center, "2999-01-01T00:00:00Z")
    center.access_tokens.clear()
    stderr = refused(home, "--sso-session", "corp", **portal(center))
    assert "awsenv login --sso-session corp" in stderr
    assert "a-token-of-the-test" not in stderr
