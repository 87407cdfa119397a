"""The tables of errors in README and docs/errors.md: `awsenv explain` recognises each, and gives the fix beside it."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from support.pages import DOCS, README, table

from awsenv import args
from awsenv.commands import explain

NOW = int(time.time())

CONFIG = """
[profile project1]
role_arn = arn:aws:iam::123456789012:role/project1
source_profile = user1

[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
"""

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY3456789KEY"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPLKJHGF", "AWS_SECRET_ACCESS_KEY": SECRET}
TOKEN = "IQoJb3JpZ2luX2Vj" + "aB3/+x" * 60
SESSION = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
EXPIRED = {"AWSENV_PROFILE": "project1", "AWSENV_KEY": "OPASDFGH", "AWSENV_EXPIRATION": str(NOW - 60), **SESSION}

#: The beginning of the error of a row -> the variables of the shell.
SITUATIONS = {
    "ExpiredToken": EXPIRED,
    "RequestExpired": EXPIRED,
    "Credentials were refreshed": SESSION | {"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"},
    "can't subtract": SESSION | {"AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00"},
    "InvalidClientTokenId": KEYS | {"AWS_SESSION_TOKEN": TOKEN},
    "Partial credentials": {"AWS_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"]},
    "The config profile (projct1)": {"AWS_PROFILE": "projct1"},
    "The config profile ()": {"AWS_PROFILE": ""},
    "You must specify a region": {"AWS_PROFILE": "user1"},
    "Invalid endpoint": KEYS | {"AWS_DEFAULT_REGION": ""},
    "Token has expired": {"AWS_PROFILE": "sso"},
    "SignatureDoesNotMatch": SESSION | {"AWS_SECRET_ACCESS_KEY": f"{SECRET} "},
    "MultiFactor": {"AWS_PROFILE": "project1"},
}


def rows() -> list[tuple[str, str]]:
    """The error and the fix of each row."""
    tables = [
        table(page.read_text(encoding="utf-8"), "error", "usual cause", "type") for page in (README, DOCS / "errors.md")
    ]
    assert all(tables)
    return [(error, fix) for rows in tables for error, _, fix in rows]


@pytest.mark.parametrize(("error", "expected"), rows(), ids=lambda text: text[:40])
def test_explain_gives_the_fix_of_the_row(error: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / ".aws/cli/cache").mkdir(parents=True)
    (tmp_path / ".aws/config").write_text(CONFIG)
    (tmp_path / ".aws/credentials").write_text(
        "[user1]\n" + "".join(f"{name.lower()} = {value}\n" for name, value in KEYS.items())
    )
    (tmp_path / ".aws/cli/cache/2497385133e95c1a2497385133e95c1a24973851.json").write_text("{")
    text = error.replace("`", "").removesuffix(" and nothing else")
    environ = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PATH": "/usr/bin:/bin"}
    environ |= next((variables for start, variables in SITUATIONS.items() if text.startswith(start)), {})
    parsed = args.parse("explain", ["--json", "--shell", "bash", "--", text], explain.COMMAND.options, 1)
    [answer] = json.loads(explain.COMMAND.run(parsed, environ, NOW).out)["errors"]
    fix = answer["fix"].rpartition(": ")[2] if answer["id"] != "clock" else "set the clock"
    for name in ("project1", "user1", "sso"):
        fix = re.sub(rf"(awsenv \w+) {name}\b", r"\1 PROFILE", fix)
    assert f"`{fix}`" in expected or fix == "set the clock" in expected, answer
