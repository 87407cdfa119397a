"""The main job of awsenv in a shell: assume, act, check, expire, refresh, fail, clear."""

from __future__ import annotations

from pathlib import Path

from awsenv import environment
from support.clock import Clock
from support.homes import Home
from support.shells import Shell, Snapshot
from support.sts import ROLE_SESSION

BEFORE = {
    "AWS_PROFILE": "mine",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-1",
    "AWS_PAGER": "less",
    "AWS_RETRY_MODE": "standard",
    # stale variables
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

STEPS = [
    ("before", ""),
    ("assumed", "assume project1"),
    ("act", ""),
    ("checked", "check"),
    ("later", "@clock +2h"),
    ("expired", "check"),
    ("act_expired", ""),
    ("failed", "assume nope"),
    ("refreshed", "refresh"),
    ("act_again", ""),
    ("rechecked", "check"),
    ("refused", "assume closed"),
    ("cleared", "clear"),
    ("nothing", "check"),
]


def do_the_main_job(
    shell: Shell, integrated: bool, home: Home, tmp_path: Path, *, acts: bool = True
) -> dict[str, Snapshot]:
    """Run the steps and check the state after each.

    Args:
        shell: the model of the shell.
        integrated: with the integration, or by the raw lines.
        home: with project1.
        tmp_path: a scratch directory.
        acts: whether boto3 acts in the shell, which takes most of the time.

    Returns:
        The state after each step.
    """
    assert home.sts is not None
    clock = Clock(tmp_path / "clock")
    clock.move("+0")
    assert home.sts.clock is not None
    by_cli = {"BY_CLI": "1"} if shell.name == "bash" else {}  # one shell is enough: the variables are the same in all
    more = {**BEFORE, **by_cli, **clock.environment, "STS_CLOCK": str(home.sts.clock.path)}
    try:
        steps = [(name, args) for name, args in STEPS if acts or not name.startswith("act")]
        snapshots = shell.scenario(tmp_path / "work", steps, home.environment(**more), integrated=integrated)
    finally:
        home.sts.clock.move("+0")

    assumed = snapshots["assumed"].aws
    assert not snapshots["assumed"].failed
    assert assumed["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert assumed["AWS_ACCESS_KEY_ID"].endswith(assumed["AWSENV_KEY"])
    assert assumed["AWS_REGION"] == assumed["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert assumed["AWSENV_PROFILE"] == "project1"
    assert assumed["AWS_CREDENTIAL_EXPIRATION"].endswith("Z")
    assert not {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", *environment.STALE_VARIABLES, *environment.LABELS} & set(assumed)
    assert assumed["AWS_PAGER"] == "less"
    assert assumed["AWS_RETRY_MODE"] == "standard"
    if acts:
        assert str(snapshots["act"].caller).startswith(ROLE_SESSION)
        assert not str(snapshots["act_expired"].caller).startswith(ROLE_SESSION)
        assert str(snapshots["act_again"].caller).startswith(ROLE_SESSION)

    assert snapshots["checked"].status == shell.code(0, integrated=integrated)
    assert snapshots["expired"].status == shell.code(4, integrated=integrated)

    if shell.name != "cmd" or integrated:  # a cmd line has no status that `for /f` could set
        assert snapshots["failed"].failed
        assert snapshots["refused"].failed
    assert snapshots["failed"].aws == snapshots["expired"].aws
    assert snapshots["refused"].aws == snapshots["rechecked"].aws

    refreshed = snapshots["refreshed"].aws
    assert refreshed["AWS_ACCESS_KEY_ID"] != assumed["AWS_ACCESS_KEY_ID"]
    assert int(refreshed["AWSENV_EXPIRATION"]) >= int(assumed["AWSENV_EXPIRATION"]) + 7000
    assert snapshots["rechecked"].status == shell.code(0, integrated=integrated)

    assert not snapshots["cleared"].failed
    expected = {name: value for name, value in snapshots["before"].aws.items() if name not in STALE}
    assert snapshots["cleared"].aws == expected
    assert snapshots["nothing"].status == shell.code(5, integrated=integrated)
    return snapshots
