"""Other clients that use the credentials, the AWS CLI and boto3, and stale variables of an earlier shell."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from support.environment import LATER, clean_environment
from support.homes import Home
from support.programs import AWS_CLI_V2, BIN, need


def caller(home: Home, **credentials: str) -> str:
    """Return the ARN that STS reports for the credentials in these variables."""
    assert home.sts is not None
    names = {
        "AWS_ACCESS_KEY_ID": "aws_access_key_id",
        "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
        "AWS_SESSION_TOKEN": "aws_session_token",
    }
    given = {names[name]: value for name, value in credentials.items() if name in names}
    return str(home.sts.client("sts", **given).get_caller_identity()["Arn"])


#: The AWS CLI (version 1 from PyPI, version 2 from Debian) and boto3: the Python interpreter, and the module to import.
TOOLS = {
    "v1": (str(BIN / "python"), "awscli.clidriver"),
    "v2": ("/usr/bin/python3", "awscli.clidriver"),
    "boto3": (str(BIN / "python"), "boto3"),
}


@cache
def _fork_server(tool: str) -> subprocess.Popen[str]:
    python, module = TOOLS[tool]
    if tool == "v2":
        need("the AWS CLI of Debian (awscli)", AWS_CLI_V2)
    directory = Path(tempfile.mkdtemp(prefix="awsenv-tool-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    server = subprocess.Popen(
        [python, str(Path(__file__).parent / "fork_server.py"), module],
        env=clean_environment(directory / "home", TMPDIR=str(directory)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.kill)
    return server


def run_tool(
    tool: str, arguments: Sequence[str], environment: dict[str, str], cwd: Path, script: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a real AWS tool. Each is started once and forked for each call, as a start takes half a second.

    Args:
        tool: a name of TOOLS.
        arguments: the arguments of the AWS CLI.
        environment: the whole environment.
        cwd: the working directory, which also gets the files with the output.
        script: Python source, for boto3.
    """
    out, err = cwd / f"{tool}.out", cwd / f"{tool}.err"
    for file in (out, err):
        file.unlink(missing_ok=True)
    if "LD_PRELOAD" in environment and not LATER:  # libfaketime is loaded when a process starts, so a fork will not do
        python, module = TOOLS[tool]
        call = ["-c", script or f"import sys, {module} as m; sys.argv[0] = 'aws'; sys.exit(m.main())", *arguments]
        return subprocess.run(
            [python, *call],
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    server = _fork_server(tool)
    assert server.stdin is not None
    assert server.stdout is not None
    request = {"arguments": list(arguments), "environment": environment, "cwd": str(cwd), "script": script}
    server.stdin.write(json.dumps(request | {"out": str(out), "err": str(err)}) + "\n")
    server.stdin.flush()
    code = int(server.stdout.readline())
    return subprocess.CompletedProcess([tool, *arguments], code, out.read_text(), err.read_text())


def aws(home: Home, *arguments: str, tool: str = "v1", **more: str) -> str:
    """Run the AWS CLI, which must succeed, and return its output."""
    done = run_tool(tool, arguments, home.environment(**more), home.path)
    assert done.returncode == 0, done.stderr
    return done.stdout


STALE = {
    "AWS_ACCESS_KEY_ID": "ASIASTALESTALESTALES",
    "AWS_SECRET_ACCESS_KEY": "stale",
    "AWS_SESSION_TOKEN": "stale",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_PROFILE": "gone",
    "AWS_DEFAULT_PROFILE": "gone too",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/other",
}
