"""awsenv in a real interactive shell: assume, Ctrl-C, the picker, prompts."""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from support.environment import PATIENCE
from support.homes import Home
from support.programs import BIN, need
from support.servers import silent_server
from support.shells import INTERACTIVE, SHELLS
from support.terminal import Terminal, terminal

pytestmark = pytest.mark.shell


def open_list(tty: Terminal) -> None:
    tty.send("awsenv assume\r")
    tty.until("profile (number or name):")


def open_fzf(tty: Terminal) -> None:
    tty.send("awsenv assume\r")
    tty.until("profile>")


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_assume_prints_profile_and_time_left_and_changes_the_shell(shell: str, home: Home) -> None:
    with terminal(shell, home) as tty:
        assert "awsenv: project1: " in tty.type("awsenv assume project1")
        assert "left, eu-central-1" in tty.text
        assert tty.show("AWSENV_PROFILE") == "project1"
        tty.type("awsenv clear")
        assert tty.show("AWSENV_PROFILE") == ""


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_ctrl_c_while_sts_is_silent_changes_nothing(shell: str, home: Home) -> None:
    connected = threading.Event()
    with silent_server(connected) as url, terminal(shell, home, AWS_ENDPOINT_URL_STS=url) as tty:
        if shell == "powershell":
            tty.type("$env:AWS_REGION = 'mine'")
        else:
            tty.type("set -gx AWS_REGION mine" if shell == "fish" else "export AWS_REGION=mine")
        tty.send("awsenv assume project1\r")
        assert connected.wait(PATIENCE)
        tty.send("\x03")
        if shell == "powershell":  # it kills its programs itself, perhaps before they print anything
            tty.until("^C")
            tty.prompt()
        else:
            tty.until("interrupted")
            assert tty.status() == "130"
        assert tty.show("AWSENV_PROFILE") == ""
        assert tty.show("AWS_REGION") == "mine"
        assert "Traceback" not in tty.text


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_ctrl_c_in_the_raw_line_leaves_a_failure(shell: str, home: Home) -> None:
    connected = threading.Event()
    with silent_server(connected) as url, terminal(shell, home, AWS_ENDPOINT_URL_STS=url) as tty:
        tty.send('eval "$(awsenv assume project1)"\r')
        assert connected.wait(PATIENCE)
        tty.send("\x03")
        tty.until("interrupted")
        # zsh is interrupted itself while it reads from $( ): its status is 130 or 1, by chance
        assert tty.status() in ({"130"} if shell == "bash" else {"130", "1"})
        assert tty.show("AWSENV_PROFILE") == ""


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_assume_without_a_name_offers_a_numbered_list(shell: str, home: Home, tmp_path: Path) -> None:
    with terminal(shell, home, PATH=without_fzf(home, tmp_path)) as tty:
        open_list(tty)
        assert "2  project1" in tty.text
        tty.send("nope\r")
        tty.until("there is no profile 'nope'")
        tty.send("2\r")
        tty.until("awsenv: project1: ")
        assert tty.show("AWSENV_PROFILE") == "project1"


def test_a_broken_fzf_falls_back_to_the_numbered_list(home: Home, tmp_path: Path) -> None:
    path = without_fzf(home, tmp_path)
    broken = tmp_path / "bin" / "fzf"
    broken.write_bytes(b"\x7fELF of another machine")
    broken.chmod(0o755)
    with terminal("bash", home, PATH=path) as tty:
        open_list(tty)
        tty.send("2\r")
        tty.until("awsenv: project1: ")


def test_the_list_accepts_a_name_and_ends_on_an_empty_answer(home: Home, tmp_path: Path) -> None:
    with terminal("bash", home, PATH=without_fzf(home, tmp_path)) as tty:
        open_list(tty)
        tty.send("project1\r")
        tty.until("awsenv: project1: ")
        tty.screen.reset()
        open_list(tty)
        tty.send("\r")
        tty.until("no profile was chosen")
        assert tty.show("AWSENV_PROFILE") == "project1"


def test_ctrl_c_in_the_list_exits_with_130(home: Home, tmp_path: Path) -> None:
    with terminal("bash", home, PATH=without_fzf(home, tmp_path)) as tty:
        open_list(tty)
        tty.send("\x03")
        tty.until("interrupted")
        assert tty.status() == "130"


