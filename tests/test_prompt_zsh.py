"""The prompt in zsh beside the hooks, options and prompts of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.clock import Clock
from support.environment import assumed, wait_for
from support.homes import Home
from support.terminal import Terminal, shows_the_segment, terminal

pytestmark = pytest.mark.shell

LINE = 'eval "$(awsenv init zsh)"'
OFF = 'eval "$(awsenv init zsh --off)"'


@contextmanager
def zsh(
    home: Home, before: str = "", after: str = "", line: str = LINE, clock: Clock | None = None, **more: str
) -> Iterator[Terminal]:
    """A zsh whose start-up file has our line between those of other tools."""
    rc = home.path / "rc"
    rc.write_text(f"PS1='READY> '\n{before}\n{line}\n{after}\n")
    with terminal("zsh", home, init=None, setup=f". {rc}", clock=clock, **more) as tty:
        yield tty


@contextmanager
def started(home: Home, options: str, **more: str) -> Iterator[Terminal]:
    """A zsh started with options, which reads our line in ~/.zshrc."""
    (home.path / ".zshrc").write_text(f"PS1='READY> '\nunsetopt zle prompt_cr prompt_sp\n{LINE}\n")
    # zsh as sh and ksh reads the file of ENV instead
    with terminal("zsh", home, init=None, ENV=str(home.path / ".zshrc"), **more) as tty:
        tty.screen.reset()
        tty.send(f"exec zsh {options} -o no_global_rcs -i\r")
        yield tty


def test_two_hooks_that_move_themselves_last_do_not_loop(home: Home) -> None:
    hook = "last() { precmd_functions=(${precmd_functions:#last} last); PS1='READY> '; }; precmd_functions+=(last)"
    with zsh(home, after=hook) as tty:
        tty.type("awsenv assume user1")
        for _ in range(20):
            tty.send("\r")
        tty.ready()
        assert "LAST=last." in tty.type("print -r LAST'='$precmd_functions[-1].")
        assert "COUNT=2." in tty.type("print -r COUNT'='${#${(M)precmd_functions:#(last|__awsenv_hook)}}.")


def test_no_segment_lets_a_hook_show_it(home: Home) -> None:
    theme = 'theme() { PS1="<$AWSENV_SEGMENT> READY> "; }; precmd_functions+=(theme)'
    for lines in ({"before": theme}, {"after": theme}):
        with zsh(home, line=LINE.replace("zsh", "zsh --no-segment"), **lines) as tty:
            tty.type("awsenv assume user1")
            assert tty.prompt() == "<user1> READY>"
            tty.send("awsenv clear\r")
            assert tty.enter() == "<> READY>"


def test_off_restores_the_earlier_state(home: Home) -> None:
    state = "typeset -p PS1 psvar precmd_functions preexec_functions chpwd_functions 2>&1"
    before = "f() {}; precmd_functions=(f); typeset -gU precmd_functions; psvar=(mine '' yours); PS1='%n $(x) READY> '"
    for start in (":", before):
        with terminal("zsh", home, init=None) as tty:
            tty.type(f"{start}; {state} >before")
            tty.type(LINE)
            tty.type("awsenv assume user1")
            assert "user1 " in tty.ready()
            tty.type(OFF)
            tty.type(f"{state} >after; cmp before after && echo SA'M'E")
            assert "SAME" in tty.text


# --- options ----------------------------------------------------------------------------------------------------------

OPTIONS = {
    "those of ksh": "setopt ksh_arrays sh_word_split glob_subst ksh_glob",
    "strict": "setopt no_unset no_clobber warn_create_global warn_nested_var",
    "globbing": "setopt null_glob extended_glob magic_equal_subst rc_quotes numeric_glob_sort no_case_match",
    "everything is exported": "setopt all_export",
    "no braces": "setopt ignore_braces ignore_close_braces",
    "another IFS": "IFS=0123456789:",
    "traps": "TRAPZERR() { (( $#funcstack < 2 )) || echo ERR''OR; }; TRAPDEBUG() { :; }",
    "those of the prompt": "setopt prompt_subst prompt_bang transient_rprompt",
    "emulate sh": "emulate sh",
    "emulate ksh": "emulate ksh",
    "emulate csh": "emulate csh",
}


HOOKS = "other() { SEEN=$?; }; another() { :; }; precmd_functions=(other another)\n"


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("options", OPTIONS)
def test_the_prompt_works_with_the_users_options(options: str, where: str, home: Home) -> None:
    lines = {"before": HOOKS + OPTIONS[options]} if where == "before" else {"before": HOOKS, "after": OPTIONS[options]}
    with zsh(home, **lines) as tty:
        shows_the_segment(tty)
        tty.type("awsenv assume project1")
        assert tty.ready().replace("1h00m", "59m") == "project1 59m READY>"
        tty.send("(exit 3)\r")
        assert "SEEN=3" in tty.type("echo SEEN'='$SEEN")
        for complaint in ("ERROR", "not set", "not found", "no matches", "created globally", "bad ", "parse error"):
            assert complaint not in tty.text


@pytest.mark.parametrize("emulation", ["sh", "ksh"])
def test_a_prompt_without_prompt_percent_shows_the_segment(emulation: str, home: Home) -> None:
    options = f"--emulate {emulation}"
    with started(home, options, **assumed(1830, AWSENV_PROFILE="p%n!$(touch pwned)")) as tty:
        assert tty.ready() == "p%n!$(touch pwned) 30m READY>"
        tty.type("unsetopt prompt_subst")
        assert tty.ready() == "READY>"
        tty.type("setopt prompt_percent; awsenv clear")
        assert tty.ready() == "READY>"
        assert not (home.path / "pwned").exists()


def test_a_profile_name_is_not_expanded_in_the_prompt(home: Home) -> None:
    name = "%n%F{red} !! $(touch pwned) `touch pwned` ${HOME} \\u"
    with zsh(home, before="setopt prompt_subst prompt_bang", **assumed(1830, AWSENV_PROFILE=name)) as tty:
        assert tty.ready() == f"{name} 30m READY>"
        assert not (home.path / "pwned").exists()


# --- the messages -----------------------------------------------------------------------------------------------------


def test_nothing_is_printed_before_the_first_prompt(home: Home) -> None:
    """Output there makes powerlevel10k's instant prompt print a warning."""
    with started(home, "", **assumed(650)) as tty:
        tty.until("p 10m READY>")
        assert "awsenv: p" not in tty.text
        tty.enter()
        assert tty.text.count("awsenv: p: 10m left") == 1


