"""zsh 5: the statements of bash mean the same, also under KSH_ARRAYS, SH_WORD_SPLIT, RC_QUOTES and `emulate sh`."""

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

    #: The second backslash is against global aliases (`alias -g`).
    BUILTIN = COMMAND = "\\builtin \\"
    PROGRAMS = ("zsh",)
    DEMO_PROMPT = "autoload -Uz compinit && compinit -uD\nPROMPT='demo %% '"

    def alias(self, name: str) -> str:
        """A function; the script registers its completion together with its own."""
        return _ALIAS.replace("NAME", name)

    def rc_path(self, environ: "Mapping[str, str]") -> str:
        """$ZDOTDIR/.zshrc (zshall, STARTUP/SHUTDOWN FILES)."""
        return os.path.join(environ.get("ZDOTDIR") or paths.home(environ), ".zshrc")

    def commit(
        self, change: "Change", statements: "Sequence[str]", after: "Sequence[str]", *, whole: bool
    ) -> "Sequence[str]":
        """A function. zsh itself knows what cannot be changed.

        That is readonly variables and locals of a calling function, as the globals that these hide are back when it
        returns. DEBUG traps, which see each statement, are off.
        """
        builtin = self.BUILTIN
        names, exports = self.names_and_exports(change, whole=whole)
        drop = f'{builtin}unset "$@"' if whole else f"{builtin}:"
        other = "" if whole else f'*) {builtin}unset "$__awsenv";; '
        note = '__awsenv_remaining="$__awsenv_remaining $__awsenv"'
        return [
            f"__awsenv() {{ {builtin}unset -f __awsenv;"
            f" {builtin}setopt local_options local_traps; {builtin}trap - \\DEBUG;",
            *names,
            f"{builtin}local __awsenv='' __awsenv_remaining='';",
            f'for __awsenv in "$@"; do case ${{(tP)__awsenv-}} in *readonly* | *local*) {note};; {other}esac; done;',
            *([] if whole else exports),
            f'if {builtin}[ -z "$__awsenv_remaining" ]; then {drop};',
            *([*exports, self.verified(change, after, f"{builtin}return 1")] if whole else after),
            f'else {builtin}printf {self.report_format(whole=whole)} "$__awsenv_remaining" >&2; {builtin}return 1; fi;',
            "}; __awsenv;",
        ]


DIALECT = Zsh()
