"""The prompt in fish beside other prompts, and the features of fish alone: functions as prompts, events, jobs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.clock import Clock
from support.homes import Home
from support.programs import need
from support.servers import silent_server
from support.shells import SHELLS
from support.terminal import Terminal, terminal

pytestmark = pytest.mark.shell

PROMPT = "function fish_prompt; echo -n 'READY> '; end"
OFF = "awsenv init fish --off | source"


@contextmanager
def fish(
    home: Home, before: str = "", after: str = "", *, init: str = "", clock: Clock | None = None, **more: str
) -> Iterator[Terminal]:
    """A fish that has sourced a file with our line between those of other tools."""
    rc = home.path / "rc.fish"
    rc.write_text(f"{PROMPT}\n{before}\nawsenv init fish {init} | source\n{after}\n")
    with terminal("fish", home, init=None, clock=clock, setup=f"source {rc}", **more) as tty:
        yield tty


@contextmanager
def fish_at_home(home: Home, config: str, **more: str) -> Iterator[Terminal]:
    """A fish that reads ~/.config/fish, including its functions."""
    (home.path / ".local/share/fish/generated_completions").mkdir(parents=True)  # otherwise it generates them now
    (home.path / ".config/fish/functions").mkdir(parents=True)
    (home.path / ".config/fish/config.fish").write_text(config)
    with terminal("fish", home, init=None, argv=[SHELLS["fish"].program(), "-i"], prompt="true", **more) as tty:
        yield tty


def shows_the_segment(tty: Terminal, line: str = "user1 READY>") -> None:
    """Check that the segment is on every prompt, once."""
    for _ in range(3):
        assert tty.enter() == line, tty.text
    assert "nknown command" not in tty.text


# --- prompts of other tools -------------------------------------------------------------------------------------------


def test_circular_copies_of_the_prompt_end(home: Home) -> None:
    with fish(home) as tty:
        tty.type("awsenv assume user1")
        for _ in range(3):
            tty.type("functions -e theirs; functions -c fish_prompt theirs")
            tty.type("function fish_prompt; echo -n '* '; theirs; echo -n 'READY> '; end")
            tty.enter()
        assert tty.enter().startswith("user1 * ")
        assert tty.enter().count("user1") == 1
        assert "recursi" not in tty.text


def test_the_default_prompt_shows_the_segment(home: Home) -> None:
    with fish_at_home(home, "awsenv init fish | source") as tty:
        tty.type("awsenv assume user1")
        tty.until(f"\nuser1 {'root' if home.path.owner() == 'root' else home.path.owner()}@")
        tty.type(OFF)
        tty.screen.reset()
        tty.type("true")
        assert "user1 " not in tty.text
        assert "@" in tty.text


def test_an_autoloaded_prompt_shows_the_segment(home: Home) -> None:
    with fish_at_home(home, "awsenv init fish | source") as tty:
        tty.type(f"echo {PROMPT!r} >~/.config/fish/functions/fish_prompt.fish")
        tty.type("exec fish")
        tty.type("awsenv assume user1")
        shows_the_segment(tty)
        tty.type(OFF)
        shows_the_segment(tty, "READY>")
        tty.type("awsenv init fish | source")
        shows_the_segment(tty)


def test_the_mode_and_the_right_prompt_are_left_alone(home: Home) -> None:
    config = f"{PROMPT}; function fish_right_prompt; echo -n RIGHT; end; set -g fish_key_bindings fish_vi_key_bindings"
    with fish_at_home(home, f"{config}; awsenv init fish | source") as tty:
        tty.type("awsenv assume user1")
        tty.screen.reset()
        tty.send("\r")
        tty.until("RIGHT")
        assert tty.text.splitlines()[-1].split() == ["[I]", "user1", "READY>", "RIGHT"]


def test_a_prompt_of_several_lines_begins_with_the_segment(home: Home) -> None:
    with fish(home, before="function fish_prompt; printf 'upper\\nREADY> '; end") as tty:
        tty.type("awsenv assume user1")
        assert tty.enter() == "READY>"
        assert tty.text.splitlines()[-2] == "user1 upper"


def test_the_wrapped_prompt_sees_the_original_status_and_pipestatus(home: Home) -> None:
    show = 'function fish_prompt; set -l codes $status $pipestatus; echo -n "$codes READY> "; end'
    with fish(home, before=show) as tty:
        for exported in ("", "user1 "):
            for command, codes in (
                ("true", "0 0"),
                ("sh -c 'exit 3'", "3 3"),
                ("false | sh -c 'exit 5' | true", "0 1 5 0"),
                ("true | sh -c 'exit 5'", "5 0 5"),
                ("not true | false", "0 0 1"),
            ):
                tty.settle()
                tty.send(f"{command}\r")
                tty.until(f"{exported}{codes} READY>")
            tty.type("awsenv assume user1")


# --- features of fish -------------------------------------------------------------------------------------------------


def test_an_exported_segment_stays_exported(home: Home) -> None:
    with fish(home, before="set -gx AWSENV_SEGMENT") as tty:
        tty.type("awsenv assume user1")
        assert "THEIRS=user1." in tty.type("sh -c 'echo THEIRS=$AWSENV_SEGMENT.'")


def test_the_hook_is_not_traced(home: Home, clock: Clock) -> None:
    with fish(home, clock=clock, init="--renew") as tty:
        tty.type("awsenv assume project1; set -g fish_trace 1")
        tty.screen.reset()
        tty.enter()
        assert "AWS" not in tty.text
        clock.move("+3390")
        tty.enter_until("renewed automatically")
        assert "SECRET" not in tty.text
        assert "set -gx" not in tty.text


def test_universal_variables_are_shown(home: Home) -> None:
    with fish_at_home(home, f"{PROMPT}; awsenv init fish | source") as tty:
        tty.type("set -Ux AWS_SECRET_ACCESS_KEY s; set -Ux AWS_ACCESS_KEY_ID AKIAQWERTYUIOPASGH7K")
        assert tty.ready() == "****GH7K READY>"
        tty.type("set -eU AWS_SECRET_ACCESS_KEY; set -eU AWS_ACCESS_KEY_ID")
        assert tty.ready() == "READY>"


@pytest.mark.parametrize("where", ["before", "after"])
def test_variables_from_direnv_are_in_the_same_prompt(where: str, home: Home) -> None:
    direnv = need("direnv (Debian: direnv)", shutil.which("direnv"))
    directory = home.path / "directory"
    directory.mkdir()
    (directory / ".envrc").write_text("export AWS_ACCESS_KEY_ID=AKIAQWERTYUIOPASGH7K AWS_SECRET_ACCESS_KEY=s\n")
    subprocess.run([direnv, "allow", directory], env=home.environment(), check=True)
    with fish(home, **{where: "direnv hook fish | source; set -g direnv_fish_mode disable_arrow"}) as tty:
        tty.send("cd directory\r")
        tty.until("****GH7K READY>")
        lines = tty.text[tty.text.rindex("cd directory") :].splitlines()
        assert [line for line in lines if "READY>" in line] == ["****GH7K READY>"]
        tty.send("cd ..\r")
        tty.until("unloading")
        assert tty.ready() == "READY>"


def test_production_patterns_are_not_regular_expressions(home: Home) -> None:
    with fish(home, before="set -gx AWSENV_PRODUCTION 'a.b *-live p+ ?x'") as tty:
        tty.type("set -gx AWS_ACCESS_KEY_ID AKIAQWERTYUIOPASGH7K; set -gx AWS_SECRET_ACCESS_KEY s")
        for name, marked in {"a.b": "!", "aXb": "", "the-live": "!", "pp": "", "p+": "!", "xx": "!", "xxx": ""}.items():
            tty.type(f"set -gx AWS_VAULT {name}")
            assert tty.ready() == f"{marked}{name} READY>"


# --- renewal in the background ----------------------------------------------------------------------------------------


def test_a_renewal_is_invisible_and_survives_ctrl_c(home: Home, clock: Clock) -> None:
    limits = {"AWSENV_READ_TIMEOUT": "2", "AWSENV_CONNECT_TIMEOUT": "2"}
    with silent_server() as url, terminal("fish", home, clock=clock, init="--renew", **limits) as tty:
        tty.type("awsenv assume project1")
        tty.type(f"set -gx AWS_ENDPOINT_URL_STS {url}")
        tty.screen.reset()
        tty.move(56.5)
        tty.enter()
        assert tty.enter() == "project1 3m READY>"  # although STS does not respond
        groups = tty.type("ps -o pgid=,args= | string match '*refresh*'; ps -o pgid= -p $fish_pid | string trim")
        renewal, shell = groups.splitlines()[-3].split()[0], groups.splitlines()[-2]
        assert "refresh --if-needed" in groups
        assert renewal != shell  # so that a Ctrl-C at the prompt does not reach it
        tty.send("\x03")
        tty.enter_until("awsenv: project1: automatic renewal failed; type: awsenv refresh")
        assert "has ended" not in tty.text
        assert "Job" not in tty.text
        assert tty.text.count("3m left") == 1  # after the failure


def test_a_renewal_is_not_a_job_of_the_shell(home: Home, clock: Clock) -> None:
    """starship shows a symbol for jobs, and `exit` prompts about them."""
    with silent_server() as url, terminal("fish", home, clock=clock, init="--renew") as tty:
        tty.type("awsenv assume project1")
        tty.type(f"set -gx AWS_ENDPOINT_URL_STS {url}")
        tty.move(56.5)
        tty.enter()
        assert "refresh --if-needed" in tty.type("ps -o args=")
        assert "There are no jobs" in tty.type("jobs")
        tty.send("exit\r")
        with pytest.raises(pytest.fail.Exception, match="fish ended"):
            tty.until("There are still jobs active")


def test_a_killed_renewal_is_forgotten(home: Home, clock: Clock) -> None:
    with silent_server() as url, terminal("fish", home, clock=clock, init="--renew") as tty:
        tty.type("awsenv assume project1")
        tty.type(f"set -gx AWS_ENDPOINT_URL_STS {url}")
        tty.move(56.5)
        tty.enter()
        renewals = "ps -o pid=,args= | string match -r '^ *(\\d+).* refresh --if-needed.*' -g"
        tty.type(f"set -g first ({renewals}); kill -9 $first; set -gx AWS_ENDPOINT_URL_STS {url}")
        tty.move(57.6)
        tty.enter()
        assert "ANOTHER" in tty.type(f'test -n "$first" -a -n "({renewals})"; and echo ANO\'THER\'')