def test_the_renewing_command_is_not_warned_about(home: Home, clock: Clock) -> None:
    with zsh(home, clock=clock, **assumed(60)) as tty:
        tty.ready()
        tty.move(5)
        assert "awsenv: p: expired; renew" not in tty.type("awsenv check")
        tty.ready()
        tty.move(20)
        assert "awsenv: p: expired; renew" in tty.type("echo")


# --- renewal ----------------------------------------------------------------------------------------------------------


def until_alone(tty: Terminal) -> None:
    """Wait until no child of the shell runs any more."""

    def alone() -> bool:
        children = Path(f"/proc/{tty.pid}/task/{tty.pid}/children").read_text().split()
        states = [Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2][0] for child in children]
        return set(states) <= {"Z"}

    wait_for(alone, "no child of the shell runs")


def test_a_command_typed_after_a_renewal_has_the_new_keys(home: Home, clock: Clock) -> None:
    """Even if the prompt was shown before; without a message about a job."""
    with zsh(home, before="setopt monitor notify", line=LINE.replace("zsh", "zsh --renew"), clock=clock) as tty:
        tty.type("awsenv assume project1")
        old = tty.show("AWSENV_KEY")
        tty.screen.reset()
        tty.move(56.5)
        assert tty.enter() == "project1 3m READY>"
        until_alone(tty)
        tty.move(70)  # the earlier session has expired meanwhile
        tty.send("echo KEY'='$AWSENV_KEY. JOBS'='$(jobs).\r")
        tty.settle()
        assert tty.text.count("KEY=") == 1
        assert f"KEY={old}" not in tty.text
        assert "JOBS=.\n" in tty.text
        assert tty.text.index("awsenv: project1: renewed automatically, ") < tty.text.index("KEY=")
        assert "expired" not in tty.text
        assert "[1]" not in tty.text
        assert tty.text.count("awsenv: ") == 1


def test_a_late_renewal_is_dropped(home: Home, clock: Clock) -> None:
    with zsh(home, line=LINE.replace("zsh", "zsh --renew"), clock=clock) as tty:
        tty.type("awsenv assume project1")
        tty.move(56.5)
        tty.send("\rawsenv assume user1\r")
        tty.settle()
        until_alone(tty)
        assert tty.ready() == "user1 READY>"
        assert "renewed" not in tty.text


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_REGION"])
def test_a_variable_that_zsh_restores_after_the_command_is_named(name: str, home: Home) -> None:
    with zsh(home, before=f"export {name}=mine") as tty:
        tty.type("awsenv assume project1")
        assert "has changed back" not in tty.text
        tty.type("awsenv clear")
        tty.type(f"{name}=for-this-command awsenv assume project1")
        tty.until(f"awsenv: {name} has changed back")
        tty.enter()
        assert tty.text.count("has changed back") == 1
