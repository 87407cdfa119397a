"""The examples of README and docs/ are run.

A block is run according to its language: `console` is a session in an integrated bash (commands after `$ `, behind the
prompt's segment; then what they write; `(50 minutes later)` moves the clock), `sh`, `zsh`, `fish` and `powershell` are
scripts that must succeed, and `ini` becomes part of the config file for what follows on the page. A block that is not run
has a comment above it: `run by FILE`, which names its program, or `not run: WHY`, of which there are few.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest
from support.clock import Clock, shifted
from support.environment import PATIENCE
from support.homes import Home
from support.pages import DOCS, PAGES, README, ROOT, Block, blocks, inline
from support.programs import BIN
from support.shells import SHELLS

MARKED = re.compile(r"run by (tests/[\w./]+\.py)|not run: (.+)")
SESSION = re.compile(r"(?:(?P<segment>\S+ (?:\S+ )?))?\$(?: (?P<command>.*))?")
LATER = re.compile(r"\((\d+) (minute|hour)s? later\)")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
BETWEEN = "=====next====="
TIME = re.compile(r"\b(?:(\d+)h)?(\d+)m\b")


def of_language(*languages: str) -> list[tuple[Path, Block]]:
    return [(page, block) for page in PAGES for block in blocks(page) if block.language in languages and not block.mark]


def place_of(value: Path | Block) -> str:
    return value.place if isinstance(value, Block) else ""


def prepared(home: Home, page: Path, until: Block) -> Home:
    """The home of the tests with the `ini` blocks that the page has before a block."""
    before = blocks(page)
    for block in before[: before.index(until)]:
        if block.language != "ini":
            continue
        for header in re.findall(r"(?m)^\[.*\]$", block.text):
            kept = re.sub(rf"(?ms)^{re.escape(header)}\n.*?(?=^\[|\Z)", "", home.config.read_text())
            home.config.write_text(kept)
        home.config.write_text(f"{home.config.read_text()}\n{block.text}\n")
    return home


def test_each_block_is_run_or_says_why_not() -> None:
    """At most two are not run at all; a test that runs one names its page."""
    unknown, not_run = [], []
    for page in PAGES:
        for block in blocks(page):
            marked = MARKED.fullmatch(block.mark)
            if marked and marked[1]:
                assert f'"{page.name}"' in (ROOT / marked[1]).read_text(encoding="utf-8"), (
                    f"{block.place} by {marked[1]}"
                )
            elif marked:
                not_run.append(block.place)
            elif block.mark or block.language not in ("console", "sh", "zsh", "fish", "powershell", "ini"):
                unknown.append(block.place)
    assert unknown == []
    assert len(not_run) <= 2, not_run


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_page_has_an_example_that_is_run(page: Path) -> None:
    assert [block for block in blocks(page) if block.language not in ("ini", "") and not block.mark]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_all_code_is_in_fences(page: Path) -> None:
    """An indented block would not be run."""
    text = re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))
    assert re.findall(r"(?m)^\n {4}[^\s-].*", text) == []


@pytest.mark.parametrize(("page", "block"), of_language("console"), ids=place_of)
def test_a_session_goes_as_the_page_shows_it(page: Path, block: Block, home: Home, clock: Clock) -> None:
    steps: list[tuple[str, str, list[str]]] = []  # the segment before it, the command, what it writes
    script = ['eval "$(awsenv init bash)"', "cd", "awsenv prompt >segment.0"]
    later = 0
    for line in block.text.splitlines():
        if moved := LATER.fullmatch(line):
            later += int(moved[1]) * (60 if moved[2] == "minute" else 3600)
            script.append(f"echo '{shifted(f'{later:+d}')}' >{clock.path}.new; mv {clock.path}.new {clock.path}")
            script.append(f"awsenv prompt >segment.{len(steps)}")
        elif found := SESSION.fullmatch(line):
            steps.append(((found["segment"] or "").strip(), found["command"] or "", []))
            script += [found["command"] or "", f"printf {BETWEEN}", f"awsenv prompt >segment.{len(steps)}"]
        else:
            steps[-1][2].append(line)
    # without a clock where none moves: under libfaketime a wait for a process fails now and then
    moving = clock.environment if later else {}
    written = at_terminal("\n".join(script), prepared(home, page, block), moving).split(BETWEEN)
    shown, seen = [], []
    for number, (segment, command, lines) in enumerate(steps):
        segment_now = (home.path / f"segment.{number}").read_text().strip()
        shown += [f"{segment} $ {command}".strip(), *lines]
        seen += [f"{segment_now} $ {command}".strip(), *general(home, written[number])]
    assert times(seen)[0] == times(shown)[0], "\n".join(seen)
    assert all(abs(is_ - said) <= 1 for is_, said in zip(times(seen)[1], times(shown)[1], strict=True)), "\n".join(seen)


def at_terminal(script: str, home: Home, more: dict[str, str]) -> str:
    """What bash and its programs write to a wide terminal, which nobody types on."""
    terminal, side = os.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 300, 0, 0))
    bash = subprocess.Popen(
        ["bash", "--norc", "-c", script],
        env=home.environment(NO_COLOR="1", AWS_PAGER="", **more),
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
        start_new_session=True,
    )
    os.close(side)
    written = b""
    with suppress(OSError):  # EIO: the last one that had it open has ended
        while piece := os.read(terminal, 65536):
            written += piece
    os.close(terminal)
    assert bash.wait(PATIENCE) == 0, written
    return written.decode().replace("\r\n", "\n")


def general(home: Home, text: str) -> list[str]:
    """The lines of an output, with the names of the reader in the pages: ada, at laptop."""
    text = text.replace(str(BIN), "/home/ada/.local/bin").replace(str(home.path), "/home/ada")
    text = re.sub(r"\buntil \d\d:\d\d\b", "until 14:32", text)
    text = re.sub(r"(?<=assumed-role/project1/)[\w+=,.@-]+", "ada@laptop", text)
    lines = [line.rpartition("\r")[2].rstrip() for line in ESCAPE.sub("", text).split("\n")]  # without a progress line
    return [line for line in lines if line]


def times(lines: list[str]) -> tuple[list[str], list[int]]:
    """The lines without their times, and the times in minutes."""
    text = "\n".join(lines)
    return TIME.sub("TIME", text).splitlines(), [
        int(hours or 0) * 60 + int(minutes) for hours, minutes in TIME.findall(text)
    ]


def _script(language: str, text: str) -> list[str]:
    """The command that runs a text, and fails where one of its lines does."""
    if language == "fish":
        return ["fish", "-N", "-c", "\n".join(f"begin; {line}; end; or exit 1" for line in text.splitlines())]
    if language == "powershell":
        return [SHELLS["powershell"].program(), "-NoProfile", "-Command", text]
    return [*{"sh": ["bash", "--norc"], "zsh": ["zsh", "-f"]}[language], "-ec", text]


@pytest.mark.parametrize(
    ("page", "block"),
    [
        pytest.param(page, block, id=block.place, marks=[pytest.mark.slow] if block.language == "powershell" else [])
        for page, block in of_language("sh", "zsh", "fish", "powershell")
    ],
)
def test_a_script_succeeds(page: Path, block: Block, home: Home) -> None:
    prepared(home, page, block)
    done = subprocess.run(
        _script(block.language, block.text),
        env=home.environment(NO_COLOR="1"),
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search(r"(?i)error|not found", done.stderr), done.stderr


#: What stands in for docker, which cannot run in every place: a program in namespaces of its own, with those variables and
#: files that the line hands over, and with what leads to the STS of the tests.
DOCKER = """\
#!{python}
import os, subprocess, sys
run, *words, image = sys.argv[1:]
assert (run, image) == ("run", "IMAGE")
given = {{"HOME": "/nowhere"}}
network, mounted = "its own", []
for option, value in zip(words[::2], words[1::2]):
    if option == "-e":
        given[value] = os.environ[value]
    elif option == "-v":
        source, target, _ = value.split(":")
        assert source == target
        mounted.append(source)
    else:
        assert (option, value) == ("--network", "host")
        network = "host"
