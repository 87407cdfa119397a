"""The snippets of docs/prompts.md, read from that page and run in real shells, prompts and status lines."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte
import pytest
from support.environment import assumed
from support.homes import Home
from support.programs import need
from support.shells import INTERACTIVE, LOAD
from support.strace import starts_no_process, strace
from support.terminal import Terminal, terminal
from support.zsh_themes import POWERLEVEL10K, SPACESHIP

PAGE = Path(__file__).parent.parent / "docs" / "prompts.md"
HEADING = {"bash": "bash", "zsh": "zsh", "fish": "fish", "powershell": "PowerShell"}

#: A name that every prompt would expand if it were not data.
ODD = "p%n\\u$(touch CANARY)`touch CANARY`#[fg=red]#{host}"


def snippets(heading: str, language: str) -> list[str]:
    """The code blocks of a language under a heading of the page."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def snippet(heading: str, language: str) -> str:
    blocks = snippets(heading, language)
    assert len(blocks) == 1, f"{heading}: {len(blocks)} blocks of {language}"
    return blocks[0]


def exported(name: str = "project1", left: int = 42 * 60 + 55) -> dict[str, str]:
    """The variables that `awsenv assume` exports, with those that starship reads."""
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + left))
    return assumed(left, AWSENV_PROFILE=name, AWSUME_PROFILE=name, AWS_CREDENTIAL_EXPIRATION=expiration)


def integration(shell: str) -> str:
    return LOAD[shell].replace(f"init {shell}", f"init {shell} --no-segment") + "\n"


@contextmanager
def terminal_with(shell: str, home: Home, start_up: str, **more: str) -> Iterator[Terminal]:
    """A terminal whose shell has read a start-up file."""
    file = home.path / ("start.ps1" if shell == "powershell" else "start")
    file.write_text(start_up, encoding="utf-8")
    with terminal(shell, home, init=None, LC_ALL="C.UTF-8", **more) as tty:
        tty.type(f". {file}" if shell != "fish" else f"source {file}")
        yield tty


def export_name(tty: Terminal, name: str) -> None:
    """Export another profile name."""
    line = {"fish": f"set -gx AWSENV_PROFILE {name}", "powershell": f"$env:AWSENV_PROFILE = '{name}'"}
    tty.send(line.get(tty.shell, f"export AWSENV_PROFILE={name}") + "\r")


def press_enter_until(tty: Terminal, expected: str, *, gone: bool = False) -> None:
    """Press Enter on an empty screen, and wait until a text is shown, or is no longer shown."""
    tty.settle()
    tty.screen.reset()
    tty.send("\r")
    if gone:
        tty.settle()
        assert expected not in tty.text
    else:
        tty.until(expected)


def check_segment(tty: Terminal, home: Home, odd: str = ODD) -> None:
    """The segment is shown, changes at the next prompt, and disappears after `clear`."""
    press_enter_until(tty, f"{odd} 42m")
    assert not list(home.path.rglob("CANARY"))
    export_name(tty, "other")
    tty.until("other 42m")  # without another Enter
    tty.type("awsenv clear")
    press_enter_until(tty, "42m", gone=True)


def check_no_process(tty: Terminal, directory: Path) -> None:
    """The shell starts no process while it shows ten prompts."""
    with starts_no_process(tty.pid, directory / "trace"):
        for _ in range(10):
            tty.send("\r")
        tty.settle()


# --- the shells themselves --------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_plain_prompt_shows_the_segment(shell: str, lone: Home) -> None:
    lines = integration(shell) + snippet(HEADING[shell], shell)
    with terminal_with(shell, lone, lines, **exported(ODD)) as tty:
        check_no_process(tty, lone.path)
        check_segment(tty, lone)


