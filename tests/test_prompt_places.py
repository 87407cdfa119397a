"""The segment in the prompts and beside the hooks of other tools, judged by a terminal emulator: it is visible once, and the
cursor stays where the line editor expects it.

Each prompt is the smallest of its kind; the name beside it is that of a public prompt that does the same.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.clock import Clock
from support.environment import assumed
from support.homes import Home
from support.programs import need
from support.shells import LOAD
from support.terminal import Terminal, shows_the_segment, terminal
from support.zsh_themes import POWERLEVEL10K, SPACESHIP

from awsenv.environment.starship import shell_with_module

pytestmark = pytest.mark.shell

OFF = {
    "bash": 'eval "$(awsenv init bash --off)"',
    "zsh": 'eval "$(awsenv init zsh --off)"',
    "fish": "awsenv init fish --off | source",
}
SHELLS = tuple(OFF)
#: Columns and rows of `Terminal`.
COLUMNS = 200


#: Seconds left in the shells of these tests.
SECONDS_LEFT = 59 * 60 + 30


@contextmanager
def started(shell: str, home: Home, lines: str, **more: Any) -> Iterator[Terminal]:
    """An interactive shell with its line editor, and these lines in its start-up file."""
    if shell == "fish":
        (home.path / ".config" / "fish").mkdir(parents=True, exist_ok=True)
        file, argv = home.path / ".config" / "fish" / "config.fish", ["fish", "-i"]
        lines = f"set -g fish_greeting\n{lines}"
    elif shell == "zsh":
        file, argv = home.path / ".zshrc", ["zsh", "-d", "-i"]
        lines = f"unsetopt prompt_sp\n{lines}"
    else:
        file, argv = home.path / ".bashrc", ["bash", "--noprofile", "-i"]
        lines = f"bind 'set enable-bracketed-paste off'\n{lines}"
    file.write_text(lines + "\n")
    argv[0] = need(f"the shell {shell}", shutil.which(shell))
    with terminal(shell, home, init=None, argv=argv, prompt="true", **assumed(SECONDS_LEFT), **more) as tty:
        yield tty


def type_long_line(tty: Terminal) -> list[str]:
    """Type a line longer than the terminal and edit both ends of it; the rows of the screen from the prompt on."""
    tty.settle()
    tty.send("\x0c")
    tty.until_gone("DONE")  # now the line editor reads, not the line discipline of the terminal
    tty.send(f": {'abcdefghij' * 25} END")
    tty.until(" END")
    tty.send("\x01Q\x05\x7fX\x02\x02")
    tty.until(" ENX")
    tty.send("Y")
    tty.until(" EYNX")
    return tty.text.splitlines()


def check_typing(tty: Terminal) -> None:
    """Check that the screen shows the edited line as the shell has it, after the segment."""
    rows = type_long_line(tty)
    text = "".join(row.ljust(COLUMNS) for row in rows)
    assert len(re.findall(r"p 5\dm ", text)) == 1, tty.text
    prompt, _, line = text.partition("Q: ")
    assert re.search(r"p 5\dm ", prompt), tty.text
    assert line.rstrip() == "abcdefghij" * 25 + " EYNX", tty.text
    tty.send("\x05\x15")


#: kind -> shell -> the lines of a start-up file
PROMPTS = {
    "starts in column 1, as bash-it's powerline": {
        "bash": r"PS1='\[\e[G\]> '",
        "zsh": "PS1=$'%{\\e[G%}> '",
        "fish": r"function fish_prompt; printf '\e[G> '; end",
    },
    "starts with a carriage return": {
        "bash": r"PS1='\[\r\]> '",
        "zsh": "PS1=$'%{\\r%}> '",
        "fish": r"function fish_prompt; printf '\r> '; end",
    },
    "makes room, and goes back, as powerlevel10k": {
        "zsh": "PS1=$'%{\\n\\eM%}> '",
    },
    "sets a color first": {
        "bash": r"PS1='\[\e[1;36m\]\[\e[G\]> \[\e[0m\]'",
        "zsh": "PS1=$'%{\\e[1;36m%}%{\\e[G%}> %f%b'",
        "fish": r"function fish_prompt; set_color -o cyan; printf '\e[G> '; set_color normal; end",
    },
    "has the marks of a terminal": {
        "bash": r"PS1='\[\e]133;D;$?\a\]\[\e]133;A;cl=line\a\]> \[\e]133;B\a\]'",
        "zsh": "PS1=$'%{\\e]133;D\\a%}%{\\e]133;A;cl=line\\a%}> %{\\e]133;B\\a%}'",
        "fish": r"function fish_prompt; printf '\e]133;A\a> \e]133;B\a'; end",
    },
    "starts with a newline, as starship": {
        "bash": r"PS1='\n> '",
        "zsh": "PS1=$'\\n> '",
        "fish": r"function fish_prompt; printf '\n> '; end",
    },
    "fills its first line, as tide and adam2": {
        "bash": 'PROMPT_COMMAND=\'printf -v R "%*s" "$COLUMNS" x; PS1="$R"$\'"\'\\n> \'"',
        "zsh": "precmd() { PS1=${(l:$COLUMNS::-:)}$'\\n> '; }",
        "fish": r"function fish_prompt; string repeat -n $COLUMNS -; printf '> '; end",
    },
}
CASES = [(kind, shell) for kind, shells in PROMPTS.items() for shell in shells]


@pytest.mark.parametrize(("kind", "shell"), CASES, ids=[f"{shell}: {kind}" for kind, shell in CASES])
def test_the_segment_is_visible_and_the_cursor_is_right(kind: str, shell: str, lone: Home) -> None:
    with started(shell, lone, f"{PROMPTS[kind][shell]}\n{LOAD[shell]}", NO_COLOR="") as tty:
        check_typing(tty)
        tty.type("awsenv clear")
        tty.send("\x0c")
        tty.settle()
        assert "p 5" not in tty.text


def segments(tty: Terminal) -> int:
    """Count the segments on the screen."""
    return len(re.findall(r"p 5\dm ", tty.text))


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_mark_of_a_terminal_comes_before_the_segment(shell: str, lone: Home) -> None:
    """Ghostty begins a new line at a mark that is not in column 1."""
    prompt = PROMPTS["has the marks of a terminal"][shell]
    expansion = {"bash": "${PS1@P}", "zsh": "${(%%)PS1}"}
    with started(shell, lone, f"{prompt}\n{LOAD[shell]}") as tty:
        tty.settle()
        tty.type(f'print=("{expansion[shell]}"); printf %s "$print" >expanded')
        text = (lone.path / "expanded").read_text()
        assert text.index("133;A") < text.index("p 5") < text.index("133;B")


def test_the_colors_of_the_prompt_continue_after_the_segment(lone: Home) -> None:
    for shell, prompt in {
        "bash": r"PS1='\[\e[36m\]upper\nREADY> \[\e[0m\]'",
        "zsh": "PS1=$'%F{cyan}upper\\nREADY> %f'",
        "fish": r"function fish_prompt; set_color cyan; string repeat -n $COLUMNS -; printf 'READY> '; set_color normal; end",
    }.items():
        with started(shell, lone, f"{prompt}\n{LOAD[shell]}", NO_COLOR="") as tty:
            assert tty.ready() == "p 59m READY>"
            assert tty.color_of("p 5") == "green"
            assert tty.color_of("READY") == "cyan", shell


# --- prompts and hooks that are set later -----------------------------------------------------------------------------

STARSHIP_AS_READY = """\
format = '$character'
add_newline = false
[character]
success_symbol = 'READY>'
error_symbol = 'READY>'
"""
TOOLS = {
    ("bash", "starship"): 'eval "$("$STARSHIP" init bash)"',
    ("bash", "zoxide"): 'eval "$(zoxide init bash)"',
    ("bash", "direnv"): 'eval "$(direnv hook bash)"',
    ("bash", "a theme"): 'theme() { PS1="[$?] READY> "; }; PROMPT_COMMAND="theme${PROMPT_COMMAND:+; $PROMPT_COMMAND}"',
    ("bash", "liquidprompt"): "theirs() { :; }; PROMPT_COMMAND+=(theirs); "
    "trap '[[ -z ${PROMPT_COMMAND[*]+x} ]] || : \"${PROMPT_COMMAND[-1]}\"' DEBUG",
    ("zsh", "starship"): 'eval "$("$STARSHIP" init zsh)"',
    ("zsh", "zoxide"): 'eval "$(zoxide init zsh --hook prompt)"',
    ("zsh", "direnv"): 'eval "$(direnv hook zsh)"',
    ("zsh", "a theme"): 'theme() { PS1="[$?] READY> "; }; precmd_functions+=(theme)',
    ("zsh", "a theme with the one precmd"): 'precmd() { PS1="[$?] READY> "; psvar=(one); }',
    ("zsh", "vcs_info"): "autoload -Uz vcs_info; info() { psvar=(); vcs_info; psvar[1]=x; }; precmd_functions+=(info); "
    "setopt prompt_subst; PS1='${vcs_info_msg_0_}%1v READY> '",
    ("zsh", "oh-my-zsh"): "setopt prompt_subst; git_prompt_info() { echo main; }; PROMPT='$(git_prompt_info) READY> '",
    ("zsh", "a hook that moves itself last"): "last() { precmd_functions=(${precmd_functions:#last} last); }; "
    "precmd_functions+=(last)",
    ("fish", "starship"): "$STARSHIP init fish | source",
    ("fish", "zoxide"): "zoxide init fish | source",
    ("fish", "direnv"): "direnv hook fish | source",
    ("fish", "a theme"): "functions -c fish_prompt theirs; function fish_prompt; echo -n '* '; theirs; end",
}


@pytest.mark.parametrize("order", ["before", "after", "typed"])
@pytest.mark.parametrize(("shell", "tool"), TOOLS, ids=" ".join)
def test_hooks_of_other_tools_still_run(shell: str, tool: str, order: str, home: Home, starship: str) -> None:
    line = TOOLS[shell, tool]
    if tool in ("zoxide", "direnv"):
        need(f"{tool} (Debian: {tool})", shutil.which(tool))
    settings = home.path / "starship.toml"
    settings.write_text(STARSHIP_AS_READY)
    prompt = "function fish_prompt; echo -n 'READY> '; end" if shell == "fish" else "PS1='READY> '"
    lines = {"before": [LOAD[shell], line], "after": [line, LOAD[shell]], "typed": [LOAD[shell]]}[order]
    variables = {"STARSHIP": starship, "STARSHIP_CONFIG": str(settings)}
    with started(shell, home, "\n".join([prompt, *lines]), **variables) as tty:
        if order == "typed":
            tty.type(line)
        shows_the_segment(tty)
        tty.send({"fish": "false"}.get(shell, "(exit 1)") + "\r")
        assert tty.status() == "1"
        tty.type(OFF[shell])
        tty.screen.reset()
        tty.enter()
        assert "user1 " not in tty.enter()
        if shell == "zsh":
            assert "awsenv" not in tty.type("print -r -- $precmd_functions $preexec_functions $psvar").replace(
                OFF[shell], ""
            )
        for complaint in ("not found", "nknown command", "bad array"):
            assert complaint not in tty.text


#: Prompts that a later hook sets again before they are shown.
REMADE = {
    "bash, a string before ours": (
        "bash",
        'theme() { PS1="> "; }; PROMPT_COMMAND="theme${PROMPT_COMMAND:+; $PROMPT_COMMAND}"',
    ),
    "bash, a string after ours": (
        "bash",
        'theme() { PS1="> "; }; PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }theme"',
    ),
    "bash, an array, as liquidprompt": ("bash", 'theme() { PS1="> "; }; PROMPT_COMMAND+=(theme)'),
    "bash, over ours": ("bash", 'theme() { PS1="> "; }; PROMPT_COMMAND=theme'),
    "bash, with ours in it, as starship": (
        "bash",
        'theme() { eval "$OLD"; PS1="> "; }; OLD=${PROMPT_COMMAND-}; PROMPT_COMMAND=theme',
    ),
    "zsh, precmd_functions, as adam2": ("zsh", 'theme() { PS1="> "; }; precmd_functions+=(theme)'),
    "zsh, precmd": ("zsh", 'precmd() { PS1="> "; }'),
    "fish": ("fish", "function fish_prompt; echo -n '> '; end"),
}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("theme", REMADE)
def test_the_first_prompt_shows_an_inherited_session(theme: str, order: str, lone: Home) -> None:
    shell, lines = REMADE[theme]
    both = [LOAD[shell], lines]
    with started(shell, lone, "\n".join(both if order == "before" else both[::-1])) as tty:
        tty.until("p 59m > ")


def test_a_prompt_that_a_widget_of_zsh_sets_again_keeps_the_segment(lone: Home) -> None:
    """As the indicators of vi mode do."""
    widget = "again() { PS1='again> '; zle reset-prompt; }; zle -N again; bindkey '^T' again; PS1='> '"
    with started("zsh", lone, f"{widget}\n{LOAD['zsh']}") as tty:
        tty.until("p 59m > ")
        tty.send("abc\x14d")
        tty.until("p 59m again> abcd")


OVERWRITTEN = {
    "bash, a string": ("bash", "unset PROMPT_COMMAND; PROMPT_COMMAND=true; PS1='> '"),
    "bash, an array": ("bash", "PROMPT_COMMAND=(true true); PS1='> '"),
    "zsh": ("zsh", "precmd_functions=() preexec_functions=(); psvar=(); PS1='> '"),
}


@pytest.mark.parametrize("overwritten", OVERWRITTEN)
def test_the_next_command_restores_removed_hooks(overwritten: str, lone: Home) -> None:
    shell, lines = OVERWRITTEN[overwritten]
    with started(shell, lone, f"PS1='> '\n{LOAD[shell]}") as tty:
        tty.type(f"{lines}; clear")
        tty.settle()
        assert segments(tty) == 0 or shell == "zsh"  # its line editor restores them
        tty.type("awsenv check; clear")
        tty.settle()
        assert segments(tty) >= 1
        assert f"awsenv's hooks had been removed from this {shell}" in " ".join(
            tty.type("awsenv doctor --offline 2>/dev/null | grep -A1 hooks").split("\n")
        )


#: Hooks that run before a command, set again by other tools: oh-my-posh and kitty set PS0.
PREEXEC = {
    "bash, PS0": ("bash", "PS0='\\t '"),
    "bash, PS0 without promptvars before": (
        "bash",
        "shopt -u promptvars; PS0=; PROMPT_COMMAND+=('shopt -s promptvars')",
    ),
    "zsh, preexec_functions": ("zsh", "preexec_functions=()"),
    "zsh, preexec": ("zsh", "preexec() { : }; precmd() { : }"),
}


@pytest.mark.parametrize("kind", PREEXEC)
def test_the_warning_precedes_the_command_despite_other_hooks(kind: str, lone: Home, clock: Clock) -> None:
    shell, lines = PREEXEC[kind]
    with started(shell, lone, f"PS1='> '\n{LOAD[shell]}\n{lines}", clock=clock) as tty:
        tty.until("p 59m > ")
        tty.settle()
        tty.move(61)
        tty.send("echo RUN'N'ING\r")
        tty.until("RUNNING")
        assert 0 <= tty.text.find("awsenv: p: expired") < tty.text.index("RUNNING"), tty.text


def test_a_hook_with_the_name_of_a_path_is_no_error(lone: Home) -> None:
    """As in ble.sh. No alias can have such a name, and an alias puts our hook after others at the first prompt."""
    lines = "theme/now() { PS1='> '; }; PROMPT_COMMAND+=(theme/now)"
    with started("bash", lone, f"{LOAD['bash']}\n{lines}") as tty:
        tty.settle()
        tty.until("p 59m > ")
        assert "alias" not in tty.text


def test_the_prompt_of_bash_works_beside_readonly_variables_of_any_name(lone: Home) -> None:
    names = "name names value text level left color rest front item newline joint last kept note threshold estimate"
    with started("bash", lone, f"readonly {names}; IFS=; readonly IFS; PS1='> '\n{LOAD['bash']}") as tty:
        check_typing(tty)
        tty.type(f"{OFF['bash']}; clear")
        tty.until("> ")
        assert segments(tty) == 0
        assert "readonly" not in tty.text.replace(names, "")


# --- elements of powerlevel10k and spaceship ---------------------------------------------------------------

ELEMENTS = {"powerlevel10k": POWERLEVEL10K, "spaceship": SPACESHIP}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("theme", ELEMENTS)
def test_the_segment_is_an_element_of_themes_with_elements(theme: str, order: str, lone: Home) -> None:
    lines = [LOAD["zsh"], ELEMENTS[theme]] if order == "before" else [ELEMENTS[theme], LOAD["zsh"]]
    with started("zsh", lone, "\n".join(lines)) as tty:
        tty.until("p 59m > ")
        tty.type("clear")
        check_typing(tty)
        tty.type(f"{OFF['zsh']}; clear")
        tty.until("\n> " if tty.text.startswith("\n") else "> ")
        assert segments(tty) == 0
        output = tty.type(
            "print -r LEFT=$POWERLEVEL9K_LEFT_PROMPT_ELEMENTS$SPACESHIP_PROMPT_ORDER. ${(k)functions[(I)*awsenv*]}"
        )
        assert "LEFT=dir vcs.\n" in output or "LEFT=dir char.\n" in output


# --- readonly variables, options, off ------------------------------------------------------------------------------------

EMPTY_HOOKS = {"bash": "PROMPT_COMMAND=: AWSENV_SEGMENT=", "zsh": "precmd_functions=() AWSENV_SEGMENT="}


@pytest.mark.parametrize(
    ("shell", "name"),
    [
        ("bash", "PS1"),
        ("bash", "PROMPT_COMMAND"),
        ("bash", "AWSENV_SEGMENT"),
        ("zsh", "PS1"),
        ("zsh", "precmd_functions"),
        ("zsh", "AWSENV_SEGMENT"),
    ],
)
def test_a_readonly_variable_of_the_prompt_is_named_once(shell: str, name: str, lone: Home) -> None:
    with started(shell, lone, f"PS1='READY> ' {EMPTY_HOOKS[shell]}; readonly {name}\n{LOAD[shell]}") as tty:
        tty.until(f"awsenv: {name} is readonly here")
        for _ in range(3):
            assert tty.enter() == "READY>"
        assert "CHECKED=0." in tty.type("awsenv check >out; echo CHECKED'='$?.")
        assert tty.text.count("is readonly here") == 1
        assert not re.search("read-?only variable", tty.text)


@pytest.mark.parametrize(("shell", "errexit"), [("bash", "set -e"), ("zsh", "setopt err_exit")])
def test_errexit_is_not_triggered_by_the_hook(shell: str, errexit: str, lone: Home) -> None:
    with started(shell, lone, f"PS1='READY> '\n{LOAD[shell]}") as tty:
        tty.type(errexit)
        tty.type("! true")
        tty.type("export AWSENV_EXPIRATION=$(($(date +%s) - 9))")
        assert tty.ready() == "p expired READY>"
        tty.type("export AWSENV_PROFILE='other'; unset AWSENV_EXPIRATION")
        assert tty.ready() == "other ? READY>"


@pytest.mark.parametrize(
    ("shell", "trace", "name"),
    [("bash", "set -x", "__awsenv_now"), ("zsh", "setopt xtrace verbose", "__awsenv_prompt")],
)
def test_the_hook_is_not_traced(shell: str, trace: str, name: str, lone: Home) -> None:
    with started(shell, lone, f"PS1='READY> '\n{LOAD[shell]}") as tty:
        tty.type(f"awsenv check; {trace}")
        tty.screen.reset()
        assert tty.enter() == "p 59m READY>"
        assert "AWS_" not in tty.text
        assert name not in tty.text


@pytest.mark.parametrize(
    ("shell", "hook", "pipestatus"),
    [
        ("bash", 'PROMPT_COMMAND=("${PROMPT_COMMAND[@]}" \'SEEN="$? ${PIPESTATUS[*]}"\')', "${PIPESTATUS[*]}"),
        ("zsh", 'hook() { SEEN="$? $pipestatus"; }; precmd_functions+=(hook)', "$pipestatus"),
    ],
    ids=["bash", "zsh"],
)
def test_other_hooks_see_the_original_pipestatus(shell: str, hook: str, pipestatus: str, lone: Home) -> None:
    with started(shell, lone, f"PS1='READY> '\n{LOAD[shell]}\n{hook}") as tty:
        tty.ready()
        tty.send("(exit 1) | (exit 5) | (exit 3)\r")
        tty.send(f"echo NOW'='{pipestatus}\r")
        tty.send("(exit 1) | (exit 5) | (exit 3)\r")
        tty.send("echo THEIRS'='$SEEN\r")
        tty.settle()
        assert "NOW=1 5 3" in tty.text
        assert "THEIRS=3 1 5 3" in tty.text


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_off_removes_the_segment_from_saved_prompts(shell: str, lone: Home) -> None:
    """A virtual environment and bash-git-prompt save the previous prompt."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", lone.path / "v"], check=True)
    with started(shell, lone, f"PS1='> '; {LOAD[shell]}") as tty:
        tty.until("p 59m > ")
        tty.type(". v/bin/activate; OLD_GITPROMPT=$PS1")
        assert "awsenv" not in tty.type(f"{OFF[shell]}; deactivate; clear; set | grep -i 'PROMPT.*awsenv\\|PS1.*72v'")
        tty.type("clear")
        assert segments(tty) == 0
        assert "PS1=> ." in tty.type('echo "PS1=$PS1."')