for name, path in given.items():
    assert not name.endswith("_FILE") or path in mounted
unshare = ["unshare", "--mount", "--pid", "--fork", *(["--net"] if network != "host" else [])]
show = "import boto3; print(boto3.Session().get_credentials().method)"
sys.exit(subprocess.call([*unshare, sys.executable, "-c", show], env=given | {{"PATH": os.environ["PATH"]}}))
"""


@pytest.mark.shell
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="root alone can make a namespace")
@pytest.mark.parametrize(
    "block", [block for block in blocks(DOCS / "servers.md") if block.mark and block.language == "sh"], ids=place_of
)
def test_a_container_gets_what_the_line_hands_over(block: Block, home: Home) -> None:
    docker = home.path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER.format(python=sys.executable))
    docker.chmod(0o755)
    environment = home.environment()
    environment["PATH"] = f"{docker.parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-ec", block.text],
        env=environment,
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == ("container-role\n" if "--server" in block.text else "env\n"), done.stderr


def test_the_line_for_cmd_is_the_one_that_all_tests_of_cmd_run() -> None:
    [line] = [block.text for block in blocks(DOCS / "windows.md") if block.language == "bat"]
    assert line.replace("%i", "%%i") == SHELLS["cmd"].evaluate.format(command="awsenv assume project1")


@pytest.mark.shell
def test_the_raw_failure_of_the_readme_stops_what_follows(home: Home) -> None:
    [line] = [span for span in inline(README) if span.endswith("&& terraform apply")]
    done = SHELLS["bash"].run(f"terraform() {{ echo ran; }}\n{line}", home, load=False)
    assert (done.out, done.code) == ("", 1)
