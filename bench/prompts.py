"""The cost of one prompt in each shell: of the prompt with awsenv in it, and of others."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import in_shell
import peers
from clock import Command, say
from machine import ROLE, Bench
from report import Line, verdict

__all__ = ["lines"]


@dataclass(frozen=True)
class Shell:
    """An interactive shell without start-up files, and everything that it runs and expands for a prompt.

    Attributes:
        options: its options; the script follows.
        begin: sets a bare prompt, and defines `one_prompt`, which stores what is shown in `shown`.
        loop: `one_prompt`, {count} times.
        assume: exports the credentials.
        end: one more prompt, which must name the profile.
        limit: milliseconds that DESIGN.md allows awsenv for one.
        able: a script that fails in versions that cannot expand a prompt.
    """

    options: tuple[str, ...]
    begin: str
    loop: str
    assume: str
    end: str
    limit: float = 0.2
    able: str = ""


_LOOP = "for ((i = 0; i < {count}; i++)); do one_prompt; done"
_END = f'one_prompt; [[ $shown == *{ROLE}* ]] || {{ echo "no {ROLE} in the prompt: $shown" >&2; exit 3; }}'

SHELLS = {
    "bash": Shell(
        options=("--noprofile", "--norc", "-i", "-c"),
        begin="""PS1='$ '
        one_prompt() { for hook in "${PROMPT_COMMAND[@]}"; do eval "$hook"; done; shown=${PS1@P}; }""",
        loop=_LOOP,
        assume=f'eval "$(awsenv assume {ROLE} --shell bash)"',
        end=_END,
        able="shown=${PS1@P}",  # bash 4.4
    ),
    "zsh": Shell(
        options=("-f", "-i", "-c"),
        begin="""PROMPT='$ '
        one_prompt() { for hook in $precmd_functions; do $hook; done; shown=${(%%)PROMPT}${(%%)RPROMPT} }""",
        loop=_LOOP,
        assume=f'eval "$(awsenv assume {ROLE} --shell zsh)"',
        end=_END,
    ),
    "fish": Shell(
        options=("--no-config", "-i", "-c"),
        begin="""function fish_prompt; echo -n '$ '; end
        function fish_right_prompt; end
        function one_prompt; emit fish_prompt; fish_prompt >/dev/null; fish_right_prompt >/dev/null; end""",
        loop="for i in (seq {count}); one_prompt; end",
        assume=f"awsenv assume {ROLE} --shell fish | source",
        limit=0.5,
        end=f"""emit fish_prompt; set shown (fish_prompt | string collect)
        string match -q '*{ROLE}*' $shown; or begin; echo "no {ROLE} in the prompt: $shown" >&2; exit 3; end""",
    ),
    "pwsh": Shell(
        options=("-NoLogo", "-NoProfile", "-Command"),
        begin="""function prompt { '> ' }
        function PSConsoleHostReadLine { } # PSReadLine's, which a console has
        function one_prompt { $script:shown = prompt }""",
        loop="for ($i = 0; $i -lt {count}; $i++) {{ one_prompt }}",
        assume=f"awsenv assume {ROLE} --shell powershell | Out-String | Invoke-Expression",
        end=f"""one_prompt
        if ("$shown" -notlike '*{ROLE}*') {{
            [Console]::Error.WriteLine("no {ROLE} in the prompt: $shown"); exit 3
        }}""",
        limit=0.5,
    ),
}


@dataclass(frozen=True)
class Variant:
    """A prompt that shows the profile.

    Attributes:
        text: the text of the row; "" is awsenv itself.
        load: shell -> the lines of its start-up file.
        program: a program that has to be installed.
        slow: whether it starts a program for each prompt.
    """

    text: str
    load: Mapping[str, str]
    program: str = ""
    slow: bool = False


#: As in starship's own start-up files, but without the other modules.
_STARSHIP_MODULE = {
    "bash": """one_hook() { PS1="$(starship module aws)\\$ "; }; PROMPT_COMMAND=one_hook""",
    "zsh": """setopt prompt_subst; PROMPT='$(starship module aws)$ '""",
    "fish": "function fish_prompt; starship module aws; echo -n '$ '; end",
    "pwsh": """function prompt { "$(starship module aws)> " }""",
}

#: Like oh-my-zsh's aws prompt, which is in no package: a function that is called in $( ).
_FUNCTION = """one_info() {
    [[ -z $AWSENV_PROFILE ]] || echo "<aws:$AWSENV_PROFILE> "
}
"""

VARIANTS = (
    Variant(
        "",
        {
            "bash": 'eval "$(awsenv init bash)"',
            "zsh": 'eval "$(awsenv init zsh)"',
            "fish": "awsenv init fish | source",
            "pwsh": "awsenv init powershell | Out-String | Invoke-Expression",
        },
    ),
    Variant(
        "$( ) of a function, the shape of oh-my-zsh's",
        {
            "bash": _FUNCTION + "PS1='$(one_info)$ '",
            "zsh": _FUNCTION + "setopt prompt_subst; PROMPT='$(one_info)$ '",
        },
    ),
    Variant(
        "a hook with $(date +%s)",
        {
            "bash": """one_hook() { now=$(date +%s); }; PROMPT_COMMAND=one_hook; PS1="$AWSENV_PROFILE $ " """,
            "zsh": """one_hook() { now=$(date +%s) }; precmd_functions=(one_hook); PROMPT="$AWSENV_PROFILE $ " """,
            "fish": """function one_hook --on-event fish_prompt; set -g now (date +%s); end
            function fish_prompt; echo -n "$AWSENV_PROFILE \\$ "; end""",
        },
        slow=True,
    ),
    Variant("starship module aws", _STARSHIP_MODULE, program="starship", slow=True),
    Variant(
        "starship, all of its prompt",
        {
            "bash": 'eval "$(starship init bash)"',
            "zsh": 'eval "$(starship init zsh)"',
            "fish": "starship init fish | source",
            "pwsh": "starship init powershell | Out-String | Invoke-Expression",
        },
        program="starship",
        slow=True,
    ),
)


def lines(bench: Bench, given: Sequence[str], rounds: int) -> Iterator[Line]:
    """Yield a line for each variant in each shell.

    Args:
        bench: the machine.
        given: paths of peers that are not on PATH.
        rounds: how often each shell runs.
    """
    found = {variant.program: peers.find(variant.program, given) for variant in VARIANTS if variant.program}
    for shell, kind in SHELLS.items():
        path = in_shell.find(shell)
        limit = f"0 processes, {kind.limit} ms"
        if path is None or not _is_able(kind, path):
            yield Line(f"prompt in {shell}", limit=limit, verdict="not installed" if path is None else "too old")
            continue
        for number, variant in enumerate(VARIANTS):
            if shell not in variant.load:
                continue
            program = found.get(variant.program)
            if variant.program and program is None:
                yield Line(f"  {variant.text}", verdict="peer, not installed")
                continue
            say(f"prompt in {shell}{variant.text and ': '}{variant.text}")
            argv = (path, *kind.options)
            environ = _environ(bench, program)
            pair = _pair(argv, environ, kind, variant.load[shell], in_shell.COUNTED)
            measure, word = in_shell.processes(bench, f"{shell}-prompt-{number}", pair, in_shell.COUNTED)
            calls = in_shell.TIMED_SLOW if variant.slow else in_shell.TIMED
            taken = in_shell.seconds(_pair(argv, environ, kind, variant.load[shell], calls), calls, rounds)
            median = f"{taken * 1e6:.0f} us"
            if variant.text:
                yield Line(f"  {variant.text}", median, measure, "", "peer")
            else:
                word = word if verdict(taken * 1e3, kind.limit) == "within" else "over"
                yield Line(f"prompt in {shell}, each", median, measure, limit, word)


def _is_able(kind: Shell, path: str) -> bool:
    """Whether this version of a shell can expand its prompt."""
    return not kind.able or subprocess.run((path, "-c", kind.able), capture_output=True, check=False).returncode == 0


def _environ(bench: Bench, program: str | None) -> dict[str, str]:
    """Return the environment, with the directories of awsenv and of a program first on PATH."""
    environ = {**bench.homes[""].environ, **in_shell.QUIET, "TERM": "xterm-256color"}
    directories = [os.path.dirname(path) for path in (bench.install.program, program) if path]
    environ["PATH"] = os.pathsep.join([*directories, environ["PATH"]])
    return environ


def _pair(argv: tuple[str, ...], environ: Mapping[str, str], kind: Shell, load: str, count: int) -> dict[str, Command]:
    """Return two shells that load and assume the same; that "without" shows its prompts before, while they are bare."""

    def command(bare: int, loaded: int) -> Command:
        steps = (
            kind.begin,
            "cd ~",  # where no git repository is, which a prompt could show
            kind.loop.format(count=bare),
            kind.assume,
            load,
            kind.loop.format(count=loaded),
            kind.end,
        )
        return Command((*argv, "\n".join(steps)), environ, own_session=True)

    return {"with": command(0, count), "without": command(count, 0)}