#: Delays each read of a terminal by a busy loop, as on a busy machine.
LATE_READ = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>
ssize_t read(int fd, void *to, size_t most) {
    ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
    struct timespec now, begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (isatty(fd))
        do clock_gettime(CLOCK_MONOTONIC, &now); while (now.tv_sec < begin.tv_sec + 2);
    return real(fd, to, most);
}
"""


def test_ctrl_c_just_before_the_read_is_not_lost(home: Home, tmp_path: Path) -> None:
    """A signal does not interrupt a read that has not begun yet."""
    compiler = need("gcc", shutil.which("gcc"))
    library, program = tmp_path / "late.so", tmp_path / "late"
    command = [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", library, "-ldl"]
    subprocess.run(command, input=LATE_READ.encode(), check=True)
    program.write_text(f'#!/bin/sh\nLD_PRELOAD={library} exec {BIN / "awsenv"} "$@"\n')
    program.chmod(0o755)
    with terminal("bash", home, PATH=without_fzf(home, tmp_path)) as tty:
        tty.type(f"__awsenv_program={program}")
        open_list(tty)
        tty.send("\x03")
        tty.until("interrupted")
        assert tty.status() == "130"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_fzf_offers_the_profiles(shell: str, home: Home) -> None:
    need("fzf", shutil.which("fzf"))
    with terminal(shell, home) as tty:
        open_fzf(tty)
        tty.send("chained")
        tty.until("1/")
        tty.send("\r")
        tty.until("awsenv: chained: ")
        assert tty.show("AWSENV_PROFILE") == "chained"
        open_fzf(tty)
        tty.send("\x03")
        tty.until("no profile was chosen")
        assert tty.show("AWSENV_PROFILE") == "chained"


def test_fzf_prefers_a_profile_name_to_a_role_of_that_name(home: Home) -> None:
    need("fzf", shutil.which("fzf"))
    role = home.config.read_text().partition("[profile project1]\n")[2].partition("\n\n")[0]
    other = role.replace("000000000000:role/project1", "222222222222:role/dev")
    home.config.write_text(f"[profile prod-ci]\n{other}\n\n[profile dev]\n{role}\n")
    with terminal("bash", home) as tty:
        open_fzf(tty)
        tty.send("dev")
        tty.until("1/")
        tty.send("\r")
        tty.until("awsenv: dev: ")


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_bare_program_on_a_terminal_shows_no_secret_but_the_line_to_type(shell: str, home: Home) -> None:
    with terminal(shell, home) as tty:
        bare = {"powershell": "& (Get-Command awsenv -CommandType Application).Source"}.get(shell, "command awsenv")
        text = tty.type(f"{bare} assume project1")
        line = {
            "fish": "awsenv assume project1 | source",
            "powershell": "awsenv assume project1 | Out-String | Invoke-Expression",
        }.get(shell, 'eval "$(awsenv assume project1)"')
        assert f"type: {line}" in text
        assert "AWS_SECRET_ACCESS_KEY" not in text
        assert not list(home.cache.glob("*"))  # no request was made


@pytest.mark.parametrize(
    ("shell", "before", "after"),
    [
        ("bash", "readonly AWS_SESSION_TOKEN", "nothing was changed; open a new shell"),
        ("zsh", "readonly AWS_SESSION_TOKEN=", "nothing was changed; open a new shell"),
        ("fish", "function f --on-variable AWSENV_KEY; set -e AWSENV_KEY; end", "does not let AWSENV_KEY be changed"),
    ],
)
def test_a_change_is_reported_after_it_is_made_and_not_if_the_shell_refuses_it(
    shell: str, before: str, after: str, home: Home
) -> None:
    raw = SHELLS[shell].evaluate.format(command="command awsenv assume project1")
    with terminal(shell, home) as tty:

        def output_of(line: str) -> str:
            tty.type("clear")
            return tty.type(line)

        for line in ("awsenv assume project1", raw, f"command awsenv assume project1 >{home.path}/snippet"):
            assert "awsenv: project1: " in output_of(line)
        assert "went on" in output_of(f"{raw} 2>/dev/full && echo went' 'on")  # nothing depends on stderr
        tty.type(before)
        for line in ("awsenv assume project1", raw):
            text = output_of(line)
            assert after in text
            assert " left" not in text


def with_mfa(home: Home) -> None:
    """Add the profile mfa: project1 with an MFA device. ministack accepts any code."""
    project1 = home.config.read_text().partition("[profile project1]\n")[2].partition("\n\n")[0]
    serial = "mfa_serial = arn:aws:iam::000000000000:mfa/user1"
    home.config.write_text(f"{home.config.read_text()}\n[profile mfa]\n{serial}\n{project1}\n")


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_prompt_reaches_the_terminal_in_every_shell(shell: str, home: Home) -> None:
    """A command substitution or a pipe of an interactive shell runs in the foreground of its terminal."""
    with_mfa(home)
    raw = {"fish": "command awsenv assume mfa --refresh | source"}.get(
        shell, 'eval "$(command awsenv assume mfa --refresh)"'
    )
    with terminal(shell, home) as tty:
        for line in ["awsenv assume mfa", *([] if shell == "powershell" else [raw])]:
            tty.send(line + "\r")
            tty.until("Enter MFA code for arn:aws:iam::000000000000:mfa/user1:")
            tty.send("123456\r")
            tty.until("awsenv: mfa: ")
            tty.type("clear")
        assert tty.show("AWSENV_PROFILE") == "mfa"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_background_job_never_prompts(shell: str, home: Home) -> None:
    """Reading from the terminal would stop it."""
    with_mfa(home)
    with terminal(shell, home) as tty:
        tty.type("command awsenv assume mfa --format json >/dev/null &")
        tty.until("there is no terminal to ask on")
        tty.type("wait")
        assert "topped" not in tty.type("jobs")


def without_fzf(home: Home, tmp_path: Path) -> str:
    """A PATH with everything but fzf."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for name in ("env", "cat", "test", "readlink", "dirname"):
        directory.joinpath(name).symlink_to(str(shutil.which(name)))
    return f"{home.environment()['PATH'].split(':')[0]}:{directory}"
