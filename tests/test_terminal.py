"""What a person sees and types: real interactive shells in a pty, looked at through a terminal emulator."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pexpect
import pyte
import pytest
from conftest import Clock, Home, need
from test_integration import LOAD

START = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], "PS1='READY> '; bind 'set enable-bracketed-paste off'"),
    "zsh": (["zsh", "-f", "-i"], "PROMPT='READY> '; unsetopt zle prompt_cr prompt_sp"),
    "fish": (["fish", "--no-config", "-i"], "function fish_prompt; echo -n 'READY> '; end"),
    "powershell": (["pwsh", "-NoProfile", "-Interactive"], "function prompt { 'READY> ' }"),
}
SHELLS = list(START)


class Terminal:
    """An interactive shell and its screen.

    Args:
        shell: a name of START.
        home: in which it is started.
        init: options of `awsenv init`, or None to start without the integration.
        clock: what the shell and its children take the time from; `move` moves it.
        setup: lines to type before the integration is loaded.
        more: variables of the environment. Without NO_COLOR="" there are no colors.
    """

    def __init__(
        self, shell: str, home: Home, *, init: str | None = "", clock: Clock | None = None, setup: str = "", **more: str
    ) -> None:
        command, prompt = START[shell]
        program = os.environ.get("AWSENV_TEST_PWSH") if shell == "powershell" else None
        program = need(f"the shell {shell}", program or shutil.which(command[0]))
        self.shell = shell
        self.screen = pyte.Screen(200, 60)
        self._stream = pyte.ByteStream(self.screen)
        environment = home.environment(**{"NO_COLOR": "1"} | (clock.environment if clock else {}) | more)
        self._child = pexpect.spawn(
            program, command[1:], env=environment, cwd=str(home.path), dimensions=(60, 200), timeout=30
        )
        # as a terminal does when it is asked where the cursor is: fzf and .NET wait for that
        self.screen.write_process_input = self.send  # type: ignore[method-assign]
        self._marker = 0
        self._clock = clock
        self.type(prompt)
        if setup:
            self.type(setup)
        if init is not None:
            self.type(LOAD[shell].replace(f"init {shell}", f"init {shell} {init}".rstrip()))

    @property
    def pid(self) -> int:
        """The shell's process."""
        return int(self._child.pid)

    def send(self, text: str) -> None:
        """Type something without waiting."""
        self._child.send(text)

    def type(self, line: str) -> str:
        """Type a line and wait until the shell has done it; the status, and what is on the screen."""
        self.send(line + "\r")
        return self.settle()

    def settle(self) -> str:
        """Wait for the shell to have done all that was typed; the screen's text."""
        self._marker += 1
        # the marker in two pieces: what is typed is echoed, and must not be taken for the answer
        self.send(f"echo DONE'-'{self._marker}\r")
        self.until(f"DONE-{self._marker}")
        return self.text

    def ready(self) -> str:
        """Wait for the shell to have done all that was typed, and to show its prompt; the prompt's line."""
        self.settle()
        return self.prompt()

    def enter(self) -> str:
        """Press Enter at the prompt; the new prompt's line."""
        self.send("\r")
        return self.ready()

    def prompt(self) -> str:
        """Wait for the prompt; its line."""
        self._read(lambda: self.text.endswith("READY>"), "a prompt")
        return self.text.splitlines()[-1]

    def color_of(self, text: str) -> str:
        """The foreground color of a text in the prompt's line."""
        row = len(self.text.splitlines()) - 1
        cell = self.screen.buffer[row][self.screen.display[row].index(text)]
        return f"{cell.fg}{' reverse' if cell.reverse else ''}"

    def move(self, minutes: float) -> None:
        """Move the clock to that many minutes after now, also while the prompt waits."""
        assert self._clock
        self._clock.move(f"+{round(minutes * 60)}")

    def until(self, text: str, seconds: float = 30) -> None:
        """Read until a text is on the screen."""
        self._read(lambda: text in self.text, repr(text), seconds)

    def _read(self, done: Callable[[], bool], what: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                pytest.fail(f"{self.shell}: {what} does not appear:\n{self.text}")
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=0.2))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                pytest.fail(f"{self.shell} ended while waiting for {what}:\n{self.text}")

    def show(self, variable: str) -> str:
        """The value of an environment variable."""
        line = {"powershell": f'"VALUE" + "=$env:{variable}."'}.get(self.shell, f"echo VALUE'='\"${variable}.\"")
        self.type(line)
        return self.text.split("VALUE=")[-1].split(".")[0]

    def status(self) -> str:
        line = {"fish": "echo CODE'='$status.", "powershell": '"CODE" + "=$LASTEXITCODE."'}
        self.send(line.get(self.shell, "echo CODE'='$?.") + "\r")
        self.settle()
        return self.text.split("CODE=")[-1].split(".")[0]

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def close(self) -> None:
        with suppress(pexpect.ExceptionPexpect):  # a busy machine takes longer to bury it than pexpect waits
            self._child.close(force=True)


