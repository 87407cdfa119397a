"""The main job, in every shell, raw and integrated: assume, act, check, expire, refresh, fail, clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import Clock
from support.homes import Home
from support.shells import Shell, Snapshot, every_shell
from support.sts import ACCOUNT

from awsenv import environment

pytestmark = pytest.mark.shell

BEFORE = {
    "AWS_PROFILE": "mine",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-1",
    "AWS_PAGER": "less",
    "AWS_RETRY_MODE": "standard",
    # what earlier work left behind
    "AWS_ACCESS_KEY_ID": "ASIASTALESTALESTALES",
    "AWS_SECRET_ACCESS_KEY": "stale",
    "AWS_SESSION_TOKEN": "stale",
    "AWS_SECURITY_TOKEN": "stale",
    "AWSUME_EXPIRATION": "2026-01-01T00:00:00",
    "AWS_CREDENTIAL_EXPIRATION": "2026-01-01T00:00:00Z",
    "AWS_ACCOUNT_ID": "123456789012",
    "AWS_VAULT": "prod",
    "AWS_EB_PROFILE": "prod",
}
STALE = environment.UNSET
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/project1/"

STEPS = [
    ("before", ""),
    ("assumed", "assume project1"),
    ("act", ""),
    ("checked", "check"),
    ("later", "@clock +2h"),
    ("expired", "check"),
    ("act_expired", ""),
    ("stale_kept", "assume nope"),
    ("refreshed", "refresh"),
    ("act_again", ""),
    ("rechecked", "check"),
    ("refused", "assume closed"),
    ("cleared", "clear"),
    ("nothing", "check"),
]


@every_shell
@pytest.mark.parametrize("integrated", [False, True], ids=["raw", "integrated"])
def test_every_shell_does_the_main_job(shell: Shell, integrated: bool, home: Home, tmp_path: Path) -> None:
    do_the_main_job(shell, integrated, home, tmp_path)


def do_the_main_job(
    shell: Shell, integrated: bool, home: Home, tmp_path: Path, *, acts: bool = True
) -> dict[str, Snapshot]:
    """Take the steps and examine what was seen.

    Args:
        shell: in which.
        integrated: or by the raw lines.
        home: with project1.
        tmp_path: a scratch directory.
        acts: whether boto3 acts in the shell, which takes most of the time.

    Returns:
        What was seen after each step.
    """
    assert home.sts is not None
    clock = Clock(tmp_path / "clock")
    clock.move("+0")
    assert home.sts.clock is not None
    by_cli = {"BY_CLI": "1"} if shell.name == "bash" else {}  # what it is given is the same in every shell
    more = {**BEFORE, **by_cli, **clock.environment, "STS_CLOCK": str(home.sts.clock.path)}
    try:
        steps = [(name, args) for name, args in STEPS if acts or not name.startswith("act")]
        seen = shell.scenario(tmp_path / "work", steps, home.environment(**more), integrated=integrated)
    finally:
        home.sts.clock.move("+0")

    assumed = seen["assumed"].aws
    assert not seen["assumed"].failed
    assert assumed["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert assumed["AWS_ACCESS_KEY_ID"].endswith(assumed["AWSENV_KEY"])
    assert assumed["AWS_REGION"] == assumed["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert assumed["AWSENV_PROFILE"] == "project1"
    assert assumed["AWS_CREDENTIAL_EXPIRATION"].endswith("Z")
    assert not {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", *environment.STALE_VARIABLES, *environment.LABELS} & set(assumed)
    assert assumed["AWS_PAGER"] == "less"
    assert assumed["AWS_RETRY_MODE"] == "standard"
    if acts:
        assert str(seen["act"].caller).startswith(ROLE)
        assert not str(seen["act_expired"].caller).startswith(ROLE)
        assert str(seen["act_again"].caller).startswith(ROLE)

    assert seen["checked"].status == shell.code(0, integrated=integrated)
    assert seen["expired"].status == shell.code(4, integrated=integrated)

    if shell.name != "cmd" or integrated:  # a cmd line has no status that `for /f` could set
        assert seen["stale_kept"].failed
        assert seen["refused"].failed
    assert seen["stale_kept"].aws == seen["expired"].aws
    assert seen["refused"].aws == seen["rechecked"].aws

    refreshed = seen["refreshed"].aws
    assert refreshed["AWS_ACCESS_KEY_ID"] != assumed["AWS_ACCESS_KEY_ID"]
    assert int(refreshed["AWSENV_EXPIRATION"]) >= int(assumed["AWSENV_EXPIRATION"]) + 7000
    assert seen["rechecked"].status == shell.code(0, integrated=integrated)

    assert not seen["cleared"].failed
    expected = {name: value for name, value in seen["before"].aws.items() if name not in STALE}
    assert seen["cleared"].aws == expected
    assert seen["nothing"].status == shell.code(5, integrated=integrated)
    return seen
