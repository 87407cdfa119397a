"""Statements of README and docs/ about commands, options, settings, variables, exit codes, files and speed are true.

tests/test_examples.py runs their examples, tests/test_error_table.py their tables of errors.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest
from support.pages import ALL_PAGES, DOCS, README, ROOT, blocks, inline, section, table

from awsenv import args, dialects, environment
from awsenv.aws import paths
from awsenv.commands import COMMANDS, EXIT_CODES
from awsenv.environment import settings
from awsenv.result import AwsenvError
from awsenv.sso import login

OPTIONS = DOCS / "options.md"

#: The sign after a ratio.
TIMES = "\N{MULTIPLICATION SIGN}"

# --- commands and options in the text ---------------------------------------------------------------------------------

#: Options in the text that belong to install.sh and to other programs.
OTHER_OPTIONS = {"--version", "--network", *re.findall(r"(?m)^  (--[\w-]+)", (ROOT / "install.sh").read_text())}
CALL = re.compile(r"(?m)(?:^|[;|&({'\"] ?|\$ |[A-Z_]+=\S* )awsenv +((?:(?![|;)`\"#]|&&| -- |>).)+)")


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_every_call_is_valid(page: Path) -> None:
    wrong = []
    for code in [*inline(page), *(re.sub(r"#.*", "", block.text) for block in blocks(page))]:
        for call in CALL.findall(code):
            name, *arguments = re.sub(r" 2$|[…\\]", "", call).split()  # without `2>` and the mark of a continued line
            if not re.fullmatch("[a-z-]+", name) or name == "help" or name.startswith("--"):
                continue
            if name not in COMMANDS:
                wrong.append(f"awsenv {call}")
                continue
            command = import_module(f"awsenv.commands.{name.replace('-', '_')}").COMMAND
            try:
                args.parse(
                    name, arguments, command.options, command.max_positionals, takes_profile="PROFILE" in command.usage
                )
            except AwsenvError as error:
                wrong.append(f"awsenv {call}: {error}")
    assert [call for call in wrong if "--min-tll" not in call] == []  # a typo that a page shows on purpose


def options_of(name: str) -> set[str]:
    options = {*import_module(f"awsenv.commands.{name.replace('-', '_')}").COMMAND.options, *args.GLOBAL_OPTIONS}
    return options | {short for short, long in args.SHORT.items() if long in options or long == "--profile"}


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_every_option_in_the_text_exists(page: Path) -> None:
    known = set().union(*(options_of(name) for name in COMMANDS)) | OTHER_OPTIONS
    named = {span.split()[0].split("=")[0] for span in inline(page) if span.startswith("--")}
    assert named - known == set()


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


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_every_variable_of_awsenv_is_in_the_code(page: Path) -> None:
    sources = [path for directory in ("awsenv", "shells") for path in (ROOT / directory).rglob("*") if path.is_file()]
    source = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.suffix not in (".pyc", ".png"))
    names = set(re.findall(r"\bAWSENV_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8")))
    assert {name for name in names if not re.search(rf"\b{name}\b", source)} == set()


def test_the_shells_page_has_the_lines_of_each_shell() -> None:
    text = (DOCS / "shells.md").read_text(encoding="utf-8")
    lines = " ".join(line for line in text.splitlines() if line.startswith("| ")).replace("\\|", "|")
    for shell in dialects.REGISTRY:
        assert f"`{dialects.load(shell).raw_line(('awsenv', 'assume', 'project1'))}`" in lines
    for shell in dialects.hooked():
        assert f"`{dialects.load(shell).raw_line(('awsenv', 'init', shell))}`" in lines


def test_the_speed_page_has_the_limits_of_the_contract_and_keeps_them() -> None:
    """A measured ratio may exceed the limit by a tenth, as machines differ."""
    contract = table(section(DOCS / "architecture.md", "Speed"), "path", "at most")
    rows = table((DOCS / "speed.md").read_text(encoding="utf-8"), "path", "at most", "measured")
    assert rows
    for path, limit, measured in rows:
        assert [path, limit] in contract
        if TIMES in limit:
            assert float(measured.split()[0]) <= 1.1 * float(limit.split()[0])
    assert f"1.2 {TIMES}" in README.read_text(encoding="utf-8")


def test_the_readme_states_python_version_name_and_license() -> None:
    readme = README.read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for pattern, sentence in (
        (r'^requires-python = ">=(.*)"$', "Python {} or later is needed"),
        (r'^name = "(.*)"$', "The distribution here is called `{}`"),
        (r'^license = "(.*)"$', "{} license"),
    ):
        [value] = re.findall(pattern, project, re.MULTILINE)
        assert sentence.format(value) in re.sub(r"\s+", " ", readme)


def test_the_pages_name_the_directories_that_awsenv_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table(section(DOCS / "keyring.md", "What awsenv writes"), "what", "where")
    named = {place for row in rows for place in re.findall(r"`([^`]+)`", row[1])}
    home = {"HOME": "/home/ada"}
    if sys.platform == "linux":
        for directory in (paths.own_cache(home), paths.own_data(home), paths.cli_cache(home), paths.sso_cache(home)):
            assert directory.replace("/home/ada", "~") in named
    mac = (DOCS / "macos.md").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "platform", "darwin")
    directories = {of(home).replace("/home/ada", "~") for of in (paths.own_cache, paths.own_data, paths.own_config)}
    assert set(re.findall(r"`(~/Library/[^`]+)`", mac)) == directories


def test_the_readme_stays_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 125
