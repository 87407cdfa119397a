"""Where the segment stands in the prompts of others, judged by a terminal emulator: it is seen, once, and typing lands right.

Each prompt is the least of its kind. What is named beside it is a public prompt that does the same.
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
from support.terminal import Terminal, terminal

from awsenv.environment.starship import shell_with_module

pytestmark = pytest.mark.shell

LINE = {
    "bash": 'eval "$(awsenv init bash)"',
    "zsh": 'eval "$(awsenv init zsh)"',
    "fish": "awsenv init fish | source",
}
OFF = {
    "bash": 'eval "$(awsenv init bash --off)"',
    "zsh": 'eval "$(awsenv init zsh --off)"',
    "fish": "awsenv init fish --off | source",
}
SHELLS = tuple(LINE)
#: Columns and rows of `Terminal`.
COLUMNS = 200


#: Seconds left in the shells of these tests.
LEFT = 59 * 60 + 30


@contextmanager
def started(shell: str, home: Home, lines: str, **more: Any) -> Iterator[Terminal]:
    """An interactive shell that reads these lines when it starts, with its line editor."""
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
    with terminal(shell, home, init=None, argv=argv, prompt="true", **assumed(LEFT), **more) as tty:
        yield tty


def edited(tty: Terminal) -> list[str]:
    """A line that is longer than the terminal is typed and edited at both ends; the rows of the screen from the prompt on."""
    tty.settle()
    tty.send("\x0c")
    tty.until_gone("DONE")  # now the line editor reads, and not the terminal's own
    tty.send(f": {'abcdefghij' * 25} END")
    tty.until(" END")
    tty.send("\x01Q\x05\x7fX\x02\x02")
    tty.until(" ENX")
    tty.send("Y")
    tty.until(" EYNX")
    return tty.text.splitlines()


def lands_right(tty: Terminal) -> None:
    """The edited line is on the screen as it is in the shell, after the segment."""
    rows = edited(tty)
    text = "".join(row.ljust(COLUMNS) for row in rows)
    assert len(re.findall(r"p 5\dm ", text)) == 1, tty.text
    before, _, typed = text.partition("Q: ")
    assert re.search(r"p 5\dm ", before), tty.text
    assert typed.rstrip() == "abcdefghij" * 25 + " EYNX", tty.text
    tty.send("\x05\x15")


#: kind -> shell -> the lines of a start-up file. The segment stands in their only, or in their last line.
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
def test_the_segment_is_seen_and_typing_lands_right(kind: str, shell: str, lone: Home) -> None:
    with started(shell, lone, f"{PROMPTS[kind][shell]}\n{LINE[shell]}", NO_COLOR="") as tty:
        lands_right(tty)
        tty.type("awsenv clear")
        tty.send("\x0c")
        tty.settle()
        assert "p 5" not in tty.text


def segments(tty: Terminal) -> int:
    """How often the segment is on the screen."""
    return len(re.findall(r"p 5\dm ", tty.text))


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_mark_of_a_terminal_comes_before_the_segment(shell: str, lone: Home) -> None:
    """Ghostty begins a new line at a mark that is not in column 1."""
    prompt = PROMPTS["has the marks of a terminal"][shell]
    expand = {"bash": "${PS1@P}", "zsh": "${(%%)PS1}"}
    with started(shell, lone, f"{prompt}\n{LINE[shell]}") as tty:
        tty.settle()
        tty.type(f'print=("{expand[shell]}"); printf %s "$print" >shown')
        shown = (lone.path / "shown").read_text()
        assert shown.index("133;A") < shown.index("p 5") < shown.index("133;B")


def test_the_colors_of_the_prompt_come_back_after_the_segment(lone: Home) -> None:
    for shell, prompt in {
        "bash": r"PS1='\[\e[36m\]upper\nREADY> \[\e[0m\]'",
        "zsh": "PS1=$'%F{cyan}upper\\nREADY> %f'",
        "fish": r"function fish_prompt; set_color cyan; string repeat -n $COLUMNS -; printf 'READY> '; set_color normal; end",
    }.items():
        with started(shell, lone, f"{prompt}\n{LINE[shell]}", NO_COLOR="") as tty:
            assert tty.ready() == "p 59m READY>"
            assert tty.color_of("p 5") == "green"
            assert tty.color_of("READY") == "cyan", shell


# --- who comes first, and who comes again -----------------------------------------------------------------------------

#: A prompt that is made again before it is shown, by a hook that comes after ours.
LATER = {
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
@pytest.mark.parametrize("later", LATER)
def test_the_first_prompt_shows_what_the_shell_has_inherited(later: str, order: str, lone: Home) -> None:
    shell, lines = LATER[later]
    both = [LINE[shell], lines] if order == "before" else [lines, LINE[shell]]
    with started(shell, lone, "\n".join(both)) as tty:
        tty.until("p 59m > ")


def test_a_prompt_that_zsh_makes_again_keeps_the_segment(lone: Home) -> None:
    """By a widget, as the indicators of vi mode do."""
    again = "again() { PS1='again> '; zle reset-prompt; }; zle -N again; bindkey '^T' again; PS1='> '"
    with started("zsh", lone, f"{again}\n{LINE['zsh']}") as tty:
        tty.until("p 59m > ")
        tty.send("abc\x14d")
        tty.until("p 59m again> abcd")


OVERWRITTEN = {
    "bash, a string": ("bash", "unset PROMPT_COMMAND; PROMPT_COMMAND=true; PS1='> '"),
    "bash, an array": ("bash", "PROMPT_COMMAND=(true true); PS1='> '"),
    "zsh": ("zsh", "precmd_functions=() preexec_functions=(); psvar=(); PS1='> '"),
}


@pytest.mark.parametrize("overwritten", OVERWRITTEN)
def test_the_next_command_puts_hooks_back_that_were_taken_away(overwritten: str, lone: Home) -> None:
    shell, lines = OVERWRITTEN[overwritten]
    with started(shell, lone, f"PS1='> '\n{LINE[shell]}") as tty:
        tty.type(f"{lines}; clear")
        tty.settle()
        assert segments(tty) == 0 or shell == "zsh"  # where the line editor puts them back
        tty.type("awsenv check; clear")
        tty.settle()
        assert segments(tty) >= 1
        assert f"awsenv's hooks had been removed from this {shell}" in " ".join(
            tty.type("awsenv doctor --offline 2>/dev/null | grep -A1 hooks").split("\n")
        )


#: What comes before a command line, and is set anew by others: oh-my-posh and kitty set PS0.
BEFORE = {
    "bash, PS0": ("bash", "PS0='\\t '"),
    "bash, PS0 without promptvars before": (
        "bash",
        "shopt -u promptvars; PS0=; PROMPT_COMMAND+=('shopt -s promptvars')",
    ),
    "zsh, preexec_functions": ("zsh", "preexec_functions=()"),
    "zsh, preexec": ("zsh", "preexec() { : }; precmd() { : }"),
}


@pytest.mark.parametrize("kind", BEFORE)
def test_the_warning_comes_before_a_command_whoever_sets_what_comes_there(kind: str, lone: Home, clock: Clock) -> None:
    shell, lines = BEFORE[kind]
    with started(shell, lone, f"PS1='> '\n{LINE[shell]}\n{lines}", clock=clock) as tty:
        tty.until("p 59m > ")
        tty.settle()
        tty.move(61)
        tty.send("echo RUN'N'ING\r")
        tty.until("RUNNING")
        assert 0 <= tty.text.find("awsenv: p: expired") < tty.text.index("RUNNING"), tty.text


def test_a_hook_with_the_name_of_a_path_is_no_error(lone: Home) -> None:
    """As ble.sh has; no alias can have it, and by one the hook comes after others at the first prompt."""
    lines = "theme/now() { PS1='> '; }; PROMPT_COMMAND+=(theme/now)"
    with started("bash", lone, f"{LINE['bash']}\n{lines}") as tty:
        tty.settle()
        tty.until("p 59m > ")
        assert "alias" not in tty.text


def test_a_prompt_of_bash_does_not_depend_on_what_the_user_calls_variables(lone: Home) -> None:
    names = "name names value text level left color rest front item newline joint last kept note threshold estimate"
    with started("bash", lone, f"readonly {names}; IFS=; readonly IFS; PS1='> '\n{LINE['bash']}") as tty:
        lands_right(tty)
        tty.type(f"{OFF['bash']}; clear")
        tty.until("> ")
        assert segments(tty) == 0
        assert "readonly" not in tty.text.replace(names, "")


# --- elements, as powerlevel10k and spaceship have them -----------------------------------------------------------------

#: What they document: `p10k segment`, and sections that call spaceship::section.
ELEMENTS = {
    "powerlevel10k": r"""
