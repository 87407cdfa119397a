"""install.sh installs awsenv on a fresh machine; a second run only upgrades; uninstall removes everything."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.environment import wait_for
from support.pages import DOCS, README, blocks, table
from support.programs import need
from support.shells import SHELLS
from support.wheelhouse import wheelhouse

CHECKOUT = Path(__file__).resolve().parent.parent
PYTHON = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
# the only tools that the script may require
TOOLS = ["sh", "cat", "dirname", "env", "grep", "head", "ln", "mkdir", "mktemp", "ps", "pwd"]
TOOLS += ["readlink", "rm", "rmdir", "sed", "tail", "uname"]
SHARED = ("man/man1/awsenv.1", "bash-completion/completions/awsenv", "zsh/site-functions/_awsenv")
SHARED += ("fish/vendor_completions.d/awsenv.fish",)
BEFORE = b"# mine, without a newline at the end\nalias ll='ls -l'"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="install.sh is for POSIX systems")


@dataclass
class Machine:
    """A home and a PATH that contain only what a test puts there."""

    home: Path
    checkout: Path
    bin: Path

    @property
    def venv(self) -> Path:
        return self.home / ".local" / "share" / "awsenv" / "venv"

    @property
    def links(self) -> Path:
        return self.home / ".local" / "bin"

    @property
    def bashrc(self) -> Path:
        return self.home / ".bashrc"

    def add_program(self, name: str, script: str) -> Path:
        """Put a program on PATH: a sh script."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{textwrap.dedent(script)}")
        path.chmod(0o755)
        return path

    def add_python(self, python: Path = PYTHON) -> None:
        self.add_program("python3", f'exec "{python}" "$@"\n')

    def environment(self, **more: str) -> dict[str, str]:
        inherited = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA")
        environment = {name: value for name, value in os.environ.items() if name.startswith(inherited)}
        environment |= {
            "HOME": str(self.home),
            "PATH": str(self.bin),
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
            "TMPDIR": str(self.home.parent / "tmp"),
            # pip and uv resolve all names among a few local wheels
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": wheelhouse(),
            "PIP_NO_CACHE_DIR": "1",
            "PIP_NO_COMPILE": "1",
            "UV_NO_INDEX": "1",
            "UV_FIND_LINKS": wheelhouse(),
            "UV_CACHE_DIR": str(self.home.parent / "uv cache"),
            "NO_COLOR": "1",
        }
        return environment | more

    def command(self, *args: str) -> list[str]:
        return [str(self.bin / "sh"), str(self.checkout / "install.sh"), *args]

    def run(self, *args: str, stdin: int = subprocess.DEVNULL, **more: str) -> subprocess.CompletedProcess[str]:
        """Run install.sh without a terminal."""
        return run(*self.command(*args), env=self.environment(**more), stdin=stdin, timeout=300, start_new_session=True)

    def files(self) -> set[str]:
        """The files in the home directory."""
        return files(self.home)


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command and capture its output."""
    return subprocess.run(command, check=False, capture_output=True, text=True, **options)


def files(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_symlink() or not path.is_dir()}


def machine(directory: Path) -> Machine:
    """A fresh machine with a copy of the checkout, in directories whose names need quoting."""
    made = Machine(directory / "somebody's home", directory / "the check out", directory / "bin")
    for part in (made.home, made.checkout, made.bin, directory / "tmp"):
        part.mkdir(parents=True)
    for name in ("awsenv", "shells"):
        shutil.copytree(CHECKOUT / name, made.checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "CHANGELOG.md", "install.sh"):
        shutil.copy(CHECKOUT / name, made.checkout / name)
    (made.checkout / "docs").mkdir()
    shutil.copy(CHECKOUT / "docs" / "awsenv.1", made.checkout / "docs")
    shutil.copytree(CHECKOUT / "packaging" / "completions", made.checkout / "packaging" / "completions")
    for tool in TOOLS:
        if path := shutil.which(tool):
            (made.bin / tool).symlink_to(path)
    made.bashrc.write_bytes(BEFORE)
    return made


@pytest.fixture
def fresh(tmp_path: Path) -> Machine:
    """A machine without Python, uv and pipx."""
    return machine(tmp_path)


def set_distribution_name(here: Machine, name: str) -> None:
    """Give the checkout's distribution its current or its former name."""
    project = here.checkout / "pyproject.toml"
    project.write_text(re.sub(r'^name = "awsenv.*"$', f'name = "{name}"', project.read_text(), flags=re.MULTILINE))


