"""The registry of shells, `dialects.REGISTRY`: a new shell is one line, a dialect and a directory of scripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.environment import clean_environment
from support.shells import INTERACTIVE, SHELLS

import awsenv
from awsenv import dialects
from awsenv.commands import _templates, find

ROOT = Path(__file__).parent.parent
PACKAGE = Path(awsenv.__file__).parent

#: A shell that does not exist: bash's statements under other names, to distinguish its output.
TOY = """
from awsenv.dialects.bash import BashLike

class Toy(BashLike):
    PROGRAMS = ("toyshell",)

    def header(self, version):
        return f"toy-header {version}"

    def rc_path(self, environ):
        return environ["HOME"] + "/.toyrc"

    def rc_line(self, program, copy):
        return f"toy-load {self.quote(program)}"

    def raw_line(self, args):
        return "toy-eval " + " ".join(args)

    def translate_fix(self, fix):
        return fix.replace("unset ", "toy-unset ")

    def demo_step(self, title, line, code):
        return f"toy-step {line}"

DIALECT = Toy()
"""


@pytest.fixture(scope="module")
def with_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of awsenv with one more shell and no other change."""
    directory = tmp_path_factory.mktemp("toy")
    package = directory / "awsenv"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "dialects" / "toy.py").write_text(TOY)
    registry = package / "dialects" / "__init__.py"
    text = registry.read_text()
    line = '    "cmd": ("awsenv.cmd", "cmd"),\n'
    assert text.count(line) == 1
    registry.write_text(text.replace(line, f'{line}    "toy": ("awsenv.toy", "toy", "toyish"),\n'))
    scripts = package / "shells" / "toy"
    scripts.mkdir()
    for name in ("awsenv", "completion", "off"):
        (scripts / f"{name}.toy.j2").write_text(f"toy-{name} « verbs | join(' ') »\n")
    return directory


def run(directory: Path, *args: str, code: int = 0, **more: str) -> str:
    """The output of the copy."""
    home = directory / "home"
    home.mkdir(exist_ok=True)
    environment = clean_environment(home, PYTHONPATH=str(directory), NO_COLOR="1", **more)
    done = subprocess.run(
        [sys.executable, *args],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=home,
    )
    assert done.returncode == code, done
    return done.stdout + done.stderr


def toy(directory: Path, *args: str, code: int = 0, **more: str) -> str:
    return run(directory, "-m", "awsenv", *args, code=code, **more)


@pytest.mark.shell
@pytest.mark.parametrize("command", ["assume", "clear", "doctor", "explain", "install", "uninstall", "demo"])
def test_help_lists_a_new_shell(command: str, with_toy: Path) -> None:
    assert re.search(r"--shell NAME .*\btoy\b", " ".join(run(with_toy, "-m", "awsenv", command, "--help").split()))


@pytest.mark.shell
@pytest.mark.parametrize(
    "args", ["init", "init nosuch", "install --shell nosuch", "assume x --shell nosuch", "prompt --state --shell sh"]
)
def test_an_error_that_lists_the_shells_lists_a_new_one(args: str, with_toy: Path) -> None:
    assert re.search(r"\btoy\b", toy(with_toy, *args.split(), code=2))


@pytest.mark.shell
def test_init_prints_the_scripts_of_a_new_shell(with_toy: Path) -> None:
    printed = toy(with_toy, "init", "toyish").splitlines()
    assert printed[0] == f"toy-header awsenv {awsenv.__version__}, from shells/toy"
    assert printed[-1] == "toy-awsenv assume refresh clear"
    assert toy(with_toy, "init", "toy", "--completion") == "toy-completion assume refresh clear\n"
    assert toy(with_toy, "init", "toy", "--off") == "toy-off assume refresh clear\n"


@pytest.mark.shell
def test_install_and_uninstall_know_a_new_shell(with_toy: Path) -> None:
    file = with_toy / "home" / ".toyrc"
    assert str(file) in toy(with_toy, "install", "--shell", "toy")
    assert "toy-load 'awsenv'" in file.read_text()
    assert str(file) in toy(with_toy, "uninstall")
    assert not file.exists()


@pytest.mark.shell
def test_completion_offers_a_new_shell_in_every_shell(with_toy: Path) -> None:
    program = (
        "from awsenv import dialects; from awsenv.commands import _templates\n"
        "for file in _templates.files(): print(file, _templates.render(file, 'SHELLS').count('toy'))"
    ).replace("SHELLS", str(with_toy / "awsenv" / "shells"))
    counts = dict(line.split() for line in run(with_toy, "-c", program).splitlines())
    completions = [f"completion.{script.rpartition('.')[2]}" for script in dialects.INTEGRATED.values()]
    for file in [*completions, "awsenv.lua"]:
        assert file not in counts or int(counts[file]) >= 4, file  # init, install, uninstall and --shell
    assert len([file for file in completions if file in counts]) == len(dialects.hooked())


