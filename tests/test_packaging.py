"""packaging/ and the wheel: the files of a release for package managers, man and the shells."""

from __future__ import annotations

import hashlib
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from support.environment import USERS_HOME, clean_environment
from support.homes import Home
from support.programs import need
from support.shells import SHELLS
from support.terminal import terminal
from support.windows import WindowsHome, assignments, windows, windows_home, windows_installation, windows_prefix

from awsenv import __version__

__all__ = ["windows", "windows_home", "windows_installation", "windows_prefix"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = {
    "share/man/man1/awsenv.1": "docs/awsenv.1",
    "share/bash-completion/completions/awsenv": "packaging/completions/awsenv.bash",
    "share/zsh/site-functions/_awsenv": "packaging/completions/_awsenv",
    "share/fish/vendor_completions.d/awsenv.fish": "packaging/completions/awsenv.fish",
}

SCHEMAS = ROOT / "tests" / "support" / "schemas"
#: FormulaAudit/PyPiUrls: the URL of a source archive on PyPI.
ON_PYPI = re.compile(r"https://files\.pythonhosted\.org/packages/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{60}/[\w.-]+\.tar\.gz")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two archives of a release, and the files that packaging/make.py makes from them in `out`."""
    directory = tmp_path_factory.mktemp("release")
    environment = os.environ | {"HOME": USERS_HOME}
    build = [sys.executable, "-m", "hatchling", "build", "-d", directory]
    subprocess.run(build, cwd=ROOT, check=True, env=environment)
    command = [sys.executable, ROOT / "packaging" / "make.py", directory, directory / "out"]
    repository = ["--repository", "https://example.com/awsenv/"]
    subprocess.run([*command, *repository], cwd=directory, check=True, env=environment, timeout=250)
    return directory


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def validate(schema: str, manifest: Path) -> None:
    program = need("check-jsonschema (PyPI)", shutil.which("check-jsonschema", path=Path(sys.executable).parent))
    done = subprocess.run(
        [program, "--schemafile", SCHEMAS / f"{schema}.json", manifest], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def sdist(release: Path) -> Path:
    return release / f"awsenv_shell-{__version__}.tar.gz"


def wheel(release: Path) -> Path:
    return release / f"awsenv_shell-{__version__}-py3-none-any.whl"


def archive(release: Path) -> Path:
    return release / "out" / f"awsenv_shell-{__version__}-windows.zip"


# --- the archives -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_wheel_has_the_manual_page_and_completions_in_the_systems_directories(release: Path) -> None:
    with zipfile.ZipFile(wheel(release)) as opened:
        for place, source in SHARED.items():
            data = opened.read(f"awsenv_shell-{__version__}.data/data/{place}")
            assert data == (ROOT / source).read_bytes()
        about = opened.read(f"awsenv_shell-{__version__}.dist-info/METADATA").decode()
    assert f"\nVersion: {__version__}\n" in about


@pytest.mark.slow
def test_the_source_archive_has_what_the_wheel_is_built_from(release: Path) -> None:
    with tarfile.open(sdist(release)) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert set(SHARED.values()) <= names


# --- Homebrew, Scoop, winget ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_formula_is_of_this_release_and_has_all_dependencies(release: Path) -> None:
    path = release / "out" / "homebrew" / "awsenv-shell.rb"
    text = path.read_text()
    urls = re.findall(r'(?m)^ +url "(.*)"$', text)
    assert urls[0].endswith(f"/{sdist(release).name}")
    assert [url for url in urls if not ON_PYPI.fullmatch(url)] == []
    assert f'\n  sha256 "{sha256(sdist(release))}"\n' in text
    [description] = re.findall(r'(?m)^  desc "(.*)"$', text)
    assert len(description) <= 80  # FormulaAudit/Desc
    resources = re.findall(
        r'^  resource "(\S+)" do\n    url "https://\S+\.tar\.gz"\n    sha256 "[0-9a-f]{64}"\n  end$', text, re.MULTILINE
    )
    assert text.count("resource ") == len(resources) == len(set(resources))
    needed = re.findall(
        r'(?m)^    "([\w-]+)>=', (ROOT / "pyproject.toml").read_text().partition("[project.scripts]")[0]
    )
    assert {"boto3", "botocore", "rich"} <= set(needed) <= set(resources)
    opened = re.findall(r"(?m)^\s*(?:class|def) |\bdo$", text)
    assert len(opened) == len(re.findall(r"(?m)^\s*end$", text))
    assert "\n\n\n" not in text
    if shutil.which("ruby"):
        subprocess.run(["ruby", "-wc", path], check=True, capture_output=True)


@pytest.mark.slow
def test_the_manifest_for_scoop_is_of_this_release(release: Path) -> None:
    path = release / "out" / "scoop" / "awsenv-shell.json"
    validate("scoop", path)
    manifest = json.loads(path.read_text())
    assert manifest["version"] == __version__
    assert manifest["url"].endswith(f"/{wheel(release).name}")
    assert manifest["hash"] == sha256(wheel(release))
    assert manifest["autoupdate"]["url"].replace("$version", __version__) == manifest["url"]
    script = "\n".join([*manifest["installer"]["script"], manifest["pre_uninstall"]])
    parse = "$null = [scriptblock]::Create([Console]::In.ReadToEnd())"
    command = [SHELLS["powershell"].program(), "-NoProfile", "-Command", parse]
    subprocess.run(command, input=script, text=True, check=True, capture_output=True)


@pytest.mark.slow
def test_the_manifests_for_winget_are_of_this_release(release: Path) -> None:
    kinds = {}
    for path in (release / "out" / "winget").iterdir():
        manifest = yaml.safe_load(path.read_text())
        kinds[manifest["ManifestType"]] = manifest
        validate(f"winget.{manifest['ManifestType']}", path)
        assert manifest["PackageIdentifier"] == "awsenv.awsenv-shell"
        assert manifest["PackageVersion"] == __version__
        assert path.name.startswith("awsenv.awsenv-shell.")
    assert set(kinds) == {"version", "defaultLocale", "installer"}
    (installer,) = kinds["installer"]["Installers"]
    assert (
        installer["InstallerUrl"]
        == f"https://example.com/awsenv/releases/download/v{__version__}/{archive(release).name}"
    )
    assert installer["InstallerSha256"] == sha256(archive(release)).upper()
    files = [file["RelativeFilePath"] for file in kinds["installer"]["NestedInstallerFiles"]]
    with zipfile.ZipFile(archive(release)) as opened:
        assert set(files) <= set(opened.namelist())


@pytest.mark.slow
def test_the_archive_for_windows_runs_in_any_python(release: Path, lone: Home) -> None:
    """Behind the launcher the programs are zip archives, which Python runs on any system."""
    directory = lone.path / "with a blank"
    with zipfile.ZipFile(archive(release)) as opened:
        opened.extractall(directory)
    for program in ("awsenv.exe", "awsenv-core.exe"):
        data = (directory / program).read_bytes()
        assert data.startswith(b"MZ")
        assert b"#!/usr/bin/env python\r\n" in data
        command = [sys.executable, "-I", "-S", directory / program]
        environment = clean_environment(lone.path)
        assert subprocess.check_output([*command, "--version"], env=environment, text=True) == f"awsenv {__version__}\n"
        done = subprocess.run(
            [*command, "doctor", "--offline"], env=environment, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_the_archive_for_windows_runs_on_windows(release: Path, windows_home: WindowsHome) -> None:
    with zipfile.ZipFile(archive(release)) as opened:
        opened.extractall(windows_home.path / "with a blank")
    program = f"{windows_home.shown}\\with a blank\\awsenv.exe"
    assert windows_home.run(program, "--version").out == f"awsenv {__version__}\n"
    done = windows_home.run(program, "assume", "project1", "--shell", "cmd")
    assert assignments(done)["AWSENV_PROFILE"] == "project1"


def test_a_directory_without_a_release_is_an_error(tmp_path: Path) -> None:
    make = runpy.run_path(str(ROOT / "packaging" / "make.py"))["make"]
    with pytest.raises(FileNotFoundError, match="has 0 files"):
        make(tmp_path, tmp_path / "out", "https://example.com/awsenv")


# --- the completions, without the integration -------------------------------------------------------------------------

LOADED_BY: Mapping[str, str] = {
    "bash": ". {directory}/awsenv.bash",
    "zsh": "fpath=({directory} $fpath); autoload -Uz compinit; compinit -u -D; setopt zle; PROMPT='READY> '",
    "fish": "source {directory}/awsenv.fish",
}


@pytest.mark.shell
@pytest.mark.parametrize(
    ("shell", "before"),
    [
        *((shell, "") for shell in LOADED_BY),
        ("bash", "local() { echo; }; declare() { echo; }; set() { echo; }; eval() { echo; }; complete() { echo; }"),
        ("bash", "alias local=echo declare=echo set=echo eval=echo command=echo complete=echo"),
    ],
)
def test_a_completion_works_without_the_integration(shell: str, before: str, lone: Home) -> None:
    lone.write("[profile someproject]\nregion = eu-central-1\n")
    setup = f"{before}\n{LOADED_BY[shell].format(directory=ROOT / 'packaging' / 'completions')}"
    with terminal(shell, lone, init=None, setup=setup) as tty:
        tty.send("awsenv assume some\t")
        tty.until("awsenv assume someproject")
        tty.send("\x15awsenv che\t")
        tty.until("awsenv check")
