"""`awsenv assume -`: back to the profile before, with its options, in every shell."""

from __future__ import annotations

import pytest
from support.homes import Home
from support.shells import INTERACTIVE, run

from awsenv import environment
from awsenv.dialects import REGISTRY
from awsenv.environment import Session

A, B = (
    Session(name, "ASIAQWERTYUIOPASDFGH", "s", token="t", expiration=None, region=None) for name in ("a b%", "größe")
)


def after(environ: dict[str, str], session: Session, options: str = "") -> dict[str, str]:
    change = environment.assume_keys(environ, session, options)
    return {name: value for name, value in {**environ, **change}.items() if value is not None}


def test_the_first_profile_has_none_before_it() -> None:
    assert "AWSENV_BEFORE" not in after({}, A)
    assert "AWSENV_BEFORE" not in after(after({}, A), A, "--duration=1h")


def test_another_profile_keeps_the_one_before_and_its_options() -> None:
    now = after(after({}, A, "--duration=1h"), B)
    assert now["AWSENV_BEFORE"] == "a%20b%25 --duration=1h"
    assert after(now, B, "--duration=8h")["AWSENV_BEFORE"] == now["AWSENV_BEFORE"]  # it is the same one
    assert after(now, A)["AWSENV_BEFORE"] == "gr%C3%B6%C3%9Fe"


@pytest.mark.parametrize("option", ["--role-arn=arn:aws:iam::123456789012:role/Ops", "--chain=arn:aws:iam::1:role/X"])
def test_another_role_of_the_same_profile_is_another_one(option: str) -> None:
    assert after(after({}, A), A, option)["AWSENV_BEFORE"] == "a%20b%25"


def test_clear_forgets_the_profile_before() -> None:
    assert environment.clear(after(after({}, A), B))["AWSENV_BEFORE"] is None


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_twice_swaps_and_clear_ends_it(shell: str, home: Home) -> None:
    name = {"powershell": "$env:AWSENV_PROFILE + ' ' + $env:AWSENV_OPTIONS"}.get(
        shell, 'echo "$AWSENV_PROFILE $AWSENV_OPTIONS"'
    )
    code = {"fish": 'echo "code $status"', "powershell": '"code $LASTEXITCODE"'}.get(shell, 'echo "code $?"')
    lines = [
        f"awsenv assume project1 -d 15m -r eu-west-3\nawsenv assume user1\nawsenv assume -\n{name}",
        f"awsenv assume -\n{name}",
        f"awsenv refresh\nawsenv assume -\n{name}\nawsenv clear\nawsenv assume -\n{code}",
    ]
    result = run(shell, "\n".join(lines), home)
    assert [line.rstrip() for line in result.out.splitlines()] == [
        "project1 --duration=15m --region=eu-west-3",
        "user1",
        "project1 --duration=15m --region=eu-west-3",
        "code 1",
    ]
    assert "awsenv: no other profile was assumed in this shell before; name one: awsenv assume PROFILE" in result.err


@pytest.mark.parametrize("shell", REGISTRY)
def test_the_raw_line_goes_back_in_every_dialect(shell: str, home: Home) -> None:
    back = home.awsenv("assume", "-", "--shell", shell, AWSENV_BEFORE="user1 --region=eu-west-3", AWSENV_PROFILE="a b")
    assert (back.returncode, back.stderr) == (0, "")
    assert "eu-west-3" in back.stdout
    assert "a%20b" in back.stdout.replace("%%", "%")


def test_more_options_are_added_to_those_of_then(home: Home) -> None:
    shown = home.awsenv(
        "assume", "-", "--region", "us-east-2", "--format", "env", AWSENV_BEFORE="user1 --region=eu-west-3"
    )
    assert "AWS_REGION=us-east-2" in shown.stdout and shown.returncode == 0


@pytest.mark.parametrize("value", ["%%% --nope", "user1 junk", " --region=x"])
def test_a_variable_that_is_damaged_is_one_sentence(value: str, home: Home) -> None:
    shown = home.awsenv("assume", "-", "--shell", "sh", AWSENV_BEFORE=value)
    assert shown.returncode in (1, 2)
    assert shown.stderr.startswith("awsenv: ") and shown.stderr.count("\n") == 1
