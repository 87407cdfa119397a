"""Every fix, in every situation: it works, or it names a manual step."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.clock import Clock
from support.environment import PATIENCE
from support.homes import Home, write_sign_in
from support.situations import situations
from support.sts import ACCOUNT, Sts

from awsenv import doctor
from awsenv.args import parse
from awsenv.aws.config_files import Profiles
from awsenv.commands import assume, check, compare, credential_process, explain, refresh, whoami
from awsenv.doctor.context import Context
from awsenv.environment import expiry
from awsenv.environment.state import state_of
from awsenv.result import AwsenvError
from awsenv.sso import portal

pytestmark = pytest.mark.slow

#: Errors of AWS tools whose fix may be to obtain credentials.
ERRORS = (
    "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.",
    "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included "
    "in the request is invalid.",
    "An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we "
    "calculated does not match the signature you provided.",
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    "Error when retrieving token from sso: Token has expired and refresh failed",
    "Error loading SSO Token: Token for https://corp.awsapps.com/start does not exist",
    "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::000000000000:user/user1 "
    f"is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{ACCOUNT}:role/project1",
    'You must specify a region. You can also configure your region by running "aws configure".',
    "Partial credentials found in explicit, missing: aws_secret_access_key",
)

#: Part of the text of an error about something missing -> the variable that the fix exports.
MISSING = {"locate credentials": "AWS_ACCESS_KEY_ID", "specify a region": "AWS_REGION"}

# The value of an option or a name, perhaps in quotes.
_ARG = r"(?:'[^']*'|[\w./:@+=-]*[\w/@+=-])"
_COMMAND = re.compile(
    rf"awsenv (?:assume|refresh|login)\b(?: (?:--[a-z-]+ {_ARG}|--[a-z-]+|(?!or\b|and\b|then\b|first\b){_ARG}))*"
)


@dataclass(frozen=True)
class Advice:
    """A problem that awsenv reports, and its fix.

    Attributes:
        by: the command or the check.
        problem: what is wrong.
        fix: the remedy.
    """

    by: str
    problem: str
    fix: str

    @property
    def commands(self) -> list[str]:
        """Its commands that obtain credentials, except those with a placeholder in capitals or after a manual step."""
        commands = [match.group().strip() for match in _COMMAND.finditer(self.fix.partition(", then ")[0])]
        return [command for command in commands if not re.search(r" [A-Z]{3,}\b", command)]


class Shell:
    """A situation, set up in its own home now."""

    def __init__(self, name: str, home: Path, sts: Sts, clock: Clock) -> None:
        self.now = int(time.time())
        self.situation = situation = situations(self.now)[name]
        self.home = Home(home, sts)
        self.home.config.parent.mkdir(parents=True)
        for path, text in ((self.home.config, situation.config), (self.home.credentials, situation.credentials)):
            path.write_text(text.replace("{key}", sts.key_id).replace("{secret}", sts.secret))
            path.chmod(0o600)
        if situation.sign_in is not None:
            write_sign_in(home, {"accessToken": "x", "expiresAt": expiry.format_utc(self.now + situation.sign_in)})
        self.environ = self.home.environment(AWS_MAX_ATTEMPTS="1", AWSENV_CONNECT_TIMEOUT="2", **situation.variables)
        if situation.assumed:
            clock.move(f"-{situation.ago}s")
            self.environ = self.after(f"awsenv assume {' '.join(situation.assumed)}", **clock.environment)[1]
            clock.move("+0")
            for name in clock.environment:
                self.environ.pop(name)

    def after(self, command: str, **more: str) -> tuple[int, dict[str, str]]:
        """The status of a command in an integrated bash, and the environment of the shell after it."""
        script = (
            f'eval "$(command awsenv init bash)"; {command} </dev/null >/dev/null 2>&1; status=$?; env -0; exit $status'
        )
        done = subprocess.run(
            ["bash", "--norc", "-c", script],
            env=self.environ | more,
            capture_output=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
            check=False,
            start_new_session=True,
        )
        pairs = (pair.partition("=") for pair in done.stdout.decode().split("\0") if "=" in pair)
        return done.returncode, {name: value for name, _, value in pairs}

    def is_renewed(self, environ: dict[str, str]) -> bool:
        """Whether an environment has other credentials than this shell, valid for AWS and for `check`."""
        if environ.get("AWS_ACCESS_KEY_ID") in (None, self.environ.get("AWS_ACCESS_KEY_ID")):
            return False
        return self.run(check, environ)[0] == 0 and self.run(whoami, environ, "--no-input")[0] == 0

    def advice(self, by: str) -> Iterator[Advice]:
        """The advice of the commands, of the doctor about each profile and the shell, or of explain about each error."""
        if by == "commands":
            for name in self.situation.profiles:
                for module in (assume, credential_process, whoami):
                    yield from self.advice_of_command(module, name, "--no-input")
                code, text = self.run(compare, self.environ, name, "user1")
                yield Advice(f"compare {name}", str(code), text.splitlines()[-1])
            state = state_of(self.environ, self.now)
            if state.kind in ("expires", "unknown") and not self.situation.changed_since:
                yield Advice("the prompt", state.name, state.fix)
            yield from self.advice_of_command(check)
            yield from self.advice_of_command(whoami, "--no-input")
            if "AWSENV_PROFILE" in self.environ:
                yield from self.advice_of_command(refresh, "--no-input")
        elif by == "doctor":
            for named in (None, *self.situation.profiles):
                for finding in doctor.examine(Context(self.environ, self.now, named, offline=True), CHECKS):
                    yield Advice(finding.check.id, finding.what, finding.instructions)
        else:
            for text in ERRORS:
                for one in json.loads(self.run(explain, self.environ, "--json", text)[1])["errors"]:
                    yield Advice(f"explain {text[:60]}", one["cause"] or "", one["fix"] or "")

    def advice_of_command(self, module: object, *args: str) -> Iterator[Advice]:
        """The advice of a command if it fails."""
        code, text = self.run(module, self.environ, *args)
        if code != 0:
            problem, _, fix = text.partition("; ")
            yield Advice(f"{module.__name__.rpartition('.')[2]} {' '.join(args)}", problem, fix)  # type: ignore[attr-defined]

    def run(self, module: object, environ: dict[str, str], *args: str) -> tuple[int, str]:
        """The exit code and the output of a command."""
        command = module.COMMAND  # type: ignore[attr-defined]
        try:
            result = command.run(
                parse(command.usage, args, command.options, command.max_positionals), environ, self.now
            )
        except AwsenvError as error:
            return error.code, str(error)
        return result.code, f"{result.out}{result.report}{result.note}"

    def problems_found_by(self, check_id: str, environ: dict[str, str]) -> set[str]:
        """The problems that a check of the doctor finds in an environment; none if there is no such check."""
        checks = [one for one in CHECKS if one.id == check_id]
        return {finding.what for finding in doctor.examine(Context(environ, self.now, offline=True), checks)}


#: The others start programs, which takes long.
CHECKS = [check for check in doctor.CHECKS if check.prepare is None]


@pytest.mark.parametrize("name", situations(int(time.time())))
def test_every_fix_works_or_names_a_manual_step(name: str, tmp_path: Path, sts: Sts, clock: Clock) -> None:
    shell = Shell(name, tmp_path / "home", sts, clock)
    everything = [advice for by in ("commands", "doctor", "explain") for advice in shell.advice(by)]
    assert not [advice for advice in everything if not advice.fix]
    tried = {command: shell.after(command) for advice in everything for command in advice.commands if is_run(command)}
    worked = {command: status == 0 and shell.is_renewed(environ) for command, (status, environ) in tried.items()}
    useless = []
    for advice in everything:
        for command in advice.commands:
            if not is_run(command):
                works = can_sign_in(command, shell.environ)
            elif missing := next((name for text, name in MISSING.items() if text in advice.by), None):
                works = tried[command][0] == 0 and missing in tried[command][1]
            else:
                works = worked[command] and advice.problem not in shell.problems_found_by(advice.by, tried[command][1])
            if not works:
                useless.append(advice)
    assert not useless


def is_run(command: str) -> bool:
    """Whether a command is run; a sign-in needs a browser."""
    return not command.startswith("awsenv login")


def can_sign_in(command: str, environ: dict[str, str]) -> bool:
    """Whether the command knows where to sign in."""
    args = shlex.split(command)[2:]
    profiles = Profiles(environ)
    sign_in = portal.of_session if args[0] == "--sso-session" else portal.of_profile
    return sign_in(profiles, args[-1]).start_url == "https://corp.awsapps.com/start"
