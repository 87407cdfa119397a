"""`awsenv assume -`: it assumes the previous profile again, with its options."""

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
    """Return the environment after a session has been assumed in it."""
    change = environment.assume_keys(environ, session, options)
    return {name: value for name, value in {**environ, **change}.items() if value is not None}


def test_the_first_profile_has_no_previous_one() -> None:
    assert "AWSENV_BEFORE" not in after({}, A)
    assert "AWSENV_BEFORE" not in after(after({}, A), A, "--duration=1h")


def test_assume_stores_the_previous_profile_with_its_options() -> None:
    now = after(after({}, A, "--duration=1h"), B)
    assert now["AWSENV_BEFORE"] == "a%20b%25 --duration=1h"
    assert after(now, B, "--duration=8h")["AWSENV_BEFORE"] == now["AWSENV_BEFORE"]  # the same profile again
    assert after(now, A)["AWSENV_BEFORE"] == "gr%C3%B6%C3%9Fe"


@pytest.mark.parametrize("option", ["--role-arn=arn:aws:iam::123456789012:role/Ops", "--chain=arn:aws:iam::1:role/X"])
def test_another_role_counts_as_another_profile(option: str) -> None:
    assert after(after({}, A), A, option)["AWSENV_BEFORE"] == "a%20b%25"


def test_clear_forgets_the_previous_profile() -> None:
    assert environment.clear(after(after({}, A), B))["AWSENV_BEFORE"] is None


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_assume_dash_swaps_two_profiles_until_clear(shell: str, home: Home) -> None:
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
def test_the_raw_line_assumes_the_previous_profile_in_every_dialect(shell: str, home: Home) -> None:
    result = home.awsenv(
        "assume", "-", "--shell", shell, AWSENV_BEFORE="user1 --region=eu-west-3", AWSENV_PROFILE="a b"
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "eu-west-3" in result.stdout
    assert "a%20b" in result.stdout.replace("%%", "%")


def test_options_override_the_previous_ones(home: Home) -> None:
    result = home.awsenv(
        "assume", "-", "--region", "us-east-2", "--format", "env", AWSENV_BEFORE="user1 --region=eu-west-3"
    )
    assert "AWS_REGION=us-east-2" in result.stdout and result.returncode == 0


@pytest.mark.parametrize("value", ["%%% --nope", "user1 junk", " --region=x"])
def test_a_malformed_variable_is_an_error_of_one_line(value: str, home: Home) -> None:
    result = home.awsenv("assume", "-", "--shell", "sh", AWSENV_BEFORE=value)
    assert result.returncode in (1, 2)
    assert result.stderr.startswith("awsenv: ") and result.stderr.count("\n") == 1