@contextmanager
def terminal(
    shell: str, home: Home, *, init: str | None = "", clock: Clock | None = None, setup: str = "", **more: str
) -> Iterator[Terminal]:
    opened = Terminal(shell, home, init=init, clock=clock, setup=setup, **more)
    try:
        yield opened
    finally:
        opened.close()


def shows_the_segment(person: Terminal) -> None:
    """Once, and on every prompt from the third on at the latest: a hook that comes after ours may need one prompt more."""
    person.type("awsenv assume user1")
    person.enter()
    person.screen.reset()
    for _ in range(3):
        person.enter()
    for line in person.text.splitlines():
        if "READY>" in line:
            assert line.count("user1 ") == 1, person.text


@contextmanager
def silent_server() -> Iterator[str]:
    """An endpoint that takes the connection and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        stop = threading.Event()
        taken: list[socket.socket] = []

        def accept() -> None:
            server.settimeout(0.1)
            while not stop.is_set():
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()
            for connection in taken:
                connection.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_assume_says_who_and_how_long_and_changes_the_shell(shell: str, home: Home) -> None:
    with terminal(shell, home) as person:
        assert "awsenv: project1: " in person.type("awsenv assume project1")
        assert "left, eu-central-1" in person.text
        assert person.show("AWSENV_PROFILE") == "project1"
        person.type("awsenv clear")
        assert person.show("AWSENV_PROFILE") == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_ctrl_c_while_sts_is_silent_changes_nothing(shell: str, home: Home) -> None:
    with silent_server() as url, terminal(shell, home, AWS_ENDPOINT_URL_STS=url) as person:
        if shell == "powershell":
            person.type("$env:AWS_REGION = 'mine'")
        else:
            person.type("set -gx AWS_REGION mine" if shell == "fish" else "export AWS_REGION=mine")
        person.send("awsenv assume project1\r")
        time.sleep(2)  # until it waits for the answer; there is nothing to see that says so
        person.send("\x03")
        if shell == "powershell":  # which ends its programs itself, perhaps before they have said anything
            person.until("^C")
            person.prompt()
        else:
            person.until("interrupted")
            assert person.status() == "130"
        assert person.show("AWSENV_PROFILE") == ""
        assert person.show("AWS_REGION") == "mine"
        assert "Traceback" not in person.text


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_ctrl_c_in_the_raw_line_leaves_a_failure(shell: str, home: Home) -> None:
    with silent_server() as url, terminal(shell, home, AWS_ENDPOINT_URL_STS=url) as person:
        person.send('eval "$(awsenv assume project1)"\r')
        time.sleep(2)
        person.send("\x03")
        person.until("interrupted")
        # zsh, itself interrupted while it reads from $( ), says 130 or 1, as chance will have it
        assert person.status() in ({"130"} if shell == "bash" else {"130", "1"})
        assert person.show("AWSENV_PROFILE") == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_without_a_name_a_numbered_list_is_offered(shell: str, home: Home, tmp_path: Path) -> None:
    with terminal(shell, home, PATH=without_fzf(home, tmp_path)) as person:
        person.send("awsenv assume\r")
        person.until("profile (number or name):")
        assert "2  project1" in person.text
        person.send("nope\r")
        person.until("there is no profile 'nope'")
        person.send("2\r")
        person.until("awsenv: project1: ")
        assert person.show("AWSENV_PROFILE") == "project1"


def test_a_name_will_do_for_a_number_and_an_empty_answer_ends_it(home: Home, tmp_path: Path) -> None:
    with terminal("bash", home, PATH=without_fzf(home, tmp_path)) as person:
        person.send("awsenv assume\r")
        person.until("profile (number or name):")
        person.send("project1\r")
        person.until("awsenv: project1: ")
        person.send("clear; awsenv assume\r")
        person.until("profile (number or name):")
        person.send("\r")
        person.until("no profile was chosen")
        assert person.show("AWSENV_PROFILE") == "project1"


def test_ctrl_c_in_the_list_is_130(home: Home, tmp_path: Path) -> None:
    with terminal("bash", home, PATH=without_fzf(home, tmp_path)) as person:
        person.send("awsenv assume\r")
        person.until("profile (number or name):")
        person.send("\x03")
        person.until("interrupted")
        assert person.status() == "130"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_with_fzf_it_is_fzf(shell: str, home: Home) -> None:
    need("fzf", shutil.which("fzf"))
    with terminal(shell, home) as person:
        person.send("awsenv assume\r")
        person.until("profile>")
        person.send("chained")
        person.until("1/")
        person.send("\r")
        person.until("awsenv: chained: ")
        assert person.show("AWSENV_PROFILE") == "chained"
        person.send("awsenv assume\r")
        person.until("profile>")
        person.send("\x03")
        person.until("no profile was chosen")
        assert person.show("AWSENV_PROFILE") == "chained"


def test_the_name_that_is_typed_comes_before_a_role_of_that_name(home: Home) -> None:
    need("fzf", shutil.which("fzf"))
    role = home.config.read_text().partition("[profile project1]\n")[2].partition("\n\n")[0]
    other = role.replace("000000000000:role/project1", "222222222222:role/dev")
    home.config.write_text(f"[profile prod-ci]\n{other}\n\n[profile dev]\n{role}\n")
    with terminal("bash", home) as person:
        person.send("awsenv assume\r")
        person.until("profile>")
        person.send("dev")
        person.until("1/")
        person.send("\r")
        person.until("awsenv: dev: ")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_bare_program_on_a_terminal_shows_no_secret_but_the_line_to_type(shell: str, home: Home) -> None:
    with terminal(shell, home) as person:
        bare = {"powershell": "& (Get-Command awsenv -CommandType Application).Source"}.get(shell, "command awsenv")
        text = person.type(f"{bare} assume project1")
        line = {
            "fish": "awsenv assume project1 | source",
            "powershell": "awsenv assume project1 | Out-String | Invoke-Expression",
        }.get(shell, 'eval "$(awsenv assume project1)"')
        assert f"type: {line}" in text
        assert "AWS_SECRET_ACCESS_KEY" not in text
        assert not list(home.cache.glob("*"))  # and nobody was asked


def with_mfa(home: Home) -> None:
    """The profile mfa: project1 with a code. ministack takes any; what matters is where question and answer go."""
    project1 = home.config.read_text().partition("[profile project1]\n")[2].partition("\n\n")[0]
    serial = "mfa_serial = arn:aws:iam::000000000000:mfa/user1"
    home.config.write_text(f"{home.config.read_text()}\n[profile mfa]\n{serial}\n{project1}\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_question_reaches_the_person_in_every_shell(shell: str, home: Home) -> None:
    """What runs inside a substitution or a pipe of an interactive shell is in the foreground of its terminal."""
    with_mfa(home)
    raw = {"fish": "command awsenv assume mfa --refresh | source"}.get(
        shell, 'eval "$(command awsenv assume mfa --refresh)"'
    )
    with terminal(shell, home) as person:
        for line in ["awsenv assume mfa", *([] if shell == "powershell" else [raw])]:
            person.send(line + "\r")
            person.until("Enter MFA code for arn:aws:iam::000000000000:mfa/user1:")
            person.send("123456\r")
            person.until("awsenv: mfa: ")
            person.type("clear")
        assert person.show("AWSENV_PROFILE") == "mfa"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_in_the_background_nobody_is_asked(shell: str, home: Home) -> None:
    """To read from the terminal would stop it there for good."""
    with_mfa(home)
    with terminal(shell, home) as person:
        person.type("command awsenv assume mfa --format json >/dev/null &")
        person.until("there is no terminal to ask on")
        person.type("wait")
        assert "topped" not in person.type("jobs")


def test_an_mfa_code_is_asked_on_the_terminal_and_not_in_the_snippet(home: Home) -> None:
    with_mfa(home)
    with terminal("bash", home) as person:
        person.send('eval "$(command awsenv assume mfa)"\r')
        person.until("Enter MFA code for arn:aws:iam::000000000000:mfa/user1:")
        person.send("\r")
        person.until("not an MFA code of six digits")
        person.send('eval "$(command awsenv assume mfa)"\r')
        time.sleep(1)
        person.send("123456\r")
        person.until("awsenv: mfa: ")
        assert person.show("AWSENV_PROFILE") == "mfa"
    home.cache.joinpath(next(home.cache.iterdir()).name).unlink()
    said = home.awsenv("assume", "mfa", "--shell", "bash")
    assert said.returncode == 1
    assert "no terminal to ask on" in said.stderr


def without_fzf(home: Home, tmp_path: Path) -> str:
    """A PATH on which there is everything but fzf."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("env", "cat", "test", "readlink", "dirname"):
        folder.joinpath(name).symlink_to(str(shutil.which(name)))
    return f"{home.environment()['PATH'].split(':')[0]}:{folder}"