class Life:
    """What happened on one machine, from the first install by pip to the last uninstall.

    Args:
        machine: without an installation.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.add_python()
        set_distribution_name(machine, "awsenv")
        python = machine.venv / "bin" / "python"

        reading, writing = os.pipe()
        os.write(writing, b"for the shell, not for the script\n")
        os.close(writing)
        self.first = machine.run(stdin=reading)
        self.rest_of_stdin = os.read(reading, 100)
        os.close(reading)
        self.bashrc_first, self.checkout_first = machine.bashrc.read_bytes(), files(machine.checkout)
        bash = need("bash", shutil.which("bash"))
        (machine.bin / "bash").symlink_to(bash)
        command = '. "$HOME/.bashrc"; type -t awsenv; awsenv --version'
        self.used = run(bash, "--norc", "-c", command, env=machine.environment())
        show = "import awsenv; print(awsenv.__file__)"
        self.location = run(python, "-c", show, cwd=machine.home).stdout.strip()
        self.links = {path.name: os.readlink(path) for path in machine.links.iterdir()}
        self.shared = {name: (machine.home / ".local" / "share" / name).is_file() for name in SHARED}
        self.setuptools = any(machine.venv.glob("lib/*/site-packages/setuptools"))

        version = machine.checkout / "awsenv" / "__init__.py"
        version.write_text(version.read_text() + '\n__version__ += "+next"\n')
        set_distribution_name(machine, "awsenv-shell")
        self.second = machine.run()
        self.upgraded = run(machine.links / "awsenv", "--version")
        infos = machine.venv.glob("lib/*/site-packages/awsenv*.dist-info")
        self.distributions = sorted(path.name.split("-")[0] for path in infos)
        self.bashrc_second = machine.bashrc.read_bytes()

        python.unlink()  # as after an upgrade of the system's Python
        self.recreated = machine.run()
        self.demo = machine.run("--demo", "--shell", "bash")
        self.bashrc_demo = machine.bashrc.read_bytes()

        self.removed = machine.run("--uninstall")
        self.bashrc_removed, self.files_removed = machine.bashrc.read_bytes(), machine.files()


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """One real installation; the tests check its stages."""
    return Life(machine(tmp_path_factory.mktemp("life")))


@pytest.mark.slow
def test_install_makes_its_own_environment_and_links_in_local_bin(life: Life) -> None:
    assert life.first.returncode == 0, life.first.stderr
    assert life.first.stderr == ""
    assert f"is installed: {life.machine.links}/awsenv, a link into {life.machine.venv}" in life.first.stdout
    assert life.links == {name: str(life.machine.venv / "bin" / name) for name in ("awsenv", "awsenv-core")}


@pytest.mark.slow
def test_install_links_the_manual_page_and_the_completions_where_they_are_looked_for(life: Life) -> None:
    assert life.shared == dict.fromkeys(SHARED, True)


@pytest.mark.slow
def test_install_prints_how_to_upgrade_it(life: Life) -> None:
    assert f"to upgrade awsenv: sh '{life.machine.checkout}/install.sh'\n" in life.second.stdout


@pytest.mark.slow
def test_the_install_is_a_real_one_not_an_editable_one(life: Life) -> None:
    assert life.location.startswith(str(life.machine.venv))


@pytest.mark.slow
def test_the_environment_has_no_setuptools(life: Life) -> None:
    assert not life.setuptools


@pytest.mark.slow
def test_a_new_shell_has_awsenv_without_local_bin_on_path(life: Life) -> None:
    assert life.used.stdout.split("\n")[0] == "function", life.used.stderr
    assert "awsenv " in life.used.stdout
    assert "not on PATH" in life.first.stdout


@pytest.mark.slow
def test_install_prints_the_next_line_and_how_to_uninstall(life: Life) -> None:
    assert "in this one type: exec bash\n" in life.first.stdout
    assert "install.sh' --uninstall" in life.first.stdout
    assert "\x1b" not in life.first.stdout


@pytest.mark.slow
def test_install_leaves_stdin_alone(life: Life) -> None:
    assert life.rest_of_stdin == b"for the shell, not for the script\n"


@pytest.mark.slow
def test_install_leaves_the_checkout_unchanged(life: Life) -> None:
    assert not [path for path in life.checkout_first if "__pycache__" in path or path.startswith(("build", "dist"))]


@pytest.mark.slow
def test_a_second_run_upgrades_in_place_and_adds_nothing_twice(life: Life) -> None:
    assert life.second.returncode == 0, life.second.stderr
    assert "upgrading" in life.second.stdout
    assert life.upgraded.stdout.endswith("+next\n")
    assert life.bashrc_second == life.bashrc_first
    assert life.bashrc_second.count(b"init bash") == 1


@pytest.mark.slow
def test_an_environment_without_its_python_is_recreated(life: Life) -> None:
    assert life.recreated.returncode == 0, life.recreated.stderr
    assert "making a virtual environment" in life.recreated.stdout


@pytest.mark.slow
def test_an_installation_under_the_former_name_is_replaced(life: Life) -> None:
    assert life.distributions == ["awsenv_shell"]


@pytest.mark.slow
def test_the_demo_runs_on_the_same_install_and_touches_no_start_up_file(life: Life) -> None:
    assert life.demo.returncode == 0, life.demo.stderr
    assert "upgrading" in life.demo.stdout
    assert "assumed-role/project1" in life.demo.stdout
    assert life.bashrc_demo == life.bashrc_second


@pytest.mark.slow
def test_uninstall_restores_the_start_up_file_and_leaves_no_file(life: Life) -> None:
    assert life.removed.returncode == 0, life.removed.stderr
    assert str(life.machine.venv) in life.removed.stdout
    assert "until they exit: open a new one\n" in life.removed.stdout
    assert "to remove awsenv itself" not in life.removed.stdout
    assert life.bashrc_removed == BEFORE
    assert life.files_removed == {".bashrc"}


@pytest.mark.slow
def test_no_temporary_files_are_left(life: Life) -> None:
    assert list((life.machine.home.parent / "tmp").iterdir()) == []


@pytest.mark.slow
def test_a_manual_page_of_another_program_stays(life: Life, fresh: Machine) -> None:
    del life  # it has built the wheels
    fresh.add_python()
    page = fresh.home / ".local" / "share" / "man" / "man1" / "awsenv.1"
    page.parent.mkdir(parents=True)
    page.write_text("of another program")
    assert fresh.run("--no-rc").returncode == 0
    assert fresh.run("--uninstall").returncode == 0
    assert page.read_text() == "of another program"
    assert fresh.files() == {".bashrc", ".local/share/man/man1/awsenv.1"}


@pytest.mark.shell
def test_uninstall_without_an_installation_succeeds(fresh: Machine) -> None:
    done = fresh.run("--uninstall")
    assert done.returncode == 0
    assert "nothing to remove" in done.stdout
    assert fresh.files() == {".bashrc"}


@pytest.mark.shell
def test_uninstall_removes_the_line_without_awsenv(fresh: Machine) -> None:
    fresh.add_python()
    args = ("-B", "-m", "awsenv", "install", "--shell", "bash")
    assert run(sys.executable, *args, env=fresh.environment(), cwd=fresh.checkout).returncode == 0
    assert fresh.bashrc.read_bytes() != BEFORE
    assert fresh.run("--uninstall").returncode == 0
    assert fresh.bashrc.read_bytes() == BEFORE


# --- a Python as Debian ships it --------------------------------------------------------------------------------------


def add_bare_python(here: Machine) -> None:
    """A real Python whose library lacks ensurepip and pip, like Debian's without python3-venv and python3-pip."""
    prefix = here.bin.parent / "bare"
    library = prefix / "lib" / f"python{sysconfig.get_python_version()}"
    library.mkdir(parents=True)
    for path in Path(sysconfig.get_path("stdlib")).iterdir():
        if path.name not in ("ensurepip", "site-packages", "dist-packages", "__pycache__"):
            (library / path.name).symlink_to(path)
    python = prefix / "bin" / "python3"
    python.parent.mkdir()
    shutil.copy(PYTHON, python)
    show = "import sys, importlib.util as u; print(sys.prefix, u.find_spec('ensurepip'), u.find_spec('pip'))"
    if run(python, "-c", show, env=here.environment()).stdout.strip() != f"{prefix} None None":
        need("a Python that can be copied without ensurepip", None)
    here.add_python(python)


