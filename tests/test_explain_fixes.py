"""The fixes of explain can work: for the profile that the text names, else for one that can, else PROFILE and `awsenv list`."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.error_texts import TEXTS

from awsenv import args
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import renewal_of
from awsenv.commands import explain as command
from awsenv.explain import shell_state
from awsenv.explain.meanings import MEANINGS
from awsenv.sso import portal

NOW = int(time.time())
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY3456789KEY"

CONFIG = """
[default]
region = us-east-1

[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin

[profile via-dev]
role_arn = arn:aws:iam::210987654321:role/Via
source_profile = dev

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1

[profile old]
sso_start_url = https://other.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Admin

[profile prod]
role_arn = arn:aws:iam::210987654321:role/Prod-Role
source_profile = user1

[profile looping]
role_arn = arn:aws:iam::210987654321:role/Loop
source_profile = nobody
"""
CREDENTIALS = f"""
[user1]
aws_access_key_id = AKIAQWERTYUIOPLKJHGF
aws_secret_access_key = {SECRET}

[pasted]
aws_access_key_id = ASIAQWERTYUIOPLKJHGF
aws_secret_access_key = {SECRET}
aws_session_token = abc
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A home whose default profile has a region and nothing else, as `aws configure sso` leaves it."""
    (tmp_path / ".aws").mkdir()
    for name, text in (("config", CONFIG), ("credentials", CREDENTIALS)):
        (tmp_path / ".aws" / name).write_text(text)
        (tmp_path / ".aws" / name).chmod(0o600)
    return tmp_path


def environment(files: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(files), "USERPROFILE": str(files), "PATH": "/usr/bin:/bin", **more}


def answers(text: str, environ: dict[str, str]) -> list[dict[str, str]]:
    parsed = args.parse("explain", ["--json", "--shell", "bash", "--", text], command.COMMAND.options, 1)
    errors: list[dict[str, str]] = json.loads(command.run(parsed, environ, NOW).out)["errors"]
    return errors


CHOOSE = f"{shell_state.CHOOSE}: "
UNKNOWN = "InvalidClientTokenId: The security token included in the request is invalid"
EXPIRED = "ExpiredToken: The provided token has expired"
ROLE = "AccessDenied: User: arn:aws:iam::1:user/u is not authorized to perform: sts:AssumeRole on resource: "
MFA = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code"


@pytest.mark.parametrize(
    ("text", "profile", "fix"),
    [
        ("Unable to locate credentials", None, f"{CHOOSE}awsenv assume PROFILE"),
        ("Unable to locate credentials", "dev", "awsenv login dev"),
        ("Unable to locate credentials", "prod", "awsenv assume prod"),
        ("You must specify a region", None, f"{CHOOSE}awsenv assume PROFILE --region us-east-1"),
        ("You must specify a region", "user1", "awsenv assume user1 --region us-east-1"),
        (UNKNOWN, None, f"{CHOOSE}awsenv assume PROFILE"),
        (UNKNOWN, "prod", "awsenv assume prod"),
        (UNKNOWN, "user1", "put new keys at HOME/.aws/credentials:3"),
        (UNKNOWN, "pasted", "put new credentials at HOME/.aws/credentials:7"),
        (EXPIRED, "pasted", "put new credentials at HOME/.aws/credentials:7"),
        (EXPIRED, None, "go to that shell, then type awsenv refresh; or here: awsenv assume PROFILE"),
        # the sign-in that the text names, else the profile's
        ("Error loading SSO Token: Token for https://other.awsapps.com/start does not exist", None, "awsenv login old"),
        ("Error loading SSO Token: Token for corp does not exist", "old", "awsenv login --sso-session corp"),
        ("the SSO session has expired or is invalid: open /home/x/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json: "
         "no such file or directory", None, "awsenv login --sso-session corp"),
        ("Error loading SSO Token: Token for https://no.awsapps.com/start does not exist", None, f"{CHOOSE}awsenv login PROFILE"),
        ("Token has expired and refresh failed", "via-dev", "awsenv login dev"),
        ("Token has expired and refresh failed", None, f"{CHOOSE}awsenv login PROFILE"),
        # the profile whose role the text names
        (f"{ROLE}arn:aws:iam::210987654321:role/Prod-Role", None, "awsenv doctor prod"),
        (f"{ROLE}arn:aws:iam::210987654321:role/Prod-Role2", None, f"{CHOOSE}awsenv doctor PROFILE"),
        (f"{MFA}: arn:aws:iam::210987654321:role/Prod-Role.", None, "awsenv assume prod"),
        (f"{MFA}: arn:aws:iam::210987654321:role/Via", None, "awsenv login dev"),
        (MFA, None, f"{CHOOSE}awsenv assume PROFILE"),
        # the nearest name, if that can
        ("The config profile (prood) could not be found", None, "awsenv assume prod"),
        ("The config profile (viadev) could not be found", None, "awsenv login dev"),
        # a profile of another computer
        ("Credentials not set for profile theirs", "prod", f"{CHOOSE}awsenv assume PROFILE"),
    ],
)  # fmt: skip
def test_the_fix_names_a_profile_that_can_do_it(text: str, profile: str | None, fix: str, files: Path) -> None:
    environ = environment(files, **({} if profile is None else {"AWS_PROFILE": profile}))
    [error] = answers(text, environ)
    assert error["fix"].replace(str(files), "HOME").startswith(fix), error


def test_with_the_profile_option_exported_credentials_are_not_the_cause(files: Path) -> None:
    exported = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPLKJHGX", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "x"}
    exported["AWS_CREDENTIAL_EXPIRATION"] = "2020-01-01T00:00:00Z"
    [alone] = answers(f"aws s3 ls\n{EXPIRED}", environment(files, **exported))
    assert "AWS_CREDENTIAL_EXPIRATION" in json.dumps(alone)
    [named] = answers(f"aws s3 ls --profile pasted\n{EXPIRED}", environment(files, **exported))
    assert "AWS_CREDENTIAL_EXPIRATION" not in json.dumps(named) and "profile pasted" in named["cause"]


def situations(files: Path) -> Iterator[dict[str, str]]:
    yield environment(files)
    for name in ("dev", "via-dev", "old", "prod", "looping", "user1", "pasted"):
        yield environment(files, AWS_PROFILE=name)
    keys = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": "abc"}
    yield environment(files, **keys)
    ours = {"AWSENV_KEY": "OPASDFGH", "AWSENV_EXPIRATION": str(NOW - 60)}
    for name in ("dev", "prod", "pasted"):
        yield environment(files, **keys, **ours, AWSENV_PROFILE=name)


ONE_OF_EACH = {one.meaning: one.text for one in reversed(TEXTS)}


@pytest.mark.parametrize("meaning", [known.id for known in MEANINGS])
def test_no_fix_of_any_meaning_names_what_yields_nothing(meaning: str, files: Path) -> None:
    """`assume` and `login` of a profile that cannot, in any situation."""
    profiles = Profiles(environment(files))
    for environ in situations(files):
        for found in answers(ONE_OF_EACH[meaning], environ):
            for verb, name in re.findall(r"awsenv (assume|login) ([\w-]+)(?= |$)", found["fix"]):
                if name in ("PROFILE", "--sso-session"):
                    continue
                assert name in profiles, found
                if verb == "login":
                    assert portal.uses_sso(profiles, name), found
                elif found["id"] != "no-profile" or name != "default":
                    assert renewal_of(profiles, name, environ, NOW).yields(), (environ, found)


def test_the_owner_of_foreign_files_in_the_cache_is_named(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `sudo -E aws …`, but with the roles of the users exchanged."""
    if os.name == "nt":
        pytest.skip("owners are POSIX")
    cache = files / ".aws" / "cli" / "cache"
    cache.mkdir(parents=True)
    entry = cache / f"{'0a1b2' * 8}.json"
    entry.write_text("{}")
    text = f"PermissionError: [Errno 13] Permission denied: '{entry}'"
    [found] = answers(text, environment(files))
    assert (found["cause"], found["fix"]) == (
        f"{cache} is yours and writable now: the error comes from another user",
        "try again",
    )
    assert found["line"].endswith("/.aws/cli/cache/<hash>.json'")
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    import pwd

    monkeypatch.setattr(pwd, "getpwuid", lambda uid: pwd.struct_passwd(("ada", "", uid, uid, "", "", "")))
    [found] = answers(text, environment(files))
    assert found["cause"].startswith(f"{cache} belongs to user {me}")
    assert found["fix"] == f"sudo chown -R ada {cache}"
