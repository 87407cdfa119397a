"""Every fix that is given, in every situation: it works, or it says what a person has to do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.clock import Clock
from support.environment import PATIENCE
from support.homes import Home
from support.situations import NOW, SITUATIONS, Situation
from support.sts import ACCOUNT, Sts

from awsenv import doctor
from awsenv.args import parse
from awsenv.aws import cache_keys
from awsenv.aws.config_files import Profiles
from awsenv.commands import assume, check, compare, credential_process, explain, refresh, whoami
from awsenv.doctor.context import Context
from awsenv.environment import expiry
from awsenv.environment.state import state_of
from awsenv.result import AwsenvError
from awsenv.sso import portal

pytestmark = pytest.mark.slow

#: What AWS tools print, of the kinds whose fix may be to obtain credentials.
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

#: Those of something that is missing: of the text, what has to be exported then.
MISSING = {"locate credentials": "AWS_ACCESS_KEY_ID", "specify a region": "AWS_REGION"}

# In words, an option's value or a name may be quoted.
_WORD = r"(?:'[^']*'|[\w./:@+=-]*[\w/@+=-])"
_COMMAND = re.compile(
    rf"awsenv (?:assume|refresh|login)\b(?: (?:--[a-z-]+ {_WORD}|--[a-z-]+|(?!or\b|and\b|then\b|first\b){_WORD}))*"
)


@dataclass(frozen=True)
class Said:
    """One thing that awsenv says is wrong, and its fix.

    Attributes:
        by: who says it: a command, or a check.
        what: what is wrong.
        fix: what to do.
    """

    by: str
    what: str
    fix: str

    @property
    def commands(self) -> list[str]:
        """The commands in it that obtain credentials; not those with a placeholder in capitals, nor those that come
        after something that a person does."""
        found = [match.group().strip() for match in _COMMAND.finditer(self.fix.partition(", then ")[0])]
        return [command for command in found if not re.search(r" [A-Z]{3,}\b", command)]


class Shell:
    """A situation, made real in a home of its own."""

    def __init__(self, situation: Situation, home: Path, sts: Sts, clock: Clock) -> None:
        self.situation = situation
        self.home = Home(home, sts)
        self.home.config.parent.mkdir(parents=True)
        for path, text in ((self.home.config, situation.config), (self.home.credentials, situation.credentials)):
            path.write_text(text.replace("{key}", sts.key_id).replace("{secret}", sts.secret))
            path.chmod(0o600)
        if situation.sign_in is not None:
            directory = home / ".aws" / "sso" / "cache"
            directory.mkdir(parents=True)
            token = {"accessToken": "x", "expiresAt": expiry.format_utc(NOW + situation.sign_in)}
            (directory / f"{cache_keys.sso_token('corp')}.json").write_text(json.dumps(token))
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
        """Whether an environment has other credentials than this shell, which AWS accepts and `check` is content with."""
        if environ.get("AWS_ACCESS_KEY_ID") in (None, self.environ.get("AWS_ACCESS_KEY_ID")):
            return False
        return run(check, environ)[0] == 0 and run(whoami, environ, "--no-input")[0] == 0

    def said(self, by: str) -> Iterator[Said]:
        """What is wrong, by the commands, by the doctor about each profile and the shell, or by explain of each error."""
        if by == "commands":
            for name in self.situation.profiles:
                for module in (assume, credential_process, whoami):
                    yield from self.said_by(module, name, "--no-input")
                code, text = run(compare, self.environ, name, "user1")
                yield Said(f"compare {name}", str(code), text.splitlines()[-1])
            state = state_of(self.environ, NOW)
            if state.kind in ("expires", "unknown") and not self.situation.changed_since:
                yield Said("the prompt", state.name, state.fix)
            yield from self.said_by(check)
            yield from self.said_by(whoami, "--no-input")
            if "AWSENV_PROFILE" in self.environ:
                yield from self.said_by(refresh, "--no-input")
        elif by == "doctor":
            for named in (None, *self.situation.profiles):
                for finding in doctor.examine(Context(self.environ, NOW, named, offline=True), CHECKS):
                    yield Said(finding.check.id, finding.what, finding.instructions)
        else:
            for text in ERRORS:
                for one in json.loads(run(explain, self.environ, "--json", text)[1])["errors"]:
                    yield Said(f"explain {text[:60]}", one["cause"] or "", one["fix"] or "")

    def said_by(self, module: object, *args: str) -> Iterator[Said]:
        """What a command says if it fails."""
        code, text = run(module, self.environ, *args)
        if code != 0:
            what, _, fix = text.partition("; ")
            yield Said(f"{module.__name__.rpartition('.')[2]} {' '.join(args)}", what, fix)  # type: ignore[attr-defined]


def run(module: object, environ: dict[str, str], *args: str) -> tuple[int, str]:
    """The exit code of a command, and what it says."""
    command = module.COMMAND  # type: ignore[attr-defined]
    try:
        result = command.run(parse(command.usage, args, command.options, command.max_positionals), environ, NOW)
    except AwsenvError as error:
        return error.code, str(error)
    return result.code, f"{result.out}{result.report}{result.note}"


#: Those that take long start other programs.
CHECKS = [check for check in doctor.CHECKS if check.prepare is None]


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_fix_works_or_says_what_a_person_has_to_do(name: str, tmp_path: Path, sts: Sts, clock: Clock) -> None:
    shell = Shell(SITUATIONS[name], tmp_path / "home", sts, clock)
    everything = [said for by in ("commands", "doctor", "explain") for said in shell.said(by)]
    assert not [said for said in everything if not said.fix]
    tried = {command: shell.after(command) for said in everything for command in said.commands if is_run(command)}
    worked = {command: status == 0 and shell.is_renewed(environ) for command, (status, environ) in tried.items()}
    useless = []
    for said in everything:
        for command in said.commands:
            if not is_run(command):
                works = can_sign_in(command, shell.environ)
            elif missing := next((name for text, name in MISSING.items() if text in said.by), None):
                works = tried[command][0] == 0 and missing in tried[command][1]
            else:
                works = worked[command] and said.what not in found_by(said.by, tried[command][1])
            if not works:
                useless.append(said)
    assert not useless


def is_run(command: str) -> bool:
    """Whether a command is tried; a sign-in needs a person."""
    return not command.startswith("awsenv login")


def can_sign_in(command: str, environ: dict[str, str]) -> bool:
    """Whether the command knows where to sign in."""
    args = shlex.split(command)[2:]
    profiles = Profiles(environ)
    found = portal.of_session(profiles, args[1]) if args[0] == "--sso-session" else portal.of_profile(profiles, args[0])
    return found.start_url == "https://corp.awsapps.com/start"


def found_by(check_id: str, environ: dict[str, str]) -> set[str]:
    """What a check of the doctor finds in a shell; nothing if that is not the id of one."""
    checks = [one for one in CHECKS if one.id == check_id]
    return {finding.what for finding in doctor.examine(Context(environ, NOW, offline=True), checks)}