@pytest.mark.shell
def test_the_right_prompt_of_zsh_shows_the_segment(lone: Home) -> None:
    right = re.search(r"`(RPROMPT=.*?)` shows it", PAGE.read_text(encoding="utf-8"))
    assert right
    with terminal_with(
        "zsh", lone, f"{integration('zsh')}setopt zle prompt_subst\n{right[1]}\n", **exported(ODD)
    ) as tty:
        check_segment(tty, lone)


# --- starship ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def on_path(lone: Home, starship: str) -> dict[str, str]:
    """The variables with which starship finds its settings and the shell finds starship."""
    path = f"{Path(starship).parent}:{lone.environment()['PATH']}"
    return {"PATH": path, "STARSHIP_CONFIG": str(lone.path / "starship.toml")}


def configure_starship(home: Home, module: str, settings: str) -> None:
    """Configure a prompt of one module and a `>`."""
    head = f"add_newline = false\nformat = '${module}> '\n"
    (home.path / "starship.toml").write_text(head + settings, encoding="utf-8")


def through_starship(shell: str) -> str:
    """ODD as starship shows it: for bash it escapes `$` as `\\$`, which bash shows as `#` to root."""
    return ODD.replace("$", "#") if shell == "bash" and os.getuid() == 0 else ODD


def toml(table: str) -> str:
    return next(code for code in snippets("starship", "toml") if code.startswith(f"[{table}]\n"))


STARSHIP = {
    "bash": 'eval "$(starship init bash)"\n',
    "zsh": 'eval "$(starship init zsh)"\n',
    "fish": "starship init fish | source\n",
    # stubs for PSReadLine and a module that the PowerShell of these tests may not have
    "powershell": "function Set-PSReadLineOption {}; function Set-PSReadLineKeyHandler {}; function Get-Random { 65 }\n"
    "function Get-PSReadLineOption { @{ PredictionViewStyle = 0 } }\n"
    "class NoReadLine { static [bool] InViCommandMode() { return $false } }\n"
    "[psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Add("
    "'Microsoft.PowerShell.PSConsoleReadLine', [NoReadLine])\n"
    "Invoke-Expression (&starship init powershell)\n",
}


@pytest.mark.shell
@pytest.mark.parametrize("shell", STARSHIP)
def test_the_aws_module_of_starship_shows_the_session(shell: str, lone: Home, on_path: dict[str, str]) -> None:
    default = "[aws]\nsymbol = ''\n"  # the default without the cloud, which pyte cannot show
    for settings, good, expired in ((default, "[42m", "[X]"), (toml("aws"), "42m", "expired")):
        configure_starship(lone, "aws", settings)
        with terminal_with(shell, lone, STARSHIP[shell], **on_path, **exported()) as tty:
            press_enter_until(tty, f"project1 {good}")
        with terminal_with(shell, lone, STARSHIP[shell], **on_path, **exported(left=-9)) as tty:
            press_enter_until(tty, f"project1 {expired}")


@pytest.mark.shell
@pytest.mark.parametrize("shell", STARSHIP)
def test_starship_shows_the_exported_segment(shell: str, lone: Home, on_path: dict[str, str]) -> None:
    configure_starship(lone, "{env_var.AWSENV_SEGMENT}", toml("env_var.AWSENV_SEGMENT"))
    if shell in ("bash", "zsh"):
        lines = snippet("starship", "bash").replace("bash", shell)
    else:
        lines = integration(shell) + snippet("starship", shell) + STARSHIP[shell]
    with terminal_with(shell, lone, lines, **on_path, **exported(ODD)) as tty:
        check_segment(tty, lone, through_starship(shell))


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_starship_may_be_loaded_first_except_in_bash(shell: str, lone: Home, on_path: dict[str, str]) -> None:
    configure_starship(lone, "{env_var.AWSENV_SEGMENT}", toml("env_var.AWSENV_SEGMENT"))
    export = "export AWSENV_SEGMENT\n" if shell == "zsh" else snippet("starship", shell)
    lines = STARSHIP[shell] + export + integration(shell)
    with terminal_with(shell, lone, lines, **on_path, **exported(ODD)) as tty:
        check_segment(tty, lone, through_starship(shell))