p10k() {
  [[ $1 == segment ]] || return 0
  shift
  local -A option
  zparseopts -D -A option -- s: f: c: e t:
  [[ -v option[-e] ]] && PROMPT+='${${:-'${option[-c]}'}:+'${option[-t]}' }'
}
make_prompt() {
  PROMPT=$'%{\n\eM%}'
  local name
  for name in $POWERLEVEL9K_LEFT_PROMPT_ELEMENTS; do (( $+functions[prompt_$name] )) && prompt_$name; done
  PROMPT+='> '
}
setopt prompt_subst
precmd_functions+=(make_prompt)
POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(dir vcs)
""",
    "spaceship": r"""
SPACESHIP_PROMPT_ORDER=(dir char)
spaceship::section() { print -rn -- "${argv[-1]} "; }
spaceship::prompt() { local s; for s in $SPACESHIP_PROMPT_ORDER; do (( $+functions[spaceship_$s] )) && spaceship_$s; done; print -rn '> '; }
setopt prompt_subst
make_prompt() { PROMPT='$(spaceship::prompt)'; }
precmd_functions+=(make_prompt)
""",
}


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("theme", ELEMENTS)
def test_the_segment_is_an_element_of_a_prompt_that_has_elements(theme: str, order: str, lone: Home) -> None:
    lines = [LINE["zsh"], ELEMENTS[theme]] if order == "before" else [ELEMENTS[theme], LINE["zsh"]]
    with started("zsh", lone, "\n".join(lines)) as tty:
        tty.until("p 59m > ")
        tty.type("clear")
        lands_right(tty)
        tty.type(f"{OFF['zsh']}; clear")
        tty.until("\n> " if tty.text.startswith("\n") else "> ")
        assert segments(tty) == 0
        left = tty.type(
            "print -r LEFT=$POWERLEVEL9K_LEFT_PROMPT_ELEMENTS$SPACESHIP_PROMPT_ORDER. ${(k)functions[(I)*awsenv*]}"
        )
        assert "LEFT=dir vcs.\n" in left or "LEFT=dir char.\n" in left


# --- readonly, exported, taken out -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PS1", "PROMPT_COMMAND", "AWSENV_SEGMENT"])
def test_a_readonly_variable_of_bash_is_spoken_of_once(name: str, lone: Home) -> None:
    with started("bash", lone, f"PS1='> '; {name}=${{{name}-}}; readonly {name}; {LINE['bash']}") as tty:
        for _ in range(3):
            tty.type("")
        assert tty.text.count("readonly") == 1, tty.text
        assert f"awsenv: {name} is readonly here" in tty.text


def test_a_readonly_prompt_of_zsh_is_spoken_of_once(lone: Home) -> None:
    with started("zsh", lone, f"PS1='> '; readonly PS1; {LINE['zsh']}") as tty:
        for _ in range(3):
            tty.type("")
        assert tty.text.count("read") == 1, tty.text
        assert "awsenv: PS1 is readonly here" in tty.text


def test_a_child_of_a_bash_that_exports_its_hooks_is_silent(lone: Home) -> None:
    with started("bash", lone, f"export PROMPT_COMMAND=true PS1='> '; {LINE['bash']}; export PROMPT_COMMAND") as tty:
        tty.until("p 59m > ")
        tty.type("bash --norc --noprofile")
        tty.type("true")
        assert "not found" not in tty.text


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_off_takes_the_segment_out_of_saved_prompts(shell: str, lone: Home) -> None:
    """A virtual environment, and bash-git-prompt, save the prompt that was there."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", lone.path / "v"], check=True)
    with started(shell, lone, f"PS1='> '; {LINE[shell]}") as tty:
        tty.until("p 59m > ")
        tty.type(". v/bin/activate; OLD_GITPROMPT=$PS1")
        assert "awsenv" not in tty.type(f"{OFF[shell]}; deactivate; clear; set | grep -i 'PROMPT.*awsenv\\|PS1.*72v'")
        tty.type("clear")
        assert segments(tty) == 0
        assert "PS1=> ." in tty.type('echo "PS1=$PS1."')