SAVED_PROMPTS = """
declare -A cache=([ps1]=$PS1 [other]='1 2'); list=("$PS1" 'a b'); readonly fixed=$PS1; declare -ia number=(7)
"""


@pytest.mark.parametrize(
    "before",
    ["", "local() { echo L; }; declare() { echo D; }; unset() { echo U; }", "alias local='echo L' unset='echo U'"],
)
def test_off_removes_the_segment_from_arrays(before: str, lone: Home) -> None:
    """As in ble.sh, even if the user has named functions or aliases like builtins."""
    with started("bash", lone, f"PS1='> '; PS0='\\t '\n{before}\n{LOAD['bash']}") as tty:
        tty.until("p 59m > ")
        tty.type(f"{SAVED_PROMPTS.strip()}; {OFF['bash']}; clear")
        tty.type("clear")
        tty.settle()
        assert segments(tty) == 0
        output = tty.type(
            'printf "<%s>" "$PS1" "$PS0" "${PROMPT_COMMAND[*]}" "${cache[ps1]}" "${cache[other]}" "${list[@]}" "${number[@]}"; echo'
        )
        assert "<> ><\\t ><><> ><1 2><> ><a b><7>" in output
        assert "command not found" not in output


def test_off_of_zsh_works_beside_functions_named_as_builtins(lone: Home) -> None:
    names = "unset unfunction print printf export trap typeset"
    functions = f'for name in {names}; do eval "function $name {{ return 1 }}"; done; PS1="> "'
    with started("zsh", lone, f"{functions}\n{LOAD['zsh']}") as tty:
        tty.until("p 59m > ")
        output = tty.type(f"{OFF['zsh']}; echo LEFT ${{(k)functions[(I)*awsenv*]}} ${{(k)parameters[(I)__awsenv*]}}.")
        assert "LEFT .\n" in output


