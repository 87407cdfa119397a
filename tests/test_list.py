"""`awsenv list`: the profiles that it shows, and their columns."""

from __future__ import annotations

import json
import time

import pytest
from support.homes import Home

from awsenv.report import profiles

CONFIG = """\
[profile user1]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = s
mfa_serial = arn:aws:iam::123456789012:mfa/u
[profile Prod-eu]
role_arn = arn:aws:iam::123456789012:role/Ops
source_profile = user1
[profile Prod-eu-awsenv]
credential_process = '/usr/bin/awsenv' credential-process -- 'Prod-eu'
[profile other-awsenv]
credential_process = /usr/bin/other credential-process x
[profile stale]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = s
aws_session_token = t
aws_expiration = 2020-01-01T00:00:00Z
[profile valid]
aws_access_key_id = ASIAIOSFODNN7EXAMPLF
aws_secret_access_key = s
aws_session_token = t
aws_expiration = 2099-01-01T00:00:00Z
[profile machine]
role_arn = arn:aws:iam::123456789012:role/M
credential_source = Ec2InstanceMetadata
[profile corp]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = r
"""


@pytest.fixture
def files(home: Home) -> Home:
    home.config.write_text(CONFIG)
    home.credentials.write_text("")
    return home


def names(home: Home, *args: str, **more: str) -> list[str]:
    out = home.awsenv("list", *args, **more).stdout
    return [line.split()[0] for line in out.splitlines()][0 if "--values" in args else 1 :]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), ["user1", "Prod-eu", "other-awsenv", "stale", "valid", "machine", "corp"]),
        (("prod",), ["Prod-eu"]),
        (("A",), ["other-awsenv", "stale", "valid", "machine"]),
        (("prod", "--all"), ["Prod-eu", "Prod-eu-awsenv"]),
        (("eu-awsenv",), ["Prod-eu-awsenv"]),
        (("--values", "profile"), ["user1", "Prod-eu", "other-awsenv", "stale", "valid", "machine", "corp"]),
    ],
)
def test_a_word_filters_and_twins_are_hidden(args: tuple[str, ...], expected: list[str], files: Home) -> None:
    assert names(files, *args) == expected
    assert "Prod-eu-awsenv" in names(files, "--values", "profile", "--all")


def test_a_role_comes_before_the_account_of_a_sign_in(home: Home) -> None:
    """As botocore asks the provider of roles before that of IAM Identity Center."""
    both = "role_arn = arn:aws:iam::111111111111:role/a/Admin\nsource_profile = user1\n"
    home.config.write_text(f"[profile both]\n{both}sso_account_id = 222222222222\nsso_role_name = Viewer\n")
    (row,) = json.loads(home.awsenv("list", "both", "--json").stdout)
    assert (row["kind"], row["account"], row["role"]) == ("role", "111111111111", "Admin")
    compared = json.loads(home.awsenv("compare", "both", "both", "--json").stdout)
    assert compared["sides"][0]["account"] == {"value": "111111111111", "from": "role_arn"}
    with home.config.open("a") as config:
        config.write(
            "web_identity_token_file =\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n"
        )
    (row,) = json.loads(home.awsenv("list", "both", "--json").stdout)
    assert (row["kind"], row["account"], row["role"]) == ("sso", "222222222222", "Viewer")  # which no role serves


def test_no_match_is_one_sentence(files: Home) -> None:
    for form in ((), ("--json",)):
        result = files.awsenv("list", "nope", *form)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr == "awsenv: no profile has 'nope' in its name; awsenv list shows all of them\n"
    assert files.awsenv("list", "x", "--values", "region").returncode == 2


def test_json_has_everything(files: Home) -> None:
    rows = {row["name"]: row for row in json.loads(files.awsenv("list", "--json", AWS_PROFILE="Prod-eu").stdout)}
    assert len(rows) == 8
    assert [name for name, row in rows.items() if row["active"]] == ["Prod-eu"]
    assert [name for name, row in rows.items() if row["mfa"]] == ["Prod-eu"]
    assert [name for name, row in rows.items() if row["expired"]] == ["stale"]
    assert rows["valid"]["seconds_left"] > 0 > rows["stale"]["seconds_left"]
    assert {name: row["serves"] for name, row in rows.items() if row["serves"]} == {"Prod-eu-awsenv": "Prod-eu"}
    sources = {"Prod-eu": "user1", "machine": "Ec2InstanceMetadata", "corp": "my-sso", "user1": "config-file"}
    assert {name: rows[name]["source"] for name in sources} == sources


@pytest.mark.parametrize(
    ("variables", "active"),
    [
        ({"AWS_PROFILE": "stale"}, "stale"),
        (
            {"AWS_PROFILE": "stale", "AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "s", "AWS_VAULT": "corp"},
            "corp",
        ),
        ({"AWS_PROFILE": "Prod-eu-awsenv"}, "Prod-eu"),
        ({}, None),
    ],
)
def test_the_active_profile_is_marked(variables: dict[str, str], active: str | None, files: Home) -> None:
    marked = [line.split()[0] for line in files.awsenv("list", **variables).stdout.splitlines() if " * " in line]
    assert marked == ([active] if active else [])


def test_recently_used_profiles_come_first() -> None:
    """The active one, the previous one of this shell, those with the newest sessions, then in the order of the files."""
    ages = {"never": None, "old": 100, "new": 200, "a b": None, "now": None}
    rows = [
        profiles.Row(name, "role", None, None, None, None, active=name == "now", obtained=age)
        for name, age in ages.items()
    ]
    ordered = profiles.lately_first(rows, {"AWSENV_BEFORE": "a%20b --region=eu-west-1"})
    assert [row.name for row in ordered] == ["now", "a b", "new", "old", "never"]


def test_a_session_has_its_time_of_issue(home: Home) -> None:
    home.exported("project1")
    rows = {row["name"]: row for row in json.loads(home.awsenv("list", "--json").stdout)}
    assert abs(rows["project1"]["obtained"] - time.time()) < 600
    assert rows["user1"]["obtained"] is None
