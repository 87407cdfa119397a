"""zsh 5: bash's statements mean the same there, also under KSH_ARRAYS, SH_WORD_SPLIT, RC_QUOTES and `emulate sh`."""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.dialects.bash import BashLike

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.environment import Change

__all__ = ["DIALECT", "Zsh"]

_ALIAS = """\
unalias NAME 2>/dev/null || :
function NAME { awsenv assume "$@" }
__awsenv_alias=NAME
function __awsenv_complete_alias {
  words=(awsenv assume "${(@)words[2,-1]}")
  (( ++CURRENT ))
  _awsenv "$@"
}
"""


class Zsh(BashLike):
    """zsh."""

    #: The second backslash is for an alias that counts anywhere (`alias -g`).
    BUILTIN = COMMAND = "\\builtin \\"
    PROGRAMS = ("zsh",)
    DEMO_PROMPT = "autoload -Uz compinit && compinit -uD\nPROMPT='demo %% '"

    def alias(self, name: str) -> str:
        """A function; the script registers its completion when it registers its own."""
        return _ALIAS.replace("NAME", name)

    def rc_path(self, environ: Mapping[str, str]) -> str:
        """$ZDOTDIR/.zshrc (zshall, STARTUP/SHUTDOWN FILES)."""
        return os.path.join(environ.get("ZDOTDIR") or paths.home(environ), ".zshrc")

    def made(self, change: Change, statements: Sequence[str], state: Sequence[str], *, whole: bool) -> Sequence[str]:
        """What cannot be changed zsh says itself: readonly variables, and locals of a calling function, as what these
        hide comes back when that returns. A DEBUG trap, which would be told of each statement, is off meanwhile.
        """
        builtin = self.BUILTIN
        names, exports = self.parts(change, whole=whole)
        verify = self.verify(change, f"{builtin}return 1")
        drop = f'{builtin}unset "$@"' if whole else f"{builtin}:"
        other = "" if whole else f'*) {builtin}unset "$__awsenv";; '
        stays = '__awsenv_stays="$__awsenv_stays $__awsenv"'
        return [
            f"__awsenv() {{ {builtin}unset -f __awsenv;"
            f" {builtin}setopt local_options local_traps; {builtin}trap - \\DEBUG;",
            *names,
            f"{builtin}local __awsenv='' __awsenv_stays='';",
            f'for __awsenv in "$@"; do case ${{(tP)__awsenv-}} in *readonly* | *local*) {stays};; {other}esac; done;',
            *([] if whole else exports),
            f'if {builtin}[ -z "$__awsenv_stays" ]; then {drop};',
            *([*exports, verify] if whole else []),
            *state,
            f'else {builtin}printf {self.sentence(whole=whole)} "$__awsenv_stays" >&2; {builtin}return 1; fi;',
            "}; __awsenv;",
        ]


DIALECT = Zsh()
