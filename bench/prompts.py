"""What one prompt costs in each shell: the prompt with awsenv in it, and with what others put there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from clock import Command
from in_shell import QUIET, Case
from machine import ROLE

__all__ = ["SHELLS", "WAYS", "Prompt", "Shell", "Way", "is_able"]


@dataclass(frozen=True)
class Shell:
    """An interactive shell without start-up files, and all that it runs and expands for a prompt.

    Attributes:
        words: its options; the script follows.
        begin: sets a bare prompt, and defines `one_prompt`, which leaves what is shown in `shown`.
        loop: `one_prompt`, {count} times.
        assume: exports the credentials.
        end: one more prompt, which must name the profile.
        limit: milliseconds that DESIGN.md allows awsenv for one.
        able: a script that fails in versions that cannot do this.
    """

    words: tuple[str, ...]
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
        words=("--noprofile", "--norc", "-i", "-c"),
        begin="""PS1='$ '
        one_prompt() { for hook in "${PROMPT_COMMAND[@]}"; do eval "$hook"; done; shown=${PS1@P}; }""",
        loop=_LOOP,
        assume=f'eval "$(awsenv assume {ROLE} --shell bash)"',
        end=_END,
        able="shown=${PS1@P}",  # bash 4.4
    ),
    "zsh": Shell(
        words=("-f", "-i", "-c"),
        begin="""PROMPT='$ '
        one_prompt() { for hook in $precmd_functions; do $hook; done; shown=${(%%)PROMPT}${(%%)RPROMPT} }""",
        loop=_LOOP,
        assume=f'eval "$(awsenv assume {ROLE} --shell zsh)"',
        end=_END,
    ),
    "fish": Shell(
        words=("--no-config", "-i", "-c"),
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
        words=("-NoLogo", "-NoProfile", "-Command"),
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
class Way:
    """A way to have the profile in the prompt.

    Attributes:
        text: what the row is called; "" is awsenv itself.
        load: shell -> what a start-up file says for it.
        program: what must be installed for it.
        slow: whether it starts a program for each prompt.
    """

    text: str
    load: Mapping[str, str]
    program: str = ""
    slow: bool = False


#: As starship's own start-up files run it, but without the other modules.
_STARSHIP_MODULE = {
    "bash": """one_hook() { PS1="$(starship module aws)\\$ "; }; PROMPT_COMMAND=one_hook""",
    "zsh": """setopt prompt_subst; PROMPT='$(starship module aws)$ '""",
    "fish": "function fish_prompt; starship module aws; echo -n '$ '; end",
    "pwsh": """function prompt { "$(starship module aws)> " }""",
}

#: Written for this, in the shape of oh-my-zsh's aws prompt, which no package has: a function that is called in $( ).
_FUNCTION = """one_info() {
    [[ -z $AWSENV_PROFILE ]] || echo "<aws:$AWSENV_PROFILE> "
}
"""

WAYS = (
    Way(
        "",
        {
            "bash": 'eval "$(awsenv init bash)"',
            "zsh": 'eval "$(awsenv init zsh)"',
            "fish": "awsenv init fish | source",
            "pwsh": "awsenv init powershell | Out-String | Invoke-Expression",
        },
    ),
    Way(
        "$( ) of a function, the shape of oh-my-zsh's",
        {
            "bash": _FUNCTION + "PS1='$(one_info)$ '",
            "zsh": _FUNCTION + "setopt prompt_subst; PROMPT='$(one_info)$ '",
        },
    ),
    Way(
        "a hook with $(date +%s)",
        {
            "bash": """one_hook() { now=$(date +%s); }; PROMPT_COMMAND=one_hook; PS1="$AWSENV_PROFILE $ " """,
            "zsh": """one_hook() { now=$(date +%s) }; precmd_functions=(one_hook); PROMPT="$AWSENV_PROFILE $ " """,
            "fish": """function one_hook --on-event fish_prompt; set -g now (date +%s); end
            function fish_prompt; echo -n "$AWSENV_PROFILE \\$ "; end""",
        },
        slow=True,
    ),
    Way("starship module aws", _STARSHIP_MODULE, program="starship", slow=True),
    Way(
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


def is_able(shell: str, path: str) -> bool:
    """Whether this version of a shell can be asked what its prompt is."""
    able = SHELLS[shell].able
    return not able or subprocess.run((path, "-c", able), capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Prompt(Case):
    """A prompt of a shell.

    Attributes:
        way: what is in it.
        programs: those that the scripts name. Their directories are the first on PATH.
    """

    way: Way
    programs: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"prompt-{WAYS.index(self.way)}"

    def pair(self, count: int) -> dict[str, Command]:
        """Both load and assume the same; "without" has had its prompts before that, when they were still bare."""
        kind = SHELLS[self.shell]
        directories = [os.path.dirname(program) for program in self.programs]
        environ = {**self.environ, **QUIET, "TERM": "xterm-256color"}
        environ["PATH"] = os.pathsep.join([*directories, environ["PATH"]])

        def command(bare: int, dressed: int) -> Command:
            steps = (
                kind.begin,
                "cd ~",  # where there is no git repository that a prompt could speak of
                kind.loop.format(count=bare),
                kind.assume,
                self.way.load[self.shell],
                kind.loop.format(count=dressed),
                kind.end,
            )
            return Command((self.path, *kind.words, "\n".join(steps)), environ, own_session=True)

        return {"with": command(0, count), "without": command(count, 0)}