@pytest.mark.shell
def test_install_uses_any_pip_without_python3_venv(fresh: Machine) -> None:
    if run(PYTHON, "-m", "pip", "--version").returncode != 0:
        need("pip of the Python that runs the tests", None)
    add_bare_python(fresh)
    fresh.add_program("pip3", f'exec "{PYTHON}" -m pip "$@"\n')
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    assert b"init bash" in fresh.bashrc.read_bytes()
    assert run(fresh.links / "awsenv", "--version").returncode == 0


@pytest.mark.shell
def test_a_missing_venv_module_is_reported_with_its_package(fresh: Machine) -> None:
    add_bare_python(fresh)
    done = fresh.run()
    assert done.returncode == 1
    assert "install the package python3-venv" in done.stderr
    assert done.stderr.count("\n") == 1
    assert fresh.files() == {".bashrc"}


@pytest.mark.shell
@pytest.mark.parametrize("python", [None, "exit 127\n", "exit 1  # as the version check does\n"])
def test_a_missing_or_old_python_is_reported_in_one_sentence(fresh: Machine, python: str | None) -> None:
    if python:
        fresh.add_program("python3", python)
    done = fresh.run()
    assert done.returncode == 1
    assert "needs Python 3.10 or newer" in done.stderr
    assert done.stderr.count("\n") == 1
    assert fresh.files() == {".bashrc"}


