"""What README and docs/ claim is so: their code blocks are run, their tables compared with the code.

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
from importlib import import_module
from pathlib import Path

import pytest
from support.clock import Clock, shifted
from support.environment import PATIENCE
from support.homes import Home
from support.pages import DOCS, PAGES, README, ROOT, Block, blocks, inline, section, table
from support.programs import BIN
from support.shells import SHELLS

from awsenv import args, dialects, environment
from awsenv.aws import paths
from awsenv.commands import COMMANDS, EXIT_CODES
from awsenv.environment import settings
from awsenv.sso import login

OPTIONS = DOCS / "options.md"
MARKED = re.compile(r"run by (tests/[\w./]+\.py)|not run: (.+)")
SESSION = re.compile(r"(?:(?P<segment>\S+ (?:\S+ )?))?\$(?: (?P<command>.*))?")
LATER = re.compile(r"\((\d+) (minute|hour)s? later\)")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: The sign behind a ratio.
TIMES = "\N{MULTIPLICATION SIGN}"
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


# --- the blocks -------------------------------------------------------------------------------------------------------


def test_each_block_is_run_or_says_why_not() -> None:
    """At most five are not run at all."""
    unknown, not_run = [], []
    for page in PAGES:
        for block in blocks(page):
            marked = MARKED.fullmatch(block.mark)
            if marked and marked[1]:
                program = Path(block.text.split()[0]).name
                assert program in (ROOT / marked[1]).read_text(encoding="utf-8"), f"{block.place}: {program}"
            elif marked:
                not_run.append(block.place)
            elif block.mark or block.language not in ("console", "sh", "zsh", "fish", "powershell", "ini"):
                unknown.append(block.place)
    assert unknown == []
    assert len(not_run) <= 5, not_run


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


@pytest.mark.shell
def test_the_raw_failure_of_the_readme_stops_what_follows(home: Home) -> None:
    [line] = [span for span in inline(README) if span.endswith("&& terraform apply")]
    done = SHELLS["bash"].run(f"terraform() {{ echo ran; }}\n{line}", home, load=False)
    assert (done.out, done.code) == ("", 1)


# --- commands and options in the text ---------------------------------------------------------------------------------

#: In the text, but not awsenv's: of install.sh (which tests/test_install_sh.py reads) and of other programs.
OTHER_OPTIONS = {"--demo", "--uninstall", "--version", "--network"}
CALL = re.compile(r"(?m)(?:^|[;|&({'\"] ?|\$ |[A-Z_]+=\S* )awsenv +((?:(?![|;)`\"#]|&&| -- |>).)+)")


@pytest.mark.parametrize("page", sorted({*PAGES, *DOCS.glob("*.md")}), ids=lambda page: page.name)
def test_each_call_has_a_command_and_its_options(page: Path) -> None:
    wrong = []
    for code in [*inline(page), *(re.sub(r"#.*", "", block.text) for block in blocks(page))]:
        for call in CALL.findall(code):
            name, *words = call.split()
            if not re.fullmatch("[a-z-]+", name) or name in ("help",) or name.startswith("--"):
                continue
            if name not in COMMANDS:
                wrong.append(f"awsenv {call}")
                continue
            known = {*options_of(name), "--profile"}
            given = {
                re.split(r"[=\[\\]", word)[0] for word in words if word.startswith("-") and word not in ("-", "--")
            }
            wrong += [f"awsenv {call}: {option}" for option in given - known if option != "--min-tll"]
    assert wrong == []


def options_of(name: str) -> set[str]:
    options = {*import_module(f"awsenv.commands.{name.replace('-', '_')}").COMMAND.options, *args.GLOBAL_OPTIONS}
    return options | {short for short, long in args.SHORT.items() if long in options or long == "--profile"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_option_in_the_text_is_one(page: Path) -> None:
    known = set().union(*(options_of(name) for name in COMMANDS)) | OTHER_OPTIONS
    alone = {span.split()[0].split("=")[0] for span in inline(page) if span.startswith("--")}
    assert alone - known == set()


def test_the_options_page_has_each_command_and_each_option_of_assume() -> None:
    commands = " ".join(row[0] for row in table(section(OPTIONS, "Commands"), "", ""))
    assert [name for name in COMMANDS if f"`awsenv {name}" not in commands] == []
    described = " ".join(row[0] for row in table(section(OPTIONS, "Options of assume"), "", ""))
    assert set(re.findall(r"--[\w-]+", described)) == options_of("assume") - {*args.GLOBAL_OPTIONS, *args.SHORT} | {
        "--profile"
    }


def test_the_short_options_are_those_of_args() -> None:
    [line] = [line for line in OPTIONS.read_text(encoding="utf-8").splitlines() if line.startswith("Short: ")]
    assert dict(re.findall(r"`(-\w)` for `(--\w+)`", line)).items() <= args.SHORT.items()


# --- tables -----------------------------------------------------------------------------------------------------------


def test_the_exit_codes_are_those_of_the_program() -> None:
    rows = table(section(OPTIONS, "Exit codes"), "code", "means")
    assert [int(row[0]) for row in rows] == list(EXIT_CODES)
    for row, means in zip(rows, EXIT_CODES.values(), strict=True):
        assert row[1].startswith(means.replace(" but", ","))


def test_the_settings_are_those_of_the_program_with_their_defaults() -> None:
    text = section(OPTIONS, "Settings")
    rows = {row[0].strip("`"): row[1].strip("`") for row in table(text, "setting", "default", "")}
    assert rows == {name: default for name, (_, default, _) in settings.TABLE.items()} | {
        name: default for name, (default, _) in settings.OTHERS.items()
    }


def test_the_timeouts_are_those_of_the_program() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "awsenv").rglob("*.py"))
    source = source.replace('_TIMEOUT", TIMEOUT', f'_TIMEOUT", {login.TIMEOUT}')
    rows = table(section(OPTIONS, "Settings"), "variable", "default", "")
    assert {row[0].strip("`") for row in rows} == set(re.findall(r"AWSENV_[A-Z]+_TIMEOUT", source))
    for name, seconds, _ in rows:
        assert re.search(rf"{name.strip('`')}\"(?:, |: ){seconds}\b", source), name


def test_the_variables_are_those_of_the_table() -> None:
    text = section(OPTIONS, "Variables").partition("```")[0]
    named = set(re.findall(r"`(AWS\w+_?…?)`", text)) - {"AWSENV_SEGMENT"}
    previous = {name for name in environment.TABLE if name.startswith("AWSENV_PREVIOUS_")}
    assert named == set(environment.TABLE) - previous | {"AWSENV_PREVIOUS_…"}
    unset = text.partition("Both also unset")[2].partition("what `exec --server`")[0]
    assert set(re.findall(r"`(AWS\w+)`", unset)) == {*environment.STALE_VARIABLES, *environment.LABELS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_variable_of_awsenv_is_one(page: Path) -> None:
    sources = [path for folder in ("awsenv", "shells") for path in (ROOT / folder).rglob("*") if path.is_file()]
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.suffix not in (".pyc", ".png"))
    names = set(re.findall(r"\bAWSENV_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8")))
    assert {name for name in names if not re.search(rf"\b{name}\b", source)} == set()


def test_the_shells_page_has_the_lines_of_each_shell() -> None:
    rows = table((DOCS / "shells.md").read_text(encoding="utf-8"), "shell", "once", "")
    rows = rows or [
        [cell.replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in (DOCS / "shells.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    lines = " ".join(cell for row in rows for cell in row)
    for shell in dialects.REGISTRY:
        assert f"`{dialects.load(shell).raw_line(('awsenv', 'assume', 'project1'))}`" in lines
    for shell in dialects.hooked():
        assert f"`{dialects.load(shell).raw_line(('awsenv', 'init', shell))}`" in lines


def test_the_speed_page_has_the_limits_of_the_contract_and_keeps_them() -> None:
    """A measured ratio may be a tenth above: it is of one machine."""
    contract = table(section(DOCS / "architecture.md", "Speed"), "path", "at most")
    rows = table((DOCS / "speed.md").read_text(encoding="utf-8"), "path", "at most", "measured")
    assert rows
    for path, limit, measured in rows:
        assert [path, limit] in contract
        if TIMES in limit:
            assert float(measured.split()[0]) <= 1.1 * float(limit.split()[0])
    assert f"1.2 {TIMES}" in README.read_text(encoding="utf-8")


def test_what_the_readme_says_of_the_installation_is_so() -> None:
    readme = README.read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for pattern, sentence in (
        (r'^requires-python = ">=(.*)"$', "Python {} or later is needed"),
        (r'^name = "(.*)"$', "The distribution here is called `{}`"),
        (r'^license = "(.*)"$', "{} license"),
    ):
        [value] = re.findall(pattern, project, re.MULTILINE)
        assert sentence.format(value) in re.sub(r"\s+", " ", readme)


def test_what_awsenv_writes_is_where_the_page_says() -> None:
    rows = table(section(DOCS / "keyring.md", "What awsenv writes"), "what", "where")
    named = {place for row in rows for place in re.findall(r"`([^`]+)`", row[1])}
    home = {"HOME": "/home/ada"}
    if sys.platform == "linux":
        for directory in (paths.own_cache(home), paths.own_data(home), paths.cli_cache(home), paths.sso_cache(home)):
            assert directory.replace("/home/ada", "~") in named
    mac = (DOCS / "macos.md").read_text(encoding="utf-8")
    source = (ROOT / "awsenv" / "aws" / "paths.py").read_text(encoding="utf-8")
    for directory in re.findall(r"`~/(Library/[^`]+)`", mac):
        assert ", ".join(f'"{part}"' for part in directory.split("/")) in source


def test_the_readme_stays_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 160
