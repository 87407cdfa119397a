"""After two seconds of waiting, one line names the reason."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from support.environment import PATIENCE
from support.homes import Home
from support.programs import BIN
from support.servers import silent_server
from support.terminal import terminal

#: Timeouts longer than the two seconds after which the line is printed.
SHORT = {"AWSENV_CONNECT_TIMEOUT": "1", "AWSENV_READ_TIMEOUT": "2.6", "AWS_MAX_ATTEMPTS": "1"}
SSO = "sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\n"
EXPORTED = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}


@pytest.mark.parametrize(
    ("args", "variable", "service"),
    [
        ("assume project1 --shell sh", "AWS_ENDPOINT_URL_STS", "STS of eu-central-1 ({host})"),
        ("exec project1 -- true", "AWS_ENDPOINT_URL_STS", "STS of eu-central-1 ({host})"),
        ("whoami", "AWS_ENDPOINT_URL_STS", "STS of us-east-1 ({host})"),
        ("console", "AWS_ENDPOINT_URL_SIGNIN", "the federation endpoint ({name})"),
        ("login corp --device", "AWS_ENDPOINT_URL_SSO_OIDC", "IAM Identity Center of eu-west-1 ({host})"),
    ],
)
def test_one_line_names_the_service(args: str, variable: str, service: str, home: Home) -> None:
    home.config.write_text(f"{home.config.read_text()}\n[profile corp]\n{SSO}sso_role_name = r\n")
    with silent_server() as url:
        variables = {variable: url, **SHORT, **(EXPORTED if args in ("whoami", "console") else {})}
        result = home.awsenv(*args.split(), **variables)
    assert result.returncode != 0
    host = url.rpartition("/")[2]
    lines = [line for line in (result.stderr + result.stdout).splitlines() if "waiting for" in line]
    assert lines == [f"awsenv: waiting for {service.format(host=host, name=host.partition(':')[0])}"], result


def test_a_quick_response_prints_no_line(home: Home) -> None:
    assert "waiting" not in home.awsenv("assume", "project1", "--refresh", "--shell", "sh").stderr


def process_until(file: Path) -> str:
    """A credential_process that prints credentials once a file exists."""
    keys = json.dumps({"Version": 1, "AccessKeyId": "AKIAQWERTYUIOPASDFGH", "SecretAccessKey": "s"})
    return shlex.join(["sh", "-c", f"until test -e {file}; do sleep 0.1; done; echo '{keys}'"])


def test_a_slow_process_is_named_and_then_used(home: Home, tmp_path: Path) -> None:
    home.config.write_text(f"[profile slow]\ncredential_process = {process_until(tmp_path / 'go')}\n")
    command = [BIN / "awsenv", "assume", "slow", "--format", "json"]
    with subprocess.Popen(
        command, env=home.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None and running.stdout is not None
        line = running.stderr.readline()
        (tmp_path / "go").touch()
        out, err = running.communicate(timeout=PATIENCE)
    assert line.startswith("awsenv: waiting for the credential_process of profile slow (sh -c ")
    assert (json.loads(out)["AWS_ACCESS_KEY_ID"], err) == ("AKIAQWERTYUIOPASDFGH", "")


def test_credential_process_reports_a_wait_only_on_a_terminal(home: Home, tmp_path: Path) -> None:
    """An SDK may show the stderr of its credential_process as an error."""
    with silent_server() as url:
        result = home.awsenv("credential-process", "project1", AWS_ENDPOINT_URL_STS=url, **SHORT)
        assert result.stderr.count("\n") == 1 and "waiting" not in result.stderr
    home.config.write_text(f"[profile slow]\ncredential_process = {process_until(tmp_path / 'go')}\n")
    with terminal("bash", home) as tty:
        tty.send("command awsenv credential-process slow | wc -l\r")
        tty.until("awsenv: waiting for the credential_process of profile slow")
        (tmp_path / "go").touch()
        tty.until("\n1")
