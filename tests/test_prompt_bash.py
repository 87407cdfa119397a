"""The prompt in bash beside the hooks, options and prompts of others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from support.homes import Home
from support.terminal import Terminal, shows_the_segment, terminal

pytestmark = pytest.mark.shell

# The documented interface of bash-preexec: two arrays, and the variable that says that it is loaded.
PREEXEC_LIKE = r"""
bash_preexec_imported=defined
precmd_functions=() preexec_functions=()
__bp_precmd_invoke_cmd() { local f; for f in "${precmd_functions[@]}"; do "$f"; done; }
PROMPT_COMMAND="__bp_precmd_invoke_cmd${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"
"""


@contextmanager
def bash(home: Home, before: str = "", after: str = "", **more: str) -> Iterator[Terminal]:
    """A bash whose start-up file has our line between those of other tools."""
    rc = home.path / "rc"
    rc.write_text(f"PS1='READY> '\n{before}\n" + 'eval "$(awsenv init bash)"\n' + f"{after}\n")
    with terminal("bash", home, init=None, setup=f". {rc}", **more) as tty:
        yield tty


HOOKS = {
    "a string": "PROMPT_COMMAND='SEEN=$?'",
    "a string with ;": "PROMPT_COMMAND='SEEN=$?;'",
    "a string with a comment": "PROMPT_COMMAND='SEEN=$? # theirs'",
    "a string with &": "PROMPT_COMMAND='SEEN=$?; : &'; set +m",
    "an array": "PROMPT_COMMAND=('SEEN=$?' ':;')",
    "an empty array": "SEEN=1; PROMPT_COMMAND=()",
}


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_earlier_hooks_still_run(hook: str, home: Home) -> None:
    with bash(home, before=hook) as tty:
        shows_the_segment(tty)
        tty.send("false\r")
        tty.ready()
        tty.type("false")
        assert "SEEN=1" in tty.type("(exit 1)\recho SEEN'='$SEEN") or "empty" in hook or "SEEN=0" in tty.text
        assert "syntax error" not in tty.text
        earlier = "x() { :; }; unset PROMPT_COMMAND; " + hook.replace("SEEN=$?", "x")
        tty.type(f"declare -p PROMPT_COMMAND >{home.path}/with; {earlier}; declare -p PROMPT_COMMAND >{home.path}/old")
        tty.type('eval "$(awsenv init bash)"; eval "$(awsenv init bash --off)"')
        tty.type(f"declare -p PROMPT_COMMAND >{home.path}/new; cmp {home.path}/old {home.path}/new && echo SA'M'E")
        assert "SAME" in tty.text


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_later_hooks_still_run(hook: str, home: Home) -> None:
    later = hook.replace("PROMPT_COMMAND='", "PROMPT_COMMAND=\"$PROMPT_COMMAND\"$'\\n''").replace(
        "PROMPT_COMMAND=(", "PROMPT_COMMAND+=("
    )
    with bash(home, after=later) as tty:
        shows_the_segment(tty)


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_hook_registers_with_bash_preexec(where: str, home: Home) -> None:
    with bash(home, **{where: PREEXEC_LIKE}) as tty:
        shows_the_segment(tty)
        if where == "before":
            tty.type('echo "F=${precmd_functions[*]} P=${PROMPT_COMMAND}"')
            assert "F=__awsenv_hook P=__bp_precmd_invoke_cmd" in tty.text
        tty.type('eval "$(awsenv init bash --off)"')
        tty.type('echo "<${precmd_functions[*]-}>" "<${PROMPT_COMMAND-}>"')
        assert "<> <__bp_precmd_invoke_cmd>" in tty.text


OPTIONS = {
    "nounset": "set -u",
    "noclobber, nullglob, nocaseglob": "set -C; shopt -s nullglob nocaseglob",
    "extglob, no glob": "shopt -s extglob; set -f",
    "posix": "set -o posix",
    "vi": "set -o vi",
    "another IFS": "IFS=0123456789:",
    "keyword": "set -k",
    "errtrace and an ERR trap": "set -E; trap 'echo ERR''OR' ERR",
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_prompt_works_with_the_users_options(options: str, home: Home) -> None:
    with bash(home, before=options) as tty:
        shows_the_segment(tty)
        tty.type("awsenv assume project1")
        assert tty.ready() in ("project1 59m READY>", "project1 1h00m READY>")
        assert "unbound" not in tty.text
        assert "ERROR" not in tty.text


def test_a_child_shell_without_the_integration_works(home: Home) -> None:
    with bash(home, before="export PS1 PROMPT_COMMAND='SEEN=1'") as tty:
        shows_the_segment(tty)
        tty.type("bash --norc --noprofile -i")
        assert tty.ready() == "READY>"
        assert "not found" not in tty.text
        assert "SEEN=1." in tty.type("echo SEEN'='$SEEN.")
