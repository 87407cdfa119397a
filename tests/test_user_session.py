"""The options of STS, with an STS that checks signatures, tokens and trust policies (but requires no MFA code)."""

from __future__ import annotations

import json

import pytest
from support.clients import caller
from support.homes import Home
from support.sts import ACCOUNT, ROLE_SESSION

pytestmark = pytest.mark.shell


def test_long_term_keys_exchanged_for_a_session_act_as_the_user(home: Home) -> None:
    values = home.exported("user1", "--session-token", "--region", "eu-west-1")
    assert caller(home, **values) == f"arn:aws:iam::{ACCOUNT}:user/user1"
    assert values["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_a_role_is_assumed_with_the_user_session(home: Home) -> None:
    values = home.exported("project1", "--session-token")
    assert caller(home, **values).startswith(ROLE_SESSION)
    assert len(list(home.cache.iterdir())) == 2


def test_a_chained_role_is_assumed_with_the_user_session(home: Home) -> None:
    chained = f"arn:aws:iam::{ACCOUNT}:role/chained"
    values = home.exported("project1", "--chain", chained, "--session-name", "me")
    assert caller(home, **values) == f"arn:aws:sts::{ACCOUNT}:assumed-role/chained/me"
    # the profile of the same role has the same session
    assert home.exported("chained", "--session-name", "me")["AWS_ACCESS_KEY_ID"] == values["AWS_ACCESS_KEY_ID"]


def test_all_options_work_together(home: Home) -> None:
    assert home.sts is not None
    iam = home.sts.client("iam")
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam.put_user_policy(UserName="user1", PolicyName="all", PolicyDocument=document(allow))
    user = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/user1"}
    for name, may in (("tagged", actions), ("untagged", actions[:1])):
        trust = {"Effect": "Allow", "Action": may, "Principal": user}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    policy = document({"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    role = f"arn:aws:iam::{ACCOUNT}:role/"
    args = (
        *("--tag", "team=blue", "--tag", "cost=1", "--transitive-tag", "team", "--source-identity", "ada"),
        *("--policy", policy, "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess", "--duration", "max"),
    )
    values = home.exported("project1", "--role-arn", f"{role}tagged", *args)
    assert "assumed-role/tagged/" in caller(home, **values)
    result = home.awsenv("assume", "project1", "--role-arn", f"{role}untagged", *args, "--shell", "bash")
    assert result.returncode == 1
    assert "allow that action in both places" in result.stderr


def document(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