# --- starship's own module --------------------------------------------------------------------------------------------

STARSHIP = {
    "default": ("[aws]\nsymbol = ''\n", "[59m"),
    "disabled": ("[aws]\ndisabled = true\n", "p 59m"),
    "another format": ("format = '''\n[>](bold)\n'''\n[aws]\nsymbol = ''\n", "p 59m"),
    "in the format": ("format = '$aws>'\n[aws]\nsymbol = ''\n", "[59m"),
}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("settings", STARSHIP)
def test_the_profile_is_not_shown_twice_beside_starship(
    settings: str, shell: str, order: str, lone: Home, starship: str
) -> None:
    text, shown = STARSHIP[settings]
    config = lone.path / "starship.toml"
    config.write_text(f"add_newline = false\n{text}")
    load = f"{starship} init fish | source" if shell == "fish" else f'eval "$({starship} init {shell})"'
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(time.time()) + SECONDS_LEFT))
    variables = {"STARSHIP_CONFIG": str(config), "AWS_CREDENTIAL_EXPIRATION": expiration, "AWSUME_PROFILE": "p"}
    both = [LOAD[shell], load]
    with started(shell, lone, "\n".join(both if order == "before" else both[::-1]), **variables) as tty:
        tty.until(shown)
        tty.settle()
        assert ("p 59m" in tty.text) != ("[59m" in tty.text), tty.text


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", True),
        ("[aws]\ndisabled = true\n", False),
        ("[aws]\ndisabled = false\n", True),
        ("aws.disabled = true\n", False),
        ("[aws]\nformat = ''\n", False),
        ("format = '$directory$character'\n", False),
        ('format = """\n[x](bold)\n$aws"""\n', True),
        ('format = """\n[aws]\n$directory"""\n[aws]\n', False),
        ("format = '$directory'\nright_format = '$aws'\n", True),
        ("format = '$directory'\n[env_var.AWSENV_SEGMENT]\n", True),
        ("[gcloud]\ndisabled = true\n", True),
    ],
)
def test_starship_shows_the_session_depending_on_its_settings(text: str, shown: bool, tmp_path: Path) -> None:
    (tmp_path / "starship.toml").write_text(text)
    variables = {
        "STARSHIP_CONFIG": str(tmp_path / "starship.toml"),
        "STARSHIP_SHELL": "zsh",
        "AWS_CREDENTIAL_EXPIRATION": "x",
    }
    environ = assumed(SECONDS_LEFT) | variables | {"AWS_REGION": "eu-west-1"}
    assert shell_with_module(environ) == ("zsh" if shown else "")
    for missing in ("STARSHIP_SHELL", "AWS_ACCESS_KEY_ID", "AWS_CREDENTIAL_EXPIRATION", "AWS_REGION"):
        assert shell_with_module({name: value for name, value in environ.items() if name != missing}) == ""


