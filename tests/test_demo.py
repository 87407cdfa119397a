"""`awsenv demo`: it runs the main use case, and leaves no files or processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pexpect
import pytest
from support.environment import wait_for
from support.homes import Home
from support.programs import BIN, need
from support.shells import INTERACTIVE

pytestmark = pytest.mark.shell


@pytest.fixture
def demo_environment(home: Home) -> dict[str, str]:
    """The environment of a demo, whose directories are made in HOME, where the tests find them."""
    ministack = need("ministack (PyPI)", os.environ.get("AWSENV_TEST_MINISTACK") or shutil.which("ministack"))
    pwsh = os.environ.get("AWSENV_TEST_PWSH")
    tools = home.path / "tools"
    tools.mkdir()
    (tools / "ministack").symlink_to(ministack)
    if pwsh:
        (tools / "pwsh").symlink_to(pwsh)
    environment = home.environment()
    del environment["AWS_ENDPOINT_URL"]
    return environment | {"PATH": f"{BIN}:{tools}:/usr/bin:/bin", "AWS_PROFILE": "mine", "AWS_ACCESS_KEY_ID": "stale"}


def leftovers(home: Home) -> list[str]:
    """Return the directories of demos, and the processes that run in them."""
    left = [str(path) for path in home.path.glob("awsenv-demo-*")]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(home.path) in os.readlink(process / "cwd"):
                left.append((process / "cmdline").read_text())
        except OSError:
            continue
    return left


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_tour_runs_the_main_use_case_and_leaves_no_files(
    shell: str, home: Home, demo_environment: dict[str, str]
) -> None:
    need(f"the shell {shell}", shutil.which({"powershell": "pwsh"}.get(shell, shell), path=demo_environment["PATH"]))
    before = sorted(home.path.rglob("*"))
    result = subprocess.run(
        [BIN / "awsenv", "demo", "--shell", shell], env=demo_environment, capture_output=True, text=True, check=False, timeout=120,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "arn:aws:sts::000000000000:assumed-role/project1/" in result.stdout
    assert "project1: 1h00m left" in result.stdout or "project1: 59m left" in result.stdout
    assert "project1: expired <1m ago; renew with: awsenv refresh" in result.stdout
    assert "the refreshed credentials are still expired" in result.stderr  # boto3
    assert result.stdout.rstrip().endswith("nothing is exported; start with: awsenv assume PROFILE")
    assert result.stderr.endswith("its home and its STS are removed\n")
    assert leftovers(home) == []
    assert sorted(home.path.rglob("*")) == before


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_demo_shell_is_ready_to_use(shell: str, home: Home, demo_environment: dict[str, str]) -> None:
    need(f"the shell {shell}", shutil.which(shell))
    child = pexpect.spawn(
        str(BIN / "awsenv"), ["demo", "--shell", shell], env=demo_environment, timeout=60, encoding="utf-8"
    )
    child.expect("nothing stale is left behind")
    child.sendline("awsenv assume project1; whoami-aws; echo END'-'1")
    child.expect("assumed-role/project1/")
    child.expect("END-1")
    child.expect("demo")
    child.send("\x03")
    # text typed too early may be lost with the cancelled line; fish prints nothing for Ctrl-C
    child.expect(["demo", pexpect.TIMEOUT], timeout=1)
    child.sendline("awsenv clear; awsenv check; echo END'-'2")
    child.expect("nothing is exported")
    child.expect("END-2")
    child.sendline("exit")
    child.expect("its STS are removed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus in (0, 5)
    assert leftovers(home) == []


def test_the_demo_shell_has_a_clean_doctor_and_a_session_that_expires_at_once(
    home: Home, demo_environment: dict[str, str]
) -> None:
    aws = home.path / "tools" / "aws"  # like that of Debian 12, too old for AWS_ENDPOINT_URL
    aws.write_text('#!/bin/sh\n[ "$3" = --version ] && echo aws-cli/2.9.19 || echo "args: $*"\n')
    aws.chmod(0o755)
    demo_environment = demo_environment | {"PATH": f"{aws.parent}:{demo_environment['PATH']}"}
    with pexpect.spawn(
        str(BIN / "awsenv"), ["demo", "--shell", "bash"], env=demo_environment, timeout=60, encoding="utf-8"
    ) as child:
        child.expect("removed\r\n")
        assert max(map(len, str(child.before).splitlines()[2:])) <= 80

        def output_of(line: str) -> str:
            child.sendline(f"{line or ':'}; echo END'-'1")
            child.expect("END-1")
            return str(child.before)

        output_of("awsenv assume project1")
        before = output_of("awsenv doctor 2>/dev/null")
        assert "endpoint-override" not in before
        assert f"{home.path}/awsenv-demo" not in before.partition("VARIABLE")[0]
        assert "nothing is wrong" in before
        assert "args: --endpoint-url http://127.0.0.1:" in output_of("aws sts get-caller-identity")
        output_of("expire")
        assert "project1: expired" in output_of("")  # the hook's warning
        expired = output_of("awsenv doctor 2>/dev/null")
        assert "keys-expired" in expired
        assert "1 error, " in expired
        assert "exported-unknown" not in expired
        assert "project1: 1h00m left" in output_of("awsenv refresh; awsenv check")
        child.sendline("exit")
        child.expect("its STS are removed")
        child.expect(pexpect.EOF)


def test_the_demo_prints_how_to_repeat_it_if_awsenv_is_not_on_path(
    home: Home, demo_environment: dict[str, str]
) -> None:
    demo_environment = demo_environment | {"PATH": demo_environment["PATH"].replace(f"{BIN}:", "")}
    command = [BIN / "awsenv", "demo", "--tour", "--shell", "bash"]
    result = subprocess.run(command, env=demo_environment, capture_output=True, text=True, check=False, timeout=120)
    assert result.stderr.endswith(f"awsenv is not on PATH; to start the demo again, type: {BIN / 'awsenv'} demo\n"), (
        result
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_killed_demo_leaves_no_files(number: int, home: Home, demo_environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [BIN / "awsenv", "demo", "--shell", "bash"],
        env=demo_environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("starting a local STS")
    wait_for(lambda: list(home.path.glob("awsenv-demo-*/ministack.log")), "the STS of the demo starts")
    process.send_signal(number)
    assert process.wait(timeout=30) == 130
    assert "Traceback" not in process.stderr.read()
    assert leftovers(home) == []


def test_missing_ministack_is_reported_with_a_fix(home: Home) -> None:
    if (BIN / "ministack").exists():
        pytest.skip("ministack is installed beside awsenv here")
    result = home.awsenv("demo", "--shell", "bash", PATH=f"{BIN}:/usr/bin:/bin")
    assert result.returncode == 1
    assert "./install.sh --demo" in result.stderr
