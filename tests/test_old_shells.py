"""Shells of other releases than the system's, and a Python that is too old, as fetched by `tests/old-shells`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from support.clock import Clock
from support.homes import Home
from support.programs import need
from support.scenario import do_the_main_job
from support.shells import BASH, DASH, FISH, ZSH, Shell
from support.sts import ROLE_SESSION
from support.terminal import terminal
from support.until import without_until

from awsenv import environment

FETCHED = Path(os.environ.get("AWSENV_TEST_OLD_SHELLS", "unset"))
CHECKOUT = Path(__file__).resolve().parent.parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="these are Debian's packages"),
]

#: Debian's release, the program, its version, and the model of the shell.
VERSIONS = [
    ("bullseye", "bash", "5.1", BASH),
    ("bullseye", "zsh", "5.8", ZSH),
    ("bullseye", "fish", "3.1.2", FISH),
    ("trixie", "fish", "4.0.2", FISH),
    ("bullseye", "dash", "", DASH),
    ("bullseye", "ash", "", DASH),
    ("trixie", "ash", "", DASH),
    ("bullseye", "ksh93", "93u+ 2012-08-01", DASH),
    ("trixie", "ksh93", "93u+m/1.0.10", DASH),
    ("bullseye", "mksh", "R59", DASH),
    ("bullseye", "yash", "2.50", DASH),
    ("bullseye", "posh", "0.14.1", DASH),
]
#: Prints the version, in each shell.
VERSION = {
    "bash": "echo $BASH_VERSION",
    "zsh": "echo $ZSH_VERSION",
    "fish": "echo $version",
    "ksh93": "echo ${.sh.version}",
    "mksh": "echo $KSH_VERSION",
    "yash": "echo $YASH_VERSION",
    "posh": "echo $POSH_VERSION",
}


def program(release: str, name: str) -> str:
    return need(f"{name} of Debian {release} (tests/old-shells)", FETCHED / release / "bin" / name)


def shell_of(release: str, name: str, like: Shell) -> Shell:
    path = program(release, name)
    old_fish = (release, name) == ("bullseye", "fish")
    options = [] if old_fish else like.argv[1:]  # it has no --no-config
    load = f"{setup_of(release, like)}; {like.load}" if like is ZSH else like.load
    if old_fish:
        load += f"; {MOVABLE_CLOCK}"
    return replace(like, name=f"{name} of {release}", argv=[path, *options], load=load)


#: fish before 3.6 reads /proc/uptime, which libfaketime does not move.
MOVABLE_CLOCK = "function __awsenv_clock --no-scope-shadowing; set __awsenv_clock_parts 0 (command date +%s); end"


def setup_of(release: str, like: Shell) -> str:
    """The line with which a zsh finds its modules outside of their usual directory."""
    modules = next((FETCHED / release / "unpacked").glob("usr/lib/*/zsh/*"), None)
    return f"module_path=({modules})" if like is ZSH else ""


@pytest.mark.parametrize(
    ("release", "name", "version"),
    [(release, name, version) for release, name, version, _ in VERSIONS if version],
)
def test_the_shell_has_the_expected_version(release: str, name: str, version: str) -> None:
    argv = [program(release, name), "-c", VERSION[name]]
    output = subprocess.run(argv, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    assert version in output


CASES = [
    pytest.param(release, name, like, integrated, id=f"{name}-{release}-{'integrated' if integrated else 'raw'}")
    for release, name, _, like in VERSIONS
    for integrated in (False, True)
    if like.load or not integrated
]


@pytest.mark.parametrize(("release", "name", "like", "integrated"), CASES)
def test_an_old_shell_does_the_main_job(
    release: str, name: str, like: Shell, integrated: bool, home: Home, tmp_path: Path
) -> None:
    snapshots = do_the_main_job(shell_of(release, name, like), integrated, home, tmp_path, acts=False)
    assert home.sts is not None
    exported = [snapshots["refreshed"].aws[variable] for variable in environment.KEYS]
    keys = dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), exported, strict=True))
    assert home.sts.client("sts", **keys).get_caller_identity()["Arn"].startswith(ROLE_SESSION)


@pytest.mark.parametrize(
    ("release", "name", "like"),
    [(release, name, like) for release, name, _, like in VERSIONS if like.load],
    ids=[f"{name}-{release}" for release, name, _, like in VERSIONS if like.load],
)
def test_an_old_shell_shows_the_segment_and_warns(
    release: str, name: str, like: Shell, home: Home, clock: Clock
) -> None:
    argv = shell_of(release, name, like).at_terminal()
    with terminal(like.name, home, clock=clock, argv=argv, setup=setup_of(release, like)) as tty:
        if (release, name) == ("bullseye", "fish"):
            tty.type(MOVABLE_CLOCK)
        tty.type("awsenv assume project1")
        start = time.monotonic()
        assert tty.ready() in ("project1 59m READY>", "project1 1h00m READY>")
        for minutes, segment, warning in (
            (50.5, "project1 9m", "awsenv: project1: 9m left; renew with: awsenv refresh"),
            (62.5, "project1 expired", "awsenv: project1: expired 2m ago; renew with: awsenv refresh"),
        ):
            tty.screen.reset()
            tty.move(minutes, since=start)
            tty.enter()
            for _ in range(3):
                line = tty.enter()
            assert line == f"{segment} READY>"
            assert tty.text.count("awsenv: ") == without_until(tty.text).count(warning) == 1, tty.text
        tty.type("awsenv refresh")
        tty.type("awsenv clear")
        assert tty.ready() == "READY>"


def test_the_clock_of_an_old_fish_is_right(home: Home) -> None:
    fish = program("bullseye", "fish")
    script = "awsenv init fish | source; command date +%s; __awsenv_now; command date +%s"
    done = subprocess.run([fish, "-c", script], env=home.environment(), capture_output=True, text=True, check=True)
    before, now, after = map(int, done.stdout.split())
    assert before - 1 <= now <= after + 1


# --- a Python that is too old -----------------------------------------------------------------------------------------


OLD = "awsenv: Python 3.10 or later is needed, and {program} is Python 3.9.2; install a newer one"


@pytest.mark.parametrize(
    ("args", "out", "code"),
    [
        (["assume", "project1"], "(exit 1);\n", 1),
        (["refresh"], "(exit 1);\n", 1),
        (["--version"], "", 1),
        (["assume", "--format", "json"], "", 1),
        ([], "", 1),
    ],
    ids=str,
)
def test_an_old_python_is_reported_in_one_sentence(args: list[str], out: str, code: int, home: Home) -> None:
    python = program("bullseye", "python3.9")
    for start in (["-m", "awsenv"], ["-c", "from awsenv.__main__ import main; main()"]):  # the second: a console script
        done = subprocess.run(
            [python, *start, *args],
            env=home.environment(PYTHONPATH=str(CHECKOUT)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (code, out)
        assert done.stderr.startswith(OLD.format(program=python))
        assert done.stderr.count("\n") == 1
