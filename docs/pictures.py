"""Makes the pictures of the docs: real runs of awsenv in a real bash, with a local STS and a clock that is moved.

usage: python docs/pictures.py [DIRECTORY]

It needs what tests/prepare installs, in whose environment it runs. The clock stands still, so that the next run shows
the same; what is random (the ends of access keys) is replaced by what is not.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pexpect
import pyte
from svg import COLORS, Frame, Run, animation, still

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.clock import Clock
from support.environment import settle
from support.homes import Home
from support.programs import BIN, need
from support.sts import ACCOUNT, Sts, ministack

__all__ = ["PICTURES", "Bash", "picture", "record"]

#: Where the clock begins: the second in which the pictures were drawn first.
START = datetime(2026, 12, 1, 9, 0, tzinfo=timezone.utc)
_READY = b"\x1b]0;ready\x07"
_PROMPT = r"PS1='\[\e]0;ready\a\]$ '"
_SECONDS = 60

CONFIG = f"""\
[profile project1]
role_arn = arn:aws:iam::{ACCOUNT}:role/project1
source_profile = user1
region = eu-central-1
role_session_name = ada

[profile prod]
role_arn = arn:aws:iam::{ACCOUNT}:role/chained
source_profile = project1
region = eu-west-1

[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Developer
region = eu-central-1

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
"""

#: What is wrong in the picture of the doctor: a source profile that is not there, and keys that have expired.
BROKEN = """\
[profile user1]
region = eu-central-1

[profile project1]
role_arn = arn:aws:iam::609629065308:role/project1
source_profile = user2
region = eu-central-1
"""

EXAMPLE = ("AKIAY34FZKBOKMUTVV7A", "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz")

#: An access key, or what has the form of a secret one or of a session token.
SECRET = re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|[A-Za-z0-9/+]{40}")


class Bash:
    """An interactive bash with the integration, in a pty, as a recording.

    Args:
        home: a home with an AWS setup.
        clock: the clock of the shell and of STS; it stands still.
        stand_ins: what is shown in place of what is random or of this machine: as long as that is.
        columns: the width of the terminal.
        more: variables of the environment.
    """

    def __init__(self, home: Home, clock: Clock, stand_ins: Mapping[str, str], columns: int, **more: str) -> None:
        self.frames: list[Frame] = []
        self._clock, self._columns, self._raw = clock, columns, b""
        self._stand_ins = {old.encode(): new.encode() for old, new in stand_ins.items()}
        programs = home.path / "bin"  # where there is no AWS CLI to be told of
        programs.mkdir()
        (programs / "awsenv").symlink_to(BIN / "awsenv")
        rc = home.path / ".bashrc"
        rc.write_text(f"{_PROMPT}\nbind 'set enable-bracketed-paste off'\n" + 'eval "$(awsenv init bash)"\n')
        environment = home.environment(**clock.environment, PATH=str(programs), TZ="UTC", HISTFILE="", **more)
        del environment["AWS_EC2_METADATA_DISABLED"]  # there are credentials before one gets there
        bash = need("bash", shutil.which("bash"))
        self._child = pexpect.spawn(
            bash,
            ["--noprofile", "--rcfile", str(rc), "-i"],
            env=environment,
            cwd=str(home.path),
            dimensions=(60, columns),
            timeout=_SECONDS,
        )
        self._child.delaybeforesend = None
        self._read(lambda: self._raw.endswith(b"$ "), "the first prompt")

    def move(self, minutes: int) -> None:
        """Move the clock to that many minutes after START."""
        stop(self._clock, minutes)

    def type(self, line: str, *, shown: float = 1.4) -> None:
        """Type a line, as a person would, and record what comes of it for so many seconds."""
        for start in range(0, len(line), 3):
            self._child.send(line[start : start + 3])
            typed = line[: start + 3].encode()
            self._read(partial(self._echoed, typed), repr(line))
            self._show(0.09)
        prompts = self._raw.count(_READY)
        self._child.send("\r")
        self._read(lambda: self._raw.count(_READY) > prompts and self._raw.endswith(b"$ "), f"a prompt after {line!r}")
        self._show(shown)

    def rows(self) -> tuple[tuple[Run, ...], ...]:
        """The screen, without the empty rows at its end."""
        screen = pyte.Screen(self._columns, 60)
        stream = pyte.ByteStream(screen)
        raw = self._raw
        for old, new in self._stand_ins.items():
            raw = raw.replace(old, new)
        stream.feed(raw)
        rows = [tuple(_runs(screen.buffer[number], self._columns)) for number in range(screen.lines)]
        while rows and not rows[-1]:
            rows.pop()
        return tuple(rows)

    def close(self) -> None:
        """End the shell."""
        self._child.close(force=True)

    def _echoed(self, typed: bytes) -> bool:
        return self._raw.rpartition(_READY)[2].endswith(typed)

    def _show(self, seconds: float) -> None:
        self.frames.append(Frame(self.rows(), seconds))

    def _read(self, done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _SECONDS
        while not done():
            if time.monotonic() > end:
                raise RuntimeError(f"{what} does not appear: {self._raw[-2000:]!r}")
            try:
                self._raw += self._child.read_nonblocking(65536, timeout=0.2)
            except pexpect.TIMEOUT:
                continue


def _runs(cells: Mapping[int, pyte.screens.Char], columns: int) -> Iterator[Run]:
    """A row's characters, in pieces that look the same; blanks are shown nowhere."""
    column = 0
    while column < columns:
        cell = cells[column]
        text = ""
        while column < columns and (cells[column].fg, cells[column].bold) == (cell.fg, cell.bold):
            text += cells[column].data
            column += 1
        if text.strip():
            bare = text.lstrip()
            color = cell.fg.removeprefix("bright")
            start = column - len(bare)
            yield Run(start, bare.rstrip(), color if color in COLORS else "default", cell.bold)


def stop(clock: Clock, minutes: float) -> None:
    """Have the clock stand at so many minutes after START."""
    new = clock.path.with_suffix(".new")
    new.write_text(f"{START + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S}\n")
    new.replace(clock.path)


# --- what is shown ----------------------------------------------------------------------------------------------------


def demo(bash: Bash) -> None:
    """The main job: a session from its first minute to its renewal."""
    bash.type("awsenv assume project1")
    bash.move(46)
    bash.type("# 46 minutes later")
    bash.move(61)
    bash.type("# 61 minutes")
    bash.type("awsenv refresh")
    bash.type("awsenv assume projct1", shown=1.8)
    bash.type("awsenv clear", shown=2.4)


def doctor(bash: Bash) -> None:
    """A profile that leads nowhere, and keys that have expired."""
    bash.type("awsenv doctor project1 --offline")


def profiles(bash: Bash) -> None:
    """The profiles, one of them in use."""
    bash.type("awsenv assume project1")
    bash.move(18)
    bash.type("awsenv list")


def whoami(bash: Bash) -> None:
    """What is exported, next to what the profile says."""
    bash.type("awsenv assume project1")
    bash.type("awsenv whoami")


class Picture(NamedTuple):
    """What is typed, the title for those who cannot see it, the width of the terminal, and whether it moves."""

    play: Callable[[Bash], None]
    title: str
    columns: int = 96
    moves: bool = False


#: By the name of the file.
PICTURES = {
    "demo": Picture(demo, "awsenv assume, a warning, awsenv refresh, a mistyped profile, awsenv clear", 116, True),
    "doctor": Picture(doctor, "awsenv doctor project1"),
    "list": Picture(profiles, "awsenv list"),
    "whoami": Picture(whoami, "awsenv whoami", 110),
}


@contextmanager
def recording(name: str, sts: Sts) -> Iterator[Bash]:
    """A bash in a home of its own, for one picture. Its name is as long as the one that is shown."""
    while True:
        place = Path("/tmp", secrets.token_hex(2))  # noqa: S108  # made below, for this user alone
        try:
            place.mkdir(mode=0o700)
            break
        except FileExistsError:
            continue
    assert sts.clock
    stop(sts.clock, 0)
    stand_ins = {str(place): "/home/ada"}
    if name == "doctor":  # what it shows has nothing to do with an STS
        home, (key, secret) = Home(place), EXAMPLE
        ended = f"{START - timedelta(hours=2, minutes=10):%Y-%m-%dT%H:%M:%SZ}"
        more = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_CREDENTIAL_EXPIRATION": ended}
    else:
        home, key, secret, more = Home(place, sts), sts.key_id, sts.secret, {}
        role = sts.client("iam").get_role(RoleName="project1")["Role"]["RoleId"]
        stand_ins |= {role: f"{'AROAEXAMPLE':X<{len(role)}}", key[-4:]: "UTVV"}
    home.config.parent.mkdir()
    home.config.write_text(BROKEN if name == "doctor" else CONFIG)
    home.credentials.write_text(f"[user1]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
    home.credentials.chmod(0o600)
    bash = Bash(home, sts.clock, stand_ins, PICTURES[name].columns, **more)
    try:
        yield bash
    finally:
        bash.close()
        shutil.rmtree(place)


def record(name: str, sts: Sts) -> list[Frame]:
    """The screens of one picture: a real run."""
    with recording(name, sts) as bash:
        PICTURES[name].play(bash)
    return bash.frames


def picture(name: str, sts: Sts) -> str:
    """One picture as SVG.

    Raises:
        RuntimeError: it would show a secret.
    """
    frames = record(name, sts)
    made = PICTURES[name]
    if made.moves:
        drawn = animation(frames, made.columns, made.title)
    else:
        drawn = still(frames[-1].rows[:-1], made.columns, made.title)  # without the prompt that waits
    if sts.secret in drawn or SECRET.search(drawn):
        raise RuntimeError(f"{name}.svg would show a secret")
    return drawn


def main() -> None:
    """Write the pictures beside this file, or to the directory that is named."""
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(__file__)).resolve()
    settle()
    beside = Path(sys.prefix, "ministack", "bin", "ministack")  # where tests/prepare puts it
    if beside.exists():
        os.environ.setdefault("AWSENV_TEST_MINISTACK", str(beside))
    with tempfile.TemporaryDirectory() as scratch, ministack(Path(scratch)) as sts:
        for name in PICTURES:
            (directory / f"{name}.svg").write_text(picture(name, sts), encoding="utf-8")


if __name__ == "__main__":
    main()
