"""The examples of README and docs/ are run.

The language of a block decides how: `console` is a session in an integrated bash (the prompt's segment, `$ ` and a command;
then its output; `(50 minutes later)` moves the clock), `sh`, `zsh`, `fish` and `powershell` are scripts that must succeed,
and `ini` is added to the config file for the rest of the page. A block that is not run has a comment above it: `run by FILE`,
the test that runs it, or `not run: WHY`.
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
    """Add the `ini` blocks of the page before the block `until` to the config file."""
    before = blocks(page)
    for block in before[: before.index(until)]:
        if block.language != "ini":
            continue
        for header in re.findall(r"(?m)^\[.*\]$", block.text):
            config = re.sub(rf"(?ms)^{re.escape(header)}\n.*?(?=^\[|\Z)", "", home.config.read_text())
            home.config.write_text(config)
        home.config.write_text(f"{home.config.read_text()}\n{block.text}\n")
    return home


def test_each_block_is_run_or_has_a_reason() -> None:
    """At most two are not run at all; a test that runs a block names its page."""
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
def test_a_session_equals_that_on_the_page(page: Path, block: Block, home: Home, clock: Clock) -> None:
    steps: list[tuple[str, str, list[str]]] = []  # segment, command, output
    script = ['eval "$(awsenv init bash)"', "cd", "awsenv prompt >segment.0"]
    offset = 0  # seconds
    for line in block.text.splitlines():
        if moved := LATER.fullmatch(line):
            offset += int(moved[1]) * (60 if moved[2] == "minute" else 3600)
            script.append(f"echo '{shifted(f'{offset:+d}')}' >{clock.path}.new; mv {clock.path}.new {clock.path}")
            script.append(f"awsenv prompt >segment.{len(steps)}")
        elif typed := SESSION.fullmatch(line):
            steps.append(((typed["segment"] or "").strip(), typed["command"] or "", []))
            script += [typed["command"] or "", f"printf {BETWEEN}", f"awsenv prompt >segment.{len(steps)}"]
        else:
            steps[-1][2].append(line)
    # libfaketime only if the clock moves: with it a wait for a process fails now and then
    variables = clock.environment if offset else {}
    outputs = at_terminal("\n".join(script), prepared(home, page, block), variables).split(BETWEEN)
    expected, actual = [], []
    for number, (segment, command, lines) in enumerate(steps):
        actual_segment = (home.path / f"segment.{number}").read_text().strip()
        expected += [f"{segment} $ {command}".strip(), *lines]
        actual += [f"{actual_segment} $ {command}".strip(), *general(home, outputs[number])]
    assert times(actual)[0] == times(expected)[0], "\n".join(actual)
    minutes = zip(times(actual)[1], times(expected)[1], strict=True)
    assert all(abs(is_now - on_page) <= 1 for is_now, on_page in minutes), "\n".join(actual)


def at_terminal(script: str, home: Home, variables: dict[str, str]) -> str:
    """Run a script in bash on a wide terminal without input; the output."""
    terminal, side = os.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 300, 0, 0))
    bash = subprocess.Popen(
        ["bash", "--norc", "-c", script],
        env=home.environment(NO_COLOR="1", AWS_PAGER="", **variables),
        cwd=home.path,
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
        start_new_session=True,
    )
    os.close(side)
    written = b""
    with suppress(OSError):  # EIO: no process has it open any more
        while piece := os.read(terminal, 65536):
            written += piece
    os.close(terminal)
    assert bash.wait(PATIENCE) == 0, written
    return written.decode().replace("\r\n", "\n")


def general(home: Home, text: str) -> list[str]:
    """The lines of an output with the names that the pages use: ada, at laptop."""
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
    """The command that runs a text, and fails if one of its lines fails."""
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


#: Replaces docker, which cannot run everywhere: runs a program in its own namespaces, with the variables and files that the
#: line passes.
DOCKER = """\
#!{python}
import os, subprocess, sys
run, *options, image = sys.argv[1:]
assert (run, image) == ("run", "IMAGE")
variables = {{"HOME": "/nowhere"}}
network, mounted = "its own", []
for option, value in zip(options[::2], options[1::2]):
    if option == "-e":
        variables[value] = os.environ[value]
    elif option == "-v":
        source, target, _ = value.split(":")
        assert source == target
        mounted.append(source)
    else:
        assert (option, value) == ("--network", "host")
        network = "host"
for name, path in variables.items():
    assert not name.endswith("_FILE") or path in mounted
unshare = ["unshare", "--mount", "--pid", "--fork", *(["--net"] if network != "host" else [])]
show = "import boto3; print(boto3.Session().get_credentials().method)"
sys.exit(subprocess.call([*unshare, sys.executable, "-c", show], env=variables | {{"PATH": os.environ["PATH"]}}))
"""


@pytest.mark.shell
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can make a namespace")
@pytest.mark.parametrize(
    "block", [block for block in blocks(DOCS / "servers.md") if block.mark and block.language == "sh"], ids=place_of
)
def test_a_container_gets_the_credentials_that_the_line_passes(block: Block, home: Home) -> None:
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


def test_the_line_for_cmd_is_that_of_the_tests() -> None:
    [line] = [block.text for block in blocks(DOCS / "windows.md") if block.language == "bat"]
    assert line.replace("%i", "%%i") == SHELLS["cmd"].evaluate.format(command="awsenv assume project1")


@pytest.mark.shell
def test_a_failed_raw_line_of_the_readme_stops_the_rest_of_the_line(home: Home) -> None:
    [line] = [span for span in inline(README) if span.endswith("&& terraform apply")]
    done = SHELLS["bash"].run(f"terraform() {{ echo ran; }}\n{line}", home, load=False)
    assert (done.out, done.code) == ("", 1)