# --- PowerShell -------------------------------------------------------------------------------------------------------

ESCAPE = "$([char]27)"
POWERSHELL_PROMPTS = {
    "column 1": (f'"{ESCAPE}[G> "', "p 59m > "),
    "a mark": (f'"{ESCAPE}]133;A$([char]7)> "', "p 59m > "),
    "a newline": ('"`n> "', "p 59m > "),
    "a full line": ("('-' * 200) + \"`n> \"", "-\np 59m > "),
    "two lines": ('"upper`n> "', "p 59m upper\n> "),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", POWERSHELL_PROMPTS)
def test_the_segment_is_visible_in_powershell(kind: str, lone: Home) -> None:
    prompt, shown = POWERSHELL_PROMPTS[kind]
    setup = f"function prompt {{ {prompt} }}"
    # the console host of the tests may not know the width of the terminal
    width = "$Host.UI.RawUI.WindowSize = New-Object System.Management.Automation.Host.Size 200, 60"
    with terminal("powershell", lone, prompt=width, setup=setup, **assumed(SECONDS_LEFT)) as tty:
        tty.until(shown)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["before", "after"])
def test_powershell_shows_the_prompt_of_posh_git(order: str, lone: Home) -> None:
    """posh-git sets the prompt only if the text of the function is that of PowerShell's own. It stays after --off."""
    posh = (
        "$global:GitPromptScriptBlock = { 'GIT> ' }; "
        "if ((Get-Command prompt).Definition -eq [Runspace]::DefaultRunspace.InitialSessionState.Commands['prompt'].Definition) "
        "{ Set-Item Function:\\prompt -Value $GitPromptScriptBlock }"
    )
    lines = [LOAD["powershell"], posh]
    (lone.path / "profile.ps1").write_text("\n".join(lines if order == "before" else lines[::-1]))
    with terminal("powershell", lone, init=None, prompt=". ./profile.ps1", **assumed(SECONDS_LEFT)) as tty:
        tty.until("p 59m GIT> ")
        tty.type("awsenv init powershell --off | Out-String | Invoke-Expression")
        tty.screen.reset()
        tty.send("\r")
        tty.until("\nGIT>")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_dumb_terminal_gets_no_colors(shell: str, lone: Home) -> None:
    lines = "function fish_prompt; echo -n '> '; end" if shell == "fish" else "PS1='> '"
    with started(shell, lone, f"{lines}\n{LOAD[shell]}", NO_COLOR="", TERM="dumb") as tty:
        tty.until("p 59m > ")
        row = next(row for row, line in enumerate(tty.screen.display) if "p 59m > " in line)
        assert tty.screen.buffer[row][tty.screen.display[row].index("p 59m")].fg == "default"
