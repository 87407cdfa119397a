"""`awsenv demo`: a shell, or the tour, in a temporary home with a local STS."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from awsenv import dialects, streams
from awsenv.demo.sandbox import Sandbox
from awsenv.integration import scripts
from awsenv.program import program
from awsenv.result import AwsenvError

__all__ = ["run"]

_HINTS = """
  This shell has a home of its own, and the STS that it talks to runs on this
  machine. Try:

    awsenv list                 the profiles of ~/.aws
    awsenv assume project1      this shell now acts as project1
    whoami-aws                  who you are, as the STS sees it
    awsenv check                how long that is valid
    expire                      an expired session, without the wait;
                                look at the prompt, and at whoami-aws
    awsenv refresh              a new session
    awsenv clear                nothing stale is left behind
    exit                        the demo's home and STS are removed
"""

#: The commands of the tour, and their exit codes (the last: nothing is exported).
_TOUR = (
    ("awsenv list", 0),
    ("awsenv assume project1", 0),
    ("whoami-aws", 0),
    ("awsenv check", 0),
    ("expire", 0),
    ("awsenv check", 4),
    ("whoami-aws", 1),
    ("awsenv refresh", 0),
    ("awsenv clear", 0),
    ("awsenv check", 5),
)


def run(environ: Mapping[str, str], *, shell: str | None, tour: bool) -> int:
    """Make the sandbox, run the shell or the tour in it, and remove it.

    Args:
        environ: the environment of the user.
        shell: the shell's name; None for the user's own.
        tour: whether to run the tour even on a terminal.

    Returns:
        The shell's exit code.

    Raises:
        AwsenvError: ministack is missing or does not start, or there is no such shell.
    """
    name, path = _shell(shell, environ)
    tour = tour or not (streams.is_terminal(sys.stdin) and streams.is_terminal(sys.stdout))
    sandbox = Sandbox(environ)
    _say("starting a local STS (ministack) ...")
    with sandbox:
        _say(f"ready: profile project1 in {sandbox.home}")
        if not tour:
            _say(_HINTS)
        command = _command(name, path, sandbox, tour=tour)
        with sandbox.ignore_sigint():
            code = subprocess.run(command, env=sandbox.environment, cwd=sandbox.home, check=False).returncode
    _say("the demo has ended, and its home and its STS are removed")
    if shutil.which("awsenv", path=environ.get("PATH")) is None and os.path.exists(program()):
        _say(f"awsenv is not on PATH; to start the demo again, type: {program()} demo")
    return code if code >= 0 else 128 - code


def _shell(named: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the name and the path of the shell."""
    name = scripts.shell_of(named or dialects.detect(environ))
    if not dialects.is_hooked(name):
        raise AwsenvError(f"there is no demo for {name}", "use another shell: awsenv demo --shell powershell")
    programs = dialects.load_hooked(name).PROGRAMS
    for candidate in programs:
        path = shutil.which(candidate, path=environ.get("PATH"))
        if path:
            return name, path
    raise AwsenvError(f"{programs[0]} is not on PATH", "name another shell: awsenv demo --shell bash")


def _command(name: str, shell: str, sandbox: Sandbox, *, tour: bool) -> list[str]:
    """Return the shell with the integration, from the sandbox's start-up file or at the start of the tour."""
    dialect = dialects.load_hooked(name)
    expire = dialect.DEMO_FUNCTION.format(name="expire", line=dialect.raw_line(("demo-expire", name)))
    load = f"{dialect.rc_line(program(), None)}\n{expire}"
    if not tour:
        return dialect.demo_command(shell, sandbox.write_start_up(name, load), load)
    steps = [dialect.demo_step(f"{name}> {line}", line, code) for line, code in _TOUR]
    return [shell, *dialect.DEMO_OPTIONS, "\n".join([load, *steps, "exit 0"]) + "\n"]


def _say(text: str) -> None:
    streams.say(f"{text}\n")