KEPT = """
declare -A cache=([ps1]=$PS1 [other]='1 2'); list=("$PS1" 'a b'); readonly fixed=$PS1; declare -ia number=(7)
"""


@pytest.mark.parametrize(
    "before",
    ["", "local() { echo L; }; declare() { echo D; }; unset() { echo U; }", "alias local='echo L' unset='echo U'"],
)
def test_off_takes_the_segment_out_of_arrays(before: str, lone: Home) -> None:
    """As ble.sh has them; whatever the user has named like builtins."""
    with started("bash", lone, f"PS1='> '; PS0='\\t '\n{before}\n{LINE['bash']}") as tty:
        tty.until("p 59m > ")
        tty.type(f"{KEPT.strip()}; {OFF['bash']}; clear")
        tty.type("clear")
        tty.settle()
        assert segments(tty) == 0
        shown = tty.type(
            'printf "<%s>" "$PS1" "$PS0" "${PROMPT_COMMAND[*]}" "${cache[ps1]}" "${cache[other]}" "${list[@]}" "${number[@]}"; echo'
        )
        assert "<> ><\\t ><><> ><1 2><> ><a b><7>" in shown
        assert "command not found" not in shown


def test_off_of_zsh_works_beside_functions_named_as_builtins(lone: Home) -> None:
    names = "unset unfunction print printf export trap typeset"
    functions = f'for name in {names}; do eval "function $name {{ return 1 }}"; done; PS1="> "'
    with started("zsh", lone, f"{functions}\n{LINE['zsh']}") as tty:
        tty.until("p 59m > ")
        left = tty.type(f"{OFF['zsh']}; echo LEFT ${{(k)functions[(I)*awsenv*]}} ${{(k)parameters[(I)__awsenv*]}}.")
        assert "LEFT .\n" in left