@pytest.mark.shell
def test_starship_loaded_first_in_bash_shows_the_previous_segment(lone: Home, on_path: dict[str, str]) -> None:
    """This is why the page requires the other order."""
    configure_starship(lone, "{env_var.AWSENV_SEGMENT}", toml("env_var.AWSENV_SEGMENT"))
    lines = f"{STARSHIP['bash']}{integration('bash')}export AWSENV_SEGMENT\n"
    with terminal_with("bash", lone, lines, **on_path, **exported()) as tty:
        press_enter_until(tty, "project1 42m")
        export_name(tty, "other")
        tty.send("echo THE'-'END\r")
        tty.until("THE-END")
        assert "other 42m" not in tty.text.partition("THE-END")[0]


@pytest.mark.shell
@pytest.mark.parametrize("order", ["before", "after", "without"])
@pytest.mark.parametrize("shell", STARSHIP)
def test_starship_shows_awsenv_prompt(shell: str, order: str, lone: Home, on_path: dict[str, str]) -> None:
    """With its colors, wherever our line is: the segment comes from the environment."""
    configure_starship(lone, "{custom.awsenv}", toml("custom.awsenv"))
    lines = {
        "before": integration(shell) + STARSHIP[shell],
        "after": STARSHIP[shell] + integration(shell),
        "without": STARSHIP[shell],
    }
    with terminal_with(shell, lone, lines[order], **on_path, **exported(ODD), NO_COLOR="") as tty:
        odd = through_starship(shell)
        press_enter_until(tty, f"{odd} 42m")
        row = next(n for n, line in enumerate(tty.screen.display) if odd in line)
        assert tty.screen.buffer[row][0].fg == "green"
        export_name(tty, "other")
        tty.until("other 42m")
        clear = {"fish": "awsenv clear | source", "powershell": "awsenv clear | Out-String | Invoke-Expression"}
        tty.type(clear.get(shell, 'eval "$(awsenv clear)"'))
        press_enter_until(tty, "42m", gone=True)
    assert not list(lone.path.rglob("CANARY"))


@pytest.mark.shell
@pytest.mark.parametrize("order", ["before", "after"])
def test_starship_in_zsh_has_the_segment_on_its_line(order: str, lone: Home, on_path: dict[str, str]) -> None:
    settings = next(code for code in snippets("starship", "toml") if code.startswith("add_newline"))
    (lone.path / "starship.toml").write_text(settings, encoding="utf-8")
    lines = [f"{LOAD['zsh']}\n", STARSHIP["zsh"]]
    with terminal_with(
        "zsh", lone, "".join(lines if order == "before" else lines[::-1]), **on_path, **exported()
    ) as tty:
        press_enter_until(tty, "project1 42m ")
        assert re.search(r"^project1 42m \S", tty.text, re.MULTILINE)