def version_stub(version: str) -> str:
    """A stub for a Python of that version: it answers what install.sh runs it for."""
    return f"""\
        case $2 in
          *print*) echo {version} ;;
          *) exit 1 ;;
        esac
    """


@pytest.mark.shell
@pytest.mark.parametrize("version", ["3.9.6", "3.6.8", "2.7.18"])
@pytest.mark.parametrize(("system", "fix"), [("Linux", "install python3"), ("Darwin", "type brew install python3")])
def test_an_old_python_is_named_with_its_version_and_a_fix(fresh: Machine, system: str, fix: str, version: str) -> None:
    (fresh.bin / "uname").unlink()
    fresh.add_program("uname", f"echo {system}\n")
    python = fresh.add_program("python3", version_stub(version))
    done = fresh.run()
    assert done.returncode == 1
    assert f"and {python} is Python {version}: {fix}" in done.stderr
    assert "or install uv" in done.stderr
    assert done.stderr.count("\n") == 1
    assert fresh.files() == {".bashrc"}


@pytest.mark.shell
def test_a_newer_python_is_preferred_to_an_old_python3(fresh: Machine) -> None:
    add_bare_python(fresh)
    (fresh.bin / "python3").rename(fresh.bin / "python3.12")
    fresh.add_program("python3", "exit 1\n")
    assert f"this Python ({fresh.bin}/python3.12)" in fresh.run().stderr  # where it stops: ensurepip is missing


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_a_failing_pip_shows_its_last_lines_and_leaves_no_files(fresh: Machine) -> None:
    fresh.add_python()
    done = fresh.run(PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    *lines, sentence = done.stderr.splitlines()
    assert 0 < len(lines) <= 15
    assert any("ERROR" in line for line in lines)
    assert sentence.startswith("install.sh: pip could not install awsenv")
    assert fresh.files() == {".bashrc"}
    assert fresh.bashrc.read_bytes() == BEFORE


@pytest.mark.shell
def test_ctrl_c_leaves_no_partial_installation(fresh: Machine) -> None:
    fresh.add_python()
    running = subprocess.Popen(
        fresh.command(),
        env=fresh.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for((fresh.venv / "pyvenv.cfg").exists, "the environment is made")
    os.killpg(running.pid, signal.SIGINT)  # as the terminal does
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == 130
    assert stderr == "install.sh: interrupted, nothing half-made is left\n"
    assert fresh.files() == {".bashrc"}
    assert list((fresh.home.parent / "tmp").iterdir()) == []


@pytest.mark.shell
def test_another_program_named_awsenv_is_left_alone(fresh: Machine) -> None:
    fresh.add_python()
    fresh.links.mkdir(parents=True)
    (fresh.links / "awsenv").write_text("of another program")
    done = fresh.run()
    assert done.returncode == 1
    assert "move it out of the way" in done.stderr
    assert fresh.run("--uninstall").returncode == 0
    assert (fresh.links / "awsenv").read_text() == "of another program"


# --- uv and pipx ------------------------------------------------------------------------------------------------------

#: Replaces awsenv as uv or pipx would install it: records its arguments.
AWSENV = r"""
printf '#!/bin/sh\n[ "$1" = --version ] && { echo "awsenv 9.9"; exit; }\necho awsenv "$@" >>"$HOME/calls"\n' >"$bin"
printf '[ "$1" = demo ] && exit 7\n[ "$1" != uninstall ] || printf "%%s\\n" "removed from a file" \\\n' >>"$bin"
printf '"this shell still exports project1; type: x" "to remove awsenv itself: y"\nexit 0\n' >>"$bin"
chmod +x "$bin"
"""
#: Stubs that record how and where they were called, and do what uv and pipx do.
INSTALLERS = {
    "uv": r"""
        bin=$HOME/.local/bin/awsenv
        case $* in
          --version) exit ;;
          "tool dir --bin") echo "$HOME/.local/bin"; exit ;;
          "tool list") [ ! -e "$bin" ] || printf '%s\n' "${NAME-awsenv-shell} v9.9" "- awsenv" "- awsenv-core"; exit ;;
        esac
        echo uv "$@" >>"$HOME/calls"
        [ -f install.sh ] || [ "$2" = uninstall ] || exit 1
        [ "$2" = install ] || { rm "$bin"; exit; }
        mkdir -p "$HOME/.local/bin"
    """,
    "pipx": r"""
        bin=$HOME/.local/bin/awsenv
        case $* in
          --version) exit ;;
          "environment --value PIPX_BIN_DIR") echo "$HOME/.local/bin"; exit ;;
          "list") [ ! -e "$bin" ] ||
            printf '%s\n' "   package ${NAME-awsenv-shell} 9.9, installed using Python 3.12.0" "    - awsenv" "    - awsenv-core"; exit ;;
        esac
        echo pipx "$@" >>"$HOME/calls"
        [ -f install.sh ] || [ "$1" = uninstall ] || exit 1
        [ "$1" = install ] || { rm "$bin"; exit; }
        mkdir -p "$HOME/.local/bin"
    """,
}
INSTALLED = {
    "uv": "uv tool install --compile-bytecode --reinstall-package awsenv-shell .",
    "pipx": "pipx install --force .",
}
REMOVED = {"uv": "uv tool uninstall awsenv-shell", "pipx": "pipx uninstall awsenv-shell"}
#: The same for an installation under the former name of the distribution.
REMOVED_FORMER = {name: command.removesuffix("-shell") for name, command in REMOVED.items()}


def add_installer_stub(here: Machine, name: str) -> None:
    here.add_program(name, textwrap.dedent(INSTALLERS[name]) + AWSENV)
    (here.bin / "chmod").symlink_to(need("chmod", shutil.which("chmod")))


def calls(here: Machine) -> list[str]:
    return (here.home / "calls").read_text().splitlines()


@pytest.mark.shell
@pytest.mark.parametrize("installer", INSTALLERS)
def test_an_available_uv_or_pipx_is_used(fresh: Machine, installer: str) -> None:
    add_installer_stub(fresh, installer)
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    assert calls(fresh) == [INSTALLED[installer], "awsenv install --shell bash"]
    assert f"is installed with {installer}" in done.stdout
    assert not fresh.venv.exists()


@pytest.mark.shell
@pytest.mark.parametrize("installer", INSTALLERS)
def test_uninstall_uses_the_installer_of_the_install(fresh: Machine, installer: str) -> None:
    add_installer_stub(fresh, installer)
    assert fresh.run("--no-rc").returncode == 0
    done = fresh.run("--uninstall")
    assert done.returncode == 0, done.stderr
    assert calls(fresh) == [INSTALLED[installer], "awsenv uninstall", REMOVED[installer]]
    first, second = done.stdout.splitlines()  # without awsenv's own instructions for its removal
    assert first == "removed from a file"
    assert installer in second


@pytest.mark.shell
def test_uninstall_reports_that_the_shell_which_started_it_still_has_credentials(fresh: Machine) -> None:
    add_installer_stub(fresh, "uv")
    assert fresh.run("--no-rc").returncode == 0
    done = fresh.run("--uninstall", AWSENV_PROFILE="project1")
    assert "your shell still exports project1: with the integration type awsenv clear there" in done.stdout
    assert "type: x" not in done.stdout


@pytest.mark.shell
@pytest.mark.parametrize("installer", INSTALLERS)
def test_uninstall_removes_an_installation_under_the_former_name(fresh: Machine, installer: str) -> None:
    add_installer_stub(fresh, installer)
    assert fresh.run("--no-rc").returncode == 0
    done = fresh.run("--uninstall", NAME="awsenv")
    assert done.returncode == 0, done.stderr
    assert calls(fresh)[1:] == ["awsenv uninstall", REMOVED_FORMER[installer]]


OTHERS = {"uv": r"awsenv v1.12.1\n- awsenv\n", "pipx": r"   package awsenv 1.12.1, installed\n    - awsenv\n"}


@pytest.mark.shell
@pytest.mark.parametrize("installer", OTHERS)
def test_another_package_of_that_name_is_neither_replaced_nor_removed(fresh: Machine, installer: str) -> None:
    script = f'case $* in --version) ;; *list) printf "{OTHERS[installer]}" ;; *) echo "$@" >>"$HOME/calls" ;; esac\n'
    fresh.add_program(installer, script)
    done = fresh.run("--no-rc")
    assert done.returncode == 1
    assert f"{REMOVED_FORMER[installer]}, then run this again" in done.stderr
    assert fresh.run("--uninstall").returncode == 0
    assert not (fresh.home / "calls").exists()


@pytest.mark.shell
def test_an_earlier_install_takes_precedence_over_uv_and_uv_over_pipx(fresh: Machine) -> None:
    add_installer_stub(fresh, "pipx")
    assert fresh.run("--no-rc").returncode == 0
    fresh.add_program("uv", 'case $* in --version | "tool list") exit ;; esac\necho uv "$@" >>"$HOME/calls"\nexit 1\n')
    assert fresh.run("--no-rc").returncode == 0
    assert calls(fresh) == [INSTALLED["pipx"]] * 2
    assert fresh.run("--uninstall").returncode == 0
    assert fresh.run("--no-rc").returncode == 1  # this uv always fails
    assert calls(fresh)[-1] == INSTALLED["uv"]


@pytest.mark.shell
def test_a_broken_uv_shim_is_ignored(fresh: Machine) -> None:
    fresh.add_program("uv", "echo 'pyenv: uv: command not found' >&2\nexit 127\n")
    add_installer_stub(fresh, "pipx")
    assert fresh.run("--no-rc").returncode == 0
    assert calls(fresh) == [INSTALLED["pipx"]]


@pytest.mark.shell
@pytest.mark.parametrize(
    ("args", "login_shell", "named"),
    [
        (["--shell", "zsh"], "/bin/bash", "zsh"),
        (["--shell=pwsh"], "/bin/bash", "powershell"),
        ([], "/usr/local/bin/fish", "fish"),
    ],
)
def test_the_shell_is_the_given_one_or_the_login_shell(
    fresh: Machine, args: list[str], login_shell: str, named: str
) -> None:
    add_installer_stub(fresh, "uv")
    assert fresh.run(*args, SHELL=login_shell).returncode == 0
    assert calls(fresh)[1:] == [f"awsenv install --shell {named}"]


@pytest.mark.shell
@pytest.mark.parametrize("args", [[], ["--no-rc"]])
@pytest.mark.parametrize("login_shell", ["/bin/sh", "/bin/tcsh"])
def test_a_shell_without_an_integration_gets_the_line_that_works_without(
    fresh: Machine, login_shell: str, args: list[str]
) -> None:
    add_installer_stub(fresh, "uv")
    done = fresh.run(*args, SHELL=login_shell)
    assert done.returncode == 0, done.stderr
    assert calls(fresh) == [INSTALLED["uv"]]
    assert "type: eval \"$('" in done.stdout
    assert "awsenv' assume PROFILE)\"\n" in done.stdout
    assert "install --shell NAME\n" in done.stdout


@pytest.mark.shell
@pytest.mark.parametrize(("args", "login_shell", "verb"), [([], "", "install"), (["--demo"], "/bin/zsh", "demo")])
def test_the_calling_shell_is_used_without_a_login_shell_and_for_the_demo(
    fresh: Machine, args: list[str], login_shell: str, verb: str
) -> None:
    bash = need("bash", shutil.which("bash"))
    add_installer_stub(fresh, "uv")
    command = (bash, "--norc", "-c", '"$@"; exit $?', "bash", *fresh.command(*args))
    run(*command, env=fresh.environment(SHELL=login_shell))
    assert calls(fresh)[1:] == [f"awsenv {verb} --shell bash"]


@pytest.mark.shell
def test_powershell_is_used_if_it_runs_the_script(fresh: Machine) -> None:
    add_installer_stub(fresh, "uv")
    line = " ".join(f"'{arg}'" for arg in fresh.command())
    command = (SHELLS["powershell"].program(), "-NoProfile", "-Command", f"& {line}; exit $LASTEXITCODE")
    run(*command, env=fresh.environment(SHELL="/bin/bash"))
    assert calls(fresh)[1:] == ["awsenv install --shell powershell"]


@pytest.mark.shell
def test_no_rc_leaves_the_start_up_files_alone_and_prints_what_to_type(fresh: Machine) -> None:
    add_installer_stub(fresh, "uv")
    done = fresh.run("--no-rc", SHELL="/usr/bin/fish")
    assert done.returncode == 0
    assert calls(fresh) == [INSTALLED["uv"]]
    assert "awsenv' init fish | source" in done.stdout


@pytest.mark.shell
def test_demo_installs_its_extra_and_returns_the_exit_code(fresh: Machine) -> None:
    add_installer_stub(fresh, "uv")
    done = fresh.run("--demo", "--shell", "zsh")
    assert done.returncode == 7, done.stderr
    assert calls(fresh) == [INSTALLED["uv"] + "[demo]", "awsenv demo --shell zsh"]
    assert "the same place as without --demo" in done.stdout
    assert list((fresh.home.parent / "tmp").iterdir()) == []


@pytest.mark.shell
@pytest.mark.parametrize(("login_shell", "named"), [("/bin/zsh", " --shell zsh"), ("/bin/tcsh", "")])
def test_the_demo_uses_the_login_shell_if_the_calling_shell_is_unknown(
    fresh: Machine, login_shell: str, named: str
) -> None:
    add_installer_stub(fresh, "uv")
    fresh.run("--demo", SHELL=login_shell)
    assert calls(fresh)[1:] == [f"awsenv demo{named}"]


@pytest.mark.slow
@pytest.mark.parametrize("installer", INSTALLERS)
def test_the_real_uv_and_pipx_install_upgrade_and_remove(fresh: Machine, installer: str) -> None:
    add_real_installer(fresh, installer)
    list_args = {"uv": ["tool", "list"], "pipx": ["list"]}[installer]
    for name in ("awsenv", "awsenv-shell", "awsenv-shell"):
        set_distribution_name(fresh, name)
        done = fresh.run()
        assert done.returncode == 0, done.stderr
        listing = run(fresh.bin / installer, *list_args, env=fresh.environment()).stdout
        assert re.findall(r"^(?: *package )?(awsenv\S*) ", listing, re.MULTILINE) == [name]
    assert run(fresh.links / "awsenv", "--version").stdout.startswith("awsenv ")
    assert fresh.bashrc.read_bytes().count(b"init bash") == 1
    assert fresh.run("--uninstall").returncode == 0
    assert fresh.bashrc.read_bytes() == BEFORE
    assert list(fresh.links.iterdir()) == []


# --- the lines of the pages -------------------------------------------------------------------------------------------


def block_lines(page: str, language: str, *, number: int = 0) -> list[str]:
    """The lines of a block that is run here, comments included."""
    mark = f"run by tests/{Path(__file__).name}"
    matching = [
        block
        for block in blocks(README if page == "README.md" else DOCS / page)
        if block.mark == mark and block.language == language
    ]
    return matching[number].text.splitlines()


def for_installer(installer: str, line: str) -> str:
    """A line, or the alternative in its comment if that is for this installer."""
    command, _, comment = line.partition("#")
    _, _, alternative = comment.partition("or: ")
    return alternative if alternative.startswith(installer) else command.strip()


def in_checkout(here: Machine, *commands: str, shell: Sequence[str] = ("bash", "--norc", "-ec")) -> str:
    """Type commands in the checkout, in a shell that has ~/.local/bin on PATH."""
    environment = here.environment(PATH=f"{here.links}:{here.bin}")
    program = need(shell[0], shutil.which(shell[0]))
    done = run(program, *shell[1:], "\n".join(commands), env=environment, cwd=here.checkout, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def add_real_installer(here: Machine, installer: str) -> None:
    """Put uv, pipx, or the pip of a new environment on PATH."""
    here.add_python()
    if installer == "pip":
        environment = here.home.parent / "environment"
        assert run(PYTHON, "-m", "venv", environment).returncode == 0
        here.links.parent.mkdir(parents=True)
        here.links.symlink_to(environment / "bin")
    else:
        program = need(f"{installer} (PyPI)", shutil.which(installer))
        here.add_program(installer, f'exec "{program}" "$@"\n')


def test_the_lines_for_a_fresh_machine_are_those_that_are_tested() -> None:
    commands = [line.partition("#")[0].split() for line in block_lines("README.md", "sh")]
    assert commands == [["./install.sh", "--demo"], ["./install.sh"]]
    assert os.access(CHECKOUT / "install.sh", os.X_OK)


@pytest.mark.slow
@pytest.mark.parametrize("installer", ["uv", "pipx", "pip"])
def test_the_pages_install_upgrade_and_remove_by_hand(fresh: Machine, installer: str) -> None:
    add_real_installer(fresh, installer)
    page = (CHECKOUT / "docs" / "install.md").read_text(encoding="utf-8")
    [row] = [row for row in table(page, "by", "install") if row[0] == installer]
    install, upgrade, remove = (cell.strip("`") for cell in row[1:])
    if installer != "pip":
        assert for_installer(installer, block_lines("README.md", "sh", number=1)[0]) == install
    in_checkout(
        fresh, install, *(for_installer(installer, line) for line in block_lines("README.md", "sh", number=1)[1:])
    )
    assert fresh.bashrc.read_bytes().count(b"init bash") == 1
    version = fresh.checkout / "awsenv" / "__init__.py"
    version.write_text(version.read_text().replace('__version__ = "', '__version__ = "9.'))
    in_checkout(fresh, upgrade)
    assert in_checkout(fresh, "awsenv --version").startswith("awsenv 9.")
    assert remove.replace(" --yes", "") in in_checkout(fresh, "awsenv uninstall")
    in_checkout(fresh, remove)
    assert fresh.bashrc.read_bytes() == BEFORE
    assert not (fresh.links / "awsenv").exists()


@pytest.mark.slow
def test_uv_installs_from_the_address_of_the_repository(fresh: Machine) -> None:
    add_real_installer(fresh, "uv")
    git = need("git", shutil.which("git"))
    (fresh.bin / "git").symlink_to(git)
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for args in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "A release")):
        assert run(git, *args, cwd=fresh.checkout, env=fresh.environment()).returncode == 0
    in_checkout(fresh, f"uv tool install 'git+{fresh.checkout.as_uri()}'")
    assert in_checkout(fresh, "awsenv --version").startswith("awsenv ")


@pytest.mark.slow
def test_the_page_for_windows_installs_for_powershell(fresh: Machine) -> None:
    add_real_installer(fresh, "uv")
    powershell = (SHELLS["powershell"].program(), "-NoProfile", "-Command")
    in_checkout(fresh, *block_lines("windows.md", "powershell"), shell=powershell)
    [profile] = fresh.home.rglob("*profile.ps1")
    assert "init powershell" in profile.read_text(encoding="utf-8-sig")


# --- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_help_shows_examples_and_installs_nothing(fresh: Machine) -> None:
    done = fresh.run("--help")
    assert done.returncode == 0
    assert "examples:" in done.stdout
    assert fresh.files() == {".bashrc"}


@pytest.mark.shell
@pytest.mark.parametrize(
    "args", [["--bogus"], ["project1"], ["--shell"], ["--shell", "tcsh"], ["--uninstall", "--demo"]]
)
def test_wrong_usage_prints_one_line_and_exits_with_2(fresh: Machine, args: list[str]) -> None:
    done = fresh.run(*args)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert fresh.files() == {".bashrc"}


@pytest.mark.shell
def test_install_outside_of_a_checkout_is_an_error(fresh: Machine) -> None:
    (fresh.checkout / "pyproject.toml").unlink()
    done = fresh.run()
    assert done.returncode == 1
    assert "installs the awsenv checkout that contains it" in done.stderr


# --- the script itself ------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_shellcheck_finds_nothing() -> None:
    program = need("shellcheck", shutil.which("shellcheck"))
    assert run(program, "-o", "all", CHECKOUT / "install.sh").stdout == ""


@pytest.mark.shell
def test_shfmt_would_change_nothing() -> None:
    program = need("shfmt", shutil.which("shfmt"))
    assert run(program, "-i", "2", "-ci", "-d", CHECKOUT / "install.sh").stdout == ""