# --- starship's own module -----------------------------------------------------------------------------------------------

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
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(time.time()) + 59 * 60 + 30))
    names = {"STARSHIP_CONFIG": str(config), "AWS_CREDENTIAL_EXPIRATION": end, "AWSUME_PROFILE": "p"}
    with started(
        shell, lone, "\n".join([LINE[shell], load] if order == "before" else [load, LINE[shell]]), **names
    ) as tty:
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
def test_the_settings_of_starship_say_whether_it_shows_the_session(text: str, shown: bool, tmp_path: Path) -> None:
    (tmp_path / "starship.toml").write_text(text)
    names = {
        "STARSHIP_CONFIG": str(tmp_path / "starship.toml"),
        "STARSHIP_SHELL": "zsh",
        "AWS_CREDENTIAL_EXPIRATION": "x",
    }
    environ = assumed(LEFT) | names | {"AWS_REGION": "eu-west-1"}
    assert shell_with_module(environ) == ("zsh" if shown else "")
    for missing in ("STARSHIP_SHELL", "AWS_ACCESS_KEY_ID", "AWS_CREDENTIAL_EXPIRATION", "AWS_REGION"):
        assert shell_with_module({name: value for name, value in environ.items() if name != missing}) == ""


# --- PowerShell ----------------------------------------------------------------------------------------------------------

ESCAPE = "$([char]27)"
OF_POWERSHELL = {
    "column 1": (f'"{ESCAPE}[G> "', "p 59m > "),
    "a mark": (f'"{ESCAPE}]133;A$([char]7)> "', "p 59m > "),
    "a newline": ('"`n> "', "p 59m > "),
    "a full line": ("('-' * 200) + \"`n> \"", "-\np 59m > "),
    "two lines": ('"upper`n> "', "p 59m upper\n> "),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", OF_POWERSHELL)
def test_powershell_shows_the_segment_where_it_can_be_seen(kind: str, lone: Home) -> None:
    prompt, shown = OF_POWERSHELL[kind]
    setup = f"function prompt {{ {prompt} }}"
    # the host of the tests may not know the width of the terminal
    width = "$Host.UI.RawUI.WindowSize = New-Object System.Management.Automation.Host.Size 200, 60"
    with terminal("powershell", lone, prompt=width, setup=setup, **assumed(LEFT)) as tty:
        tty.until(shown)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["before", "after"])
def test_powershell_shows_the_prompt_of_posh_git(order: str, lone: Home) -> None:
    """Which posh-git makes the prompt only where that is PowerShell's own, by the text of the function."""
    posh = (
        "$global:GitPromptScriptBlock = { 'GIT> ' }; "
        "if ((Get-Command prompt).Definition -eq [Runspace]::DefaultRunspace.InitialSessionState.Commands['prompt'].Definition) "
        "{ Set-Item Function:\\prompt -Value $GitPromptScriptBlock }"
    )
    lines = [LOAD["powershell"], posh]
    (lone.path / "profile.ps1").write_text("\n".join(lines if order == "before" else lines[::-1]))
    with terminal("powershell", lone, init=None, prompt=". ./profile.ps1", **assumed(LEFT)) as tty:
        tty.until("p 59m GIT> ")


@pytest.mark.slow
def test_the_next_command_puts_the_prompt_of_powershell_back(lone: Home) -> None:
    with terminal("powershell", lone, prompt="function prompt { '> ' }", **assumed(LEFT)) as tty:
        tty.until("p 59m > ")
        tty.type("function prompt { 'N> ' }; awsenv check")
        tty.until("p 59m N> ")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_dumb_terminal_gets_no_colors(shell: str, lone: Home) -> None:
    lines = "function fish_prompt; echo -n '> '; end" if shell == "fish" else "PS1='> '"
    with started(shell, lone, f"{lines}\n{LINE[shell]}", NO_COLOR="", TERM="dumb") as tty:
        tty.until("p 59m > ")
        row = next(row for row, line in enumerate(tty.screen.display) if "p 59m > " in line)
        assert tty.screen.buffer[row][tty.screen.display[row].index("p 59m")].fg == "default"