@pytest.mark.shell
def test_starship_hides_the_output_of_a_failing_command(lone: Home, starship: str, on_path: dict[str, str]) -> None:
    """This is why `awsenv prompt` always exits with 0."""
    for command, shown in (("awsenv prompt", "project1 42m"), ("awsenv prompt; exit 3", "")):
        configure_starship(
            lone, "{custom.awsenv}", toml("custom.awsenv").replace("awsenv prompt --format ansi", command)
        )
        result = subprocess.run(
            ["starship", "module", "custom.awsenv"],
            env=lone.environment(**on_path, **exported()),
            executable=starship,
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout.strip() == shown


@pytest.mark.shell
def test_awsenv_prompt_in_starship_starts_two_processes(lone: Home, starship: str, on_path: dict[str, str]) -> None:
    configure_starship(lone, "{custom.awsenv}", toml("custom.awsenv"))
    log = lone.path / "log"
    command = [*strace("execve", log), starship, "module", "custom.awsenv"]
    subprocess.run(command, env=lone.environment(**on_path, **exported()), capture_output=True, check=True)
    started = re.findall(r"execve\(\"([^\"]+)\".* = 0$", log.read_text(), re.MULTILINE)
    assert [Path(program).name for program in started] == ["starship", "sh", "awsenv"]


# --- oh-my-zsh, powerlevel10k, oh-my-posh: models of their documented interfaces --------------------------------------

#: oh-my-zsh: lib/theme-and-appearance.zsh sets the option, and a theme sets PROMPT.
OH_MY_ZSH = "setopt prompt_subst\nPROMPT='%~ > '\n"

#: oh-my-posh: `init SHELL`. A program that sees the environment alone makes the prompt: in zsh in a hook, in bash when
#: the prompt is shown (the hook comes first of all, and calls set_poshcontext), in fish and PowerShell in their function.
OH_MY_POSH = {
    "zsh": "set_poshcontext() { return }\n"
    '_omp_precmd() { set_poshcontext; unsetopt prompt_subst; PS1="${$(printenv POSH_AWSENV)//\\%/%%} > " }\n'
    "autoload -Uz add-zsh-hook\nadd-zsh-hook precmd _omp_precmd\n",
    "bash": "set_poshcontext() { return; }\n_omp_hook() { set_poshcontext; PS1='$(printenv AWSENV_SEGMENT) > '; }\n"
    'PROMPT_COMMAND=(_omp_hook "${PROMPT_COMMAND[@]}")\n',
    "fish": "function set_poshcontext; return; end\n"
    "function fish_prompt; set_poshcontext; printenv POSH_AWSENV | string collect; printf ' > '; end\n",
    "powershell": "New-Module -Name posh -ScriptBlock {\n"
    "  function Set-PoshContext {}\n"
    '  function prompt { Set-PoshContext; "$(& printenv POSH_AWSENV) > " }\n'
    "  Export-ModuleMember -Function prompt\n} | Import-Module -Global\n",
}


ZSH_THEMES = {"oh-my-zsh": OH_MY_ZSH, "powerlevel10k": POWERLEVEL10K, "spaceship": SPACESHIP}


@pytest.mark.shell
@pytest.mark.parametrize("theme", ZSH_THEMES)
def test_a_theme_of_zsh_shows_the_segment(theme: str, lone: Home) -> None:
    lines = integration("zsh") + ZSH_THEMES[theme] + snippet(theme, "zsh")
    with terminal_with("zsh", lone, lines, **exported(ODD)) as tty:
        if theme != "spaceship":  # its own prompt starts a subshell
            check_no_process(tty, lone.path)
        check_segment(tty, lone)


@pytest.mark.shell
@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("shell", OH_MY_POSH)
def test_oh_my_posh_shows_the_segment(shell: str, order: str, lone: Home) -> None:
    template = json.loads(snippet("oh-my-posh", "json"))["template"]
    assert template == "{{ if .Env.POSH_AWSENV }}{{ .Env.POSH_AWSENV }} {{ end }}"
    lines = [integration(shell), OH_MY_POSH[shell] + snippet("oh-my-posh", shell)]
    with terminal_with(shell, lone, "".join(lines if order == "before" else lines[::-1]), **exported(ODD)) as tty:
        check_segment(tty, lone)


# --- tmux -------------------------------------------------------------------------------------------------------------


class Tmux:
    """A tmux server of its own, and a terminal that is attached to it."""

    def __init__(self, home: Home, shell: str, start_up: str, settings: str, **more: str) -> None:
        self._program = need("tmux", shutil.which("tmux"))
        self.directory = tempfile.mkdtemp(prefix="awsenv-tmux-")  # a short path: that of a socket has at most 108 bytes
        start = home.path / "start"
        start.write_text(start_up, encoding="utf-8")
        command = {
            "bash": f"bash --noprofile --rcfile {start} -i",
            "zsh": f"ZDOTDIR={home.path} zsh -i",
            "fish": f"fish --no-config -i -C 'source {start}'",
        }
        (home.path / ".zshrc").write_text(start_up, encoding="utf-8")
        need(f"the shell {shell}", shutil.which(shell))
        file = home.path / "tmux.conf"
        file.write_text(f'set -g default-command "{command[shell]}"\nset -g status-right-length 100\n{settings}')
        self._environment = home.environment(LC_ALL="C.UTF-8", TMUX_TMPDIR=self.directory, **more)
        self.screen = pyte.Screen(160, 20)
        self._stream = pyte.ByteStream(self.screen)
        self._child = pexpect.spawn(
            self._program,
            ["-f", str(file)],
            env=self._environment,
            cwd=str(home.path),
            dimensions=(20, 160),
            timeout=30,
        )

    def __call__(self, *args: str) -> str:
        done = subprocess.run([self._program, *args], env=self._environment, capture_output=True, text=True, check=True)
        return done.stdout

    def type(self, line: str) -> None:
        self("send-keys", "-l", line)
        self("send-keys", "Enter")

    @property
    def status_line(self) -> str:
        return self.screen.display[-1].rstrip()

    def until(self, expected: str, *, gone: bool = False) -> None:
        """Wait until the status line has a text, or no longer has it."""
        deadline = time.monotonic() + 30
        while (expected in self.status_line) == gone:
            if time.monotonic() > deadline:
                pytest.fail(f"{expected!r} is {'still' if gone else 'not'} shown:\n" + "\n".join(self.screen.display))
            try:
                self._stream.feed(self._child.read_nonblocking(65536, timeout=0.2))
            except pexpect.TIMEOUT:
                continue

    def color_of(self, text: str) -> str:
        return str(self.screen.buffer[19][self.screen.display[-1].index(text)].fg)

    def close(self) -> None:
        subprocess.run([self._program, "kill-server"], env=self._environment, capture_output=True, check=False)
        self._child.close(force=True)
        shutil.rmtree(self.directory, ignore_errors=True)


@contextmanager
def tmux(home: Home, shell: str, start_up: str, settings: str, **more: str) -> Iterator[Tmux]:
    opened = Tmux(home, shell, start_up, settings, **more)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_tmux_pane_title_shows_the_segment(shell: str, lone: Home) -> None:
    title, _ = snippets("tmux", "tmux")
    lines = integration(shell) + snippet("tmux", shell)
    with tmux(lone, shell, lines, title, **exported(ODD)) as screen:
        screen.until(f"{ODD} 42m")
        screen.type("set -gx AWSENV_PROFILE other" if shell == "fish" else "export AWSENV_PROFILE=other")
        screen.until("other 42m")
        screen("new-window")  # it inherits the environment of the server
        screen.until(f"{ODD} 42m")
        screen("last-window")
        screen.until("other 42m")
        screen.type("awsenv clear")
        screen.until("42m", gone=True)
    assert not list(lone.path.rglob("CANARY"))


@pytest.mark.shell
def test_awsenv_prompt_in_the_tmux_status_line_uses_the_environment_of_tmux(lone: Home) -> None:
    _, command = snippets("tmux", "tmux")
    with tmux(lone, "bash", integration("bash"), command, **exported(ODD)) as screen:
        screen.until(f"{ODD} 42m")
        assert screen.color_of(ODD) == "green"
        screen.type("awsenv clear; echo THE'-'END")
        screen("refresh-client", "-S")
        while "THE-END" not in screen("capture-pane", "-p"):
            time.sleep(0.05)
        screen("refresh-client", "-S")
        screen.until(f"{ODD} 42m")


def test_every_heading_of_the_table_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for heading in re.findall(r"\(#([a-z0-9-]+)\)", text):
        assert f"\n## {heading}\n" in text.lower()