@pytest.mark.shell
def test_fixes_and_raw_lines_are_written_for_a_new_shell(with_toy: Path) -> None:
    assert "toy-unset AWS_PROFILE" in toy(with_toy, "doctor", "--offline", "--shell", "toy", code=1, AWS_PROFILE="")
    program = "from awsenv import dialects; print(dialects.load('toyish').raw_line(['awsenv', 'assume', 'x']))"
    assert run(with_toy, "-c", program) == "toy-eval awsenv assume x\n"
    program = "from awsenv.doctor import report; print(report.typed('unset AWS_PROFILE', 'toy'))"
    assert run(with_toy, "-c", program) == "toy-unset AWS_PROFILE\n"


@pytest.mark.shell
def test_the_demo_runs_a_new_shell(with_toy: Path) -> None:
    program = (
        "import os; from awsenv import demo\n"
        "print(demo._command('toy', 'toyshell', None, tour=True)[-1])\n"
        "print(demo._shell('toyish', os.environ))"
    )
    directory = with_toy / "bin"
    directory.mkdir()
    (directory / "toyshell").write_text("#!/bin/sh\n")
    (directory / "toyshell").chmod(0o755)
    printed = run(with_toy, "-c", program, PATH=f"{directory}{os.pathsep}/usr/bin:/bin")
    assert re.search(
        r"^toy-load '[^']*awsenv'\nexpire.. { toy-eval demo-expire toy; }\ntoy-step awsenv list$", printed, re.M
    )
    assert f"('toy', '{directory}/toyshell')" in printed


# --- hand-written lists, compared with the registry -------------------------------------------------------------------


def test_the_tests_have_a_model_of_each_shell() -> None:
    assert {shell.dialect for shell in SHELLS.values()} == set(dialects.REGISTRY)
    assert list(INTERACTIVE) == dialects.hooked()
    for name in INTERACTIVE:
        assert SHELLS[name].load == dialects.load(name).raw_line(("awsenv", "init", name))


def test_each_shell_has_its_scripts() -> None:
    for shell, script in dialects.INTEGRATED.items():
        assert (ROOT / "shells" / shell / f"{script}.j2").is_file()
    assert {path.name for path in (ROOT / "shells").iterdir()} == set(dialects.INTEGRATED)


def test_the_scripts_that_change_the_shell_have_each_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_templates, "SNIPPETS", (*awsenv.SNIPPETS, "toyverb"))
    for script in dialects.INTEGRATED.values():
        assert "toyverb" in _templates.render(script, str(ROOT / "shells")), script


def test_the_examples_of_help_have_the_line_of_each_shell() -> None:
    for shell in dialects.REGISTRY:
        line = dialects.load(shell).raw_line(("awsenv", "assume", "project1"))
        assert f"\n  {line}  " in find("assume").examples, shell
    for shell in dialects.INTEGRATED:
        line = f"awsenv init {shell} > {dialects.INTEGRATED[shell]}"
        if dialects.is_hooked(shell):
            line = dialects.load(shell).raw_line(("awsenv", "init", shell))
        assert f"\n  {line}  " in find("init").examples, shell


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_the_pages_begin_with_each_shell(page: str) -> None:
    names = ["PowerShell" if shell == "powershell" else shell for shell in dialects.INTEGRATED]
    first = " ".join((ROOT / page).read_text(encoding="utf-8").split("\n\n")[1].split())
    assert f"in {', '.join(names[:-1])} and {names[-1]}" in first


def test_install_sh_has_each_shell() -> None:
    installer = (ROOT / "install.sh").read_text(encoding="utf-8")
    assert f"{', '.join([*dialects.INTEGRATED][:-1])} or {[*dialects.INTEGRATED][-1]}" in installer
    assert f"    {' | '.join(dialects.INTEGRATED)})" in installer


def test_no_other_source_lists_the_shells() -> None:
    """Three shells on one line are a list, from which a new shell would be missing."""
    names = re.compile(rf"\b({'|'.join(name for name in dialects.REGISTRY if name not in ('sh', 'cmd'))})\b")
    lists = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "awsenv").rglob("*.py"))
        if path != ROOT / "awsenv" / "dialects" / "__init__.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(set(names.findall(line))) > 2
    ]
    assert lists == []
