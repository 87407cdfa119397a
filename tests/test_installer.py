"""`awsenv install` in login shells; the commands that it and `awsenv uninstall` print to upgrade and remove awsenv itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from support.environment import clean_environment
from support.homes import Home
from support.programs import BIN, need
from support.shells import INTERACTIVE, SHELLS
from support.shells import run as run_in

from awsenv import dialects
from awsenv.system import installer

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the start-up files are elsewhere")


def run(home: Path, *args: str | Path) -> str:
    """A command's stdout; it must succeed."""
    done = subprocess.run(
        args, env=clean_environment(home), cwd=home, capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 0, done
    return done.stdout


# --- login shells -----------------------------------------------------------------------------------------------------

READS = "[ -f ~/.bashrc ] && . ~/.bashrc\n"
#: name -> the files of the home, and the login file that gets the line; None if that file reads ~/.bashrc.
HOMES = {
    "nothing": ({}, ".bash_profile"),
    "a .bashrc": ({".bashrc": "alias ll='ls -l'\n"}, ".bash_profile"),
    "a .profile that does not read it": ({".profile": "echo hi >/dev/null\n"}, ".profile"),
    "a .profile that reads it": ({".profile": READS}, None),
    "a .bash_login that reads it": ({".bash_login": READS, ".profile": "\n"}, None),
    "a .bash_login before a .profile that reads it": ({".bash_login": "\n", ".profile": READS}, ".bash_login"),
    "a .bash_profile that reads .profile, which reads it": ({".bash_profile": ". ~/.profile\n", ".profile": READS}, ".bash_profile"),
    "a comment": ({".profile": "# . ~/.bashrc\n"}, ".profile"),
    "another bashrc": ({".bash_profile": ". /etc/bash.bashrc\n"}, ".bash_profile"),
    "no newline at its end": ({".bash_profile": "true"}, ".bash_profile"),
}  # fmt: skip


@pytest.mark.shell
@pytest.mark.parametrize(("files", "login"), HOMES.values(), ids=HOMES)
def test_install_reaches_all_shells_and_uninstall_leaves_nothing(
    files: dict[str, str], login: str | None, tmp_path: Path
) -> None:
    bash = need("the shell bash", shutil.which("bash"))
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    output = run(tmp_path, BIN / "awsenv", "install", "--shell", "bash")
    assert f"now in {tmp_path}/.bashrc" in output
    assert (
        (f"and in {tmp_path / login}, as login shells read that instead" in output)
        if login
        else ("as login shells" not in output)
    )
    assert "in this one type: exec bash\n" in output
    for args in (["-i"], ["-l", "-i"], ["-l"]):
        if args != ["-l"] or login:  # a .bashrc may return early in a non-interactive shell
            assert run(tmp_path, bash, *args, "-c", "type -t awsenv") == "function\n", args
    again = run(tmp_path, BIN / "awsenv", "install", "--shell", "bash")
    assert "is already in" in again
    run(tmp_path, BIN / "awsenv", "uninstall")
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == files


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["dash", "ksh93"])
def test_the_line_in_a_profile_does_nothing_in_other_shells(shell: str, tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text("MINE=1\n")
    run(tmp_path, BIN / "awsenv", "install", "--shell", "bash")
    program = need(f"the shell {shell}", shutil.which(shell))
    assert run(tmp_path, program, "-c", '. ./.profile && command -v awsenv; echo "$MINE"') == f"{BIN / 'awsenv'}\n1\n"


@pytest.mark.parametrize(
    ("shell", "line"), [("bash", "exec bash"), ("zsh", "exec zsh"), ("fish", "exec fish"), ("powershell", ". $PROFILE")]
)
@pytest.mark.shell
def test_install_prints_the_line_for_the_running_shell(shell: str, line: str, tmp_path: Path) -> None:
    assert shell in dialects.hooked()
    output = run(tmp_path, BIN / "awsenv", "install", "--shell", shell)
    assert f"in this one type: {line}\n" in output


@pytest.mark.shell
def test_install_prints_how_to_enable_completion_in_zsh(tmp_path: Path) -> None:
    zsh, install = need("the shell zsh", shutil.which("zsh")), (BIN / "awsenv", "install", "--shell", "zsh")
    rc = tmp_path / ".zshrc"
    look = (zsh, "-d", "-i", "-c", "__awsenv_complete_register; print -r -- $_comps[awsenv]")
    lines = [line for line in run(tmp_path, *install).splitlines() if "TAB" in line]
    (fix,) = (line.partition(f"put this into {rc}: ")[2] for line in lines)
    assert run(tmp_path, *look) == "\n"
    rc.write_text(f"{rc.read_text()}{fix} -u\n")
    assert run(tmp_path, *look) == "_awsenv\n"
    assert "TAB" not in run(tmp_path, *install)
    rc.write_text("source ~/.oh-my-zsh/oh-my-zsh.sh\n")
    assert "TAB" not in run(tmp_path, *install)


@pytest.mark.shell
def test_uninstall_empties_the_cache_and_names_the_settings(tmp_path: Path) -> None:
    cache = tmp_path / ".cache" / "awsenv"
    (cache / "locks").mkdir(parents=True)
    (cache / "locks" / "0123.lock").touch()
    (cache / "hint-0123.json").write_text("{}")
    (cache / "endpoints-1.40.76-61232-1795390000000000000-12.json").write_text("{}")
    settings = tmp_path / ".config" / "awsenv" / "settings"
    settings.parent.mkdir(parents=True)
    settings.write_text("RENEW=yes\n")
    shared = tmp_path / ".aws" / "cli" / "cache" / "session.json"
    shared.parent.mkdir(parents=True)
    shared.write_text("{}")
    run(tmp_path, BIN / "awsenv", "install", "--shell", "zsh")
    output = run(tmp_path, BIN / "awsenv", "uninstall")
    assert not cache.exists()
    assert not (tmp_path / ".local" / "share" / "awsenv").exists()
    assert f"your settings stay in {settings}\n" in output
    assert settings.exists()
    assert shared.exists()
    assert f"to remove awsenv itself: {installer.installed_by().remove}\n" in output


@pytest.mark.shell
def test_uninstall_leaves_other_files_in_a_cache_that_is_a_link(tmp_path: Path) -> None:
    project, cache = tmp_path / "project", tmp_path / ".cache" / "awsenv"
    (project / "locks").mkdir(parents=True)
    cache.parent.mkdir()
    cache.symlink_to(project)
    others = [project / name for name in ("package.json", "my notes.json", "locks/poetry.lock", "locks/notes")]
    own = [project / name for name in ("hint-0123.json", "mfa-0123.json", "locks/0123.lock")]
    for path in (*own, *others):
        path.touch()
    run(tmp_path, BIN / "awsenv", "uninstall")
    assert [path for path in (*own, *others) if path.exists()] == others


@pytest.mark.shell
def test_uninstall_in_the_shell_that_it_is_loaded_in_succeeds(tmp_path: Path) -> None:
    bash = need("the shell bash", shutil.which("bash"))
    run(tmp_path, BIN / "awsenv", "install", "--shell", "bash")
    output = run(tmp_path, bash, "-i", "-c", "awsenv uninstall; echo STATUS=$?; type -t awsenv")
    assert output.endswith("STATUS=0\nfile\n")


#: Prints the status and the exported variables, in each shell.
SHOW = {
    "bash": 'echo "STATUS=$? <${AWS_ACCESS_KEY_ID-}|${AWSENV_PROFILE-}|${AWS_PROFILE-}> $(type -t awsenv)"',
    "zsh": 'echo "STATUS=$? <${AWS_ACCESS_KEY_ID-}|${AWSENV_PROFILE-}|${AWS_PROFILE-}> $(whence -w awsenv)"',
    "fish": 'set code $status; echo "STATUS=$code <$AWS_ACCESS_KEY_ID|$AWSENV_PROFILE|$AWS_PROFILE> $(type -t awsenv)"',
    "powershell": '"STATUS=$LASTEXITCODE <$env:AWS_ACCESS_KEY_ID|$env:AWSENV_PROFILE|$env:AWS_PROFILE> $((Get-Command awsenv).CommandType)"',
}  # fmt: skip


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
@pytest.mark.parametrize("options", ["", "--shell {}"])
def test_uninstall_clears_the_shell_that_it_is_typed_in(shell: str, options: str, home: Home) -> None:
    other = next(name for name in INTERACTIVE if name != shell)
    script = f"""awsenv assume project1
awsenv uninstall --shell {other}
{SHOW[shell]}
awsenv uninstall {options.format(shell)}
{SHOW[shell]}"""
    done = run_in(shell, script, home, AWS_PROFILE="mine")
    before, after = (line for line in done.out.splitlines() if line.startswith("STATUS="))
    assert before.startswith("STATUS=0 <ASIA"), done
    assert "|project1|>" in before
    assert after.startswith("STATUS=0 <||mine>"), done
    assert "unction" not in after
    assert done.err == "awsenv: this shell is cleared of what awsenv had exported\n"
    assert "still exports" not in done.out


@pytest.mark.shell
def test_uninstall_without_the_function_prints_what_is_still_exported_and_how_to_clear_it(home: Home) -> None:
    script = 'eval "$(awsenv assume project1)"; awsenv uninstall; awsenv uninstall --shell fish'
    output = run_in("bash", script, home, load=False).out
    assert output.count('this shell still exports project1; type: eval "$(awsenv clear)"\n') == 1


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_shell_that_outlives_the_program_reports_it_in_one_sentence(shell: str, home: Home) -> None:
    program = home.path / "gone" / "awsenv"
    program.parent.mkdir()
    program.symlink_to(BIN / "awsenv")
    remove = {"powershell": "Remove-Item"}.get(shell, "command rm")
    lines = ["assume project1", "refresh", "list", "check --json", "login", "doctor", "uninstall"]
    script = [SHELLS[shell].load.replace("awsenv", str(program), 1), "awsenv assume project1", f"{remove} {program}"]
    script += ["awsenv check", *(['complete -C "awsenv as"'] if shell == "fish" else [])]
    script += [line for args in lines for line in (f"awsenv {args}", SHOW[shell])]
    done = run_in(shell, "\n".join(script), home, load=False)
    sentences = done.err.splitlines()
    cleared = sentences.pop(-2)
    assert cleared == "awsenv: this shell is cleared of what awsenv had exported"
    (sentence,) = set(sentences)
    assert sentence.startswith(
        f"awsenv: {program} is gone; type awsenv clear, which still works here, then open a new shell"
    ), done
    assert len(sentences) == len(lines)
    checked, *shown = done.out.splitlines()
    assert checked.startswith("project1: ")
    assert [line.split("<")[0] for line in shown] == ["STATUS=127 "] * len(lines), done
    assert shown[-1].split(" ")[1] == "<||>"


@pytest.mark.shell
def test_uninstall_leaves_the_cache_files_of_a_running_program(tmp_path: Path) -> None:
    token = tmp_path / ".cache" / "awsenv" / "server-0123" / "token"
    token.parent.mkdir(parents=True)
    token.touch()
    run(tmp_path, BIN / "awsenv", "uninstall")
    assert token.exists()


# --- the installer ----------------------------------------------------------------------------------------------------

INSTALLERS = {
    "uv": (
        "tools/awsenv-shell",
        "uv-receipt.toml",
        "uv tool upgrade --reinstall awsenv-shell",
        "uv tool uninstall awsenv-shell",
    ),
    "pipx": ("venvs/awsenv-shell", "pipx_metadata.json", "pipx upgrade awsenv-shell", "pipx uninstall awsenv-shell"),
    "Homebrew": ("Cellar/awsenv-shell/1/libexec", "x", "brew upgrade awsenv-shell", "brew uninstall awsenv-shell"),
    "Scoop": ("scoop/apps/awsenv-shell/1/venv", "x", "scoop update awsenv-shell", "scoop uninstall awsenv-shell"),
}


@pytest.mark.parametrize("name", INSTALLERS)
def test_the_tool_that_installed_it_is_named(name: str, tmp_path: Path) -> None:
    directory, file, upgrade, remove = INSTALLERS[name]
    prefix = tmp_path / directory
    prefix.mkdir(parents=True)
    (prefix / file).touch()
    assert installer.installed_by(str(prefix)) == (name, upgrade, remove)


def test_winget_is_recognised_by_the_path_of_the_package(tmp_path: Path) -> None:
    package = "C/Users/ada/AppData/Local/Microsoft/WinGet/Packages/awsenv/lib/awsenv/system/installer.py"
    found = installer.installed_by(str(tmp_path), package)
    assert found == ("winget", "winget upgrade awsenv.awsenv-shell", "winget uninstall awsenv.awsenv-shell")


def set_direct_url(text: str | None, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the direct_url.json of the distribution (PEP 610)."""

    class Distribution(metadata.PathDistribution):
        def read_text(self, filename: object) -> str | None:
            return text

    monkeypatch.setattr(metadata, "distribution", lambda name: Distribution(directory))


@pytest.mark.parametrize("checkout", ["a check out", None], ids=["from a checkout", "from a release"])
def test_install_sh_is_named_with_its_place(
    checkout: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct_url = None
    if checkout:
        (tmp_path / checkout).mkdir()
        (tmp_path / checkout / "install.sh").touch()
        direct_url = json.dumps({"url": (tmp_path / checkout).as_uri(), "dir_info": {}})
    set_direct_url(direct_url, tmp_path, monkeypatch)
    found = installer.installed_by(str(tmp_path / "share" / "awsenv" / "venv"))
    assert found.name == "install.sh"
    if checkout:
        assert found.remove == f"sh '{tmp_path / checkout}/install.sh' --uninstall"
        assert found.upgrade == f"sh '{tmp_path / checkout}/install.sh'"
    else:
        assert found.remove.startswith(f"rm -r {tmp_path}/share/awsenv/venv ")


@pytest.mark.parametrize(
    "direct_url", [None, "", "no json", "[]", '{"url": 1, "dir_info": {}}', '{"url": "https://x/y"}']
)
def test_an_odd_direct_url_means_a_release(
    direct_url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_direct_url(direct_url, tmp_path, monkeypatch)
    found = installer.installed_by(str(tmp_path))
    assert found.name == "pip"
    assert found.upgrade.endswith(" -m pip install --upgrade awsenv-shell")
    assert found.remove.endswith(" -m pip uninstall awsenv-shell")
